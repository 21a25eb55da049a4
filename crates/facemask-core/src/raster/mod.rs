//! Pixels: the label map, borrowed and checked once, and what is counted in it.

mod label_map;

pub use label_map::LabelMap;
