//! Straight simplification of one arc to few of its traced vertices, with which larger tolerances begin: a path through
//! the windows of all its steps. Smooth curves are flattened by the same search.
//!
//! A traced border crosses the grid edges between neighboring pixel centers, each half way. A straight line that
//! crosses the same edges in the same order, at most `max_offset` from the middle of each, stays within `max_offset` of
//! the traced border, and the border within `max_offset` of the line. Below half a pixel no line passes a pixel center,
//! and in each cell the borders enter and leave through the same sides as before. So simplified borders cannot cross or
//! touch, and no part, hole or pixel center changes sides. The output needs no check.
//!
//! This is a minimum-link path through ordered windows (Guibas et al., "Approximating polygons and subdivisions with
//! minimum-link paths", 1993), restricted to vertices of the traced border. It is greedy: each line goes to the last
//! vertex in the cone of directions that pass all windows so far, as in Imai & Iri, "An optimal algorithm for
//! approximating a piecewise linear function" (1986), and Williams, "An efficient algorithm for the piecewise linear
//! approximation of planar curves" (1978).

use crate::contour::topology::arcs::Arc;
use crate::contour::topology::direction::Direction;
use crate::geometry::Point;

/// The largest `max_offset` of a simplified border, in pixels of the map.
///
/// It leaves 0.05 px on either side of a pixel center, so two borders stay apart when their coordinates are rounded to
/// two decimals.
pub(crate) const MAX_OFFSET: f64 = 0.45;

/// The largest half width of a window for lines, where no other border passes a pixel beside its grid edge.
///
/// Derived: coordinates rounded to hundredths move by up to 0.005 px each, so a line through a wider window might come
/// to lie on the wrong side of a pixel center. Less would take more points.
pub(crate) const MAX_LINE_HALF_WIDTH: f64 = 0.492;

/// Half a step in each direction, by its number.
const HALF_STEPS: [Point; 4] =
    [Point::new(0.0, -0.5), Point::new(0.5, 0.0), Point::new(0.0, 0.5), Point::new(-0.5, 0.0)];

/// A window: a line has to pass between its two ends, and may stop at one point in it.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    /// The end to the left of a line that goes through.
    pub(crate) left: Point,
    /// The end to the right.
    pub(crate) right: Point,
    /// The point at which one line may end and the next begin.
    pub(crate) stop: Point,
}

/// Appends the vertices of an arc: its ends, which are nodes, and the middle of the grid edge that each step crosses.
/// Along the frame the vertices are only the ends and the corners of the map.
pub(crate) fn push_vertices(arc: &Arc, steps: &[Direction], vertices: &mut Vec<Point>) {
    let mut at = arc.start_point();
    vertices.reserve(steps.len() + 2);
    if arc.is_frame() {
        // A closed frame starts at a corner, where it turns.
        let mut previous = if arc.is_closed() { steps.last().copied() } else { None };
        for &direction in steps {
            if Some(direction) != previous {
                vertices.push(at);
            }
            previous = Some(direction);
            at = at + HALF_STEPS[direction as usize] * 2.0;
        }
    } else {
        if !arc.is_closed() {
            vertices.push(at);
        }
        vertices.extend(steps.iter().map(|&direction| {
            let half = HALF_STEPS[direction as usize];
            let middle = at + half;
            at = middle + half;
            middle
        }));
    }
    if !arc.is_closed() {
        vertices.push(at);
    }
}

/// The line that replaces an inner arc of one step between two junctions, whatever the offset. Most arcs of noise are
/// such.
pub(crate) fn single_step_line(arc: &Arc, steps: &[Direction]) -> Option<[Point; 2]> {
    let [direction] = *steps else { return None };
    let start = arc.start_point();
    let is_inner = !arc.is_frame() && !arc.is_closed();
    is_inner.then(|| [start, start + HALF_STEPS[direction as usize] * 2.0])
}

/// Simplifies an inner arc: appends the indices of the vertices to keep, in order.
///
/// `vertices` are those of [`push_vertices`]. Each line crosses the grid edges at most `max_offset` from their middles,
/// in x and in y.
pub(crate) fn simplify(
    arc: &Arc,
    steps: &[Direction],
    vertices: &[Point],
    max_offset: Point,
    kept: &mut Vec<u32>,
) {
    let half_widths = Direction::ALL.map(|direction| {
        let (dx, dy) = direction.step();
        Point::new(-f64::from(dy) * max_offset.x, f64::from(dx) * max_offset.y)
    });
    let count = steps.len();
    if let [start, middles @ .., end] = vertices
        && !arc.is_closed()
    {
        let windows = ArcWindows { middles, steps, half_widths, end: *end, last: count };
        kept.push(0);
        windows.select_stops(*start, 0, kept);
        kept[1..].iter_mut().for_each(|stop| *stop += 1);
        return;
    }
    // The first pass starts at an arbitrary vertex, which may be needless. The second starts at one that the first
    // chose.
    let mut pass = |start: usize| {
        kept.clear();
        let end = vertices[start];
        let windows = ArcWindows { middles: vertices, steps, half_widths, end, last: start + count };
        windows.select_stops(vertices[start], start + 1, kept);
        kept[0] as usize % count
    };
    let start = pass(0);
    pass(start);
    kept.iter_mut().for_each(|stop| *stop %= count as u32);
    kept.sort_unstable();
}

