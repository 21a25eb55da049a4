//! The candidates for each facial feature: the larger parts of its labels, joined where they are near.

use super::face_model::{COUNT, FaceFrame, Feature, MEAN_FACE};
use crate::regions::label_parts::{LabelPart, MapLabel, cluster_parts};
use crate::regions::scheme::LabelScheme;

/// A part whose area is a smaller fraction of the larger eye is a stray part: it joins no other.
const MIN_FRACTION_OF_EYE: f64 = 0.06;
/// A part whose area is a smaller fraction of the feature's largest part belongs to no face.
const MIN_CANDIDATE_FRACTION: f64 = 0.05;
/// Two lenses are shorter than this against their width, the smaller has at least this fraction of the larger one's
/// area, and their centers are nearer than this many square roots of it.
const MAX_LENS_ELONGATION: f64 = 2.5;
const MIN_LENS_FRACTION: f64 = 0.4;
const MAX_LENS_DISTANCE: f64 = 4.0;
/// Half the width of a face with its ears and hair, in eye distances, and its extent above and below the eyes.
const FACE_EXTENT: (f64, f64, f64) = (1.5, -1.1, 1.9);

/// The candidates for each feature of [`MEAN_FACE`], the largest first.
#[derive(Clone, Default)]
pub(crate) struct FeatureCandidates {
    pub(super) clusters: [Vec<LabelPart>; COUNT],
}

impl FeatureCandidates {
    /// The candidates in a map under a scheme. The largest part of a label is always one.
    pub(crate) fn new(scheme: &LabelScheme, labels: &[MapLabel<'_>]) -> Self {
        let find = |name: &str| {
            let id = scheme.id(name)?;
            labels.iter().find(|label| label.id() == id)
        };
        let largest = |name| find(name)?.parts().first().map(|part| part.area);
        let eye_area = ["eye_r", "eye_l"].into_iter().filter_map(largest).fold(0.0, f64::max);
        let mut candidates = Self::default();
        for (mean, clusters) in MEAN_FACE.iter().zip(&mut candidates.clusters) {
            let parts = || mean.labels.iter().filter_map(|name| find(name)).flat_map(MapLabel::parts);
            let largest = parts().fold(0.0_f64, |area, part| area.max(part.area));
            let is_candidate =
                |part: &&LabelPart| part.area >= MIN_CANDIDATE_FRACTION * largest && is_usable(part);
            *clusters = cluster_parts(parts().filter(is_candidate), eye_area * MIN_FRACTION_OF_EYE);
            if mean.feature == Feature::Glasses {
                add_pairs_of_lenses(clusters);
            }
        }
        candidates
    }

    /// Whether no feature has two candidates.
    pub(super) fn is_unambiguous(&self) -> bool {
        self.clusters.iter().all(|clusters| clusters.len() <= 1)
    }

    /// The candidates outside of a face.
    pub(super) fn without_face(mut self, frame: FaceFrame) -> Self {
        let (half_width, top, bottom) = FACE_EXTENT;
        for clusters in &mut self.clusters {
            clusters.retain(|cluster| {
                let p = frame.to_face(cluster.centroid);
                p.x.abs() > half_width || p.y < top || p.y > bottom
            });
        }
        self
    }
}

/// Adds pairs of lenses without a bridge between them. The single lenses stay candidates: of two faces, each may show
/// one.
fn add_pairs_of_lenses(clusters: &mut Vec<LabelPart>) {
    let pairs = clusters.iter().enumerate().flat_map(|(i, a)| clusters[i + 1..].iter().map(move |b| (a, b)));
    let pairs: Vec<_> = pairs.filter(|(a, b)| are_lenses(a, b)).map(|(a, b)| a.union(b)).collect();
    clusters.extend(pairs);
    clusters.sort_by(|a, b| b.area.total_cmp(&a.area));
}

/// Whether two parts are alike, compact, and as near to each other as lenses.
fn are_lenses(a: &LabelPart, b: &LabelPart) -> bool {
    let is_compact = |part: &LabelPart| {
        part.moments.principal_axis().is_some_and(|axis| axis.elongation < MAX_LENS_ELONGATION)
    };
    let larger = a.area.max(b.area);
    let distance = (a.centroid - b.centroid).length() / larger.sqrt();
    a.area.min(b.area) >= MIN_LENS_FRACTION * larger
        && is_compact(a)
        && is_compact(b)
        && distance < MAX_LENS_DISTANCE
}

fn is_usable(part: &LabelPart) -> bool {
    part.area > 0.0 && part.area.is_finite() && part.centroid.is_finite()
}
