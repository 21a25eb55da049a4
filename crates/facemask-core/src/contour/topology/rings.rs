//! Rings: half-arcs joined end to end, split where they touch themselves, and holes assigned to the part around them.

use super::arcs::{Arcs, OUTSIDE};
use super::heap_bytes::heap_bytes;
use super::ids::{EndSlot, HalfArc, NodeId, RingId};
use super::lattice::Lattice;

/// A closed chain of half-arcs, the region on its right.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    /// Its half-arcs are `Rings::half_arcs[first..last]`.
    first: u32,
    last: u32,
    /// The pixels inside: positive for an outer ring (clockwise on screen), negative for a hole.
    pub(crate) area: i64,
    /// The outer ring of its part; the ring itself for an outer ring.
    pub(crate) outer: RingId,
}

/// All rings of a map.
#[derive(Default)]
pub(crate) struct Rings {
    pub(crate) rings: Vec<Ring>,
    half_arcs: Vec<HalfArc>,
    walk: RingWalk,
    /// The ring of each half-arc, or [`RingId::NONE`].
    ring_of: Vec<RingId>,
}

/// The state of a walk along half-arcs.
#[derive(Default)]
struct RingWalk {
    /// The half-arcs of the walk that are not part of a ring yet.
    stack: Vec<HalfArc>,
    /// Of each junction, the length of the stack when the walk left it; [`OFF_WALK`] while it is not on the walk.
    depth: Vec<u32>,
    /// Whether the walk has passed each half-arc.
    is_visited: Vec<bool>,
}

/// The depth of a junction that is not on the walk.
const OFF_WALK: u32 = u32::MAX;

/// The faces of the subdivision: which half-arcs bound one, and which arcs separate two.
///
/// A face is a part, which is a 4-connected piece of a region, or a union of parts after the sieve.
pub(crate) trait Faces {
    /// Whether a half-arc bounds a face that gets rings.
    fn bounds_face(&self, arcs: &Arcs, half_arc: HalfArc) -> bool;
    /// Whether the faces on both sides of a half-arc differ.
    fn separates(&self, arcs: &Arcs, half_arc: HalfArc) -> bool;
}

/// Faces by label, before the parts are known.
pub(crate) struct FacesByLabel {
    /// Whether label 0 gets rings too.
    pub(crate) has_background: bool,
}

impl Faces for FacesByLabel {
    fn bounds_face(&self, arcs: &Arcs, half_arc: HalfArc) -> bool {
        let label = arcs.label(half_arc);
        label != OUTSIDE && (label != 0 || self.has_background)
    }

    fn separates(&self, _: &Arcs, _: HalfArc) -> bool {
        true
    }
}

impl Rings {
    /// Joins half-arcs into rings. They replace the rings of the map before.
    ///
    /// At a junction the walk takes the rightmost arc that still separates two faces, so diagonal neighbors stay apart.
    /// Where the walk comes back to a junction, the loop since then becomes a ring of its own: no ring touches itself.
    pub(crate) fn join(&mut self, arcs: &Arcs, faces: &impl Faces) {
        let count = arcs.half_arc_count();
        self.rings.clear();
        self.half_arcs.clear();
        self.half_arcs.reserve(count);
        self.walk.reset(count, arcs.junction_count());
        for start in (0..count).map(HalfArc::new) {
            let is_visited = self.walk.is_visited[start.index()];
            if !is_visited && faces.bounds_face(arcs, start) && faces.separates(arcs, start) {
                self.trace_ring(arcs, faces, start);
            }
        }
    }

    /// The half-arcs of a ring, in order.
    pub(crate) fn half_arcs_of(&self, ring: &Ring) -> &[HalfArc] {
        &self.half_arcs[ring.first as usize..ring.last as usize]
    }

    /// The first half-arc of a ring.
    pub(crate) fn first_half_arc(&self, ring: RingId) -> HalfArc {
        self.half_arcs[self.rings[ring.index()].first as usize]
    }

    /// Walks from `start` until the walk is back there, and splits off a ring at every junction that it comes back to.
    fn trace_ring(&mut self, arcs: &Arcs, faces: &impl Faces, start: HalfArc) {
        let mut half_arc = start;
        loop {
            self.walk.is_visited[half_arc.index()] = true;
            let (leaving, arriving) = arcs.slots(half_arc);
            if leaving == EndSlot::NONE {
                return self.push_ring(arcs, 0, Some(half_arc));
            }
            let walk = &mut self.walk;
            walk.depth[leaving.junction().index()] = walk.stack.len() as u32;
            walk.stack.push(half_arc);
            let first = walk.depth[arriving.junction().index()];
            if first != OFF_WALK {
                self.push_ring(arcs, first as usize, None);
            }
            half_arc = next_half_arc(arcs, faces, arriving);
            if half_arc == start {
                return;
            }
        }
    }

