//! Cubic Bezier curves.

use super::lanes::each;
use crate::geometry::Point;

/// A cubic Bezier curve by its control points.
#[derive(Clone, Copy)]
pub(super) struct Cubic(pub(super) [Point; 4]);

/// A cubic curve by the coefficients of its parameter's powers, the highest first.
pub(super) struct Powers(pub(super) [Point; 4]);

/// A point of a curve: its parameter from 0 to 1, where it is, and the slope there.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) u: f64,
    pub(super) at: Point,
    pub(super) slope: Point,
}

impl Cubic {
    pub(super) fn powers(&self) -> Powers {
        let [p0, p1, p2, p3] = self.0;
        Powers([p3 - p0 + (p1 - p2) * 3.0, (p0 + p2 - p1 * 2.0) * 3.0, (p1 - p0) * 3.0, p0])
    }
}

impl Powers {
    /// The powers of how far the curve goes in a direction.
    pub(super) fn along(&self, direction: Point) -> [f64; 4] {
        each(self.0, |power| power.dot(direction))
    }

    pub(super) fn place(&self, u: f64) -> Place {
        let [a, b, c, d] = self.0;
        let high = a * u + b;
        Place { u, at: (high * u + c) * u + d, slope: (high * 2.0 + a * u) * u + c }
    }
}
