//! Pixels: the label map, borrowed and checked once, rings filled and parts found in it, and the photo, turned where it is
//! shown.

mod components;
mod fill;
mod label_map;
mod pixel_box;
mod warp;

pub use components::{Component, components, refill};
pub use fill::fill;
pub use label_map::LabelMap;
pub use pixel_box::PixelBox;
pub use warp::{RgbView, warp};
