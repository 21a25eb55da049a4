//! The face: landmark schemes, landmarks checked against them, pose and crop box.
//!
//! Sides are always the SUBJECT's: `_r` is the person's right, on the viewer's left in an upright, unmirrored picture.

mod crop_box;
mod fit;
mod judge;
mod landmark_tables;
mod landmarks;
mod mean_shapes;
mod placement;
mod pose;
mod scheme;
mod sparse;

pub use crop_box::{CropBox, CropPreset, Upright};
pub use landmark_tables::Parts;
pub use landmarks::{LandmarkOptions, LandmarkUnits, Landmarks, check_points};
pub use placement::Placement;
pub use pose::{Features, Pose, angle_between};
pub use scheme::LandmarkScheme;
