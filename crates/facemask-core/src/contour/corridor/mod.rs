//! The corridor of an arc: the lattice cells that it alone passes, and the test that a curve stays in them.

pub(super) mod arc_steps;
pub(super) mod cell;
pub(super) mod containment;
