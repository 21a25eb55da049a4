//! Rows of numbers with something else beside them: a name, a count, a box.

pub(crate) mod annotation_line;
pub(crate) mod counted_rows;
pub(crate) mod yolo;
