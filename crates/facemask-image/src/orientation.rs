//! EXIF orientation: the rotation and reflection from the stored picture to the image frame.

use std::ops::Range;

use facemask_core::geometry::Affine;
use facemask_core::raster::PixelRect;

/// The eight EXIF orientations (tag 0x0112), numbered as in the file, named by the operation on the stored
/// picture.
///
/// ```text
///   1     2     3     4     5      6      7      8
///  ##    ##     #    #     #####  #      #      #####      what is stored when
///  #      #    ##    ##    #      #####  #####      #      an F-like 1 was photographed
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Orientation {
    /// 1: identity.
    #[default]
    Upright = 1,
    /// 2: exchange left and right.
    FlipHorizontal = 2,
    /// 3: rotate by 180 degrees.
    Rotate180 = 3,
    /// 4: exchange top and bottom.
    FlipVertical = 4,
    /// 5: reflect about the diagonal through the top left corner.
    Transpose = 5,
    /// 6: rotate by 90 degrees clockwise.
    Rotate90 = 6,
    /// 7: reflect about the diagonal through the top right corner.
    Transverse = 7,
    /// 8: rotate by 90 degrees counterclockwise.
    Rotate270 = 8,
}

impl Orientation {
    /// All orientations by EXIF number.
    pub const ALL: [Self; 8] = [
        Self::Upright,
        Self::FlipHorizontal,
        Self::Rotate180,
        Self::FlipVertical,
        Self::Transpose,
        Self::Rotate90,
        Self::Transverse,
        Self::Rotate270,
    ];

