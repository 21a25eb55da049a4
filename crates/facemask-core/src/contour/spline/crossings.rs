//! Where a curve crosses the links on its way, and that it stays in the cells between: for four of them at a time.
//!
//! What a curve may pass is said in `passage`, cell by cell. Most cells are simple: the curve does not turn back in them, so
//! it stays in the box of the places where it comes in and goes out.

use std::ops::Range;

use wide::{CmpGe, CmpGt, CmpLe, CmpLt, f64x4};

use super::residuals::Links;
use super::simd::{LANES, at, counts, each, fine, four, fours};
use crate::contour::corridor::arc_steps::ArcCorridor;
use crate::contour::corridor::cell::CorridorCell;
use crate::contour::corridor::tolerances::SIDE_TOLERANCE;
use crate::geometry::{CubicPolynomial, CurvePoint, Point};

/// Newton's steps to the place where a curve crosses a link.
const MOST_STEPS: usize = 6;

/// The places of a curve: where it begins, where it crosses each link, and where it ends.
#[derive(Default)]
pub(crate) struct Crossings {
    u: Vec<f64>,
    x: Vec<f64>,
    y: Vec<f64>,
    slope_x: Vec<f64>,
    slope_y: Vec<f64>,
}

impl Crossings {
    /// Follows a curve through some links that lie between two lengths of the smoothed arc, from the cell of node `from` on.
    /// Says whether it surely goes the arc's way; then `found` are the places where it crosses the links.
    pub(crate) fn follow(
        &mut self,
        (way, from): (&ArcCorridor, usize),
        (links, numbers): (&Links, Range<usize>),
        lengths: (f64, f64),
        curve: &CubicPolynomial,
        found: &mut [Point],
    ) -> bool {
        if numbers.end > links.count() {
            return false;
        }
        let last = numbers.len() + 1;
        self.lists().into_iter().for_each(|list| list.resize(last + 2 * LANES, 0.0));
        self.set(0, curve.eval(0.0));
        if !self.find(links, numbers.clone(), lengths, curve) {
            return false;
        }
        self.set(last, curve.eval(1.0));
        if !self.stays((way, from), (links, numbers), curve) {
            return false;
        }
        for ((found, &x), &y) in found.iter_mut().zip(&self.x[1..]).zip(&self.y[1..]) {
            *found = Point::new(x, y);
        }
        true
    }

    fn lists(&mut self) -> [&mut Vec<f64>; 5] {
        [&mut self.u, &mut self.x, &mut self.y, &mut self.slope_x, &mut self.slope_y]
    }

    fn set(&mut self, i: usize, place: CurvePoint) {
        let values = [place.t, place.point.x, place.point.y, place.derivative.x, place.derivative.y];
        self.lists().into_iter().zip(values).for_each(|(list, value)| list[i] = value);
    }

    fn place(&self, i: usize) -> CurvePoint {
        CurvePoint {
            t: self.u[i],
            point: Point::new(self.x[i], self.y[i]),
            derivative: Point::new(self.slope_x[i], self.slope_y[i]),
        }
    }

    /// Finds where a curve crosses some links. Says whether all places were found, and are within their windows.
    fn find(
        &mut self,
        links: &Links,
        numbers: Range<usize>,
        (start, end): (f64, f64),
        curve: &CubicPolynomial,
    ) -> bool {
        let powers = |axis: fn(Point) -> f64| each(curve.0, |power| f64x4::splat(axis(power)));
        let origin = links.origin;
        let (x, y) = (powers(|power| power.x), powers(|power| power.y));
        let (start, over_long) = (f64x4::splat(start), f64x4::splat(1.0 / (end - start)));
        for (i, count) in fours(numbers.clone()) {
            let valid = counts(count);
            let (on_x, on_y) = (fine(&links.on_x, i), fine(&links.on_y, i));
            let middle_x = fine(&links.middles.x, i) + f64x4::splat(origin.x);
            let middle_y = fine(&links.middles.y, i) + f64x4::splat(origin.y);
            let mut u = (fine(&links.middles.along, i) - start) * over_long;
            let mut steps = 0;
            let (place_x, place_y) = loop {
                u = u.fast_max(f64x4::ZERO).fast_min(f64x4::ONE);
                let (place_x, place_y) = (at(&x, u), at(&y, u));
                let (off_x, off_y) = (middle_x - place_x.0, middle_y - place_y.0);
                let ahead = off_x * on_x + off_y * on_y;
                let pace = place_x.1 * on_x + place_y.1 * on_y;
                if (ahead.abs().cmp_lt(f64x4::splat(SIDE_TOLERANCE)) | !valid).all() {
                    let within = (off_x.abs() + off_y.abs()).cmp_le(fine(&links.limits, i));
                    if !(within | !valid).all() {
                        return false;
                    }
                    break (place_x, place_y);
                }
                if steps == MOST_STEPS || (pace.cmp_le(f64x4::ZERO) & valid).any() {
                    return false;
                }
                u += ahead / pace;
                steps += 1;
            };
            let found = [u, place_x.0, place_y.0, place_x.1, place_y.1];
            let first = i - numbers.start + 1;
            for (list, lanes) in self.lists().into_iter().zip(found) {
                list[first..first + LANES].copy_from_slice(&lanes.to_array());
            }
        }
        true
    }

