//! Whittaker-Henderson smoothing of an arc: a first estimate of its tangents, corners and bends.
//!
//! The smoothed arc has one vertex for each node that the arc passes. It minimizes
//!
//! ```text
//! sum of |z(i) - m(i)|^2  +  stiffness * sum of |z(i-1) - 2 z(i) + z(i+1)|^2
//! ```
//!
//! where `m(i)` is the middle of the traced border's chord through the cell of node i. (Whittaker, "On a new method of
//! graduation", 1922; in the penalized form of Eilers, "A perfect smoother", 2003.) Both coordinates are smoothed, of
//! open and of closed arcs. The matrix has five diagonals, so its L D L^T factorization takes time linear in the
//! length. Afterwards each vertex is clamped to its cell, within the largest offset of the border.

use super::tuning::{FACTOR_CONVERGENCE, WHITTAKER_PIN_WEIGHT, WHITTAKER_STIFFNESS};
use crate::contour::corridor::arc_steps::ArcCorridor;
use crate::geometry::Point;

/// A smoother of arcs, which reuses its memory and most of the factorization.
#[derive(Default)]
pub(crate) struct WhittakerSmoother {
    /// The right-hand side, and then the solution.
    solution: Vec<Point>,
    /// The factorization, row by row.
    rows: Vec<LdlRow>,
    /// The rows with the full stiffness, up to where they stay the same: of open arcs, and of closed ones.
    cached_rows: [Vec<LdlRow>; 2],
}

/// A row of the factors L and D: `d`, its inverse, and the entries of L one and two columns before the diagonal.
#[derive(Clone, Copy, Default)]
struct LdlRow {
    d: f64,
    inv_d: f64,
    l1: f64,
    l2: f64,
}

impl LdlRow {
    /// The row behind `rows`: with the weight of its vertex, and the stiffness of the second differences about the
    /// vertex before, itself and the vertex after.
    fn next(rows: &[Self], weight: f64, [before, here, after]: [f64; 3]) -> Self {
        let off_diagonal = -2.0 * (before + here);
        let (l1, l2, d2) = match rows {
            [] => (0.0, 0.0, 0.0),
            [first] => (off_diagonal * first.inv_d, 0.0, 0.0),
            [.., second_last, last] => {
                let l1 = (off_diagonal - before * last.l1) * last.inv_d;
                let l2 = before * second_last.inv_d;
                (l1, l2, l2 * l2 * second_last.d)
            }
        };
        let d = weight + before + 4.0 * here + after - rows.last().map_or(0.0, |last| l1 * l1 * last.d) - d2;
        Self { d, inv_d: 1.0 / d, l1, l2 }
    }
}

impl WhittakerSmoother {
    /// Smooths an arc: fills in one vertex for each node, and the distance in px by which each had to be clamped (the
    /// larger one of x and y).
    pub(crate) fn smooth(
        &mut self,
        corridor: &ArcCorridor,
        vertices: &mut Vec<Point>,
        clamp_distances: &mut Vec<f64>,
    ) {
        let count = corridor.nodes.len();
        let radius = count as f64 / (4.0 * std::f64::consts::PI);
        // A closed arc of few nodes would shrink to a point under the full stiffness: it halves at most waves of half
        // its length.
        let stiffness =
            if corridor.is_closed { radius.powi(4).min(WHITTAKER_STIFFNESS) } else { WHITTAKER_STIFFNESS };
        // A closed arc is unrolled and overlaps itself at both ends. The influence of a vertex two waves away is below
        // e^-8.
        let wave = 2.0 * std::f64::consts::PI * stiffness.powf(0.25);
        let overlap = if corridor.is_closed { (2.0 * wave) as usize + 2 } else { 0 };
        self.factor(corridor.is_closed, stiffness, count + 2 * overlap);
        self.solve(corridor, overlap);
        vertices.clear();
        clamp_distances.clear();
        for (i, &vertex) in (0..count).zip(&self.solution[overlap..]) {
            let clamped = corridor.clamp_to_cell(i, vertex);
            vertices.push(clamped);
            let change = vertex - clamped;
            clamp_distances.push(change.x.abs().max(change.y.abs()));
        }
        if !corridor.is_closed {
            vertices[0] = corridor.nodes[0];
            vertices[count - 1] = corridor.nodes[count - 1];
        }
    }

    /// Factors the matrix of so many rows. Most of its rows are the same for all arcs, and cached.
    fn factor(&mut self, is_closed: bool, stiffness: f64, count: usize) {
        // No second difference is taken about the ends. Those of an open arc are pinned.
        let weight =
            |i: usize| if !is_closed && (i == 0 || i + 1 == count) { WHITTAKER_PIN_WEIGHT } else { 1.0 };
        let stiffness_at = |i: usize| if i == 0 || i + 1 >= count { 0.0 } else { stiffness };
        self.rows.clear();
        if stiffness == WHITTAKER_STIFFNESS {
            let cached = &mut self.cached_rows[usize::from(is_closed)];
            while cached.len() < 3
                || (cached[cached.len() - 1].d / cached[cached.len() - 2].d - 1.0).abs() > FACTOR_CONVERGENCE
            {
                let i = cached.len();
                let stiffness_at = |i: usize| if i == 0 { 0.0 } else { stiffness };
                let around =
                    [if i == 0 { 0.0 } else { stiffness_at(i - 1) }, stiffness_at(i), stiffness_at(i + 1)];
                cached.push(LdlRow::next(cached, if i == 0 { weight(0) } else { 1.0 }, around));
            }
            let inner = count.saturating_sub(2);
            self.rows.extend(cached.iter().take(inner));
            self.rows.resize(inner, cached[cached.len() - 1]);
        }
        for i in self.rows.len()..count {
            let around =
                [if i == 0 { 0.0 } else { stiffness_at(i - 1) }, stiffness_at(i), stiffness_at(i + 1)];
            self.rows.push(LdlRow::next(&self.rows, weight(i), around));
        }
    }

    /// Solves the factored system by forward and back substitution. `overlap` rows at either end of a closed arc repeat
    /// its other end.
    fn solve(&mut self, corridor: &ArcCorridor, overlap: usize) {
        let (count, row_count) = (corridor.nodes.len(), self.rows.len());
        let (mut one, mut two) = (Point::default(), Point::default());
        let mut node = (count - overlap % count) % count;
        self.solution.clear();
        for (i, row) in self.rows.iter().enumerate() {
            let is_pinned = !corridor.is_closed && (i == 0 || i + 1 == row_count);
            let rhs = if is_pinned {
                corridor.nodes[node] * WHITTAKER_PIN_WEIGHT
            } else {
                corridor.chord_midpoint(node)
            };
            (two, one) = (one, rhs - two * row.l2 - one * row.l1);
            self.solution.push(one);
            node = if node + 1 == count { 0 } else { node + 1 };
        }
        // A column of L has its entries in the two rows behind.
        let (mut one, mut two) = (Point::default(), Point::default());
        let (mut next, mut second_next) = (LdlRow::default(), LdlRow::default());
        for (value, &row) in self.solution.iter_mut().zip(&self.rows).rev() {
            (two, one) = (one, *value * row.inv_d - two * second_next.l2 - one * next.l1);
            *value = one;
            (second_next, next) = (next, row);
        }
    }
}
