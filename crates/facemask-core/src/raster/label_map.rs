//! Label maps: one id per pixel, rows from the top.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};

/// A borrowed `height x width` map of ids in row order, rows from the top. Pixel (c, r) covers [c, c+1] x [r, r+1].
///
/// ```
/// let map = facemask_core::raster::LabelMap::new(3, 2, &[0, 1, 1, 0, 0, 2]).unwrap();
/// assert_eq!(map.row(1), &[0, 0, 2]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LabelMap<'a> {
    width: usize,
    height: usize,
    ids: &'a [u8],
}

impl<'a> LabelMap<'a> {
    /// The maximum of width and height. No face needs more.
    pub const MAX_SIDE: usize = 1 << 20;
    /// The maximum number of pixels: border positions are 32-bit integers.
    pub const MAX_PIXELS: usize = 1 << 31;

    /// Borrows `ids` as a map of `width * height` pixels.
    ///
    /// # Errors
    /// [`ErrorKind::MapInvalid`] for an empty map, a side over [`Self::MAX_SIDE`], more than [`Self::MAX_PIXELS`]
    /// pixels, or another number of ids than pixels.
    pub fn new(width: usize, height: usize, ids: &'a [u8]) -> Result<Self> {
        let invalid = |detail: String| Err(Error::new(ErrorKind::MapInvalid, "labels", detail));
        if width == 0 || height == 0 {
            return invalid(format!("the label map is empty ({width} x {height} pixels)"));
        }
        if width > Self::MAX_SIDE || height > Self::MAX_SIDE {
            return invalid(format!(
                "the label map is {width} x {height} pixels, a side may have {}",
                Self::MAX_SIDE
            ));
        }
        if width * height > Self::MAX_PIXELS {
            return invalid(format!(
                "the label map has {} pixels, it may have {}",
                width * height,
                Self::MAX_PIXELS
            ));
        }
        if ids.len() != width * height {
            return invalid(format!(
                "{width} x {height} pixels need {} ids, got {}",
                width * height,
                ids.len()
            ));
        }
        Ok(Self { width, height, ids })
    }

    /// A map of the same size with other ids; the same map without any.
    ///
    /// # Errors
    /// [`ErrorKind::MapInvalid`] for another number of ids than pixels.
    pub fn with_ids<'b>(&self, ids: Option<&'b [u8]>) -> Result<LabelMap<'b>>
    where
        'a: 'b,
    {
        ids.map_or(Ok(*self), |ids| LabelMap::new(self.width, self.height, ids))
    }

    /// The width in pixels.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// The height in pixels.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.height
    }

    /// All ids in row order.
    #[must_use]
    pub const fn ids(&self) -> &'a [u8] {
        self.ids
    }

    /// The ids of row `r`, counted from the top.
    #[must_use]
    pub fn row(&self, r: usize) -> &'a [u8] {
        &self.ids[r * self.width..(r + 1) * self.width]
    }

    /// The ids of some columns and rows, in row order. Whole rows are borrowed.
    #[must_use]
    pub fn ids_within(&self, columns: Range<usize>, rows: Range<usize>) -> Cow<'a, [u8]> {
        if columns == (0..self.width) {
            return Cow::Borrowed(&self.ids[rows.start * self.width..rows.end * self.width]);
        }
        rows.flat_map(|r| &self.row(r)[columns.clone()]).copied().collect()
    }

    /// The id of the pixel in column `c` of row `r`.
    #[must_use]
    pub fn get(&self, c: usize, r: usize) -> u8 {
        self.ids[r * self.width + c]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_map_keeps_its_rows() {
        let map = LabelMap::new(3, 3, &[0, 1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
        assert_eq!(*map.ids_within(1..3, 0..2), [1, 2, 4, 5]);
        assert_eq!(*map.ids_within(0..3, 1..2), [3, 4, 5]);
    }

    #[test]
    fn a_map_must_be_full_and_not_empty() {
        assert!(LabelMap::new(2, 2, &[0; 4]).is_ok());
        let side = LabelMap::MAX_SIDE;
        for (w, h, n) in [(0, 2, 0), (2, 0, 0), (2, 2, 3), (2, 2, 5), (side + 1, 1, 0), (side, side, 0)] {
            assert_eq!(LabelMap::new(w, h, &vec![0; n]).unwrap_err().kind, ErrorKind::MapInvalid);
        }
    }
}
