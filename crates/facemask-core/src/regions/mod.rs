//! Regions: what the ids of a label map mean, which of them make a region, the statistics and colors of each region, the
//! zones that are painted from labels, and the labels that are painted from landmarks.

mod color_stats;
mod detect_partial_head;
mod detect_scheme;
mod face_location;
mod groups;
mod label_parts;
mod label_tables;
mod landmark_map;
mod outline;
mod pole_of_inaccessibility;
mod region_stats;
mod registration;
mod scheme;
mod selection;
mod symmetry;
mod zones;

pub use color_stats::{ColorStats, PhotoColors};
pub use face_location::{Feature, LocatedFace, LocatedFeature};
pub use label_parts::{LabelPart, MapLabel, SecondMoments};
pub use landmark_map::{Guess, LandmarkMap};
pub use region_stats::Region;
pub use registration::{CropCoverage, FeatureDistance, Registration, RegistrationFrame};
pub use scheme::{LabelScheme, LabelStat};
pub use selection::{RegionSelection, RegionVocabulary, SelectedRegion};
pub use symmetry::Symmetry;
pub use zones::{RegionSet, Zone, ZoneMap};
