//! Regions: what the ids of a label map mean.

mod anatomy;
mod scheme;
mod tables;

pub use scheme::{LabelScheme, LabelStat};
