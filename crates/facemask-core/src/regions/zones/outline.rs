//! Smooth closed outlines whose corners are sums of landmarks.

use crate::geometry::Point;

/// The most landmarks that one vertex is made of.
const TERMS: usize = 6;

/// A vertex of an outline: a sum of landmarks with weights in hundredths that make 100 together, so that it turns, grows
/// and mirrors with the face.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vertex {
    terms: [(i32, u16); TERMS],
    corner: bool,
}

const fn sum(given: &[(i32, u16)]) -> Vertex {
    let mut terms = [(0, 0); TERMS];
    let mut i = 0;
    while i < given.len() {
        terms[i] = given[i];
        i += 1;
    }
    Vertex { terms, corner: false }
}

/// Landmark `i` itself.
pub(super) const fn on(i: u16) -> Vertex {
    sum(&[(100, i)])
}

/// The point `percent` of the way from landmark `i` to landmark `j`.
pub(super) const fn mix(i: u16, j: u16, percent: i32) -> Vertex {
    sum(&[(100 - percent, i), (percent, j)])
}

impl Vertex {
    /// Moved by `percent` of the way from landmark `from` to landmark `to`.
    pub(super) const fn moved(mut self, percent: i32, from: u16, to: u16) -> Self {
        let mut used = 0;
        while self.terms[used].0 != 0 {
            used += 1;
        }
        self.terms[used] = (-percent, from);
        self.terms[used + 1] = (percent, to);
        self
    }

    /// Not rounded off.
    pub(super) const fn corner(mut self) -> Self {
        self.corner = true;
        self
    }

    /// The same of the other side of the face.
    fn mirrored(mut self, mirror: &dyn Fn(u16) -> u16) -> Self {
        self.terms = self.terms.map(|(weight, i)| (weight, mirror(i)));
        self
    }

    fn place(&self, points: &[Point]) -> Option<Knot> {
        let mut at = Point::default();
        for &(weight, i) in self.terms.iter().filter(|(weight, _)| *weight != 0) {
            at = at + *points.get(usize::from(i))? * (f64::from(weight) / 100.0);
        }
        Some(Knot { at, corner: self.corner })
    }
}

