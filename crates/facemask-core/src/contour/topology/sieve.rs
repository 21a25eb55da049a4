//! The sieve: every part of less than a minimal area is merged into a neighbor, the one with the longest shared border.
//!
//! A part that was just dropped would leave a gap in the coverage. A hole consists of the parts inside it, so a small
//! hole closes by the same rule. Where the merged part lay between two parts of one label, these become one part as
//! well.
//!
//! As GDAL's sieve filter, which merges into the largest neighbor instead. Merged parts are the sets of a union-find
//! forest, with union by area and path halving (Tarjan & van Leeuwen, "Worst-case analysis of set union algorithms",
//! 1984).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::arcs::Arcs;
use super::ids::{HalfArc, RingId};
use super::rings::{Faces, Rings};

/// The parts of a map after small ones are merged. A part is named by its outer ring.
pub(crate) struct Sieve {
    /// The part to the right of each half-arc before the merges, or [`RingId::NONE`] outside the map.
    part_of: Vec<RingId>,
    /// The part that each part has become.
    root: Vec<RingId>,
}

impl Sieve {
    /// Merges parts of less than `min_pixels` pixels, smallest first. `rings` must include those of the background.
    pub(crate) fn new(arcs: &Arcs, rings: &Rings, min_pixels: f64) -> Self {
        let mut merger = PartMerger::new(arcs, rings);
        let is_small = |area: i64| (area as f64) < min_pixels;
        let parts = (0..rings.rings.len()).map(RingId::new);
        let outers = parts.filter(|&ring| rings.rings[ring.index()].outer == ring);
        let areas = outers.map(|part| (merger.area[part.index()], part));
        let mut small: BinaryHeap<_> = areas.filter(|&(area, _)| is_small(area)).map(Reverse).collect();
        // The smallest by its present area first: each merge then moves half-arcs to a part at least twice as large.
        while let Some(Reverse((area, part))) = small.pop() {
            if area != merger.area[part.index()] || merger.parent[part.index()] != part {
                continue;
            }
            if let Some(merged) = merger.merge_into_neighbor(part)
                && is_small(merger.area[merged.index()])
            {
                small.push(Reverse((merger.area[merged.index()], merged)));
            }
        }
        let PartMerger { part_of, parent: mut root, .. } = merger;
        for part in 0..root.len() {
            root[part] = find(&mut root, RingId::new(part));
        }
        Self { part_of, root }
    }

    /// The part to the right of a half-arc, or [`RingId::NONE`] outside the map.
    pub(crate) fn part(&self, half_arc: HalfArc) -> RingId {
        match self.part_of[half_arc.index()] {
            RingId::NONE => RingId::NONE,
            part => self.root[part.index()],
        }
    }
}

impl Faces for Sieve {
    fn bounds_face(&self, _: &Arcs, half_arc: HalfArc) -> bool {
        self.part(half_arc) != RingId::NONE
    }

    fn separates(&self, _: &Arcs, half_arc: HalfArc) -> bool {
        self.part(half_arc) != self.part(half_arc.reversed())
    }
}

/// The label of a part: that of its outer ring before any merge.
pub(crate) fn part_label(arcs: &Arcs, rings: &Rings, part: RingId) -> u16 {
    arcs.label(rings.first_half_arc(part))
}

/// The root of the set that a part belongs to. Halves the path to it.
fn find(parent: &mut [RingId], mut part: RingId) -> RingId {
    while parent[part.index()] != part {
        let next = parent[parent[part.index()].index()];
        parent[part.index()] = next;
        part = next;
    }
    part
}

/// A list of half-arcs by its ends, linked by [`PartMerger::next`].
#[derive(Clone, Copy)]
struct HalfArcList {
    first: HalfArc,
    last: HalfArc,
}

/// A neighbor of a part, and the length of the border between them in steps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct SharedBorder {
    neighbor: RingId,
    length: usize,
}

