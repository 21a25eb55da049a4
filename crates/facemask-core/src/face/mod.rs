//! Faces: landmark schemes, landmarks checked against them, pose, placement and crop box.
//!
//! Sides are always the SUBJECT's: `_r` is the person's right, on the viewer's left in an upright, unmirrored picture.

mod crop;
mod feature_points;
mod landmark_tables;
mod landmarks;
mod mean_shape_fit;
mod mean_shapes;
mod part_order;
mod placement;
mod plausibility;
mod pose;
mod scheme;
mod select_face;

pub use crop::{AlignmentPoints, Crop, CropBox, CropOptions, CropPreset, UprightCanvas};
pub use feature_points::FeaturePoints;
pub use landmark_tables::Parts;
pub use landmarks::{LandmarkOptions, LandmarkUnits, Landmarks, check_points};
pub use placement::Placement;
pub use pose::{FacialFeatures, Pose, angle_difference};
pub use scheme::LandmarkScheme;
pub use select_face::{SelectedFace, check_faces, named_face, select_face};
