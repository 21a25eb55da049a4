//! Image decoders with limits: PNG, JPEG and WebP files to pixels, EXIF orientation applied, palette indices
//! kept.
//!
//! Photos and label maps have different rules. Gray, 16-bit, palette and CMYK pixels of a *photo* become
//! 8-bit RGB ([`decode_image`]). A *label map* has an id per pixel, so no step may change a value: no
//! scaling, no palette expansion, no lossy codec ([`decode_label_map`]).
//!
//! For both, the header is checked against [`Limits`] before anything is allocated. A file that is truncated,
//! damaged or differs from its header is an error; missing data is never filled in. Metadata is skipped, not
//! decompressed. A panic inside a codec becomes an error.
//!
//! ```
//! use facemask_image::{Limits, decode_image, encode_jpeg, inspect_image};
//!
//! let file = encode_jpeg(2, 1, &[255, 0, 0, 255, 0, 0], 90)?;
//! assert_eq!(inspect_image(&file, &Limits::default())?.oriented_size(), (2, 1));
//! assert_eq!(decode_image(&file, &Limits::default())?.pixels.len(), 6);
//! # Ok::<(), facemask_core::error::Error>(())
//! ```
#![forbid(unsafe_code)]

pub mod base64;
mod catch_panic;
mod encode;
mod exchanged_files;
mod exif;
mod file_kind;
mod header;
mod input_kind;
mod jpeg;
mod json_base64;
mod label_map;
mod limits;
pub mod npy;
mod orientation;
mod palettes;
mod photo;
mod png;
pub mod similarity;
mod webp;

pub use encode::{encode_jpeg, encode_png};
pub use exchanged_files::explain_exchange;
pub use file_kind::identify_picture;
pub use header::{ImageFormat, ImageInfo, inspect_image, read_header};
pub use json_base64::{Base64Extraction, extract_base64};
pub use label_map::{
    LabelImage, MapEncoding, MapFormat, MapHeader, decode_annotations, decode_label_map, decode_label_map_of,
    read_map_header, read_map_header_of,
};
pub use limits::Limits;
pub use orientation::Orientation;
pub use palettes::{KnownPalette, celebamask_hq, pascal_voc};
pub use photo::{RgbImage, decode_image, decode_image_region};
