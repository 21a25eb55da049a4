//! The frame in which landmarks and a label map are compared.

use crate::geometry::{Affine, Rect};
use crate::raster::{LabelMap, MapExtent, Size};

/// The image frame, and how the label map came into it.
#[derive(Clone, Debug, PartialEq)]
pub struct RegistrationFrame {
    /// The size of the photo.
    pub image_size: Size,
    /// The length of a pixel of the map, in pixels of the photo.
    pub map_pixel: f64,
    /// Other values of `map_fit`, each with the affine that moves the map from where it is to where it would lie then.
    pub other_fits: Vec<(&'static str, Affine)>,
}

/// The smallest shift in pixels of the photo that makes another fit another place.
const MIN_SHIFT: f64 = 1.0;

impl RegistrationFrame {
    /// The frame of a map with pixels of the photo's size, which no other fit would move.
    #[must_use]
    pub const fn new(image_size: Size) -> Self {
        Self { image_size, map_pixel: 1.0, other_fits: Vec::new() }
    }

    /// The frame of a map that `image_from_labels` moves onto the photo, as `extent` says.
    #[must_use]
    pub fn of_map(
        map: &LabelMap<'_>,
        image_size: Size,
        extent: &MapExtent,
        image_from_labels: &Affine,
    ) -> Self {
        let [a, b, _, d, e, _] = image_from_labels.0;
        let other_fits = image_from_labels.inverse().map_or_else(Vec::new, |labels_from_image| {
            let moved = extent.other_fits(map, image_size);
            moved
                .into_iter()
                .map(|(name, affine)| (name, affine * labels_from_image))
                .filter(|(_, affine)| max_shift(affine, image_size) > MIN_SHIFT)
                .collect()
        });
        Self { image_size, map_pixel: (a * e - b * d).abs().sqrt(), other_fits }
    }
}

/// How far an affine moves a corner of the photo at most.
fn max_shift(affine: &Affine, Size { width, height }: Size) -> f64 {
    let corners = Rect::new(0.0, 0.0, f64::from(width), f64::from(height)).corners();
    corners.into_iter().map(|corner| (affine.apply(corner) - corner).length()).fold(0.0, f64::max)
}
