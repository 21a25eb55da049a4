//! Photo decoder: file bytes to 8-bit RGB pixels with the EXIF orientation applied.

mod region_decode;
mod rgb_converter;

use facemask_core::error::Result;
use facemask_core::raster::PixelRect;

use crate::input_kind::InputKind;
use crate::limits::Limits;
use crate::webp;
pub use region_decode::decode_image_region;

/// Pixels of a photo in the image frame: the EXIF orientation has been applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RgbImage {
    /// Width in pixels, after the EXIF orientation.
    pub width: u32,
    /// Height in pixels, after the EXIF orientation.
    pub height: u32,
    /// Red, green, blue of every pixel, row by row from the top left: `width * height * 3` bytes.
    pub pixels: Vec<u8>,
}

/// Decodes a photo to 8-bit RGB and applies its EXIF orientation.
///
/// Gray becomes three equal channels, 16-bit samples are rounded to 8, palette indices become their colors,
/// CMYK and YCCK become RGB, and transparent pixels are composited over white. Color profiles are not
/// applied. Of an animated PNG the still picture is decoded; an animated WebP is an error.
///
/// # Errors
///
/// Those of [`inspect_image`], `image_too_large` above `limits.max_decode_pixels`, and `image_corrupt` if the
/// pixel data is damaged, truncated, or larger than the header says.
///
/// [`inspect_image`]: crate::inspect_image
pub fn decode_image(data: &[u8], limits: &Limits) -> Result<RgbImage> {
    decode_image_region(data, limits, &PixelRect::ALL)
}

/// Composites an RGB color over white. `alpha` is 0 (transparent) to 255 (opaque).
fn over_white(color: [u8; 3], alpha: u8) -> [u8; 3] {
    let alpha = u32::from(alpha);
    color.map(|c| ((u32::from(c) * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
}

fn decode_webp(data: &[u8]) -> Result<Vec<u8>> {
    let mut pixels = webp::decode(InputKind::Photo, data)?;
    if pixels.channels == 3 {
        return Ok(pixels.bytes);
    }
    let count = pixels.bytes.len() / 4;
    for i in 0..count {
        let [r, g, b, a] = [0, 1, 2, 3].map(|c| pixels.bytes[i * 4 + c]);
        pixels.bytes[i * 3..i * 3 + 3].copy_from_slice(&over_white([r, g, b], a));
    }
    pixels.bytes.truncate(count * 3);
    Ok(pixels.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparent_is_white_and_opaque_is_itself() {
        assert_eq!(over_white([10, 20, 30], 255), [10, 20, 30]);
        assert_eq!(over_white([10, 20, 30], 0), [255; 3]);
        assert_eq!(over_white([0, 255, 100], 128), [127, 255, 177]);
    }
}
