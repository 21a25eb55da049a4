//! JPEG: the file's structure, checked by us marker by marker, and its pixels, decoded by `zune-jpeg`.

use facemask_core::error::{Error, Result};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::guard::guarded;
use crate::role::Role;

/// The most scans of one picture. Each costs a visit of every block, however few bytes it has.
const MAX_SCANS: usize = 100;

/// What the headers in front of the first scan say.
pub(crate) struct Frame<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// The EXIF block of the first APP1 segment that holds one.
    pub(crate) exif: Option<&'a [u8]>,
    components: Vec<u8>,
}

fn corrupt(detail: impl Into<String>) -> Error {
    Role::Photo.corrupt(detail)
}

/// A marker and, for those that carry one, its content without the length.
struct Segment<'a> {
    marker: u8,
    at: usize,
    content: &'a [u8],
}

/// Steps through the markers.
struct Markers<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Markers<'a> {
    /// Behind the start-of-image marker, which the signature has shown.
    const fn new(data: &'a [u8]) -> Self {
        Self { data, at: 2 }
    }

    fn cut(&self, inside: &str) -> Error {
        corrupt(format!("the JPEG ends {inside}, after byte {}", self.data.len()))
    }

    fn next(&mut self) -> Result<Segment<'a>> {
        let start = self.at;
        let Some(&first) = self.data.get(start) else {
            return Err(self.cut("without an end-of-image marker"));
        };
        if first != 0xff {
            return Err(corrupt(format!(
                "the JPEG has the byte {first:02x} at {start}, expected a marker (ff)"
            )));
        }
        // A marker may be led in by any number of fill bytes.
        while self.data.get(self.at) == Some(&0xff) {
            self.at += 1;
        }
        let Some(&marker) = self.data.get(self.at) else {
            return Err(self.cut("in the middle of a marker"));
        };
        self.at += 1;
        let mut content = &[][..];
        match marker {
            0xd9 => {}
            0x00..=0x02 | 0xd0..=0xd8 => {
                return Err(corrupt(format!(
                    "the JPEG has a marker ff{marker:02x} at byte {start}, where it makes no sense"
                )));
            }
            _ => content = self.content(marker, start)?,
        }
        Ok(Segment { marker, at: start, content })
    }

    fn content(&mut self, marker: u8, start: usize) -> Result<&'a [u8]> {
        let inside = format!("in the middle of the segment ff{marker:02x} at byte {start}");
        let Some(&length) = self.data.get(self.at..).and_then(|rest| rest.first_chunk::<2>()) else {
            return Err(self.cut(&inside));
        };
        let length = usize::from(u16::from_be_bytes(length));
        if length < 2 {
            return Err(corrupt(format!(
                "the JPEG's segment ff{marker:02x} at byte {start} says it is {length} bytes long, expected at least 2"
            )));
        }
        let Some(content) = self.data.get(self.at + 2..self.at + length) else {
            return Err(self.cut(&inside));
        };
        self.at += length;
        Ok(content)
    }

    /// Skips the coded data of a scan up to the next marker that is not part of it.
    fn skip_coded(&mut self, restarts: bool) -> Result<()> {
        let start = self.at;
        let mut expected_restart = 0;
        loop {
            let rest = self.data.get(self.at..).unwrap_or_default();
            let Some(offset) = rest.iter().position(|&byte| byte == 0xff) else {
                return Err(self.cut("in the middle of the coded pixels"));
            };
            let at = self.at + offset;
            match self.data.get(at + 1) {
                None => return Err(self.cut("in the middle of the coded pixels")),
                Some(0x00) => self.at = at + 2,
                Some(&restart @ 0xd0..=0xd7) => {
                    if !restarts || restart - 0xd0 != expected_restart {
                        return Err(corrupt(format!(
                            "the JPEG has a restart marker ff{restart:02x} out of turn at byte {at}"
                        )));
                    }
                    expected_restart = (expected_restart + 1) % 8;
                    self.at = at + 2;
                }
                Some(_) if at == start => {
                    return Err(corrupt(format!("the JPEG's scan at byte {start} holds no coded pixels")));
                }
                Some(_) => {
                    self.at = at;
                    return Ok(());
                }
            }
        }
    }
}

/// The frame header (SOF segment): size and components.
fn frame<'a>(segment: &Segment<'a>) -> Result<Frame<'a>> {
    let content = segment.content;
    let count = content.get(5).copied().map_or(0, usize::from);
    if content.len() < 6 || content.len() != 6 + 3 * count {
        return Err(corrupt(format!("the JPEG's frame header at byte {} has a wrong length", segment.at)));
    }
    let unsupported = |what: String| Role::Photo.unsupported(format!("the JPEG {what}"));
    if content[0] != 8 {
        return Err(unsupported(format!("has {} bits per sample, expected 8", content[0])));
    }
    if !matches!(count, 1 | 3 | 4) {
        return Err(unsupported(format!("has {count} colour components, expected 1, 3 or 4")));
    }
    let side = |at: usize| u32::from(u16::from_be_bytes([content[at], content[at + 1]]));
    let components = content[6..].chunks(3).map(|component| component[0]).collect();
    Ok(Frame { height: side(1), width: side(3), exif: None, components })
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
                return Err(Role::Photo.unsupported(format!(
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
            restarts |= restart_interval(&front.next()?).unwrap_or(false);
        }
        frame
    };
    let mut missing = frame.components.clone();
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
                    return Err(Role::Photo.unsupported(format!("the JPEG has more than {MAX_SCANS} scans")));
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
    match components.iter().find(|id| !frame.components.contains(id)) {
        Some(id) => Err(corrupt(format!(
            "the JPEG's scan at byte {} is about a colour component {id} that the frame does not have",
            segment.at
        ))),
        None => Ok(components),
    }
}

/// The pixels as 8-bit RGB, as stored. The structure has been checked before.
pub(crate) fn decode(data: &[u8], width: u32, height: u32) -> Result<Vec<u8>> {
    let expected = width as usize * height as usize * 3;
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(width as usize)
        .set_max_height(height as usize)
        .jpeg_set_max_scans(MAX_SCANS)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    guarded(Role::Photo, "JPEG", || {
        let pixels = JpegDecoder::new_with_options(ZCursor::new(data), options)
            .decode()
            .map_err(|error| corrupt(format!("the JPEG's pixels cannot be read: {error:?}")))?;
        if pixels.len() != expected {
            let detail = format!("the JPEG gave {} bytes of pixels, expected {expected}", pixels.len());
            return Err(corrupt(detail));
        }
        Ok(pixels)
    })
}
