//! Flattening: the polylines that approximate curves.
//!
//! Their vertices are chosen as those of straight borders, see `polyline::min_link`, within windows of a small width
//! around the crossings of the curves with grid edges. All consecutive segments are flattened at once, so a joint
//! between two seldom needs a vertex. A crop box that cuts one of the two segments leaves the other's end as a point,
//! and draws lines from there to the vertices around it: these must pass their windows as well.

use std::ops::Range;

use crate::contour::corridor::arc_steps::{ArcCorridor, CellPoint};
use crate::contour::polyline::min_link::{Window, WindowPath};
use crate::contour::spline::tuning::MIN_BEND_AREA;
use crate::geometry::Point;

/// A flattener of curves, which reuses its memory.
#[derive(Default)]
pub(super) struct Flattener {
    /// The windows of consecutive grid edges, and the index of the first edge.
    windows: Vec<Window>,
    first: usize,
    /// The end of the lines.
    end: CellPoint,
    /// The edges at which one line ends and the next begins.
    kept: Vec<u32>,
}

impl Flattener {
    /// Takes the full windows of some edges, with stops in their middles.
    pub(super) fn set_full_windows(&mut self, corridor: &ArcCorridor, edges: Range<usize>) {
        self.first = edges.start;
        self.windows.clear();
        self.windows.extend(edges.map(|i| {
            let edge = corridor.edge(i);
            let [left, right] = edge.window_ends(edge.line_half_width());
            Window { left, right, stop: edge.middle }
        }));
    }

    /// Takes windows around the crossings of curves with some edges: `tolerance` px to each side of the curves.
    pub(super) fn set_curve_windows(
        &mut self,
        corridor: &ArcCorridor,
        crossings: &[Point],
        tolerance: f64,
        edges: Range<usize>,
    ) {
        self.first = edges.start;
        self.windows.clear();
        self.windows.extend(edges.clone().map(|number| {
            let i = number - edges.start;
            let crossing = crossings[i];
            let (before, after) =
                (crossings[i.saturating_sub(1)], crossings[(i + 1).min(crossings.len() - 1)]);
            let edge = corridor.edge(number);
            let direction = edge.right();
            let offset = (crossing - edge.middle).dot(direction);
            let margin = tolerance / edge.crossing_sine(after - before);
            let half_width = edge.line_half_width();
            let at = |offset: f64| edge.middle + direction * offset.clamp(-half_width, half_width);
            let (left, right) = (at(offset - margin), at(offset + margin));
            // A line between two vertices outside a bend runs inside it: together they keep the area of the curve.
            let bend = if number == edges.start || number + 1 == edges.end {
                0.0
            } else {
                (after - before).cross(crossing - before)
            };
            let stop = if bend > MIN_BEND_AREA {
                right
            } else if bend < -MIN_BEND_AREA {
                left
            } else {
                at(offset)
            };
            Window { left, right, stop }
        }));
    }

    /// Appends the fewest lines through the windows from one point, which is the last of `points`, to another; or one
    /// more than that, if one line suffices and `needs_vertex` says so.
    pub(super) fn push_lines(
        &mut self,
        from: CellPoint,
        to: CellPoint,
        needs_vertex: bool,
        points: &mut Vec<Point>,
    ) {
        self.select(from, to);
        if needs_vertex && self.kept.is_empty() && to.cell > from.cell {
            self.kept.push((from.cell + (to.cell - from.cell) / 2) as u32);
        }
        points.extend(self.kept.iter().map(|&i| self.stop(i as usize)));
        points.push(to.point);
    }

    /// Appends the ends of the fewest lines through the windows, and the cells that they lie in.
    pub(super) fn push_cell_points(&mut self, from: CellPoint, to: CellPoint, points: &mut Vec<CellPoint>) {
        self.select(from, to);
        points
            .extend(self.kept.iter().map(|&i| CellPoint { cell: i as usize, point: self.stop(i as usize) }));
        points.push(to);
    }

    /// Selects the edges at which one line ends and the next begins.
    fn select(&mut self, from: CellPoint, to: CellPoint) {
        self.end = to;
        let mut kept = std::mem::take(&mut self.kept);
        kept.clear();
        self.select_stops(from.point, from.cell, &mut kept);
        // The last stop is the end.
        kept.pop();
        self.kept = kept;
    }

    /// The edges at which one of the lines that were appended last ends and the next begins.
    pub(super) fn kept(&self) -> &[u32] {
        &self.kept
    }

    /// Locates the inner ones of the joints along the lines that were appended last. Fills in the index of the point
    /// before each in `before`; `points` are those of the lines.
    ///
    /// Returns the first joint that needs a vertex of its own, if any: the lines to it from the points around it would
    /// not pass their windows.
    pub(super) fn locate_joints(
        &self,
        corridor: &ArcCorridor,
        joints: &[CellPoint],
        points: &[Point],
        before: &mut Vec<u32>,
    ) -> Option<usize> {
        before.clear();
        let (mut since, until) = (joints[0].cell, joints[joints.len() - 1].cell);
        let mut number = 0;
        for (i, &CellPoint { cell, point }) in joints.iter().enumerate().take(joints.len() - 1).skip(1) {
            while let Some(&edge) = self.kept.get(number).filter(|&&edge| (edge as usize) < cell) {
                since = edge as usize + 1;
                number += 1;
            }
            let next = self.kept.get(number).map_or(until, |&edge| edge as usize);
            // The joint before may lie beside the same line. If only the segment between the two is cut, the line goes
            // from one joint to the other.
            let needs_vertex = before.last() == Some(&(number as u32))
                && !passes_windows(corridor, joints[i - 1].point, point, joints[i - 1].cell..cell);
            if needs_vertex
                || !passes_windows(corridor, points[number], point, since..cell)
                || !passes_windows(corridor, point, points[number + 1], cell..next)
            {
                return Some(i);
            }
            before.push(number as u32);
        }
        None
    }
}

/// Whether a line crosses some edges within their half widths.
pub(super) fn passes_windows(corridor: &ArcCorridor, from: Point, to: Point, edges: Range<usize>) -> bool {
    edges.into_iter().all(|i| {
        let edge = corridor.edge(i);
        let [left, right] = edge.window_ends(edge.half_width);
        (left - from).cross(to - from) > 0.0 && (to - from).cross(right - from) > 0.0
    })
}

impl WindowPath for Flattener {
    fn end(&self) -> Point {
        self.end.point
    }

    fn last(&self) -> usize {
        self.end.cell
    }

    fn stop(&self, number: usize) -> Point {
        self.windows[number - self.first].stop
    }

    fn window(&self, number: usize) -> Window {
        self.windows[number - self.first]
    }
}
