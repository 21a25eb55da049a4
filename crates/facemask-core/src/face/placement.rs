//! All that an answer takes from its landmarks.

use super::crop_box::{CropBox, CropPreset, Upright};
use super::landmarks::Landmarks;
use super::pose::Pose;
use crate::geometry::Point;

/// Where landmarks put a face. Regions that are labels take nothing else from the landmarks: with equal placements one
/// map has one answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The name of the landmarks' scheme.
    pub scheme: &'static str,
    /// How well the landmarks fit the scheme, 0 to 1, in thousandths.
    pub confidence: f64,
    /// How the face lies in the image.
    pub pose: Pose,
    /// The middle between the eyes' centres; image frame, pixels.
    pub eyes_middle: Point,
    /// The crop box of [`CropPreset::Face`], `None` for other presets: they do not look at the landmarks.
    pub face_box: Option<CropBox>,
}

impl Placement {
    /// The placement of a face in an image of (width, height) pixels.
    #[must_use]
    pub fn new(landmarks: &Landmarks, image_size: (u32, u32), preset: CropPreset) -> Self {
        let (pose, features) = (landmarks.pose(), landmarks.features());
        let face_box = (preset == CropPreset::Face)
            .then(|| CropBox::face(&Upright::new(image_size, pose.roll_rad), &landmarks.outline()));
        Self {
            scheme: landmarks.scheme.name,
            confidence: (landmarks.confidence * 1000.0).round() / 1000.0,
            pose,
            eyes_middle: features.eye_r.midpoint(features.eye_l),
            face_box,
        }
    }

    /// Bytes that only an equal placement has.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { scheme, confidence, pose: Pose { roll_rad, mirrored }, eyes_middle, face_box } = *self;
        let numbers = [confidence, roll_rad, eyes_middle.x, eyes_middle.y].map(f64::to_le_bytes);
        // A box has at least one pixel, so four zeros are none.
        let sides = face_box.map_or([0; 4], |b| [b.x, b.y, b.width, b.height]).map(u32::to_le_bytes);
        [numbers.as_flattened(), sides.as_flattened(), &[u8::from(mirrored)], scheme.as_bytes()].concat()
    }
}
