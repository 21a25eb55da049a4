//! SVG output: numbers, path data, the embedded photo, the document.

mod document;
mod embed;
pub mod number;
mod path;
mod union_outline;

pub use document::{PALETTE, Shape, Style, parse_opaque_color, render_document};
pub use embed::{CropWindow, EmbeddedImage, Photo, cut_photo, embed_photo};
pub use path::{FixedPoint, path_data, rounded_rings};
