//! Multipolygons as flat arrays: one list of points and the offsets at which rings end.

use super::{Affine, Point, Rect};

/// A cubic Bezier curve and the span of ring points that approximates it.
///
/// The curve begins at point `first` or on the edge behind it, and ends at point `first + steps` or on the edge before
/// it. Consecutive curves meet at a point of the ring, or their spans share the edge next to which they meet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurveSpan {
    /// The index in [`Polygons::points`] of the point where the curve begins, or of the point before.
    pub first: u32,
    /// The number of edges from there to the point where the curve ends, or to the point behind it. The last edge may
    /// lead back to the first point of the ring.
    pub steps: u32,
    /// The four control points: start, two inner ones, end.
    pub controls: [Point; 4],
}

/// A multipolygon: the polygons of one region, each an outer ring followed by its holes.
///
/// A ring is closed, and its first point is not repeated. Outer rings run clockwise on screen (positive area with y
/// down), holes counterclockwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Polygons {
    /// The points of all rings, one ring after the other.
    pub points: Vec<Point>,
    /// The end offset of each ring in `points`; ring k is `points[ends[k - 1]..ends[k]]`.
    pub ends: Vec<u32>,
    /// The curves along the rings, in the order of their points. All other edges are straight.
    pub curves: Vec<CurveSpan>,
}

/// The numbers of outer rings and of holes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingCounts {
    /// Outer rings, one per polygon.
    pub outer: usize,
    /// Holes of all polygons.
    pub holes: usize,
}

impl Polygons {
    /// Appends a ring. A ring of fewer than three points encloses nothing and is left out.
    pub fn push_ring(&mut self, ring: &[Point]) {
        if ring.len() >= 3 {
            self.points.extend_from_slice(ring);
            self.ends.push(self.points.len() as u32);
        }
    }

    /// Appends a ring and the curves along it. `first` of each curve counts from the first point of the ring.
    pub fn push_curved_ring(&mut self, ring: &[Point], curves: &[CurveSpan]) {
        if ring.len() >= 3 {
            let base = self.points.len() as u32;
            self.push_ring(ring);
            self.curves.extend(curves.iter().map(|curve| CurveSpan { first: base + curve.first, ..*curve }));
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

    /// Counts the outer rings and the holes.
    #[must_use]
    pub fn count_rings(&self) -> RingCounts {
        let outer = self.rings().filter(|ring| signed_area(ring) > 0.0).count();
        RingCounts { outer, holes: self.ends.len() - outer }
    }

    /// The enclosed area: outer rings minus holes.
    #[must_use]
    pub fn area(&self) -> f64 {
        self.rings().map(signed_area).sum()
    }

    /// The centroid of the area, or `None` when the area is zero.
    #[must_use]
    pub fn centroid(&self) -> Option<Point> {
        // Moments are taken about a point of the polygon: about a distant origin they would lose digits by
        // cancellation.
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

    /// The bounding box of all points.
    #[must_use]
    pub fn bounds(&self) -> Option<Rect> {
        Rect::around(self.points.iter().copied())
    }

    /// Transforms every point. Rings keep their orientation: a reflection also reverses the order of their points.
    pub fn transform(&mut self, transformation: &Affine) {
        for point in &mut self.points {
            *point = transformation.apply(*point);
        }
        for control in self.curves.iter_mut().flat_map(|curve| &mut curve.controls) {
            *control = transformation.apply(*control);
        }
        if transformation.determinant() < 0.0 {
            self.reverse_rings();
        }
    }

    /// Reverses every ring and the curves along it. The first point of a ring stays the first.
    fn reverse_rings(&mut self) {
        let (mut start, mut curve) = (0, 0);
        for &end in &self.ends {
            self.points[start as usize + 1..end as usize].reverse();
            let count = self.curves[curve..].partition_point(|span| span.first < end);
            let curves = &mut self.curves[curve..curve + count];
            curves.reverse();
            for span in curves {
                // Point i of n is now point n - i.
                span.first = end - (span.first - start + span.steps);
                span.controls.reverse();
            }
            (start, curve) = (end, curve + count);
        }
    }
}

/// The edges of a closed ring as (start, end). The last edge leads back to the first point.
pub fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    let last = ring.last().copied().zip(ring.first().copied());
    ring.windows(2).map(|pair| (pair[0], pair[1])).chain(last)
}

/// The signed area of a ring by the shoelace formula: positive when the ring runs clockwise on screen.
#[must_use]
pub fn signed_area(ring: &[Point]) -> f64 {
    let Some(&origin) = ring.first() else { return 0.0 };
    ring.windows(2).map(|pair| (pair[0] - origin).cross(pair[1] - origin)).sum::<f64>() / 2.0
}

/// Whether `p` lies inside the ring by the even-odd rule. The result for a point on the ring is unspecified.
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
        assert_eq!(polygons.count_rings(), RingCounts { outer: 2, holes: 1 });
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
    fn a_reflection_keeps_rings_and_curves_in_order() {
        let mut polygons = holed();
        // Curves along the first two edges of the last ring, and along its last edge.
        let ring: Vec<_> = polygons.rings().last().unwrap().to_vec();
        let curve = |first: u32, a: Point, b: Point| CurveSpan {
            first: 8 + first,
            steps: 1,
            controls: [a, a.midpoint(b), a.midpoint(b), b],
        };
        polygons.curves =
            vec![curve(0, ring[0], ring[1]), curve(1, ring[1], ring[2]), curve(3, ring[3], ring[0])];
        let before = polygons.clone();
        polygons.transform(&Affine([-1.0, 0.0, 50.0, 0.0, 1.0, 0.0]));
        assert_eq!(polygons.area(), before.area());
        assert_eq!(polygons.count_rings(), before.count_rings());
        let ring: Vec<_> = polygons.rings().last().unwrap().to_vec();
        assert_eq!(ring[0], Point::new(30.0, 10.0));
        let spans: Vec<_> = polygons.curves.iter().map(|span| (span.first, span.steps)).collect();
        assert_eq!(spans, [(8, 1), (10, 1), (11, 1)]);
        for span in &polygons.curves {
            let first = (span.first - 8) as usize;
            assert_eq!([span.controls[0], span.controls[3]], [ring[first], ring[(first + 1) % 4]]);
        }
        polygons.transform(&Affine([-1.0, 0.0, 50.0, 0.0, 1.0, 0.0]));
        assert_eq!(polygons, before);
    }

    #[test]
    fn contains_by_even_odd() {
        let ring = square(0.0, 0.0, 2.0);
        assert!(ring_contains(&ring, Point::new(1.0, 1.0)));
        assert!(!ring_contains(&ring, Point::new(3.0, 1.0)));
        assert!(!ring_contains(&ring, Point::new(1.0, -0.5)));
    }
}
