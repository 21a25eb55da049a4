//! JPEG: the file's structure, checked by us marker by marker, and its pixels, decoded by `zune-jpeg`.

mod entropy_check;
mod huffman;
mod markers;
mod scan_blocks;

use facemask_core::error::{Error, Result};
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::catch_panic::catch_panic;
use crate::input_kind::InputKind;
use markers::{Markers, Segment};

/// The most scans of one picture. Each costs a visit of every block, however few bytes it has.
const MAX_SCANS: usize = 100;

/// What the headers in front of the first scan say.
pub(crate) struct Frame<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// The EXIF block of the first APP1 segment that holds one.
    pub(crate) exif: Option<&'a [u8]>,
    progressive: bool,
    components: Vec<Component>,
}

/// One colour component of the frame.
#[derive(Clone, Copy)]
struct Component {
    id: u8,
    /// Blocks of one coding unit, across and down.
    across: usize,
    down: usize,
}

fn corrupt(detail: impl Into<String>) -> Error {
    InputKind::Photo.corrupt(detail)
}

/// The frame header (SOF segment): size and components.
fn frame<'a>(segment: &Segment<'a>) -> Result<Frame<'a>> {
    let content = segment.content;
    let count = content.get(5).copied().map_or(0, usize::from);
    if content.len() < 6 || content.len() != 6 + 3 * count {
        return Err(corrupt(format!("the JPEG's frame header at byte {} has a wrong length", segment.at)));
    }
    let unsupported = |what: String| InputKind::Photo.unsupported(format!("the JPEG {what}"));
    if content[0] != 8 {
        return Err(unsupported(format!("has {} bits per sample, expected 8", content[0])));
    }
    if !matches!(count, 1 | 3 | 4) {
        return Err(unsupported(format!("has {count} colour components, expected 1, 3 or 4")));
    }
    let side = |at: usize| u32::from(u16::from_be_bytes([content[at], content[at + 1]]));
    let components: Vec<Component> = content[6..].chunks(3).map(component).collect();
    if components.iter().any(|c| !(1..=4).contains(&c.across) || !(1..=4).contains(&c.down)) {
        return Err(corrupt("the JPEG's frame header has a sampling factor outside 1 to 4"));
    }
    let progressive = segment.marker == 0xc2;
    Ok(Frame { height: side(1), width: side(3), exif: None, progressive, components })
}

fn component(bytes: &[u8]) -> Component {
    Component { id: bytes[0], across: usize::from(bytes[1] >> 4), down: usize::from(bytes[1] & 15) }
}

/// Reads the segments to the frame header.
pub(crate) fn header(data: &[u8]) -> Result<Frame<'_>> {
    let mut markers = Markers::new(data);
    read_to_frame(&mut markers)
}

fn read_to_frame<'a>(markers: &mut Markers<'a>) -> Result<Frame<'a>> {
    let mut exif = None;
    loop {
        let segment = markers.next()?;
        match segment.marker {
            0xc0..=0xc2 => return Ok(Frame { exif, ..frame(&segment)? }),
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Err(InputKind::Photo.unsupported(format!(
                    "the JPEG is of a rare kind (frame marker ff{:02x}: lossless, hierarchical or arithmetic), expected baseline or progressive",
                    segment.marker
                )));
            }
            0xd9 | 0xda => return Err(corrupt("the JPEG has no frame header in front of its pixels")),
            0xe1 if exif.is_none() && segment.content.starts_with(b"Exif\0\0") => {
                exif = Some(segment.content)
            }
            _ => {}
        }
    }
}

