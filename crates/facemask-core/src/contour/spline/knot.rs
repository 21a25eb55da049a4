//! Knots: where pieces meet, and how long the handles of both are there.

use super::super::links::Piece;
use super::super::walk::Way;
use super::Stretch;
use crate::geometry::Point;

/// Newton's steps to the place where a piece is cut.
const STEPS: usize = 3;
/// From which ratio of their lengths on pieces have handles of their own at the knot between them.
const UNLIKE: f64 = 2.5;
const UNLIKE_LONG: f64 = 1.1;
/// From which length on a piece is long, in pixels.
const LONG: f64 = 32.0;

/// A knot: the node it belongs to, where the curve is there, and its slope.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in super::super) struct Knot {
    pub(in super::super) node: usize,
    pub(in super::super) at: Point,
    pub(in super::super) slope: Point,
    /// The lengths that its slope is taken over by the pieces before and behind it: three times their handles at it.
    pub(in super::super) spans: [f64; 2],
}

impl Knot {
    /// Changes its spans, and its slope so that a piece that is known, the one before or else the one behind, keeps its shape.
    pub(super) fn span(&mut self, spans: [f64; 2], known: [bool; 2]) {
        if let Some(side) = (0..2).find(|&side| known[side]) {
            self.slope = self.slope * (self.spans[side] / spans[side]);
        }
        self.spans = spans;
    }
}

/// The lengths that a slope is taken over between a piece of one length and one of another: the same for both, so that the
/// handles mirror each other, unless one piece is far longer.
pub(super) fn spans([before, after]: [f64; 2]) -> [f64; 2] {
    let (short, long) = (before.min(after), before.max(after));
    let unlike = if long > LONG { UNLIKE_LONG } else { UNLIKE };
    if short > 0.0 && long <= unlike * short {
        [2.0 * short * long / (short + long); 2]
    } else {
        [before, after]
    }
}

/// The weights of (point, slope) at both knots in the curve's value at `t`.
fn values(t: f64, [out, onwards]: [f64; 2]) -> [f64; 4] {
    let v = 1.0 - t;
    [v * v * (1.0 + 2.0 * t), out * t * v * v, t * t * (3.0 - 2.0 * t), -onwards * t * t * v]
}

/// The same for the curve's slope by `t`.
fn slopes(t: f64, [out, onwards]: [f64; 2]) -> [f64; 4] {
    let v = 1.0 - t;
    [-6.0 * t * v, out * v * (v - 2.0 * t), 6.0 * t * v, onwards * t * (t - 2.0 * v)]
}

/// A new knot on a piece, where it passes a node.
pub(super) fn knot_at(way: &Way, stretch: &Stretch<'_>, piece: &Piece<'_>, node: usize) -> Knot {
    let (whole, spans) = (stretch.along(node) - piece.start, piece.spans());
    let mut t = whole / piece.long;
    for _ in 0..STEPS {
        let (at, slope) = (combine(&values(t, spans), piece.knots), combine(&slopes(t, spans), piece.knots));
        t += (way.node(node) - at).dot(slope) / slope.dot(slope).max(f64::MIN_POSITIVE);
        t = t.clamp(0.0, 1.0);
    }
    let pace = 0.5 * (t / whole + (1.0 - t) / (piece.long - whole));
    Knot {
        node,
        at: combine(&values(t, spans), piece.knots),
        slope: combine(&slopes(t, spans), piece.knots) * pace,
        spans: [0.0; 2],
    }
}

impl Piece<'_> {
    /// Where it is at a length along the smoothed arc.
    pub(super) fn at(&self, along: f64) -> Point {
        combine(&values((along - self.start) / self.long, self.spans()), self.knots)
    }
}

fn combine(weights: &[f64; 4], knots: &[Knot]) -> Point {
    knots[0].at * weights[0]
        + knots[0].slope * weights[1]
        + knots[1].at * weights[2]
        + knots[1].slope * weights[3]
}
