//! The knot at which a segment is split in two.

use super::segment::{ArcRun, HermiteSegment, Knot, hermite_derivatives, hermite_weights};
use super::tuning::SPLIT_NEWTON_STEPS;
use crate::contour::corridor::arc_steps::ArcCorridor;

/// A new knot on a segment, near a node: at the nearest point of the curve, by a few Newton steps.
pub(super) fn split_knot(
    corridor: &ArcCorridor,
    run: &ArcRun<'_>,
    segment: &HermiteSegment<'_>,
    node: usize,
) -> Knot {
    let (length_before, scales) = (run.arc_length(node) - segment.start, segment.scales());
    let mut t = length_before / segment.length;
    for _ in 0..SPLIT_NEWTON_STEPS {
        let (point, derivative) =
            (segment.combine(&hermite_weights(t, scales)), segment.combine(&hermite_derivatives(t, scales)));
        t +=
            (corridor.node(node) - point).dot(derivative) / derivative.dot(derivative).max(f64::MIN_POSITIVE);
        t = t.clamp(0.0, 1.0);
    }
    // From the derivative by t to that by arc length: the mean of both halves.
    let speed = 0.5 * (t / length_before + (1.0 - t) / (segment.length - length_before));
    Knot {
        node,
        point: segment.combine(&hermite_weights(t, scales)),
        tangent: segment.combine(&hermite_derivatives(t, scales)) * speed,
        tangent_scales: [0.0; 2],
    }
}