    /// Returns the orientation of an EXIF number, or `None` outside 1 to 8.
    #[must_use]
    pub fn from_exif(value: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|orientation| u32::from(orientation.exif()) == value)
    }

    /// Returns the EXIF number, 1 to 8.
    #[must_use]
    pub const fn exif(self) -> u8 {
        self as u8
    }

    /// Whether width and height are exchanged.
    #[must_use]
    pub const fn swaps_sides(self) -> bool {
        self.exif() >= 5
    }

    /// Returns (width, height) of the oriented picture, in pixels.
    #[must_use]
    pub const fn apply_to_size(self, width: u32, height: u32) -> (u32, u32) {
        if self.swaps_sides() { (height, width) } else { (width, height) }
    }

    /// Maps a box of the oriented picture, clipped to it, to the same pixels of the stored one.
    #[must_use]
    pub fn stored_rect(self, stored_width: u32, stored_height: u32, oriented: &PixelRect) -> PixelRect {
        let (width, height) = self.apply_to_size(stored_width, stored_height);
        let clip = |part: &Range<u32>, side: u32| part.start.min(side)..part.end.min(side);
        let flip = |part: &Range<u32>, side: u32| side - part.end..side - part.start;
        let (x, y) = (clip(&oriented.columns, width), clip(&oriented.rows, height));
        let (columns, rows) = match self {
            Self::Upright => (x, y),
            Self::FlipHorizontal => (flip(&x, width), y),
            Self::Rotate180 => (flip(&x, width), flip(&y, height)),
            Self::FlipVertical => (x, flip(&y, height)),
            Self::Transpose => (y, x),
            Self::Rotate90 => (y, flip(&x, width)),
            Self::Transverse => (flip(&y, height), flip(&x, width)),
            Self::Rotate270 => (flip(&y, height), x),
        };
        PixelRect { columns, rows }
    }

    /// Returns the affine `oriented_from_raw` from points of the stored picture to points of the oriented
    /// one. Both are in pixels: pixel (c, r) covers `[c, c+1] x [r, r+1]`. It converts landmarks of detectors
    /// that ignore EXIF.
    #[must_use]
    pub fn affine(self, stored_width: u32, stored_height: u32) -> Affine {
        let (w, h) = (f64::from(stored_width), f64::from(stored_height));
        Affine(match self {
            Self::Upright => [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            Self::FlipHorizontal => [-1.0, 0.0, w, 0.0, 1.0, 0.0],
            Self::Rotate180 => [-1.0, 0.0, w, 0.0, -1.0, h],
            Self::FlipVertical => [1.0, 0.0, 0.0, 0.0, -1.0, h],
            Self::Transpose => [0.0, 1.0, 0.0, 1.0, 0.0, 0.0],
            Self::Rotate90 => [0.0, -1.0, h, 1.0, 0.0, 0.0],
            Self::Transverse => [0.0, -1.0, h, -1.0, 0.0, w],
            Self::Rotate270 => [0.0, 1.0, 0.0, -1.0, 0.0, w],
        })
    }

    /// Orients `width * height` stored pixels of `N` bytes each, row by row. For [`Orientation::Upright`] it
    /// returns the same allocation.
    #[must_use]
    pub fn apply_to_pixels<const N: usize>(self, width: u32, height: u32, pixels: Vec<u8>) -> Vec<u8> {
        if self == Self::Upright || pixels.is_empty() {
            return pixels;
        }
        let (w, h) = (width as usize, height as usize);
        debug_assert_eq!(pixels.len(), w * h * N);
        let (last_column, last_row) = (w - 1, (h - 1) * w);
        // Index of the stored pixel that becomes the first one.
        let start = match self {
            Self::Upright | Self::Transpose => 0,
            Self::FlipHorizontal | Self::Rotate270 => last_column,
            Self::FlipVertical | Self::Rotate90 => last_row,
            Self::Rotate180 | Self::Transverse => last_row + last_column,
        };
        let source = |ox: usize, oy: usize| match self {
            Self::Upright => oy * w + ox,
            Self::FlipHorizontal => start + oy * w - ox,
            Self::Rotate180 => start - oy * w - ox,
            Self::FlipVertical => start - oy * w + ox,
            Self::Transpose => ox * w + oy,
            Self::Rotate90 => start - ox * w + oy,
            Self::Transverse => start - ox * w - oy,
            Self::Rotate270 => start + ox * w - oy,
        };
        let (out_width, out_height) = if self.swaps_sides() { (h, w) } else { (w, h) };
        let mut out = Vec::with_capacity(pixels.len());
        for oy in 0..out_height {
            for ox in 0..out_width {
                let at = source(ox, oy) * N;
                out.extend_from_slice(&pixels[at..at + N]);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use facemask_core::geometry::Point;

    /// Stored 3 x 2:  0 1 2
    ///                3 4 5
    #[test]
    fn pixels_turn_as_the_exif_standard_says() {
        let expected: [&[u8]; 8] = [
            &[0, 1, 2, 3, 4, 5],
            &[2, 1, 0, 5, 4, 3],
            &[5, 4, 3, 2, 1, 0],
            &[3, 4, 5, 0, 1, 2],
            &[0, 3, 1, 4, 2, 5],
            &[3, 0, 4, 1, 5, 2],
            &[5, 2, 4, 1, 3, 0],
            &[2, 5, 1, 4, 0, 3],
        ];
        for (orientation, expected) in Orientation::ALL.into_iter().zip(expected) {
            let turned = orientation.apply_to_pixels::<1>(3, 2, vec![0, 1, 2, 3, 4, 5]);
            assert_eq!(turned, expected, "{orientation:?}");
        }
    }

    #[test]
    fn the_affine_sends_each_pixel_where_the_pixels_go() {
        let (w, h) = (5_u32, 3_u32);
        let stored: Vec<u8> = (0..15).flat_map(|i| [i, 100 + i, 200]).collect();
        for orientation in Orientation::ALL {
            let (ow, oh) = orientation.apply_to_size(w, h);
            let turned = orientation.apply_to_pixels::<3>(w, h, stored.clone());
            let affine = orientation.affine(w, h);
            for (index, pixel) in stored.chunks(3).enumerate() {
                let center = Point::new((index % 5) as f64 + 0.5, (index / 5) as f64 + 0.5);
                let to = affine.apply(center);
                assert!(to.x > 0.0 && to.x < f64::from(ow) && to.y > 0.0 && to.y < f64::from(oh));
                let at = (to.y as usize * ow as usize + to.x as usize) * 3;
                assert_eq!(&turned[at..at + 3], pixel, "{orientation:?}");
            }
        }
    }

    #[test]
    fn numbers_go_there_and_back() {
        for orientation in Orientation::ALL {
            assert_eq!(Orientation::from_exif(u32::from(orientation.exif())), Some(orientation));
        }
        assert_eq!(Orientation::from_exif(0), None);
        assert_eq!(Orientation::from_exif(9), None);
    }
}
