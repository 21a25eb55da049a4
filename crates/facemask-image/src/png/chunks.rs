//! Chunks of a PNG file: lengths, names, CRCs and order (PNG specification, section 5).

use std::ops::Range;

use facemask_core::error::{Error, Result};

use crate::input_kind::InputKind;

/// The eight bytes that begin every PNG file.
pub(crate) const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// Color type of the IHDR chunk: the meaning of the samples of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColorType {
    Gray,
    Rgb,
    Palette,
    GrayAlpha,
    Rgba,
}

/// Content of the IHDR chunk. Its values are valid by the specification; no limit of size has been applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PngHeader {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Bits of one sample: 1, 2, 4, 8 or 16.
    pub(crate) depth: u8,
    pub(crate) color: ColorType,
    pub(crate) interlaced: bool,
}

impl PngHeader {
    /// Samples per pixel, 1 to 4.
    pub(crate) const fn channels(&self) -> usize {
        match self.color {
            ColorType::Gray | ColorType::Palette => 1,
            ColorType::GrayAlpha => 2,
            ColorType::Rgb => 3,
            ColorType::Rgba => 4,
        }
    }

    /// Length in bytes of a row of `width` pixels, without the filter byte.
    pub(crate) const fn row_bytes(&self, width: usize) -> usize {
        (width * self.channels() * self.depth as usize).div_ceil(8)
    }
}

/// Byte ranges of the chunks that a decoder needs, in a validated PNG file.
pub(crate) struct PngLayout {
    pub(crate) header: PngHeader,
    /// Content of PLTE.
    pub(crate) palette: Option<Range<usize>>,
    /// Content of tRNS.
    pub(crate) transparency: Option<Range<usize>>,
    /// Contents of the IDAT chunks, in file order.
    pub(crate) image_data: Vec<Range<usize>>,
    /// End of the last IDAT chunk, CRC included: IDAT chunks have to be adjacent.
    image_data_end: usize,
    /// Whether the IEND chunk has been read.
    has_end: bool,
}

/// Byte ranges of one chunk.
struct PngChunk {
    name: [u8; 4],
    content: Range<usize>,
    /// Length field, name, content and CRC.
    whole: Range<usize>,
}

impl PngChunk {
    /// Printable form of the name: bytes that are no ASCII letters are escaped.
    fn escaped_name(&self) -> String {
        self.name.escape_ascii().to_string()
    }
}

fn read_u32(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(data.get(at..)?.first_chunk().copied()?))
}

/// Locates the chunk at byte `at`. Returns `None` if the file ends inside it or its length exceeds 2^31 - 1.
fn locate_chunk(data: &[u8], at: usize) -> Option<PngChunk> {
    let length = usize::try_from(read_u32(data, at)?).ok().filter(|&length| length <= 0x7fff_ffff)?;
    let name = data.get(at + 4..)?.first_chunk().copied()?;
    let end = at.checked_add(length)?.checked_add(12)?;
    (end <= data.len()).then_some(PngChunk { name, content: at + 8..at + 8 + length, whole: at..end })
}

/// Locates the chunk at byte `at` and checks its name and its CRC.
fn read_chunk(kind: InputKind, data: &[u8], at: usize) -> Result<PngChunk> {
    let Some(chunk) = locate_chunk(data, at) else {
        return Err(truncated_error(kind, data, at));
    };
    let name = chunk.escaped_name();
    if !chunk.name.iter().all(u8::is_ascii_alphabetic) {
        return Err(
            kind.corrupt(format!("the PNG has a chunk named {name} at byte {at}, expected four letters"))
        );
    }
    let stored = read_u32(data, chunk.content.end);
    let computed = crc32fast::hash(&data[at + 4..chunk.content.end]);
    if stored != Some(computed) {
        return Err(kind.corrupt(format!(
            "the PNG's chunk {name} at byte {at} is damaged: its CRC is {computed:08x}, the file says {:08x}",
            stored.unwrap_or(0)
        )));
    }
    Ok(chunk)
}

/// Error for a file that ends inside the chunk at byte `at`.
fn truncated_error(kind: InputKind, data: &[u8], at: usize) -> Error {
    let length = data.len();
    if at == length {
        return kind.corrupt(format!("the PNG ends after byte {length} without an IEND chunk"));
    }
    let (Some(declared), Some(name)) = (read_u32(data, at), data.get(at + 4..at + 8)) else {
        return kind
            .corrupt(format!("the PNG ends in the middle of a chunk's head at byte {at} of {length}"));
    };
    kind.corrupt(format!(
        "the PNG ends in the middle of chunk {} at byte {at} of {length}: the chunk says it holds {declared} bytes",
        name.escape_ascii()
    ))
}

