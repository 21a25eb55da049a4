//! The elements of an arc's path: lines and cubic Bezier curves between joints.

use crate::contour::corridor::arc_steps::{ArcCorridor, CellPoint};
use crate::geometry::{Affine, CubicBezier, Point};

/// The halvings of the parameter at which a curve crosses a line.
const MAX_BISECTIONS: usize = 50;
/// The distance in px from a node or a grid edge's middle within which a path passes.
const MAX_CUT_DISTANCE: f64 = 0.75;

/// A line or a curve between two joints.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PathElement {
    /// The cells in which it starts and ends.
    pub(super) cells: [usize; 2],
    /// Where it starts and ends.
    pub(super) ends: [Point; 2],
    /// The inner control points of a curve.
    pub(super) handles: Option<[Point; 2]>,
}

impl PathElement {
    pub(super) fn line(from: CellPoint, to: CellPoint) -> Self {
        Self { cells: [from.cell, to.cell], ends: [from.point, to.point], handles: None }
    }

    pub(super) fn curve(cells: [usize; 2], CubicBezier([from, p, q, to]): CubicBezier) -> Self {
        Self { cells, ends: [from, to], handles: Some([p, q]) }
    }

    pub(super) fn is_curve(&self) -> bool {
        self.handles.is_some()
    }

    /// The element as a cubic; that of a line has evenly spaced control points.
    pub(super) fn bezier(&self) -> CubicBezier {
        let [from, to] = self.ends;
        let [p, q] = self.handles.unwrap_or_else(|| [1.0, 2.0].map(|i| from + (to - from) * (i / 3.0)));
        CubicBezier([from, p, q, to])
    }

    /// The joint at its start (0) or end (1).
    pub(super) fn joint(&self, side: usize) -> CellPoint {
        CellPoint { cell: self.cells[side], point: self.ends[side] }
    }

    /// The unit tangent at its start (0) or end (1).
    pub(super) fn tangent(&self, side: usize) -> Point {
        let CubicBezier([from, p, q, to]) = self.bezier();
        let leg = if side == 0 { p - from } else { to - q };
        let vector = if leg.dot(leg) > 0.0 { leg } else { to - from };
        vector * (1.0 / vector.length().max(f64::MIN_POSITIVE))
    }

    /// The integral of (x dy - y dx) / 2 along it, exactly: its share of the area that a closed path encloses.
    pub(super) fn area(&self) -> f64 {
        let [from, to] = self.ends;
        let Some([p, q]) = self.handles else { return from.cross(to) * 0.5 };
        let near = from.cross(p) + q.cross(to);
        let middle = from.cross(q) + p.cross(q) + p.cross(to);
        (6.0 * near + 3.0 * middle + from.cross(to)) / 20.0
    }

    /// The parameter at which it crosses the line through a point near it that has this normal.
    pub(super) fn cut_parameter(&self, point: Point, normal: Point) -> Option<f64> {
        let curve = self.bezier().to_polynomial();
        let distance = |t: f64| (curve.eval(t).point - point).dot(normal);
        let parts = 2 * (self.cells[1] - self.cells[0] + 1);
        let is_near = |t: f64| (curve.eval(t).point - point).length() < MAX_CUT_DISTANCE;
        (0..parts).find_map(|part| {
            let [mut low, mut high] = [part, part + 1].map(|i| i as f64 / parts as f64);
            if distance(low) > 0.0 || distance(high) < 0.0 {
                return None;
            }
            for _ in 0..MAX_BISECTIONS {
                let middle = low.midpoint(high);
                if distance(middle) < 0.0 {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            Some(high).filter(|&t| is_near(t))
        })
    }

    /// The parts before and behind a parameter; the first ends in one cell, and the second starts in another.
    pub(super) fn split(&self, t: f64, [end_cell, start_cell]: [usize; 2]) -> [Self; 2] {
        let mix = |a: Point, b: Point| a + (b - a) * t;
        let CubicBezier([p0, p1, p2, p3]) = self.bezier();
        let (p01, p12, p23) = (mix(p0, p1), mix(p1, p2), mix(p2, p3));
        let (p012, p123) = (mix(p01, p12), mix(p12, p23));
        let middle = mix(p012, p123);
        let part = |cells, ends, handles| Self { cells, ends, handles: self.handles.and(Some(handles)) };
        [
            part([self.cells[0], end_cell], [p0, middle], [p01, p012]),
            part([start_cell, self.cells[1]], [middle, p3], [p123, p23]),
        ]
    }

    /// One curve in place of two that follow each other, with the tangents of their outer ends and longer handles.
    pub(super) fn merged(first: &Self, second: &Self) -> Option<Self> {
        let ([p, _], [_, q]) = (first.handles?, second.handles?);
        let ([from, middle], to) = (first.ends, second.ends[1]);
        let (before, after) = ((middle - from).length(), (to - middle).length());
        let longer = |part: f64| (before + after) / part.max(f64::MIN_POSITIVE);
        let handles = [from + (p - from) * longer(before), to + (q - to) * longer(after)];
        Some(Self { cells: [first.cells[0], second.cells[1]], ends: [from, to], handles: Some(handles) })
    }

    /// The element with its ends and handles moved: by one offset at its start, by another at its end.
    pub(super) fn moved(&self, [start, end]: [Point; 2]) -> Self {
        let [from, to] = self.ends;
        let handles = self.handles.map(|[p, q]| [p + start, q + end]);
        Self { ends: [from + start, to + end], handles, ..*self }
    }

    /// The curve with its handles alone moved: it bulges.
    pub(super) fn bulged(&self, [start, end]: [Point; 2]) -> Self {
        Self { handles: self.handles.map(|[p, q]| [p + start, q + end]), ..*self }
    }

    /// Whether the corridor contains it. Fills in where a curve crosses the grid edges between its cells.
    pub(super) fn is_contained(&self, corridor: &ArcCorridor, crossings: &mut [Point]) -> bool {
        if self.is_curve() {
            corridor.contains_curve(self.cells, &self.bezier().to_polynomial(), crossings)
        } else {
            let middle = self.ends[0].midpoint(self.ends[1]);
            corridor.locate_corner(self.joint(0), middle, self.joint(1)).is_some()
        }
    }
}

/// The image of a cubic's control points, in the order of the path.
pub(super) fn transform_controls(affine: &Affine, controls: [Point; 4], is_reversed: bool) -> [Point; 4] {
    let [a, b, c, d] = controls.map(|p| affine.apply(p));
    if is_reversed { [d, c, b, a] } else { [a, b, c, d] }
}
