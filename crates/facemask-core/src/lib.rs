//! Faces and label maps into upright, gap-free vector contours. Pure Rust: no Python, no I/O, no codec, no clock.
#![forbid(unsafe_code)]

pub mod error;
pub mod face;
pub mod geometry;
pub mod raster;
pub mod regions;
