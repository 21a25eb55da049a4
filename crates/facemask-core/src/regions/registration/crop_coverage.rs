//! Whether a crop around landmarks holds the face of the label map at all.

use crate::error::{Error, ErrorKind, Result};
use crate::raster::Size;

/// The areas of the regions of a face, in square pixels, before and after the crop box cuts them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CropCoverage {
    whole: f64,
    inside: f64,
    is_face_known: bool,
}

/// The smallest share of the face's area, and the smallest share of the crop's area, that a crop of a face holds. An
/// empty crop has less of both: one face of a crowd is a small share of all faces, and fills its crop.
///
/// The sample's crop holds all of its face and fills half of itself with it; a crop that misses the face by 300 pixels
/// of the sample holds 2 %, and the points of a half-size photo, a tenth or per cent hold none.
const MIN_FACE_SHARE: f64 = 0.05;
/// As [`MIN_FACE_SHARE`], of all regions of a map whose scheme is unknown: an iris may be all that is labeled there.
const MIN_REGION_SHARE: f64 = 0.001;
/// The share of the face's area below which a crop is empty even inside the face, such as one of a single pixel.
const MIN_PIXEL_SHARE: f64 = 0.0002;

impl CropCoverage {
    /// Sums up the regions of the face, or all regions when `is_face` holds for none.
    ///
    /// `labeled` has each id with its area before the crop box cuts it, `inside` after that: in square pixels of the
    /// photo.
    #[must_use]
    pub fn measure(labeled: &[(u8, f64)], inside: &[(u8, f64)], is_face: impl Fn(u8) -> bool) -> Self {
        let is_face_known = labeled.iter().any(|&(id, area)| is_face(id) && area > 0.0);
        let counts = |id| !is_face_known || is_face(id);
        Self {
            whole: labeled.iter().filter(|(id, _)| counts(*id)).map(|(_, area)| area).sum(),
            // An empty sum of floats is minus zero.
            inside: 0.0 + inside.iter().filter(|(id, _)| counts(*id)).map(|(_, area)| area).sum::<f64>(),
            is_face_known,
        }
    }

    /// Checks that the crop, of that size in pixels of the photo, is not empty. A map without any region is, and that is no error: nothing was lost.
    ///
    /// # Errors
    /// `crop_empty` about the landmarks, with `reason` if it is known why they lie elsewhere.
    pub fn check(&self, size: Size, reason: Option<&str>) -> Result<()> {
        let minimum = if self.is_face_known { MIN_FACE_SHARE } else { MIN_REGION_SHARE };
        let share = self.inside / self.whole;
        let fill = self.inside / (f64::from(size.width) * f64::from(size.height));
        let is_empty = (share < minimum && fill < minimum) || share < MIN_PIXEL_SHARE;
        // Without any region the share is no number, and no comparison holds.
        if !is_empty {
            return Ok(());
        }
        let Size { width, height } = size;
        let what = if self.is_face_known { "the labeled face" } else { "the labeled regions" };
        let reason = reason.unwrap_or(
            "landmarks and label map must belong to the same photo; check image_size, landmark_units and the order \
             (x, y) of the points",
        );
        let detail = format!(
            "the crop of {width} x {height} pixels around the landmarks holds {:.1} % of {what}: {reason}",
            100.0 * share
        );
        Err(Error::new(ErrorKind::CropEmpty, "landmarks", detail))
    }
}
