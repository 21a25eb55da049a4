//! Straight simplification: few lines through the windows of an arc, with the area of its pixels; beyond half a pixel
//! of the map, vertex removal and moves that restore the area.
//!
//! `min_link` stands alone, `point_grid < vertex_removal < area_restoration`, and
//! `min_link < arc_cells < partition < line_fit < arc_lines`.

mod arc_cells;
pub(super) mod arc_lines;
pub(super) mod area_restoration;
mod line_fit;
pub(super) mod min_link;
mod partition;
mod point_grid;
pub(super) mod vertex_removal;
