//! Whether landmarks and label map belong together: the facial features of both, compared in sizes of the face.
//!
//! Registration is the search for the transformation between two pictures of one thing. Here the features of the
//! landmarks and the regions of the label map must lie in one frame already. Where they do not, simple transformations
//! are tried for one that explains the difference.

mod correspondence;
mod crop_coverage;
mod explanation;
mod hypothesis;
mod registration_frame;

pub use self::crop_coverage::CropCoverage;
pub use self::registration_frame::RegistrationFrame;

use self::correspondence::{Correspondence, correspondences, locate_map_features, mean_offset, residual};
use self::explanation::{
    DESCRIPTION_OF_OPPOSITE, DESCRIPTION_OF_OUTSIDE, describe, describe_exchanged_map, describe_turn,
};
use self::hypothesis::{Displacement, explain};
use super::face_location::LocatedFace;
use super::label_parts::MapLabel;
use super::scheme::{LabelScheme, LabelStat};
use crate::face::{FacialFeatures, FeaturePoints, Placement, Pose, angle_difference};
use crate::geometry::{Affine, Point, Rect};
use crate::warning::Warning;

/// The error of a feature's position in pixels of the map: a region of few pixels may gain or lose a row or a column.
const FEATURE_NOISE_PIXELS: f64 = 0.5;

/// The largest root mean square distance of corresponding features of a right pair, in sizes of the face.
///
/// Measured by `tests/registration.rs` on 4,000 right pairs: every landmark scheme, faces of many proportions, open
/// mouths, narrow eyes, missing brows or eyes, heads turned by up to 45 and nodding by up to 25 degrees, and detectors
/// that jitter by 5 % of the eye distance. The largest is 0.35 for schemes of few points and 0.18 for the others. Points
/// half an eye distance off begin at 0.34, where the mean offset decides, and those one eye distance off at 0.69.
const MAX_RMS: f64 = 0.38;
/// The largest length of their mean offset: errors of single features nearly cancel in it, and a shift does not. Right
/// pairs reach 0.18; a shift of half an eye distance exceeds it for every face of the test.
const MAX_MEAN_OFFSET: f64 = 0.25;
/// The least weight of features whose mean offset counts: nose and mouth alone are too coarse.
const MIN_OFFSET_WEIGHT: f64 = 1.5;
/// The difference between the roll of the landmarks and that of the labels beyond which they show different faces.
const MAX_ROLL_DIFFERENCE_DEGREES: f64 = 15.0;
/// As above, between the brows of a map without eyes and the eyes of landmarks without brows: a head that is turned
/// aside and nods sets them at an angle.
const MAX_BROW_DIFFERENCE_DEGREES: f64 = 25.0;
/// The difference of rolls beyond which one of the two has up and down the other way.
const MIN_OPPOSITE_ROLL_DEGREES: f64 = 90.0;
/// The largest distance between the eyes of one and the mouth of the other that counts as one position, in sizes of
/// the face.
const MAX_OPPOSITE_DISTANCE: f64 = 0.5;

/// The largest distance between an eye or a brow of the map and the same of the landmarks that is one position, in sizes
/// of the face.
const MAX_SIDE_DISTANCE: f64 = 0.35;

/// How far the facial features of landmarks lie from those of a label map, in sizes of the face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeatureDistance {
    /// The root mean square of the distances.
    pub rms: f64,
    /// The length of the mean offset; zero for nose and mouth alone.
    pub mean_offset: f64,
}

impl FeatureDistance {
    fn measure(pairs: &[Correspondence], size: f64) -> Self {
        let weight: f64 = pairs.iter().map(|pair| pair.weight).sum();
        let mean_offset = if weight < MIN_OFFSET_WEIGHT { 0.0 } else { mean_offset(pairs).length() / size };
        Self { rms: residual(pairs, &Affine::IDENTITY, size), mean_offset }
    }

    /// `noise` is how far a feature of the map may lie from its place because of the map's pixels.
    fn is_small(&self, noise: f64) -> bool {
        self.rms <= MAX_RMS + noise && self.mean_offset <= MAX_MEAN_OFFSET + noise
    }
}

