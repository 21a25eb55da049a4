//! Cubic Bezier curves and their polynomial form.

use super::{Point, Rect};

/// The depth of the subdivision that decides whether a curve leaves a rectangle. Each halving brings the control
/// polygon four times as near to the curve.
const MAX_SUBDIVISIONS: u32 = 12;

/// A cubic Bezier curve, given by its four control points.
#[derive(Clone, Copy)]
pub(crate) struct CubicBezier(pub(crate) [Point; 4]);

/// A cubic curve in the power basis: `((c[0] t + c[1]) t + c[2]) t + c[3]` with vector coefficients, t from 0 to 1.
pub(crate) struct CubicPolynomial(pub(crate) [Point; 4]);

/// A point of a curve with its parameter and the derivative there.
#[derive(Clone, Copy)]
pub(crate) struct CurvePoint {
    /// The parameter, from 0 to 1.
    pub(crate) t: f64,
    /// The position.
    pub(crate) point: Point,
    /// The derivative by `t`.
    pub(crate) derivative: Point,
}

impl CubicBezier {
    /// The same curve in the power basis.
    pub(crate) fn to_polynomial(self) -> CubicPolynomial {
        let [p0, p1, p2, p3] = self.0;
        CubicPolynomial([p3 - p0 + (p1 - p2) * 3.0, (p0 + p2 - p1 * 2.0) * 3.0, (p1 - p0) * 3.0, p0])
    }

    /// Whether the curve stays in a rectangle, by subdivision with de Casteljau's algorithm until the control polygons
    /// do.
    ///
    /// The reversed curve has the same result: two regions that share a curve agree on whether it is clipped.
    pub(crate) fn is_within(&self, bounds: &Rect) -> bool {
        self.halves_are_within(bounds, MAX_SUBDIVISIONS)
    }

    fn halves_are_within(&self, bounds: &Rect, subdivisions: u32) -> bool {
        let [p0, p1, p2, p3] = self.0;
        let is_inside =
            |points: [Point; 2]| Rect::around(points).is_some_and(|around| bounds.contains(&around));
        if !is_inside([p0, p3]) {
            return false;
        }
        if is_inside([p1, p2]) {
            return true;
        }
        let (p01, p12, p23) = (p0.midpoint(p1), p1.midpoint(p2), p2.midpoint(p3));
        let (p012, p123) = (p01.midpoint(p12), p12.midpoint(p23));
        let middle = p012.midpoint(p123);
        subdivisions > 0
            && Self([p0, p01, p012, middle]).halves_are_within(bounds, subdivisions - 1)
            && Self([middle, p123, p23, p3]).halves_are_within(bounds, subdivisions - 1)
    }
}

impl CubicPolynomial {
    /// The coefficients of the scalar product of the curve and a direction, the highest power first.
    pub(crate) fn project(&self, direction: Point) -> [f64; 4] {
        let [a, b, c, d] = self.0;
        [a.dot(direction), b.dot(direction), c.dot(direction), d.dot(direction)]
    }

    /// The point and the derivative at `t`, by Horner's method.
    pub(crate) fn eval(&self, t: f64) -> CurvePoint {
        let [a, b, c, d] = self.0;
        let high = a * t + b;
        CurvePoint { t, point: (high * t + c) * t + d, derivative: (high * 2.0 + a * t) * t + c }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Rect = Rect::new(0.0, 0.0, 10.0, 10.0);

    #[test]
    fn a_curve_leaves_a_box_where_it_does_and_not_where_its_handles_do() {
        // The top of the arch lies at three quarters of the height of its handles.
        let arch = |height: f64| [(2.0, 4.0), (2.0, 4.0 - height), (8.0, 4.0 - height), (8.0, 4.0)];
        let curve = |height| CubicBezier(arch(height).map(|(x, y)| Point::new(x, y)));
        for (height, is_within) in [(3.0, true), (5.33, true), (5.34, false), (9.0, false)] {
            let mut reversed = curve(height);
            reversed.0.reverse();
            assert_eq!(curve(height).is_within(&BOX), is_within, "{height}");
            assert_eq!(reversed.is_within(&BOX), is_within, "{height}");
        }
    }
}
