//! Straight simplification: greedy minimum-link paths through the windows of an arc, and vertex removal beyond half a
//! pixel of the map.
//!
//! `min_link` and `point_grid` stand alone, `vertex_removal` uses `point_grid`.

pub(super) mod min_link;
pub(super) mod point_grid;
pub(super) mod vertex_removal;
