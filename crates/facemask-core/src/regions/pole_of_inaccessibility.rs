//! The point furthest inside a polygon, where a label fits best.
//!
//! The search is that of Mapbox's polylabel: squares that cover the polygon go into a heap by how far inside their best
//! point could be, and the most promising one is quartered until none can beat the best centre by the precision asked
//! for. It is written here because it looks at every side for every square, which by the crate `polylabel` was a third of
//! the time of a whole trace: here a side needs neither root nor division, four sides are looked at together, and a square
//! that a near side has ruled out is not held against the others.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::f64::consts::SQRT_2;

use wide::{CmpGt, CmpLe, CmpLt, f32x4};

use crate::geometry::{Point, Rect, edges};

/// A point of the polygon (outer ring first, then its holes) that is less than `precision` less far inside than the best;
/// `None` for a polygon without an inside.
///
/// The squares at first are as large as the short side of the polygon: the caller sees to it that this goes into the long
/// one a bearable number of times.
pub(crate) fn pole<'a>(rings: impl Iterator<Item = &'a [Point]>, precision: f64) -> Option<Point> {
    let sides: Vec<(Point, Point)> = rings.flat_map(edges).collect();
    let bounds = Rect::around(sides.iter().map(|side| side.0))?;
    let sides = Sides::new(&sides, Point::new(bounds.x0, bounds.y0));
    let mut heap = squares(&sides, bounds);
    let middle = Point::new((bounds.x0 + bounds.x1) / 2.0, (bounds.y0 + bounds.y1) / 2.0);
    let mut best = Square::new(&sides, middle, 0.0);
    while let Some(square) = heap.pop() {
        if square.depth > best.depth {
            best = square;
        }
        // The heap's first is the most promising: no other can do better either.
        if square.promise - best.depth <= precision {
            break;
        }
        let half = square.half / 2.0;
        for (x, y) in [(-half, -half), (half, -half), (-half, half), (half, half)] {
            let centre = square.centre + Point::new(x, y);
            // What a part must reach to be looked at; where a side is nearer than that, it cannot.
            let needed = best.depth + precision - half * SQRT_2;
            if sides.are_clear(centre, needed) {
                heap.push(Square::new(&sides, centre, half));
            }
        }
    }
    (best.depth > 0.0).then_some(best.centre)
}

/// Squares as large as the short side, from corner to corner of the bounds.
fn squares(sides: &Sides, bounds: Rect) -> BinaryHeap<Square> {
    let size = bounds.width().min(bounds.height());
    if size <= 0.0 {
        return BinaryHeap::new();
    }
    let count = |length: f64| (length / size).ceil() as usize;
    let (columns, rows) = (count(bounds.width()), count(bounds.height()));
    let centre = |i: usize| (i as f64 + 0.5) * size;
    (0..columns * rows)
        .map(|i| Point::new(bounds.x0 + centre(i % columns), bounds.y0 + centre(i / columns)))
        .map(|centre| Square::new(sides, centre, size / 2.0))
        .collect()
}

const LANES: usize = 4;
/// Where a side lies that is none: nearest to no point.
const FAR: f32 = 1e18;

/// The sides of the polygon, four at a time, with what each distance to them needs. Short numbers, counted from a corner of
/// the polygon, are more exact than the precision that anybody asks for.
struct Sides {
    origin: Point,
    fours: Vec<Four>,
}

struct Four {
    from: (f32x4, f32x4),
    step: (f32x4, f32x4),
    /// One over the square of its length; 0 for a side without length.
    per_square: f32x4,
    /// Where it ends, to the last bit as the next begins.
    to_y: f32x4,
    /// How far x goes for each y; of no use where the side is level.
    slope: f32x4,
}

impl Four {
    fn new(sides: &[(Point, Point)], origin: Point) -> Self {
        let short = |p: Point| ((p.x - origin.x) as f32, (p.y - origin.y) as f32);
        let lanes = |value: &dyn Fn((f32, f32), (f32, f32)) -> f32, none: f32| {
            let mut lanes = [none; LANES];
            lanes.iter_mut().zip(sides).for_each(|(lane, &(a, b))| *lane = value(short(a), short(b)));
            f32x4::new(lanes)
        };
        let per_square = |a: (f32, f32), b: (f32, f32)| {
            let square = (b.0 - a.0).powi(2) + (b.1 - a.1).powi(2);
            if square > 0.0 { 1.0 / square } else { 0.0 }
        };
        Self {
            from: (lanes(&|a, _| a.0, FAR), lanes(&|a, _| a.1, FAR)),
            step: (lanes(&|a, b| b.0 - a.0, 0.0), lanes(&|a, b| b.1 - a.1, 0.0)),
            per_square: lanes(&per_square, 0.0),
            to_y: lanes(&|_, b| b.1, FAR),
            slope: lanes(&|a, b| (b.0 - a.0) / (b.1 - a.1), 0.0),
        }
    }

    fn distances_squared(&self, to: (f32x4, f32x4)) -> f32x4 {
        let (x, y) = (to.0 - self.from.0, to.1 - self.from.1);
        let along = (x * self.step.0 + y * self.step.1) * self.per_square;
        let along = along.fast_max(f32x4::ZERO).fast_min(f32x4::ONE);
        let (x, y) = (x - along * self.step.0, y - along * self.step.1);
        x * x + y * y
    }

