//! The placement of a face: everything that a trace takes from landmarks.

use super::crop::{AlignmentPoints, Crop, CropOptions, CropPreset, UprightCanvas};
use super::feature_points::FeaturePoints;
use super::landmarks::Landmarks;
use super::pose::Pose;
use crate::geometry::{Affine, Point};
use crate::raster::Size;

/// The placement of a face by its landmarks.
///
/// A trace of label regions depends on its landmarks only through the placement. With equal placements a label map has
/// one result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The name of the landmark scheme.
    pub scheme: &'static str,
    /// How well the landmarks fit the scheme, 0 to 1, rounded to thousandths.
    pub confidence: f64,
    /// The pose of the face in the image plane.
    pub pose: Pose,
    /// The midpoint between the eye centers; image frame, pixels.
    pub eye_midpoint: Point,
    /// The features that are compared with those of the label map, rounded.
    pub features: FeaturePoints,
    /// The distance between the eye centers, pixels.
    pub eye_distance: f64,
    /// The crop of [`CropPreset::Face`] and of templates. `None` for other presets, which do not depend on the landmarks,
    /// and where the landmarks lack what a template needs.
    pub face_crop: Option<Crop>,
}

impl Placement {
    /// The placement of a face in an image of that size.
    #[must_use]
    pub fn new(landmarks: &Landmarks, image_size: Size, crop: &CropOptions) -> Self {
        let (pose, features) = (landmarks.pose(), landmarks.features());
        let face_crop = match crop.preset {
            CropPreset::Face => {
                let canvas = UprightCanvas::new(image_size, pose.roll_rad);
                Some(crop.around_face(&canvas, &landmarks.face_extent()))
            }
            CropPreset::Ffhq | CropPreset::ArcFace => {
                AlignmentPoints::from_landmarks(landmarks).and_then(|points| crop.align(&points))
            }
            CropPreset::Head | CropPreset::None => None,
        };
        Self {
            scheme: landmarks.scheme.name,
            confidence: (landmarks.confidence * 1000.0).round() / 1000.0,
            pose,
            eye_midpoint: features.eye_r.midpoint(features.eye_l),
            features: FeaturePoints::from_landmarks(landmarks).rounded(),
            eye_distance: (features.eye_l - features.eye_r).length(),
            face_crop,
        }
    }

    /// An injective encoding: two placements have the same bytes only if they are equal.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self {
            scheme,
            confidence,
            pose: Pose { roll_rad, mirrored },
            eye_midpoint,
            eye_distance,
            features,
            face_crop,
        } = *self;
        let numbers =
            [confidence, roll_rad, eye_midpoint.x, eye_midpoint.y, eye_distance].map(f64::to_le_bytes);
        // Features are finite, so two NaNs encode `None`.
        let absent = Point::new(f64::NAN, f64::NAN);
        let features = features.to_array().map(|point| point.unwrap_or(absent));
        let features = features.map(|p| [p.x.to_le_bytes(), p.y.to_le_bytes()].concat()).concat();
        // A crop has at least one pixel, so a size of zero encodes `None`.
        let crop = face_crop.unwrap_or(Crop {
            size: Size::new(0, 0),
            crop_from_image: Affine::IDENTITY,
            scale: 1.0,
        });
        let sides = [crop.size.width, crop.size.height].map(u32::to_le_bytes);
        let affine = crop.crop_from_image.0.map(f64::to_le_bytes);
        [
            numbers.as_flattened(),
            &features,
            sides.as_flattened(),
            affine.as_flattened(),
            &[u8::from(mirrored)],
            scheme.as_bytes(),
        ]
        .concat()
    }
}