/// The parts of a map during the merges: a union-find forest.
struct PartMerger<'a> {
    arcs: &'a Arcs,
    rings: &'a Rings,
    part_of: Vec<RingId>,
    /// The parent of each part; the part itself for a root.
    parent: Vec<RingId>,
    /// The pixels of each part.
    area: Vec<i64>,
    /// The half-arcs of each part, and of each half-arc the next one of its part. One link joins two lists.
    lists: Vec<HalfArcList>,
    next: Vec<HalfArc>,
    /// The borders of the part that is merged next, by neighbor.
    shared_borders: Vec<SharedBorder>,
}

impl<'a> PartMerger<'a> {
    fn new(arcs: &'a Arcs, rings: &'a Rings) -> Self {
        let (half_arcs, parts) = (arcs.half_arc_count(), rings.rings.len());
        let mut merger = Self {
            arcs,
            rings,
            part_of: vec![RingId::NONE; half_arcs],
            parent: (0..parts).map(RingId::new).collect(),
            area: vec![0; parts],
            lists: vec![HalfArcList { first: HalfArc::NONE, last: HalfArc::NONE }; parts],
            next: vec![HalfArc::NONE; half_arcs],
            shared_borders: Vec::new(),
        };
        for ring in &rings.rings {
            merger.area[ring.outer.index()] += ring.area;
            for &half_arc in rings.half_arcs_of(ring) {
                merger.part_of[half_arc.index()] = ring.outer;
                merger.append(ring.outer, HalfArcList { first: half_arc, last: half_arc });
            }
        }
        merger
    }

    /// Appends half-arcs to those of a part.
    fn append(&mut self, part: RingId, more: HalfArcList) {
        let list = &mut self.lists[part.index()];
        if list.first == HalfArc::NONE {
            list.first = more.first;
        } else {
            self.next[list.last.index()] = more.first;
        }
        list.last = more.last;
    }

    /// Merges a part into the neighbor with the longest shared border, the first in order among equals. Other neighbors
    /// of that label join them, since nothing is left between.
    ///
    /// Returns the merged part, or `None` where the part is the whole map.
    fn merge_into_neighbor(&mut self, part: RingId) -> Option<RingId> {
        self.measure_shared_borders(part);
        let longest =
            self.shared_borders.iter().max_by_key(|border| (border.length, Reverse(border.neighbor)));
        let neighbor = longest?.neighbor;
        let (arcs, rings, label) = (self.arcs, self.rings, part_label(self.arcs, self.rings, neighbor));
        self.shared_borders.retain(|border| {
            border.neighbor != neighbor && part_label(arcs, rings, border.neighbor) == label
        });
        let mut merged = self.unite(part, neighbor);
        for i in 0..self.shared_borders.len() {
            merged = self.unite(self.shared_borders[i].neighbor, merged);
        }
        Some(merged)
    }

    /// Finds the neighbors of a part and the lengths of the borders with them.
    fn measure_shared_borders(&mut self, part: RingId) {
        self.shared_borders.clear();
        let mut half_arc = self.lists[part.index()].first;
        while half_arc != HalfArc::NONE {
            let other = self.part_of[half_arc.reversed().index()];
            if other != RingId::NONE {
                let neighbor = find(&mut self.parent, other);
                if neighbor != part {
                    let length = self.arcs.arc_of(half_arc).len();
                    self.shared_borders.push(SharedBorder { neighbor, length });
                }
            }
            half_arc = self.next[half_arc.index()];
        }
        self.shared_borders.sort_unstable();
        self.shared_borders.dedup_by(|border, kept| {
            let is_same = border.neighbor == kept.neighbor;
            kept.length += if is_same { border.length } else { 0 };
            is_same
        });
    }

    /// Unites two parts under the larger one, `other` among equals, and returns it.
    fn unite(&mut self, part: RingId, other: RingId) -> RingId {
        let is_larger = self.area[part.index()] > self.area[other.index()];
        let (from, to) = if is_larger { (other, part) } else { (part, other) };
        self.parent[from.index()] = to;
        self.area[to.index()] += self.area[from.index()];
        self.append(to, self.lists[from.index()]);
        to
    }
}
