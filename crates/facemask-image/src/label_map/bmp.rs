//! Label maps in uncompressed BMP files. Colors count, as for GIF: gray ones are ids.
//!
//! Source: the structures `BITMAPFILEHEADER`, `BITMAPCOREHEADER` and `BITMAPINFOHEADER` of the Windows API.

use facemask_core::error::Result;

use super::colors::{ColorTable, pack_color};
use super::encoding::{MapEncoding, invalid};
use super::single_channel::unpack_samples;
use crate::input_kind::InputKind;
use crate::limits::Limits;

const KIND: InputKind = InputKind::LabelMap;
const FILE_HEADER: usize = 14;
const CORE_HEADER: u32 = 12;
/// Sizes of the header behind the file header, which tell its version.
const HEADER_SIZES: [u32; 7] = [CORE_HEADER, 40, 52, 56, 64, 108, 124];
const UNCOMPRESSED: u32 = 0;
const BIT_FIELDS: u32 = 3;

/// The header of a file.
struct BmpHeader {
    width: u32,
    height: u32,
    is_top_down: bool,
    depth: u16,
    compression: u32,
    /// Position of the pixels.
    offset: usize,
    /// Position of the palette.
    palette_at: usize,
    /// Bytes of a palette's color, which begins with blue, green and red.
    color_bytes: usize,
}

/// Whether the bytes begin as those of a BMP, and not as a text.
pub(super) fn is_bmp(data: &[u8]) -> bool {
    data.starts_with(b"BM") && u32_at(data, FILE_HEADER).is_some_and(|size| HEADER_SIZES.contains(&size))
}

/// Width and height, in pixels.
pub(super) fn read_size(data: &[u8]) -> Result<(u32, u32)> {
    read_header(data).map(|header| (header.width, header.height))
}

/// Decodes a file of 1, 4, 8, 24 or 32 bits per pixel.
///
/// # Errors
///
/// `map_corrupt` for a file that is cut, `map_unsupported` for compressed pixels, `map_invalid` for colors without an id,
/// `map_too_large` above a limit.
pub(super) fn decode(
    data: &[u8],
    limits: &Limits,
    palette: Option<&[[u8; 3]]>,
) -> Result<(Vec<u8>, MapEncoding)> {
    let header = read_header(data)?;
    limits.check_size(KIND, header.width, header.height)?;
    let (width, height, depth) = (header.width as usize, header.height as usize, usize::from(header.depth));
    let is_plain = header.compression == UNCOMPRESSED || header.compression == BIT_FIELDS && depth == 32;
    if !is_plain || !matches!(depth, 1 | 4 | 8 | 24 | 32) {
        return Err(KIND.unsupported(format!(
            "the label map is a BMP of {depth} bits with compression {}, expected one without; save it as PNG",
            header.compression
        )));
    }
    // Rows are padded to multiples of four bytes.
    let row_bytes = (width * depth).div_ceil(32) * 4;
    let cut = || KIND.corrupt("the label map's BMP ends before its last pixel");
    let end = header.offset.checked_add(row_bytes * height).ok_or_else(cut)?;
    let rows = data.get(header.offset..end).ok_or_else(cut)?;
    let table = data.get(header.palette_at..header.offset).unwrap_or_default();
    let mut colors = ColorTable::new(false);
    let mut labels = Vec::with_capacity(width * height);
    for y in 0..height {
        let stored = if header.is_top_down { y } else { height - 1 - y };
        let row = &rows[stored * row_bytes..][..row_bytes];
        let indices =
            if depth <= 8 { unpack_samples(row, header.depth as u8, width, width) } else { Vec::new() };
        for x in 0..width {
            let bgr = match indices.get(x) {
                Some(&index) => {
                    table.get(usize::from(index) * header.color_bytes..).and_then(|rest| rest.get(..3))
                }
                None => row.get(x * depth / 8..x * depth / 8 + 3),
            };
            let bgr = bgr.ok_or_else(|| {
                invalid(format!(
                    "the label map's pixel ({x}, {y}) has an index that its palette does not have"
                ))
            })?;
            labels.push(colors.index_of(pack_color(&[bgr[2], bgr[1], bgr[0]], false), x, y)?);
        }
    }
    let encoding = colors.resolve_labels(&mut labels, palette)?;
    Ok((labels, encoding))
}

fn read_header(data: &[u8]) -> Result<BmpHeader> {
    parse_header(data).ok_or_else(|| KIND.corrupt("the label map's BMP ends in its header"))
}

fn parse_header(data: &[u8]) -> Option<BmpHeader> {
    let size = u32_at(data, FILE_HEADER)?;
    let offset = u32_at(data, 10)? as usize;
    let palette_at = FILE_HEADER + size as usize;
    if size == CORE_HEADER {
        let (width, height) = (u32::from(u16_at(data, 18)?), u32::from(u16_at(data, 20)?));
        let (depth, compression) = (u16_at(data, 24)?, UNCOMPRESSED);
        return Some(BmpHeader {
            width,
            height,
            is_top_down: false,
            depth,
            compression,
            offset,
            palette_at,
            color_bytes: 3,
        });
    }
    let signed_height = u32_at(data, 22)?.cast_signed();
    Some(BmpHeader {
        width: u32_at(data, 18)?,
        height: signed_height.unsigned_abs(),
        is_top_down: signed_height < 0,
        depth: u16_at(data, 28)?,
        compression: u32_at(data, 30)?,
        offset,
        palette_at,
        color_bytes: 4,
    })
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}