/// The difference between the rolls of landmarks and map, and the largest one of a right pair.
#[derive(Clone, Copy)]
struct RollDifference {
    radians: f64,
    max_degrees: f64,
}

impl RollDifference {
    /// Compares the eyes of both, or the brows of both where the map has no eyes. Zero without a pose of the map.
    fn measure(placement: &Placement, map: &FeaturePoints, features: &FacialFeatures) -> Self {
        let FeaturePoints { brow_r, brow_l, nose, mouth, .. } = placement.features;
        let brows = brow_r.zip(brow_l).filter(|_| map.eye_r.is_none());
        let brow_pose = brows.and_then(|(eye_r, eye_l)| {
            Pose::from_features(&FacialFeatures { eye_r, eye_l, mouth, nose, brows: None })
        });
        let pose = brow_pose.unwrap_or(placement.pose);
        let is_alike = map.eye_r.is_some() || brow_pose.is_some();
        Self {
            radians: Pose::from_features(features)
                .map_or(0.0, |map_pose| angle_difference(pose.roll_rad, map_pose.roll_rad)),
            max_degrees: if is_alike { MAX_ROLL_DIFFERENCE_DEGREES } else { MAX_BROW_DIFFERENCE_DEGREES },
        }
    }
}

/// How landmarks and a label map lie against each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Registration {
    /// How far apart corresponding features lie; `None` when nothing was compared.
    pub distance: Option<FeatureDistance>,
    /// The warning, where they do not belong together.
    pub warning: Option<Warning>,
    /// Whether the pose comes from the label map: the landmarks lie on its face with up and down exchanged.
    pub prefers_map: bool,
}

/// The minimum confidence of the map's roll for a comparison with the landmarks.
const MIN_COMPARED_CONFIDENCE: f64 = 0.7;

const SIDES_EXCHANGED: &str = "map_sides_exchanged";

impl Registration {
    /// The code of the warning that they do not belong together.
    pub const MISMATCH: &str = "landmarks_do_not_match_map";

    /// Compares the landmarks with a label map of known scheme, by the features of the map, else by its skin.
    ///
    /// `features` are those that [`LabelScheme::locate_features`] finds in `stats`. Where nothing can be compared there
    /// is no warning.
    #[must_use]
    pub fn check(
        placement: Option<&Placement>,
        scheme: Option<&LabelScheme>,
        stats: &[LabelStat],
        features: Option<&FacialFeatures>,
        frame: &RegistrationFrame,
    ) -> Self {
        let Some((placement, scheme)) = placement.zip(scheme) else { return Self::default() };
        match features {
            Some(features) => {
                let map = locate_map_features(scheme, stats, features);
                let roll = RollDifference::measure(placement, &map, features);
                Self::compare(placement, &map, roll, frame)
            }
            None => Self::compare_with_skin(&placement.features, scheme.find_stat(stats, "skin")),
        }
    }

