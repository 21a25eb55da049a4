//! The fast containment test of a curve: where it crosses each grid edge, and whether it stays in the cells between,
//! for four at a time.
//!
//! The rule is that of `corridor::cell`. Most cells are simple: the curve is monotone in them, so it stays in the box
//! of the points where it enters and leaves.

use std::ops::Range;

use wide::{CmpGe, CmpGt, CmpLe, CmpLt, f64x4};

use super::residuals::CrossingTargets;
use super::simd::{
    F64_LANES, chunks4, horner_with_derivative, load_f32_as_f64x4, load_f64x4, map4, mask_f64,
};
use super::tuning::MAX_CROSSING_STEPS;
use crate::contour::corridor::arc_steps::ArcCorridor;
use crate::contour::corridor::cell::CorridorCell;
use crate::contour::corridor::tolerances::SIDE_TOLERANCE;
use crate::geometry::{CubicPolynomial, CurvePoint, Point};

/// A curve, and the part of a corridor that it is tested against.
pub(super) struct CurveInCorridor<'a> {
    pub(super) curve: &'a CubicPolynomial,
    pub(super) corridor: &'a ArcCorridor,
    pub(super) targets: &'a CrossingTargets,
    /// The cell where the curve begins.
    pub(super) first_cell: usize,
    /// The grid edges that it crosses, counted from the start of the run.
    pub(super) edges: Range<usize>,
    /// The arc lengths at its ends.
    pub(super) arc_lengths: [f64; 2],
}

/// The start of a curve, its crossings with grid edges, and its end, as columns.
#[derive(Default)]
pub(super) struct Crossings {
    t: Vec<f64>,
    x: Vec<f64>,
    y: Vec<f64>,
    derivative_x: Vec<f64>,
    derivative_y: Vec<f64>,
}

impl Crossings {
    /// Whether the corridor contains the curve for sure. If so, fills in the points where it crosses the edges.
    ///
    /// On `false` the test cell by cell decides, [`ArcCorridor::contains_curve`].
    pub(super) fn is_contained(&mut self, query: &CurveInCorridor<'_>, crossings: &mut [Point]) -> bool {
        if query.edges.end > query.targets.len() {
            return false;
        }
        let last = query.edges.len() + 1;
        self.columns().into_iter().for_each(|column| column.resize(last + 2 * F64_LANES, 0.0));
        self.set(0, query.curve.eval(0.0));
        if !self.find_crossings(query) {
            return false;
        }
        self.set(last, query.curve.eval(1.0));
        if !self.stays_in_cells(query) {
            return false;
        }
        for ((crossing, &x), &y) in crossings.iter_mut().zip(&self.x[1..]).zip(&self.y[1..]) {
            *crossing = Point::new(x, y);
        }
        true
    }

    fn columns(&mut self) -> [&mut Vec<f64>; 5] {
        [&mut self.t, &mut self.x, &mut self.y, &mut self.derivative_x, &mut self.derivative_y]
    }

    fn set(&mut self, i: usize, at: CurvePoint) {
        let values = [at.t, at.point.x, at.point.y, at.derivative.x, at.derivative.y];
        self.columns().into_iter().zip(values).for_each(|(column, value)| column[i] = value);
    }

    fn get(&self, i: usize) -> CurvePoint {
        CurvePoint {
            t: self.t[i],
            point: Point::new(self.x[i], self.y[i]),
            derivative: Point::new(self.derivative_x[i], self.derivative_y[i]),
        }
    }

    /// Finds where the curve crosses the edges, by Newton's method. Returns whether all crossings are found and within
    /// their windows.
    fn find_crossings(&mut self, query: &CurveInCorridor<'_>) -> bool {
        let (targets, [start, end]) = (query.targets, query.arc_lengths);
        let coefficients =
            |axis: fn(Point) -> f64| map4(query.curve.0, |coefficient| f64x4::splat(axis(coefficient)));
        let origin = targets.origin;
        let (x, y) = (coefficients(|point| point.x), coefficients(|point| point.y));
        let (start, inv_length) = (f64x4::splat(start), f64x4::splat(1.0 / (end - start)));
        for chunk in chunks4(query.edges.clone()) {
            let (i, mask) = (chunk.start, mask_f64(chunk.len));
            let direction_x = load_f32_as_f64x4(&targets.direction_x, i);
            let direction_y = load_f32_as_f64x4(&targets.direction_y, i);
            let middle_x = load_f32_as_f64x4(&targets.middles.x, i) + f64x4::splat(origin.x);
            let middle_y = load_f32_as_f64x4(&targets.middles.y, i) + f64x4::splat(origin.y);
            let mut t = (load_f32_as_f64x4(&targets.middles.arc_length, i) - start) * inv_length;
            let mut steps = 0;
            let (at_x, at_y) = loop {
                t = t.fast_max(f64x4::ZERO).fast_min(f64x4::ONE);
                // Values and derivatives.
                let (at_x, at_y) = (horner_with_derivative(&x, t), horner_with_derivative(&y, t));
                let (offset_x, offset_y) = (middle_x - at_x.0, middle_y - at_y.0);
                let distance = offset_x * direction_x + offset_y * direction_y;
                let speed = at_x.1 * direction_x + at_y.1 * direction_y;
                if (distance.abs().cmp_lt(f64x4::splat(SIDE_TOLERANCE)) | !mask).all() {
                    let half_widths = load_f32_as_f64x4(&targets.half_widths, i);
                    let is_in_window = (offset_x.abs() + offset_y.abs()).cmp_le(half_widths);
                    if !(is_in_window | !mask).all() {
                        return false;
                    }
                    break (at_x, at_y);
                }
                if steps == MAX_CROSSING_STEPS || (speed.cmp_le(f64x4::ZERO) & mask).any() {
                    return false;
                }
                t += distance / speed;
                steps += 1;
            };
            let values = [t, at_x.0, at_y.0, at_x.1, at_y.1];
            let first = i - query.edges.start + 1;
            for (column, lanes) in self.columns().into_iter().zip(values) {
                column[first..first + F64_LANES].copy_from_slice(&lanes.to_array());
            }
        }
        true
    }

