//! Zones of the face: named areas, painted from labels and landmarks onto the grid of the label map.

mod catalog;
mod jawline;
mod mediapipe;
mod zone_map;

pub use catalog::{RegionSet, Zone};
pub use zone_map::ZoneMap;
