//! The containment test: whether a line or a curve keeps to the corridor of its arc, cell by cell.
//!
//! A border that enters and leaves every cell through the same sides as the traced one, clear of the pixel centers at
//! their ends, has every pixel center on its right side and meets no other arc. It does not meet itself either, if it
//! never turns back within a cell.

use super::arc_steps::{ArcCorridor, CellPoint};
use super::cell::CorridorCell;
use crate::geometry::{CubicPolynomial, Point};

impl ArcCorridor {
    /// The point `p` with the index of the cell that contains it: that of node `i` or one next to it. If none does, the
    /// point is clamped to the cell of node `i`.
    pub(crate) fn locate(&self, i: usize, p: Point) -> CellPoint {
        let last = if self.is_closed { i + 2 } else { self.step_count() - 1 };
        let first = usize::from(!self.is_closed);
        let near = [i, i.wrapping_sub(1), i + 1].into_iter().filter(|&near| (first..=last).contains(&near));
        let mut cells = near.filter(|&near| CorridorCell::new(self, near).contains(p));
        cells.next().map_or_else(
            || CellPoint { cell: i, point: self.clamp_to_cell(i, p) },
            |cell| CellPoint { cell, point: p },
        )
    }

    /// Whether a line that is contained, from the cell of node `from` on, does not meet itself. It could do so only
    /// within a cell. A closed line does not repeat its first point.
    pub(crate) fn is_simple(&self, from: usize, points: &[Point]) -> bool {
        let count = points.len();
        let edge = |i: usize| [points[i], points[(i + 1) % count]];
        let edges = if self.is_closed { count } else { count - 1 };
        let last = from + self.step_count();
        // The edges from `first` on have been in the cell.
        let (mut cell, mut first) = (CorridorCell::new(self, from), 0);
        for i in 0..edges {
            loop {
                if (first..i.saturating_sub(1)).any(|j| do_meet(edge(i), edge(j))) {
                    return false;
                }
                if cell.index >= last || cell.is_in_square(edge(i)[1]) {
                    break;
                }
                (cell, first) = (CorridorCell::new(self, cell.index + 1), i);
            }
        }
        true
    }

    /// The cell of `corner`, if the corridor contains the lines from `from` over it to `to`. Two segments cannot meet
    /// themselves.
    pub(crate) fn locate_corner(&self, from: CellPoint, corner: Point, to: CellPoint) -> Option<usize> {
        let mut cell = CorridorCell::new(self, from.cell);
        if !cell.contains(from.point) {
            return None;
        }
        let mut corner_cell = None;
        for [start, end] in [[from.point, corner], [corner, to.point]] {
            while !cell.is_in_square(end) {
                if cell.index == to.cell {
                    return None;
                }
                cell.exit_of_line(start, end - start)?;
                cell = CorridorCell::new(self, cell.index + 1);
            }
            if !cell.is_in_corridor(end) {
                return None;
            }
            corner_cell = corner_cell.or(Some(cell.index));
        }
        corner_cell.filter(|_| cell.index == to.cell)
    }

    /// Whether the corridor contains a curve from the cell of node `from` to that of node `to`, and the curve never
    /// turns back within a cell, so that it does not meet itself.
    ///
    /// Fills in the points where it crosses the grid edges, in `crossings`.
    pub(crate) fn contains_curve(
        &self,
        [from, to]: [usize; 2],
        curve: &CubicPolynomial,
        crossings: &mut [Point],
    ) -> bool {
        let mut entry = curve.eval(0.0);
        for (index, crossing) in (from..to).zip(crossings) {
            let cell = CorridorCell::new(self, index);
            let Some(exit) =
                cell.exit_of_curve(curve, entry).filter(|&exit| cell.contains_curve_part(curve, entry, exit))
            else {
                return false;
            };
            *crossing = exit.point;
            entry = exit;
        }
        CorridorCell::new(self, to).contains_curve_part(curve, entry, curve.eval(1.0))
    }
}

/// Whether two segments that share no end cross or touch.
fn do_meet([a, b]: [Point; 2], [c, d]: [Point; 2]) -> bool {
    let side = |p: Point, q: Point, r: Point| (q - p).cross(r - p);
    side(a, b, c) * side(a, b, d) <= 0.0 && side(c, d, a) * side(c, d, b) <= 0.0
}
