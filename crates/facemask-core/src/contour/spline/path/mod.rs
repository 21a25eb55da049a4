//! The path of an arc: curves and lines in a row, with its true area and its own symmetry, and the points that
//! approximate it.
//!
//! Each file uses only those before it: `element, flatten < fundamental_domain, true_area, points < arc_path`.

pub(crate) mod arc_path;
mod element;
mod flatten;
mod fundamental_domain;
mod points;
mod true_area;
