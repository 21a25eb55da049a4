//! Rings: half-arcs joined end to end, split where they touch themselves, holes given to the part around them.

use super::arcs::{Arcs, NONE, OUTSIDE};
use super::cells::Lattice;

/// A ring of half-arcs, in the order of the walk.
#[derive(Clone, Debug)]
pub(super) struct Ring {
    /// Its half-arcs are `Rings::halves[first..last]`.
    pub(super) first: u32,
    pub(super) last: u32,
    /// Pixels inside: positive for an outer ring (clockwise on screen), negative for a hole.
    pub(super) area: i64,
    /// The number of the outer ring of its part; its own number for an outer ring.
    pub(super) outer: u32,
}

impl Ring {
    /// The range of its half-arcs in [`Rings::halves`].
    pub(super) fn halves(&self) -> std::ops::Range<usize> {
        self.first as usize..self.last as usize
    }
}

/// All rings of a map.
pub(super) struct Rings {
    pub(super) rings: Vec<Ring>,
    pub(super) halves: Vec<u32>,
}

/// Which face each half-arc bounds. A face is a part (a 4-connected piece) before small parts are merged, or a group of
/// parts after it; an arc between two half-arcs of one face is no border any more.
pub(super) trait Faces {
    /// The face on the right of a half-arc, or `None` outside the picture and where the half-arc is not wanted.
    fn face(&self, arcs: &Arcs, half: u32) -> Option<u32>;
    /// Whether the arc of this half-arc still parts two faces.
    fn parts(&self, arcs: &Arcs, half: u32) -> bool;
}

/// Faces by label, before the parts are known.
pub(super) struct ByLabel {
    /// Whether label 0 gets rings too.
    pub(super) background: bool,
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
    pub(super) fn join(arcs: &Arcs, faces: &impl Faces) -> Self {
        let mut joiner = Joiner {
            arcs,
            rings: Self { rings: Vec::new(), halves: Vec::with_capacity(2 * arcs.arcs.len()) },
            stack: Vec::new(),
            depth: vec![NONE; arcs.leaving.len()],
        };
        let mut seen = vec![false; 2 * arcs.arcs.len()];
        for start in 0..2 * arcs.arcs.len() as u32 {
            if seen[start as usize] || faces.face(arcs, start).is_none() || !faces.parts(arcs, start) {
                continue;
            }
            let mut half = start;
            loop {
                seen[half as usize] = true;
                let (leaves, arrives) = arcs.places(half);
                if leaves == NONE {
                    joiner.close(half);
                    break;
                }
                joiner.push(half, leaves, arrives);
                half = next(arcs, faces, arrives);
                if half == start {
                    break;
                }
            }
        }
        joiner.rings
    }

    /// Gives every hole to the part around it.
    ///
    /// The pixel left of a hole's first node (in row order) belongs to the part; going left to the end of its run of
    /// pixels meets a border of the same part: its outer ring, or a hole that begins earlier in row order.
    pub(super) fn nest(&mut self, lattice: &Lattice, arcs: &Arcs) {
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
        let ring_of_half = self.ring_of_half(arcs);
        for (node, hole) in holes {
            let around = ring_of_half[lattice.run_start(node) as usize];
            self.rings[hole as usize].outer = self.rings[around as usize].outer;
        }
    }

    fn push(&mut self, halves: &[u32], area: i64) {
        let first = self.halves.len() as u32;
        self.halves.extend_from_slice(halves);
        self.rings.push(Ring { first, last: self.halves.len() as u32, area, outer: NONE });
    }

    /// The number of the ring that each half-arc is part of, or [`NONE`].
    fn ring_of_half(&self, arcs: &Arcs) -> Vec<u32> {
        let mut ring_of_half = vec![NONE; 2 * arcs.arcs.len()];
        for (number, ring) in self.rings.iter().enumerate() {
            for &half in &self.halves[ring.halves()] {
                ring_of_half[half as usize] = number as u32;
            }
        }
        ring_of_half
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

/// Collects a walk and splits off a ring whenever the walk comes back to a junction.
struct Joiner<'a> {
    arcs: &'a Arcs,
    rings: Rings,
    stack: Vec<u32>,
    /// Of each junction, how long the stack was when the walk left it; [`NONE`] while it is not on the walk.
    depth: Vec<u32>,
}

impl Joiner<'_> {
    /// Adds a half-arc between two junctions, given by the places where it leaves and where its twin does.
    fn push(&mut self, half: u32, leaves: u32, arrives: u32) {
        self.depth[leaves as usize / 4] = self.stack.len() as u32;
        self.stack.push(half);
        let first = self.depth[arrives as usize / 4];
        if first != NONE {
            self.split(first as usize);
        }
    }

    /// Makes a ring of the stack from `first` on.
    fn split(&mut self, first: usize) {
        let halves = &self.stack[first..];
        let mut area = 0;
        for &half in halves {
            area += self.arcs.area(half);
            self.depth[self.arcs.places(half).0 as usize / 4] = NONE;
        }
        self.rings.push(halves, area);
        self.stack.truncate(first);
    }

    /// Makes a ring of a closed arc.
    fn close(&mut self, half: u32) {
        self.rings.push(&[half], self.arcs.area(half));
    }
}
