//! Arbitrary bytes as a landmark file: points within the limits or an error, never a panic.
#![no_main]

use facemask_landmarks::{LandmarkContent, MAX_POINTS, read_landmark_file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| match read_landmark_file(data) {
    Ok(file) => {
        if let LandmarkContent::Faces(faces) = file.content {
            // A box without points keeps its index, so that `face=` names the boxes of the file.
            assert!(faces.iter().any(|face| !face.is_empty()));
            assert!(faces.iter().map(Vec::len).sum::<usize>() <= MAX_POINTS);
            // A .pts file may be half a pixel beyond.
            let is_valid = |value: f64| value.abs() <= 1e6 + 0.5;
            assert!(faces.iter().flatten().all(|p| is_valid(p.x) && is_valid(p.y)));
        }
    }
    Err(error) => {
        assert!(error.field == "landmarks" && (1..400).contains(&error.detail.len()));
    }
});
