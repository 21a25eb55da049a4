//! Straight simplification: the fewest lines through the windows of an arc, and removal of vertices beyond half a pixel.

pub(super) mod min_link;
pub(super) mod point_grid;
pub(super) mod vertex_removal;
