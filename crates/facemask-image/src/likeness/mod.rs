//! What a cache needs to know inputs by: a small grey picture of a photo, and a label map as runs of equal ids.

mod grey;
mod runs;

pub use grey::{GREY_SIDE, grey_raster};
pub use runs::runs;
