//! The upright, cropped photo, encoded to be put under the regions.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Affine, Rect};
use crate::raster::{PixelRect, RgbView, Size, warp};

/// A photo that is only decoded once it is known what is shown of it.
pub trait Photo {
    /// Width and height, pixels.
    fn size(&self) -> (u32, u32);

    /// 8-bit RGB of the whole picture, rows from the top; only the pixels of the given box have to be right.
    ///
    /// # Errors
    /// Those of its decoder.
    fn pixels(&self, needed: &PixelRect) -> Result<Cow<'_, [u8]>>;

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
    let pixels = photo.pixels(&box_under(&back, width, height))?;
    let view = RgbView { size: photo.size().into(), pixels: &pixels };
    photo.encode(width, height, &warp(view, &back, Size::new(width, height)))
}

/// The part of the photo from which the pixels of a window are mixed, and one more on each side.
fn box_under(image_from_window: &Affine, width: u32, height: u32) -> PixelRect {
    let corners = Rect::new(0.0, 0.0, f64::from(width), f64::from(height)).corners();
    let places = corners.map(|corner| image_from_window.apply(corner));
    let around = |coordinates: [f64; 4]| {
        let first = coordinates.into_iter().fold(f64::MAX, f64::min);
        let last = coordinates.into_iter().fold(f64::MIN, f64::max);
        // A pixel is mixed from the centres next to it, half a pixel away and less. The cast takes what is negative for 0.
        (first - 2.0) as u32..(last + 3.0) as u32
    };
    PixelRect { columns: around(places.map(|p| p.x)), rows: around(places.map(|p| p.y)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// A photo of which every pixel that was not asked for is spoilt.
    struct Spoilt {
        asked: RefCell<PixelRect>,
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

        fn pixels(&self, needed: &PixelRect) -> Result<Cow<'_, [u8]>> {
            self.asked.replace(needed.clone());
            let mut pixels = Self::whole();
            for (i, pixel) in pixels.chunks_exact_mut(3).enumerate() {
                let (x, y) = (i as u32 % SIDE, i as u32 / SIDE);
                if !needed.columns.contains(&x) || !needed.rows.contains(&y) {
                    pixel.fill(255);
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
    fn the_box_that_is_asked_for_is_all_that_is_shown() {
        let mut most_left = [0; 2];
        for i in 0..400_u32 {
            let turn = Affine::rotate(f64::from(i) * 0.1) * Affine::scale(0.5 + f64::from(i % 7) * 0.2, 1.0);
            let place = Affine::translate(f64::from(i * 13 % 31) - 3.3, f64::from(i * 11 % 29) - 2.7);
            let image_from_window = place * turn;
            let (width, height) = (1 + i % 23, 1 + i % 17);
            let photo = Spoilt { asked: RefCell::new(PixelRect::ALL), seen: RefCell::default() };
            embed(&photo, (width, height), &image_from_window.inverse().unwrap(), 1000).unwrap();
            let whole = RgbView { size: Size::new(SIDE, SIDE), pixels: &Spoilt::whole() };
            assert_eq!(
                *photo.seen.borrow(),
                warp(whole, &image_from_window, Size::new(width, height)),
                "{i}"
            );
            let asked = photo.asked.borrow();
            for (most, asked) in most_left.iter_mut().zip([&asked.columns, &asked.rows]) {
                *most = SIDE.saturating_sub(asked.end.min(SIDE) - asked.start.min(SIDE)).max(*most);
            }
        }
        assert!(
            most_left.into_iter().all(|left| left > SIDE / 2),
            "some columns and rows need not be decoded"
        );
    }
}