    /// Turns the walk from index `first` of its stack on into a ring; or a closed arc, with an empty stack.
    fn push_ring(&mut self, arcs: &Arcs, first: usize, closed: Option<HalfArc>) {
        let start = self.half_arcs.len();
        self.half_arcs.extend(self.walk.stack.drain(first..));
        self.half_arcs.extend(closed);
        let mut area = 0;
        for &half_arc in &self.half_arcs[start..] {
            area += arcs.area(half_arc);
            let leaving = arcs.slots(half_arc).0;
            if leaving != EndSlot::NONE {
                self.walk.depth[leaving.junction().index()] = OFF_WALK;
            }
        }
        let last = self.half_arcs.len() as u32;
        self.rings.push(Ring { first: start as u32, last, area, outer: RingId::NONE });
    }

    /// Assigns every hole to the part around it.
    ///
    /// The pixel west of the first node of a hole, in row order, belongs to that part. The border at the western end of
    /// its run of equal pixels is a ring of the same part: the outer ring, or a hole whose first node comes earlier.
    /// This is how de Berg et al., "Computational Geometry", section 2.3, connect the boundary cycles of a face.
    pub(crate) fn assign_holes(&mut self, lattice: &Lattice, arcs: &Arcs) {
        let mut holes: Vec<(NodeId, RingId)> = Vec::new();
        for (i, ring) in self.rings.iter_mut().enumerate() {
            ring.outer = RingId::new(i);
            if ring.area < 0 {
                let half_arcs = self.half_arcs[ring.first as usize..ring.last as usize].iter();
                let first = half_arcs.map(|&half_arc| arcs.arc_of(half_arc).min_node).min();
                holes.extend(first.map(|node| (node, RingId::new(i))));
            }
        }
        if holes.is_empty() {
            return;
        }
        holes.sort_unstable();
        self.index_half_arcs(arcs);
        for (node, hole) in holes {
            let west = self.ring_of[lattice.half_arc_west_of(node).index()];
            self.rings[hole.index()].outer = self.rings[west.index()].outer;
        }
    }

    /// Fills in the ring of every half-arc.
    fn index_half_arcs(&mut self, arcs: &Arcs) {
        self.ring_of.clear();
        self.ring_of.resize(arcs.half_arc_count(), RingId::NONE);
        for (i, ring) in self.rings.iter().enumerate() {
            for &half_arc in &self.half_arcs[ring.first as usize..ring.last as usize] {
                self.ring_of[half_arc.index()] = RingId::new(i);
            }
        }
    }

    /// The bytes of heap memory that its lists have allocated.
    pub(crate) fn heap_bytes(&self) -> usize {
        let RingWalk { stack, depth, is_visited } = &self.walk;
        let walk = heap_bytes(stack) + heap_bytes(depth) + heap_bytes(is_visited);
        walk + heap_bytes(&self.rings) + heap_bytes(&self.half_arcs) + heap_bytes(&self.ring_of)
    }
}

impl RingWalk {
    /// Starts anew, for so many half-arcs and junctions.
    fn reset(&mut self, half_arcs: usize, junctions: usize) {
        self.stack.clear();
        self.depth.clear();
        self.depth.resize(junctions, OFF_WALK);
        self.is_visited.clear();
        self.is_visited.resize(half_arcs, false);
    }
}

/// The next half-arc of a ring after one that arrives: the rightmost that still separates two faces.
///
/// `arriving` is the slot where the reverse of the arriving half-arc leaves.
fn next_half_arc(arcs: &Arcs, faces: &impl Faces, arriving: EndSlot) -> HalfArc {
    // Three right turns from the way back are a right turn from the way ahead, two go straight on, one turns left.
    [3, 2, 1]
        .into_iter()
        .map(|right_turns| arcs.outgoing(arriving, right_turns))
        .find(|&candidate| candidate != HalfArc::NONE && faces.separates(arcs, candidate))
        .unwrap_or(arcs.outgoing(arriving, 0))
}