/// Numbered windows along an arc, and the end behind the last one.
pub(crate) trait WindowPath {
    /// The end, which is the last stop.
    fn end(&self) -> Point;
    /// The number of the end.
    fn last(&self) -> usize;
    /// The stop of a window before the end.
    fn stop(&self, number: usize) -> Point;
    /// A window before the end.
    fn window(&self, number: usize) -> Window;

    /// Goes from `apex` through the windows from `from` on to the end, in each line as far as possible, and appends the
    /// numbers of the stops.
    fn select_stops(&self, mut apex: Point, mut from: usize, kept: &mut Vec<u32>) {
        while from <= self.last() {
            let farthest = self.farthest_visible(apex, from);
            kept.push(farthest as u32);
            if farthest < self.last() {
                apex = self.stop(farthest);
            }
            from = farthest + 1;
        }
    }

    /// The last stop that is visible from `apex` through all windows from `from` on.
    fn farthest_visible(&self, apex: Point, from: usize) -> usize {
        let mut farthest = from;
        if from == self.last() {
            return farthest;
        }
        // The cone of directions through all windows so far.
        let first = self.window(from);
        let (mut left, mut right) = (first.left - apex, first.right - apex);
        if left.cross(right) <= 0.0 {
            return farthest;
        }
        for number in from + 1..self.last() {
            let window = self.window(number);
            let (stop, l, r) = (window.stop - apex, window.left - apex, window.right - apex);
            if left.cross(stop) > 0.0 && stop.cross(right) > 0.0 {
                farthest = number;
            }
            // The first condition bounds the search on a long arc none of whose further stops is visible.
            if number - from > 2 * (farthest - from) + 64 || l.cross(r) <= 0.0 {
                return farthest;
            }
            if left.cross(l) > 0.0 {
                left = l;
            }
            if r.cross(right) > 0.0 {
                right = r;
            }
            if left.cross(right) <= 0.0 {
                return farthest;
            }
        }
        let end = self.end() - apex;
        if left.cross(end) > 0.0 && end.cross(right) > 0.0 { self.last() } else { farthest }
    }
}

/// The windows of the grid edges that an arc crosses, and its end. A closed arc goes on into a second round.
struct ArcWindows<'a> {
    middles: &'a [Point],
    steps: &'a [Direction],
    /// From the middle of a window to its right end, by direction of the step.
    half_widths: [Point; 4],
    end: Point,
    last: usize,
}

impl ArcWindows<'_> {
    /// The index of a window within one round.
    fn index(&self, number: usize) -> usize {
        if number < self.middles.len() { number } else { number - self.middles.len() }
    }
}

impl WindowPath for ArcWindows<'_> {
    fn end(&self) -> Point {
        self.end
    }

    fn last(&self) -> usize {
        self.last
    }

    fn stop(&self, number: usize) -> Point {
        self.middles[self.index(number)]
    }

    fn window(&self, number: usize) -> Window {
        let i = self.index(number);
        let (middle, half_width) = (self.middles[i], self.half_widths[self.steps[i] as usize]);
        Window { left: middle - half_width, right: middle + half_width, stop: middle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contour::topology::arcs::Arcs;
    use crate::contour::topology::lattice::Lattice;
    use crate::raster::LabelMap;

    #[test]
    fn a_single_step_is_what_tracing_and_simplifying_it_leaves() {
        let map = LabelMap::new(3, 3, &[1, 2, 1, 2, 1, 2, 1, 2, 1]).unwrap();
        let (mut lattice, mut arcs) = (Lattice::default(), Arcs::default());
        lattice.scan(&map, 100).unwrap();
        arcs.trace(&map, &mut lattice);
        let mut single = 0;
        for arc in &arcs.arcs {
            let steps = arcs.steps_of(arc);
            let (mut vertices, mut kept) = (Vec::new(), Vec::new());
            push_vertices(arc, steps, &mut vertices);
            if let Some(line) = single_step_line(arc, steps) {
                simplify(arc, steps, &vertices, Point::new(1e-9, 0.3), &mut kept);
                assert_eq!(line, [vertices[kept[0] as usize], vertices[kept[1] as usize]]);
                assert_eq!((vertices.len(), kept.len()), (3, 2));
                single += 1;
            }
        }
        assert_eq!(single, 12);
    }
}