    /// As [`Self::check`], with the face that [`LabelScheme::locate_face`] finds among `labels`.
    #[must_use]
    pub fn check_face(
        placement: Option<&Placement>,
        scheme: &LabelScheme,
        labels: &[MapLabel<'_>],
        face: Option<&LocatedFace>,
        frame: &RegistrationFrame,
    ) -> Self {
        // The eyes of a fitted face are no measurement.
        let face = face.filter(|face| face.roll_confidence >= MIN_COMPARED_CONFIDENCE);
        let stats = face.map_or_else(
            || labels.iter().map(|label| label.stat).collect(),
            |face| face.feature_stats(scheme, labels),
        );
        let found = Self::check(placement, Some(scheme), &stats, face.map(|face| &face.features), frame);
        // A face without the eyes or the brows that contradict its other features may match the landmarks.
        let placement = placement.filter(|placement| found.warning.is_none() && !placement.pose.mirrored);
        let sides = placement
            .and_then(|placement| check_sides(&placement.features, scheme, &scheme.main_stats(labels)));
        Self { warning: found.warning.or(sides), ..found }
    }

    fn compare(
        placement: &Placement,
        map: &FeaturePoints,
        roll: RollDifference,
        frame: &RegistrationFrame,
    ) -> Self {
        let landmarks = &placement.features;
        let (Some(map_size), Some(size)) = (map.size(), landmarks.size()) else { return Self::default() };
        let degrees = roll.radians.to_degrees().abs();
        let size = size.min(map_size);
        let pairs = correspondences(map, landmarks);
        let distance = (!pairs.is_empty()).then(|| FeatureDistance::measure(&pairs, size));
        let noise = FEATURE_NOISE_PIXELS * frame.map_pixel / size;
        if distance.is_none_or(|distance| distance.is_small(noise)) {
            // Both ends of the line between two features may be off.
            let max_degrees = roll.max_degrees + (2.0 * noise).atan().to_degrees();
            let warning =
                (degrees > max_degrees).then(|| Warning::new(Self::MISMATCH, describe_turn(degrees)));
            return Self { distance, warning, prefers_map: false };
        }
        let displacement = explain(map, landmarks, frame, roll.radians);
        if let Some(Displacement::SidesExchanged { eyes, brows }) = displacement
            && !(placement.pose.mirrored && eyes)
        {
            let warning = Some(Warning::new(SIDES_EXCHANGED, describe_exchanged_map(eyes, brows)));
            return Self { distance, warning, prefers_map: false };
        }
        let offset = mean_offset(&pairs).length() / map_size;
        let mut detail = describe(displacement, frame.image_size, offset, degrees);
        let prefers_map = degrees > MIN_OPPOSITE_ROLL_DEGREES && has_eyes_on_mouth(map, landmarks, size);
        if prefers_map {
            detail.push_str(DESCRIPTION_OF_OPPOSITE);
        }
        Self { distance, warning: Some(Warning::new(Self::MISMATCH, detail)), prefers_map }
    }

    /// Compares with the skin of a map without eyes and brows: a part of the face lies in its bounding box at least.
    fn compare_with_skin(landmarks: &FeaturePoints, skin: Option<&LabelStat>) -> Self {
        let features = [landmarks.eye_midpoint(), landmarks.nose, landmarks.mouth];
        let is_inside =
            |p: Point| skin.is_none_or(|skin| skin.bounds.contains(&Rect::new(p.x, p.y, p.x, p.y)));
        let warning = (!features.into_iter().flatten().any(is_inside))
            .then(|| Warning::new(Self::MISMATCH, DESCRIPTION_OF_OUTSIDE.to_owned()));
        Self { distance: None, warning, prefers_map: false }
    }
}

/// The warning that right and left of the map's eyes or of its brows are exchanged: each lies where the landmarks have
/// the other.
fn check_sides(landmarks: &FeaturePoints, scheme: &LabelScheme, stats: &[LabelStat]) -> Option<Warning> {
    let size = landmarks.size()?;
    let lies_at = |name: &str, point: Option<Point>| {
        let in_map = scheme.find_stat(stats, name).map(|stat| stat.centroid);
        let distance = in_map.zip(point).map(|(a, b)| (a - b).length());
        distance.is_some_and(|distance| distance <= MAX_SIDE_DISTANCE * size)
    };
    let eyes = lies_at("eye_r", landmarks.eye_l) && lies_at("eye_l", landmarks.eye_r);
    let brows = lies_at("brow_r", landmarks.brow_l) && lies_at("brow_l", landmarks.brow_r);
    (eyes || brows).then(|| Warning::new(SIDES_EXCHANGED, describe_exchanged_map(eyes, brows)))
}

/// Whether the eyes of one source lie on the mouth of the other, and further from its eyes.
fn has_eyes_on_mouth(map: &FeaturePoints, landmarks: &FeaturePoints, size: f64) -> bool {
    let (Some(map_eyes), Some(eyes)) = (map.eye_midpoint(), landmarks.eye_midpoint()) else { return false };
    let eye_distance = (map_eyes - eyes).length();
    [(eyes, map.mouth), (map_eyes, landmarks.mouth)].into_iter().any(|(eyes, mouth)| {
        mouth.is_some_and(|mouth| {
            let distance = (eyes - mouth).length();
            distance < eye_distance && distance <= MAX_OPPOSITE_DISTANCE * size
        })
    })
}