/// What an outline goes through.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outline {
    /// A part of the right side; its twin on the left follows from the mirror.
    Side(&'static [Vertex]),
    /// The right half of a part across the middle, from the middle round to the middle.
    Half(&'static [Vertex]),
}

impl Outline {
    /// The ring through the landmarks, on the left side if asked. `None` when a landmark is missing.
    pub(super) fn ring(
        &self,
        points: &[Point],
        mirror: &dyn Fn(u16) -> u16,
        left: bool,
    ) -> Option<Vec<Point>> {
        let vertices: Vec<Vertex> = match *self {
            Self::Side(side) if left => side.iter().map(|v| v.mirrored(mirror)).collect(),
            Self::Side(side) => side.to_vec(),
            Self::Half(half) => {
                let inner = half.get(1..half.len().saturating_sub(1)).unwrap_or_default();
                half.iter().copied().chain(inner.iter().rev().map(|v| v.mirrored(mirror))).collect()
            }
        };
        let knots: Option<Vec<Knot>> = vertices.iter().map(|vertex| vertex.place(points)).collect();
        knots.map(|knots| smooth(&knots))
    }
}

#[derive(Clone, Copy)]
struct Knot {
    at: Point,
    corner: bool,
}

/// Steps from one knot to the next: with a dozen knots the chord is off the curve by less than a thousandth of its size.
const STEPS: u32 = 8;

/// A closed centripetal Catmull-Rom curve through the knots, which neither loops nor overshoots, with its corners kept.
fn smooth(knots: &[Knot]) -> Vec<Point> {
    let n = knots.len();
    let mut ring = Vec::with_capacity(n * STEPS as usize);
    for k in 0..n {
        let [before, from, to, after] = [n - 1, 0, 1, 2].map(|step| knots[(k + step) % n]);
        // Beyond a corner the curve goes on as if mirrored there, so it arrives straight.
        let before = if from.corner { from.at * 2.0 - to.at } else { before.at };
        let after = if to.corner { to.at * 2.0 - from.at } else { after.at };
        let piece = Piece::new([before, from.at, to.at, after]);
        ring.extend((0..STEPS).map(|step| piece.at(f64::from(step) / f64::from(STEPS))));
    }
    ring
}

/// The curve between the second and the third of four knots.
struct Piece {
    knots: [Point; 4],
    times: [f64; 4],
}

impl Piece {
    fn new(knots: [Point; 4]) -> Self {
        let mut times = [0.0; 4];
        for i in 1..4 {
            times[i] = times[i - 1] + (knots[i] - knots[i - 1]).length().sqrt().max(1e-9);
        }
        Self { knots, times }
    }

    /// The point at share `s` of the way, by Barry and Goldman's pyramid.
    fn at(&self, s: f64) -> Point {
        let Self { knots: [a, b, c, d], times: [t0, t1, t2, t3] } = *self;
        let t = t1 + s * (t2 - t1);
        let between = |p: Point, q: Point, from: f64, to: f64| p + (q - p) * ((t - from) / (to - from));
        let (ab, bc, cd) = (between(a, b, t0, t1), between(b, c, t1, t2), between(c, d, t2, t3));
        between(between(ab, bc, t0, t2), between(bc, cd, t1, t3), t1, t2)
    }
}

#[cfg(test)]
impl Vertex {
    pub(super) fn indices(&self) -> impl Iterator<Item = u16> + '_ {
        self.terms.iter().filter(|(weight, _)| *weight != 0).map(|&(_, i)| i)
    }

    pub(super) fn weight(&self) -> i32 {
        self.terms.iter().map(|(weight, _)| weight).sum()
    }
}

#[cfg(test)]
impl Outline {
    pub(super) fn vertices(&self) -> &'static [Vertex] {
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
        let place = |vertex: Vertex| vertex.place(&square()).unwrap().at;
        assert_eq!(place(on(1)), Point::new(10.0, 0.0));
        assert_eq!(place(mix(0, 2, 25)), Point::new(2.5, 2.5));
        assert_eq!(place(mix(0, 1, 50).moved(20, 0, 3)), Point::new(5.0, 2.0));
        assert!(on(4).place(&square()).is_none());
    }

    #[test]
    fn corners_alone_make_a_polygon_and_knots_alone_a_curve() {
        const CORNERS: Outline =
            Outline::Side(&[on(0).corner(), on(1).corner(), on(2).corner(), on(3).corner()]);
        const KNOTS: Outline = Outline::Side(&[on(0), on(1), on(2), on(3)]);
        let area = |outline: Outline| signed_area(&outline.ring(&square(), &|i| i, false).unwrap());
        assert!((area(CORNERS) - 100.0).abs() < 1e-9);
        assert!((120.0..160.0).contains(&area(KNOTS)), "{}", area(KNOTS));
    }

    #[test]
    fn a_half_is_completed_by_its_mirror() {
        let points = [(5.0, 0.0), (0.0, 5.0), (5.0, 10.0), (10.0, 5.0)].map(|(x, y)| Point::new(x, y));
        const HALF: Outline = Outline::Half(&[on(0).corner(), on(1).corner(), on(2).corner()]);
        let mirror = |i: u16| if i % 2 == 1 { 4 - i } else { i };
        let ring = HALF.ring(&points, &mirror, false).unwrap();
        assert!((signed_area(&ring).abs() - 50.0).abs() < 1e-9);
    }

    #[test]
    fn knots_in_one_place_are_still_numbers() {
        let points = [Point::new(3.0, 3.0); 4];
        const KNOTS: Outline = Outline::Side(&[on(0), on(1), on(2), on(3)]);
        assert!(KNOTS.ring(&points, &|i| i, false).unwrap().iter().all(|p| p.is_finite()));
    }
}
