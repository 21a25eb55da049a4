//! What a file says about itself: its format, its size, how it has to be turned.

use facemask_core::error::{Error, ErrorKind, Result};

use crate::input_kind::InputKind;
use crate::limits::Limits;
use crate::orientation::Orientation;
use crate::{jpeg, png, webp};

/// The file formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Portable Network Graphics.
    Png,
    /// JPEG, baseline or progressive.
    Jpeg,
    /// WebP, lossy or lossless.
    WebP,
}

impl Format {
    /// The name as a person writes it: `PNG`, `JPEG`, `WebP`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
        }
    }

    /// Tells the format by the first bytes, never by a name or media type.
    pub(crate) fn sniff(kind: InputKind, data: &[u8]) -> Result<Self> {
        if data.starts_with(&png::SIGNATURE) {
            return Ok(Self::Png);
        }
        if data.starts_with(&[0xff, 0xd8, 0xff]) {
            return Ok(Self::Jpeg);
        }
        if data.len() >= 12 && data.starts_with(b"RIFF") && &data[8..12] == b"WEBP" {
            return Ok(Self::WebP);
        }
        Err(refuse_unknown(kind, data))
    }
}

/// Says what the bytes are instead, as far as their first ones tell.
fn refuse_unknown(kind: InputKind, data: &[u8]) -> Error {
    let noun = kind.noun();
    if data.is_empty() {
        return kind.unsupported(format!("the {noun} is empty, expected {}", kind.formats()));
    }
    let full: [&[u8]; 2] = [&png::SIGNATURE, &[0xff, 0xd8, 0xff]];
    let cut_riff = data.len() < 12 && (data.starts_with(b"RIFF") || b"RIFF".starts_with(data));
    if cut_riff || full.iter().any(|signature| signature.starts_with(data)) {
        let length = data.len();
        return kind.corrupt(format!("the {noun} ends in the middle of its signature, after {length} bytes"));
    }
    let known: [(&[u8], &str); 8] = [
        (b"GIF8", "a GIF"),
        (b"BM", "a BMP"),
        (b"II*\0", "a TIFF"),
        (b"MM\0*", "a TIFF"),
        (b"%PDF", "a PDF"),
        (b"<", "text (SVG, HTML or XML)"),
        (b"{", "text (JSON)"),
        (b"\x93NUMPY", "a NumPy array"),
    ];
    let seen = if data.len() >= 12 && &data[4..8] == b"ftyp" {
        "a HEIF, AVIF or video".to_owned()
    } else if let Some((_, name)) = known.iter().find(|(magic, _)| data.starts_with(magic)) {
        (*name).to_owned()
    } else if data.iter().take(8).all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) {
        "text".to_owned()
    } else {
        let first: Vec<String> = data.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("a file that begins with the bytes {}", first.join(" "))
    };
    kind.unsupported(format!("the {noun} is {seen}, expected {}", kind.formats()))
}

/// What the header of a photo says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageInfo {
    /// The file format, told by the first bytes.
    pub format: Format,
    /// Width in pixels as stored, before the EXIF turn.
    pub width: u32,
    /// Height in pixels as stored, before the EXIF turn.
    pub height: u32,
    /// The EXIF turn; [`Orientation::Upright`] when the file names none or its EXIF block is broken.
    pub orientation: Orientation,
}

impl ImageInfo {
    /// (width, height) in pixels after the EXIF turn: the size of the image frame.
    #[must_use]
    pub const fn oriented_size(&self) -> (u32, u32) {
        self.orientation.apply_to_size(self.width, self.height)
    }
}

/// Reads the header of a photo: signature, size against the limits, EXIF orientation. Allocates no pixels and
/// looks at no more than the header and the lengths of the blocks behind it; whether the rest of the file is
/// whole is for [`inspect_image`].
///
/// # Errors
///
/// Field `image`: `image_unsupported` for other formats and for JPEG or WebP variants that are not read,
/// `image_corrupt` for a broken or cut header or a size of 0, `image_too_large` above `limits.max_pixels` or
/// 65,535 pixels on a side.
pub fn read_header(data: &[u8], limits: &Limits) -> Result<ImageInfo> {
    let kind = InputKind::Photo;
    let format = Format::sniff(kind, data)?;
    let (width, height, exif) = match format {
        Format::Png => {
            let header = png::header(kind, data)?;
            (header.width, header.height, png::find_exif(data))
        }
        Format::Jpeg => {
            let frame = jpeg::header(data)?;
            (frame.width, frame.height, frame.exif)
        }
        Format::WebP => {
            let header = webp::header(kind, data)?;
            (header.width, header.height, webp::find_exif(data))
        }
    };
    limits.check_size(kind, width, height)?;
    let orientation = exif.map(crate::exif::orientation).unwrap_or_default();
    Ok(ImageInfo { format, width, height, orientation })
}

/// Reads the header of a label map and answers its format, width and height in pixels. Allocates nothing.
///
/// # Errors
///
/// Field `labels`: `map_not_lossless` for a JPEG or a lossy WebP, `map_unsupported` for other formats,
/// `map_corrupt` for a broken or cut header or a size of 0, `map_too_large` above `limits.max_pixels` or 65,535
/// pixels on a side.
pub fn read_map_header(data: &[u8], limits: &Limits) -> Result<(Format, u32, u32)> {
    let kind = InputKind::LabelMap;
    let format = Format::sniff(kind, data)?;
    let (width, height) = match format {
        Format::Png => {
            let header = png::header(kind, data)?;
            (header.width, header.height)
        }
        Format::Jpeg => return Err(not_lossless("JPEG")),
        Format::WebP => {
            let header = webp::header(kind, data)?;
            if header.lossy {
                return Err(not_lossless("lossy WebP"));
            }
            (header.width, header.height)
        }
    };
    limits.check_size(kind, width, height)?;
    Ok((format, width, height))
}

fn not_lossless(what: &str) -> Error {
    Error::new(
        ErrorKind::MapNotLossless,
        InputKind::LabelMap.field(),
        format!(
            "the label map is a {what}, which invents labels along every border; send it as a PNG or a lossless WebP"
        ),
    )
}

/// Reads the header of a photo and walks the file to its end without decoding a pixel.
///
/// * PNG: every chunk's length, name and CRC, the order of the chunks, IEND at the end.
/// * JPEG: every marker to EOI, frame and scan headers, the coded data with its byte stuffing and restart
///   markers; every component of the frame has to appear in a scan.
/// * WebP: the RIFF size, every chunk's size, the picture's own header against the canvas.
///
/// Bytes after the end of the picture are let pass: cameras and phones append previews and clips there. What
/// this cannot see is damage inside compressed data that keeps the file's structure; [`decode_image`] refuses
/// that where the codec can tell.
///
/// [`decode_image`]: crate::decode_image
///
/// # Errors
///
/// Those of [`read_header`], and `image_corrupt` for a file that is cut short or damaged anywhere.
pub fn inspect_image(data: &[u8], limits: &Limits) -> Result<ImageInfo> {
    let info = read_header(data, limits)?;
    match info.format {
        Format::Png => png::walk(InputKind::Photo, data).map(|_| ())?,
        Format::Jpeg => jpeg::walk(data)?,
        Format::WebP => webp::walk(InputKind::Photo, data)?,
    }
    Ok(info)
}
