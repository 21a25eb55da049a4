//! Arcs: the borders between junctions, each traced once and shared by the regions on its two sides.
//!
//! Arcs are the shared borders of a coverage, as in TopoJSON. Their half-arcs are the half-edges of the planar
//! subdivision (de Berg et al., "Computational Geometry", section 2.2), except that a half-arc has its face on the
//! right.

use super::direction::Direction;
use super::heap_bytes::heap_bytes;
use super::ids::{ArcId, EndSlot, HalfArc, JunctionId, NodeId};
use super::lattice::{Lattice, LatticePoint, Node, NodeAt};
use crate::geometry::Point;
use crate::raster::LabelMap;

/// The label of what lies outside the map.
pub(crate) const OUTSIDE: u16 = 256;

/// One border: a chain of steps along the lattice from a junction to a junction, or a closed one.
pub(crate) struct Arc {
    /// Its steps are `Arcs::steps[first..last]`.
    first: u32,
    last: u32,
    /// The pixel corner where it starts.
    pub(crate) start: LatticePoint,
    /// Where it leaves the junction at its start, and where its reverse leaves the one at its end. [`EndSlot::NONE`]
    /// for a closed arc.
    end_slots: [EndSlot; 2],
    /// The labels to the right and to the left.
    pub(crate) labels: [u16; 2],
    /// The first node in row order that it passes, ends included.
    pub(crate) min_node: NodeId,
    /// The integral of x dy in pixels: its share of the area to its right.
    pub(crate) area: i64,
}

impl Arc {
    /// Whether it ends where it starts, without a junction.
    pub(crate) fn is_closed(&self) -> bool {
        self.end_slots[0] == EndSlot::NONE
    }

    /// Whether it runs along the frame of the map.
    pub(crate) fn is_frame(&self) -> bool {
        self.labels.contains(&OUTSIDE)
    }

    /// The pixel corner where it starts, as a point.
    pub(crate) fn start_point(&self) -> Point {
        Point::new(f64::from(self.start.x), f64::from(self.start.y))
    }

    /// The junctions at its start and at its end; [`JunctionId::NONE`] for a closed arc.
    pub(crate) fn junctions(&self) -> [JunctionId; 2] {
        self.end_slots.map(|slot| if slot == EndSlot::NONE { JunctionId::NONE } else { slot.junction() })
    }

    /// The number of its steps.
    pub(crate) fn len(&self) -> usize {
        (self.last - self.first) as usize
    }
}

/// All arcs of a map.
#[derive(Default)]
pub(crate) struct Arcs {
    pub(crate) arcs: Vec<Arc>,
    /// The steps of all arcs, one arc after the other.
    steps: Vec<Direction>,
    /// Of each junction, the half-arc that leaves in each direction, or [`HalfArc::NONE`].
    outgoing: Vec<[HalfArc; 4]>,
}

impl Arcs {
    /// Traces every border of the lattice once. The arcs replace those of the map before.
    ///
    /// Afterwards the lattice holds the half-arcs that run north, see [`Lattice::half_arc_west_of`].
    pub(crate) fn trace(&mut self, map: &LabelMap<'_>, lattice: &mut Lattice) {
        let (junctions, corners) =
            (std::mem::take(&mut lattice.junctions), std::mem::take(&mut lattice.corners));
        let ends = junctions.iter().map(|junction| lattice.node(junction.node).untraversed.len());
        self.arcs.clear();
        self.arcs.reserve(ends.sum::<usize>() / 2 + corners.len());
        self.steps.clear();
        self.steps.reserve(lattice.border_length + 2 * (map.width() + map.height()));
        self.outgoing.clear();
        self.outgoing.resize(junctions.len(), [HalfArc::NONE; 4]);
        let mut tracer = ArcTracer { map, lattice: &mut *lattice, junctions: &junctions, arcs: self };
        for (i, start) in junctions.iter().enumerate() {
            for direction in Direction::ALL {
                if tracer.lattice.is_untraversed(start.node, direction) {
                    tracer.trace_arc(start, direction, EndSlot::new(JunctionId::new(i), direction));
                }
            }
        }
        for start in &corners {
            if tracer.lattice.is_untraversed(start.node, Direction::East) {
                tracer.trace_arc(start, Direction::East, EndSlot::NONE);
            }
        }
        (lattice.junctions, lattice.corners) = (junctions, corners);
    }

