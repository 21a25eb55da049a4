//! A photo's bytes to upright 8-bit RGB pixels.

mod samples;

use facemask_core::error::Result;
use facemask_core::raster::PixelRect;

use crate::header::{Format, inspect_image};
use crate::limits::Limits;
use crate::png;
use crate::role::Role;
use crate::{jpeg, webp};
use samples::Converter;

/// A photo's pixels in the image frame: the EXIF orientation has been applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RgbImage {
    /// Width in pixels, after the EXIF turn.
    pub width: u32,
    /// Height in pixels, after the EXIF turn.
    pub height: u32,
    /// Red, green, blue of every pixel, row by row from the top left: `width * height * 3` bytes.
    pub pixels: Vec<u8>,
}

/// Decodes a photo to 8-bit RGB and turns it as its EXIF orientation says.
///
/// Grey becomes three equal channels, 16-bit samples are rounded to 8, palette indices become their colours,
/// CMYK and YCCK become RGB, and transparent pixels are laid over white. Colour profiles are not applied. Of an
/// animated PNG the still picture is read; an animated WebP is refused.
///
/// # Errors
///
/// Those of [`inspect_image`], `image_too_large` above `limits.max_decode_pixels`, and `image_corrupt` when the
/// pixel data is damaged, cut short, or holds more than the header says.
pub fn decode_image(data: &[u8], limits: &Limits) -> Result<RgbImage> {
    decode_image_part(data, limits, &PixelRect::ALL)
}

/// As [`decode_image`], for who needs the pixels of a box only: the others may be black, and what the file says of them may
/// be wrong. A face seldom fills a photo, and a PNG can be left where the last pixel of a row, and the last row, have been
/// read.
///
/// # Errors
///
/// Those of [`decode_image`], as far as the box is concerned.
pub fn decode_image_part(data: &[u8], limits: &Limits, needed: &PixelRect) -> Result<RgbImage> {
    let info = inspect_image(data, limits)?;
    limits.check_decode(info.width, info.height)?;
    let stored = match info.format {
        Format::Png => decode_png(data, &info.orientation.stored_box(info.width, info.height, needed))?,
        Format::Jpeg => jpeg::decode(data, info.width, info.height)?,
        Format::WebP => decode_webp(data)?,
    };
    let pixels = info.orientation.apply_to_pixels::<3>(info.width, info.height, stored);
    let (width, height) = info.oriented_size();
    Ok(RgbImage { width, height, pixels })
}

/// The pixels of a PNG, of which only some are needed.
fn decode_png(data: &[u8], needed: &PixelRect) -> Result<Vec<u8>> {
    let role = Role::Photo;
    let layout = png::walk(role, data)?;
    let converter = Converter::new(data, &layout)?;
    let (width, height) = (layout.header.width as usize, layout.header.height as usize);
    // The rows of an interlaced picture are all over it.
    let needed = if layout.header.interlaced { &PixelRect::ALL } else { needed };
    let first_row = needed.rows.start as usize;
    let ends = (needed.columns.end as usize, needed.rows.end as usize);
    let mut pixels = vec![0; width * height * 3];
    png::for_each_row(role, data, &layout, ends, |row| {
        if row.y < first_row {
            return Ok(());
        }
        let out = &mut pixels[row.y * width * 3..(row.y + 1) * width * 3];
        converter.convert(row, out)
    })?;
    Ok(pixels)
}

fn decode_webp(data: &[u8]) -> Result<Vec<u8>> {
    let mut pixels = webp::decode(Role::Photo, data)?;
    if pixels.channels == 3 {
        return Ok(pixels.bytes);
    }
    let count = pixels.bytes.len() / 4;
    for i in 0..count {
        let [r, g, b, a] = [0, 1, 2, 3].map(|c| pixels.bytes[i * 4 + c]);
        let over = samples::over_white([r, g, b], a);
        pixels.bytes[i * 3..i * 3 + 3].copy_from_slice(&over);
    }
    pixels.bytes.truncate(count * 3);
    Ok(pixels.bytes)
}
