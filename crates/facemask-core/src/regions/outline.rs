//! Outlines of zones and labels: smooth closed curves through affine combinations of landmarks.

use crate::geometry::Point;

/// The maximum number of landmarks in one vertex.
const MAX_TERMS: usize = 6;

/// A term of a combination: a landmark and its weight in hundredths. A zero weight marks an unused term.
#[derive(Clone, Copy, Debug)]
struct Term {
    weight: i32,
    landmark: u16,
}

/// A vertex of an outline: an affine combination of landmarks, whose weights sum to 1. It therefore follows every
/// rotation, scaling and reflection of the face.
#[derive(Clone, Copy, Debug)]
pub(super) struct OutlineVertex {
    terms: [Term; MAX_TERMS],
    is_corner: bool,
}

/// The vertex at landmark `i`.
pub(super) const fn landmark(i: u16) -> OutlineVertex {
    lerp(i, i, 0)
}

/// The vertex at `percent` of the way from landmark `i` to landmark `j`.
pub(super) const fn lerp(i: u16, j: u16, percent: i32) -> OutlineVertex {
    let mut terms = [Term { weight: 0, landmark: 0 }; MAX_TERMS];
    terms[0] = Term { weight: 100 - percent, landmark: i };
    terms[1] = Term { weight: percent, landmark: j };
    OutlineVertex { terms, is_corner: false }
}

impl OutlineVertex {
    /// Moves the vertex by `percent` of the vector from landmark `from` to landmark `to`.
    pub(super) const fn offset(mut self, percent: i32, from: u16, to: u16) -> Self {
        let mut used = 0;
        while self.terms[used].weight != 0 {
            used += 1;
        }
        self.terms[used] = Term { weight: -percent, landmark: from };
        self.terms[used + 1] = Term { weight: percent, landmark: to };
        self
    }

    /// Makes the vertex a corner of the curve.
    pub(super) const fn corner(mut self) -> Self {
        self.is_corner = true;
        self
    }

    /// The corresponding vertex on the other side of the face.
    fn mirror(mut self, mirror: &dyn Fn(u16) -> u16) -> Self {
        self.terms = self.terms.map(|term| Term { landmark: mirror(term.landmark), ..term });
        self
    }

    fn evaluate(&self, points: &[Point]) -> Option<ControlPoint> {
        let mut position = Point::default();
        for term in self.terms.iter().filter(|term| term.weight != 0) {
            position = position + *points.get(usize::from(term.landmark))? * (f64::from(term.weight) / 100.0);
        }
        Some(ControlPoint { position, is_corner: self.is_corner })
    }
}

/// A closed curve, given by its vertices on the subject's right side.
#[derive(Clone, Copy, Debug)]
pub(super) enum ZoneOutline {
    /// A zone of the right side. The outline of its counterpart is the mirror image.
    Side(&'static [OutlineVertex]),
    /// The right half of a zone across the midline, from the midline around to the midline.
    Half(&'static [OutlineVertex]),
}

/// The side of the face for which an outline is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaceSide {
    Right,
    Left,
}

impl ZoneOutline {
    /// The ring through the landmarks, for one side of the face. `None` when a landmark is missing.
    pub(super) fn to_ring(
        self,
        points: &[Point],
        mirror: &dyn Fn(u16) -> u16,
        side: FaceSide,
    ) -> Option<Vec<Point>> {
        let vertices: Vec<OutlineVertex> = match self {
            Self::Side(vertices) if side == FaceSide::Left => {
                vertices.iter().map(|v| v.mirror(mirror)).collect()
            }
            Self::Side(vertices) => vertices.to_vec(),
            Self::Half(half) => {
                let inner = half.get(1..half.len().saturating_sub(1)).unwrap_or_default();
                half.iter().copied().chain(inner.iter().rev().map(|v| v.mirror(mirror))).collect()
            }
        };
        closed_curve(&vertices, points)
    }
}

/// The closed curve through vertices, as a ring. `None` when a landmark is missing.
pub(super) fn closed_curve(vertices: &[OutlineVertex], points: &[Point]) -> Option<Vec<Point>> {
    let control_points: Option<Vec<ControlPoint>> =
        vertices.iter().map(|vertex| vertex.evaluate(points)).collect();
    control_points.map(|control_points| interpolate(&control_points))
}

#[derive(Clone, Copy)]
struct ControlPoint {
    position: Point,
    is_corner: bool,
}

/// Chords per curve segment. With a dozen control points the chords deviate from the curve by less than a thousandth of
/// its size.
const CHORDS_PER_SEGMENT: u32 = 8;

/// Interpolates the control points by a closed centripetal Catmull-Rom curve, which has neither loops nor overshoots.
/// Corners are kept.
fn interpolate(control_points: &[ControlPoint]) -> Vec<Point> {
    let n = control_points.len();
    let mut ring = Vec::with_capacity(n * CHORDS_PER_SEGMENT as usize);
    for k in 0..n {
        let [before, from, to, after] = [n - 1, 0, 1, 2].map(|step| control_points[(k + step) % n]);
        // The point beyond a corner is the mirror image of the one before it, so the curve arrives straight.
        let before = if from.is_corner { from.position * 2.0 - to.position } else { before.position };
        let after = if to.is_corner { to.position * 2.0 - from.position } else { after.position };
        let segment = CatmullRomSegment::new([before, from.position, to.position, after]);
        ring.extend(
            (0..CHORDS_PER_SEGMENT)
                .map(|step| segment.evaluate(f64::from(step) / f64::from(CHORDS_PER_SEGMENT))),
        );
    }
    ring
}

/// The segment of a centripetal Catmull-Rom curve between the second and the third of four control points.
struct CatmullRomSegment {
    control_points: [Point; 4],
    knots: [f64; 4],
}

impl CatmullRomSegment {
    fn new(control_points: [Point; 4]) -> Self {
        let mut knots = [0.0; 4];
        for i in 1..4 {
            let chord = control_points[i] - control_points[i - 1];
            knots[i] = knots[i - 1] + chord.length().sqrt().max(1e-9);
        }
        Self { control_points, knots }
    }

