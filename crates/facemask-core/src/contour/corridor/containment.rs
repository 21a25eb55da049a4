//! Whether a drawn line keeps to the corridor of its arc, cell by cell.

use super::arc_steps::Way;
use super::cell::Cell;
use crate::geometry::{CubicPolynomial, Point};

impl Way {
    /// The number of the cell around node `i` that `p` lies in, its own or one beside it, and the point itself; where it
    /// may not lie there, it is pulled back.
    pub(crate) fn settled(&self, i: usize, p: Point) -> (usize, Point) {
        let last = if self.closed { i + 2 } else { self.steps() - 1 };
        let first = usize::from(!self.closed);
        let near = [i, i.wrapping_sub(1), i + 1].into_iter().filter(|&near| (first..=last).contains(&near));
        let mut fits = near.filter(|&near| {
            let cell = Cell::new(self, near);
            cell.contains(p) && cell.allows(p)
        });
        fits.next().map_or_else(|| (i, self.pulled_back(i, p)), |cell| (cell, p))
    }

    /// Whether a line that goes the arc's way from the cell of node `from` on does not meet itself: it could only do so
    /// within a cell. A closed line does not repeat its first point.
    pub(crate) fn is_simple(&self, from: usize, points: &[Point]) -> bool {
        let count = points.len();
        let edge = |i: usize| [points[i], points[(i + 1) % count]];
        let edges = if self.closed { count } else { count - 1 };
        let last = from + self.steps();
        // The edges from `first` on have been in the cell.
        let (mut cell, mut first) = (Cell::new(self, from), 0);
        for i in 0..edges {
            loop {
                if (first..i.saturating_sub(1)).any(|j| meet(edge(i), edge(j))) {
                    return false;
                }
                if cell.number >= last || cell.contains(edge(i)[1]) {
                    break;
                }
                (cell, first) = (Cell::new(self, cell.number + 1), i);
            }
        }
        true
    }

    /// Whether the line from a point in the cell of node `from` to one in that of node `to`, by a corner, goes the arc's own
    /// way, within reach of the traced border. A line of two pieces cannot meet itself.
    pub(crate) fn allows_corner(
        &self,
        (from, start): (usize, Point),
        corner: Point,
        (to, end): (usize, Point),
    ) -> bool {
        let mut cell = Cell::new(self, from);
        if !cell.contains(start) || !cell.allows(start) {
            return false;
        }
        for [at, next] in [[start, corner], [corner, end]] {
            while !cell.contains(next) {
                if cell.number == to || cell.way_out(at, next - at).is_none() {
                    return false;
                }
                cell = Cell::new(self, cell.number + 1);
            }
            if !cell.allows(next) {
                return false;
            }
        }
        cell.number == to
    }

    /// Whether a curve from the cell of node `from` to that of node `to` goes the arc's own way, within reach of the traced
    /// border, and does not turn back in any cell, so that it cannot meet itself. Notes where it crosses each link.
    pub(crate) fn allows_curve(
        &self,
        [from, to]: [usize; 2],
        curve: &CubicPolynomial,
        crossings: &mut [Point],
    ) -> bool {
        let mut here = curve.eval(0.0);
        for (number, crossing) in (from..to).zip(crossings) {
            let cell = Cell::new(self, number);
            let Some(there) =
                cell.curve_out(curve, here).filter(|&there| cell.allows_bend(curve, here, there))
            else {
                return false;
            };
            *crossing = there.point;
            here = there;
        }
        Cell::new(self, to).allows_bend(curve, here, curve.eval(1.0))
    }
}

/// Whether two segments that share no end cross or touch.
fn meet([a, b]: [Point; 2], [c, d]: [Point; 2]) -> bool {
    let side = |p: Point, q: Point, r: Point| (q - p).cross(r - p);
    side(a, b, c) * side(a, b, d) <= 0.0 && side(c, d, a) * side(c, d, b) <= 0.0
}
