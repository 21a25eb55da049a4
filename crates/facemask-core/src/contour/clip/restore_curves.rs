//! Curves restored to rings that were clipped.
//!
//! Clipping works on points and leaves those inside as they are. A curve is whole where its points still follow each
//! other. Where one is missing the rest stays as points, for both neighbors alike.

use std::collections::HashMap;

use crate::geometry::{CurveSpan, Point, Polygons};

/// The curves of polygons, by the point where their span begins.
pub(crate) struct CurveIndex<'a> {
    polygons: &'a Polygons,
    by_start: HashMap<PointBits, Vec<IndexEntry>>,
}

/// The coordinates of a point, bit by bit.
pub(crate) type PointBits = (u64, u64);

/// A curve, and the offset of its ring.
#[derive(Clone, Copy)]
struct IndexEntry {
    curve: usize,
    ring_start: u32,
}

pub(super) fn bits(p: Point) -> PointBits {
    (p.x.to_bits(), p.y.to_bits())
}

impl<'a> CurveIndex<'a> {
    pub(crate) fn new(polygons: &'a Polygons) -> Self {
        let mut by_start: HashMap<_, Vec<_>> = HashMap::with_capacity(polygons.curves.len());
        let (mut ring, mut ring_start) = (0, 0);
        for (i, curve) in polygons.curves.iter().enumerate() {
            while curve.first >= polygons.ends[ring] {
                ring_start = polygons.ends[ring];
                ring += 1;
            }
            let entry = IndexEntry { curve: i, ring_start };
            by_start.entry(bits(polygons.points[curve.first as usize])).or_default().push(entry);
        }
        Self { polygons, by_start }
    }

    /// Appends a ring to `target`, with the curves that are whole in it.
    pub(crate) fn push_ring(&self, ring: &[Point], target: &mut Polygons) {
        let count = ring.len();
        let whole = (0..count).flat_map(|at| self.whole_curves_at(ring, at).map(move |curve| (at, curve)));
        let mut whole: Vec<(usize, &CurveSpan)> = whole.collect();
        let mut is_inside_curve = vec![false; count];
        for (at, curve) in &whole {
            (1..curve.steps as usize).for_each(|step| is_inside_curve[(at + step) % count] = true);
        }
        // The ring begins anew where no curve passes, so that none runs over its end.
        let first = is_inside_curve.iter().position(|is_inside| !is_inside).unwrap_or(0);
        whole.iter_mut().for_each(|(at, _)| *at = (*at + count - first) % count);
        whole.sort_by_key(|&(at, _)| at);
        let fitting = whole.into_iter().filter(|(at, curve)| at + curve.steps as usize <= count);
        let curves: Vec<CurveSpan> =
            fitting.map(|(at, curve)| CurveSpan { first: at as u32, ..*curve }).collect();
        target.push_curved_ring(&[&ring[first..], &ring[..first]].concat(), &curves);
    }

    /// The curves all of whose points follow from index `at` of a ring on.
    fn whole_curves_at(&self, ring: &[Point], at: usize) -> impl Iterator<Item = &CurveSpan> {
        let candidates = self.by_start.get(&bits(ring[at])).into_iter().flatten();
        let is_whole = move |entry: &&IndexEntry| {
            let curve = &self.polygons.curves[entry.curve];
            let end = self.polygons.ends[self.polygons.ends.partition_point(|&end| end <= curve.first)];
            (1..=curve.steps).all(|step| {
                let i = curve.first + step;
                let point = self.polygons.points[if i < end { i } else { entry.ring_start } as usize];
                point == ring[(at + step as usize) % ring.len()]
            })
        };
        candidates.filter(is_whole).map(|entry| &self.polygons.curves[entry.curve])
    }
}
