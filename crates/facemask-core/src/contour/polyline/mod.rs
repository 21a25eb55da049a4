//! Straight simplification: few lines through the windows of an arc, with the area of its pixels, and vertex removal
//! beyond half a pixel of the map.
//!
//! `min_link` and `point_grid` stand alone, `vertex_removal` uses `point_grid`, and
//! `min_link < arc_cells < partition < line_fit < arc_lines`.

mod arc_cells;
pub(super) mod arc_lines;
mod line_fit;
pub(super) mod min_link;
mod partition;
mod point_grid;
pub(super) mod vertex_removal;
