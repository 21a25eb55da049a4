//! The point furthest inside a polygon, where a label fits best.
//!
//! The search is that of Mapbox's polylabel: squares that cover the polygon go into a heap by how far inside their best
//! point could be, and the most promising one is quartered until none can beat the best centre by the precision asked
//! for. It is written here because it looks at every side for every square, which by the crate `polylabel` was a third of
//! the time of a whole trace: here a side needs neither root nor division, and a square that a near side has ruled out is
//! not held against the others.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::f64::consts::SQRT_2;

use crate::geometry::{Point, Rect, edges};

/// A point of the polygon (outer ring first, then its holes) that is less than `precision` less far inside than the best;
/// `None` for a polygon without an inside.
///
/// The squares at first are as large as the short side of the polygon: the caller sees to it that this goes into the long
/// one a bearable number of times.
pub(crate) fn pole<'a>(rings: impl Iterator<Item = &'a [Point]>, precision: f64) -> Option<Point> {
    let sides: Vec<Side> = rings.flat_map(edges).map(|(a, b)| Side::new(a, b)).collect();
    let bounds = Rect::around(sides.iter().map(|side| side.from))?;
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
            if is_clear(&sides, centre, needed) {
                heap.push(Square::new(&sides, centre, half));
            }
        }
    }
    (best.depth > 0.0).then_some(best.centre)
}

/// Squares as large as the short side, from corner to corner of the bounds.
fn squares(sides: &[Side], bounds: Rect) -> BinaryHeap<Square> {
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

/// One side of the polygon with what each distance to it needs.
struct Side {
    from: Point,
    step: Point,
    /// One over the square of its length; 0 for a side without length.
    per_square: f64,
    /// How far x goes for each y; unused where the side is level.
    slope: f64,
}

impl Side {
    fn new(from: Point, to: Point) -> Self {
        let step = to - from;
        let square = step.x * step.x + step.y * step.y;
        Self { from, step, per_square: if square > 0.0 { 1.0 / square } else { 0.0 }, slope: step.x / step.y }
    }

    fn distance_squared(&self, to: Point) -> f64 {
        let (x, y) = (to.x - self.from.x, to.y - self.from.y);
        let along = ((x * self.step.x + y * self.step.y) * self.per_square).clamp(0.0, 1.0);
        let (x, y) = (x - along * self.step.x, y - along * self.step.y);
        x * x + y * y
    }

    /// Whether the side crosses the ray from the point to the right.
    fn is_crossed(&self, p: Point) -> bool {
        let (above, below) = (self.from.y > p.y, self.from.y + self.step.y > p.y);
        above != below && p.x < self.from.x + (p.y - self.from.y) * self.slope
    }
}

/// Whether no side is within `distance` of a point.
fn is_clear(sides: &[Side], p: Point, distance: f64) -> bool {
    distance <= 0.0 || sides.iter().all(|side| side.distance_squared(p) > distance * distance)
}

/// How far inside the polygon a point is; negative outside.
fn depth(sides: &[Side], p: Point) -> f64 {
    let nearest = sides.iter().fold(f64::INFINITY, |least, side| least.min(side.distance_squared(p)));
    let crossings = sides.iter().fold(0_usize, |count, side| count + usize::from(side.is_crossed(p)));
    if crossings % 2 == 1 { nearest.sqrt() } else { -nearest.sqrt() }
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
    fn new(sides: &[Side], centre: Point, half: f64) -> Self {
        let depth = depth(sides, centre);
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
            let sides: Vec<Side> = edges(&ring).map(|(a, b)| Side::new(a, b)).collect();
            let best = (0..1600).map(|i| depth(&sides, Point::new(f64::from(i % 40), f64::from(i / 40))));
            let best = best.fold(0.0, f64::max);
            let ours = found(&[ring], 0.5).map_or(0.0, |p| depth(&sides, p));
            prop_assert!(ours >= best - 0.5, "{ours} {best}");
        }
    }
}
