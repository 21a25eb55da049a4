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

    /// Area of the intersection over that of the union; 0 for two rectangles without area.
    #[must_use]
    pub fn iou(&self, other: &Self) -> f64 {
        let overlap = |low: f64, high: f64| (high - low).max(0.0);
        let intersection = overlap(self.x0.max(other.x0), self.x1.min(other.x1))
            * overlap(self.y0.max(other.y0), self.y1.min(other.y1));
        let union = self.width() * self.height() + other.width() * other.height() - intersection;
        if union > 0.0 { intersection / union } else { 0.0 }
    }

    /// The middle.
    #[must_use]
    pub fn center(&self) -> Point {
        Point::new(self.x0, self.y0).midpoint(Point::new(self.x1, self.y1))
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

    #[test]
    fn iou_is_the_shared_part_of_the_union() {
        let rect = Rect::new(8.0, 8.0, 12.0, 12.0);
        assert_eq!(rect.iou(&rect), 1.0);
        assert_eq!(rect.iou(&Rect::new(8.0, 10.0, 12.0, 14.0)), 1.0 / 3.0);
        assert_eq!(rect.iou(&Rect::new(9.0, 9.0, 11.0, 11.0)), 0.25);
        assert_eq!(rect.iou(&Rect::new(13.0, 13.0, 14.0, 14.0)), 0.0);
        let point = Rect::new(9.0, 9.0, 9.0, 9.0);
        assert_eq!((point.iou(&point), point.iou(&rect)), (0.0, 0.0));
        assert_eq!(Rect::new(1.0, 2.0, 3.0, 8.0).center(), Point::new(2.0, 5.0));
    }
}
