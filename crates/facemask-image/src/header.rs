//! File headers: format, size and EXIF orientation of a photo, without decoding pixels.

use facemask_core::error::Result;

use crate::file_kind::unknown_format;
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
        if data.starts_with(&jpeg::SIGNATURE) {
            return Ok(Self::Jpeg);
        }
        if data.len() >= 12 && data.starts_with(b"RIFF") && &data[8..12] == b"WEBP" {
            return Ok(Self::WebP);
        }
        Err(unknown_format(kind, data))
    }
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
