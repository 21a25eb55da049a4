//! Label map decoder: file bytes to one id per pixel. Nothing may change a value: no scaling, no lossy codec.

mod annotations;
mod arrays;
mod bmp;
mod colors;
mod encoding;
mod gif;
mod header;
mod hidden_pixels;
mod palette_order;
mod single_channel;
mod tiff;

use std::collections::BTreeMap;
use std::ops::Range;

use facemask_core::error::{Error, Result};
use facemask_core::warning::Warning;

use crate::input_kind::InputKind;
use crate::limits::{Limits, check_pixels};
use crate::png::{self, ColorType, Extent, PngLayout};
use crate::webp;
use annotations::AnnotationDocument;
use arrays::{npy, npz};
use colors::{ColorTable, pack_color};
pub use encoding::MapEncoding;
pub use header::{MapFormat, MapHeader, read_map_header, read_map_header_of};
use hidden_pixels::HiddenPixels;
use palette_order::{FilePalette, resolve_indices};

/// Limit of pixels of a WebP label map. Its decoder needs 7 bytes per pixel and its tables: less than 300 MB.
const MAX_WEBP_PIXELS: u64 = 24_000_000;

/// A label map: one id per pixel, in the labels frame. The EXIF orientation is not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelImage {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The ids row by row from the top left: `width * height` bytes.
    pub labels: Vec<u8>,
    /// Their storage in the file.
    pub encoding: MapEncoding,
    /// Names of the ids, from a file that names them; empty for most.
    pub names: BTreeMap<u8, String>,
    /// What is suspicious about the file: a reordered palette, ids under transparent pixels.
    pub warnings: Vec<Warning>,
}

/// The ids of a file, and what is suspicious about it.
struct DecodedIds {
    labels: Vec<u8>,
    encoding: MapEncoding,
    warning: Option<Warning>,
}

impl DecodedIds {
    fn new((labels, encoding): (Vec<u8>, MapEncoding)) -> Self {
        Self { labels, encoding, warning: None }
    }
}

/// Decodes a label map from a file: PNG, lossless WebP, TIFF, GIF, BMP, NPY, NPZ, or a COCO or labelme document. Ids by
/// storage:
///
/// * gray of 1, 2, 4 or 8 bits: the raw sample is the id, not scaled to 255; 16 bits: the sample, below 256;
/// * palette with a given `palette`: the position of the color in it;
/// * palette whose used entries are five or more colors of a known palette in another order, as optimizers write it:
///   the position of the color in the known palette. With a warning;
/// * palette of grays only, whose used entries are distinct and not their own index, as quantizers write it: the gray,
///   with a warning. An even ramp of grays is made to be looked at: the index;
/// * every other palette: the INDEX is the id, whatever its color or transparency;
/// * RGB of 8 or 16 bits with red = green = blue in every pixel: that value, below 256;
/// * other RGB: `palette[i]` (or the color i of a known palette: CelebAMask-HQ, Pascal VOC) is the id i. A
///   given `palette` is used for RGB even when all pixels are gray, and never for gray; a color that stands
///   in it twice is its first id. 16-bit colors have to be 8-bit ones times 257;
/// * TIFF as PNG; GIF and BMP by color, because their writers sort palettes;
/// * an array's element, which must be a whole number from 0 to 255;
/// * the category id of a COCO annotation, the number or the order of a labelme label; a later mask covers an earlier one;
/// * 8-bit gray, gray-as-RGB or an array whose values are exactly 0 and 255, or 255 alone: one region, id 1. A
///   `palette` switches this off for RGB.
///
/// A lossless WebP warns where fully transparent black pixels may have had other ids.
///
/// Alpha, tRNS and color profiles are ignored; interlaced PNGs are read; of an animated PNG the still
/// picture is read. A Pascal VOC map that holds no colors but grays (its label 7 is 128, 128, 128) is taken
/// for gray-as-RGB: pass the palette.
///
/// # Errors
///
/// Field `labels`: those of [`read_map_header`]; `map_corrupt` for a file that is cut short, damaged, or
/// holds more or less than its header says; `map_invalid` for an id above 255, a palette index beyond the
/// palette, a color that no palette has, or more than 256 colors, naming the value and its pixel, and for a WebP
/// whose pixels are all transparent and black;
/// `map_too_large` for a WebP above 24,000,000 pixels. Field `palette`: `option_invalid` unless it has 1 to
/// 256 colors.
pub fn decode_label_map(data: &[u8], limits: &Limits, palette: Option<&[[u8; 3]]>) -> Result<LabelImage> {
    decode_label_map_of(data, limits, palette, None)
}

/// As [`decode_label_map`], of a map that shows a photo of that size, (width, height) in pixels: it is the size of an
/// annotation document that states none.
///
/// # Errors
///
/// Those of [`decode_label_map`].
pub fn decode_label_map_of(
    data: &[u8],
    limits: &Limits,
    palette: Option<&[[u8; 3]]>,
    photo_size: Option<(u32, u32)>,
) -> Result<LabelImage> {
    if let Some(colors) = palette
        && !(1..=256).contains(&colors.len())
    {
        return Err(Error::option("palette", format!("must have 1 to 256 colours, got {}", colors.len())));
    }
    let MapHeader { format, width, height } = read_map_header_of(data, limits, photo_size)?;
    let DecodedIds { labels, encoding, warning } = match format {
        MapFormat::Png => decode_png(data, palette)?,
        MapFormat::WebP => {
            check_pixels(InputKind::LabelMap, width, height, MAX_WEBP_PIXELS)?;
            webp::validate(InputKind::LabelMap, data)?;
            decode_webp(data, width as usize, palette)?
        }
        MapFormat::Npy => DecodedIds::new(npy::decode(data, limits)?),
        MapFormat::Npz => DecodedIds::new(npz::decode(data, limits)?),
        MapFormat::Tiff => DecodedIds::new(tiff::decode(data, limits, palette)?),
        MapFormat::Gif => DecodedIds::new(gif::decode(data, limits, palette)?),
        MapFormat::Bmp => DecodedIds::new(bmp::decode(data, limits, palette)?),
        MapFormat::Annotations => return decode_annotations(data, limits, photo_size),
    };
    let warnings = warning.into_iter().collect();
    Ok(LabelImage { width, height, labels, encoding, names: BTreeMap::new(), warnings })
}