    /// Which sides cross the ray from the point to the right.
    fn are_crossed(&self, (x, y): (f32x4, f32x4)) -> f32x4 {
        let goes_through = self.from.1.cmp_gt(y) ^ self.to_y.cmp_gt(y);
        goes_through & x.cmp_lt(self.from.0 + (y - self.from.1) * self.slope)
    }
}

impl Sides {
    fn new(sides: &[(Point, Point)], origin: Point) -> Self {
        Self { origin, fours: sides.chunks(LANES).map(|four| Four::new(four, origin)).collect() }
    }

    fn seen(&self, p: Point) -> (f32x4, f32x4) {
        (f32x4::splat((p.x - self.origin.x) as f32), f32x4::splat((p.y - self.origin.y) as f32))
    }

    /// Whether none is within `distance` of a point.
    fn are_clear(&self, p: Point, distance: f64) -> bool {
        let (p, square) = (self.seen(p), f32x4::splat((distance * distance) as f32));
        distance <= 0.0 || !self.fours.iter().any(|four| four.distances_squared(p).cmp_le(square).any())
    }

    /// How far inside the polygon a point is; negative outside.
    fn depth(&self, p: Point) -> f64 {
        let p = self.seen(p);
        let (mut nearest, mut crossed) = (f32x4::splat(FAR * FAR), f32x4::ZERO);
        for four in &self.fours {
            nearest = nearest.fast_min(four.distances_squared(p));
            crossed ^= four.are_crossed(p);
        }
        let nearest = f64::from(nearest.to_array().into_iter().fold(f32::INFINITY, f32::min)).sqrt();
        if crossed.move_mask().count_ones() % 2 == 1 { nearest } else { -nearest }
    }
}

/// A square of the search, ordered by its promise.
#[derive(Clone, Copy)]
struct Square {
    centre: Point,
    half: f64,
    /// How far inside the centre is.
    depth: f64,
    /// How far inside a point of the square can be at most.
    promise: f64,
}

impl Square {
    fn new(sides: &Sides, centre: Point, half: f64) -> Self {
        let depth = sides.depth(centre);
        Self { centre, half, depth, promise: depth + half * SQRT_2 }
    }
}

impl PartialEq for Square {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Square {}

impl PartialOrd for Square {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Square {
    fn cmp(&self, other: &Self) -> Ordering {
        self.promise.total_cmp(&other.promise)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How far inside the polygon a point is, the plain way.
    fn depth(sides: &[(Point, Point)], p: Point) -> f64 {
        let nearest = sides.iter().map(|&(a, b)| p.distance_to_segment(a, b)).fold(f64::INFINITY, f64::min);
        let is_crossed = |&&(a, b): &&(Point, Point)| {
            (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) * (b.x - a.x) / (b.y - a.y)
        };
        if sides.iter().filter(is_crossed).count() % 2 == 1 { nearest } else { -nearest }
    }

    fn found(rings: &[Vec<Point>], precision: f64) -> Option<Point> {
        pole(rings.iter().map(Vec::as_slice), precision)
    }

    #[test]
    fn the_middle_of_a_square_and_the_thick_end_of_a_wedge() {
        let square = Rect::new(2.0, 4.0, 12.0, 14.0).corners().to_vec();
        assert_eq!(found(&[square], 0.01), Some(Point::new(7.0, 9.0)));
        // The circle that fits into this triangle has its centre at (a b / (a + b + c)) from the right angle.
        let wedge = vec![Point::new(0.0, 0.0), Point::new(40.0, 0.0), Point::new(0.0, 30.0)];
        let p = found(&[wedge], 0.01).unwrap();
        assert!((p - Point::new(10.0, 10.0)).length() < 0.1, "{p:?}");
    }

    #[test]
    fn a_hole_is_kept_away_from() {
        let outer = Rect::new(0.0, 0.0, 100.0, 100.0).corners().to_vec();
        let hole = Rect::new(10.0, 10.0, 70.0, 90.0).corners().to_vec();
        let p = found(&[outer, hole], 0.1).unwrap();
        assert!((84.0..86.0).contains(&p.x), "{p:?}");
    }

    #[test]
    fn nothing_has_no_pole() {
        assert_eq!(found(&[], 1.0), None);
        assert_eq!(found(&[vec![Point::new(1.0, 1.0); 3]], 1.0), None);
        assert_eq!(found(&[vec![Point::new(0.0, 0.0), Point::new(9.0, 0.0)]], 1.0), None);
    }

    proptest! {
        /// Against every point of a fine grid.
        #[test]
        fn no_grid_point_is_much_better(corners in prop::collection::vec((0.0..40.0_f64, 0.0..40.0_f64), 3..9)) {
            let ring: Vec<Point> = corners.iter().map(|&(x, y)| Point::new(x, y)).collect();
            let bounds = Rect::around(ring.iter().copied()).unwrap();
            prop_assume!(bounds.width() > 5.0 && bounds.height() > 5.0);
            let sides: Vec<_> = edges(&ring).collect();
            let best = (0..1600).map(|i| depth(&sides, Point::new(f64::from(i % 40), f64::from(i / 40))));
            let best = best.fold(0.0, f64::max);
            let ours = found(&[ring], 0.5).map_or(0.0, |p| depth(&sides, p));
            prop_assert!(ours >= best - 0.5, "{ours} {best}");
        }
    }
}
