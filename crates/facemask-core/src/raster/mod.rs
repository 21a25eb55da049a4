//! Raster operations: label maps and where they lie on the photo, class scores, scanline fill, connected components, and
//! the warp of the embedded photo.

mod class_scores;
mod connected_components;
mod label_map;
mod map_extent;
mod native_resolution;
mod pixel_rect;
mod resample;
mod resize_rule;
mod scanline_fill;
mod size;
mod warp;

pub use class_scores::{ClassScores, ScoreLayout};
pub use connected_components::{Component, find_components, flood_fill};
pub use label_map::LabelMap;
pub use map_extent::{MapExtent, MapFit, MapTransform};
pub use native_resolution::{Enlargement, NativeResolution};
pub use pixel_rect::PixelRect;
pub use resample::{reduce, resample, source_rect};
pub use scanline_fill::{FillRule, scanline_fill};
pub use size::Size;
pub use warp::{RgbView, warp};
