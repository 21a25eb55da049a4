//! The upright, cropped photo, encoded to be put under the regions.

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Affine;
use crate::raster::{RgbView, warp};

/// Encodes `width x height` RGB pixels and answers the media type and the file as base64.
pub type Encode<'a> = dyn Fn(u32, u32, &[u8]) -> Result<(&'static str, String)> + 'a;

/// The longest side of a JPEG file.
const MAX_EMBED_SIDE: u32 = 65_535;

/// Turns and crops the photo, and encodes it.
///
/// # Errors
/// `image_too_large` for a crop of more than `max_pixels`, and what `encode` answers.
pub fn embed(
    (photo, encode): (RgbView<'_>, &Encode<'_>),
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
    encode(width, height, &warp(photo, &back, width, height))
}
