//! Straight simplification of one arc: as few of its vertices as keep it within the tolerance.
//!
//! A traced border crosses the *links* between neighbouring pixel centres, each half way. A straight line that crosses
//! the same links in the same order, at most `reach` from the middle of each, stays within `reach` of the traced border,
//! and the border within `reach` of the line. As long as `reach` is below half a pixel no line passes a pixel centre and
//! in each cell the borders keep the sides through which they enter and leave. So simplified borders cannot cross,
//! touch or lose a part, a hole or a pixel centre, whatever the map: nothing has to be checked afterwards.
//!
//! The longest such line from a vertex is found with the cone of directions that pass all windows so far, as in
//! Imai & Iri, "An optimal algorithm for approximating a piecewise linear function" (1986), and Williams, "An efficient
//! algorithm for the piecewise linear approximation of planar curves" (1978).

use crate::contour::topology::arcs::Arc;
use crate::contour::topology::lattice::STEP;
use crate::geometry::Point;

/// The largest reach, in pixels of the map. The 0.05 px left on either side of a pixel centre keep two borders apart
/// when coordinates are rounded to two decimals.
pub(crate) const MAX_REACH: f64 = 0.45;

/// How far a window reaches to the right of a step in each direction.
type Asides = [Point; 4];

/// Half a step in each direction.
const HALF_STEP: [Point; 4] =
    [Point::new(0.0, -0.5), Point::new(0.5, 0.0), Point::new(0.0, 0.5), Point::new(-0.5, 0.0)];

/// Every vertex of an arc: the ends, which are nodes, and the middle of each link. Along the frame only the corners.
pub(crate) fn trace(arc: &Arc, directions: &[u8], points: &mut Vec<Point>) {
    let mut at = Point::new(f64::from(arc.at.0), f64::from(arc.at.1));
    points.reserve(directions.len() + 2);
    if arc.is_frame() {
        // The corner that a closed frame starts from is one of its turns.
        let mut turned_from = if arc.is_closed() { directions[directions.len() - 1] } else { NO_DIRECTION };
        for &direction in directions {
            if direction != turned_from {
                points.push(at);
            }
            turned_from = direction;
            at = at + HALF_STEP[direction as usize] * 2.0;
        }
    } else {
        if !arc.is_closed() {
            points.push(at);
        }
        points.extend(directions.iter().map(|&direction| {
            let half = HALF_STEP[direction as usize];
            let middle = at + half;
            at = middle + half;
            middle
        }));
    }
    if !arc.is_closed() {
        points.push(at);
    }
}

/// Different from every direction.
const NO_DIRECTION: u8 = 4;

/// What is left of an inner arc of one step between two junctions, whatever the reach: most arcs of noise are such.
pub(crate) fn single_step(arc: &Arc, directions: &[u8]) -> Option<[Point; 2]> {
    let [direction] = *directions else { return None };
    let from = Point::new(f64::from(arc.at.0), f64::from(arc.at.1));
    let inner = !arc.is_frame() && !arc.is_closed();
    inner.then(|| [from, from + HALF_STEP[direction as usize] * 2.0])
}

/// Which vertices of an inner arc to keep so that no line is further than `reach` (x, y) from the middle of a link.
pub(crate) fn simplify(
    arc: &Arc,
    directions: &[u8],
    points: &[Point],
    reach: (f64, f64),
    kept: &mut Vec<u32>,
) {
    let asides = STEP.map(|(dx, dy)| Point::new(-f64::from(dy) * reach.0, f64::from(dx) * reach.1));
    let count = directions.len();
    if let [start, middles @ .., end] = points
        && !arc.is_closed()
    {
        let line = Line { middles, directions, asides, end: *end, last: count };
        kept.push(0);
        line.keep((*start, 0), kept);
        kept[1..].iter_mut().for_each(|stop| *stop += 1);
        return;
    }
    // The first round starts anywhere and so keeps a vertex that may be needless; the second starts from one it chose.
    let mut round = |start: usize| {
        kept.clear();
        let line = Line { middles: points, directions, asides, end: points[start], last: start + count };
        line.keep((points[start], start + 1), kept);
        kept[0] as usize % count
    };
    let start = round(0);
    round(start);
    kept.iter_mut().for_each(|stop| *stop %= count as u32);
    kept.sort_unstable();
}

