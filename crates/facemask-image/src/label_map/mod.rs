//! A label map's bytes to one id per pixel, with nothing that could change a value on the way.

mod colors;
mod single_channel;

use facemask_core::error::{Error, ErrorKind, Result};

use crate::header::{Format, read_map_header};
use crate::input_kind::InputKind;
use crate::limits::{Limits, check_pixels};
use crate::png::{self, Colour, Layout};
use crate::webp;
use colors::ColourIds;

/// The most pixels of a WebP label map: its decoder needs 7 bytes per pixel and tables besides, so this stays
/// below 300 MB.
const MAX_WEBP_PIXELS: u64 = 24_000_000;

/// How the ids were stored in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MapEncoding {
    /// A grey sample is the id.
    Grey,
    /// A palette index is the id.
    Palette,
    /// Red, green and blue are equal and are the id.
    GreyAsRgb,
    /// Each colour stands for an id, by a given or a known palette.
    Colours,
    /// Black and white: 255 is the region 1.
    Binary,
}

impl MapEncoding {
    /// A stable name for answers: `grey`, `palette`, `grey_as_rgb`, `colours`, `binary`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grey => "grey",
            Self::Palette => "palette",
            Self::GreyAsRgb => "grey_as_rgb",
            Self::Colours => "colours",
            Self::Binary => "binary",
        }
    }
}

/// A label map: one id per pixel, in the labels frame. EXIF orientation is not applied to label maps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelImage {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The ids row by row from the top left: `width * height` bytes.
    pub labels: Vec<u8>,
    /// How they were stored.
    pub encoding: MapEncoding,
}

/// Decodes a label map from a PNG or a lossless WebP. By what is stored:
///
/// * grey of 1, 2, 4 or 8 bits: the raw sample is the id, not scaled to 255; 16 bits: the sample, below 256;
/// * palette: the INDEX is the id, whatever its colour or transparency;
/// * RGB of 8 or 16 bits with red = green = blue in every pixel: that value, below 256;
/// * other RGB: `palette[i]` (or the colour i of a known palette: CelebAMask-HQ, Pascal VOC) is the id i. A given
///   `palette` is used for RGB even when all pixels are grey, and for nothing else; a colour that stands
///   in it twice is its first id. 16-bit colours have to be 8-bit ones times 257;
/// * 8-bit grey or grey-as-RGB whose values are exactly 0 and 255, or 255 alone: one region, id 1. A
///   `palette` switches this off for RGB.
///
/// Alpha, tRNS and colour profiles are ignored; interlaced PNGs are read; of an animated PNG the still
/// picture is read. A Pascal VOC map that holds no colours but greys (its label 7 is 128, 128, 128) is taken
/// for grey-as-RGB: pass the palette.
///
/// # Errors
///
/// Field `labels`: those of [`read_map_header`]; `map_corrupt` for a file that is cut short, damaged, or holds
/// more or less than its header says; `map_invalid` for an id above 255, a palette index beyond the palette,
/// a colour that no palette has, or more than 256 colours, naming the value and its pixel; `map_too_large` for a WebP above
/// 24,000,000 pixels. Field `palette`: `option_invalid` unless it has 1 to 256 colours.
pub fn decode_label_map(data: &[u8], limits: &Limits, palette: Option<&[[u8; 3]]>) -> Result<LabelImage> {
    if let Some(colours) = palette
        && !(1..=256).contains(&colours.len())
    {
        return Err(Error::option("palette", format!("must have 1 to 256 colours, got {}", colours.len())));
    }
    let (format, width, height) = read_map_header(data, limits)?;
    let (labels, encoding) = if format == Format::Png {
        decode_png(data, palette)?
    } else {
        check_pixels(InputKind::LabelMap, width, height, MAX_WEBP_PIXELS)?;
        webp::walk(InputKind::LabelMap, data)?;
        decode_webp(data, width as usize, palette)?
    };
    Ok(LabelImage { width, height, labels, encoding })
}

/// A value that is no label.
fn invalid(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::MapInvalid, InputKind::LabelMap.field(), detail)
}

fn decode_png(data: &[u8], palette: Option<&[[u8; 3]]>) -> Result<(Vec<u8>, MapEncoding)> {
    let layout = png::walk(InputKind::LabelMap, data)?;
    match layout.header.colour {
        Colour::Palette => {
            let labels = single_samples(data, &layout)?;
            let count = layout.palette.as_ref().map_or(0, |range| range.len() / 3);
            single_channel::check_indices(&labels, count, layout.header.width as usize)?;
            Ok((labels, MapEncoding::Palette))
        }
        Colour::Grey | Colour::GreyAlpha => {
            let mut labels = single_samples(data, &layout)?;
            let binary = layout.header.depth == 8 && single_channel::binary_to_one(&mut labels);
            Ok((labels, if binary { MapEncoding::Binary } else { MapEncoding::Grey }))
        }
        Colour::Rgb | Colour::Rgba => coloured_png(data, &layout, palette),
    }
}

/// The ids of a PNG whose first sample is the id.
fn single_samples(data: &[u8], layout: &Layout) -> Result<Vec<u8>> {
    let header = layout.header;
    if header.depth == 8 && header.channels() == 1 && !header.interlaced {
        return png::read_bytes(InputKind::LabelMap, data, layout);
    }
    let (width, height) = (header.width as usize, header.height as usize);
    let mut labels = vec![0; width * height];
    png::for_each_row(InputKind::LabelMap, data, layout, png::WHOLE, |row| {
        single_channel::read_row(&header, row, &mut labels[row.y * width..(row.y + 1) * width])
    })?;
    Ok(labels)
}

fn coloured_png(data: &[u8], layout: &Layout, palette: Option<&[[u8; 3]]>) -> Result<(Vec<u8>, MapEncoding)> {
    let header = layout.header;
    let (width, height) = (header.width as usize, header.height as usize);
    let deep = header.depth == 16;
    let pixel_bytes = header.channels() * usize::from(header.depth) / 8;
    let mut ids = ColourIds::new(deep);
    let mut labels = vec![0; width * height];
    png::for_each_row(InputKind::LabelMap, data, layout, png::WHOLE, |row| {
        for (i, pixel) in row.bytes.chunks_exact(pixel_bytes).take(row.width).enumerate() {
            let x = row.x + i * row.step;
            labels[row.y * width + x] = ids.id(colors::key(pixel, deep), x, row.y)?;
        }
        Ok(())
    })?;
    let encoding = ids.resolve(&mut labels, palette)?;
    Ok((labels, encoding))
}

fn decode_webp(data: &[u8], width: usize, palette: Option<&[[u8; 3]]>) -> Result<(Vec<u8>, MapEncoding)> {
    let webp::Pixels { mut bytes, channels } = webp::decode(InputKind::LabelMap, data)?;
    let mut ids = ColourIds::new(false);
    let count = bytes.len() / channels;
    // In place: the id of pixel i is written at i, the pixel itself was read at i * channels or behind.
    for i in 0..count {
        let key = colors::key(&bytes[i * channels..], false);
        bytes[i] = ids.id(key, i % width, i / width)?;
    }
    bytes.truncate(count);
    bytes.shrink_to_fit();
    let encoding = ids.resolve(&mut bytes, palette)?;
    Ok((bytes, encoding))
}
