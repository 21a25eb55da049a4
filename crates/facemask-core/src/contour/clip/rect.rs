//! Clipping to a rectangle, so that neighbors with a shared border still share it.
//!
//! A polygon is clipped to the four half planes of the rectangle's sides in turn, as by Sutherland & Hodgman,
//! "Reentrant polygon clipping" (1974). The chains of points inside a half plane are joined along its side by their
//! order there, so that holes and separate parts come out right. A crossing of an edge and a side is computed from the
//! ends of the edge in one fixed order: both neighbors get the same point, to the last bit. General clipping libraries
//! snap each polygon to a grid of its own, which would tear neighbors apart.

use std::cmp::Ordering;

use super::restore_curves::CurveIndex;
use super::split_touching::split_at_touching_points;
use crate::geometry::{CubicBezier, Point, Polygons, Rect, ring_contains, signed_area};

/// The parts of `polygons` inside `bounds`. A part that only touches a side is left out. A curve that leaves the
/// rectangle is replaced by its points, for both neighbors alike.
#[must_use]
pub fn clip(polygons: &Polygons, bounds: &Rect) -> Polygons {
    let is_clear = |around: Rect| inner(bounds).contains(&around);
    if polygons.curves.is_empty() && polygons.bounds().is_some_and(is_clear) {
        return polygons.clone();
    }
    let mut clipped = Polygons::default();
    let mut polygons = polygons.clone();
    let controls = polygons.curves.iter_mut().flat_map(|curve| &mut curve.controls);
    polygons.points.iter_mut().chain(controls).for_each(|p| *p = snap(*p, bounds));
    let is_inside = |around: Rect| bounds.contains(&around);
    polygons.curves.retain(|curve| CubicBezier(curve.controls).is_within(bounds));
    if polygons.bounds().is_some_and(is_inside) {
        return polygons;
    }
    let curves = CurveIndex::new(&polygons);
    for part in polygons.parts() {
        let Some(around) = Rect::around(part[0].iter().copied()) else { continue };
        if bounds.is_disjoint(&around) {
            continue;
        }
        if is_inside(around) {
            part.iter().for_each(|ring| curves.push_ring(ring, &mut clipped));
        } else {
            clip_part(&part, bounds, &curves, &mut clipped);
        }
    }
    clipped
}

/// The distance from a side, in px, at which a point counts as on it.
///
/// A border on row 27 of a map that the photo is 13/3 times as large as has y = 116.99999999999999. A region below it
/// would otherwise keep a sliver without area.
const SNAP_DISTANCE: f64 = 1e-9;

/// The rectangle whose points are all further than [`SNAP_DISTANCE`] from a side.
const fn inner(bounds: &Rect) -> Rect {
    let distance = 2.0 * SNAP_DISTANCE;
    Rect::new(bounds.x0 + distance, bounds.y0 + distance, bounds.x1 - distance, bounds.y1 - distance)
}

/// The point itself, or the nearest on a side that it almost touches. Neighbors share their points, so both move alike.
pub(super) fn snap(p: Point, bounds: &Rect) -> Point {
    let snap_to = |value: f64, sides: [f64; 2]| {
        sides.into_iter().find(|side| (value - side).abs() < SNAP_DISTANCE).unwrap_or(value)
    };
    Point::new(snap_to(p.x, [bounds.x0, bounds.x1]), snap_to(p.y, [bounds.y0, bounds.y1]))
}

/// A side of the rectangle, with the half plane `sign * (x or y) > sign * limit` inside.
#[derive(Clone, Copy)]
struct RectSide {
    is_vertical: bool,
    limit: f64,
    sign: f64,
}

impl RectSide {
    /// The distance from the side, positive inside.
    fn signed_distance(&self, p: Point) -> f64 {
        (if self.is_vertical { p.x } else { p.y } - self.limit) * self.sign
    }

    fn is_inside(&self, p: Point) -> bool {
        self.signed_distance(p) > 0.0
    }

