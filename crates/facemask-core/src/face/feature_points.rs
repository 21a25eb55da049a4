//! The facial features that landmarks and a label map have in common.

use super::landmarks::Landmarks;
use crate::geometry::Point;

/// Positions of facial features, in the image frame, pixels; `None` for what a source lacks. Sides are the subject's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FeaturePoints {
    /// Center of the right eye.
    pub eye_r: Option<Point>,
    /// Center of the left eye.
    pub eye_l: Option<Point>,
    /// Center of the right brow.
    pub brow_r: Option<Point>,
    /// Center of the left brow.
    pub brow_l: Option<Point>,
    /// Center of the nose: that of ridge and base, else a point between its tip or its base and the eyes.
    pub nose: Option<Point>,
    /// Center of the mouth.
    pub mouth: Option<Point>,
}

/// The distance from the eyes to the mouth of a frontal face, in eye distances, at most.
const EYE_MOUTH_RATIO: f64 = 1.2;
/// The grid of [`FeaturePoints::rounded`], in sizes of the face: half of it is an error of 1.6 % at most.
const GRID_RATIO: f64 = 1.0 / 32.0;

/// How far the center of a nose lies below the eyes, as a part of the distance to its tip and to its base.
const TIP_RATIO: f64 = 0.8;
const BASE_RATIO: f64 = 0.65;

impl FeaturePoints {
    /// The features of landmarks, as centroids of their parts.
    #[must_use]
    pub fn from_landmarks(landmarks: &Landmarks) -> Self {
        let part = |names: &[&str]| {
            let points: Vec<Point> = names.iter().flat_map(|name| landmarks.part(name)).collect();
            let sum = points.iter().copied().reduce(|a, b| a + b)?;
            Some(sum * (1.0 / points.len() as f64))
        };
        let eyes = landmarks.features();
        let above_nose = eyes.eye_r.midpoint(eyes.eye_l);
        let upwards = |ratio: f64| move |p: Point| above_nose + (p - above_nose) * ratio;
        let nose = part(&["nose_ridge"]).and(part(&["nose_ridge", "nose_base"]));
        let nose = nose.or_else(|| part(&["nose_tip"]).map(upwards(TIP_RATIO)));
        let nose = nose.or_else(|| eyes.nose.map(upwards(BASE_RATIO)));
        Self {
            eye_r: Some(eyes.eye_r),
            eye_l: Some(eyes.eye_l),
            brow_r: part(&["brow_r", "brow_r_upper", "brow_r_lower"]),
            brow_l: part(&["brow_l", "brow_l_upper", "brow_l_lower"]),
            nose,
            mouth: part(&["lips_outer"]).or(eyes.mouth),
        }
    }

    /// The features in a fixed order: eyes, brows, nose, mouth; the right side first.
    #[must_use]
    pub const fn to_array(self) -> [Option<Point>; 6] {
        [self.eye_r, self.eye_l, self.brow_r, self.brow_l, self.nose, self.mouth]
    }

    fn map(self, f: impl Fn(Point) -> Point) -> Self {
        let [eye_r, eye_l, brow_r, brow_l, nose, mouth] = self.to_array().map(|point| point.map(&f));
        Self { eye_r, eye_l, brow_r, brow_l, nose, mouth }
    }

    /// The midpoint of the eyes, else of the brows.
    #[must_use]
    pub fn eye_midpoint(&self) -> Option<Point> {
        self.eyes_or_brows().map(|(right, left)| right.midpoint(left))
    }

    fn eyes_or_brows(&self) -> Option<(Point, Point)> {
        self.eye_r.zip(self.eye_l).or_else(|| self.brow_r.zip(self.brow_l))
    }

    /// The size of the face in pixels: its eye distance, without the foreshortening of a head that is turned aside.
    ///
    /// It is the distance of the eyes (else of the brows), or that from the eyes to the mouth divided by 1.2, whichever
    /// is larger. `None` without eyes and brows, and for a face of no size.
    #[must_use]
    pub fn size(&self) -> Option<f64> {
        let (right, left) = self.eyes_or_brows()?;
        let height = self.mouth.map_or(0.0, |mouth| (mouth - right.midpoint(left)).length());
        let size = (left - right).length().max(height / EYE_MOUTH_RATIO);
        (size > 0.0 && size.is_finite()).then_some(size)
    }

    /// The features on a grid of a thirty-second of the face's size, rounded down to a power of two.
    ///
    /// Faces whose landmarks differ by little then have equal features, nearly always.
    #[must_use]
    pub fn rounded(self) -> Self {
        let Some(size) = self.size() else { return self };
        let grid = size.log2().floor().exp2() * GRID_RATIO;
        // Adding zero turns a negative zero into a positive one.
        let round = |x: f64| (x / grid).round() * grid + 0.0;
        self.map(|p| Point::new(round(p.x), round(p.y)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(eye_distance: f64, mouth: f64) -> FeaturePoints {
        FeaturePoints {
            eye_r: Some(Point::new(-0.2, 3.0)),
            eye_l: Some(Point::new(-0.2 + eye_distance, 3.0)),
            mouth: Some(Point::new(-0.2 + eye_distance / 2.0, 3.0 + mouth)),
            ..FeaturePoints::default()
        }
    }

    #[test]
    fn a_head_that_is_turned_aside_keeps_its_size() {
        assert_eq!(face(100.0, 110.0).size(), Some(100.0));
        assert_eq!(face(50.0, 120.0).size(), Some(100.0));
        assert_eq!(FeaturePoints { brow_r: None, eye_r: None, ..face(9.0, 9.0) }.size(), None);
        assert_eq!(face(0.0, 0.0).size(), None);
    }

    #[test]
    fn rounding_moves_a_feature_by_less_than_a_fiftieth_of_the_face() {
        for size in [0.01, 0.9, 63.0, 64.0, 127.9, 5000.0] {
            let exact = face(size, 1.1 * size);
            let rounded = exact.rounded();
            assert_eq!(rounded.rounded(), rounded);
            for (a, b) in exact.to_array().into_iter().zip(rounded.to_array()) {
                assert_eq!(a.is_some(), b.is_some());
                assert!(a.zip(b).is_none_or(|(a, b)| (a - b).length() < 0.023 * size), "{size}");
            }
        }
    }
}
