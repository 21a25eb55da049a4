//! A part of a picture.

use std::ops::Range;

/// Some columns and rows of a picture, counted from its first pixel; it may reach beyond the picture, and be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixelBox {
    /// From the left.
    pub columns: Range<u32>,
    /// From the top.
    pub rows: Range<u32>,
}

impl PixelBox {
    /// The whole of every picture.
    pub const ALL: Self = Self { columns: 0..u32::MAX, rows: 0..u32::MAX };
}
