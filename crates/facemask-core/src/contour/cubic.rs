//! Cubic Bezier curves.

use crate::geometry::Point;

/// A cubic Bezier curve by its control points.
#[derive(Clone, Copy)]
pub(super) struct Cubic(pub(super) [Point; 4]);

impl Cubic {
    /// The inner control points.
    pub(super) fn controls(&self) -> [Point; 2] {
        [self.0[1], self.0[2]]
    }

    /// The point at the parameter `u`, from 0 to 1.
    pub(super) fn at(&self, u: f64) -> Point {
        let ([p0, p1, p2, p3], v) = (self.0, 1.0 - u);
        p0 * (v * v * v) + p1 * (3.0 * u * v * v) + p2 * (3.0 * u * u * v) + p3 * (u * u * u)
    }

    /// Into how many chords of equal parameters the curve is cut to stay within `flatness` of them.
    ///
    /// A chord over 1/n of the parameter is off by at most max |B''| / (8 n^2), and B'' is 6 times a mean of the second
    /// differences of the control points.
    pub(super) fn steps(&self, flatness: f64) -> usize {
        let [p0, p1, p2, p3] = self.0;
        let bend = (p0 - p1 * 2.0 + p2).length().max((p1 - p2 * 2.0 + p3).length());
        ((0.75 * bend / flatness).sqrt().ceil() as usize).max(1)
    }
}
