//! Rings: half-arcs joined end to end, split where they touch themselves, holes given to the part around them.

use super::arcs::{Arcs, NONE, OUTSIDE};
use super::heap_bytes::room;
use super::lattice::Lattice;

/// A ring of half-arcs, in the order of the walk.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    /// Its half-arcs are `Rings::halves[first..last]`.
    pub(crate) first: u32,
    pub(crate) last: u32,
    /// Pixels inside: positive for an outer ring (clockwise on screen), negative for a hole.
    pub(crate) area: i64,
    /// The number of the outer ring of its part; its own number for an outer ring.
    pub(crate) outer: u32,
}

impl Ring {
    /// The range of its half-arcs in [`Rings::halves`].
    pub(crate) fn halves(&self) -> std::ops::Range<usize> {
        self.first as usize..self.last as usize
    }
}

/// All rings of a map.
#[derive(Default)]
pub(crate) struct Rings {
    pub(crate) rings: Vec<Ring>,
    pub(crate) halves: Vec<u32>,
    walk: Walk,
    /// The number of the ring that each half-arc is part of, or [`NONE`].
    ring_of_half: Vec<u32>,
}

/// A walk along half-arcs that become rings.
#[derive(Default)]
struct Walk {
    /// The half-arcs walked since the last ring was split off.
    stack: Vec<u32>,
    /// Of each junction, how long the stack was when the walk left it; [`NONE`] while it is not on the walk.
    depth: Vec<u32>,
    /// Whether each half-arc has been walked.
    seen: Vec<bool>,
}

/// Which face each half-arc bounds. A face is a part (a 4-connected piece) before small parts are merged, or a group of
/// parts after it; an arc between two half-arcs of one face is no border any more.
pub(crate) trait Faces {
    /// The face on the right of a half-arc, or `None` outside the picture and where the half-arc is not wanted.
    fn face(&self, arcs: &Arcs, half: u32) -> Option<u32>;
    /// Whether the arc of this half-arc still parts two faces.
    fn parts(&self, arcs: &Arcs, half: u32) -> bool;
}

/// Faces by label, before the parts are known.
pub(crate) struct ByLabel {
    /// Whether label 0 gets rings too.
    pub(crate) background: bool,
}

impl Faces for ByLabel {
    fn face(&self, arcs: &Arcs, half: u32) -> Option<u32> {
        let label = arcs.label(half);
        (label != OUTSIDE && (label != 0 || self.background)).then_some(u32::from(label))
    }

    fn parts(&self, _: &Arcs, _: u32) -> bool {
        true
    }
}

impl Rings {
    /// Joins half-arcs into rings. At a junction the walk keeps to its face by turning right where it can, so diagonal
    /// neighbours stay apart; where a ring comes back to a junction the loop is split off, so no ring touches itself.
    /// They take the place of the rings of before.
    pub(crate) fn join(&mut self, arcs: &Arcs, faces: &impl Faces) {
        let count = 2 * arcs.arcs.len();
        self.rings.clear();
        self.halves.clear();
        self.halves.reserve(count);
        self.walk.start(count, arcs.leaving.len());
        for start in 0..count as u32 {
            let seen = self.walk.seen[start as usize];
            if !seen && faces.face(arcs, start).is_some() && faces.parts(arcs, start) {
                self.round(arcs, faces, start);
            }
        }
    }

    /// Walks from `start` until the walk comes round, and splits off a ring whenever it comes back to a junction.
    fn round(&mut self, arcs: &Arcs, faces: &impl Faces, start: u32) {
        let mut half = start;
        loop {
            self.walk.seen[half as usize] = true;
            let (leaves, arrives) = arcs.places(half);
            if leaves == NONE {
                return self.push(arcs, 0, Some(half));
            }
            let walk = &mut self.walk;
            walk.depth[leaves as usize / 4] = walk.stack.len() as u32;
            walk.stack.push(half);
            let first = walk.depth[arrives as usize / 4];
            if first != NONE {
                self.push(arcs, first as usize, None);
            }
            half = next(arcs, faces, arrives);
            if half == start {
                return;
            }
        }
    }

    /// Makes a ring of the walk from its half-arc `first` on, or of a closed arc.
    fn push(&mut self, arcs: &Arcs, first: usize, closed: Option<u32>) {
        let start = self.halves.len();
        self.halves.extend(self.walk.stack.drain(first..));
        self.halves.extend(closed);
        let mut area = 0;
        for &half in &self.halves[start..] {
            area += arcs.area(half);
            let leaves = arcs.places(half).0;
            if leaves != NONE {
                self.walk.depth[leaves as usize / 4] = NONE;
            }
        }
        self.rings.push(Ring { first: start as u32, last: self.halves.len() as u32, area, outer: NONE });
    }

    /// Gives every hole to the part around it.
    ///
    /// The pixel left of a hole's first node (in row order) belongs to the part; going left to the end of its run of
    /// pixels meets a border of the same part: its outer ring, or a hole that begins earlier in row order.
    pub(crate) fn nest(&mut self, lattice: &Lattice, arcs: &Arcs) {
        let mut holes: Vec<(u32, u32)> = Vec::new();
        for (number, ring) in self.rings.iter_mut().enumerate() {
            ring.outer = number as u32;
            if ring.area < 0 {
                let halves = self.halves[ring.first as usize..ring.last as usize].iter();
                let first = halves.map(|&half| arcs.arcs[half as usize / 2].min_node).min();
                holes.extend(first.map(|node| (node, number as u32)));
            }
        }
        if holes.is_empty() {
            return;
        }
        holes.sort_unstable();
        self.find_rings_of_halves(arcs);
        for (node, hole) in holes {
            let around = self.ring_of_half[lattice.run_start(node) as usize];
            self.rings[hole as usize].outer = self.rings[around as usize].outer;
        }
    }

    fn find_rings_of_halves(&mut self, arcs: &Arcs) {
        self.ring_of_half.clear();
        self.ring_of_half.resize(2 * arcs.arcs.len(), NONE);
        for (number, ring) in self.rings.iter().enumerate() {
            for &half in &self.halves[ring.halves()] {
                self.ring_of_half[half as usize] = number as u32;
            }
        }
    }

    /// The bytes it has room for.
    pub(crate) fn bytes(&self) -> usize {
        let walk = room(&self.walk.stack) + room(&self.walk.depth) + room(&self.walk.seen);
        walk + room(&self.rings) + room(&self.halves) + room(&self.ring_of_half)
    }
}

impl Walk {
    /// Begins anew, with so many half-arcs and junctions.
    fn start(&mut self, halves: usize, junctions: usize) {
        self.stack.clear();
        self.depth.clear();
        self.depth.resize(junctions, NONE);
        self.seen.clear();
        self.seen.resize(halves, false);
    }
}

/// The half-arc that follows in the ring where one has arrived: the rightmost turn that is still a border.
fn next(arcs: &Arcs, faces: &impl Faces, arrives: u32) -> u32 {
    let leaving = &arcs.leaving[arrives as usize / 4];
    // The place where its own twin leaves: a right turn is the next place but two, and the turn back is the last.
    [3, 2, 1]
        .into_iter()
        .map(|turn| leaving[(arrives as usize + turn) % 4])
        .find(|&candidate| candidate != NONE && faces.parts(arcs, candidate))
        .unwrap_or(leaving[arrives as usize % 4])
}
