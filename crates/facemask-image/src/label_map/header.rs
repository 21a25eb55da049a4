//! File headers of label maps: format and size, without decoding pixels.

use facemask_core::error::Result;

use super::annotations::AnnotationDocument;
use super::arrays::{npy, npz};
use super::encoding::not_lossless;
use super::{bmp, gif, tiff};
use crate::file_kind::unknown_format;
use crate::input_kind::InputKind;
use crate::limits::Limits;
use crate::{jpeg, png, webp};

/// A file format that can hold a label map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MapFormat {
    /// Portable Network Graphics.
    Png,
    /// Lossless WebP.
    WebP,
    /// A NumPy array.
    Npy,
    /// A zip archive of NumPy arrays.
    Npz,
    /// Tagged Image File Format, classic or `BigTIFF`.
    Tiff,
    /// Graphics Interchange Format.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// A COCO or labelme document.
    Annotations,
}

/// The first bytes of the formats that have some.
const SIGNATURES: [(&[u8], MapFormat); 9] = [
    (&png::SIGNATURE, MapFormat::Png),
    (crate::npy::SIGNATURE, MapFormat::Npy),
    (npz::SIGNATURE, MapFormat::Npz),
    (b"II*\0", MapFormat::Tiff),
    (b"MM\0*", MapFormat::Tiff),
    (b"II+\0", MapFormat::Tiff),
    (b"MM\0+", MapFormat::Tiff),
    (b"GIF87a", MapFormat::Gif),
    (b"GIF89a", MapFormat::Gif),
];

impl MapFormat {
    /// Detects the format by the first bytes. File names and media types are not used.
    ///
    /// # Errors
    ///
    /// `map_not_lossless` for a JPEG, `map_unsupported` for other formats.
    fn detect(data: &[u8]) -> Result<Self> {
        let kind = InputKind::LabelMap;
        if let Some(&(_, format)) = SIGNATURES.iter().find(|(signature, _)| data.starts_with(signature)) {
            return Ok(format);
        }
        if data.starts_with(&jpeg::SIGNATURE) {
            return Err(not_lossless("a JPEG"));
        }
        if data.len() >= 12 && data.starts_with(b"RIFF") && &data[8..12] == b"WEBP" {
            return Ok(Self::WebP);
        }
        if bmp::is_bmp(data) {
            return Ok(Self::Bmp);
        }
        if AnnotationDocument::is_json(data) {
            return Ok(Self::Annotations);
        }
        let is_cut = |&(signature, _): &(&[u8], Self)| data.len() > 1 && signature.starts_with(data);
        if SIGNATURES.iter().any(is_cut) {
            let length = data.len();
            return Err(kind.corrupt(format!(
                "the label map ends in the middle of its signature, after {length} bytes"
            )));
        }
        Err(unknown_format(kind, data))
    }
}

/// Header of a label map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapHeader {
    /// File format, detected by the first bytes.
    pub format: MapFormat,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Reads the header of a label map: format and size. The size is checked against the limits. Decodes no pixels.
///
/// # Errors
///
/// Field `labels`: `map_not_lossless` for a JPEG or a lossy WebP, `map_unsupported` for other formats,
/// `map_corrupt` for a broken or truncated header or a size of 0, `map_too_large` above `limits.max_pixels`
/// or 65,535 pixels on a side, `map_invalid` for an array that has no height and width.
pub fn read_map_header(data: &[u8], limits: &Limits) -> Result<MapHeader> {
    read_map_header_of(data, limits, None)
}

/// As [`read_map_header`], of a map that shows a photo of that size, (width, height) in pixels: it is the size of an
/// annotation document that states none.
///
/// # Errors
///
/// Those of [`read_map_header`].
pub fn read_map_header_of(data: &[u8], limits: &Limits, photo_size: Option<(u32, u32)>) -> Result<MapHeader> {
    let kind = InputKind::LabelMap;
    let format = MapFormat::detect(data)?;
    let (width, height) = match format {
        MapFormat::Png => {
            let header = png::read_header(kind, data)?;
            (header.width, header.height)
        }
        MapFormat::WebP => {
            let header = webp::read_header(kind, data)?;
            if header.is_lossy {
                return Err(not_lossless("a lossy WebP"));
            }
            (header.width, header.height)
        }
        MapFormat::Npy => npy::read_size(data)?,
        MapFormat::Npz => npz::read_size(data)?,
        MapFormat::Tiff => tiff::read_size(data)?,
        MapFormat::Gif => gif::read_size(data)?,
        MapFormat::Bmp => bmp::read_size(data)?,
        MapFormat::Annotations => AnnotationDocument::parse(data)?.size(photo_size)?,
    };
    limits.check_size(kind, width, height)?;
    Ok(MapHeader { format, width, height })
}