/// Checks every marker to the end of the image. Bytes after it are let pass.
pub(crate) fn walk(data: &[u8]) -> Result<()> {
    let mut markers = Markers::new(data);
    let mut restarts = false;
    // The restart interval may be named in front of the frame header as well.
    let frame = {
        let frame = read_to_frame(&mut markers)?;
        let mut front = Markers::new(&data[..markers.at]);
        while front.at < markers.at {
            restarts = restart_interval(&front.next()?).unwrap_or(restarts);
        }
        frame
    };
    let mut missing: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
    let mut scans = 0;
    loop {
        let segment = markers.next()?;
        match segment.marker {
            0xd9 if scans == 0 => return Err(corrupt("the JPEG has no scan: there are no pixels in it")),
            0xd9 if !missing.is_empty() => {
                return Err(corrupt(format!(
                    "the JPEG ends before its colour component {} came",
                    missing[0]
                )));
            }
            0xd9 => return Ok(()),
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Err(corrupt(format!("the JPEG has a second frame header at byte {}", segment.at)));
            }
            0xda => {
                scans += 1;
                if scans > MAX_SCANS {
                    return Err(
                        InputKind::Photo.unsupported(format!("the JPEG has more than {MAX_SCANS} scans"))
                    );
                }
                for component in scan_components(&segment, &frame)? {
                    missing.retain(|id| *id != component);
                }
                markers.skip_coded(restarts)?;
            }
            _ => restarts = restart_interval(&segment).unwrap_or(restarts),
        }
    }
}

/// Whether the segment switches restart markers on or off; `None` when it is about something else.
fn restart_interval(segment: &Segment) -> Option<bool> {
    (segment.marker == 0xdd).then(|| segment.content.iter().any(|&byte| byte != 0))
}

/// The components a scan header names; each has to be one of the frame's.
fn scan_components(segment: &Segment, frame: &Frame) -> Result<Vec<u8>> {
    let content = segment.content;
    let count = content.first().copied().map_or(0, usize::from);
    if !(1..=4).contains(&count) || content.len() != 4 + 2 * count {
        return Err(corrupt(format!("the JPEG's scan header at byte {} has a wrong length", segment.at)));
    }
    let components: Vec<u8> = content[1..1 + 2 * count].chunks(2).map(|pair| pair[0]).collect();
    match components.iter().find(|&&id| !frame.components.iter().any(|c| c.id == id)) {
        Some(id) => Err(corrupt(format!(
            "the JPEG's scan at byte {} is about a colour component {id} that the frame does not have",
            segment.at
        ))),
        None => Ok(components),
    }
}

/// The pixels as 8-bit RGB, as stored. The structure has been checked before.
pub(crate) fn decode(data: &[u8], width: u32, height: u32) -> Result<Vec<u8>> {
    catch_panic(InputKind::Photo, "JPEG", || {
        entropy_check::check(data)?;
        let decoder =
            JpegDecoder::new_with_options(ZCursor::new(data), options(ColorSpace::RGB, width, height));
        pixels_of(decoder, width as usize * height as usize * 3)
    })
}

/// The brightness of every pixel, as stored, which takes half the time of its colour; `None` for the rare file that
/// keeps no brightness. What is missing of a damaged file may be grey.
pub(crate) fn decode_luma(data: &[u8], width: u32, height: u32) -> Result<Option<Vec<u8>>> {
    catch_panic(InputKind::Photo, "JPEG", || {
        let options = options(ColorSpace::Luma, width, height);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(data), options);
        decoder.decode_headers().map_err(unreadable)?;
        match decoder.input_colorspace() {
            Some(ColorSpace::YCbCr | ColorSpace::Luma) => {
                pixels_of(decoder, width as usize * height as usize).map(Some)
            }
            _ => Ok(None),
        }
    })
}

fn options(colours: ColorSpace, width: u32, height: u32) -> DecoderOptions {
    DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(width as usize)
        .set_max_height(height as usize)
        .jpeg_set_max_scans(MAX_SCANS)
        .jpeg_set_out_colorspace(colours)
}

fn pixels_of(mut decoder: JpegDecoder<ZCursor<&[u8]>>, expected: usize) -> Result<Vec<u8>> {
    let pixels = decoder.decode().map_err(unreadable)?;
    if pixels.len() != expected {
        let detail = format!("the JPEG gave {} bytes of pixels, expected {expected}", pixels.len());
        return Err(corrupt(detail));
    }
    Ok(pixels)
}

fn unreadable(error: DecodeErrors) -> Error {
    corrupt(format!("the JPEG's pixels cannot be read: {error:?}"))
}