/// Stops along an arc, numbered in order, with windows that a line from one stop to a later one has to pass.
pub(crate) trait Stops {
    /// The end, which is the last stop.
    fn end(&self) -> Point;
    /// The number of the end.
    fn last(&self) -> usize;
    /// A stop before the end.
    fn stop(&self, number: usize) -> Point;
    /// A stop before the end and the left and the right edge of its window.
    fn gate(&self, number: usize) -> (Point, Point, Point);

    /// Goes from a point through the stops from `from` on to the end, as far as it can each time, and adds where it
    /// stopped to `kept`.
    fn keep(&self, (mut apex, mut from): (Point, usize), kept: &mut Vec<u32>) {
        while from <= self.last() {
            let farthest = self.farthest(apex, from);
            kept.push(farthest as u32);
            if farthest < self.last() {
                apex = self.stop(farthest);
            }
            from = farthest + 1;
        }
    }

    /// The last stop that `apex` sees through all windows before it.
    fn farthest(&self, apex: Point, from: usize) -> usize {
        let mut seen = from;
        if from == self.last() {
            return seen;
        }
        let (_, left, right) = self.gate(from);
        let (mut left, mut right) = (left - apex, right - apex);
        if left.cross(right) <= 0.0 {
            return seen;
        }
        for stop in from + 1..self.last() {
            let (target, l, r) = self.gate(stop);
            let (target, l, r) = (target - apex, l - apex, r - apex);
            if left.cross(target) > 0.0 && target.cross(right) > 0.0 {
                seen = stop;
            }
            // Without the first condition a long arc that hides its own vertices would be searched to its end each time.
            if stop - from > 2 * (seen - from) + 64 || l.cross(r) <= 0.0 {
                return seen;
            }
            if left.cross(l) > 0.0 {
                left = l;
            }
            if r.cross(right) > 0.0 {
                right = r;
            }
            if left.cross(right) <= 0.0 {
                return seen;
            }
        }
        let target = self.end() - apex;
        if left.cross(target) > 0.0 && target.cross(right) > 0.0 { self.last() } else { seen }
    }
}

/// The middles of an arc's links, numbered on from round to round where it is closed, and the end.
struct Line<'a> {
    middles: &'a [Point],
    directions: &'a [u8],
    asides: Asides,
    end: Point,
    last: usize,
}

impl Line<'_> {
    /// The number of a stop within one round.
    fn place(&self, stop: usize) -> usize {
        if stop < self.middles.len() { stop } else { stop - self.middles.len() }
    }
}

impl Stops for Line<'_> {
    fn end(&self) -> Point {
        self.end
    }

    fn last(&self) -> usize {
        self.last
    }

    fn stop(&self, number: usize) -> Point {
        self.middles[self.place(number)]
    }

    fn gate(&self, number: usize) -> (Point, Point, Point) {
        let place = self.place(number);
        // There are four directions, as the compiler does not know.
        let (middle, aside) = (self.middles[place], self.asides[usize::from(self.directions[place] & 3)]);
        (middle, middle - aside, middle + aside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contour::topology::arcs::Arcs;
    use crate::contour::topology::lattice::Lattice;
    use crate::raster::LabelMap;

    #[test]
    fn a_single_step_is_what_tracing_and_simplifying_it_leaves() {
        let map = LabelMap::new(3, 3, &[1, 2, 1, 2, 1, 2, 1, 2, 1]).unwrap();
        let (mut lattice, mut arcs) = (Lattice::default(), Arcs::default());
        lattice.scan(&map, 100).unwrap();
        arcs.walk(&map, &mut lattice);
        let mut single = 0;
        for arc in &arcs.arcs {
            let directions = &arcs.directions[arc.steps()];
            let (mut points, mut kept) = (Vec::new(), Vec::new());
            trace(arc, directions, &mut points);
            if let Some(line) = single_step(arc, directions) {
                simplify(arc, directions, &points, (1e-9, 0.3), &mut kept);
                assert_eq!(line, [points[kept[0] as usize], points[kept[1] as usize]]);
                assert_eq!((points.len(), kept.len()), (3, 2));
                single += 1;
            }
        }
        assert_eq!(single, 12);
    }
}
