//! Face detection at any tilt: the work before, between and after two neural networks.
//!
//! The networks are BlazeFace (Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs",
//! 2019) and the face mesh with attention (Grishchenko et al., "Attention Mesh", 2020), as `face_landmarker.task` of
//! MediaPipe holds them. This crate runs neither: [`Networks`] does.
//!
//! BlazeFace finds faces up to about 45 degrees from upright. So [`detect_faces`] shows it each part of the photo in
//! four quarter turns. The mesh then runs twice for each face: in the region of interest (ROI) of the detector, and in
//! that of the first mesh, which no longer depends on the turn.

mod anchors;
mod candidate;
mod detected_face;
mod detector;
mod mesh;
mod networks;
mod roi;
mod search;
mod square_tensor;
mod suppression;
mod tiles;

pub use detected_face::{DetectedFace, MIN_AGREEMENT, MIN_PRESENCE};
pub use networks::{
    BOX_COUNT, BOX_LENGTH, DETECTOR_SIDE, DetectorOutput, MESH_SIDE, MeshOutput, Networks, POINT_COUNT,
};
pub use search::{SearchOptions, detect_faces};
pub use tiles::Tiles;
