//! The search for faces among the candidates of all features.
//!
//! Two candidates of different features fix a similarity from the mean face to the picture. The face is the similarity
//! under which most other features lie where a face has them (Fischler and Bolles 1981, "Random sample consensus";
//! there are few enough pairs to try all).

use super::candidates::FeatureCandidates;
use super::face_model::{COUNT, FaceFrame, MEAN_FACE, MeanFeature, Yaw};
use super::found_face::{FoundFace, is_ear};
use super::pose_fit::PoseFit;
use crate::face::Placement;
use crate::geometry::Point;

/// The yaws that are tried, degrees.
const YAWS: [f64; 5] = [0.0, -30.0, 30.0, -60.0, 60.0];
/// What a mirrored face costs: mirrored pictures are rare.
pub(super) const MIRROR_COST: f64 = 1.0;
/// What a misplaced feature costs at most.
const MAX_MISPLACEMENT_COST: f64 = 2.0;
/// An area below this, in square eye distances, is segmentation noise: it costs nothing where it is misplaced.
pub(crate) const NOISE_AREA: f64 = 0.003;
/// The most that the agreement of an area counts, and the most that its disagreement costs.
const AREA_WEIGHTS: (f64, f64) = (0.8, 1.5);
/// The logarithm of the smallest area of a feature, as a fraction of its mean area.
const MIN_LOG_AREA: f64 = -2.8;
/// The most faces that are counted beside the first one, and the features that each needs.
const MAX_FURTHER_FACES: usize = 7;
const MIN_FURTHER_FEATURES: usize = 3;
/// The minimum score of a further face.
const MIN_FURTHER_SCORE: f64 = 4.0;
/// The minimum eye distance of a further face, as a fraction of the first one's.
const MIN_FURTHER_SIZE: f64 = 0.25;

/// A view of the mean face: the yaw, and whether it is mirrored.
#[derive(Clone, Copy)]
struct View {
    yaw: Yaw,
    mirrored: bool,
}

impl View {
    fn all() -> impl Iterator<Item = Self> {
        YAWS.iter().flat_map(|&degrees| {
            [false, true].map(|mirrored| Self { yaw: Yaw::from_degrees(degrees), mirrored })
        })
    }

    fn cost(self) -> f64 {
        self.yaw.deviations * self.yaw.deviations / 2.0 + if self.mirrored { MIRROR_COST } else { 0.0 }
    }
}

/// A similarity and the candidates that agree with it.
#[derive(Clone, Copy)]
struct FaceHypothesis {
    frame: FaceFrame,
    view: View,
    matches: [Option<usize>; COUNT],
    score: f64,
}

/// Two candidates, each by feature and index.
type Anchors = [(usize, usize); 2];

impl FeatureCandidates {
    /// The faces in the map, the most evident one first. The first one may be a pair of features; further faces need
    /// three.
    pub(crate) fn find_faces(&self) -> Vec<FoundFace> {
        let Some(first) = self.find_face(true) else { return Vec::new() };
        let mut faces = self.clone().without_face(first.frame).find_further_faces(&first);
        faces.insert(0, first);
        faces
    }

    /// The faces that the candidates outside of a face form.
    fn find_further_faces(&self, first: &FoundFace) -> Vec<FoundFace> {
        let mut faces: Vec<FoundFace> = Vec::new();
        let mut rest = self.clone();
        while faces.len() < MAX_FURTHER_FACES {
            let Some(face) = rest.find_face(false) else { break };
            let size = face.frame.eye_distance() / first.frame.eye_distance();
            let is_evident = face.score >= MIN_FURTHER_SCORE && size >= MIN_FURTHER_SIZE;
            if !(is_evident && face.feature_count() >= MIN_FURTHER_FEATURES && face.has_eyes_and_below()) {
                break;
            }
            rest = rest.without_face(face.frame);
            faces.push(face);
        }
        faces
    }

    /// The most evident face. `has_all`: whether features outside of it are evidence against it.
    pub(crate) fn find_face(&self, has_all: bool) -> Option<FoundFace> {
        let mut best: Option<FaceHypothesis> = None;
        for (view, anchors) in View::all().flat_map(|view| self.anchors().map(move |anchors| (view, anchors)))
        {
            let [(i, a), (j, b)] = anchors;
            let (from, to) = (&self.clusters[i][a], &self.clusters[j][b]);
            let project = |k: usize| MEAN_FACE[k].project(view.yaw, view.mirrored);
            let frame = FaceFrame::from_two_points(project(i), project(j), from.centroid, to.centroid);
            let Some(frame) = frame else { continue };
            let hypothesis = self.score(frame, view, Some(anchors), has_all);
            if best.is_none_or(|best| hypothesis.score > best.score) {
                best = Some(hypothesis);
            }
        }
        best.map(|hypothesis| self.refine(hypothesis, has_all))
    }

