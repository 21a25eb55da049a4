//! What a cache needs to tell whether two inputs are alike: a small grey picture of a photo, and a label map's
//! signature, its runs, and how far two maps are apart.

mod grey;
mod runs;
mod signature;

pub use grey::{GREY_SIDE, grey_raster};
pub use runs::{agree, runs};
pub use signature::{SIGNATURE_SIDE, differing_cells, signature};
