//! The planar subdivision of a label map: lattice of border nodes, arcs, rings, and the sieve of small parts.
//!
//! Integers and halves only: no coordinate is rounded here. Each file uses only those before it:
//! `heap_bytes, direction, ids, row_diff < lattice < arcs < rings < sieve`, and `direction < canonical`.

pub(super) mod arcs;
pub(super) mod canonical;
pub(super) mod direction;
pub(super) mod heap_bytes;
pub(super) mod ids;
pub(super) mod lattice;
pub(super) mod rings;
pub(super) mod row_diff;
pub(super) mod sieve;
