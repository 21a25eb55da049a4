//! Photo decoder: file bytes to 8-bit RGB pixels with the EXIF orientation applied.

mod region_decode;
mod rgb_converter;
mod rgb_image;

use facemask_core::error::Result;
use facemask_core::raster::PixelRect;

use crate::limits::Limits;
pub use region_decode::decode_image_region;
pub use rgb_image::RgbImage;

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
