//! Detection of the label scheme of a map that shows a part of a head only, or more than one.
//!
//! Each scheme is a hypothesis here too. The search for a face under its names yields evidence in units of a
//! log-likelihood ratio, to which skin, lips and what surrounds a face are added.

use super::detect_scheme::{Evidence, HeadLayout};
use super::face_location::{FeatureCandidates, FoundFace, NOISE_AREA};
use super::label_parts::MapLabel;
use super::scheme::{LabelScheme, LabelStat};
use crate::face::Placement;

/// The minimum evidence with three, four, five, and more features. Among many regions some agree with any frame.
const MIN_SCORES: [f64; 4] = [8.0, 10.8, 12.2, 14.5];
/// The minimum evidence with landmarks, which give the frame.
const MIN_SCORE_AT_LANDMARKS: f64 = 5.0;
/// The minimum number of features but ears, without and with landmarks.
const MIN_FEATURES: usize = 3;
const MIN_FEATURES_AT_LANDMARKS: usize = 2;
/// A different hypothesis whose evidence is this close to the best one makes the detection ambiguous.
const SCORE_MARGIN: f64 = 3.0;
/// The minimum agreement of the tests for a whole head.
const MIN_AGREEMENT: f64 = 0.8;
/// What an agreeing test of the surroundings counts, and what a disagreeing one costs.
const TEST_WEIGHTS: (f64, f64) = (0.6, 1.2);
/// An id whose area is a smaller fraction of all labels is ignored: a few pixels name no class.
const MIN_AREA_FRACTION: f64 = 0.0005;

/// A scheme under which the map shows a part of a head.
struct PartialHead {
    scheme: &'static LabelScheme,
    score: f64,
    agreement: f64,
    feature_count: usize,
}

impl LabelScheme {
    /// Detects the scheme of a map in which a head is not whole: without a nose, without brows, with one eye, with
    /// dark glasses, with noise beside it, or among other heads.
    pub(super) fn detect_partial_head(
        labels: &[MapLabel<'_>],
        placement: Option<&Placement>,
    ) -> Option<(&'static Self, f64)> {
        let total: f64 = labels.iter().map(|label| label.stat.area).sum();
        let is_significant = |label: &&MapLabel<'_>| label.stat.area >= MIN_AREA_FRACTION * total;
        let ids: Vec<usize> =
            labels.iter().filter(is_significant).map(|label| usize::from(label.id())).collect();
        let mut heads: Vec<PartialHead> = Self::ALL
            .iter()
            .filter(|scheme| ids.iter().all(|&id| id < scheme.names.len()))
            .filter_map(|scheme| PartialHead::new(scheme, labels, placement))
            .collect();
        heads.sort_by(|a, b| b.score.total_cmp(&a.score));
        let (best, others) = heads.split_first()?;
        let has_same_names =
            |other: &Self| ids.iter().all(|&id| other.names.get(id) == best.scheme.names.get(id));
        let rival = others.iter().find(|other| !has_same_names(other.scheme));
        let is_clear = rival.is_none_or(|rival| best.score - rival.score > SCORE_MARGIN);
        let more = best.feature_count.saturating_sub(MIN_FEATURES).min(MIN_SCORES.len() - 1);
        let minimum = if placement.is_some() { MIN_SCORE_AT_LANDMARKS } else { MIN_SCORES[more] };
        (is_clear && best.score >= minimum && best.agreement >= MIN_AGREEMENT)
            .then_some((best.scheme, best.agreement))
    }
}

impl PartialHead {
    fn new(
        scheme: &'static LabelScheme,
        labels: &[MapLabel<'_>],
        placement: Option<&Placement>,
    ) -> Option<Self> {
        let candidates = FeatureCandidates::new(scheme, labels);
        let at_landmarks = placement.and_then(|placement| candidates.find_face_at(placement));
        let min_features = if placement.is_some() { MIN_FEATURES_AT_LANDMARKS } else { MIN_FEATURES };
        let face = if placement.is_some() { at_landmarks? } else { candidates.find_face(true)? };
        if face.feature_count() < min_features || !face.has_eyes_and_below() {
            return None;
        }
        let stats = stats_of_face(scheme, labels, &face);
        let scale = 1.0 / face.frame.right.dot(face.frame.right);
        let layout = HeadLayout {
            scheme,
            stats: &stats,
            origin: face.frame.origin,
            right: face.frame.right * if face.mirrored { -scale } else { scale },
            down: face.frame.down() * scale,
            is_mirrored: face.mirrored,
        };
        let (mut evidence, mut around) = (Evidence::default(), Evidence::default());
        layout.check_eyes_nose_and_skin(&mut evidence);
        layout.check_mouth(&mut evidence);
        layout.check_surroundings(&mut around);
        let misplaced = count_misplaced(scheme, labels, &face) as f64;
        let stray = candidates.count_stray(&face) as f64;
        let agreement =
            (evidence.agreeing + around.agreeing) / (evidence.total + around.total + misplaced + stray);
        around.add(2.0, layout.has_skin_around_features());
        around.add(2.0, layout.has_skin_of_face());
        for (upper, lower) in
            [("lip_upper", "lip_lower"), ("lip_upper", "mouth_inner"), ("mouth_inner", "lip_lower")]
        {
            around.add(1.0, layout.is_above(upper, lower));
        }
        let against = around.total - around.agreeing;
        let score = face.score + TEST_WEIGHTS.0 * around.agreeing - TEST_WEIGHTS.1 * (against + stray);
        Some(Self { scheme, score, agreement, feature_count: face.feature_count() })
    }
}

/// Hair and necks below these areas, in square eye distances, are what a bald head or a collar leaves: no evidence.
const MIN_AREAS: [(&str, f64); 2] = [("hair", 0.2), ("neck", 0.1)];

/// The statistics of the labels: of a feature's label those of the parts that the face has, or none.
fn stats_of_face(scheme: &LabelScheme, labels: &[MapLabel<'_>], face: &FoundFace) -> Vec<LabelStat> {
    let unit = face.frame.right.dot(face.frame.right);
    let stat = |stat: LabelStat| {
        let name = scheme.names.get(usize::from(stat.id))?;
        if MIN_AREAS.iter().any(|(own, area)| own == name && stat.area <= area * unit) {
            return None;
        }
        match face.part_of_label(name) {
            None => Some(stat),
            // The parts of lips are pooled, so each keeps its own statistics.
            Some((true, part)) => part.map(|_| stat),
            Some((false, part)) => part.map(|part| LabelStat {
                id: stat.id,
                area: part.area,
                centroid: part.centroid,
                bounds: part.bounds,
            }),
        }
    };
    // Of a map with several faces, what lies around this one.
    let near = labels.iter().map(|label| label.stat_near(face.frame.origin));
    near.filter(|stat| stat.id > 0).filter_map(stat).collect()
}

/// The number of features of the map that the face lacks, without noise.
fn count_misplaced(scheme: &LabelScheme, labels: &[MapLabel<'_>], face: &FoundFace) -> usize {
    let noise = NOISE_AREA * face.frame.right.dot(face.frame.right);
    let is_misplaced = |label: &&MapLabel<'_>| {
        let name = scheme.names.get(usize::from(label.id()));
        let part = name.and_then(|name| face.part_of_label(name));
        label.stat.area > noise && matches!(part, Some((_, None)))
    };
    labels.iter().filter(is_misplaced).count()
}
