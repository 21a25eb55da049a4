//! Segments of a piecewise cubic in Hermite form, their knots, and the run of an arc that they cover.

use std::ops::Range;

use super::tuning::{LONG_SEGMENT, MAX_LONG_MIRROR_RATIO, MAX_MIRROR_RATIO};
use crate::geometry::Point;

/// A knot: the point and the tangent at which two segments meet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Knot {
    /// The node that it stands for.
    pub(super) node: usize,
    pub(super) point: Point,
    /// The derivative by arc length: a vector of length about 1.
    pub(super) tangent: Point,
    /// The factors from the tangent to the derivative by the parameter of the segment before, and of the one behind:
    /// lengths in px, three times those of the Bezier handles where the tangent has length 1.
    pub(super) tangent_scales: [f64; 2],
}

/// A cubic between two knots, by its parameter from 0 to 1.
pub(super) struct HermiteSegment<'a> {
    /// The grid edges between its knots, counted from the start of the run.
    pub(super) edges: Range<usize>,
    /// The arc length at its first knot, and its own.
    pub(super) start: f64,
    pub(super) length: f64,
    /// Its two knots.
    pub(super) knots: &'a [Knot],
}

/// A run of an arc between two corners or ends, or a whole closed arc.
#[derive(Clone, Copy)]
pub(super) struct ArcRun<'a> {
    /// Its first node. A closed run ends at its first node, one round later.
    pub(super) first_node: usize,
    pub(super) is_closed: bool,
    /// The arc length of the smoothed arc up to each of its nodes, in px.
    pub(super) arc_lengths: &'a [f64],
}

impl Knot {
    /// Sets the scales. The tangent changes so that the first known segment at the knot keeps its shape.
    pub(super) fn set_scales(&mut self, tangent_scales: [f64; 2], is_known: [bool; 2]) {
        if let Some(side) = (0..2).find(|&side| is_known[side]) {
            self.tangent = self.tangent * (self.tangent_scales[side] / tangent_scales[side]);
        }
        self.tangent_scales = tangent_scales;
    }
}

/// The tangent scales at a knot between two segments of given lengths.
///
/// The harmonic mean for both, so that their handles mirror each other, unless one is far longer. Then each has its own
/// length.
pub(super) fn tangent_scales([before, after]: [f64; 2]) -> [f64; 2] {
    let (short, long) = (before.min(after), before.max(after));
    let max_ratio = if long > LONG_SEGMENT { MAX_LONG_MIRROR_RATIO } else { MAX_MIRROR_RATIO };
    if short > 0.0 && long <= max_ratio * short {
        [2.0 * short * long / (short + long); 2]
    } else {
        [before, after]
    }
}

impl ArcRun<'_> {
    /// The arc length up to a node.
    pub(super) fn arc_length(&self, node: usize) -> f64 {
        self.arc_lengths[node - self.first_node]
    }

    /// The arc length from one node to another.
    pub(super) fn length_between(&self, from: usize, to: usize) -> f64 {
        self.arc_length(to) - self.arc_length(from)
    }

    /// The segment between two knots.
    pub(super) fn segment<'k>(&self, knots: &'k [Knot]) -> HermiteSegment<'k> {
        let (from, to) = (knots[0].node, knots[1].node);
        let start = self.arc_length(from);
        let edges = from - self.first_node..to - self.first_node;
        HermiteSegment { edges, start, length: self.arc_length(to) - start, knots }
    }
}

impl HermiteSegment<'_> {
    /// The tangent scales at its two ends.
    pub(super) fn scales(&self) -> [f64; 2] {
        [self.knots[0].tangent_scales[1], self.knots[1].tangent_scales[0]]
    }

    /// The point at an arc length.
    pub(super) fn point_at(&self, arc_length: f64) -> Point {
        self.combine(&hermite_weights((arc_length - self.start) / self.length, self.scales()))
    }

    /// The sum of point and tangent at both knots, with weights.
    pub(super) fn combine(&self, weights: &[f64; 4]) -> Point {
        self.knots[0].point * weights[0]
            + self.knots[0].tangent * weights[1]
            + self.knots[1].point * weights[2]
            + self.knots[1].tangent * weights[3]
    }
}

/// The cubic Hermite basis at `t`: the weights of (point, tangent) at both knots.
pub(super) fn hermite_weights(t: f64, [first, second]: [f64; 2]) -> [f64; 4] {
    let v = 1.0 - t;
    [v * v * (1.0 + 2.0 * t), first * t * v * v, t * t * (3.0 - 2.0 * t), -second * t * t * v]
}

/// The derivatives of the basis by `t`.
pub(super) fn hermite_derivatives(t: f64, [first, second]: [f64; 2]) -> [f64; 4] {
    let v = 1.0 - t;
    [-6.0 * t * v, first * v * (v - 2.0 * t), 6.0 * t * v, second * t * (t - 2.0 * v)]
}
