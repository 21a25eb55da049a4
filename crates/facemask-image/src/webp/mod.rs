//! WebP: the RIFF structure, validated here chunk by chunk, and the pixels, decoded by `image-webp`.

mod huffman_groups;

use std::io::Cursor;

use facemask_core::error::Result;
use image_webp::WebPDecoder;

use crate::catch_panic::catch_panic;
use crate::input_kind::InputKind;

/// Size and codec of the picture, from the headers before the pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WebpHeader {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Whether the colors are in a VP8 chunk, not VP8L.
    pub(crate) is_lossy: bool,
}

/// One RIFF chunk. In a truncated file `content` is shorter than `length`.
struct RiffChunk<'a> {
    name: [u8; 4],
    /// Offset of the chunk in the file, in bytes.
    offset: usize,
    /// Length of the content according to the chunk header.
    length: usize,
    content: &'a [u8],
}

impl RiffChunk<'_> {
    /// Printable form of the name.
    fn escaped_name(&self) -> String {
        self.name.escape_ascii().to_string()
    }

    /// Offset of the next chunk: contents are padded to an even length.
    const fn end(&self) -> usize {
        self.offset + 8 + self.length + self.length % 2
    }
}

/// Reads a little-endian number.
fn read_le(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |value, &byte| value << 8 | usize::from(byte))
}

/// Locates the chunk at byte `offset`. Returns `None` if the file ends inside its header.
fn locate_chunk(data: &[u8], offset: usize) -> Option<RiffChunk<'_>> {
    let head: &[u8; 8] = data.get(offset..)?.first_chunk()?;
    let length = read_le(&head[4..]);
    let rest = &data[offset + 8..];
    let name = [head[0], head[1], head[2], head[3]];
    Some(RiffChunk { name, offset, length, content: &rest[..length.min(rest.len())] })
}

/// Error for a file that ends inside a structure; `inside` names it.
fn truncated_error(kind: InputKind, data: &[u8], inside: &str) -> facemask_core::error::Error {
    kind.corrupt(format!("the WebP ends in the middle of {inside}, after byte {}", data.len()))
}

/// Parses the bitstream header at the start of a VP8 or VP8L chunk.
fn parse_bitstream_header(kind: InputKind, data: &[u8], chunk: &RiffChunk) -> Result<WebpHeader> {
    let content = chunk.content;
    let name = chunk.escaped_name();
    let is_lossy = chunk.name == *b"VP8 ";
    let needed = if is_lossy { 10 } else { 5 };
    if content.len() < needed {
        return Err(truncated_error(kind, data, &format!("chunk {name} at byte {}", chunk.offset)));
    }
    if is_lossy {
        if content[0] & 1 != 0 || content[3..6] != [0x9d, 0x01, 0x2a] {
            return Err(kind.corrupt(format!("the WebP's chunk {name} does not begin with a key frame")));
        }
        let side = |at: usize| (read_le(&content[at..at + 2]) & 0x3fff) as u32;
        return Ok(WebpHeader { width: side(6), height: side(8), is_lossy });
    }
    let bits = read_le(&content[1..5]);
    if content[0] != 0x2f || bits >> 29 != 0 {
        return Err(
            kind.corrupt(format!("the WebP's chunk {name} does not begin as lossless data of version 0"))
        );
    }
    let side = |shift: usize| (1 + (bits >> shift & 0x3fff)) as u32;
    Ok(WebpHeader { width: side(0), height: side(14), is_lossy })
}

/// Reads the header. The caller has checked the signature. In the extended format the picture chunk is
/// searched, because only that one tells whether the picture is lossy.
pub(crate) fn read_header(kind: InputKind, data: &[u8]) -> Result<WebpHeader> {
    let mut at = 12;
    let mut canvas = None;
    loop {
        let Some(chunk) = locate_chunk(data, at) else {
            return Err(truncated_error(kind, data, "its header"));
        };
        match &chunk.name {
            b"VP8 " | b"VP8L" => {
                let frame = parse_bitstream_header(kind, data, &chunk)?;
                return match canvas {
                    Some((width, height)) if (width, height) != (frame.width, frame.height) => Err(kind
                        .corrupt(format!(
                            "the WebP's canvas is {width} x {height} pixels but its picture is {} x {}",
                            frame.width, frame.height
                        ))),
                    _ => Ok(frame),
                };
            }
            b"VP8X" if at == 12 => canvas = Some(parse_canvas_size(kind, data, &chunk)?),
            _ if canvas.is_none() => {
                let detail = format!(
                    "the WebP begins with a chunk {}, expected VP8, VP8L or VP8X",
                    chunk.escaped_name()
                );
                return Err(kind.corrupt(detail));
            }
            _ => {}
        }
        at = chunk.end();
    }
}

