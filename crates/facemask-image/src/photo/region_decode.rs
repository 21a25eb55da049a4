//! Decoding of a region of a photo. A face seldom fills its photo, and PNG rows after the region, and pixels
//! to the right of it, need not be inflated or unfiltered.

use facemask_core::error::Result;
use facemask_core::raster::PixelRect;

use super::rgb_converter::RgbConverter;
use super::{RgbImage, decode_webp};
use crate::header::{ImageFormat, inspect_image};
use crate::input_kind::InputKind;
use crate::limits::Limits;
use crate::png::Extent;
use crate::{jpeg, png};

/// Decodes a photo like [`decode_image`], but only the pixels of `region` (in the image frame) are defined:
/// the others may be black, and damage there may go undetected.
///
/// # Errors
///
/// Those of [`decode_image`], as far as they concern the region.
///
/// [`decode_image`]: crate::decode_image
pub fn decode_image_region(data: &[u8], limits: &Limits, region: &PixelRect) -> Result<RgbImage> {
    let info = inspect_image(data, limits)?;
    limits.check_decode(info.width, info.height)?;
    let stored = match info.format {
        ImageFormat::Png => {
            decode_png_region(data, &info.orientation.stored_rect(info.width, info.height, region))?
        }
        ImageFormat::Jpeg => jpeg::decode(data, info.width, info.height)?,
        ImageFormat::WebP => decode_webp(data)?,
    };
    let pixels = info.orientation.apply_to_pixels::<3>(info.width, info.height, stored);
    let (width, height) = info.oriented_size();
    Ok(RgbImage { width, height, pixels })
}

/// Decodes a PNG to RGB, as far as the right and the lower end of `region`. Rows above the region stay black.
fn decode_png_region(data: &[u8], region: &PixelRect) -> Result<Vec<u8>> {
    let kind = InputKind::Photo;
    let layout = png::validate(kind, data)?;
    let converter = RgbConverter::new(data, &layout)?;
    let (width, height) = (layout.header.width as usize, layout.header.height as usize);
    // The passes of an interlaced picture are spread over all of it.
    let region = if layout.header.interlaced { &PixelRect::ALL } else { region };
    let first_row = region.rows.start as usize;
    let extent = Extent { columns: region.columns.end as usize, rows: region.rows.end as usize };
    let mut pixels = vec![0; width * height * 3];
    png::for_each_row(kind, data, &layout, extent, |row| {
        if row.y < first_row {
            return Ok(());
        }
        let out = &mut pixels[row.y * width * 3..(row.y + 1) * width * 3];
        converter.convert(row, out)
    })?;
    Ok(pixels)
}
