//! Kept vertices by place, to ask whether one lies in a triangle.
//!
//! Counts over ever larger squares let a question pass over empty ground at once. So its cost grows neither with the
//! tolerance nor with how far a triangle reaches over places where nothing is left.

use std::collections::HashMap;

use crate::geometry::{Point, Rect};

/// The side of the smallest squares, in pixels of the map: a square of noise then holds some fifty vertices.
const SIDE: f64 = 4.0;

/// Squares of one size, each twice as wide as those of the level below, and how many vertices each holds.
struct Level {
    across: usize,
    counts: Vec<u32>,
}

/// A set of points with coordinates that are not negative.
pub(crate) struct Grid {
    points: HashMap<(usize, usize), Vec<Point>>,
    /// From the smallest squares to a single one.
    levels: Vec<Level>,
}

impl Grid {
    /// A grid without points, for points up to `far`.
    pub(crate) fn new(far: Point) -> Self {
        let (mut across, mut down) = cell(far);
        (across, down) = (across + 1, down + 1);
        let mut levels = vec![Level { across, counts: vec![0; across * down] }];
        while across * down > 1 {
            (across, down) = (across.div_ceil(2), down.div_ceil(2));
            levels.push(Level { across, counts: vec![0; across * down] });
        }
        Self { points: HashMap::new(), levels }
    }

    /// Adds a point; one that is there already stays single.
    pub(crate) fn add(&mut self, p: Point) {
        let points = self.points.entry(cell(p)).or_default();
        if !points.contains(&p) {
            points.push(p);
            self.count(p, |count| *count += 1);
        }
    }

    /// Removes a point that was added.
    pub(crate) fn remove(&mut self, p: Point) {
        let Some(points) = self.points.get_mut(&cell(p)) else { return };
        if let Some(place) = points.iter().position(|&other| other == p) {
            points.swap_remove(place);
            self.count(p, |count| *count -= 1);
        }
    }

    fn count(&mut self, p: Point, change: impl Fn(&mut u32)) {
        let (x, y) = cell(p);
        for (number, level) in self.levels.iter_mut().enumerate() {
            change(&mut level.counts[(y >> number) * level.across + (x >> number)]);
        }
    }

    /// Whether a point other than a, b and c lies in the closed triangle.
    pub(crate) fn any_in_triangle(&self, a: Point, b: Point, c: Point) -> bool {
        let Some(bounds) = Rect::around([a, b, c]) else { return false };
        let (x0, y0) = cell(Point::new(bounds.x0, bounds.y0));
        let (x1, y1) = cell(Point::new(bounds.x1, bounds.y1));
        // The level on which the triangle lies in four squares at most.
        let spread = (x1 - x0).max(y1 - y0);
        let top = (usize::BITS - spread.leading_zeros()) as usize;
        let top = top.min(self.levels.len() - 1);
        let question = Question { triangle: [a, b, c], bounds };
        (y0 >> top..=y1 >> top).any(|y| (x0 >> top..=x1 >> top).any(|x| self.any(&question, top, (x, y))))
    }

    fn any(&self, question: &Question, number: usize, (x, y): (usize, usize)) -> bool {
        let level = &self.levels[number];
        let count = (x < level.across).then(|| level.counts.get(y * level.across + x)).flatten();
        if count.is_none_or(|&count| count == 0) || question.misses(number, (x, y)) {
            return false;
        }
        if number == 0 {
            return self.points.get(&(x, y)).is_some_and(|points| points.iter().any(|&p| question.holds(p)));
        }
        let below = [(2 * x, 2 * y), (2 * x + 1, 2 * y), (2 * x, 2 * y + 1), (2 * x + 1, 2 * y + 1)];
        below.into_iter().any(|square| self.any(question, number - 1, square))
    }
}

/// The smallest square that holds a point.
fn cell(p: Point) -> (usize, usize) {
    ((p.x / SIDE) as usize, (p.y / SIDE) as usize)
}

/// A triangle, which may be flat, and the box around it.
struct Question {
    triangle: [Point; 3],
    bounds: Rect,
}

impl Question {
    /// Whether p lies in the closed triangle and is none of its corners.
    fn holds(&self, p: Point) -> bool {
        let [a, b, c] = self.triangle;
        let sides = [(b - a).cross(p - a), (c - b).cross(p - b), (a - c).cross(p - c)];
        let around = sides.iter().all(|&side| side >= 0.0) || sides.iter().all(|&side| side <= 0.0);
        let r = &self.bounds;
        // In a flat triangle all points of its line pass the test above.
        around && p != a && p != b && p != c && r.x0 <= p.x && p.x <= r.x1 && r.y0 <= p.y && p.y <= r.y1
    }

    /// Whether a square lies beyond one side of the triangle or of its box.
    fn misses(&self, level: usize, (x, y): (usize, usize)) -> bool {
        let side = SIDE * (1_u64 << level) as f64;
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
            let mut grid = Grid::new(Point::new(side as f64, side as f64));
            points.iter().for_each(|&p| grid.add(p));
            points[..20].iter().for_each(|&p| grid.remove(p));
            let left: Vec<Point> = points.iter().copied().filter(|p| !points[..20].contains(p)).collect();
            for _ in 0..500 {
                let mut corner = || Point::new(random(side), random(side));
                let [a, b, c] = [corner(), corner(), corner()];
                let bounds = Rect::around([a, b, c]).unwrap();
                let question = Question { triangle: [a, b, c], bounds };
                let expected = left.iter().any(|&p| question.holds(p));
                assert_eq!(grid.any_in_triangle(a, b, c), expected, "{a:?} {b:?} {c:?}");
            }
        }
    }
}
