//! The lengths and limits of the containment test, in pixels of the map unless a unit is given.
//!
//! They decide which curves are proven to be valid, not how well a curve fits.

/// The clearance of a pixel center that no other border passes: how near to the center a border may cross a grid edge.
///
/// Derived: more than [`SIDE_TOLERANCE`], so that a curve that counts as crossing does so on the right side of the
/// center. More would forbid valid curves. At a center that another border passes, `MAX_OFFSET` of `min_link` holds
/// instead, lest rounded borders touch.
pub(super) const CENTER_CLEARANCE: f64 = 0.001;

/// The least sine of the angle between a curve and the grid edge that it crosses: below it, the curve counts as running
/// along the edge.
///
/// It bounds quotients by the sine: the weight of a crossing in the fit, and the width of windows along a curve.
pub(crate) const MIN_CROSSING_SINE: f64 = 0.02;

/// The half width of the cone of a border in a junction's cell, in parts of the distance along its crack.
///
/// Derived: below 1, at which the cones of two neighboring borders share a line. Less would forbid curves that turn
/// right behind a junction.
pub(super) const JUNCTION_CONE: f64 = 0.9;

/// The distance from the side of a cell at which a point counts as on it.
///
/// Derived: far above the rounding of coordinates up to 2^16 (1e-11), far below [`CENTER_CLEARANCE`]. Less takes more
/// Newton steps.
pub(crate) const SIDE_TOLERANCE: f64 = 1e-6;

/// The most Newton steps to the parameter at which a curve leaves a cell. A curve that takes more is not contained.
pub(super) const MAX_NEWTON_STEPS: usize = 12;

/// The parameter step where the curve moves away from the side for now, and Newton's step would go back.
pub(super) const FALLBACK_STEP: f64 = 0.01;

/// The largest change of the first Newton step by its second-order term, in parts of the step. More makes the step
/// overshoot where the curve bends sharply.
pub(super) const MAX_STEP_CORRECTION: f64 = 0.3;

/// The depth of the subdivision of a curve's part in a cell, until its control polygons are contained. A curve that
/// takes more is not contained.
pub(super) const MAX_SUBDIVISIONS: u32 = 4;
