//! Curves given back to rings that were cut.
//!
//! Cutting works on points and leaves those inside as they are. So a curve is whole where its points still follow each
//! other; where one is missing, the rest stays as points, for both neighbours alike.

use std::collections::HashMap;

use crate::geometry::{CurveSpan, Point, Polygons};

/// The curves of polygons, by the point where they begin.
pub(crate) struct Curves<'a> {
    polygons: &'a Polygons,
    /// Numbers of curves, and where the ring of each begins.
    by_start: HashMap<(u64, u64), Vec<(usize, u32)>>,
}

fn key(p: Point) -> (u64, u64) {
    (p.x.to_bits(), p.y.to_bits())
}

impl<'a> Curves<'a> {
    pub(crate) fn of(polygons: &'a Polygons) -> Self {
        let mut by_start: HashMap<_, Vec<_>> = HashMap::with_capacity(polygons.curves.len());
        let (mut ring, mut start) = (0, 0);
        for (number, curve) in polygons.curves.iter().enumerate() {
            while curve.first >= polygons.ends[ring] {
                start = polygons.ends[ring];
                ring += 1;
            }
            by_start.entry(key(polygons.points[curve.first as usize])).or_default().push((number, start));
        }
        Self { polygons, by_start }
    }

    /// Adds a ring to `target`, with the curves that are whole in it.
    pub(crate) fn push(&self, ring: &[Point], target: &mut Polygons) {
        let count = ring.len();
        let whole = (0..count).flat_map(|at| self.at(ring, at).map(move |curve| (at, curve)));
        let mut whole: Vec<(usize, &CurveSpan)> = whole.collect();
        let mut within = vec![false; count];
        for (at, curve) in &whole {
            (1..curve.steps as usize).for_each(|step| within[(at + step) % count] = true);
        }
        // From there no curve passes over the end of the list.
        let first = within.iter().position(|within| !within).unwrap_or(0);
        whole.iter_mut().for_each(|(at, _)| *at = (*at + count - first) % count);
        whole.sort_by_key(|&(at, _)| at);
        let fit = whole.into_iter().filter(|(at, curve)| at + curve.steps as usize <= count);
        let curves: Vec<CurveSpan> =
            fit.map(|(at, curve)| CurveSpan { first: at as u32, ..*curve }).collect();
        target.push_curved_ring(&[&ring[first..], &ring[..first]].concat(), &curves);
    }

    /// The curves whose points follow from point `at` of the ring on, in their order.
    fn at(&self, ring: &[Point], at: usize) -> impl Iterator<Item = &CurveSpan> {
        let found = self.by_start.get(&key(ring[at])).into_iter().flatten();
        let whole = move |&&(number, start): &&(usize, u32)| {
            let curve = &self.polygons.curves[number];
            let end = self.polygons.ends[self.polygons.ends.partition_point(|&end| end <= curve.first)];
            (1..=curve.steps).all(|step| {
                let number = curve.first + step;
                let point = self.polygons.points[if number < end { number } else { start } as usize];
                point == ring[(at + step as usize) % ring.len()]
            })
        };
        found.filter(whole).map(|&(number, _)| &self.polygons.curves[number])
    }
}