    /// The face at the eyes of landmarks.
    pub(crate) fn find_face_at(&self, placement: &Placement) -> Option<FoundFace> {
        let (sin, cos) = placement.pose.roll_rad.sin_cos();
        let hypotheses = YAWS.iter().map(|&degrees| {
            let view = View { yaw: Yaw::from_degrees(degrees), mirrored: placement.pose.mirrored };
            let eye_distance = placement.eye_distance / view.yaw.cos;
            let right = Point::new(cos, sin) * eye_distance;
            self.score(FaceFrame { origin: placement.eye_midpoint, right }, view, None, true)
        });
        let best = hypotheses.max_by(|a, b| a.score.total_cmp(&b.score))?;
        Some(self.found(&best))
    }

    /// The number of candidates, without noise, of features that this face has, that are in no face.
    pub(crate) fn count_stray(&self, face: &FoundFace) -> usize {
        let rest = self.clone().without_face(face.frame);
        let others = rest.find_further_faces(face);
        let rest = others.iter().fold(rest, |rest, other| rest.without_face(other.frame));
        let noise = NOISE_AREA * face.frame.right.dot(face.frame.right);
        let strays = rest.clusters.iter().zip(&face.parts).filter(|(_, part)| part.is_some());
        strays.flat_map(|(clusters, _)| clusters).filter(|cluster| cluster.area > noise).count()
    }

    fn anchors(&self) -> impl Iterator<Item = Anchors> + '_ {
        let all = || {
            let features = MEAN_FACE.iter().zip(&self.clusters).enumerate();
            let features = features.filter(|(_, (mean, _))| !is_ear(mean.feature));
            features.flat_map(|(i, (_, clusters))| (0..clusters.len()).map(move |a| (i, a)))
        };
        all().flat_map(move |first| all().filter(move |second| first.0 < second.0).map(move |b| [first, b]))
    }

    /// Scores a frame. The positions of its anchors are no evidence.
    fn score(&self, frame: FaceFrame, view: View, anchors: Option<Anchors>, has_all: bool) -> FaceHypothesis {
        let mut hypothesis = FaceHypothesis { frame, view, matches: [None; COUNT], score: -view.cost() };
        let squared = frame.right.dot(frame.right);
        for (i, (mean, clusters)) in MEAN_FACE.iter().zip(&self.clusters).enumerate() {
            let expected = mean.project(view.yaw, view.mirrored);
            let anchor = anchors.and_then(|anchors| anchors.into_iter().find(|(feature, _)| *feature == i));
            let scored = clusters.iter().enumerate().filter_map(|(k, cluster)| {
                let area = area_score(mean, cluster.area / squared)?;
                if let Some((_, own)) = anchor {
                    return (own == k).then_some((k, area));
                }
                let offset = frame.to_face(cluster.centroid) - expected;
                let tolerance = 0.05 + 1.5 * mean.deviation.y;
                let position = mean.weight - offset.dot(offset) / (2.0 * tolerance * tolerance);
                (position > 0.0).then_some((k, position + area))
            });
            match scored.max_by(|a, b| a.1.total_cmp(&b.1)) {
                Some((k, score)) => {
                    hypothesis.matches[i] = Some(k);
                    hypothesis.score += score;
                }
                None if has_all && clusters.iter().any(|cluster| cluster.area > NOISE_AREA * squared) => {
                    hypothesis.score -= MAX_MISPLACEMENT_COST.min(mean.weight);
                }
                None => {}
            }
        }
        hypothesis
    }

    /// Fits the frame to all features of a hypothesis, and looks for more features in the fitted frame.
    fn refine(&self, hypothesis: FaceHypothesis, has_all: bool) -> FoundFace {
        let mut found = self.found(&hypothesis);
        for _ in 0..2 {
            let Some(fit) = PoseFit::new(&found) else { break };
            let view = View { yaw: fit.yaw, ..hypothesis.view };
            let matches = self.score(fit.frame, view, None, has_all).matches;
            let count = |matches: &[Option<usize>]| matches.iter().flatten().count();
            if count(&matches) < found.matched().count() {
                break;
            }
            found = self.found(&FaceHypothesis { frame: fit.frame, view, matches, ..hypothesis });
        }
        found
    }

    fn found(&self, hypothesis: &FaceHypothesis) -> FoundFace {
        let mut parts = [const { None }; COUNT];
        for ((part, clusters), index) in parts.iter_mut().zip(&self.clusters).zip(hypothesis.matches) {
            *part = index.and_then(|k: usize| clusters.get(k)).cloned();
        }
        let FaceHypothesis { frame, view, score, .. } = *hypothesis;
        FoundFace { frame, mirrored: view.mirrored, parts, sides: [None; COUNT], score }
    }
}

/// How well an area in square eye distances agrees with the mean; `None` for an area that is noise.
fn area_score(mean: &MeanFeature, area: f64) -> Option<f64> {
    let deviation = area.ln() - mean.log_area;
    let is_noise = area < NOISE_AREA || deviation < MIN_LOG_AREA;
    (!is_noise).then(|| (AREA_WEIGHTS.0 - deviation * deviation / 2.0).max(-AREA_WEIGHTS.1))
}