    /// The point at parameter `s` from 0 to 1, by the pyramid algorithm of Barry and Goldman.
    fn evaluate(&self, s: f64) -> Point {
        let Self { control_points: [a, b, c, d], knots: [t0, t1, t2, t3] } = *self;
        let t = t1 + s * (t2 - t1);
        let lerp = |p: Point, q: Point, from: f64, to: f64| p + (q - p) * ((t - from) / (to - from));
        let (ab, bc, cd) = (lerp(a, b, t0, t1), lerp(b, c, t1, t2), lerp(c, d, t2, t3));
        lerp(lerp(ab, bc, t0, t2), lerp(bc, cd, t1, t3), t1, t2)
    }
}

#[cfg(test)]
impl OutlineVertex {
    pub(super) fn indices(&self) -> impl Iterator<Item = u16> + '_ {
        self.terms.iter().filter(|term| term.weight != 0).map(|term| term.landmark)
    }

    pub(super) fn total_weight(&self) -> i32 {
        self.terms.iter().map(|term| term.weight).sum()
    }
}

#[cfg(test)]
impl ZoneOutline {
    pub(super) fn vertices(&self) -> &'static [OutlineVertex] {
        match *self {
            Self::Side(vertices) | Self::Half(vertices) => vertices,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Rect, signed_area};

    fn square() -> Vec<Point> {
        Rect::new(0.0, 0.0, 10.0, 10.0).corners().to_vec()
    }

    #[test]
    fn a_vertex_is_a_sum_of_landmarks() {
        let position = |vertex: OutlineVertex| vertex.evaluate(&square()).unwrap().position;
        assert_eq!(position(landmark(1)), Point::new(10.0, 0.0));
        assert_eq!(position(lerp(0, 2, 25)), Point::new(2.5, 2.5));
        assert_eq!(position(lerp(0, 1, 50).offset(20, 0, 3)), Point::new(5.0, 2.0));
        assert!(landmark(4).evaluate(&square()).is_none());
    }

    #[test]
    fn corners_alone_make_a_polygon_and_knots_alone_a_curve() {
        const CORNERS: ZoneOutline = ZoneOutline::Side(&[
            landmark(0).corner(),
            landmark(1).corner(),
            landmark(2).corner(),
            landmark(3).corner(),
        ]);
        const KNOTS: ZoneOutline = ZoneOutline::Side(&[landmark(0), landmark(1), landmark(2), landmark(3)]);
        let area =
            |outline: ZoneOutline| signed_area(&outline.to_ring(&square(), &|i| i, FaceSide::Right).unwrap());
        assert!((area(CORNERS) - 100.0).abs() < 1e-9);
        assert!((120.0..160.0).contains(&area(KNOTS)), "{}", area(KNOTS));
    }

    #[test]
    fn a_half_is_completed_by_its_mirror() {
        let points = [(5.0, 0.0), (0.0, 5.0), (5.0, 10.0), (10.0, 5.0)].map(|(x, y)| Point::new(x, y));
        const HALF: ZoneOutline =
            ZoneOutline::Half(&[landmark(0).corner(), landmark(1).corner(), landmark(2).corner()]);
        let mirror = |i: u16| if i % 2 == 1 { 4 - i } else { i };
        let ring = HALF.to_ring(&points, &mirror, FaceSide::Right).unwrap();
        assert!((signed_area(&ring).abs() - 50.0).abs() < 1e-9);
    }

    #[test]
    fn knots_in_one_place_are_still_numbers() {
        let points = [Point::new(3.0, 3.0); 4];
        const KNOTS: ZoneOutline = ZoneOutline::Side(&[landmark(0), landmark(1), landmark(2), landmark(3)]);
        assert!(KNOTS.to_ring(&points, &|i| i, FaceSide::Right).unwrap().iter().all(|p| p.is_finite()));
    }
}
