//! The planar subdivision of a label map: row differences, border lattice, arcs, rings, and the sieve of small parts.
//!
//! Integers only: no coordinate is rounded here. Order of the files: `row_diff`, `lattice`, `arcs`, `rings`, `sieve`.

pub(super) mod arcs;
pub(super) mod heap_bytes;
pub(super) mod lattice;
pub(super) mod rings;
pub(super) mod row_diff;
pub(super) mod sieve;
