//! Arcs in straight lines, up to half a pixel of the map from the traced border.
//!
//! Each arc is simplified in its canonical frame and mapped back. Of noise most arcs have a few steps, and few different
//! shapes: their outlines are looked up.

use super::line_fit::LineFitter;
use super::min_link::push_vertices;
use crate::contour::topology::arcs::Arc;
use crate::contour::topology::canonical::{CanonicalForm, StepKeys};
use crate::contour::topology::direction::Direction;
use crate::contour::topology::heap_bytes::heap_bytes;
use crate::contour::topology::lattice::NodeBits;
use crate::contour::topology::shared_pixels::mark_shared_steps;
use crate::geometry::Point;

/// The most steps of an arc whose outline is looked up.
const MAX_SHORT_STEPS: usize = 8;
/// The number of keys of short arcs: a bit for closed ones, two for each step, and a leading one.
const SHORT_KEYS: usize = 1 << (2 * MAX_SHORT_STEPS + 2);
/// The most points of outlines in the table: a megabyte.
const MAX_SHORT_POINTS: usize = 1 << 16;
/// The bits of an entry of the table that hold the number of points.
const COUNT_BITS: u32 = 6;

/// The simplification of arcs within half a pixel, with memory reused from arc to arc.
#[derive(Default)]
pub(crate) struct ArcLines {
    form: CanonicalForm,
    fitter: LineFitter,
    /// Of each step, whether another border passes a pixel beside its grid edge: 1 or 0.
    is_shared: Vec<u8>,
    short_arcs: ShortArcs,
    points: Vec<Point>,
}

/// The outlines of short arcs by their steps, all for one largest offset.
#[derive(Default)]
struct ShortArcs {
    max_offset: Point,
    /// The first point and the number of points of an outline, or 0.
    entries: Vec<u32>,
    /// Relative to the starts of the arcs.
    points: Vec<Point>,
}

impl ShortArcs {
    /// The key of an arc.
    fn key(steps: &[Direction], is_closed: bool) -> usize {
        let code = steps.iter().fold(1, |code, &step| code << 2 | step as usize);
        code << 1 | usize::from(is_closed)
    }

    /// Empties the table if it holds outlines for another offset, or very many.
    fn prepare(&mut self, max_offset: Point) {
        if self.max_offset != max_offset || self.entries.is_empty() || self.points.len() > MAX_SHORT_POINTS {
            self.max_offset = max_offset;
            self.entries.clear();
            self.entries.resize(SHORT_KEYS, 0);
            self.points.clear();
        }
    }

    fn get(&self, key: usize) -> Option<&[Point]> {
        let entry = self.entries[key];
        let (first, count) = (entry >> COUNT_BITS, entry & ((1 << COUNT_BITS) - 1));
        (count > 0).then(|| &self.points[first as usize..(first + count) as usize])
    }

    fn insert(&mut self, key: usize, points: &[Point]) {
        self.entries[key] = (self.points.len() as u32) << COUNT_BITS | points.len() as u32;
        self.points.extend_from_slice(points);
    }
}

impl ArcLines {
    /// The points of an inner arc, ends included, unless it is closed.
    ///
    /// `max_offset` is the largest distance from the traced border in x and in y, above 0 and at most half a pixel.
    pub(crate) fn simplify(
        &mut self,
        nodes: &NodeBits,
        arc: &Arc,
        steps: &[Direction],
        max_offset: Point,
    ) -> &[Point] {
        self.points.clear();
        let (start, is_short) = (arc.start_point(), steps.len() <= MAX_SHORT_STEPS);
        if !is_short {
            mark_shared_steps(nodes, arc, steps, &mut self.is_shared);
            self.fit(arc, steps, start, max_offset);
            return &self.points;
        }
        self.short_arcs.prepare(max_offset);
        let key = ShortArcs::key(steps, arc.is_closed());
        if self.short_arcs.get(key).is_none() {
            self.is_shared.clear();
            self.is_shared.resize(steps.len(), 1);
            // The outline is the same to the last bit, wherever the first arc of its shape lies.
            self.fit(arc, steps, Point::default(), max_offset);
            self.short_arcs.insert(key, &self.points);
            self.points.clear();
        }
        let points = self.short_arcs.get(key).unwrap_or_default();
        self.points.extend(points.iter().map(|&point| point + start));
        &self.points
    }

    /// The bytes of heap memory that its table has allocated.
    pub(crate) fn heap_bytes(&self) -> usize {
        heap_bytes(&self.short_arcs.entries) + heap_bytes(&self.short_arcs.points)
    }

    /// Simplifies an arc in its canonical frame, as if it began at `start`.
    fn fit(&mut self, arc: &Arc, steps: &[Direction], start: Point, max_offset: Point) {
        let Self { form, fitter, is_shared, points, .. } = self;
        let axes_differ = max_offset.x != max_offset.y;
        form.find(steps, arc.is_closed(), StepKeys { keys: is_shared, axes_differ });
        let max_offset = form.frame.canonical_extent(max_offset);
        if !fitter.fit(form, arc.is_closed(), max_offset) {
            push_vertices(arc, steps, points);
            points.iter_mut().for_each(|point| *point = *point - arc.start_point() + start);
            return;
        }
        let map_from_canonical = form.frame.map_from_canonical(start);
        points.extend(fitter.points().map(|point| map_from_canonical.apply(point)));
        if form.frame.is_reversed {
            points.reverse();
        }
    }
}