    /// The bytes of heap memory that its lists have allocated.
    pub(crate) fn heap_bytes(&self) -> usize {
        heap_bytes(&self.arcs) + heap_bytes(&self.steps) + heap_bytes(&self.outgoing)
    }

    /// The number of half-arcs.
    pub(crate) fn half_arc_count(&self) -> usize {
        2 * self.arcs.len()
    }

    /// The number of junctions.
    pub(crate) fn junction_count(&self) -> usize {
        self.outgoing.len()
    }

    /// The arc of which a half-arc is one direction.
    pub(crate) fn arc_of(&self, half_arc: HalfArc) -> &Arc {
        &self.arcs[half_arc.arc().index()]
    }

    /// The steps of an arc.
    pub(crate) fn steps_of(&self, arc: &Arc) -> &[Direction] {
        &self.steps[arc.first as usize..arc.last as usize]
    }

    /// The label to the right of a half-arc.
    pub(crate) fn label(&self, half_arc: HalfArc) -> u16 {
        self.arc_of(half_arc).labels[usize::from(!half_arc.is_forward())]
    }

    /// The slots where a half-arc and its reverse leave their junctions; [`EndSlot::NONE`] for a closed arc.
    pub(crate) fn slots(&self, half_arc: HalfArc) -> (EndSlot, EndSlot) {
        let [start, end] = self.arc_of(half_arc).end_slots;
        if half_arc.is_forward() { (start, end) } else { (end, start) }
    }

    /// The half-arc that leaves a junction so many right turns after a slot, or [`HalfArc::NONE`].
    pub(crate) fn outgoing(&self, slot: EndSlot, right_turns: u8) -> HalfArc {
        self.outgoing[slot.junction().index()][slot.direction().turned_right(right_turns) as usize]
    }

    /// A half-arc's share of the area to its right, in pixels. Those of a ring add up to its area.
    pub(crate) fn area(&self, half_arc: HalfArc) -> i64 {
        let area = self.arc_of(half_arc).area;
        if half_arc.is_forward() { area } else { -area }
    }
}

/// A tracer of the arcs of one map.
struct ArcTracer<'a, 'map> {
    map: &'a LabelMap<'map>,
    lattice: &'a mut Lattice,
    junctions: &'a [NodeAt],
    arcs: &'a mut Arcs,
}

impl ArcTracer<'_, '_> {
    /// Adds the arc that leaves `start` in `direction`: to the next junction, or round to `start`.
    ///
    /// `slot` is where it leaves its first junction, if it starts at one.
    fn trace_arc(&mut self, start: &NodeAt, mut direction: Direction, slot: EndSlot) {
        let half_arc = ArcId::new(self.arcs.arcs.len()).forward();
        let first = self.arcs.steps.len() as u32;
        let labels = labels_beside(self.map, start.at, direction);
        let on_frame = labels.contains(&OUTSIDE);
        let (mut node, mut min_node, mut area) = (start.node, start.node, 0);
        let (mut x, mut y) = (i64::from(start.at.x), i64::from(start.at.y));
        let end = loop {
            let northbound = if direction == Direction::South { half_arc.reversed() } else { half_arc };
            node = self.lattice.traverse(node, direction, northbound);
            self.arcs.steps.push(direction);
            let (dx, dy) = direction.step();
            x += i64::from(dx);
            area += x * i64::from(dy);
            min_node = min_node.min(node);
            let here = self.lattice.node(node);
            if on_frame {
                y += i64::from(dy);
                let more = self.frame_steps_to(here, x, y, direction);
                self.arcs.steps.extend(std::iter::repeat_n(direction, more as usize));
                (x, y) = (x + i64::from(dx) * more, y + i64::from(dy) * more);
                area += x * i64::from(dy) * more;
            }
            if here.junction != JunctionId::NONE || node == start.node {
                break here.junction;
            }
            direction = here.untraversed.first();
        };
        let last = self.arcs.steps.len() as u32;
        let mut end_slots = [slot, EndSlot::NONE];
        if slot != EndSlot::NONE {
            end_slots[1] = EndSlot::new(end, direction.opposite());
            for (half_arc, slot) in [half_arc, half_arc.reversed()].into_iter().zip(end_slots) {
                self.arcs.outgoing[slot.junction().index()][slot.direction() as usize] = half_arc;
            }
        }
        self.arcs.arcs.push(Arc { first, last, start: start.at, end_slots, labels, min_node, area });
    }

