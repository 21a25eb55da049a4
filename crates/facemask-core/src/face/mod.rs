//! The face: landmark schemes, pose and crop box.
