//! A segment of a piecewise cubic in Hermite form: its knots, the steps it spans, and the run it is part of.

use std::ops::Range;

use crate::geometry::Point;

/// Over how many nodes a segment reaches, at most.
pub(crate) const LONGEST: usize = 200;
/// From which ratio of their lengths on pieces have handles of their own at the knot between them.
const UNLIKE: f64 = 2.5;
const UNLIKE_LONG: f64 = 1.1;
/// From which length on a piece is long, in pixels.
const LONG: f64 = 32.0;

/// A knot: the node it belongs to, where the curve is there, and its slope.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Knot {
    pub(crate) node: usize,
    pub(crate) at: Point,
    pub(crate) slope: Point,
    /// The lengths that its slope is taken over by the pieces before and behind it: three times their handles at it.
    pub(crate) spans: [f64; 2],
}

impl Knot {
    /// Changes its spans, and its slope so that a piece that is known, the one before or else the one behind, keeps its shape.
    pub(crate) fn span(&mut self, spans: [f64; 2], known: [bool; 2]) {
        if let Some(side) = (0..2).find(|&side| known[side]) {
            self.slope = self.slope * (self.spans[side] / spans[side]);
        }
        self.spans = spans;
    }
}

/// The lengths that a slope is taken over between a piece of one length and one of another: the same for both, so that the
/// handles mirror each other, unless one piece is far longer.
pub(crate) fn spans([before, after]: [f64; 2]) -> [f64; 2] {
    let (short, long) = (before.min(after), before.max(after));
    let unlike = if long > LONG { UNLIKE_LONG } else { UNLIKE };
    if short > 0.0 && long <= unlike * short {
        [2.0 * short * long / (short + long); 2]
    } else {
        [before, after]
    }
}

/// The weights of (point, slope) at both knots in the curve's value at `t`.
pub(crate) fn values(t: f64, [out, onwards]: [f64; 2]) -> [f64; 4] {
    let v = 1.0 - t;
    [v * v * (1.0 + 2.0 * t), out * t * v * v, t * t * (3.0 - 2.0 * t), -onwards * t * t * v]
}

/// The same for the curve's slope by `t`.
pub(crate) fn slopes(t: f64, [out, onwards]: [f64; 2]) -> [f64; 4] {
    let v = 1.0 - t;
    [-6.0 * t * v, out * v * (v - 2.0 * t), 6.0 * t * v, onwards * t * (t - 2.0 * v)]
}

impl Piece<'_> {
    /// Where it is at a length along the smoothed arc.
    pub(crate) fn at(&self, along: f64) -> Point {
        combine(&values((along - self.start) / self.long, self.spans()), self.knots)
    }
}

pub(crate) fn combine(weights: &[f64; 4], knots: &[Knot]) -> Point {
    knots[0].at * weights[0]
        + knots[0].slope * weights[1]
        + knots[1].at * weights[2]
        + knots[1].slope * weights[3]
}

/// What lies between two knots: some links, and the curve's parameter, a length that runs on from `start`.
pub(crate) struct Piece<'a> {
    pub(crate) links: Range<usize>,
    pub(crate) start: f64,
    pub(crate) long: f64,
    pub(crate) knots: &'a [Knot],
}

impl Piece<'_> {
    /// The lengths that the slopes at both ends are taken over.
    pub(crate) fn spans(&self) -> [f64; 2] {
        [self.knots[0].spans[1], self.knots[1].spans[0]]
    }
}

/// A stretch of an arc between two corners or ends, or a whole closed arc.
#[derive(Clone, Copy)]
pub(crate) struct Stretch<'a> {
    /// Its first node. A closed stretch ends at its first node, one round later.
    pub(crate) from: usize,
    pub(crate) closed: bool,
    /// The length of the smoothed arc up to each of its nodes.
    pub(crate) along: &'a [f64],
}

impl Stretch<'_> {
    /// The length up to a node.
    pub(crate) fn along(&self, node: usize) -> f64 {
        self.along[node - self.from]
    }

    pub(crate) fn piece<'k>(&self, knots: &'k [Knot]) -> Piece<'k> {
        let (from, to) = (knots[0].node, knots[1].node);
        let start = self.along(from);
        Piece { links: from - self.from..to - self.from, start, long: self.along(to) - start, knots }
    }

    /// The length from one node to another.
    pub(crate) fn between(&self, from: usize, to: usize) -> f64 {
        self.along(to) - self.along(from)
    }
}
