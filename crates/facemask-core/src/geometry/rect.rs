//! Axis-parallel rectangles.

use super::Point;

/// The rectangle [x0, x1] x [y0, y1].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left side.
    pub x0: f64,
    /// Top side.
    pub y0: f64,
    /// Right side.
    pub x1: f64,
    /// Bottom side.
    pub y1: f64,
}

impl Rect {
    /// The rectangle with these sides.
    #[must_use]
    pub const fn new(x0: f64, y0: f64, x1: f64, y1: f64) -> Self {
        Self { x0, y0, x1, y1 }
    }

    /// The bounding box of the points, or `None` without points.
    pub fn around(points: impl IntoIterator<Item = Point>) -> Option<Self> {
        points.into_iter().fold(None, |rect, p| match rect {
            None => Some(Self::new(p.x, p.y, p.x, p.y)),
            Some(r) => Some(Self::new(r.x0.min(p.x), r.y0.min(p.y), r.x1.max(p.x), r.y1.max(p.y))),
        })
    }

    /// The bounding box of both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self::new(self.x0.min(other.x0), self.y0.min(other.y0), self.x1.max(other.x1), self.y1.max(other.y1))
    }

    /// The width, negative when the sides are swapped.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.x1 - self.x0
    }

    /// The height, negative when the sides are swapped.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.y1 - self.y0
    }

    /// Whether `other` lies inside, boundary included.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.x0 <= other.x0 && self.y0 <= other.y0 && other.x1 <= self.x1 && other.y1 <= self.y1
    }

    /// Whether the interiors have no common point.
    #[must_use]
    pub fn is_disjoint(&self, other: &Self) -> bool {
        other.x1 <= self.x0 || self.x1 <= other.x0 || other.y1 <= self.y0 || self.y1 <= other.y0
    }

    /// The four corners, clockwise on screen from the top left.
    #[must_use]
    pub const fn corners(&self) -> [Point; 4] {
        [
            Point::new(self.x0, self.y0),
            Point::new(self.x1, self.y0),
            Point::new(self.x1, self.y1),
            Point::new(self.x0, self.y1),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn around_no_points_is_nothing() {
        assert_eq!(Rect::around([]), None);
        let rect = Rect::around([Point::new(3.0, 1.0), Point::new(-1.0, 2.0)]);
        assert_eq!(rect, Some(Rect::new(-1.0, 1.0, 3.0, 2.0)));
    }

    #[test]
    fn touching_rectangles_miss_each_other() {
        let rect = Rect::new(0.0, 0.0, 2.0, 2.0);
        assert!(rect.is_disjoint(&Rect::new(2.0, 0.0, 3.0, 2.0)));
        assert!(!rect.is_disjoint(&Rect::new(1.9, 0.0, 3.0, 2.0)));
        assert!(rect.contains(&rect));
    }
}
