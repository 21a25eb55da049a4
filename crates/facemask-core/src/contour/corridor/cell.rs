//! The passage of a line or a curve through one of the cells on an arc's way.

use super::arc_steps::Way;
use crate::geometry::{CubicPolynomial, CurvePoint, Point};

/// How far aside of its spoke a line may run in a junction's cell, in parts of the distance along it. At 1 it would
/// meet its neighbour's.
const QUARTER: f64 = 0.9;
/// How near to a cell's side is on it, in pixels. It is less than what is kept from pixel centres.
pub(crate) const CLOSE: f64 = 1e-6;
/// Newton's steps to a side, and the step that is taken where a curve turns away from it.
const MOST_STEPS: usize = 12;
const TRIAL: f64 = 0.01;
/// The largest part of a step by which the bend may change it.
const MOST_BEND: f64 = 0.3;
/// How often a curve's part in a cell is halved to see whether it may pass.
const HALVINGS: u32 = 4;

/// One of the cells on the way.
pub(crate) struct Cell<'a> {
    way: &'a Way,
    pub(crate) number: usize,
    node: Point,
    /// The steps to and from its node; at an end of the arc one of them is missing.
    arriving: Option<Point>,
    leaving: Option<Point>,
    /// Their sum: where the arc goes.
    onwards: Point,
}

impl<'a> Cell<'a> {
    pub(crate) fn new(way: &'a Way, number: usize) -> Self {
        let (arriving, leaving) = (way.arriving(number), way.leaving(number));
        let onwards = arriving.unwrap_or_default() + leaving.unwrap_or_default();
        Self { way, number, node: way.node(number), arriving, leaving, onwards }
    }

    pub(crate) fn contains(&self, p: Point) -> bool {
        let off = p - self.node;
        off.x.abs() <= 0.5 + CLOSE && off.y.abs() <= 0.5 + CLOSE
    }

    /// Whether a line may pass this point of the cell.
    pub(crate) fn allows(&self, p: Point) -> bool {
        let spoke = match (self.arriving, self.leaving) {
            (Some(arriving), Some(_)) => return self.is_near(p, arriving),
            (Some(arriving), None) => arriving * -1.0,
            (None, Some(leaving)) => leaving,
            (None, None) => return false,
        };
        let off = p - self.node;
        off.cross(spoke).abs() <= off.dot(spoke) * QUARTER && self.in_reach(off - spoke * off.dot(spoke))
    }

    /// Whether a point is within reach of the chord of the traced border through the cell.
    fn is_near(&self, p: Point, arriving: Point) -> bool {
        let off = p - self.node + arriving * 0.5;
        // The chord's square is 1 where the border goes straight on, and 1/2 where it turns.
        let (chord, over_square) =
            (self.onwards * 0.5, if self.arriving == self.leaving { 1.0 } else { 2.0 });
        let t = (off.dot(chord) * over_square).clamp(0.0, 1.0);
        self.in_reach(off - chord * t)
    }

    fn in_reach(&self, off: Point) -> bool {
        let (rx, ry) = self.way.over_reach;
        (off.x * rx).powi(2) + (off.y * ry).powi(2) <= 1.0
    }

    /// Where the line from `at` along `along` leaves the cell, if that is where the traced border does.
    pub(crate) fn way_out(&self, at: Point, along: Point) -> Option<Point> {
        let leaving = self.leaving?;
        let onwards = along.dot(leaving);
        let off = at - self.node;
        if onwards <= 0.0 || (off + along).dot(leaving) < 0.5 {
            return None;
        }
        let out = off + along * ((0.5 - off.dot(leaving)) / onwards);
        // Across the link it lies on it but for rounding.
        let aside = out - leaving * 0.5;
        (aside.x.abs() + aside.y.abs() <= self.way.limit(self.number)).then_some(self.node + out)
    }

    /// Where a curve that has come to `here` leaves the cell, if that is where the traced border does.
    pub(crate) fn curve_out(&self, curve: &CubicPolynomial, here: CurvePoint) -> Option<CurvePoint> {
        let leaving = self.leaving?;
        let middle = self.node + leaving * 0.5;
        let [a, b, c, d] = curve.project(leaving);
        let side = middle.dot(leaving) - d;
        let mut u = here.t;
        for number in 0..MOST_STEPS {
            let high = a * u + b;
            let (ahead, pace) = (side - (high * u + c) * u, (high * 2.0 + a * u) * u + c);
            if ahead.abs() < CLOSE {
                let place = curve.eval(u);
                let aside = place.point - middle;
                let off = aside.x.abs() + aside.y.abs();
                return (off <= self.way.limit(self.number)).then_some(place);
            }
            // A curve that runs along the side for now bends towards it.
            let mut step = if pace > 0.0 { ahead / pace } else { TRIAL };
            if number == 0 && pace > 0.0 {
                // The first step is the longest: it minds the bend.
                let bend = (high + a * u * 2.0) * step / pace;
                step *= 1.0 - bend.clamp(-MOST_BEND, MOST_BEND);
            }
            u = (u + step).clamp(here.t, 1.0);
        }
        None
    }

    /// Whether a curve may pass the cell from one place, where it may be, to another: if it stays in the box of both, and may
    /// pass there, or else if the control points of its part may, or those of its halves.
    pub(crate) fn allows_bend(&self, curve: &CubicPolynomial, from: CurvePoint, to: CurvePoint) -> bool {
        let third = (to.t - from.t) / 3.0;
        let (first, last) = (from.derivative * third, to.derivative * third);
        let between = to.point - from.point - first - last;
        let least = Point::new(first.x.min(between.x).min(last.x), first.y.min(between.y).min(last.y));
        let most = Point::new(first.x.max(between.x).max(last.x), first.y.max(between.y).max(last.y));
        // What turns back neither in x nor in y stays in the box of its ends.
        let steady = (least.x >= 0.0 || most.x <= 0.0) && (least.y >= 0.0 || most.y <= 0.0);
        if steady && self.allows_box(from.point, to.point) {
            return true;
        }
        self.allows_point(to.point) && self.allows_hull(curve, (from, to), HALVINGS)
    }

    /// Whether a line may pass anywhere in the box of two points, of which the first is allowed: what is, is convex.
    fn allows_box(&self, from: Point, to: Point) -> bool {
        self.allows_point(to)
            && (self.arriving == self.leaving
                || (self.allows(Point::new(from.x, to.y)) && self.allows(Point::new(to.x, from.y))))
    }

    fn allows_hull(
        &self,
        curve: &CubicPolynomial,
        (from, to): (CurvePoint, CurvePoint),
        halvings: u32,
    ) -> bool {
        let third = (to.t - from.t) / 3.0;
        let (first, second) = (from.derivative * third, to.derivative * third);
        let (near, far) = (from.point + first, to.point - second);
        let onwards = [first, far - near, second].iter().all(|leg| leg.dot(self.onwards) >= 0.0);
        if onwards && self.allows_point(near) && self.allows_point(far) {
            return true;
        }
        let middle = curve.eval(from.t.midpoint(to.t));
        halvings > 0
            && self.allows_point(middle.point)
            && [(from, middle), (middle, to)]
                .into_iter()
                .all(|part| self.allows_hull(curve, part, halvings - 1))
    }

    fn allows_point(&self, p: Point) -> bool {
        self.contains(p) && self.allows(p)
    }
}
