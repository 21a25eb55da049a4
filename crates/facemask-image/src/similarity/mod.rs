//! Inputs of similarity search in the service's cache: a luma thumbnail of a photo, a run-length encoded
//! label map.

mod luma_thumbnail;
mod run_length;

pub use luma_thumbnail::{THUMBNAIL_SIDE, luma_thumbnail};
pub use run_length::run_length_encode;
