//! Clipping to the crop box, so that neighbours that shared a border still share it.
//!
//! A polygon is cut by the four sides in turn. Where an edge crosses a side, the point is computed from the edge's ends
//! in one fixed order, so the two regions on its sides get the same point to the last bit; a general clipping library
//! snaps each polygon to a grid of its own and would tear them apart.

use std::cmp::Ordering;

use super::restore_curves::Curves;
use super::split_touching::untangle;
use crate::geometry::{CubicBezier, Point, Polygons, Rect, ring_contains, signed_area};

/// The parts of `polygons` inside `bounds`. What only touches a side is left out. A curve that leaves them stays as
/// points, for both neighbours alike.
#[must_use]
pub fn clip(polygons: &Polygons, bounds: &Rect) -> Polygons {
    let mut clipped = Polygons::default();
    let mut polygons = polygons.clone();
    let controls = polygons.curves.iter_mut().flat_map(|curve| &mut curve.controls);
    polygons.points.iter_mut().chain(controls).for_each(|p| *p = snapped(*p, bounds));
    let inside = |around: Rect| bounds.contains(&around);
    polygons.curves.retain(|curve| CubicBezier(curve.controls).is_within(bounds));
    if polygons.bounds().is_some_and(inside) {
        return polygons;
    }
    let curves = Curves::of(&polygons);
    for part in polygons.parts() {
        let Some(around) = Rect::around(part[0].iter().copied()) else { continue };
        if bounds.is_disjoint(&around) {
            continue;
        }
        if inside(around) {
            part.iter().for_each(|ring| curves.push(ring, &mut clipped));
        } else {
            clip_part(&part, bounds, (&curves, &mut clipped));
        }
    }
    clipped
}

/// So close to a side, in pixels, a point is meant to lie on it: a border on row 27 of a map that the photo is 13/3 times as
/// large as comes to 116.99999999999999, and a region below it would be answered for a hair without area.
const ON_SIDE: f64 = 1e-9;

/// The point itself, or on the side that it all but lies on. Neighbours share their points, so they still do.
fn snapped(p: Point, bounds: &Rect) -> Point {
    let near = |value: f64, sides: [f64; 2]| {
        sides.into_iter().find(|side| (value - side).abs() < ON_SIDE).unwrap_or(value)
    };
    Point::new(near(p.x, [bounds.x0, bounds.x1]), near(p.y, [bounds.y0, bounds.y1]))
}

/// One side of the box: what is kept lies where `sign * (x or y) > sign * limit`.
#[derive(Clone, Copy)]
struct Side {
    vertical: bool,
    limit: f64,
    sign: f64,
}

impl Side {
    /// Distance into the kept half plane.
    fn depth(&self, p: Point) -> f64 {
        (if self.vertical { p.x } else { p.y } - self.limit) * self.sign
    }

    /// The coordinate along the side.
    fn along(&self, p: Point) -> f64 {
        if self.vertical { p.y } else { p.x }
    }

    /// Where the edge between a and b crosses the side; the same point for b and a.
    fn crossing(&self, a: Point, b: Point) -> Point {
        let (a, b) = if (a.x, a.y) < (b.x, b.y) { (a, b) } else { (b, a) };
        let (da, db) = (self.depth(a), self.depth(b));
        let along = if da == 0.0 {
            self.along(a)
        } else if db == 0.0 {
            self.along(b)
        } else {
            self.along(a) + (self.along(b) - self.along(a)) * (da / (da - db))
        };
        if self.vertical { Point::new(self.limit, along) } else { Point::new(along, self.limit) }
    }
}

