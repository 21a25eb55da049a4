//! A new knot where a segment is cut in two.

use super::segment::{Knot, Piece, Stretch, combine, slopes, values};
use crate::contour::corridor::arc_steps::ArcCorridor;

/// Newton's steps to the place where a piece is cut.
const STEPS: usize = 3;
/// A new knot on a piece, where it passes a node.
pub(crate) fn knot_at(way: &ArcCorridor, stretch: &Stretch<'_>, piece: &Piece<'_>, node: usize) -> Knot {
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
