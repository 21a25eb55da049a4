//! Upright, gap-free vector contours from label maps and face landmarks. Pure Rust: no Python, no I/O, no codecs, no
//! clock.
//!
//! ```
//! use facemask_core::contour::{ContourOptions, find_contours};
//! use facemask_core::raster::LabelMap;
//!
//! let map = LabelMap::new(4, 2, &[1, 1, 2, 2, 1, 1, 2, 2])?;
//! let contours = find_contours(&map, &ContourOptions { tolerance: 0.5, ..ContourOptions::default() })?;
//! assert_eq!(contours.len(), 2);
//! assert_eq!(contours[0].1.area() + contours[1].1.area(), 8.0); // neighbors share their border: no gap
//! # Ok::<(), facemask_core::error::Error>(())
//! ```
#![forbid(unsafe_code)]

pub mod contour;
pub mod contours_json;
pub mod error;
pub mod face;
pub mod geometry;
pub mod map_checks;
pub mod raster;
pub mod regions;
pub mod run_lengths;
pub mod svg;
pub mod trace;
pub mod warning;
