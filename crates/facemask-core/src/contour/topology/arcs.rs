//! Arcs: the borders between junctions, each walked once, shared by the regions on its two sides.

use super::heap_bytes::room;
pub(crate) use super::lattice::NONE;
use super::lattice::{EAST, Lattice, NORTH, Node, SOUTH, STEP, Start, WEST, opposite};
use crate::raster::LabelMap;

/// The label of what lies outside the picture.
pub(crate) const OUTSIDE: u16 = 256;

/// One border: a chain of steps along the lattice from a junction to a junction, or closed.
pub(crate) struct Arc {
    /// Its steps are `directions[first..last]`.
    pub(crate) first: u32,
    pub(crate) last: u32,
    /// Where it starts.
    pub(crate) at: (u32, u32),
    /// See [`Arcs::places`], forwards.
    leaves: [u32; 2],
    /// Labels to the right and to the left of the walk.
    pub(crate) labels: [u16; 2],
    /// The smallest node it touches, ends included.
    pub(crate) min_node: u32,
    /// Its share of the area to its right, in pixels: the integral of x dy.
    pub(crate) area: i64,
}

impl Arc {
    /// Whether it ends where it started, without a junction.
    pub(crate) fn is_closed(&self) -> bool {
        self.leaves[0] == NONE
    }

    /// Whether it runs along the picture's frame.
    pub(crate) fn is_frame(&self) -> bool {
        self.labels.contains(&OUTSIDE)
    }

    /// The numbers of the junctions at its ends; [`NONE`] for a closed arc.
    pub(crate) fn ends(&self) -> (u32, u32) {
        let [from, to] = self.leaves.map(junction);
        (from, to)
    }

    /// The range of its steps in [`Arcs::directions`].
    pub(crate) fn steps(&self) -> std::ops::Range<usize> {
        self.first as usize..self.last as usize
    }
}

/// The junction of a place where half-arcs leave.
fn junction(leaves: u32) -> u32 {
    if leaves == NONE { NONE } else { leaves / 4 }
}

/// All arcs of a map. Half-arc `2 a` is arc `a` forwards, `2 a + 1` backwards; a half-arc belongs to the region on its right.
#[derive(Default)]
pub(crate) struct Arcs {
    pub(crate) arcs: Vec<Arc>,
    /// The steps of all arcs, a direction each.
    pub(crate) directions: Vec<u8>,
    /// Of each junction, the half-arc that leaves in each direction, or [`NONE`].
    pub(crate) leaving: Vec<[u32; 4]>,
}

impl Arcs {
    /// Walks every border of the lattice once, in place of the arcs of before. The lattice then knows the half-arcs that
    /// run north.
    pub(crate) fn walk(&mut self, map: &LabelMap<'_>, lattice: &mut Lattice) {
        let (junctions, corners) =
            (std::mem::take(&mut lattice.junctions), std::mem::take(&mut lattice.corners));
        let spokes =
            junctions.iter().map(|start| lattice.nodes[start.node as usize].open.count_ones() as usize);
        self.arcs.clear();
        self.arcs.reserve(spokes.sum::<usize>() / 2 + corners.len());
        self.directions.clear();
        self.directions.reserve(lattice.border + 2 * (map.width() + map.height()));
        self.leaving.clear();
        self.leaving.resize(junctions.len(), [NONE; 4]);
        for (number, start) in junctions.iter().enumerate() {
            for direction in [NORTH, EAST, SOUTH, WEST] {
                if lattice.is_open(start.node, direction) {
                    self.walk_arc(
                        map,
                        (lattice, &junctions),
                        start,
                        direction,
                        4 * number as u32 + u32::from(direction),
                    );
                }
            }
        }
        for start in &corners {
            if lattice.is_open(start.node, EAST) {
                self.walk_arc(map, (lattice, &junctions), start, EAST, NONE);
            }
        }
        (lattice.junctions, lattice.corners) = (junctions, corners);
    }

    /// The bytes it has room for.
    pub(crate) fn bytes(&self) -> usize {
        room(&self.arcs) + room(&self.directions) + room(&self.leaving)
    }

    /// Walks from `start` in `direction` to the next junction, or round to `start`; `leaves` is its place there.
    fn walk_arc(
        &mut self,
        map: &LabelMap<'_>,
        (lattice, junctions): (&mut Lattice, &[Start]),
        start: &Start,
        mut direction: u8,
        leaves: u32,
    ) {
        let half = 2 * self.arcs.len() as u32;
        let first = self.directions.len() as u32;
        let labels = sides(map, start.at, direction);
        let on_frame = labels.contains(&OUTSIDE);
        let (mut node, mut min_node, mut area) = (start.node, start.node, 0);
        let (mut x, mut y) = (i64::from(start.at.0), i64::from(start.at.1));
        let end = loop {
            node = lattice.pass(node, direction, half + u32::from(direction == SOUTH));
            self.directions.push(direction);
            let (dx, dy) = STEP[direction as usize];
            x += i64::from(dx);
            area += x * i64::from(dy);
            min_node = min_node.min(node);
            let there = &lattice.nodes[node as usize];
            if on_frame {
                y += i64::from(dy);
                let more = left_to(map, junctions, there, (x, y), direction);
                self.directions.extend(std::iter::repeat_n(direction, more as usize));
                (x, y) = (x + i64::from(dx) * more, y + i64::from(dy) * more);
                area += x * i64::from(dy) * more;
            }
            if there.junction != NONE || node == start.node {
                break there.junction;
            }
            direction = there.open.trailing_zeros() as u8;
        };
        let last = self.directions.len() as u32;
        let mut arc = Arc { first, last, at: start.at, leaves: [leaves, NONE], labels, min_node, area };
        if leaves != NONE {
            let twin = 4 * end + u32::from(opposite(direction));
            arc.leaves[1] = twin;
            for (half, leaves) in [(half, leaves), (half + 1, twin)] {
                self.leaving[leaves as usize / 4][leaves as usize % 4] = half;
            }
        }
        self.arcs.push(arc);
    }

