//! Zones of the face: named areas, painted from labels and landmarks onto the grid of the label map.

mod catalog;
mod ibug_68;
mod mediapipe;
mod outline;
mod zone_map;

pub use catalog::{RegionSet, Zone};
pub use zone_map::ZoneMap;
