//! Corresponding facial features of a label map and of landmarks, and how far apart they lie.

use crate::face::{FacialFeatures, FeaturePoints};
use crate::geometry::{Affine, Point};
use crate::regions::scheme::{LabelScheme, LabelStat};

/// The features of a label map. `features` are those that [`LabelScheme::locate_features`] finds in `stats`.
pub(super) fn locate_map_features(
    scheme: &LabelScheme,
    stats: &[LabelStat],
    features: &FacialFeatures,
) -> FeaturePoints {
    let has = |name| scheme.find_stat(stats, name).is_some();
    let pair = (Some(features.eye_r), Some(features.eye_l));
    let has_eyes = has("eye_r") && has("eye_l");
    // In a map without eyes the brows take their part.
    let (eyes, brows) = if has_eyes { (pair, locate_brows(scheme, stats)) } else { ((None, None), pair) };
    FeaturePoints {
        eye_r: eyes.0,
        eye_l: eyes.1,
        brow_r: brows.0,
        brow_l: brows.1,
        nose: features.nose,
        mouth: features.mouth,
    }
}

/// The smallest area of a brow, as a part of the other one's. A smaller one is the rest that a turned head shows.
const MIN_BROW_RATIO: f64 = 0.125;

fn locate_brows(scheme: &LabelScheme, stats: &[LabelStat]) -> (Option<Point>, Option<Point>) {
    let brows = ["brow_r", "brow_l"].map(|name| scheme.find_stat(stats, name));
    let largest = brows.iter().flatten().map(|stat| stat.area).fold(0.0, f64::max);
    let [right, left] =
        brows.map(|brow| Some(brow.filter(|stat| stat.area > MIN_BROW_RATIO * largest)?.centroid));
    (right, left)
}

/// A facial feature in the label map and in the landmarks, both in the image frame.
#[derive(Clone, Copy)]
pub(super) struct Correspondence {
    /// How well both sources agree about this feature, 1 for eyes.
    pub(super) weight: f64,
    pub(super) in_map: Point,
    pub(super) in_landmarks: Point,
}

/// The weights of eyes, brows, nose and mouth, right and left. Eyes are small and still. A mouth opens, a nose stands
/// out of the face, and schemes differ in how much of a brow they outline.
const WEIGHTS: [f64; 6] = [1.0, 1.0, 0.5, 0.5, 0.5, 0.5];

/// The features that both sources have.
pub(super) fn correspondences(map: &FeaturePoints, landmarks: &FeaturePoints) -> Vec<Correspondence> {
    let pairs = map.to_array().into_iter().zip(landmarks.to_array()).zip(WEIGHTS);
    pairs
        .filter_map(|((in_map, in_landmarks), weight)| {
            Some(Correspondence { weight, in_map: in_map?, in_landmarks: in_landmarks? })
        })
        .filter(|pair| pair.in_map.is_finite() && pair.in_landmarks.is_finite())
        .collect()
}

/// The sides of a map's features, exchanged for the eyes, the brows, or both.
pub(super) fn exchange_sides(features: &FeaturePoints, eyes: bool, brows: bool) -> FeaturePoints {
    let FeaturePoints { eye_r, eye_l, brow_r, brow_l, .. } = *features;
    let (eye_r, eye_l) = if eyes { (eye_l, eye_r) } else { (eye_r, eye_l) };
    let (brow_r, brow_l) = if brows { (brow_l, brow_r) } else { (brow_r, brow_l) };
    FeaturePoints { eye_r, eye_l, brow_r, brow_l, ..*features }
}

/// The weighted root mean square of the distances that remain once a transformation has moved the map's features onto
/// the landmarks, in units of `size`.
pub(super) fn residual(pairs: &[Correspondence], landmarks_from_map: &Affine, size: f64) -> f64 {
    let squared = |pair: &Correspondence| {
        let offset = landmarks_from_map.apply(pair.in_map) - pair.in_landmarks;
        pair.weight * offset.dot(offset)
    };
    let total: f64 = pairs.iter().map(|pair| pair.weight).sum();
    (pairs.iter().map(squared).sum::<f64>() / total).sqrt() / size
}

/// The weighted mean of the vectors from the map's features to the landmarks, in pixels.
pub(super) fn mean_offset(pairs: &[Correspondence]) -> Point {
    let total: f64 = pairs.iter().map(|pair| pair.weight).sum();
    let sum = pairs
        .iter()
        .fold(Point::default(), |sum, pair| sum + (pair.in_landmarks - pair.in_map) * pair.weight);
    sum * (1.0 / total)
}
