//! The upright, cropped photo, encoded for the SVG document.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Affine;
use crate::raster::{PixelRect, RgbView, Size, resample, source_rect};

/// A photo that is decoded only after the visible part of it is known.
pub trait Photo {
    /// Width and height.
    fn size(&self) -> Size;

    /// Decodes the photo to 8-bit RGB of all its pixels, rows from the top. Only pixels in `needed` have to be valid.
    ///
    /// # Errors
    /// Those of the decoder.
    fn decode(&self, needed: &PixelRect) -> Result<Cow<'_, [u8]>>;

    /// Encodes RGB pixels of that size.
    ///
    /// # Errors
    /// Those of the encoder.
    fn encode(&self, size: Size, rgb: &[u8]) -> Result<EmbeddedImage>;
}

/// An encoded image for a `data:` URL.
#[derive(Clone, Debug)]
pub struct EmbeddedImage {
    /// The media type, such as `image/jpeg`.
    pub media_type: &'static str,
    /// The file as base64.
    pub base64: String,
}

/// The maximum side of a JPEG file.
const MAX_EMBED_SIDE: u32 = 65_535;

/// Cuts the photo out of its frame and encodes it. `crop_size` is the size of the crop frame.
///
/// # Errors
/// Those of [`cut_photo`], and those of the encoder.
pub fn embed_photo(
    photo: &dyn Photo,
    crop_size: Size,
    crop_from_image: &Affine,
    max_pixels: u64,
) -> Result<EmbeddedImage> {
    let pixels =
        cut_photo(photo, CropWindow { size: crop_size, crop_from_image }, max_pixels, "embed_image")?;
    photo.encode(crop_size, &pixels)
}

/// The crop of a photo: its size, and the transformation from the image frame.
#[derive(Clone, Copy, Debug)]
pub struct CropWindow<'a> {
    /// Width and height.
    pub size: Size,
    /// The transformation from the image frame to the crop frame.
    pub crop_from_image: &'a Affine,
}

/// Decodes the photo, and resamples it into the crop: 8-bit RGB, rows from the top. `option` is what asked for it.
///
/// # Errors
/// `image_too_large` for a crop of more than `max_pixels`, and the errors of the photo.
pub fn cut_photo(
    photo: &dyn Photo,
    window: CropWindow<'_>,
    max_pixels: u64,
    option: &str,
) -> Result<Vec<u8>> {
    let Size { width, height } = window.size;
    if u64::from(width) * u64::from(height) > max_pixels || width.max(height) > MAX_EMBED_SIDE {
        let detail = format!(
            "the upright crop of {width} x {height} pixels is too large to embed: it may have {max_pixels} pixels and \
             sides of {MAX_EMBED_SIDE}; crop to the face, or do without {option}"
        );
        return Err(Error::new(ErrorKind::ImageTooLarge, "image", detail));
    }
    let image_from_crop = window.crop_from_image.inverse().unwrap_or(Affine::IDENTITY);
    let pixels = photo.decode(&source_rect(&image_from_crop, window.size))?;
    let view = RgbView { size: photo.size(), pixels: &pixels };
    Ok(resample(view, &image_from_crop, window.size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// A photo whose pixels are invalid outside the requested rectangle.
    struct MaskedPhoto {
        requested: RefCell<PixelRect>,
        encoded: RefCell<Vec<u8>>,
    }

    const SIDE: u32 = 40;

    impl MaskedPhoto {
        fn valid_pixels() -> Vec<u8> {
            (0..SIDE * SIDE * 3).map(|i| (i * 7 % 251) as u8).collect()
        }
    }

    impl Photo for MaskedPhoto {
        fn size(&self) -> Size {
            Size::new(SIDE, SIDE)
        }

        fn decode(&self, needed: &PixelRect) -> Result<Cow<'_, [u8]>> {
            self.requested.replace(needed.clone());
            let mut pixels = Self::valid_pixels();
            for (i, pixel) in pixels.chunks_exact_mut(3).enumerate() {
                let (x, y) = (i as u32 % SIDE, i as u32 / SIDE);
                if !needed.columns.contains(&x) || !needed.rows.contains(&y) {
                    pixel.fill(255);
                }
            }
            Ok(Cow::Owned(pixels))
        }

        fn encode(&self, _: Size, rgb: &[u8]) -> Result<EmbeddedImage> {
            self.encoded.replace(rgb.to_vec());
            Ok(EmbeddedImage { media_type: "", base64: String::new() })
        }
    }

    #[test]
    fn the_box_that_is_asked_for_is_all_that_is_shown() {
        let mut most_unused = [0; 2];
        for i in 0..400_u32 {
            let turn = Affine::rotate(f64::from(i) * 0.1) * Affine::scale(0.5 + f64::from(i % 7) * 0.2, 1.0);
            let enlarged = if i % 5 == 0 { 3.0 } else { 1.0 };
            let turn = turn * Affine::scale(enlarged, enlarged);
            let shift = Affine::translate(f64::from(i * 13 % 31) - 3.3, f64::from(i * 11 % 29) - 2.7);
            let image_from_window = shift * turn;
            let size = Size::new(1 + i % 23, 1 + i % 17);
            let photo = MaskedPhoto { requested: RefCell::new(PixelRect::ALL), encoded: RefCell::default() };
            embed_photo(&photo, size, &image_from_window.inverse().unwrap(), 1000).unwrap();
            let whole = RgbView { size: Size::new(SIDE, SIDE), pixels: &MaskedPhoto::valid_pixels() };
            assert_eq!(*photo.encoded.borrow(), resample(whole, &image_from_window, size), "{i}");
            let requested = photo.requested.borrow();
            for (most, range) in most_unused.iter_mut().zip([&requested.columns, &requested.rows]) {
                *most = SIDE.saturating_sub(range.end.min(SIDE) - range.start.min(SIDE)).max(*most);
            }
        }
        assert!(
            most_unused.into_iter().all(|unused| unused > SIDE / 2),
            "some columns and rows need not be decoded"
        );
    }
}
