//! The facial features of a map: which parts of its labels form the face, and how the face lies.
//!
//! A feature is its largest plausible part, chosen together with the other features of the same face. Where a map
//! shows both eyes (else both brows), they give the roll. Otherwise a fit of the mean face to what there is gives it.

mod candidates;
mod face_model;
mod face_search;
mod found_face;
mod pose_fit;
mod visible_side;

pub(super) use candidates::FeatureCandidates;
pub(super) use face_model::FaceFrame;
pub use face_model::Feature;
use face_search::MIRROR_COST;
pub(super) use face_search::NOISE_AREA;
pub(super) use found_face::FoundFace;
use pose_fit::PoseFit;
use visible_side::find_visible_sides;

use super::label_parts::{LabelPart, MapLabel};
use super::scheme::{LabelScheme, LabelStat, mean_point};
use crate::face::{FacialFeatures, Placement, Pose};
use crate::geometry::Point;

/// The confidence of a roll from both eyes, and from both brows: see [`LocatedFace::roll_confidence`].
const EYES_CONFIDENCE: f64 = 0.9;
const BROWS_CONFIDENCE: f64 = 0.87;
/// A brow whose area is a smaller fraction of the other one's may be covered in part.
const MIN_BROW_FRACTION: f64 = 0.6;
/// The largest confidence of a fit.
const MAX_FITTED_CONFIDENCE: f64 = 0.8;
/// The roll error, in degrees, at which the confidence is 0.
const MAX_ROLL_ERROR: f64 = 30.0;
/// A fit whose roll is less certain than this standard deviation gives no roll, degrees.
const MAX_ROLL_DEVIATION: f64 = 16.0;
/// The factor by which errors of drawn heads exceed the deviation of the fit.
const DEVIATION_FACTOR: f64 = 1.25;
/// The window of a face with its skin around the eyes, in eye distances: half its width, above and below the eyes.
const SKIN_WINDOW: (f64, f64, f64) = (1.8, -1.8, 2.4);
/// A part of the skin whose area is a smaller fraction of the largest one is a stray part.
const MIN_SKIN_FRACTION: f64 = 0.005;

/// A facial feature that was found in a map.
#[derive(Clone, Debug, PartialEq)]
pub struct LocatedFeature {
    /// The feature.
    pub feature: Feature,
    /// Its parts as one: centroid, area and bounding box in the image frame.
    pub part: LabelPart,
}

/// The face of a map: its features, its pose, and which parts of the map belong to it.
#[derive(Clone, Debug, PartialEq)]
pub struct LocatedFace {
    /// The features that were found.
    pub parts: Vec<LocatedFeature>,
    /// The features that determine the pose. Without both eyes and both brows, the eyes are those of the fitted face.
    pub features: FacialFeatures,
    /// The confidence of the roll: 1 - e / 30, where 95 % of drawn faces with such features have a roll error below e
    /// degrees. Rounded to thousandths.
    pub roll_confidence: f64,
    /// The number of faces in the map.
    pub face_count: usize,
    frame: FaceFrame,
    other_frames: Vec<FaceFrame>,
}

