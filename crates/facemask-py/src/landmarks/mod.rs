//! Landmarks in: from files, and from photos by face detection.

pub(crate) mod detect;
pub(crate) mod landmark_file;
