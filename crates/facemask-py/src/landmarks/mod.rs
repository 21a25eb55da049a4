//! Landmarks in: from files, from photos by face detection, and as points that stay in Rust.

pub(crate) mod detect;
pub(crate) mod landmark_file;
pub(crate) mod points;
