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
pub(super) struct Sieve {
    /// The part on the right of each half-arc, or [`NONE`] outside the picture.
    part_of_half: Vec<u32>,
    /// Whom a part was given to; itself while it stands.
    heir: Vec<u32>,
}

impl Sieve {
    /// Merges parts of less than `min_pixels` pixels, smallest first. `rings` must hold the background's rings too.
    pub(super) fn new(arcs: &Arcs, rings: &Rings, min_pixels: f64) -> Self {
        let mut part_of_half = vec![NONE; 2 * arcs.arcs.len()];
        let mut area = vec![0_i64; rings.rings.len()];
        for ring in &rings.rings {
            area[ring.outer as usize] += ring.area;
            for &half in &rings.halves[ring.halves()] {
                part_of_half[half as usize] = ring.outer;
            }
        }
        let mut sieve = Self { part_of_half, heir: (0..rings.rings.len() as u32).collect() };
        let mut halves = sieve.halves_by_part();
        let is_small = |area: i64| (area as f64) < min_pixels;
        let outers = (0..rings.rings.len() as u32).filter(|&n| rings.rings[n as usize].outer == n);
        let mut small: BinaryHeap<_> =
            outers.filter(|&n| is_small(area[n as usize])).map(|n| Reverse((area[n as usize], n))).collect();
        // Smallest first by the area of the moment: whatever moves then lands in a part at least twice as large, so
        // no half-arc moves more often than the logarithm of the picture's area.
        while let Some(Reverse((size, part))) = small.pop() {
            if size != area[part as usize] || sieve.heir[part as usize] != part {
                continue;
            }
            let Some(mut heir) = sieve.longest_neighbour(arcs, part, &halves[part as usize]) else {
                continue;
            };
            let alike = sieve.neighbours_like(arcs, rings, heir, &halves[part as usize]);
            let mut moves = vec![part];
            moves.extend(alike);
            for other in moves {
                let (from, to) =
                    if area[other as usize] > area[heir as usize] { (heir, other) } else { (other, heir) };
                sieve.heir[from as usize] = to;
                area[to as usize] += area[from as usize];
                let moved = std::mem::take(&mut halves[from as usize]);
                if is_small(area[to as usize]) {
                    // Only a part that may itself be given away is asked for its neighbours again.
                    halves[to as usize].extend(moved);
                }
                heir = to;
            }
            if is_small(area[heir as usize]) {
                small.push(Reverse((area[heir as usize], heir)));
            }
        }
        sieve
    }

    fn halves_by_part(&self) -> Vec<Vec<u32>> {
        let mut halves = vec![Vec::new(); self.heir.len()];
        for (half, &part) in self.part_of_half.iter().enumerate() {
            if part != NONE {
                halves[part as usize].push(half as u32);
            }
        }
        halves
    }

    /// The part that shares the most border with `part`, whose half-arcs are given; the first in order among equals.
    fn longest_neighbour(&self, arcs: &Arcs, part: u32, halves: &[u32]) -> Option<u32> {
        let mut shared: Vec<(u32, usize)> = halves
            .iter()
            .map(|&half| {
                (
                    self.heir_of(self.part_of_half[half as usize ^ 1]),
                    arcs.arcs[half as usize / 2].steps().len(),
                )
            })
            .filter(|&(neighbour, _)| neighbour != NONE && neighbour != part)
            .collect();
        shared.sort_unstable();
        let totals = shared
            .chunk_by(|a, b| a.0 == b.0)
            .map(|run| (run[0].0, run.iter().map(|(_, n)| n).sum::<usize>()));
        totals.max_by_key(|&(neighbour, length)| (length, Reverse(neighbour))).map(|(neighbour, _)| neighbour)
    }

    /// The parts beside these half-arcs that have the label of `heir`, without `heir` itself.
    fn neighbours_like(&self, arcs: &Arcs, rings: &Rings, heir: u32, halves: &[u32]) -> Vec<u32> {
        let label = self.label(arcs, rings, heir);
        let beside = halves.iter().map(|&half| self.heir_of(self.part_of_half[half as usize ^ 1]));
        let mut alike: Vec<u32> = beside
            .filter(|&other| other != NONE && other != heir && self.label(arcs, rings, other) == label)
            .collect();
        alike.sort_unstable();
        alike.dedup();
        alike
    }

    /// The part that stands for `part` now.
    fn heir_of(&self, mut part: u32) -> u32 {
        while part != NONE && self.heir[part as usize] != part {
            part = self.heir[part as usize];
        }
        part
    }

    /// The label of a face: that of the part it grew from.
    pub(super) fn label(&self, arcs: &Arcs, rings: &Rings, face: u32) -> u16 {
        arcs.label(rings.halves[rings.rings[face as usize].first as usize])
    }
}

impl Faces for Sieve {
    fn face(&self, _: &Arcs, half: u32) -> Option<u32> {
        let part = self.heir_of(self.part_of_half[half as usize]);
        (part != NONE).then_some(part)
    }

    fn parts(&self, _: &Arcs, half: u32) -> bool {
        self.heir_of(self.part_of_half[half as usize]) != self.heir_of(self.part_of_half[half as usize ^ 1])
    }
}
