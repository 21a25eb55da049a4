//! File headers: format, size and EXIF orientation of a photo or a label map, without decoding pixels.

use facemask_core::error::{Error, ErrorKind, Result};

use crate::input_kind::InputKind;
use crate::limits::Limits;
use crate::orientation::Orientation;
use crate::{jpeg, png, webp};

/// An image file format that can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// Portable Network Graphics.
    Png,
    /// JPEG, baseline or progressive.
    Jpeg,
    /// WebP, lossy or lossless.
    WebP,
}

impl ImageFormat {
    /// Display name: `PNG`, `JPEG`, `WebP`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
        }
    }

    /// Detects the format by the first bytes. File names and media types are not used.
    pub(crate) fn detect(kind: InputKind, data: &[u8]) -> Result<Self> {
        if data.starts_with(&png::SIGNATURE) {
            return Ok(Self::Png);
        }
        if data.starts_with(&[0xff, 0xd8, 0xff]) {
            return Ok(Self::Jpeg);
        }
        if data.len() >= 12 && data.starts_with(b"RIFF") && &data[8..12] == b"WEBP" {
            return Ok(Self::WebP);
        }
        Err(unknown_format(kind, data))
    }
}

/// Error for bytes of no known format. Names the format they seem to have.
fn unknown_format(kind: InputKind, data: &[u8]) -> Error {
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
    let others: [(&[u8], &str); 8] = [
        (b"GIF8", "a GIF"),
        (b"BM", "a BMP"),
        (b"II*\0", "a TIFF"),
        (b"MM\0*", "a TIFF"),
        (b"%PDF", "a PDF"),
        (b"<", "text (SVG, HTML or XML)"),
        (b"{", "text (JSON)"),
        (b"\x93NUMPY", "a NumPy array"),
    ];
    let found = if data.len() >= 12 && &data[4..8] == b"ftyp" {
        "a HEIF, AVIF or video".to_owned()
    } else if let Some((_, name)) = others.iter().find(|(magic, _)| data.starts_with(magic)) {
        (*name).to_owned()
    } else if data.iter().take(8).all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) {
        "text".to_owned()
    } else {
        let first: Vec<String> = data.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("a file that begins with the bytes {}", first.join(" "))
    };
    kind.unsupported(format!("the {noun} is {found}, expected {}", kind.formats()))
}

/// Header of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageInfo {
    /// File format, detected by the first bytes.
    pub format: ImageFormat,
    /// Width in pixels as stored, before the EXIF orientation is applied.
    pub width: u32,
    /// Height in pixels as stored, before the EXIF orientation is applied.
    pub height: u32,
    /// EXIF orientation; [`Orientation::Upright`] if the file has none or its EXIF block is broken.
    pub orientation: Orientation,
}

impl ImageInfo {
    /// (width, height) in pixels after the EXIF orientation: the size of the image frame.
    #[must_use]
    pub const fn oriented_size(&self) -> (u32, u32) {
        self.orientation.apply_to_size(self.width, self.height)
    }
}

/// Reads the header of a photo: format, size, EXIF orientation. The size is checked against the limits.
///
/// Allocates no pixels, and reads only the header and the lengths of the blocks after it. [`inspect_image`]
/// checks the rest of the file.
///
/// # Errors
///
/// Field `image`: `image_unsupported` for other formats and for JPEG or WebP variants that are not read,
/// `image_corrupt` for a broken or truncated header or a size of 0, `image_too_large` above
/// `limits.max_pixels` or 65,535 pixels on a side.
pub fn read_header(data: &[u8], limits: &Limits) -> Result<ImageInfo> {
    let kind = InputKind::Photo;
    let format = ImageFormat::detect(kind, data)?;
    let (width, height, exif) = match format {
        ImageFormat::Png => {
            let header = png::read_header(kind, data)?;
            (header.width, header.height, png::find_exif(data))
        }
        ImageFormat::Jpeg => {
            let frame = jpeg::read_header(data)?;
            (frame.width, frame.height, frame.exif)
        }
        ImageFormat::WebP => {
            let header = webp::read_header(kind, data)?;
            (header.width, header.height, webp::find_exif(data))
        }
    };
    limits.check_size(kind, width, height)?;
    let orientation = exif.map(crate::exif::read_orientation).unwrap_or_default();
    Ok(ImageInfo { format, width, height, orientation })
}

/// Header of a label map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapHeader {
    /// File format, detected by the first bytes.
    pub format: ImageFormat,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Reads the header of a label map: format and size. The size is checked against the limits. Allocates
/// nothing.
///
/// # Errors
///
/// Field `labels`: `map_not_lossless` for a JPEG or a lossy WebP, `map_unsupported` for other formats,
/// `map_corrupt` for a broken or truncated header or a size of 0, `map_too_large` above `limits.max_pixels`
/// or 65,535 pixels on a side.
pub fn read_map_header(data: &[u8], limits: &Limits) -> Result<MapHeader> {
    let kind = InputKind::LabelMap;
    let format = ImageFormat::detect(kind, data)?;
    let (width, height) = match format {
        ImageFormat::Png => {
            let header = png::read_header(kind, data)?;
            (header.width, header.height)
        }
        ImageFormat::Jpeg => return Err(not_lossless("JPEG")),
        ImageFormat::WebP => {
            let header = webp::read_header(kind, data)?;
            if header.is_lossy {
                return Err(not_lossless("lossy WebP"));
            }
            (header.width, header.height)
        }
    };
    limits.check_size(kind, width, height)?;
    Ok(MapHeader { format, width, height })
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

/// Reads the header of a photo and validates the structure of the whole file, without decoding pixels.
///
/// * PNG: every chunk's length, name and CRC, the order of the chunks, IEND at the end.
/// * JPEG: every marker segment to EOI, frame and scan headers, byte stuffing and restart markers of the
///   coded data; every component of the frame has to appear in a scan.
/// * WebP: the RIFF size, every chunk's size, the header of the picture against the canvas.
///
/// Bytes after the end of the picture are ignored: cameras append previews and clips there. Damage inside
/// compressed data that keeps the structure is not detected; [`decode_image`] detects it as far as the codec
/// can.
///
/// [`decode_image`]: crate::decode_image
///
/// # Errors
///
/// Those of [`read_header`], and `image_corrupt` for a file that is truncated or damaged anywhere.
pub fn inspect_image(data: &[u8], limits: &Limits) -> Result<ImageInfo> {
    let info = read_header(data, limits)?;
    match info.format {
        ImageFormat::Png => png::validate(InputKind::Photo, data).map(|_| ())?,
        ImageFormat::Jpeg => jpeg::validate(data)?,
        ImageFormat::WebP => webp::validate(InputKind::Photo, data)?,
    }
    Ok(info)
}
