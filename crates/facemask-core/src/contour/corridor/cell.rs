//! The cells of a corridor, and the test that a line or curve passes one of them.

use super::arc_steps::ArcCorridor;
use super::tolerances::{
    FALLBACK_STEP, JUNCTION_CONE, MAX_NEWTON_STEPS, MAX_STEP_CORRECTION, MAX_SUBDIVISIONS, SIDE_TOLERANCE,
};
use crate::geometry::{CubicPolynomial, CurvePoint, Point};

/// A cell of a corridor: the unit square around a node of the arc.
///
/// A border may pass the part of it that lies within the largest offset of the traced chord. In a junction's cell that
/// is the part in the cone around the arc's own crack. Both are convex.
pub(crate) struct CorridorCell<'a> {
    corridor: &'a ArcCorridor,
    /// The index of the node.
    pub(super) index: usize,
    node: Point,
    /// The steps to and from the node. One of them is missing at an end of the arc.
    incoming: Option<Point>,
    outgoing: Option<Point>,
    /// Their sum: the direction of the traced chord, of twice its length.
    direction: Point,
}

impl<'a> CorridorCell<'a> {
    /// The cell of node `index`.
    pub(crate) fn new(corridor: &'a ArcCorridor, index: usize) -> Self {
        let (incoming, outgoing) = (corridor.incoming(index), corridor.outgoing(index));
        let direction = incoming.unwrap_or_default() + outgoing.unwrap_or_default();
        Self { corridor, index, node: corridor.node(index), incoming, outgoing, direction }
    }

    /// Whether a border may pass this point.
    pub(super) fn contains(&self, p: Point) -> bool {
        self.is_in_square(p) && self.is_in_corridor(p)
    }

    /// Whether a point lies in the unit square.
    pub(super) fn is_in_square(&self, p: Point) -> bool {
        let offset = p - self.node;
        offset.x.abs() <= 0.5 + SIDE_TOLERANCE && offset.y.abs() <= 0.5 + SIDE_TOLERANCE
    }

    /// Whether a border may pass this point of the square.
    pub(super) fn is_in_corridor(&self, p: Point) -> bool {
        let crack = match (self.incoming, self.outgoing) {
            (Some(incoming), Some(_)) => return self.is_near_chord(p, incoming),
            (Some(incoming), None) => incoming * -1.0,
            (None, Some(outgoing)) => outgoing,
            (None, None) => return false,
        };
        let offset = p - self.node;
        offset.cross(crack).abs() <= offset.dot(crack) * JUNCTION_CONE
            && self.is_within_max_offset(offset - crack * offset.dot(crack))
    }

    /// Whether a point lies within the largest offset of the traced border's chord through the cell.
    fn is_near_chord(&self, p: Point, incoming: Point) -> bool {
        let from_start = p - self.node + incoming * 0.5;
        // The squared length of the chord is 1 where the border goes straight on, and 1/2 where it turns.
        let (chord, inv_square) =
            (self.direction * 0.5, if self.incoming == self.outgoing { 1.0 } else { 2.0 });
        let t = (from_start.dot(chord) * inv_square).clamp(0.0, 1.0);
        self.is_within_max_offset(from_start - chord * t)
    }

    /// Whether an offset lies in the ellipse of the largest offsets in x and in y.
    fn is_within_max_offset(&self, offset: Point) -> bool {
        let inv = self.corridor.inv_max_offset;
        (offset.x * inv.x).powi(2) + (offset.y * inv.y).powi(2) <= 1.0
    }

    /// Where the line from `from` by `vector` leaves the square, if it does so through the window of the traced border.
    pub(super) fn exit_of_line(&self, from: Point, vector: Point) -> Option<Point> {
        let outgoing = self.outgoing?;
        let speed = vector.dot(outgoing);
        let offset = from - self.node;
        if speed <= 0.0 || (offset + vector).dot(outgoing) < 0.5 {
            return None;
        }
        let exit = offset + vector * ((0.5 - offset.dot(outgoing)) / speed);
        // Across the grid edge the exit lies on it but for rounding.
        let off_middle = exit - outgoing * 0.5;
        let half_width = self.corridor.edge(self.index).half_width;
        (off_middle.x.abs() + off_middle.y.abs() <= half_width).then_some(self.node + exit)
    }

