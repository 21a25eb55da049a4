//! The path of an arc: curves and lines in a row, with its true area and its own symmetry, and the points that
//! approximate it.
//!
//! Each file uses only those before it: `area, element, flatten < symmetric_piece, true_area, points < arc_path`.

pub(crate) mod arc_path;
mod area;
mod element;
mod flatten;
mod points;
mod symmetric_piece;
mod true_area;
