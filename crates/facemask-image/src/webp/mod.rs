//! WebP: the RIFF structure, checked by us, and the pixels, decoded by `image-webp`.

mod huffman_groups;

use std::io::Cursor;

use facemask_core::error::Result;
use image_webp::WebPDecoder;

use crate::catch_panic::catch_panic;
use crate::input_kind::InputKind;

/// What the headers in front of the pixels say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Whether the colours went through the lossy codec (a VP8 chunk).
    pub(crate) lossy: bool,
}

/// One RIFF chunk; `content` ends early where the file does.
struct Chunk<'a> {
    name: [u8; 4],
    at: usize,
    /// The content's length as the file says.
    length: usize,
    content: &'a [u8],
}

impl Chunk<'_> {
    fn title(&self) -> String {
        self.name.escape_ascii().to_string()
    }

    /// Where the next chunk begins: contents are padded to an even length.
    const fn end(&self) -> usize {
        self.at + 8 + self.length + self.length % 2
    }
}

fn le(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |value, &byte| value << 8 | usize::from(byte))
}

fn chunk_at(data: &[u8], at: usize) -> Option<Chunk<'_>> {
    let head: &[u8; 8] = data.get(at..)?.first_chunk()?;
    let length = le(&head[4..]);
    let rest = &data[at + 8..];
    let name = [head[0], head[1], head[2], head[3]];
    Some(Chunk { name, at, length, content: &rest[..length.min(rest.len())] })
}

fn cut(kind: InputKind, data: &[u8], inside: &str) -> facemask_core::error::Error {
    kind.corrupt(format!("the WebP ends in the middle of {inside}, after byte {}", data.len()))
}

/// The size a VP8 or VP8L chunk says it has, and whether it is lossy.
fn frame(kind: InputKind, data: &[u8], chunk: &Chunk) -> Result<Header> {
    let content = chunk.content;
    let title = chunk.title();
    let lossy = chunk.name == *b"VP8 ";
    let needed = if lossy { 10 } else { 5 };
    if content.len() < needed {
        return Err(cut(kind, data, &format!("chunk {title} at byte {}", chunk.at)));
    }
    if lossy {
        if content[0] & 1 != 0 || content[3..6] != [0x9d, 0x01, 0x2a] {
            return Err(kind.corrupt(format!("the WebP's chunk {title} does not begin with a key frame")));
        }
        let side = |at: usize| (le(&content[at..at + 2]) & 0x3fff) as u32;
        return Ok(Header { width: side(6), height: side(8), lossy });
    }
    let bits = le(&content[1..5]);
    if content[0] != 0x2f || bits >> 29 != 0 {
        return Err(
            kind.corrupt(format!("the WebP's chunk {title} does not begin as lossless data of version 0"))
        );
    }
    let side = |shift: usize| (1 + (bits >> shift & 0x3fff)) as u32;
    Ok(Header { width: side(0), height: side(14), lossy })
}

/// The header of a WebP whose signature has been seen. For the extended format the chunks are stepped over to
/// the picture, because only that says whether it is lossy.
pub(crate) fn header(kind: InputKind, data: &[u8]) -> Result<Header> {
    let mut at = 12;
    let mut canvas = None;
    loop {
        let Some(chunk) = chunk_at(data, at) else {
            return Err(cut(kind, data, "its header"));
        };
        match &chunk.name {
            b"VP8 " | b"VP8L" => {
                let frame = frame(kind, data, &chunk)?;
                return match canvas {
                    Some((width, height)) if (width, height) != (frame.width, frame.height) => Err(kind
                        .corrupt(format!(
                            "the WebP's canvas is {width} x {height} pixels but its picture is {} x {}",
                            frame.width, frame.height
                        ))),
                    _ => Ok(frame),
                };
            }
            b"VP8X" if at == 12 => canvas = Some(extended(kind, data, &chunk)?),
            _ if canvas.is_none() => {
                let detail =
                    format!("the WebP begins with a chunk {}, expected VP8, VP8L or VP8X", chunk.title());
                return Err(kind.corrupt(detail));
            }
            _ => {}
        }
        at = chunk.end();
    }
}

