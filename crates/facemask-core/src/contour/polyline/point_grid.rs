//! A set of points on a grid, for queries whether one lies in a triangle.
//!
//! A pyramid of counts over squares of doubling width, as a full quadtree, lets a query skip empty squares at once. Its
//! cost grows neither with the tolerance nor with the size of the triangle where few points are left.

use std::collections::HashMap;

use crate::geometry::{Point, Rect};

/// The side of the smallest squares, in pixels of the map. Such a square of noise holds about fifty vertices.
const CELL_SIDE: f64 = 4.0;

/// The squares of one size, each twice as wide as those of the level below, and the number of points in each.
struct GridLevel {
    columns: usize,
    counts: Vec<u32>,
}

impl GridLevel {
    /// The index of a square in `counts`.
    fn index(&self, (x, y): Square) -> usize {
        y * self.columns + x
    }
}

/// The column and the row of a square.
type Square = (usize, usize);

/// A set of points with nonnegative coordinates.
pub(crate) struct PointGrid {
    /// By the index of the smallest square, in rows: one integer costs half the hashing of a pair.
    points: HashMap<usize, Vec<Point>>,
    /// From the smallest squares to a single one.
    levels: Vec<GridLevel>,
}

impl PointGrid {
    /// An empty grid, for points up to `max`.
    pub(crate) fn new(max: Point) -> Self {
        let (mut columns, mut rows) = cell_of(max);
        (columns, rows) = (columns + 1, rows + 1);
        let mut levels = vec![GridLevel { columns, counts: vec![0; columns * rows] }];
        while columns * rows > 1 {
            (columns, rows) = (columns.div_ceil(2), rows.div_ceil(2));
            levels.push(GridLevel { columns, counts: vec![0; columns * rows] });
        }
        Self { points: HashMap::new(), levels }
    }

    /// Adds a point, unless the set contains it.
    pub(crate) fn add(&mut self, p: Point) {
        let index = self.levels[0].index(cell_of(p));
        let points = self.points.entry(index).or_default();
        if !points.contains(&p) {
            points.push(p);
            self.update_counts(p, |count| *count += 1);
        }
    }

    /// Removes a point, if the set contains it.
    pub(crate) fn remove(&mut self, p: Point) {
        let index = self.levels[0].index(cell_of(p));
        let Some(points) = self.points.get_mut(&index) else { return };
        if let Some(i) = points.iter().position(|&other| other == p) {
            points.swap_remove(i);
            self.update_counts(p, |count| *count -= 1);
        }
    }

    fn update_counts(&mut self, p: Point, update: impl Fn(&mut u32)) {
        let (x, y) = cell_of(p);
        for (i, level) in self.levels.iter_mut().enumerate() {
            let index = level.index((x >> i, y >> i));
            update(&mut level.counts[index]);
        }
    }

    /// Whether a point other than a, b and c lies in the closed triangle.
    pub(crate) fn has_point_in_triangle(&self, a: Point, b: Point, c: Point) -> bool {
        let Some(bounds) = Rect::around([a, b, c]) else { return false };
        let (x0, y0) = cell_of(Point::new(bounds.x0, bounds.y0));
        let (x1, y1) = cell_of(Point::new(bounds.x1, bounds.y1));
        // On this level the triangle covers four squares at most.
        let spread = (x1 - x0).max(y1 - y0);
        let top = (usize::BITS - spread.leading_zeros()) as usize;
        let top = top.min(self.levels.len() - 1);
        let query = TriangleQuery { triangle: [a, b, c], bounds };
        (y0 >> top..=y1 >> top)
            .any(|y| (x0 >> top..=x1 >> top).any(|x| self.has_point_in_square(&query, top, (x, y))))
    }