    /// The label on the right of a half-arc.
    pub(crate) fn label(&self, half: u32) -> u16 {
        self.arcs[half as usize / 2].labels[half as usize % 2]
    }

    /// The places where a half-arc and its twin leave their junctions: four times the junction's number, and the
    /// direction; [`NONE`] for a closed arc.
    pub(crate) fn places(&self, half: u32) -> (u32, u32) {
        let [forth, back] = self.arcs[half as usize / 2].leaves;
        if half.is_multiple_of(2) { (forth, back) } else { (back, forth) }
    }

    /// A half-arc's share of the area to its right.
    pub(crate) fn area(&self, half: u32) -> i64 {
        let area = self.arcs[half as usize / 2].area;
        if half.is_multiple_of(2) { area } else { -area }
    }
}

/// How many steps it is along the frame from (x, y) to a node.
fn left_to(map: &LabelMap<'_>, junctions: &[Start], there: &Node, (x, y): (i64, i64), direction: u8) -> i64 {
    if there.is_upright() {
        return 0; // on the left side
    }
    let (width, height) = (map.width() as i64, map.height() as i64);
    let (to_x, to_y) = match (junctions.get(there.junction as usize), direction) {
        (Some(junction), _) => (i64::from(junction.at.0), i64::from(junction.at.1)),
        // A corner of the picture.
        (None, NORTH) => (x, 0),
        (None, EAST) => (width, y),
        (None, SOUTH) => (x, height),
        (None, _) => (0, y),
    };
    (to_x - x).abs() + (to_y - y).abs()
}

/// The labels right and left of a step from node (x, y).
fn sides(map: &LabelMap<'_>, (x, y): (u32, u32), direction: u8) -> [u16; 2] {
    // Counted from one pixel further left and up, so that none is negative: row and column 0 lie outside, and wrap.
    let label = |dx: u32, dy: u32| {
        let (c, r) = (((x + dx) as usize).wrapping_sub(1), ((y + dy) as usize).wrapping_sub(1));
        if c < map.width() && r < map.height() { u16::from(map.get(c, r)) } else { OUTSIDE }
    };
    match direction {
        NORTH => [label(1, 0), label(0, 0)],
        EAST => [label(1, 1), label(1, 0)],
        SOUTH => [label(0, 1), label(1, 1)],
        _ => [label(0, 0), label(0, 1)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(width: usize, height: usize, ids: &[u8]) -> Arcs {
        let map = LabelMap::new(width, height, ids).unwrap();
        let (mut lattice, mut arcs) = (Lattice::default(), Arcs::default());
        lattice.scan(&map, 1000).unwrap();
        arcs.walk(&map, &mut lattice);
        assert!(lattice.nodes.iter().all(|node| node.open == 0), "every spoke is walked");
        arcs
    }

    #[test]
    fn a_speck_is_one_closed_arc_and_the_frame_another() {
        let arcs = walk(3, 3, &[0, 0, 0, 0, 7, 0, 0, 0, 0]);
        assert_eq!(arcs.arcs.len(), 2);
        let speck = arcs.arcs.iter().find(|arc| !arc.is_frame()).unwrap();
        assert!(speck.is_closed());
        assert_eq!((speck.labels, speck.area), ([7, 0], 1));
        assert_eq!(arcs.directions[speck.steps()], [EAST, SOUTH, WEST, NORTH]);
        let frame = arcs.arcs.iter().find(|arc| arc.is_frame()).unwrap();
        assert_eq!((frame.labels[0], frame.area), (0, 9));
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
            let (leaves, arrives) = arcs.places(half);
            for (half, place) in [(half, leaves), (half ^ 1, arrives)] {
                assert_eq!(arcs.leaving[place as usize / 4][place as usize % 4], half);
            }
            let steps = &arcs.directions[arcs.arcs[half as usize / 2].steps()];
            let (first, last) = (steps[0], steps[steps.len() - 1]);
            let ends = if half % 2 == 0 { (first, opposite(last)) } else { (opposite(last), first) };
            assert_eq!((leaves % 4, arrives % 4), (u32::from(ends.0), u32::from(ends.1)));
        }
    }
}