fn clip_part(part: &[&[Point]], bounds: &Rect, clipped: (&Curves<'_>, &mut Polygons)) {
    let sides = [
        Side { vertical: true, limit: bounds.x0, sign: 1.0 },
        Side { vertical: true, limit: bounds.x1, sign: -1.0 },
        Side { vertical: false, limit: bounds.y0, sign: 1.0 },
        Side { vertical: false, limit: bounds.y1, sign: -1.0 },
    ];
    let mut rings: Vec<Vec<Point>> = part.iter().map(|ring| ring.to_vec()).collect();
    for side in sides {
        if rings.iter().any(|ring| ring.iter().any(|&p| side.depth(p) <= 0.0)) {
            rings = cut(&rings, side);
        }
    }
    let mut rings = untangle(rings);
    rings.retain(|ring| ring.len() >= 3 && signed_area(ring) != 0.0);
    nest(&rings, clipped);
}

/// A stretch of ring inside the half plane, from where it enters to where it leaves.
struct Chain {
    points: Vec<Point>,
    entry: Place,
    exit: Place,
}

/// A place on the side: the coordinate along it and, for places at the same point, the slope of the edge into the half
/// plane. So a vertex that lies exactly on the side is told apart as if the side lay a hair further in.
#[derive(Clone, Copy)]
struct Place {
    along: f64,
    slope: f64,
}

impl Place {
    fn order(&self, other: &Self) -> Ordering {
        self.along.total_cmp(&other.along).then(self.slope.total_cmp(&other.slope))
    }
}

/// The rings inside one half plane: uncut rings, and chains joined along the side.
fn cut(rings: &[Vec<Point>], side: Side) -> Vec<Vec<Point>> {
    let (mut kept, mut chains) = (Vec::new(), Vec::new());
    for ring in rings {
        let outside = ring.iter().position(|&p| side.depth(p) <= 0.0);
        match outside {
            None => kept.push(ring.clone()),
            Some(start) => chains_of(ring, start, side, &mut chains),
        }
    }
    join(&chains, &mut kept);
    kept
}

fn chains_of(ring: &[Point], start: usize, side: Side, chains: &mut Vec<Chain>) {
    let count = ring.len();
    let place = |outer: Point, inner: Point| {
        let crossing = side.crossing(outer, inner);
        let slope = (side.along(inner) - side.along(outer)) / (side.depth(inner) - side.depth(outer));
        (crossing, Place { along: side.along(crossing), slope })
    };
    let mut open: Option<(Vec<Point>, Place)> = None;
    for i in 0..count {
        let (a, b) = (ring[(start + i) % count], ring[(start + i + 1) % count]);
        match (side.depth(a) > 0.0, side.depth(b) > 0.0) {
            (false, true) => {
                let (crossing, entry) = place(a, b);
                open = Some((vec![crossing, b], entry));
            }
            (true, true) => {
                if let Some((points, _)) = &mut open {
                    points.push(b);
                }
            }
            (true, false) => {
                if let Some((mut points, entry)) = open.take() {
                    let (crossing, exit) = place(b, a);
                    points.push(crossing);
                    chains.push(Chain { points, entry, exit });
                }
            }
            (false, false) => {}
        }
    }
}

/// Joins every chain's exit to the entry beside it on the side: sorted along the side, the places bound the stretches
/// that lie inside the polygon, two by two.
fn join(chains: &[Chain], kept: &mut Vec<Vec<Point>>) {
    let mut places: Vec<(Place, usize, bool)> = Vec::with_capacity(2 * chains.len());
    for (number, chain) in chains.iter().enumerate() {
        places.push((chain.entry, number, true));
        places.push((chain.exit, number, false));
    }
    places.sort_by(|a, b| a.0.order(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut following = vec![usize::MAX; chains.len()];
    let (mut entries, mut exits) = (Vec::new(), Vec::new());
    for (_, number, is_entry) in places {
        // Rounding may swap two places that are one point but for the last bit; pairing by kind is not thrown by that.
        if is_entry {
            entries.push(number)
        } else {
            exits.push(number)
        }
        if entries.len() == exits.len() {
            exits.drain(..).zip(entries.drain(..)).for_each(|(exit, entry)| following[exit] = entry);
        }
    }
    let mut used = vec![false; chains.len()];
    for start in 0..chains.len() {
        let (mut ring, mut number) = (Vec::new(), start);
        while number != usize::MAX && !used[number] {
            used[number] = true;
            for &p in &chains[number].points {
                if ring.last() != Some(&p) {
                    ring.push(p);
                }
            }
            number = following[number];
        }
        while ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        kept.push(ring);
    }
}

/// Sorts rings into parts: each hole behind the outer ring around it.
fn nest(rings: &[Vec<Point>], (curves, clipped): (&Curves<'_>, &mut Polygons)) {
    let (outers, holes): (Vec<_>, Vec<_>) = rings.iter().partition(|ring| signed_area(ring) > 0.0);
    let mut holes_of = vec![Vec::new(); outers.len()];
    // The box is asked first: a comb of many teeth with many holes would else be gone through tooth by tooth for each hole.
    let bounds: Vec<_> = outers.iter().map(|outer| Rect::around(outer.iter().copied())).collect();
    for hole in holes {
        // A hole may touch its outer ring in a vertex; the middle of an edge lies inside for certain.
        let inner = hole[0].midpoint(hole[1]);
        let point = Rect::new(inner.x, inner.y, inner.x, inner.y);
        let around = |(number, outer): (usize, &&Vec<Point>)| {
            outers.len() == 1
                || (bounds[number].is_some_and(|bounds| bounds.contains(&point))
                    && ring_contains(outer, inner))
        };
        if let Some(number) = outers.iter().enumerate().position(around) {
            holes_of[number].push(hole);
        }
    }
    for (outer, holes) in outers.into_iter().zip(holes_of) {
        curves.push(outer, clipped);
        holes.into_iter().for_each(|hole| curves.push(hole, clipped));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{CurveSpan, RingCounts};

    fn polygons(rings: &[&[(f64, f64)]]) -> Polygons {
        let mut polygons = Polygons::default();
        for ring in rings {
            polygons.push_ring(&ring.iter().map(|&(x, y)| Point::new(x, y)).collect::<Vec<_>>());
        }
        polygons
    }

    const BOX: Rect = Rect::new(0.0, 0.0, 10.0, 10.0);

    #[test]
    fn a_hole_cut_by_a_side_becomes_part_of_the_outline() {
        let ring = polygons(&[
            &[(-5.0, 2.0), (5.0, 2.0), (5.0, 8.0), (-5.0, 8.0)],
            &[(-2.0, 4.0), (-2.0, 6.0), (2.0, 6.0), (2.0, 4.0)],
        ]);
        let clipped = clip(&ring, &BOX);
        assert_eq!(clipped.count_rings(), RingCounts { outer: 1, holes: 0 });
        assert_eq!(clipped.area(), 30.0 - 4.0);
    }

    #[test]
    fn a_comb_falls_into_its_teeth() {
        let comb = polygons(&[&[
            (1.0, 12.0),
            (1.0, 5.0),
            (2.0, 5.0),
            (2.0, 11.0),
            (4.0, 11.0),
            (4.0, 5.0),
            (5.0, 5.0),
            (5.0, 12.0),
        ]]);
        let clipped = clip(&comb, &BOX);
        assert_eq!(clipped.count_rings(), RingCounts { outer: 2, holes: 0 });
        assert_eq!(clipped.area(), 10.0);
        assert!(clipped.points.iter().all(|p| p.y <= 10.0));
    }

    #[test]
    fn what_lies_along_a_side_outside_leaves_nothing_and_inside_loses_nothing() {
        let outside = polygons(&[&[(-2.0, 1.0), (0.0, 1.0), (0.0, 3.0), (0.0, 4.0), (-2.0, 4.0)]]);
        assert_eq!(clip(&outside, &BOX), Polygons::default());
        let inside = polygons(&[&[(0.0, 1.0), (2.0, 1.0), (2.0, 4.0), (0.0, 4.0)]]);
        assert_eq!(clip(&inside, &BOX), inside);
        let through =
            polygons(&[&[(-1.0, 0.0), (3.0, 0.0), (0.0, 3.0), (3.0, 6.0), (0.0, 8.0), (-1.0, 8.0)]]);
        let clipped = clip(&through, &BOX);
        // The vertex (0, 3) lies on the side: the two teeth touch it and stay two parts or one, the area tells.
        assert_eq!(clipped.area(), 4.5 + 7.5);
    }

    #[test]
    fn both_neighbours_get_the_same_crossing() {
        let (a, b) = (Point::new(-0.1, 0.3), Point::new(7.7, 3.1));
        let side = Side { vertical: true, limit: 1.3, sign: 1.0 };
        assert_eq!(side.crossing(a, b), side.crossing(b, a));
    }

    #[test]
    fn a_hair_inside_a_side_is_outside() {
        let below = polygons(&[&[
            (0.0, 9.999_999_999_999_998),
            (10.0, 9.999_999_999_999_998),
            (10.0, 20.0),
            (0.0, 20.0),
        ]]);
        assert_eq!(clip(&below, &BOX), Polygons::default());
        let inside = polygons(&[&[(0.0, 1.0), (3.0, 1.0), (3.0, 9.999_999_999_999_998)]]);
        assert_eq!(clip(&inside, &BOX).points[2], Point::new(3.0, 10.0));
    }

    #[test]
    fn a_curve_that_leaves_the_box_between_its_points_stays_as_points() {
        let ring =
            [(2.0, 9.0), (2.0, 0.5), (5.0, 0.1), (8.0, 0.5), (8.0, 9.0)].map(|(x, y)| Point::new(x, y));
        for (handle, stays) in [(-0.1, 1), (-0.2, 0)] {
            let controls = [ring[1], Point::new(4.0, handle), Point::new(6.0, handle), ring[3]];
            let mut curved = Polygons::default();
            curved.push_curved_ring(&ring, &[CurveSpan { first: 1, steps: 2, controls }]);
            let clipped = clip(&curved, &BOX);
            assert_eq!((clipped.points.as_slice(), clipped.curves.len()), (ring.as_slice(), stays));
        }
    }

    #[test]
    fn the_whole_box_inside_a_region_is_the_box() {
        let all = polygons(&[&[(-5.0, -5.0), (50.0, -5.0), (50.0, 50.0), (-5.0, 50.0)]]);
        assert_eq!(clip(&all, &BOX).area(), 100.0);
    }
}