/// The canvas of the extended format.
fn extended(kind: InputKind, data: &[u8], chunk: &Chunk) -> Result<(u32, u32)> {
    if chunk.length != 10 {
        return Err(kind.corrupt(format!("the WebP's chunk VP8X holds {} bytes, expected 10", chunk.length)));
    }
    if chunk.content.len() < 10 {
        return Err(cut(kind, data, "chunk VP8X"));
    }
    if chunk.content[0] & 0b10 != 0 {
        return Err(kind.unsupported("the WebP is an animation, expected a single picture"));
    }
    let side = |at: usize| (1 + le(&chunk.content[at..at + 3])) as u32;
    Ok((side(4), side(7)))
}

/// The content of the EXIF chunk, found by stepping from length to length; nothing else is checked.
pub(crate) fn find_exif(data: &[u8]) -> Option<&[u8]> {
    let mut at = 12;
    loop {
        let chunk = chunk_at(data, at)?;
        if chunk.name == *b"EXIF" {
            return Some(chunk.content);
        }
        at = chunk.end();
    }
}

/// Checks the RIFF size, every chunk in it, and that there is exactly one picture. Bytes after the RIFF size
/// are let pass.
pub(crate) fn walk(kind: InputKind, data: &[u8]) -> Result<()> {
    let end = 8 + le(&data[4..8]);
    if end > data.len() {
        return Err(
            kind.corrupt(format!("the WebP says it is {end} bytes long but ends after {}", data.len()))
        );
    }
    let body = &data[..end];
    let (mut at, mut pictures) = (12, 0);
    while at < end {
        let Some(chunk) = chunk_at(body, at) else {
            return Err(cut(kind, body, &format!("a chunk's head at byte {at}")));
        };
        if chunk.content.len() < chunk.length {
            return Err(cut(kind, body, &format!("chunk {} at byte {at}", chunk.title())));
        }
        pictures += usize::from(matches!(&chunk.name, b"VP8 " | b"VP8L"));
        at = chunk.end();
    }
    if pictures != 1 {
        return Err(kind.corrupt(format!("the WebP holds {pictures} pictures, expected one")));
    }
    Ok(())
}

/// Refuses lossless data, of the picture or of its alpha, whose codes would not fit into memory.
fn check_codes(kind: InputKind, data: &[u8], header: Header) -> Result<()> {
    let mut at = 12;
    while let Some(chunk) = chunk_at(data, at) {
        match (&chunk.name, chunk.content) {
            (b"VP8L", [_, _, _, _, _, bytes @ ..]) => {
                huffman_groups::check(kind, bytes, header.width, header.height)?
            }
            // The lowest bits of the first byte: 1 for lossless, 0 for stored.
            (b"ALPH", [first, bytes @ ..]) if first & 3 == 1 => {
                huffman_groups::check(kind, bytes, header.width, header.height)?;
            }
            _ => {}
        }
        at = chunk.end();
    }
    Ok(())
}

/// Pixels as stored, row by row.
pub(crate) struct Pixels {
    pub(crate) bytes: Vec<u8>,
    /// Bytes of a pixel: 3 (RGB) or 4 (RGBA).
    pub(crate) channels: usize,
}

/// Decodes the picture. Header, limits and structure have been checked before.
pub(crate) fn decode(kind: InputKind, data: &[u8]) -> Result<Pixels> {
    let corrupt =
        |error: image_webp::DecodingError| kind.corrupt(format!("the WebP's pixels cannot be read: {error}"));
    let end = data.len().min(8 + le(&data[4..8]));
    catch_panic(kind, "WebP", || {
        let header = header(kind, data)?;
        check_codes(kind, &data[..end], header)?;
        let mut decoder = WebPDecoder::new(Cursor::new(&data[..end])).map_err(corrupt)?;
        if decoder.dimensions() != (header.width, header.height) || decoder.is_animated() {
            return Err(kind.corrupt("the WebP's headers contradict each other"));
        }
        let channels = if decoder.has_alpha() { 4 } else { 3 };
        let mut bytes = vec![0; header.width as usize * header.height as usize * channels];
        decoder.read_image(&mut bytes).map_err(corrupt)?;
        Ok(Pixels { bytes, channels })
    })
}
