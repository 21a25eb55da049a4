//! Clipping of polygons to a rectangle, with the same points for both neighbors of a border.
//!
//! `original_points` uses `rect`, and `rect` uses `split_touching` and `restore_curves`, which stand alone.

pub(super) mod original_points;
pub(super) mod rect;
mod restore_curves;
mod split_touching;
