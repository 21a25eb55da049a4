//! The upright, cropped photo, encoded to be put under the regions.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Affine, Rect};
use crate::raster::{RgbView, warp};

/// A photo that is only decoded once it is known what is shown of it.
pub trait Photo {
    /// Width and height, pixels.
    fn size(&self) -> (u32, u32);

    /// 8-bit RGB of the whole picture, rows from the top; only those of the given rows have to be right.
    ///
    /// # Errors
    /// Those of its decoder.
    fn pixels(&self, rows: Range<u32>) -> Result<Cow<'_, [u8]>>;

    /// Encodes `width x height` RGB pixels and answers the media type and the file as base64.
    ///
    /// # Errors
    /// Those of its encoder.
    fn encode(&self, width: u32, height: u32, rgb: &[u8]) -> Result<(&'static str, String)>;
}

/// The longest side of a JPEG file.
const MAX_EMBED_SIDE: u32 = 65_535;

/// Turns and crops the photo, and encodes it.
///
/// # Errors
/// `image_too_large` for a crop of more than `max_pixels`, and what the photo answers.
pub fn embed(
    photo: &dyn Photo,
    (width, height): (u32, u32),
    crop_from_image: &Affine,
    max_pixels: u64,
) -> Result<(&'static str, String)> {
    if u64::from(width) * u64::from(height) > max_pixels || width.max(height) > MAX_EMBED_SIDE {
        let detail = format!(
            "the upright crop of {width} x {height} pixels is too large to embed: it may have {max_pixels} pixels and \
             sides of {MAX_EMBED_SIDE}; crop to the face, or do without embed_image"
        );
        return Err(Error::new(ErrorKind::ImageTooLarge, "image", detail));
    }
    let back = crop_from_image.inverse().unwrap_or(Affine::IDENTITY);
    let pixels = photo.pixels(rows_under(&back, width, height))?;
    let (photo_width, photo_height) = photo.size();
    let view = RgbView { width: photo_width, height: photo_height, pixels: &pixels };
    photo.encode(width, height, &warp(view, &back, width, height))
}

/// The rows of the photo from which the pixels of a window are mixed, and one more on each side.
fn rows_under(image_from_window: &Affine, width: u32, height: u32) -> Range<u32> {
    let corners = Rect::new(0.0, 0.0, f64::from(width), f64::from(height)).corners();
    let ys = corners.map(|corner| image_from_window.apply(corner).y);
    let (top, bottom) = (ys.into_iter().fold(f64::MAX, f64::min), ys.into_iter().fold(f64::MIN, f64::max));
    // A pixel is mixed from the centres next to it, half a pixel away and less. The cast takes what is negative for 0.
    (top - 2.0) as u32..(bottom + 3.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// A photo of which every row that was not asked for is spoilt.
    struct Spoilt {
        asked: RefCell<Range<u32>>,
        seen: RefCell<Vec<u8>>,
    }

    const SIDE: u32 = 40;

    impl Spoilt {
        fn whole() -> Vec<u8> {
            (0..SIDE * SIDE * 3).map(|i| (i * 7 % 251) as u8).collect()
        }
    }

    impl Photo for Spoilt {
        fn size(&self) -> (u32, u32) {
            (SIDE, SIDE)
        }

        fn pixels(&self, rows: Range<u32>) -> Result<Cow<'_, [u8]>> {
            self.asked.replace(rows.clone());
            let mut pixels = Self::whole();
            for (y, row) in pixels.chunks_exact_mut(3 * SIDE as usize).enumerate() {
                if !rows.contains(&(y as u32)) {
                    row.fill(255);
                }
            }
            Ok(Cow::Owned(pixels))
        }

        fn encode(&self, _: u32, _: u32, rgb: &[u8]) -> Result<(&'static str, String)> {
            self.seen.replace(rgb.to_vec());
            Ok(("", String::new()))
        }
    }

    #[test]
    fn the_rows_that_are_asked_for_are_all_that_is_shown() {
        let mut most_left = 0;
        for i in 0..400_u32 {
            let turn = Affine::rotate(f64::from(i) * 0.1) * Affine::scale(0.5 + f64::from(i % 7) * 0.2, 1.0);
            let place = Affine::translate(f64::from(i * 13 % 31) - 3.3, f64::from(i * 11 % 29) - 2.7);
            let image_from_window = place * turn;
            let (width, height) = (1 + i % 23, 1 + i % 17);
            let photo = Spoilt { asked: RefCell::new(0..0), seen: RefCell::default() };
            embed(&photo, (width, height), &image_from_window.inverse().unwrap(), 1000).unwrap();
            let whole = RgbView { width: SIDE, height: SIDE, pixels: &Spoilt::whole() };
            assert_eq!(*photo.seen.borrow(), warp(whole, &image_from_window, width, height), "{i}");
            let asked = photo.asked.borrow();
            most_left = most_left.max(SIDE.saturating_sub(asked.end.min(SIDE) - asked.start.min(SIDE)));
        }
        assert!(most_left > SIDE / 2, "some rows need not be decoded");
    }
}
