//! SVG: numbers, path data, the document.

mod document;
mod embed;
pub mod number;
mod path;
mod silhouette;

pub use document::{Backdrop, PALETTE, Shape, Style, document, opaque_color};
pub use embed::{Photo, embed};
pub use path::{path_data, rounded_rings};
