//! The crop of a result: by the landmarks, else by the label map.

use crate::error::{Error, ErrorKind, Result};
use crate::face::{AlignmentPoints, Crop, CropOptions, CropPreset, FacialFeatures, Placement, UprightCanvas};
use crate::geometry::{Point, Polygons};

/// The crop by the landmarks, else by the label map. `features` are those of its face, with whether it is mirrored.
pub(super) fn select_crop(
    options: &CropOptions,
    canvas: &UprightCanvas,
    placement: Option<&Placement>,
    features: Option<(&FacialFeatures, bool)>,
    contours: &[(u8, Polygons)],
    face_extent: impl Fn() -> Option<Vec<Point>>,
) -> Result<Crop> {
    let placed = placement.and_then(|placement| placement.face_crop);
    match options.preset {
        CropPreset::None => Ok(options.whole(canvas)),
        CropPreset::Head => {
            let points = contours.iter().flat_map(|(_, polygons)| &polygons.points);
            Ok(options.around_head(canvas, points.copied()))
        }
        CropPreset::Face => {
            Ok(placed.unwrap_or_else(|| options.around_face(canvas, &face_extent().unwrap_or_default())))
        }
        CropPreset::Ffhq | CropPreset::ArcFace => {
            let of_map = || {
                let (features, mirrored) = features?;
                options.align(&AlignmentPoints::from_features(features, mirrored)?)
            };
            placed.or_else(of_map).ok_or_else(|| {
                let detail = format!(
                    "the crop {} is aligned by both eyes and the mouth, and neither the landmarks nor the label map have \
                     them; send landmarks of a scheme with a mouth, or take another crop",
                    options.preset.name()
                );
                Error::new(ErrorKind::NoFace, "landmarks", detail)
            })
        }
    }
}