/// Parses a VP8X chunk: (width, height) of the canvas in pixels.
fn parse_canvas_size(kind: InputKind, data: &[u8], chunk: &RiffChunk) -> Result<(u32, u32)> {
    if chunk.length != 10 {
        return Err(kind.corrupt(format!("the WebP's chunk VP8X holds {} bytes, expected 10", chunk.length)));
    }
    if chunk.content.len() < 10 {
        return Err(truncated_error(kind, data, "chunk VP8X"));
    }
    if chunk.content[0] & 0b10 != 0 {
        return Err(kind.unsupported("the WebP is an animation, expected a single picture"));
    }
    let side = |at: usize| (1 + read_le(&chunk.content[at..at + 3])) as u32;
    Ok((side(4), side(7)))
}

/// Finds the content of the EXIF chunk by following chunk lengths. Nothing else is checked.
pub(crate) fn find_exif(data: &[u8]) -> Option<&[u8]> {
    let mut at = 12;
    loop {
        let chunk = locate_chunk(data, at)?;
        if chunk.name == *b"EXIF" {
            return Some(chunk.content);
        }
        at = chunk.end();
    }
}

/// Checks the RIFF size, every chunk in it, and that there is exactly one picture. Bytes beyond the RIFF size
/// are ignored.
pub(crate) fn validate(kind: InputKind, data: &[u8]) -> Result<()> {
    let end = 8 + read_le(&data[4..8]);
    if end > data.len() {
        return Err(
            kind.corrupt(format!("the WebP says it is {end} bytes long but ends after {}", data.len()))
        );
    }
    let body = &data[..end];
    let (mut at, mut pictures) = (12, 0);
    while at < end {
        let Some(chunk) = locate_chunk(body, at) else {
            return Err(truncated_error(kind, body, &format!("a chunk's head at byte {at}")));
        };
        if chunk.content.len() < chunk.length {
            return Err(truncated_error(kind, body, &format!("chunk {} at byte {at}", chunk.escaped_name())));
        }
        pictures += usize::from(matches!(&chunk.name, b"VP8 " | b"VP8L"));
        at = chunk.end();
    }
    if pictures != 1 {
        return Err(kind.corrupt(format!("the WebP holds {pictures} pictures, expected one")));
    }
    Ok(())
}

/// Limits the Huffman groups of lossless data, of the picture or of its alpha channel.
fn check_huffman_groups(kind: InputKind, data: &[u8], header: WebpHeader) -> Result<()> {
    let mut at = 12;
    while let Some(chunk) = locate_chunk(data, at) {
        match (&chunk.name, chunk.content) {
            (b"VP8L", [_, _, _, _, _, bytes @ ..]) => {
                huffman_groups::check_count(kind, bytes, header.width, header.height)?
            }
            // Compression method, in the two lowest bits of the first byte: 1 lossless, 0 none.
            (b"ALPH", [first, bytes @ ..]) if first & 3 == 1 => {
                huffman_groups::check_count(kind, bytes, header.width, header.height)?;
            }
            _ => {}
        }
        at = chunk.end();
    }
    Ok(())
}

/// Pixels row by row, without the EXIF orientation.
pub(crate) struct WebpPixels {
    pub(crate) bytes: Vec<u8>,
    /// Bytes per pixel: 3 (RGB) or 4 (RGBA).
    pub(crate) channels: usize,
}

/// Decodes the picture. The caller has checked header, limits and structure.
pub(crate) fn decode(kind: InputKind, data: &[u8]) -> Result<WebpPixels> {
    let corrupt =
        |error: image_webp::DecodingError| kind.corrupt(format!("the WebP's pixels cannot be read: {error}"));
    let end = data.len().min(8 + read_le(&data[4..8]));
    catch_panic(kind, "WebP", || {
        let header = read_header(kind, data)?;
        check_huffman_groups(kind, &data[..end], header)?;
        let mut decoder = WebPDecoder::new(Cursor::new(&data[..end])).map_err(corrupt)?;
        if decoder.dimensions() != (header.width, header.height) || decoder.is_animated() {
            return Err(kind.corrupt("the WebP's headers contradict each other"));
        }
        let channels = if decoder.has_alpha() { 4 } else { 3 };
        let mut bytes = vec![0; header.width as usize * header.height as usize * channels];
        decoder.read_image(&mut bytes).map_err(corrupt)?;
        Ok(WebpPixels { bytes, channels })
    })
}