    /// The coordinate along the side.
    fn along(&self, p: Point) -> f64 {
        if self.is_vertical { p.y } else { p.x }
    }

    /// Where the edge between a and b crosses the side: bit for bit the same as for b and a.
    fn crossing_point(&self, a: Point, b: Point) -> Point {
        let (a, b) = if (a.x, a.y) < (b.x, b.y) { (a, b) } else { (b, a) };
        let (da, db) = (self.signed_distance(a), self.signed_distance(b));
        let along = if da == 0.0 {
            self.along(a)
        } else if db == 0.0 {
            self.along(b)
        } else {
            self.along(a) + (self.along(b) - self.along(a)) * (da / (da - db))
        };
        if self.is_vertical { Point::new(self.limit, along) } else { Point::new(along, self.limit) }
    }

    /// The crossing of an edge from a point outside to one inside.
    fn crossing(&self, outer: Point, inner: Point) -> SideCrossing {
        let point = self.crossing_point(outer, inner);
        let slope = (self.along(inner) - self.along(outer))
            / (self.signed_distance(inner) - self.signed_distance(outer));
        SideCrossing { point, along: self.along(point), slope }
    }
}

/// A crossing of an edge and a side: its coordinate along the side and, for the order of crossings in one point, the
/// slope of the edge into the half plane. So a vertex exactly on the side counts as if the side lay a little further
/// in.
#[derive(Clone, Copy)]
struct SideCrossing {
    point: Point,
    along: f64,
    slope: f64,
}

impl SideCrossing {
    fn order(&self, other: &Self) -> Ordering {
        self.along.total_cmp(&other.along).then(self.slope.total_cmp(&other.slope))
    }
}

/// A chain of points of a ring inside the half plane, from where it enters to where it leaves.
struct ClipChain {
    points: Vec<Point>,
    entry: SideCrossing,
    exit: SideCrossing,
}

/// Clips an outer ring with its holes.
fn clip_part(part: &[&[Point]], bounds: &Rect, curves: &CurveIndex<'_>, clipped: &mut Polygons) {
    let sides = [
        RectSide { is_vertical: true, limit: bounds.x0, sign: 1.0 },
        RectSide { is_vertical: true, limit: bounds.x1, sign: -1.0 },
        RectSide { is_vertical: false, limit: bounds.y0, sign: 1.0 },
        RectSide { is_vertical: false, limit: bounds.y1, sign: -1.0 },
    ];
    let mut rings: Vec<Vec<Point>> = part.iter().map(|ring| ring.to_vec()).collect();
    for side in sides {
        if rings.iter().any(|ring| ring.iter().any(|&p| !side.is_inside(p))) {
            rings = clip_to_side(&rings, side);
        }
    }
    let mut rings = split_at_touching_points(rings);
    rings.retain(|ring| ring.len() >= 3 && signed_area(ring) != 0.0);
    push_parts(&rings, curves, clipped);
}

/// The rings inside a half plane: those that do not leave it, and the chains of the others, joined along the side.
fn clip_to_side(rings: &[Vec<Point>], side: RectSide) -> Vec<Vec<Point>> {
    let (mut kept, mut chains) = (Vec::new(), Vec::new());
    for ring in rings {
        match ring.iter().position(|&p| !side.is_inside(p)) {
            None => kept.push(ring.clone()),
            Some(outside) => push_chains(ring, outside, side, &mut chains),
        }
    }
    join_chains(&chains, &mut kept);
    kept
}

