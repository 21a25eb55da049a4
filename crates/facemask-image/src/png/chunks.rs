//! The chunks of a PNG file: lengths, names, CRCs and order.

use std::ops::Range;

use facemask_core::error::{Error, Result};

use crate::input_kind::InputKind;

/// The eight bytes every PNG begins with.
pub(crate) const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// What the samples of a pixel mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    Grey,
    Rgb,
    Palette,
    GreyAlpha,
    Rgba,
}

/// The IHDR chunk, its values checked against the standard but not against any limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Bits of one sample: 1, 2, 4, 8 or 16.
    pub(crate) depth: u8,
    pub(crate) colour: Colour,
    pub(crate) interlaced: bool,
}

impl Header {
    /// Samples of one pixel.
    pub(crate) const fn channels(&self) -> usize {
        match self.colour {
            Colour::Grey | Colour::Palette => 1,
            Colour::GreyAlpha => 2,
            Colour::Rgb => 3,
            Colour::Rgba => 4,
        }
    }

    /// Bytes of a row of `width` pixels, without the filter byte.
    pub(crate) const fn row_bytes(&self, width: usize) -> usize {
        (width * self.channels() * self.depth as usize).div_ceil(8)
    }
}

/// Where the parts of a whole PNG lie in its bytes.
pub(crate) struct Layout {
    pub(crate) header: Header,
    /// The content of PLTE.
    pub(crate) palette: Option<Range<usize>>,
    /// The content of tRNS.
    pub(crate) transparency: Option<Range<usize>>,
    /// The contents of the IDAT chunks.
    pub(crate) pixels: Vec<Range<usize>>,
    /// Where the last IDAT chunk ends, its CRC included: they are neighbours.
    pixels_end: usize,
    /// Whether IEND has been seen.
    ended: bool,
}

/// One chunk, its CRC not yet looked at.
struct Chunk {
    name: [u8; 4],
    content: Range<usize>,
    /// The chunk with length, name and CRC.
    whole: Range<usize>,
}

impl Chunk {
    fn title(&self) -> String {
        self.name.escape_ascii().to_string()
    }
}

fn read_u32(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(data.get(at..)?.first_chunk().copied()?))
}

/// The chunk at `at`, or `None` when the file ends inside it or its length is out of the standard's range.
fn chunk_at(data: &[u8], at: usize) -> Option<Chunk> {
    let length = usize::try_from(read_u32(data, at)?).ok().filter(|&length| length <= 0x7fff_ffff)?;
    let name = data.get(at + 4..)?.first_chunk().copied()?;
    let end = at.checked_add(length)?.checked_add(12)?;
    (end <= data.len()).then_some(Chunk { name, content: at + 8..at + 8 + length, whole: at..end })
}

/// The chunk at `at`, its name and CRC checked.
fn checked_chunk(kind: InputKind, data: &[u8], at: usize) -> Result<Chunk> {
    let Some(chunk) = chunk_at(data, at) else {
        return Err(refuse_cut(kind, data, at));
    };
    let title = chunk.title();
    if !chunk.name.iter().all(u8::is_ascii_alphabetic) {
        return Err(
            kind.corrupt(format!("the PNG has a chunk named {title} at byte {at}, expected four letters"))
        );
    }
    let stored = read_u32(data, chunk.content.end);
    let computed = crc32fast::hash(&data[at + 4..chunk.content.end]);
    if stored != Some(computed) {
        return Err(kind.corrupt(format!(
            "the PNG's chunk {title} at byte {at} is damaged: its CRC is {computed:08x}, the file says {:08x}",
            stored.unwrap_or(0)
        )));
    }
    Ok(chunk)
}