    /// Where a curve leaves the square behind the point `from`, if it does so through the window of the traced border.
    ///
    /// Newton's method on the distance from the side. The first step, the longest, has a second-order term (Chebyshev's
    /// method).
    pub(super) fn exit_of_curve(&self, curve: &CubicPolynomial, from: CurvePoint) -> Option<CurvePoint> {
        let outgoing = self.outgoing?;
        let middle = self.node + outgoing * 0.5;
        let [a, b, c, d] = curve.project(outgoing);
        let side = middle.dot(outgoing) - d;
        let mut t = from.t;
        for iteration in 0..MAX_NEWTON_STEPS {
            let high = a * t + b;
            let (distance, speed) = (side - (high * t + c) * t, (high * 2.0 + a * t) * t + c);
            if distance.abs() < SIDE_TOLERANCE {
                let exit = curve.eval(t);
                let off_middle = exit.point - middle;
                let half_width = self.corridor.edge(self.index).half_width;
                return (off_middle.x.abs() + off_middle.y.abs() <= half_width).then_some(exit);
            }
            // A curve that moves away from the side now turns towards it later.
            let mut step = if speed > 0.0 { distance / speed } else { FALLBACK_STEP };
            if iteration == 0 && speed > 0.0 {
                let correction = (high + a * t * 2.0) * step / speed;
                step *= 1.0 - correction.clamp(-MAX_STEP_CORRECTION, MAX_STEP_CORRECTION);
            }
            t = (t + step).clamp(from.t, 1.0);
        }
        None
    }

    /// Whether a curve is contained between two of its points, of which the first is.
    ///
    /// A part that is monotone in x and in y stays in the box of its ends. Otherwise its control polygon decides, or
    /// those of its halves.
    pub(crate) fn contains_curve_part(
        &self,
        curve: &CubicPolynomial,
        from: CurvePoint,
        to: CurvePoint,
    ) -> bool {
        let third = (to.t - from.t) / 3.0;
        // The three legs of the control polygon.
        let (first, last) = (from.derivative * third, to.derivative * third);
        let middle = to.point - from.point - first - last;
        let least = Point::new(first.x.min(middle.x).min(last.x), first.y.min(middle.y).min(last.y));
        let most = Point::new(first.x.max(middle.x).max(last.x), first.y.max(middle.y).max(last.y));
        let is_monotone = (least.x >= 0.0 || most.x <= 0.0) && (least.y >= 0.0 || most.y <= 0.0);
        if is_monotone && self.contains_box(from.point, to.point) {
            return true;
        }
        self.contains(to.point) && self.contains_halves(curve, from, to, MAX_SUBDIVISIONS)
    }

    /// Whether the box of two points is contained, the first of which is. The cell is convex, so the corners suffice;
    /// and along a straight chord the second point does.
    fn contains_box(&self, from: Point, to: Point) -> bool {
        self.contains(to)
            && (self.incoming == self.outgoing
                || (self.is_in_corridor(Point::new(from.x, to.y))
                    && self.is_in_corridor(Point::new(to.x, from.y))))
    }

    /// Whether the control polygon of a part is contained and never turns back against the chord, or those of its
    /// halves.
    fn contains_halves(
        &self,
        curve: &CubicPolynomial,
        from: CurvePoint,
        to: CurvePoint,
        subdivisions: u32,
    ) -> bool {
        let third = (to.t - from.t) / 3.0;
        let (first, last) = (from.derivative * third, to.derivative * third);
        let (p1, p2) = (from.point + first, to.point - last);
        let goes_forward = [first, p2 - p1, last].iter().all(|leg| leg.dot(self.direction) >= 0.0);
        if goes_forward && self.contains(p1) && self.contains(p2) {
            return true;
        }
        let middle = curve.eval(from.t.midpoint(to.t));
        subdivisions > 0
            && self.contains(middle.point)
            && self.contains_halves(curve, from, middle, subdivisions - 1)
            && self.contains_halves(curve, middle, to, subdivisions - 1)
    }
}
