//! Regions: what the ids of a label map mean, and the zones that are painted from them.

mod anatomy;
mod catalogue;
mod measure;
mod outline;
mod paint;
mod pole;
mod scheme;
mod symmetry;
mod tables;
mod zones_68;
mod zones_mediapipe;

pub use catalogue::{RegionSet, Zone};
pub use measure::Region;
pub use paint::ZoneMap;
pub use scheme::{LabelScheme, LabelStat};
pub use symmetry::Symmetry;
