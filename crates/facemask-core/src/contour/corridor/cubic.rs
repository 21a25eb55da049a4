//! Cubic Bezier curves.

use crate::contour::spline::simd::each;
use crate::geometry::{Point, Rect};

/// How often a curve is halved to see whether it leaves a box: the control points come four times as near to it each time.
const HALVINGS: u32 = 12;

/// A cubic Bezier curve by its control points.
#[derive(Clone, Copy)]
pub(crate) struct Cubic(pub(crate) [Point; 4]);

/// A cubic curve by the coefficients of its parameter's powers, the highest first.
pub(crate) struct Powers(pub(crate) [Point; 4]);

/// A point of a curve: its parameter from 0 to 1, where it is, and the slope there.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) u: f64,
    pub(crate) at: Point,
    pub(crate) slope: Point,
}

impl Cubic {
    pub(crate) fn powers(&self) -> Powers {
        let [p0, p1, p2, p3] = self.0;
        Powers([p3 - p0 + (p1 - p2) * 3.0, (p0 + p2 - p1 * 2.0) * 3.0, (p1 - p0) * 3.0, p0])
    }

    /// Whether it stays in a box; the same answer for the curve that goes the other way.
    pub(crate) fn is_within(&self, bounds: &Rect) -> bool {
        self.halves_are_within(bounds, HALVINGS)
    }

    fn halves_are_within(&self, bounds: &Rect, halvings: u32) -> bool {
        let [from, out, onwards, to] = self.0;
        let inside = |points: [Point; 2]| Rect::around(points).is_some_and(|around| bounds.contains(&around));
        if !inside([from, to]) {
            return false;
        }
        if inside([out, onwards]) {
            return true;
        }
        let (first, second, third) = (from.midpoint(out), out.midpoint(onwards), onwards.midpoint(to));
        let (before, after) = (first.midpoint(second), second.midpoint(third));
        let middle = before.midpoint(after);
        halvings > 0
            && Self([from, first, before, middle]).halves_are_within(bounds, halvings - 1)
            && Self([middle, after, third, to]).halves_are_within(bounds, halvings - 1)
    }
}

impl Powers {
    /// The powers of how far the curve goes in a direction.
    pub(crate) fn along(&self, direction: Point) -> [f64; 4] {
        each(self.0, |power| power.dot(direction))
    }

    pub(crate) fn place(&self, u: f64) -> Place {
        let [a, b, c, d] = self.0;
        let high = a * u + b;
        Place { u, at: (high * u + c) * u + d, slope: (high * 2.0 + a * u) * u + c }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Rect = Rect::new(0.0, 0.0, 10.0, 10.0);

    #[test]
    fn a_curve_leaves_a_box_where_it_does_and_not_where_its_handles_do() {
        // Its top is at three quarters of the height of its handles.
        let arch = |height: f64| [(2.0, 4.0), (2.0, 4.0 - height), (8.0, 4.0 - height), (8.0, 4.0)];
        let curve = |height| Cubic(arch(height).map(|(x, y)| Point::new(x, y)));
        for (height, within) in [(3.0, true), (5.33, true), (5.34, false), (9.0, false)] {
            let mut other_way = curve(height);
            other_way.0.reverse();
            assert_eq!(curve(height).is_within(&BOX), within, "{height}");
            assert_eq!(other_way.is_within(&BOX), within, "{height}");
        }
    }
}
