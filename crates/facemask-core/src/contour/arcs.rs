//! Arcs: the borders between junctions, each walked once, shared by the regions on its two sides.

use super::cells::{EAST, JUNCTION, Lattice, NORTH, SOUTH, STEP, WEST, opposite, spoke};
use crate::raster::LabelMap;

/// The label of what lies outside the picture.
pub(super) const OUTSIDE: u16 = 256;
/// No half-arc.
pub(super) const NONE: u32 = u32::MAX;

/// One border: a chain of steps along the lattice from a junction to a junction, or closed.
pub(super) struct Arc {
    /// Its steps are `directions[first..last]`.
    pub(super) first: u32,
    pub(super) last: u32,
    /// The node it starts from.
    pub(super) start: u32,
    /// The numbers (not nodes) of the junctions at its ends; [`NONE`] for a closed arc.
    pub(super) from: u32,
    pub(super) to: u32,
    /// Labels to the left and to the right of the walk.
    pub(super) left: u16,
    pub(super) right: u16,
    /// The smallest node it touches, ends included.
    pub(super) min_node: u32,
    /// Its share of the area to its right, in pixels: the integral of x dy.
    pub(super) area: i64,
}

impl Arc {
    /// Whether it ends where it started, without a junction.
    pub(super) fn is_closed(&self) -> bool {
        self.from == NONE
    }

    /// Whether it runs along the picture's frame.
    pub(super) fn is_frame(&self) -> bool {
        self.left == OUTSIDE || self.right == OUTSIDE
    }

    /// The range of its steps in [`Arcs::directions`].
    pub(super) fn steps(&self) -> std::ops::Range<usize> {
        self.first as usize..self.last as usize
    }
}

/// All arcs of a map. Half-arc `2 a` is arc `a` forwards, `2 a + 1` backwards; a half-arc belongs to the region on its right.
pub(super) struct Arcs {
    pub(super) arcs: Vec<Arc>,
    /// The steps of all arcs, a direction each.
    pub(super) directions: Vec<u8>,
    /// Of each junction, the half-arc that leaves in each direction, or [`NONE`].
    pub(super) leaving: Vec<[u32; 4]>,
}

impl Arcs {
    /// Walks every border of the lattice once, and wipes its spokes as it goes; the flags stay.
    pub(super) fn walk(map: &LabelMap<'_>, lattice: &mut Lattice) -> Self {
        let junctions = std::mem::take(&mut lattice.junctions);
        let corners = std::mem::take(&mut lattice.corners);
        let mut walker = Walker {
            map,
            rows: rows_of(&junctions, lattice),
            junctions: &junctions,
            arcs: Self {
                arcs: Vec::new(),
                directions: Vec::with_capacity(lattice.border),
                leaving: vec![[NONE; 4]; junctions.len()],
            },
        };
        for (number, &node) in junctions.iter().enumerate() {
            for direction in [NORTH, EAST, SOUTH, WEST] {
                if lattice.nodes[node as usize] & spoke(direction) != 0 {
                    walker.walk_arc(lattice, node, direction, number as u32);
                }
            }
        }
        for &node in &corners {
            if lattice.nodes[node as usize] & spoke(EAST) != 0 {
                walker.walk_arc(lattice, node, EAST, NONE);
            }
        }
        walker.arcs
    }

    /// The label on the right of a half-arc.
    pub(super) fn label(&self, half: u32) -> u16 {
        let arc = &self.arcs[half as usize / 2];
        if half.is_multiple_of(2) { arc.right } else { arc.left }
    }

    /// The number of the junction where a half-arc arrives; [`NONE`] for a closed one.
    pub(super) fn arrives_at(&self, half: u32) -> u32 {
        let arc = &self.arcs[half as usize / 2];
        if half.is_multiple_of(2) { arc.to } else { arc.from }
    }

    /// The direction in which a half-arc arrives.
    pub(super) fn arriving(&self, half: u32) -> u8 {
        let steps = &self.directions[self.arcs[half as usize / 2].steps()];
        if half.is_multiple_of(2) { steps[steps.len() - 1] } else { opposite(steps[0]) }
    }
}

/// Where each row of nodes begins in the list of junctions.
fn rows_of(junctions: &[u32], lattice: &Lattice) -> Vec<u32> {
    let rows = lattice.nodes.len() / lattice.stride;
    let mut starts = vec![0; rows + 1];
    for &node in junctions {
        starts[node as usize / lattice.stride + 1] += 1;
    }
    for row in 0..rows {
        starts[row + 1] += starts[row];
    }
    starts
}

struct Walker<'a> {
    map: &'a LabelMap<'a>,
    junctions: &'a [u32],
    rows: Vec<u32>,
    arcs: Arcs,
}

