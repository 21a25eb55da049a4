//! Label maps in TIFF files: gray, palette and RGB, in strips or tiles, uncompressed or losslessly compressed.
//!
//! The `tiff` crate decodes the samples of the first page. The stored sample is the id, so every map of one channel is
//! decoded as gray: the crate refuses palettes, and inverts the samples of pages on which 0 is white. tifffile writes
//! boolean masks so.

use std::io::Cursor;

use facemask_core::error::{Error, Result};
use tiff::decoder::{Decoder, DecodingResult, Limits as DecoderLimits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use super::arrays::npy::{float_to_id, not_an_id};
use super::colors::{ColorTable, pack_color};
use super::encoding::{MapEncoding, not_lossless};
use super::single_channel::{normalize_binary, unpack_samples};
use crate::catch_panic::catch_panic;
use crate::input_kind::InputKind;
use crate::limits::Limits;

const KIND: InputKind = InputKind::LabelMap;

/// Bytes of all samples: 50 megapixels of 32 bits.
const MAX_BYTES: usize = 200 << 20;
/// Bytes of the samples of a strip or a tile.
const MAX_STRIP_BYTES: usize = 64 << 20;

const PHOTOMETRIC: u16 = 262;
/// Types of values.
const ASCII: u64 = 2;
const BYTE: u16 = 1;
const BLACK_IS_ZERO: u16 = 1;
const WHITE_IS_ZERO: u16 = 0;
const RGB_PALETTE: u16 = 3;
/// Compressions that change values: JPEG of both kinds, lossy JPEG of DNG, JPEG 2000 of two vendors, WebP.
const LOSSY: [u16; 7] = [6, 7, 34892, 33003, 33005, 34712, 50001];

type TiffReader = Decoder<Cursor<Vec<u8>>>;

/// Width and height of the first page, in pixels.
pub(super) fn read_size(data: &[u8]) -> Result<(u32, u32)> {
    catch_panic(KIND, "TIFF", || open(data)?.0.dimensions().map_err(|error| to_error(&error)))
}

/// Decodes the first page.
///
/// # Errors
///
/// `map_corrupt` for a file that is cut or damaged, `map_not_lossless` for a lossy compression, `map_unsupported` for
/// one that the decoder does not have, `map_invalid` for samples that are no ids, `map_too_large` above a limit.
pub(super) fn decode(
    data: &[u8],
    limits: &Limits,
    palette: Option<&[[u8; 3]]>,
) -> Result<(Vec<u8>, MapEncoding)> {
    catch_panic(KIND, "TIFF", || {
        let (mut decoder, has_palette) = open(data)?;
        let (width, height) = decoder.dimensions().map_err(|error| to_error(&error))?;
        limits.check_size(KIND, width, height)?;
        let compression =
            decoder.find_tag_unsigned::<u16>(Tag::Compression).map_err(|error| to_error(&error))?;
        if compression.is_some_and(|code| LOSSY.contains(&code)) {
            return Err(not_lossless("a TIFF with lossy compression"));
        }
        let color = decoder.colortype().map_err(|error| to_error(&error))?;
        let pixels = width as usize * height as usize;
        let (mut labels, encoding) = match color {
            ColorType::Gray(depth @ (1 | 2 | 4)) => {
                let DecodingResult::U8(rows) = read(&mut decoder)? else { return Err(unsupported(color)) };
                (unpack_samples(&rows, depth, width as usize, pixels), MapEncoding::Gray)
            }
            ColorType::Gray(_) => (to_ids(&read(&mut decoder)?, 1, width as usize)?, MapEncoding::Gray),
            ColorType::Multiband { num_samples: 2, .. } => {
                (to_ids(&read(&mut decoder)?, 2, width as usize)?, MapEncoding::Gray)
            }
            ColorType::RGB(8) | ColorType::RGBA(8) => {
                let DecodingResult::U8(samples) = read(&mut decoder)? else { return Err(unsupported(color)) };
                let channels = if color == ColorType::RGB(8) { 3 } else { 4 };
                if samples.len() != pixels * channels {
                    return Err(unsupported(color));
                }
                let mut colors = ColorTable::new(false);
                let mut labels = Vec::with_capacity(pixels);
                for (i, pixel) in samples.chunks_exact(channels).enumerate() {
                    let (x, y) = (i % width as usize, i / width as usize);
                    labels.push(colors.index_of(pack_color(pixel, false), x, y)?);
                }
                let encoding = colors.resolve_labels(&mut labels, palette)?;
                (labels, encoding)
            }
            _ => return Err(unsupported(color)),
        };
        if labels.len() != pixels {
            return Err(unsupported(color));
        }
        let encoding = match encoding {
            MapEncoding::Gray if has_palette => MapEncoding::Palette,
            MapEncoding::Gray if color == ColorType::Gray(8) && normalize_binary(&mut labels) => {
                MapEncoding::Binary
            }
            encoding => encoding,
        };
        Ok((labels, encoding))
    })
}

fn read(decoder: &mut TiffReader) -> Result<DecodingResult> {
    decoder.read_image().map_err(|error| to_error(&error))
}

/// Opens a file, and returns whether its first page has a palette.
fn open(data: &[u8]) -> Result<(TiffReader, bool)> {
    let mut file = data.to_vec();
    hide_texts(&mut file);
    let entry = find_photometric(data).filter(|entry| matches!(entry.value, WHITE_IS_ZERO | RGB_PALETTE));
    if let Some(entry) = &entry {
        let gray =
            if entry.is_big_endian { BLACK_IS_ZERO.to_be_bytes() } else { BLACK_IS_ZERO.to_le_bytes() };
        file[entry.at..entry.at + 2].copy_from_slice(&gray);
    }
    let has_palette = entry.is_some_and(|entry| entry.value == RGB_PALETTE);
    let mut limits = DecoderLimits::default();
    (limits.decoding_buffer_size, limits.intermediate_buffer_size) = (MAX_BYTES, MAX_STRIP_BYTES);
    let decoder = Decoder::new(Cursor::new(file)).map_err(|error| to_error(&error))?;
    Ok((decoder.with_limits(limits), has_palette))
}

/// The tag that says what samples mean.
struct PhotometricEntry {
    /// Position of the value.
    at: usize,
    value: u16,
    is_big_endian: bool,
}

/// Finds the tag in the first page's directory. `None` where the file has none, or is too damaged to have one.
fn find_photometric(data: &[u8]) -> Option<PhotometricEntry> {
    let directory = Directory::find(data)?;
    directory.entries().find_map(|entry| {
        let at = entry.checked_add(directory.value_at)?;
        (read_number(data, entry, 2)? == u64::from(PHOTOMETRIC)).then(|| {
            let value = read_number(data, at, 2)? as u16;
            Some(PhotometricEntry { at, value, is_big_endian: data.starts_with(b"MM") })
        })?
    })
}

/// Makes bytes of the texts in the first page's directory. The decoder needs none of them, and where one claims to be
/// larger than a limit it prints a line of its own on standard error (`dbg!` in tiff 0.11.3).
fn hide_texts(file: &mut [u8]) {
    let Some(directory) = Directory::find(file) else { return };
    let is_big_endian = file.starts_with(b"MM");
    for entry in directory.entries() {
        // The type follows the tag.
        let Some(at) = entry.checked_add(2) else { return };
        if read_number(file, at, 2) == Some(ASCII) {
            let bytes = if is_big_endian { BYTE.to_be_bytes() } else { BYTE.to_le_bytes() };
            file[at..at + 2].copy_from_slice(&bytes);
        }
    }
}

/// A number of the file in its own byte order.
fn read_number(data: &[u8], at: usize, bytes: usize) -> Option<u64> {
    let field = data.get(at..at.checked_add(bytes)?)?;
    let join = |sum: u64, &byte: &u8| sum << 8 | u64::from(byte);
    Some(if data.starts_with(b"MM") { field.iter().fold(0, join) } else { field.iter().rev().fold(0, join) })
}

/// Where the entries of the first page's directory are, in bytes.
struct Directory {
    first: usize,
    count: usize,
    entry_bytes: usize,
    /// Of the value in its entry.
    value_at: usize,
}

impl Directory {
    fn find(data: &[u8]) -> Option<Self> {
        let is_big = read_number(data, 2, 2)? == 43;
        let (offset, count_bytes, entry_bytes, value_at) =
            if is_big { (8, 8, 20, 12) } else { (4, 2, 12, 8) };
        let start = usize::try_from(read_number(data, offset, if is_big { 8 } else { 4 })?).ok()?;
        let first = start.checked_add(count_bytes)?;
        let count = usize::try_from(read_number(data, start, count_bytes)?).ok()?.min(4096);
        Some(Self { first, count, entry_bytes, value_at })
    }

    fn entries(&self) -> impl Iterator<Item = usize> + use<> {
        let (first, entry_bytes) = (self.first, self.entry_bytes);
        (0..self.count).map_while(move |index| first.checked_add(index * entry_bytes))
    }
}

/// The first of every `step` samples as an id.
fn to_ids(samples: &DecodingResult, step: usize, width: usize) -> Result<Vec<u8>> {
    fn convert<T: Copy>(
        samples: &[T],
        step: usize,
        width: usize,
        id: impl Fn(T) -> std::result::Result<u8, String>,
    ) -> Result<Vec<u8>> {
        let pixels = samples.iter().step_by(step).enumerate();
        pixels.map(|(i, &v)| id(v).map_err(|value| not_an_id(&value, i % width, i / width))).collect()
    }
    macro_rules! integers {
        ($samples:expr) => {
            convert($samples, step, width, |v| u8::try_from(v).map_err(|_| v.to_string()))
        };
    }
    macro_rules! floats {
        ($samples:expr) => {
            convert($samples, step, width, |v| float_to_id(f64::from(v)).ok_or_else(|| v.to_string()))
        };
    }
    match samples {
        DecodingResult::U8(v) => convert(v, step, width, Ok),
        DecodingResult::U16(v) => integers!(v),
        DecodingResult::U32(v) => integers!(v),
        DecodingResult::U64(v) => integers!(v),
        DecodingResult::I8(v) => integers!(v),
        DecodingResult::I16(v) => integers!(v),
        DecodingResult::I32(v) => integers!(v),
        DecodingResult::I64(v) => integers!(v),
        DecodingResult::F16(v) => floats!(v),
        DecodingResult::F32(v) => floats!(v),
        DecodingResult::F64(v) => floats!(v),
    }
}

fn unsupported(color: ColorType) -> Error {
    KIND.unsupported(format!(
        "the label map is a TIFF with samples of the kind {color:?}, expected gray, a palette or RGB of 8 bits; save it as PNG"
    ))
}

fn to_error(error: &TiffError) -> Error {
    match error {
        TiffError::UnsupportedError(reason) => KIND
            .unsupported(format!("the label map is a TIFF that cannot be read ({reason}); save it as PNG")),
        TiffError::LimitsExceeded => {
            KIND.too_large("the label map's TIFF needs more memory than the limit; save it as PNG of 8 bits")
        }
        error => KIND.corrupt(format!("the label map's TIFF is cut or damaged: {error}")),
    }
}
