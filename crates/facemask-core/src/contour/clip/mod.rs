//! Clipping of polygons to a rectangle, with the same points for both neighbors of a border.

pub(super) mod rect;
pub(super) mod restore_curves;
pub(super) mod split_touching;
