//! The EXIF orientation: how a stored picture has to be turned to stand as it was taken.

use std::ops::Range;

use facemask_core::geometry::Affine;
use facemask_core::raster::PixelRect;

/// The eight EXIF orientations, numbered 1 to 8 as in the file, named by what is done to the stored picture.
///
/// ```text
///   1     2     3     4     5      6      7      8
///  ##    ##     #    #     #####  #      #      #####      what is stored when
///  #      #    ##    ##    #      #####  #####      #      an F-like 1 was photographed
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Orientation {
    /// 1: leave it.
    #[default]
    Upright = 1,
    /// 2: swap left and right.
    FlipHorizontal = 2,
    /// 3: half a turn.
    Rotate180 = 3,
    /// 4: swap top and bottom.
    FlipVertical = 4,
    /// 5: mirror about the diagonal from the top left corner.
    Transpose = 5,
    /// 6: a quarter turn clockwise.
    Rotate90 = 6,
    /// 7: mirror about the diagonal from the top right corner.
    Transverse = 7,
    /// 8: a quarter turn counterclockwise.
    Rotate270 = 8,
}

impl Orientation {
    /// All eight, in the order of their EXIF numbers.
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

    /// The orientation with this EXIF number, or `None` outside 1 to 8.
    #[must_use]
    pub fn from_exif(value: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|orientation| u32::from(orientation.exif()) == value)
    }

    /// The EXIF number, 1 to 8.
    #[must_use]
    pub const fn exif(self) -> u8 {
        self as u8
    }

    /// Whether width and height change places.
    #[must_use]
    pub const fn swaps_sides(self) -> bool {
        self.exif() >= 5
    }

    /// (width, height) after the turn, from the stored ones.
    #[must_use]
    pub const fn apply_to_size(self, width: u32, height: u32) -> (u32, u32) {
        if self.swaps_sides() { (height, width) } else { (width, height) }
    }

    /// Where the pixels of a box in the turned picture lie in the stored one, as far as both have them.
    #[must_use]
    pub fn stored_box(self, stored_width: u32, stored_height: u32, turned: &PixelRect) -> PixelRect {
        let (width, height) = self.apply_to_size(stored_width, stored_height);
        let within = |part: &Range<u32>, side: u32| part.start.min(side)..part.end.min(side);
        let back = |part: &Range<u32>, side: u32| side - part.end..side - part.start;
        let (x, y) = (within(&turned.columns, width), within(&turned.rows, height));
        let (columns, rows) = match self {
            Self::Upright => (x, y),
            Self::FlipHorizontal => (back(&x, width), y),
            Self::Rotate180 => (back(&x, width), back(&y, height)),
            Self::FlipVertical => (x, back(&y, height)),
            Self::Transpose => (y, x),
            Self::Rotate90 => (y, back(&x, width)),
            Self::Transverse => (back(&y, height), back(&x, width)),
            Self::Rotate270 => (back(&y, height), x),
        };
        PixelRect { columns, rows }
    }

    /// The map `oriented_from_raw`: from points of the stored picture to points of the turned one, both in
    /// pixels where pixel (c, r) covers `[c, c+1] x [r, r+1]`. For landmarks that were found without looking
    /// at the EXIF orientation.
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

    /// Turns stored pixels of `N` bytes each, `width * height` of them, row by row. The upright ones are
    /// handed back as they are.
    #[must_use]
    pub fn apply_to_pixels<const N: usize>(self, width: u32, height: u32, pixels: Vec<u8>) -> Vec<u8> {
        if self == Self::Upright || pixels.is_empty() {
            return pixels;
        }
        let (w, h) = (width as usize, height as usize);
        debug_assert_eq!(pixels.len(), w * h * N);
        let (last_column, last_row) = (w - 1, (h - 1) * w);
        // Where the first pixel of the answer lies in the stored picture.
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
                let centre = Point::new((index % 5) as f64 + 0.5, (index / 5) as f64 + 0.5);
                let to = affine.apply(centre);
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
