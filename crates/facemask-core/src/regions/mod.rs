//! Regions: what the ids of a label map mean, the statistics of each region, and the zones that are painted from
//! labels.

mod detect_partial_head;
mod detect_scheme;
mod face_location;
mod label_parts;
mod label_tables;
mod pole_of_inaccessibility;
mod region_stats;
mod registration;
mod scheme;
mod symmetry;
mod zones;

pub use face_location::{Feature, LocatedFace, LocatedFeature};
pub use label_parts::{LabelPart, MapLabel, SecondMoments};
pub use region_stats::Region;
pub use registration::{CropCoverage, FeatureDistance, Registration, RegistrationFrame};
pub use scheme::{LabelScheme, LabelStat};
pub use symmetry::Symmetry;
pub use zones::{RegionSet, Zone, ZoneMap};
