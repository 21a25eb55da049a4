//! The corridor of an arc: the lattice cells that the arc alone passes, and the test that a line or curve stays in
//! them.
//!
//! Each file uses only those before it: `tolerances < arc_steps < cell < containment`.

pub(super) mod arc_steps;
pub(super) mod cell;
pub(super) mod containment;
pub(super) mod tolerances;
