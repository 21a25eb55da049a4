//! JPEG: the marker structure, validated here segment by segment, and the pixels, decoded by `zune-jpeg`.

mod entropy_check;
mod frame;
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
use frame::{FrameHeader, parse_frame};
use markers::{MarkerReader, Segment, corrupt};

/// The first bytes of every JPEG: the start of the picture and the first byte of the next marker.
pub(crate) const SIGNATURE: [u8; 3] = [0xff, 0xd8, 0xff];

/// Limit of scans per picture. A decoder visits every block in each scan, however few bytes the scan has.
const MAX_SCANS: usize = 100;

/// Reads the segments up to the frame header.
pub(crate) fn read_header(data: &[u8]) -> Result<FrameHeader<'_>> {
    let mut markers = MarkerReader::new(data);
    read_to_frame(&mut markers)
}

fn read_to_frame<'a>(markers: &mut MarkerReader<'a>) -> Result<FrameHeader<'a>> {
    let mut exif = None;
    loop {
        let segment = markers.read_segment()?;
        match segment.marker {
            0xc0..=0xc2 => return Ok(FrameHeader { exif, ..parse_frame(&segment)? }),
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

/// Checks every marker segment up to the end-of-image marker. Bytes after it are ignored.
pub(crate) fn validate(data: &[u8]) -> Result<()> {
    let mut markers = MarkerReader::new(data);
    let mut has_restarts = false;
    // A DRI segment may also precede the frame header.
    let frame = {
        let frame = read_to_frame(&mut markers)?;
        let mut front = MarkerReader::new(&data[..markers.offset]);
        while front.offset < markers.offset {
            has_restarts = sets_restarts(&front.read_segment()?).unwrap_or(has_restarts);
        }
        frame
    };
    let mut missing: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
    let mut scans = 0;
    loop {
        let segment = markers.read_segment()?;
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
                return Err(corrupt(format!(
                    "the JPEG has a second frame header at byte {}",
                    segment.offset
                )));
            }
            0xda => {
                scans += 1;
                if scans > MAX_SCANS {
                    return Err(
                        InputKind::Photo.unsupported(format!("the JPEG has more than {MAX_SCANS} scans"))
                    );
                }
                for component in parse_scan_components(&segment, &frame)? {
                    missing.retain(|id| *id != component);
                }
                markers.skip_entropy_data(has_restarts)?;
            }
            _ => has_restarts = sets_restarts(&segment).unwrap_or(has_restarts),
        }
    }
}

/// Whether a DRI segment turns restart markers on; `None` for any other segment.
fn sets_restarts(segment: &Segment) -> Option<bool> {
    (segment.marker == 0xdd).then(|| segment.content.iter().any(|&byte| byte != 0))
}

/// Ids of the components of a scan header. Each has to be a component of the frame.
fn parse_scan_components(segment: &Segment, frame: &FrameHeader) -> Result<Vec<u8>> {
    let content = segment.content;
    let count = content.first().copied().map_or(0, usize::from);
    if !(1..=4).contains(&count) || content.len() != 4 + 2 * count {
        return Err(corrupt(format!("the JPEG's scan header at byte {} has a wrong length", segment.offset)));
    }
    let components: Vec<u8> = content[1..1 + 2 * count].chunks(2).map(|pair| pair[0]).collect();
    match components.iter().find(|&&id| !frame.components.iter().any(|c| c.id == id)) {
        Some(id) => Err(corrupt(format!(
            "the JPEG's scan at byte {} is about a colour component {id} that the frame does not have",
            segment.offset
        ))),
        None => Ok(components),
    }
}

/// Decodes the pixels to 8-bit RGB, without the EXIF orientation. The caller has validated the structure.
pub(crate) fn decode(data: &[u8], width: u32, height: u32) -> Result<Vec<u8>> {
    catch_panic(InputKind::Photo, "JPEG", || {
        entropy_check::check_scans(data)?;
        let decoder =
            JpegDecoder::new_with_options(ZCursor::new(data), options(ColorSpace::RGB, width, height));
        decode_pixels(decoder, width as usize * height as usize * 3)
    })
}

/// Decodes the luma of every pixel, without the EXIF orientation, in half the time of [`decode`]. Returns
/// `None` for a file that stores no luma (RGB, CMYK). Missing parts of a damaged file may be gray.
pub(crate) fn decode_luma(data: &[u8], width: u32, height: u32) -> Result<Option<Vec<u8>>> {
    catch_panic(InputKind::Photo, "JPEG", || {
        let options = options(ColorSpace::Luma, width, height);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(data), options);
        decoder.decode_headers().map_err(decoder_error)?;
        match decoder.input_colorspace() {
            Some(ColorSpace::YCbCr | ColorSpace::Luma) => {
                decode_pixels(decoder, width as usize * height as usize).map(Some)
            }
            _ => Ok(None),
        }
    })
}

fn options(colors: ColorSpace, width: u32, height: u32) -> DecoderOptions {
    DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(width as usize)
        .set_max_height(height as usize)
        .jpeg_set_max_scans(MAX_SCANS)
        .jpeg_set_out_colorspace(colors)
}

fn decode_pixels(mut decoder: JpegDecoder<ZCursor<&[u8]>>, expected: usize) -> Result<Vec<u8>> {
    let pixels = decoder.decode().map_err(decoder_error)?;
    if pixels.len() != expected {
        let detail = format!("the JPEG gave {} bytes of pixels, expected {expected}", pixels.len());
        return Err(corrupt(detail));
    }
    Ok(pixels)
}

fn decoder_error(error: DecodeErrors) -> Error {
    corrupt(format!("the JPEG's pixels cannot be read: {error:?}"))
}