impl Walker<'_> {
    /// Walks from `start` in `direction` to the next junction, or round to `start`.
    fn walk_arc(&mut self, lattice: &mut Lattice, start: u32, mut direction: u8, from: u32) {
        let stride = lattice.stride as isize;
        let delta = [-stride, 1, stride, -1];
        let (mut x, y) = lattice.position(start as usize);
        let (left, right) = self.sides(x, y, direction);
        let first = self.arcs.directions.len() as u32;
        let (mut node, mut min_node, mut area) = (start as usize, start, 0);
        let end = loop {
            lattice.nodes[node] &= !spoke(direction);
            node = node.wrapping_add_signed(delta[direction as usize]);
            lattice.nodes[node] &= !spoke(opposite(direction));
            self.arcs.directions.push(direction);
            let (dx, dy) = STEP[direction as usize];
            x += dx;
            area += i64::from(x) * i64::from(dy);
            min_node = min_node.min(node as u32);
            let spokes = lattice.nodes[node];
            if spokes & JUNCTION != 0 || node == start as usize {
                break node as u32;
            }
            direction = (spokes & 15).trailing_zeros() as u8;
        };
        let half = 2 * self.arcs.arcs.len() as u32;
        let to = if from == NONE { NONE } else { self.number_of(end, lattice.stride) };
        let leaves = self.arcs.directions[first as usize];
        let last = self.arcs.directions.len() as u32;
        self.arcs.arcs.push(Arc { first, last, start, from, to, left, right, min_node, area });
        if from != NONE {
            self.arcs.leaving[from as usize][leaves as usize] = half;
            self.arcs.leaving[to as usize][opposite(direction) as usize] = half + 1;
        }
    }

    /// The number of the junction at `node`.
    fn number_of(&self, node: u32, stride: usize) -> u32 {
        let row = node as usize / stride;
        let (first, last) = (self.rows[row] as usize, self.rows[row + 1] as usize);
        (first + self.junctions[first..last].partition_point(|&junction| junction < node)) as u32
    }

    /// The labels left and right of a step from node (x, y).
    fn sides(&self, x: i32, y: i32, direction: u8) -> (u16, u16) {
        let label = |c: i32, r: i32| {
            let inside =
                (0..self.map.width() as i32).contains(&c) && (0..self.map.height() as i32).contains(&r);
            if inside { u16::from(self.map.get(c as usize, r as usize)) } else { OUTSIDE }
        };
        match direction {
            NORTH => (label(x - 1, y - 1), label(x, y - 1)),
            EAST => (label(x, y - 1), label(x, y)),
            SOUTH => (label(x, y), label(x - 1, y)),
            _ => (label(x - 1, y), label(x - 1, y - 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(width: usize, height: usize, ids: &[u8]) -> Arcs {
        let map = LabelMap::new(width, height, ids).unwrap();
        let mut lattice = Lattice::scan(&map, 1000).unwrap();
        let arcs = Arcs::walk(&map, &mut lattice);
        assert!(lattice.nodes.iter().all(|node| node & 15 == 0), "every spoke is walked");
        arcs
    }

    #[test]
    fn a_speck_is_one_closed_arc_and_the_frame_another() {
        let arcs = walk(3, 3, &[0, 0, 0, 0, 7, 0, 0, 0, 0]);
        assert_eq!(arcs.arcs.len(), 2);
        let speck = arcs.arcs.iter().find(|arc| !arc.is_frame()).unwrap();
        assert!(speck.is_closed());
        assert_eq!((speck.left, speck.right, speck.area), (0, 7, 1));
        assert_eq!(arcs.directions[speck.steps()], [EAST, SOUTH, WEST, NORTH]);
        let frame = arcs.arcs.iter().find(|arc| arc.is_frame()).unwrap();
        assert_eq!((frame.right, frame.area), (0, 9));
    }

    #[test]
    fn a_checkerboard_of_four_pixels_has_a_junction_in_the_middle() {
        let arcs = walk(2, 2, &[1, 2, 2, 1]);
        // Four spokes inside, four stretches of frame.
        assert_eq!(arcs.arcs.len(), 8);
        assert_eq!(arcs.arcs.iter().filter(|arc| arc.is_frame()).count(), 4);
        assert_eq!(arcs.leaving.iter().filter(|half| half.iter().all(|&h| h != NONE)).count(), 1);
        assert!(arcs.arcs.iter().all(|arc| !arc.is_closed()));
    }

    #[test]
    fn half_arcs_arrive_where_their_twins_leave() {
        let arcs = walk(4, 3, &[1, 1, 2, 2, 1, 3, 3, 2, 4, 4, 3, 2]);
        for half in 0..2 * arcs.arcs.len() as u32 {
            let junction = arcs.arrives_at(half) as usize;
            assert_eq!(arcs.leaving[junction][opposite(arcs.arriving(half)) as usize], half ^ 1);
        }
    }
}