    /// The number of steps along the frame from (x, y) to a node.
    fn frame_steps_to(&self, node: &Node, x: i64, y: i64, direction: Direction) -> i64 {
        if node.is_vertical() {
            return 0; // on the left side, where every pixel corner is a node
        }
        let (width, height) = (self.map.width() as i64, self.map.height() as i64);
        let (to_x, to_y) = match (self.junctions.get(node.junction.index()), direction) {
            (Some(junction), _) => (i64::from(junction.at.x), i64::from(junction.at.y)),
            // A corner of the map.
            (None, Direction::North) => (x, 0),
            (None, Direction::East) => (width, y),
            (None, Direction::South) => (x, height),
            (None, Direction::West) => (0, y),
        };
        (to_x - x).abs() + (to_y - y).abs()
    }
}

/// The labels to the right and to the left of a step from a pixel corner.
fn labels_beside(map: &LabelMap<'_>, LatticePoint { x, y }: LatticePoint, direction: Direction) -> [u16; 2] {
    // Pixels count from 1 here, so that none is negative: row and column 0 lie outside, and wrap.
    let label = |dx: u32, dy: u32| {
        let (column, row) = (((x + dx) as usize).wrapping_sub(1), ((y + dy) as usize).wrapping_sub(1));
        let is_inside = column < map.width() && row < map.height();
        if is_inside { u16::from(map.get(column, row)) } else { OUTSIDE }
    };
    match direction {
        Direction::North => [label(1, 0), label(0, 0)],
        Direction::East => [label(1, 1), label(1, 0)],
        Direction::South => [label(0, 1), label(1, 1)],
        Direction::West => [label(0, 0), label(0, 1)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(width: usize, height: usize, ids: &[u8]) -> Arcs {
        let map = LabelMap::new(width, height, ids).unwrap();
        let (mut lattice, mut arcs) = (Lattice::default(), Arcs::default());
        lattice.scan(&map, 1000).unwrap();
        arcs.trace(&map, &mut lattice);
        assert!(lattice.nodes.iter().all(|node| node.untraversed.len() == 0), "every crack is traversed");
        arcs
    }

    #[test]
    fn a_speck_is_one_closed_arc_and_the_frame_another() {
        let arcs = trace(3, 3, &[0, 0, 0, 0, 7, 0, 0, 0, 0]);
        assert_eq!(arcs.arcs.len(), 2);
        let speck = arcs.arcs.iter().find(|arc| !arc.is_frame()).unwrap();
        assert!(speck.is_closed());
        assert_eq!((speck.labels, speck.area), ([7, 0], 1));
        let clockwise = [Direction::East, Direction::South, Direction::West, Direction::North];
        assert_eq!(arcs.steps_of(speck), clockwise);
        let frame = arcs.arcs.iter().find(|arc| arc.is_frame()).unwrap();
        assert_eq!((frame.labels[0], frame.area), (0, 9));
    }

    #[test]
    fn a_checkerboard_of_four_pixels_has_a_junction_in_the_middle() {
        let arcs = trace(2, 2, &[1, 2, 2, 1]);
        // Four arcs inside, four along the frame.
        assert_eq!(arcs.arcs.len(), 8);
        assert_eq!(arcs.arcs.iter().filter(|arc| arc.is_frame()).count(), 4);
        let is_full = |outgoing: &&[HalfArc; 4]| outgoing.iter().all(|&half_arc| half_arc != HalfArc::NONE);
        assert_eq!(arcs.outgoing.iter().filter(is_full).count(), 1);
        assert!(arcs.arcs.iter().all(|arc| !arc.is_closed()));
    }

    #[test]
    fn half_arcs_arrive_where_their_twins_leave() {
        let arcs = trace(4, 3, &[1, 1, 2, 2, 1, 3, 3, 2, 4, 4, 3, 2]);
        for half_arc in (0..arcs.half_arc_count()).map(HalfArc::new) {
            let (start, end) = arcs.slots(half_arc);
            assert_eq!(arcs.outgoing(start, 0), half_arc);
            assert_eq!(arcs.outgoing(end, 0), half_arc.reversed());
            let steps = arcs.steps_of(arcs.arc_of(half_arc));
            let (first, last) = (steps[0], steps[steps.len() - 1]);
            let ends =
                if half_arc.is_forward() { (first, last.opposite()) } else { (last.opposite(), first) };
            assert_eq!((start.direction(), end.direction()), ends);
        }
    }
}
