//! Regions: what the ids of a label map mean.

mod anatomy;
mod measure;
mod scheme;
mod tables;

pub use measure::Region;
pub use scheme::{LabelScheme, LabelStat};
