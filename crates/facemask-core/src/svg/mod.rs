//! SVG output: numbers, path data, the embedded photo, the document.

mod borders;
mod document;
mod embed;
pub mod number;
mod path;
mod rounded_rings;
mod style;

pub use document::{Shape, render_document};
pub use embed::{CropWindow, EmbeddedImage, Photo, cut_photo, embed_photo};
pub use path::FixedPoint;
pub use rounded_rings::{path_data, rounded_rings};
pub use style::{PALETTE, Style, check_id_prefix, parse_opaque_color};
