//! Polygons with holes as flat arrays: one list of points and the offsets at which rings begin.

use super::{Affine, Point, Rect};

/// A cubic Bezier curve that some points of a ring stand for.
///
/// It begins at point `first` or on the way from there to the next, and ends at point `first + steps` or on the way there.
/// The points between stand for it. So curves that follow each other meet at a point of the ring, or both have the step
/// that their meeting point stands beside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    /// The number of the point where it begins, or the one before, in [`Polygons::points`].
    pub first: u32,
    /// The number of points from there to the one where it ends, or the one behind, which may be the first of its ring.
    pub steps: u32,
    /// Its control points: where it begins, the two inner ones, and where it ends.
    pub controls: [Point; 4],
}

/// Polygons of one region. A ring is closed (its first point is not repeated). Outer rings run clockwise on screen
/// (positive area with y down), holes the other way; an outer ring is followed by its holes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Polygons {
    /// The points of all rings, one ring after the other.
    pub points: Vec<Point>,
    /// Where each ring ends in `points`; ring k is `points[ends[k - 1]..ends[k]]`.
    pub ends: Vec<u32>,
    /// The curves along the rings, in the order of their points; between them the rings are straight.
    pub curves: Vec<Curve>,
}

impl Polygons {
    /// Appends a ring. Rings of fewer than three points enclose nothing and are left out.
    pub fn push_ring(&mut self, ring: &[Point]) {
        if ring.len() >= 3 {
            self.points.extend_from_slice(ring);
            self.ends.push(self.points.len() as u32);
        }
    }

    /// Appends a ring and the curves along it, whose points are counted from the ring's first.
    pub fn push_curved_ring(&mut self, ring: &[Point], curves: &[Curve]) {
        if ring.len() >= 3 {
            let base = self.points.len() as u32;
            self.push_ring(ring);
            self.curves.extend(curves.iter().map(|curve| Curve { first: base + curve.first, ..*curve }));
        }
    }

    /// The rings in order.
    pub fn rings(&self) -> impl Iterator<Item = &[Point]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.points[start as usize..end as usize])
    }

    /// The polygons in order: each an outer ring followed by its holes.
    pub fn parts(&self) -> impl Iterator<Item = Vec<&[Point]>> {
        let mut rings = self.rings().peekable();
        std::iter::from_fn(move || {
            let mut part = vec![rings.next()?];
            while let Some(hole) = rings.next_if(|ring| signed_area(ring) <= 0.0) {
                part.push(hole);
            }
            Some(part)
        })
    }

    /// How many outer rings and how many holes there are.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        let outers = self.rings().filter(|ring| signed_area(ring) > 0.0).count();
        (outers, self.ends.len() - outers)
    }

    /// The area inside: outer rings less their holes.
    #[must_use]
    pub fn area(&self) -> f64 {
        self.rings().map(signed_area).sum()
    }

    /// The centre of gravity, or `None` where the area is zero.
    #[must_use]
    pub fn centroid(&self) -> Option<Point> {
        // Moments about a point of the polygon itself: about a far origin the differences would cancel.
        let origin = *self.points.first()?;
        let (mut area, mut moment) = (0.0, Point::default());
        for ring in self.rings() {
            for (a, b) in edges(ring) {
                let (a, b) = (a - origin, b - origin);
                let weight = a.cross(b);
                area += weight;
                moment = moment + (a + b) * weight;
            }
        }
        (area != 0.0).then(|| origin + moment * (1.0 / (3.0 * area)))
    }

    /// The smallest rectangle around all points.
    #[must_use]
    pub fn bounds(&self) -> Option<Rect> {
        Rect::around(self.points.iter().copied())
    }

    /// Moves every point by `map`, which must not mirror.
    pub fn transform(&mut self, map: &Affine) {
        for point in &mut self.points {
            *point = map.apply(*point);
        }
        for control in self.curves.iter_mut().flat_map(|curve| &mut curve.controls) {
            *control = map.apply(*control);
        }
    }
}

/// The edges of a closed ring, the last one back to the first point.
pub fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// The area inside a ring: positive when it runs clockwise on screen.
#[must_use]
pub fn signed_area(ring: &[Point]) -> f64 {
    let Some(&origin) = ring.first() else { return 0.0 };
    ring.windows(2).map(|pair| (pair[0] - origin).cross(pair[1] - origin)).sum::<f64>() / 2.0
}

/// Whether `p` lies inside the ring by the even-odd rule. Points on the ring may be told either way.
#[must_use]
pub fn ring_contains(ring: &[Point], p: Point) -> bool {
    edges(ring)
        .filter(|(a, b)| (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x))
        .count()
        % 2
        == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64) -> Vec<Point> {
        Rect::new(x, y, x + side, y + side).corners().to_vec()
    }

    fn holed() -> Polygons {
        let mut polygons = Polygons::default();
        polygons.push_ring(&square(10.0, 10.0, 4.0));
        let mut hole = square(11.0, 11.0, 1.0);
        hole.reverse();
        polygons.push_ring(&hole);
        polygons.push_ring(&square(20.0, 10.0, 2.0));
        polygons
    }

    #[test]
    fn area_takes_holes_away_and_parts_keep_them() {
        let polygons = holed();
        assert_eq!(polygons.area(), 16.0 - 1.0 + 4.0);
        assert_eq!(polygons.count(), (2, 1));
        let sizes: Vec<_> = polygons.parts().map(|part| part.len()).collect();
        assert_eq!(sizes, [2, 1]);
    }

    #[test]
    fn centroid_is_the_centre_of_gravity() {
        let mut polygons = Polygons::default();
        polygons.push_ring(&square(1e6, -1e6, 2.0));
        assert_eq!(polygons.centroid(), Some(Point::new(1e6 + 1.0, -1e6 + 1.0)));
        assert_eq!(Polygons::default().centroid(), None);
    }

    #[test]
    fn a_ring_of_two_points_is_left_out() {
        let mut polygons = Polygons::default();
        polygons.push_ring(&[Point::new(0.0, 0.0), Point::new(1.0, 0.0)]);
        assert_eq!(polygons, Polygons::default());
    }

    #[test]
    fn contains_by_even_odd() {
        let ring = square(0.0, 0.0, 2.0);
        assert!(ring_contains(&ring, Point::new(1.0, 1.0)));
        assert!(!ring_contains(&ring, Point::new(3.0, 1.0)));
        assert!(!ring_contains(&ring, Point::new(1.0, -0.5)));
    }
}