/// Says in which chunk the file ends.
fn refuse_cut(kind: InputKind, data: &[u8], at: usize) -> Error {
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

/// The header of a PNG whose signature has been seen.
pub(crate) fn header(kind: InputKind, data: &[u8]) -> Result<Header> {
    let chunk = checked_chunk(kind, data, SIGNATURE.len())?;
    if chunk.name != *b"IHDR" || chunk.content.len() != 13 {
        return Err(kind.corrupt(format!(
            "the PNG begins with a chunk {} of {} bytes, expected IHDR of 13 bytes",
            chunk.title(),
            chunk.content.len()
        )));
    }
    let content = &data[chunk.content];
    let (width, height) = (read_u32(content, 0).unwrap_or(0), read_u32(content, 4).unwrap_or(0));
    let (depth, colour, methods) = (content[8], content[9], &content[10..13]);
    let colour = match (colour, depth) {
        (0, 1 | 2 | 4 | 8 | 16) => Colour::Grey,
        (2, 8 | 16) => Colour::Rgb,
        (3, 1 | 2 | 4 | 8) => Colour::Palette,
        (4, 8 | 16) => Colour::GreyAlpha,
        (6, 8 | 16) => Colour::Rgba,
        _ => {
            let detail =
                format!("the PNG's header names colour type {colour} with {depth} bits, which do not exist");
            return Err(kind.corrupt(detail));
        }
    };
    if methods[0] != 0 || methods[1] != 0 || methods[2] > 1 {
        let detail = format!("the PNG's header names compression, filter and interlace methods {methods:?}");
        return Err(kind.corrupt(format!("{detail}, expected [0, 0, 0 or 1]")));
    }
    Ok(Header { width, height, depth, colour, interlaced: methods[2] == 1 })
}

/// The content of the eXIf chunk, found by stepping from length to length; nothing else is checked.
pub(crate) fn find_exif(data: &[u8]) -> Option<&[u8]> {
    let mut at = SIGNATURE.len();
    loop {
        let chunk = chunk_at(data, at)?;
        match &chunk.name {
            b"eXIf" => return data.get(chunk.content),
            b"IEND" => return None,
            _ => at = chunk.whole.end,
        }
    }
}

/// Checks every chunk to IEND and says where the parts lie. Bytes after IEND are let pass.
pub(crate) fn walk(kind: InputKind, data: &[u8]) -> Result<Layout> {
    let header = header(kind, data)?;
    let start = SIGNATURE.len() + 25;
    let mut layout =
        Layout { header, palette: None, transparency: None, pixels: Vec::new(), pixels_end: 0, ended: false };
    let mut at = start;
    while !layout.ended {
        let chunk = checked_chunk(kind, data, at)?;
        at = chunk.whole.end;
        layout.add(kind, chunk)?;
    }
    if layout.pixels.is_empty() {
        return Err(kind.corrupt("the PNG has no IDAT chunk: there are no pixels in it"));
    }
    if header.colour == Colour::Palette && layout.palette.is_none() {
        return Err(kind.corrupt("the PNG says its pixels are palette indices but has no PLTE chunk"));
    }
    Ok(layout)
}

impl Layout {
    /// Files one chunk, refusing what stands in the wrong place.
    fn add(&mut self, kind: InputKind, chunk: Chunk) -> Result<()> {
        let (title, at, length) = (chunk.title(), chunk.whole.start, chunk.content.len());
        let misplaced = |why: &str| kind.corrupt(format!("the PNG's chunk {title} at byte {at} {why}"));
        match &chunk.name {
            b"IHDR" => return Err(misplaced("is a second header")),
            b"PLTE" if self.palette.is_some() => return Err(misplaced("is a second palette")),
            b"PLTE" | b"tRNS" if !self.pixels.is_empty() => return Err(misplaced("comes after the pixels")),
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
                if !self.pixels.is_empty() && self.pixels_end != at {
                    return Err(misplaced("is parted from the other IDAT chunks"));
                }
                self.pixels_end = chunk.whole.end;
                self.pixels.push(chunk.content);
            }
            b"IEND" if length == 0 => self.ended = true,
            b"IEND" => return Err(misplaced(&format!("holds {length} bytes, expected none"))),
            // By the standard a chunk whose name begins with a capital may not be skipped by a reader.
            name if name[0].is_ascii_uppercase() => {
                return Err(kind.unsupported(format!(
                    "the PNG has a critical chunk {title} at byte {at} that is not part of the PNG standard"
                )));
            }
            _ => {}
        }
        Ok(())
    }
}
