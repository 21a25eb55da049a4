//! Pixels: the label map, borrowed and checked once, and the photo, turned where it is shown.

mod components;
mod fill;
mod label_map;
mod warp;

pub use components::components;
pub use fill::fill;
pub use label_map::LabelMap;
pub use warp::{RgbView, warp};
