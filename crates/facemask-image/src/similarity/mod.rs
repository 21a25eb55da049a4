//! What a cache needs to know inputs by: a small grey picture of a photo, and a label map as runs of equal ids.

mod luma_thumbnail;
mod run_length;

pub use luma_thumbnail::{THUMBNAIL_SIDE, luma_thumbnail};
pub use run_length::run_length_encode;
