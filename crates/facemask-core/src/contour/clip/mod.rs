//! Clipping of polygons to a rectangle, with the same points for both neighbors of a border.
//!
//! `original_points` uses `rect`. Both use `restore_curves`, and `rect` uses `split_touching`; these stand alone.

pub(super) mod original_points;
pub(super) mod rect;
pub(super) mod restore_curves;
pub(super) mod split_touching;
