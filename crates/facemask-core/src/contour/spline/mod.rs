//! Cubic curves along an arc: smoothing, a constrained least-squares fit, the containment test, and flattening.
//!
//! Each file uses only those before it: `tuning, simd < segment < whittaker, subdivide, normal_equations < residuals <
//! fit_spline < crossings < path < fit_arc`.

mod crossings;
pub(super) mod fit_arc;
mod fit_spline;
mod normal_equations;
pub(super) mod path;
mod residuals;
mod segment;
mod simd;
mod subdivide;
pub(super) mod tuning;
pub(super) mod whittaker;