/// Reads the IHDR chunk. The caller has checked the signature.
pub(crate) fn read_header(kind: InputKind, data: &[u8]) -> Result<PngHeader> {
    let chunk = read_chunk(kind, data, SIGNATURE.len())?;
    if chunk.name != *b"IHDR" || chunk.content.len() != 13 {
        return Err(kind.corrupt(format!(
            "the PNG begins with a chunk {} of {} bytes, expected IHDR of 13 bytes",
            chunk.escaped_name(),
            chunk.content.len()
        )));
    }
    let content = &data[chunk.content];
    let (width, height) = (read_u32(content, 0).unwrap_or(0), read_u32(content, 4).unwrap_or(0));
    let (depth, color, methods) = (content[8], content[9], &content[10..13]);
    let color = match (color, depth) {
        (0, 1 | 2 | 4 | 8 | 16) => ColorType::Gray,
        (2, 8 | 16) => ColorType::Rgb,
        (3, 1 | 2 | 4 | 8) => ColorType::Palette,
        (4, 8 | 16) => ColorType::GrayAlpha,
        (6, 8 | 16) => ColorType::Rgba,
        _ => {
            let detail =
                format!("the PNG's header names colour type {color} with {depth} bits, which do not exist");
            return Err(kind.corrupt(detail));
        }
    };
    if methods[0] != 0 || methods[1] != 0 || methods[2] > 1 {
        let detail = format!("the PNG's header names compression, filter and interlace methods {methods:?}");
        return Err(kind.corrupt(format!("{detail}, expected [0, 0, 0 or 1]")));
    }
    Ok(PngHeader { width, height, depth, color, interlaced: methods[2] == 1 })
}

/// Finds the content of the eXIf chunk by following chunk lengths. Names and CRCs are not checked.
pub(crate) fn find_exif(data: &[u8]) -> Option<&[u8]> {
    let mut at = SIGNATURE.len();
    loop {
        let chunk = locate_chunk(data, at)?;
        match &chunk.name {
            b"eXIf" => return data.get(chunk.content),
            b"IEND" => return None,
            _ => at = chunk.whole.end,
        }
    }
}

/// Checks every chunk to IEND and returns the byte ranges. Bytes after IEND are ignored.
pub(crate) fn validate(kind: InputKind, data: &[u8]) -> Result<PngLayout> {
    let header = read_header(kind, data)?;
    let start = SIGNATURE.len() + 25;
    let mut layout = PngLayout {
        header,
        palette: None,
        transparency: None,
        image_data: Vec::new(),
        image_data_end: 0,
        has_end: false,
    };
    let mut at = start;
    while !layout.has_end {
        let chunk = read_chunk(kind, data, at)?;
        at = chunk.whole.end;
        layout.record(kind, chunk)?;
    }
    if layout.image_data.is_empty() {
        return Err(kind.corrupt("the PNG has no IDAT chunk: there are no pixels in it"));
    }
    if header.color == ColorType::Palette && layout.palette.is_none() {
        return Err(kind.corrupt("the PNG says its pixels are palette indices but has no PLTE chunk"));
    }
    Ok(layout)
}

impl PngLayout {
    /// Records one chunk. Duplicate and misplaced chunks are errors.
    fn record(&mut self, kind: InputKind, chunk: PngChunk) -> Result<()> {
        let (name, at, length) = (chunk.escaped_name(), chunk.whole.start, chunk.content.len());
        let misplaced = |why: &str| kind.corrupt(format!("the PNG's chunk {name} at byte {at} {why}"));
        match &chunk.name {
            b"IHDR" => return Err(misplaced("is a second header")),
            b"PLTE" if self.palette.is_some() => return Err(misplaced("is a second palette")),
            b"PLTE" | b"tRNS" if !self.image_data.is_empty() => {
                return Err(misplaced("comes after the pixels"));
            }
            b"PLTE" if length == 0 || length % 3 != 0 || length > 768 => {
                return Err(misplaced(&format!(
                    "holds {length} bytes, expected 1 to 256 colours of 3 bytes"
                )));
            }
            b"PLTE" => {
                self.palette = Some(chunk.content);
            }
            b"tRNS" if self.transparency.is_none() => {
                self.transparency = Some(chunk.content);
            }
            b"IDAT" => {
                if !self.image_data.is_empty() && self.image_data_end != at {
                    return Err(misplaced("is parted from the other IDAT chunks"));
                }
                self.image_data_end = chunk.whole.end;
                self.image_data.push(chunk.content);
            }
            b"IEND" if length == 0 => self.has_end = true,
            b"IEND" => return Err(misplaced(&format!("holds {length} bytes, expected none"))),
            // An uppercase first letter marks a critical chunk, which a decoder may not skip.
            bytes if bytes[0].is_ascii_uppercase() => {
                return Err(kind.unsupported(format!(
                    "the PNG has a critical chunk {name} at byte {at} that is not part of the PNG standard"
                )));
            }
            _ => {}
        }
        Ok(())
    }
}
