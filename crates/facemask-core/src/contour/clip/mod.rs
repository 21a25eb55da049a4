//! Clipping of polygons to a rectangle, with the same points for both neighbors of a border.
//!
//! `rect` uses `split_touching` and `restore_curves`, which stand alone.

pub(super) mod rect;
pub(super) mod restore_curves;
pub(super) mod split_touching;