    /// Whether the curve stays in the cells between its crossings.
    fn stays_in_cells(&self, query: &CurveInCorridor<'_>) -> bool {
        let (corridor, targets) = (query.corridor, query.targets);
        let (cells, third) = (query.edges.len() + 1, f64x4::splat(1.0 / 3.0));
        let inv = (f64x4::splat(corridor.inv_max_offset.x), f64x4::splat(corridor.inv_max_offset.y));
        for chunk in chunks4(0..cells) {
            let (i, mask) = (chunk.start, mask_f64(chunk.len));
            let (t, next_t) = (load_f64x4(&self.t, i), load_f64x4(&self.t, i + 1));
            let (x, y) = (load_f64x4(&self.x, i), load_f64x4(&self.y, i));
            let (next_x, next_y) = (load_f64x4(&self.x, i + 1), load_f64x4(&self.y, i + 1));
            let part = (next_t - t) * third;
            if !(part.cmp_ge(f64x4::ZERO) | !mask).all() {
                return false;
            }
            let handles =
                |derivative: &[f64]| (load_f64x4(derivative, i) * part, load_f64x4(derivative, i + 1) * part);
            let is_monotone = is_monotone(next_x - x, handles(&self.derivative_x))
                & is_monotone(next_y - y, handles(&self.derivative_y));
            // The run does not include the edge before its first cell, nor the one behind its last.
            let mut is_simple = f64x4::ZERO;
            if let Some(before) = (query.edges.start + i).checked_sub(1)
                && before + F64_LANES < targets.len()
            {
                let direction = |edge: usize| {
                    (
                        load_f32_as_f64x4(&targets.direction_x, edge),
                        load_f32_as_f64x4(&targets.direction_y, edge),
                    )
                };
                let ((in_x, in_y), (out_x, out_y)) = (direction(before), direction(before + 1));
                let (chord_x, chord_y) = ((in_x + out_x) * 0.5, (in_y + out_y) * 0.5);
                let from_x = load_f32_as_f64x4(&targets.middles.x, before) + f64x4::splat(targets.origin.x);
                let from_y = load_f32_as_f64x4(&targets.middles.y, before) + f64x4::splat(targets.origin.y);
                let is_straight = (in_x * out_x + in_y * out_y).cmp_gt(f64x4::ZERO);
                let is_near_chord = |x: f64x4, y: f64x4| {
                    let (offset_x, offset_y) = (x - from_x, y - from_y);
                    // The squared length of the chord is 1/2 where the border turns.
                    let t = (offset_x * chord_x + offset_y * chord_y) * 2.0;
                    let t = t.fast_max(f64x4::ZERO).fast_min(f64x4::ONE);
                    let (offset_x, offset_y) =
                        ((offset_x - chord_x * t) * inv.0, (offset_y - chord_y * t) * inv.1);
                    (offset_x * offset_x + offset_y * offset_y).cmp_le(f64x4::ONE)
                };
                is_simple =
                    is_monotone & (is_straight | (is_near_chord(x, next_y) & is_near_chord(next_x, y)));
            }
            let mut others = (mask & !is_simple).move_mask();
            while others != 0 {
                let cell = i + others.trailing_zeros() as usize;
                others &= others - 1;
                let corridor_cell = CorridorCell::new(corridor, query.first_cell + cell);
                if !corridor_cell.contains_curve_part(query.curve, self.get(cell), self.get(cell + 1)) {
                    return false;
                }
            }
        }
        true
    }
}

/// Whether a coordinate only grows or only shrinks over a part of a curve: by `whole`, with the first and the last leg
/// of the control polygon.
fn is_monotone(whole: f64x4, (first, last): (f64x4, f64x4)) -> f64x4 {
    let middle = whole - first - last;
    let least = first.fast_min(middle).fast_min(last);
    let most = first.fast_max(middle).fast_max(last);
    least.cmp_ge(f64x4::ZERO) | most.cmp_le(f64x4::ZERO)
}
