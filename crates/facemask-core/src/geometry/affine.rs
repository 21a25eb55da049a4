//! Affine transformations of the plane, named `target_from_source` and composed right to left.

use std::ops::Mul;

use super::Point;

/// The transformation x' = a x + b y + c, y' = d x + e y + f, stored as `[a, b, c, d, e, f]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine(pub [f64; 6]);

impl Affine {
    /// The identity.
    pub const IDENTITY: Self = Self([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);

    /// The translation by (x, y).
    #[must_use]
    pub const fn translate(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, x, 0.0, 1.0, y])
    }

    /// The scaling of x and y about the origin.
    #[must_use]
    pub const fn scale(x: f64, y: f64) -> Self {
        Self([x, 0.0, 0.0, 0.0, y, 0.0])
    }

    /// The rotation about the origin, clockwise on screen for a positive angle. Quarter turns are exact.
    #[must_use]
    pub fn rotate(angle_rad: f64) -> Self {
        let (mut sin, mut cos) = angle_rad.sin_cos();
        // sin(pi) is 1.2e-16 in floating point: a half turn would tilt every edge by that much, and clipping would no
        // longer be exact.
        for value in [&mut sin, &mut cos] {
            if (value.abs() - value.round().abs()).abs() < 1e-15 {
                *value = value.round();
            }
        }
        Self([cos, -sin, 0.0, sin, cos, 0.0])
    }

    /// The image of a point.
    #[must_use]
    pub fn apply(&self, p: Point) -> Point {
        let [a, b, c, d, e, f] = self.0;
        Point::new(a * p.x + b * p.y + c, d * p.x + e * p.y + f)
    }

    /// The determinant of the linear part: the factor for areas, negative for a reflection.
    #[must_use]
    pub fn determinant(&self) -> f64 {
        let [a, b, _, d, e, _] = self.0;
        a * e - b * d
    }

    /// The largest and the smallest factor by which a length grows, over all directions.
    ///
    /// In closed form for 2 x 2: Blinn, "Consider the lowly 2 x 2 matrix" (1996).
    #[must_use]
    pub fn singular_values(&self) -> [f64; 2] {
        let [a, b, _, d, e, _] = self.0;
        if b == 0.0 && d == 0.0 {
            return [a.abs().max(e.abs()), a.abs().min(e.abs())];
        }
        let rotation = ((a + e) / 2.0).hypot((d - b) / 2.0);
        let reflection = ((a - e) / 2.0).hypot((d + b) / 2.0);
        [rotation + reflection, (rotation - reflection).abs()]
    }

    /// The inverse, or `None` when the determinant is zero or not finite.
    #[must_use]
    pub fn inverse(&self) -> Option<Self> {
        let det = self.determinant();
        if det == 0.0 || !det.is_finite() {
            return None;
        }
        let [a, b, c, d, e, f] = self.0;
        let (ia, ib, id, ie) = (e / det, -b / det, -d / det, a / det);
        Some(Self([ia, ib, -(ia * c + ib * f), id, ie, -(id * c + ie * f)]))
    }
}

impl Mul for Affine {
    type Output = Self;

    /// `(a * b).apply(p)` is `a.apply(b.apply(p))`.
    fn mul(self, right: Self) -> Self {
        let ([a, b, c, d, e, f], [ra, rb, rc, rd, re, rf]) = (self.0, right.0);
        Self([
            a * ra + b * rd,
            a * rb + b * re,
            a * rc + b * rf + c,
            d * ra + e * rd,
            d * rb + e * re,
            d * rc + e * rf + f,
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::{FRAC_PI_2, PI};

    #[test]
    fn quarter_turns_are_exact_and_clockwise() {
        assert_eq!(Affine::rotate(FRAC_PI_2).apply(Point::new(1.0, 0.0)), Point::new(0.0, 1.0));
        assert_eq!(Affine::rotate(PI).apply(Point::new(3.0, 5.0)), Point::new(-3.0, -5.0));
        assert_eq!(Affine::rotate(-FRAC_PI_2).apply(Point::new(0.0, 2.0)), Point::new(2.0, 0.0));
    }

    #[test]
    fn composition_applies_the_right_one_first() {
        let both = Affine::translate(10.0, 0.0) * Affine::scale(2.0, 3.0);
        assert_eq!(both.apply(Point::new(1.0, 1.0)), Point::new(12.0, 3.0));
    }

    #[test]
    fn singular_values_are_those_of_a_turned_scaling() {
        let [longest, shortest] =
            (Affine::rotate(0.7) * Affine::scale(-2.0, 0.5) * Affine::rotate(-0.2)).singular_values();
        assert!((longest - 2.0).abs() < 1e-12 && (shortest - 0.5).abs() < 1e-12);
        // A shear of 1: the golden ratio and its inverse.
        let [longest, shortest] = Affine([1.0, 1.0, 9.0, 0.0, 1.0, 9.0]).singular_values();
        assert!((longest - 1.618_033_988_75).abs() < 1e-9 && (longest * shortest - 1.0).abs() < 1e-12);
        assert_eq!(Affine([1.0, 2.0, 0.0, 2.0, 4.0, 0.0]).singular_values(), [5.0, 0.0]);
    }

    #[test]
    fn inverse_goes_back() {
        let map = Affine::translate(3.0, -7.0) * Affine::rotate(0.7) * Affine::scale(2.0, 0.5);
        let back = map.inverse().unwrap().apply(map.apply(Point::new(11.0, 13.0)));
        assert!((back - Point::new(11.0, 13.0)).length() < 1e-12);
        assert_eq!(Affine::scale(0.0, 1.0).inverse(), None);
    }
}