    /// Whether a point of the query lies in a square of a level.
    fn has_point_in_square(&self, query: &TriangleQuery, i: usize, square: Square) -> bool {
        let (level, (x, y)) = (&self.levels[i], square);
        let index = level.index(square);
        let count = (x < level.columns).then(|| level.counts.get(index)).flatten();
        if count.is_none_or(|&count| count == 0) || query.is_disjoint(i, square) {
            return false;
        }
        if i == 0 {
            return self.points.get(&index).is_some_and(|points| points.iter().any(|&p| query.contains(p)));
        }
        let children = [(2 * x, 2 * y), (2 * x + 1, 2 * y), (2 * x, 2 * y + 1), (2 * x + 1, 2 * y + 1)];
        children.into_iter().any(|child| self.has_point_in_square(query, i - 1, child))
    }
}

/// Whether a closed triangle, which may be degenerate, contains a point.
pub(super) fn triangle_contains([a, b, c]: [Point; 3], p: Point) -> bool {
    let sides = [(b - a).cross(p - a), (c - b).cross(p - b), (a - c).cross(p - c)];
    let is_around = sides.iter().all(|&side| side >= 0.0) || sides.iter().all(|&side| side <= 0.0);
    // In a degenerate triangle all points of its line pass the test above.
    is_around
        && Rect::around([a, b, c]).is_some_and(|bounds| {
            bounds.x0 <= p.x && p.x <= bounds.x1 && bounds.y0 <= p.y && p.y <= bounds.y1
        })
}

/// The smallest square that contains a point.
fn cell_of(p: Point) -> Square {
    ((p.x / CELL_SIDE) as usize, (p.y / CELL_SIDE) as usize)
}

/// A triangle, which may be degenerate, and its bounding box.
struct TriangleQuery {
    triangle: [Point; 3],
    bounds: Rect,
}

impl TriangleQuery {
    /// Whether p lies in the closed triangle and is none of its corners.
    fn contains(&self, p: Point) -> bool {
        !self.triangle.contains(&p) && triangle_contains(self.triangle, p)
    }

    /// Whether a square lies beyond one side of the triangle or of its bounding box (separating axes).
    fn is_disjoint(&self, level: usize, (x, y): Square) -> bool {
        let side = CELL_SIDE * (1_u64 << level) as f64;
        let square =
            Rect::new(x as f64 * side, y as f64 * side, (x + 1) as f64 * side, (y + 1) as f64 * side);
        let r = &self.bounds;
        if square.x1 < r.x0 || r.x1 < square.x0 || square.y1 < r.y0 || r.y1 < square.y0 {
            return true;
        }
        let [a, b, c] = self.triangle;
        let turn = (b - a).cross(c - a);
        [(a, b), (b, c), (c, a)].into_iter().any(|(from, to)| {
            let mut sides = square.corners().map(|corner| (to - from).cross(corner - from)).into_iter();
            if turn == 0.0 {
                let first = sides.next().map_or(0.0, f64::signum);
                sides.all(|side| side * first > 0.0)
            } else {
                sides.all(|side| side * turn < 0.0)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_looking_at_every_point_finds() {
        // A small generator: the same points on every machine.
        let mut state = 7_u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % below) as f64 / 2.0
        };
        for side in [3, 20, 90, 300] {
            let points: Vec<Point> = (0..60).map(|_| Point::new(random(side), random(side))).collect();
            let mut grid = PointGrid::new(Point::new(side as f64, side as f64));
            points.iter().for_each(|&p| grid.add(p));
            points[..20].iter().for_each(|&p| grid.remove(p));
            let left: Vec<Point> = points.iter().copied().filter(|p| !points[..20].contains(p)).collect();
            for _ in 0..500 {
                let mut corner = || Point::new(random(side), random(side));
                let [a, b, c] = [corner(), corner(), corner()];
                let bounds = Rect::around([a, b, c]).unwrap();
                let query = TriangleQuery { triangle: [a, b, c], bounds };
                let expected = left.iter().any(|&p| query.contains(p));
                assert_eq!(grid.has_point_in_triangle(a, b, c), expected, "{a:?} {b:?} {c:?}");
            }
        }
    }
}
