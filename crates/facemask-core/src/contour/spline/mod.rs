//! Cubic curves along an arc: smoothing, a constrained least-squares fit, the test cell by cell, and flattening.
//!
//! Order of the files: `simd`, `segment`; `whittaker`, `subdivide`, `normal_equations`, `residuals`, `fit_spline`;
//! `crossings`, `flatten`, `arc_path`; `fit_arc`.

pub(super) mod arc_path;
pub(super) mod crossings;
pub(super) mod fit_arc;
pub(super) mod fit_spline;
pub(super) mod flatten;
pub(super) mod normal_equations;
pub(super) mod residuals;
pub(super) mod segment;
pub(super) mod simd;
pub(super) mod subdivide;
pub(super) mod whittaker;
