//! The sieve: parts smaller than `min_area` are given to the neighbour with which they share most of their border.
//!
//! Dropping a small part would leave a gap in the coverage; giving it away cannot. A hole is the parts inside it, so a
//! small hole closes by the same rule. Where a part that was given away lay between two parts of the heir's label, these
//! become one part: the border between them would part nothing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::arcs::{Arcs, NONE};
use super::rings::{Faces, Rings};

/// The parts of a map after small ones were given away.
pub(crate) struct Sieve {
    /// The part on the right of each half-arc, or [`NONE`] outside the picture.
    part_of_half: Vec<u32>,
    /// Whom a part was given to in the end; itself if it stands.
    heir: Vec<u32>,
}

impl Sieve {
    /// Merges parts of less than `min_pixels` pixels, smallest first. `rings` must hold the background's rings too.
    pub(crate) fn new(arcs: &Arcs, rings: &Rings, min_pixels: f64) -> Self {
        let mut merger = Merger::new(arcs, rings);
        let is_small = |area: i64| (area as f64) < min_pixels;
        let outers = (0..rings.rings.len() as u32).filter(|&n| rings.rings[n as usize].outer == n);
        let sizes = outers.map(|part| (merger.area[part as usize], part));
        let mut small: BinaryHeap<_> = sizes.filter(|&(area, _)| is_small(area)).map(Reverse).collect();
        // Smallest first by the area of the moment: whatever moves then lands in a part at least twice as large.
        while let Some(Reverse((size, part))) = small.pop() {
            if size != merger.area[part as usize] || merger.heir[part as usize] != part {
                continue;
            }
            if let Some(heir) = merger.give_away(part)
                && is_small(merger.area[heir as usize])
            {
                small.push(Reverse((merger.area[heir as usize], heir)));
            }
        }
        let Merger { part_of_half, mut heir, .. } = merger;
        for part in 0..heir.len() as u32 {
            heir[part as usize] = heir_of(&mut heir, part);
        }
        Self { part_of_half, heir }
    }

    /// The part that stands on the right of a half-arc.
    fn standing(&self, half: u32) -> u32 {
        match self.part_of_half[half as usize] {
            NONE => NONE,
            part => self.heir[part as usize],
        }
    }

    /// The label of a face: that of the part it grew from.
    pub(crate) fn label(&self, arcs: &Arcs, rings: &Rings, face: u32) -> u16 {
        label(arcs, rings, face)
    }
}

impl Faces for Sieve {
    fn face(&self, _: &Arcs, half: u32) -> Option<u32> {
        let part = self.standing(half);
        (part != NONE).then_some(part)
    }

    fn parts(&self, _: &Arcs, half: u32) -> bool {
        self.standing(half) != self.standing(half ^ 1)
    }
}

fn label(arcs: &Arcs, rings: &Rings, part: u32) -> u16 {
    arcs.label(rings.halves[rings.rings[part as usize].first as usize])
}

/// The part that stands for `part` now. Shortens the way to it for whoever asks next.
fn heir_of(heir: &mut [u32], mut part: u32) -> u32 {
    while heir[part as usize] != part {
        let next = heir[heir[part as usize] as usize];
        heir[part as usize] = next;
        part = next;
    }
    part
}

/// Parts while they are merged.
struct Merger<'a> {
    arcs: &'a Arcs,
    rings: &'a Rings,
    part_of_half: Vec<u32>,
    /// Whom a part was given to; itself while it stands.
    heir: Vec<u32>,
    /// Pixels of each part.
    area: Vec<i64>,
    /// Of each part the first and the last of its half-arcs, and of each half-arc the next one of its part: two parts become
    /// one by one link.
    ends: Vec<(u32, u32)>,
    next: Vec<u32>,
    /// The neighbours of the part at hand, in order, and the length of border that it shares with each.
    beside: Vec<(u32, usize)>,
}

impl<'a> Merger<'a> {
    fn new(arcs: &'a Arcs, rings: &'a Rings) -> Self {
        let (halves, parts) = (2 * arcs.arcs.len(), rings.rings.len());
        let mut merger = Self {
            arcs,
            rings,
            part_of_half: vec![NONE; halves],
            heir: (0..parts as u32).collect(),
            area: vec![0; parts],
            ends: vec![(NONE, NONE); parts],
            next: vec![NONE; halves],
            beside: Vec::new(),
        };
        for ring in &rings.rings {
            merger.area[ring.outer as usize] += ring.area;
            for &half in &rings.halves[ring.halves()] {
                merger.part_of_half[half as usize] = ring.outer;
                merger.link(ring.outer, (half, half));
            }
        }
        merger
    }

    /// Appends half-arcs, a chain given by its ends, to those of a part.
    fn link(&mut self, part: u32, (first, last): (u32, u32)) {
        let ends = &mut self.ends[part as usize];
        if ends.0 == NONE {
            ends.0 = first;
        } else {
            self.next[ends.1 as usize] = first;
        }
        ends.1 = last;
    }

    /// Gives a part to the neighbour with which it shares the most border, the first in order among equals, and joins that
    /// with the parts of its label that the given one had kept from it. Answers who stands for all of them, or `None` where
    /// the part is the whole picture.
    fn give_away(&mut self, part: u32) -> Option<u32> {
        self.look_beside(part);
        let longest = self.beside.iter().max_by_key(|&&(neighbour, length)| (length, Reverse(neighbour)));
        let mut heir = longest?.0;
        let (arcs, rings, wanted) = (self.arcs, self.rings, label(self.arcs, self.rings, heir));
        self.beside.retain(|&(other, _)| other != heir && label(arcs, rings, other) == wanted);
        heir = self.merge(part, heir);
        for i in 0..self.beside.len() {
            heir = self.merge(self.beside[i].0, heir);
        }
        Some(heir)
    }

    fn look_beside(&mut self, part: u32) {
        self.beside.clear();
        let mut half = self.ends[part as usize].0;
        while half != NONE {
            let other = self.part_of_half[half as usize ^ 1];
            if other != NONE {
                let neighbour = heir_of(&mut self.heir, other);
                if neighbour != part {
                    self.beside.push((neighbour, self.arcs.arcs[half as usize / 2].steps().len()));
                }
            }
            half = self.next[half as usize];
        }
        self.beside.sort_unstable();
        self.beside.dedup_by(|again, first| {
            let same = again.0 == first.0;
            first.1 += if same { again.1 } else { 0 };
            same
        });
    }

    /// Makes one of two parts, named as the larger one, `heir` among equals.
    fn merge(&mut self, part: u32, heir: u32) -> u32 {
        let larger = self.area[part as usize] > self.area[heir as usize];
        let (from, to) = if larger { (heir, part) } else { (part, heir) };
        self.heir[from as usize] = to;
        self.area[to as usize] += self.area[from as usize];
        self.link(to, self.ends[from as usize]);
        to
    }
}
