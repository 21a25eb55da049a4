//! The equations for a change of a spline: least squares, gathered piece by piece and solved for all knots at once.
//!
//! Each knot has four unknowns: a change of its point and one of its slope, x and y. A piece ties two neighbours together,
//! so the matrix is a band, and is factored in time proportional to the number of knots. The knots of a closed spline are
//! put in the order 0, 1, -1, 2, -2, ...: then a ring is a band too, of one and a half times the width.

use wide::f64x4;

use super::spline::Knot;
use crate::geometry::Point;

/// The unknowns of a knot.
const UNKNOWNS: usize = 4;
/// The most entries of a row up to the diagonal: those of a knot and of the two knots before it.
const WIDEST: usize = 3 * UNKNOWNS;
/// The pairs of the four weights of a piece.
const PAIRS: [(usize, usize); 10] =
    [(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (3, 3)];
/// A weight that holds a value where it is, and one that has no say but where nothing else has.
const HELD: f64 = 1e12;
const SLIGHT: f64 = 1e-3;
const PINNED: f64 = 1e5;

/// A piece's share of the equations for (point, slope) at its first and at its second knot.
#[derive(Clone, Copy, Default)]
pub(super) struct Share {
    /// By pair of weights, the entries xx, xy, yx and yy: rows belong to the first, columns to the second.
    matrix: [[f64; 4]; 10],
    right: [Point; 4],
}

/// Sums of a share, four lanes at a time.
#[derive(Default)]
pub(super) struct Sums {
    matrix: [[f64x4; 3]; 10],
    right: [[f64x4; 2]; 4],
}

impl Sums {
    /// Adds what four places ask: `values` are the weights of the unknowns there, `push` the matrix xx, xy, yy that a
    /// change of the place is weighed with, and `wish` that matrix times the change that is wished for.
    pub(super) fn add(&mut self, values: &[f64x4; 4], push: [f64x4; 3], wish: [f64x4; 2]) {
        for (sums, (i, j)) in self.matrix.iter_mut().zip(PAIRS) {
            let both = values[i] * values[j];
            for (sum, push) in sums.iter_mut().zip(push) {
                *sum += both * push;
            }
        }
        for (sums, &value) in self.right.iter_mut().zip(values) {
            for (sum, wish) in sums.iter_mut().zip(wish) {
                *sum += value * wish;
            }
        }
    }

    /// The share, for slopes by the length: a piece is `long`.
    pub(super) fn share(&self, long: f64) -> Share {
        let scale = [1.0, long, 1.0, long];
        let mut share = Share::default();
        for ((entry, sums), (i, j)) in share.matrix.iter_mut().zip(&self.matrix).zip(PAIRS) {
            let [xx, xy, yy] = sums.map(|sum| sum.reduce_add() * scale[i] * scale[j]);
            *entry = [xx, xy, xy, yy];
        }
        for ((point, [x, y]), scale) in share.right.iter_mut().zip(&self.right).zip(scale) {
            *point = Point::new(x.reduce_add(), y.reduce_add()) * scale;
        }
        share
    }
}

impl Share {
    /// Makes a piece that is `long` resist bending: as a stiff rod, by the integral of the square of its second derivative.
    pub(super) fn stiffen(&mut self, long: f64, stiffness: f64) {
        let (one, two, three) =
            (stiffness / long, stiffness / (long * long), stiffness / (long * long * long));
        let (a, b, c, d) = (12.0 * three, 6.0 * two, 4.0 * one, 2.0 * one);
        for (entry, more) in self.matrix.iter_mut().zip([a, b, -a, b, c, -b, d, a, -b, c]) {
            entry[0] += more;
            entry[3] += more;
        }
    }

    /// Adds one equation with a weight: so much of each unknown together should make what is `missing`.
    pub(super) fn demand(&mut self, parts: [Point; 4], missing: f64, weight: f64) {
        for (entry, (i, j)) in self.matrix.iter_mut().zip(PAIRS) {
            let (p, q) = (parts[i] * weight, parts[j]);
            for (entry, more) in entry.iter_mut().zip([p.x * q.x, p.x * q.y, p.y * q.x, p.y * q.y]) {
                *entry += more;
            }
        }
        for (right, part) in self.right.iter_mut().zip(parts) {
            *right = *right + part * (weight * missing);
        }
    }

    /// What is left to wish for when the knots have changed from `before` to `now`.
    pub(super) fn after(&self, before: &[Knot], now: &[Knot]) -> Self {
        let change = [
            now[0].at - before[0].at,
            now[0].slope - before[0].slope,
            now[1].at - before[1].at,
            now[1].slope - before[1].slope,
        ];
        let mut right = self.right;
        for (&[xx, xy, yx, yy], (i, j)) in self.matrix.iter().zip(PAIRS) {
            let (p, q) = (change[i], change[j]);
            right[i] = right[i] - Point::new(xx * q.x + xy * q.y, yx * q.x + yy * q.y);
            if i != j {
                right[j] = right[j] - Point::new(xx * p.x + yx * p.y, xy * p.x + yy * p.y);
            }
        }
        Self { matrix: self.matrix, right }
    }
}

/// The equations of some pieces in a row, or of a ring of them.
#[derive(Default)]
pub(super) struct Equations {
    /// Row by row from the diagonal on to the left.
    rows: Vec<[f64; WIDEST]>,
    /// The right side, and then the solution.
    right: Vec<f64>,
    /// The number of knots, and whether the last piece ends at the first of them.
    knots: usize,
    closed: bool,
}

impl Equations {
    /// Begins anew, for so many pieces. A ring needs three.
    pub(super) fn clear(&mut self, pieces: usize, closed: bool) {
        (self.knots, self.closed) = (if closed { pieces } else { pieces + 1 }, closed);
        self.rows.clear();
        let mut row = [0.0; WIDEST];
        row[0] = SLIGHT;
        self.rows.resize(self.knots * UNKNOWNS, row);
        self.right.clear();
        self.right.resize(self.knots * UNKNOWNS, 0.0);
    }

    /// The first row of a knot.
    fn row(&self, knot: usize) -> usize {
        let place = match (self.closed, knot % self.knots) {
            (false, knot) => knot,
            (true, 0) => 0,
            (true, knot) if knot <= self.knots / 2 => 2 * knot - 1,
            (true, knot) => 2 * (self.knots - knot),
        };
        place * UNKNOWNS
    }

    /// Adds the share of a piece, `factor` times.
    pub(super) fn add(&mut self, piece: usize, share: &Share, factor: f64) {
        let (from, to) = (self.row(piece), self.row(piece + 1));
        let rows = [from, from + 2, to, to + 2];
        for (&[xx, xy, yx, yy], (i, j)) in share.matrix.iter().zip(PAIRS) {
            // The entries of the lower triangle.
            let turned = rows[i] < rows[j];
            let (low, high) = if turned { (rows[i], rows[j]) } else { (rows[j], rows[i]) };
            let (xy, yx) = if turned { (yx, xy) } else { (xy, yx) };
            self.rows[high][high - low] += xx * factor;
            self.rows[high + 1][high + 1 - low] += yx * factor;
            self.rows[high + 1][high - low] += yy * factor;
            if i != j {
                self.rows[high][high - low - 1] += xy * factor;
            }
        }
        for (row, point) in rows.into_iter().zip(share.right) {
            self.right[row] += point.x * factor;
            self.right[row + 1] += point.y * factor;
        }
    }

    /// Holds a knot where it is.
    pub(super) fn hold(&mut self, knot: usize) {
        let first = self.row(knot);
        self.rows[first..first + UNKNOWNS].iter_mut().for_each(|row| row[0] += HELD);
    }

    /// Holds a knot's point along its slope, while across it is free, and pulls the slope's length towards 1.
    pub(super) fn steady(&mut self, knot: usize, slope: Point, weight: f64) {
        let (first, length) = (self.row(knot), slope.length());
        let along = slope * (1.0 / length.max(f64::MIN_POSITIVE));
        for (row, weight) in [(first, PINNED), (first + 2, weight)] {
            self.rows[row][0] += weight * along.x * along.x;
            self.rows[row + 1][1] += weight * along.x * along.y;
            self.rows[row + 1][0] += weight * along.y * along.y;
        }
        let wish = along * (weight * (1.0 - length));
        self.right[first + 2] += wish.x;
        self.right[first + 3] += wish.y;
    }

    /// Solves by a Cholesky factorisation without roots.
    pub(super) fn solve(&mut self) {
        let width = if self.closed { WIDEST } else { 2 * UNKNOWNS };
        for i in 0..self.rows.len() {
            let (before, rest) = self.rows.split_at_mut(i);
            let row = &mut rest[0];
            let first = i.saturating_sub(width - 1);
            // Entries times the diagonal's at first.
            for j in first..i {
                let other = &before[j];
                let sum: f64 =
                    (first.max(j.saturating_sub(width - 1))..j).map(|k| row[i - k] * other[j - k]).sum();
                row[i - j] -= sum;
            }
            let (mut own, mut right) = (row[0], self.right[i]);
            for j in first..i {
                let entry = row[i - j] * before[j][0];
                own -= entry * row[i - j];
                right -= entry * self.right[j];
                row[i - j] = entry;
            }
            row[0] = 1.0 / own;
            self.right[i] = right;
        }
        self.right.iter_mut().zip(&self.rows).for_each(|(value, row)| *value *= row[0]);
        for i in (0..self.rows.len()).rev() {
            let value = self.right[i];
            for j in i.saturating_sub(width - 1)..i {
                self.right[j] -= self.rows[i][i - j] * value;
            }
        }
    }

    /// The change of a knot's point and slope.
    pub(super) fn change(&self, knot: usize) -> [Point; 2] {
        let first = self.row(knot);
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| self.right[first + i]);
        [Point::new(a, b), Point::new(c, d)]
    }
}
