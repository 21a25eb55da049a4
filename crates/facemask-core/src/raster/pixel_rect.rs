//! Rectangles of whole pixels.

use std::ops::Range;

/// A rectangle of pixels, counted from the top left pixel of an image. It may extend beyond the image, and be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixelRect {
    /// Columns, counted from the left.
    pub columns: Range<u32>,
    /// Rows, counted from the top.
    pub rows: Range<u32>,
}

impl PixelRect {
    /// The rectangle that contains every image.
    pub const ALL: Self = Self { columns: 0..u32::MAX, rows: 0..u32::MAX };
}