/// Decodes a COCO or labelme document. `size` is (width, height) in pixels for one that states none.
///
/// # Errors
///
/// Field `labels`: `map_corrupt` for malformed JSON or run lengths, `map_unsupported` for other JSON, `map_invalid` for
/// category ids above 255, annotations of several images, or no size; `map_too_large`, and `map_too_complex` for masks
/// that cover more pixels than the limit.
pub fn decode_annotations(data: &[u8], limits: &Limits, size: Option<(u32, u32)>) -> Result<LabelImage> {
    let document = AnnotationDocument::parse(data)?;
    let (width, height) = document.size(size)?;
    let labels = document.paint((width, height), limits, |file| {
        let header = png::read_header(InputKind::LabelMap, file)?;
        limits.check_size(InputKind::LabelMap, header.width, header.height)?;
        Ok((header.width as usize, decode_png(file, None)?.labels))
    })?;
    let (encoding, names) = (MapEncoding::Masks, document.into_names());
    Ok(LabelImage { width, height, labels, encoding, names, warnings: Vec::new() })
}

fn decode_png(data: &[u8], palette: Option<&[[u8; 3]]>) -> Result<DecodedIds> {
    let layout = png::validate(InputKind::LabelMap, data)?;
    match layout.header.color {
        ColorType::Palette => {
            let mut labels = read_single_channel(data, &layout)?;
            let content = |range: &Option<Range<usize>>| range.clone().map_or(&[][..], |range| &data[range]);
            let file = FilePalette {
                colors: content(&layout.palette).as_chunks().0,
                alpha: content(&layout.transparency),
            };
            let (encoding, warning) =
                resolve_indices(&mut labels, &file, palette, layout.header.width as usize)?;
            Ok(DecodedIds { labels, encoding, warning })
        }
        ColorType::Gray | ColorType::GrayAlpha => {
            let mut labels = read_single_channel(data, &layout)?;
            let is_binary = layout.header.depth == 8 && single_channel::normalize_binary(&mut labels);
            Ok(DecodedIds::new((labels, if is_binary { MapEncoding::Binary } else { MapEncoding::Gray })))
        }
        ColorType::Rgb | ColorType::Rgba => decode_color_png(data, &layout, palette).map(DecodedIds::new),
    }
}

/// Reads the first sample of every pixel.
fn read_single_channel(data: &[u8], layout: &PngLayout) -> Result<Vec<u8>> {
    let header = layout.header;
    if header.depth == 8 && header.channels() == 1 && !header.interlaced {
        return png::read_byte_pixels(InputKind::LabelMap, data, layout);
    }
    let (width, height) = (header.width as usize, header.height as usize);
    let mut labels = vec![0; width * height];
    png::for_each_row(InputKind::LabelMap, data, layout, Extent::FULL, |row| {
        single_channel::read_row(&header, row, &mut labels[row.y * width..(row.y + 1) * width])
    })?;
    Ok(labels)
}

fn decode_color_png(
    data: &[u8],
    layout: &PngLayout,
    palette: Option<&[[u8; 3]]>,
) -> Result<(Vec<u8>, MapEncoding)> {
    let header = layout.header;
    let (width, height) = (header.width as usize, header.height as usize);
    let is_16_bit = header.depth == 16;
    let pixel_bytes = header.channels() * usize::from(header.depth) / 8;
    let mut colors = ColorTable::new(is_16_bit);
    let mut labels = vec![0; width * height];
    png::for_each_row(InputKind::LabelMap, data, layout, Extent::FULL, |row| {
        for (i, pixel) in row.bytes.chunks_exact(pixel_bytes).take(row.width).enumerate() {
            let x = row.x + i * row.step;
            labels[row.y * width + x] = colors.index_of(pack_color(pixel, is_16_bit), x, row.y)?;
        }
        Ok(())
    })?;
    let encoding = colors.resolve_labels(&mut labels, palette)?;
    Ok((labels, encoding))
}

fn decode_webp(data: &[u8], width: usize, palette: Option<&[[u8; 3]]>) -> Result<DecodedIds> {
    let webp::WebpPixels { mut bytes, channels } = webp::decode(InputKind::LabelMap, data)?;
    let (mut colors, mut hidden) = (ColorTable::new(false), HiddenPixels::default());
    let count = bytes.len() / channels;
    // In place: index i is written after the pixel was read at i * channels, which is not before i.
    for i in 0..count {
        let pixel = &bytes[i * channels..(i + 1) * channels];
        if channels == 4 {
            hidden.add(i, pixel);
        }
        bytes[i] = colors.index_of(pack_color(pixel, false), i % width, i / width)?;
    }
    bytes.truncate(count);
    bytes.shrink_to_fit();
    let encoding = colors.resolve_labels(&mut bytes, palette)?;
    let warning = hidden.check(&bytes)?;
    Ok(DecodedIds { labels: bytes, encoding, warning })
}