impl LabelScheme {
    /// Locates the face in a map of this scheme. Of several faces it is the one at the landmarks' eyes, else the
    /// largest. `None` when the map shows too little of a face for a roll.
    #[must_use]
    pub fn locate_face(&self, labels: &[MapLabel<'_>], placement: Option<&Placement>) -> Option<LocatedFace> {
        let candidates = FeatureCandidates::new(self, labels);
        let stats = self.main_stats(labels);
        let pair = self.locate_features(&stats).filter(|pair| Pose::from_features(pair).is_some());
        if let Some(features) = pair
            && candidates.is_unambiguous()
            && self.is_coherent(&stats)
            && !self.has_half_a_brow(&stats)
        {
            return Some(LocatedFace::from_pair(self, &stats, features, candidates));
        }
        let mut faces = candidates.find_faces();
        let count = faces.len();
        let distance = |face: &FoundFace, placement: &Placement| {
            (face.frame.origin - placement.eye_midpoint).length() / face.frame.eye_distance()
        };
        let chosen = (0..count).min_by(|&i, &j| {
            let (a, b) = (&faces[i], &faces[j]);
            placement.map_or_else(
                || b.frame.eye_distance().total_cmp(&a.frame.eye_distance()),
                |placement| distance(a, placement).total_cmp(&distance(b, placement)),
            )
        });
        let located = chosen.and_then(|index| {
            let mut face = faces.swap_remove(index);
            face.sides = find_visible_sides(self, labels, &face);
            let others = faces.iter().map(|face| face.frame).collect();
            LocatedFace::from_found(self, labels, &face, others)
        });
        // A named scheme may have two eyes and nothing else.
        located.or_else(|| pair.map(|features| LocatedFace::from_pair(self, &stats, features, candidates)))
    }

    /// Whether a map without both eyes shows much less of one brow than of the other.
    fn has_half_a_brow(&self, stats: &[LabelStat]) -> bool {
        let area = |name| self.find_stat(stats, name).map(|stat| stat.area);
        let has_eyes = area("eye_r").and(area("eye_l")).is_some();
        !has_eyes && area("brow_r").zip(area("brow_l")).is_some_and(|(a, b)| is_half(a, b))
    }

    /// The statistics of the labels: of a feature's label those of its largest part.
    pub(super) fn main_stats(&self, labels: &[MapLabel<'_>]) -> Vec<LabelStat> {
        self.stats_by(labels, |label| label.main_stat())
    }

    /// The statistics of the labels; those of facial features of the part nearest to a point.
    pub(super) fn stats_near(&self, labels: &[MapLabel<'_>], point: Point) -> Vec<LabelStat> {
        self.stats_by(labels, |label| label.stat_near(point))
    }

    fn stats_by(
        &self,
        labels: &[MapLabel<'_>],
        stat_of_feature: impl Fn(&MapLabel<'_>) -> LabelStat,
    ) -> Vec<LabelStat> {
        let is_feature = |id: u8| {
            let name = self.names.get(usize::from(id));
            name.is_some_and(|name| face_model::MEAN_FACE.iter().any(|mean| mean.labels.contains(name)))
        };
        let stat =
            |label: &MapLabel<'_>| if is_feature(label.id()) { stat_of_feature(label) } else { label.stat };
        labels.iter().map(stat).collect()
    }
}

impl LocatedFace {
    /// The statistics of the labels, of a feature with a label of its own those of its part in this face. Labels of
    /// features that this face lacks are left out.
    pub(super) fn feature_stats(&self, scheme: &LabelScheme, labels: &[MapLabel<'_>]) -> Vec<LabelStat> {
        let stat = |label: &MapLabel<'_>| {
            let name = scheme.names.get(usize::from(label.id()));
            let mean = face_model::MEAN_FACE.iter().find(|mean| mean.labels.first() == name);
            let Some(mean) = mean.filter(|mean| mean.labels.len() == 1) else { return Some(label.stat) };
            let part = &self.parts.iter().find(|located| located.feature == mean.feature)?.part;
            let LabelPart { area, centroid, bounds, .. } = *part;
            Some(LabelStat { id: label.id(), area, centroid, bounds })
        };
        labels.iter().filter_map(stat).collect()
    }

    /// The face whose eyes (or brows) are `features`.
    fn from_pair(
        scheme: &LabelScheme,
        stats: &[LabelStat],
        features: FacialFeatures,
        candidates: FeatureCandidates,
    ) -> Self {
        let parts = face_model::MEAN_FACE.iter().zip(candidates.clusters).filter_map(|(mean, clusters)| {
            Some(LocatedFeature { feature: mean.feature, part: clusters.into_iter().next()? })
        });
        let has_eyes = ["eye_r", "eye_l"].iter().all(|name| scheme.find_stat(stats, name).is_some());
        Self {
            parts: parts.collect(),
            features,
            roll_confidence: if has_eyes { EYES_CONFIDENCE } else { BROWS_CONFIDENCE },
            face_count: 1,
            frame: frame_of(&features),
            other_frames: Vec::new(),
        }
    }

    /// A face that the search has found.
    fn from_found(
        scheme: &LabelScheme,
        labels: &[MapLabel<'_>],
        face: &FoundFace,
        other_frames: Vec<FaceFrame>,
    ) -> Option<Self> {
        let parts: Vec<LocatedFeature> = face
            .matched()
            .map(|(mean, part)| LocatedFeature { feature: mean.feature, part: part.clone() })
            .collect();
        let centroid = |feature| face.part(feature).map(|part| part.centroid);
        let pair = |right, left| centroid(right).zip(centroid(left));
        let (mouth, nose) = (centroid(Feature::Mouth), centroid(Feature::Nose));
        let eyes = pair(Feature::EyeR, Feature::EyeL);
        let brows = || pair(Feature::BrowR, Feature::BrowL).filter(|_| !face.has_half_a_brow());
        let (features, roll_confidence) = if let Some((eye_r, eye_l)) = eyes.or_else(brows) {
            let brows = eyes.and_then(|_| mean_point(centroid(Feature::BrowR), centroid(Feature::BrowL)));
            let features = FacialFeatures { eye_r, eye_l, mouth, nose, brows };
            let confidence = if eyes.is_some() { EYES_CONFIDENCE } else { BROWS_CONFIDENCE };
            // The same numbers as without a search where the parts are the same.
            let exact = scheme.locate_features(&scheme.main_stats(labels)).filter(|exact| {
                let near = |a: Point, b: Point| (a - b).length() < 1e-6 * face.frame.eye_distance();
                near(exact.eye_r, eye_r) && near(exact.eye_l, eye_l)
            });
            (exact.map_or(features, |exact| FacialFeatures { mouth, nose, brows, ..exact }), confidence)
        } else {
            fitted_features(face)?
        };
        let roll_confidence = (roll_confidence * 1000.0).round() / 1000.0;
        let face_count = 1 + other_frames.len();
        Some(Self { parts, features, roll_confidence, face_count, frame: face.frame, other_frames })
    }

    /// The points that the crop box of the face goes around, in the image frame: skin, brows, eyes, nose and mouth of
    /// this face, without stray parts.
    #[must_use]
    pub fn extent(&self, scheme: &LabelScheme, labels: &[MapLabel<'_>]) -> Vec<Point> {
        let mut extent = Vec::new();
        for label in labels.iter().filter(|label| scheme.is_face(label.id())) {
            if scheme.names.get(usize::from(label.id())) == Some(&"skin") {
                self.add_skin(label, &mut extent);
            } else {
                let own = self.parts.iter().filter(|located| self.has_extent(&located.part));
                own.for_each(|located| extent.extend(label.points_of(&located.part)));
            }
        }
        extent
    }

    /// A sentence about the other faces in the map, for a warning; `None` when there are none.
    #[must_use]
    pub fn describe_others(&self, has_landmarks: bool) -> Option<String> {
        let choice = if has_landmarks { "the one at the landmarks" } else { "the largest one" };
        (self.face_count > 1).then(|| {
            format!(
                "the label map shows {} faces, and pose and crop are those of {choice}; send a map of one \
                 face, or landmarks of the wanted one",
                self.face_count
            )
        })
    }

    /// Whether a part is large enough and near enough to count as a part of this face.
    fn has_extent(&self, part: &LabelPart) -> bool {
        part.area > NOISE_AREA * self.frame.right.dot(self.frame.right) && self.is_in_window(part.centroid)
    }

    fn is_in_window(&self, p: Point) -> bool {
        let (half_width, top, bottom) = SKIN_WINDOW;
        let p = self.frame.to_face(p);
        p.x.abs() < half_width && top < p.y && p.y < bottom
    }

    /// Adds the skin of this face. Skin that two faces share counts within the window of this one.
    fn add_skin(&self, label: &MapLabel<'_>, extent: &mut Vec<Point>) {
        let is_alone = self.other_frames.is_empty();
        if is_alone && label.has_one_part() {
            extent.extend_from_slice(label.points());
            return;
        }
        let distance = |frame: &FaceFrame, p: Point| (frame.to_face(p) - Point::new(0.0, 0.5)).length();
        let is_nearest = |p: Point| {
            let own = distance(&self.frame, p);
            self.other_frames.iter().all(|other| own <= distance(other, p))
        };
        let is_own = |part: &&LabelPart| self.is_in_window(part.centroid) && is_nearest(part.centroid);
        let is_around = |part: &&LabelPart| {
            let (b, o) = (part.bounds, self.frame.origin);
            b.x0 <= o.x && o.x <= b.x1 && b.y0 <= o.y && o.y <= b.y1
        };
        let parts: Vec<&LabelPart> =
            label.parts().iter().filter(|part| is_own(part) || is_around(part)).collect();
        let largest = parts.iter().fold(0.0, |area: f64, part| area.max(part.area));
        for part in parts.into_iter().filter(|part| part.area >= MIN_SKIN_FRACTION * largest) {
            extent.extend(label.points_of(part).filter(|&p| is_alone || self.is_in_window(p)));
        }
    }
}

impl FoundFace {
    /// Whether a brow is covered at one side, and much smaller than the other: their centroids are not level then.
    fn has_half_a_brow(&self) -> bool {
        let brows = [Feature::BrowR, Feature::BrowL];
        let [a, b] = brows.map(|brow| self.part(brow).map_or(0.0, |part| part.area));
        is_half(a, b) && brows.iter().any(|&brow| self.is_covered(brow))
    }
}

/// Whether one area is a smaller fraction of the other than a turned head explains.
fn is_half(a: f64, b: f64) -> bool {
    a.min(b) < MIN_BROW_FRACTION * a.max(b)
}

/// The frame of a pair of eyes.
fn frame_of(features: &FacialFeatures) -> FaceFrame {
    let mirrored = Pose::from_features(features).is_some_and(|pose| pose.mirrored);
    let eye_line = features.eye_l - features.eye_r;
    FaceFrame {
        origin: features.eye_r.midpoint(features.eye_l),
        right: if mirrored { eye_line * -1.0 } else { eye_line },
    }
}

/// The features of a face without a pair of eyes or brows: the eyes are those of the fitted mean face.
///
/// Features of one side alone fit a mirrored face, too. The search tells the two by positions; where the long axis of
/// the mouth or of glasses contradicts it, that counts as well.
fn fitted_features(found: &FoundFace) -> Option<(FacialFeatures, f64)> {
    let fit = PoseFit::new(found)?;
    let reflected = (fit.axis_cost > 0.0).then(|| FoundFace { mirrored: !found.mirrored, ..found.clone() });
    let cost = |fit: &PoseFit, mirrored: bool| fit.cost() + if mirrored { 2.0 * MIRROR_COST } else { 0.0 };
    let other = reflected.as_ref().and_then(|face| Some((face, PoseFit::new(face)?)));
    let (face, fit) = match other {
        Some((face, other)) if cost(&other, face.mirrored) < cost(&fit, found.mirrored) => (face, other),
        _ => (found, fit),
    };
    let deviation = fit.deviation.to_degrees();
    if deviation > MAX_ROLL_DEVIATION {
        return None;
    }
    let half = fit.eye_line(face.mirrored) * 0.5;
    let centroid = |feature| face.part(feature).map(|part| part.centroid);
    let (mouth, nose) = (centroid(Feature::Mouth), centroid(Feature::Nose));
    let (eye_r, eye_l) = match (centroid(Feature::EyeR), centroid(Feature::EyeL)) {
        (Some(eye_r), _) => (eye_r, eye_r + half * 2.0),
        (None, Some(eye_l)) => (eye_l - half * 2.0, eye_l),
        (None, None) => (fit.frame.origin - half, fit.frame.origin + half),
    };
    // 95 % of a normal distribution lie within two standard deviations.
    let confidence =
        (1.0 - 2.0 * DEVIATION_FACTOR * deviation / MAX_ROLL_ERROR).clamp(0.0, MAX_FITTED_CONFIDENCE);
    Some((FacialFeatures { eye_r, eye_l, mouth, nose, brows: None }, confidence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirrored_pair_has_an_upright_frame() {
        let point = |x, y| Point::new(x, y);
        let features = FacialFeatures {
            eye_r: point(10.0, 0.0),
            eye_l: point(0.0, 0.0),
            mouth: Some(point(5.0, 10.0)),
            nose: None,
            brows: None,
        };
        let frame = frame_of(&features);
        assert_eq!((frame.origin, frame.right), (point(5.0, 0.0), point(10.0, 0.0)));
        assert_eq!(frame.to_face(point(5.0, 10.0)), point(0.0, 1.0));
    }
}