/// Appends the chains of a ring inside a half plane. `start` is the index of a point outside.
fn push_chains(ring: &[Point], start: usize, side: RectSide, chains: &mut Vec<ClipChain>) {
    let count = ring.len();
    let mut open: Option<(Vec<Point>, SideCrossing)> = None;
    for i in 0..count {
        let (a, b) = (ring[(start + i) % count], ring[(start + i + 1) % count]);
        match (side.is_inside(a), side.is_inside(b)) {
            (false, true) => {
                let entry = side.crossing(a, b);
                open = Some((vec![entry.point, b], entry));
            }
            (true, true) => {
                if let Some((points, _)) = &mut open {
                    points.push(b);
                }
            }
            (true, false) => {
                if let Some((mut points, entry)) = open.take() {
                    let exit = side.crossing(b, a);
                    points.push(exit.point);
                    chains.push(ClipChain { points, entry, exit });
                }
            }
            (false, false) => {}
        }
    }
}

/// Joins the exit of every chain to the entry beside it: by their order along the side, crossings bound the intervals
/// inside the polygon two by two.
fn join_chains(chains: &[ClipChain], kept: &mut Vec<Vec<Point>>) {
    let mut crossings: Vec<(SideCrossing, usize, bool)> = Vec::with_capacity(2 * chains.len());
    for (number, chain) in chains.iter().enumerate() {
        crossings.push((chain.entry, number, true));
        crossings.push((chain.exit, number, false));
    }
    crossings.sort_by(|a, b| a.0.order(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut next_chain = vec![usize::MAX; chains.len()];
    let (mut entries, mut exits) = (Vec::new(), Vec::new());
    for (_, number, is_entry) in crossings {
        // Rounding may exchange two crossings that differ in the last bit. To pair entries with exits is robust to
        // that.
        if is_entry {
            entries.push(number)
        } else {
            exits.push(number)
        }
        if entries.len() == exits.len() {
            exits.drain(..).zip(entries.drain(..)).for_each(|(exit, entry)| next_chain[exit] = entry);
        }
    }
    let mut is_used = vec![false; chains.len()];
    for start in 0..chains.len() {
        let (mut ring, mut number) = (Vec::new(), start);
        while number != usize::MAX && !is_used[number] {
            is_used[number] = true;
            for &p in &chains[number].points {
                if ring.last() != Some(&p) {
                    ring.push(p);
                }
            }
            number = next_chain[number];
        }
        while ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        kept.push(ring);
    }
}

/// Appends rings by part: each outer ring, and behind it its holes.
fn push_parts(rings: &[Vec<Point>], curves: &CurveIndex<'_>, clipped: &mut Polygons) {
    let (outers, holes): (Vec<_>, Vec<_>) = rings.iter().partition(|ring| signed_area(ring) > 0.0);
    let mut holes_of = vec![Vec::new(); outers.len()];
    // The bounding box decides first: a comb of many teeth with many holes would else be searched tooth by tooth for
    // each.
    let bounds: Vec<_> = outers.iter().map(|outer| Rect::around(outer.iter().copied())).collect();
    for hole in holes {
        // A hole may touch its outer ring in a vertex. The middle of an edge lies inside for certain.
        let inner = hole[0].midpoint(hole[1]);
        let point = Rect::new(inner.x, inner.y, inner.x, inner.y);
        let is_around = |(number, outer): (usize, &&Vec<Point>)| {
            outers.len() == 1
                || (bounds[number].is_some_and(|bounds| bounds.contains(&point))
                    && ring_contains(outer, inner))
        };
        if let Some(number) = outers.iter().enumerate().position(is_around) {
            holes_of[number].push(hole);
        }
    }
    for (outer, holes) in outers.into_iter().zip(holes_of) {
        curves.push_ring(outer, clipped);
        holes.into_iter().for_each(|hole| curves.push_ring(hole, clipped));
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
        // The vertex (0, 3) lies on the side: the two teeth touch it and stay two parts or one. The area is the same.
        assert_eq!(clipped.area(), 4.5 + 7.5);
    }

    #[test]
    fn both_neighbours_get_the_same_crossing() {
        let (a, b) = (Point::new(-0.1, 0.3), Point::new(7.7, 3.1));
        let side = RectSide { is_vertical: true, limit: 1.3, sign: 1.0 };
        assert_eq!(side.crossing_point(a, b), side.crossing_point(b, a));
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
