//! Regions: what the ids of a label map mean.

mod anatomy;
mod measure;
mod scheme;
mod symmetry;
mod tables;

pub use measure::Region;
pub use scheme::{LabelScheme, LabelStat};
pub use symmetry::Symmetry;