    /// Whether the curve stays in the cells between its places, from that of node `from` on, and where it may pass there.
    fn stays(
        &self,
        (way, from): (&ArcCorridor, usize),
        (links, numbers): (&Links, Range<usize>),
        curve: &CubicPolynomial,
    ) -> bool {
        let (cells, third) = (numbers.len() + 1, f64x4::splat(1.0 / 3.0));
        let over_reach = (f64x4::splat(way.inv_max_offset.x), f64x4::splat(way.inv_max_offset.y));
        for (i, count) in fours(0..cells) {
            let (u, next_u) = (four(&self.u, i), four(&self.u, i + 1));
            let (x, y) = (four(&self.x, i), four(&self.y, i));
            let (next_x, next_y) = (four(&self.x, i + 1), four(&self.y, i + 1));
            let part = (next_u - u) * third;
            let valid = counts(count);
            if !(part.cmp_ge(f64x4::ZERO) | !valid).all() {
                return false;
            }
            let steady =
                is_steady(next_x - x, four(&self.slope_x, i) * part, four(&self.slope_x, i + 1) * part)
                    & is_steady(next_y - y, four(&self.slope_y, i) * part, four(&self.slope_y, i + 1) * part);
            // The link before the first cell is not among those of a stretch, nor is the one after the last.
            let mut simple = f64x4::ZERO;
            if let Some(number) = (numbers.start + i).checked_sub(1)
                && number + LANES < links.count()
            {
                let (before_x, before_y) = (fine(&links.on_x, number), fine(&links.on_y, number));
                let (after_x, after_y) = (fine(&links.on_x, number + 1), fine(&links.on_y, number + 1));
                let (chord_x, chord_y) = ((before_x + after_x) * 0.5, (before_y + after_y) * 0.5);
                let from_x = fine(&links.middles.x, number) + f64x4::splat(links.origin.x);
                let from_y = fine(&links.middles.y, number) + f64x4::splat(links.origin.y);
                let straight = (before_x * after_x + before_y * after_y).cmp_gt(f64x4::ZERO);
                let is_near = |x: f64x4, y: f64x4| {
                    let (off_x, off_y) = (x - from_x, y - from_y);
                    // The chord's square is 1/2 where the border turns.
                    let t = (off_x * chord_x + off_y * chord_y) * 2.0;
                    let t = t.fast_max(f64x4::ZERO).fast_min(f64x4::ONE);
                    let (off_x, off_y) =
                        ((off_x - chord_x * t) * over_reach.0, (off_y - chord_y * t) * over_reach.1);
                    (off_x * off_x + off_y * off_y).cmp_le(f64x4::ONE)
                };
                simple = steady & (straight | (is_near(x, next_y) & is_near(next_x, y)));
            }
            let mut hard = (valid & !simple).move_mask();
            while hard != 0 {
                let cell = i + hard.trailing_zeros() as usize;
                hard &= hard - 1;
                if !CorridorCell::new(way, from + cell).contains_curve_part(
                    curve,
                    self.place(cell),
                    self.place(cell + 1),
                ) {
                    return false;
                }
            }
        }
        true
    }
}

/// Whether a coordinate only grows or only shrinks over a part of a curve: by so much, by the first leg of its control
/// polygon, and by the last.
fn is_steady(whole: f64x4, first: f64x4, last: f64x4) -> f64x4 {
    let between = whole - first - last;
    let least = first.fast_min(between).fast_min(last);
    let most = first.fast_max(between).fast_max(last);
    least.cmp_ge(f64x4::ZERO) | most.cmp_le(f64x4::ZERO)
}
