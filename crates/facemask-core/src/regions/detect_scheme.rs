//! Detection of the label scheme of a map by the arrangement of its regions.
//!
//! Each scheme is a hypothesis: under its names the regions must lie as on a head. Positions are measured in a frame of
//! the eyes, in eye distances, with y towards nose and mouth. So roll, scale and mirroring do not matter.

use super::label_parts::MapLabel;
use super::scheme::{LabelScheme, LabelStat};
use crate::face::{Placement, Pose};
use crate::geometry::Point;

/// The minimum fraction of the evidence that must agree with a hypothesis...
const MIN_AGREEMENT: f64 = 0.9;
/// ... and the minimum weight of the agreeing evidence. Eyes, nose, skin and lips together weigh 8.
const MIN_WEIGHT: f64 = 5.5;
/// A different hypothesis whose confidence is this close to the best one makes the detection ambiguous.
const AMBIGUITY_MARGIN: f64 = 0.05;

/// The minimum area of a region around the face, in square eye distances. Smaller regions are segmentation noise.
const MIN_AREA: f64 = 0.003;

impl LabelScheme {
    /// Detects the scheme in which the ids form a head, with a confidence from 0 to 1. `None` when the evidence is too
    /// weak, or when two schemes with different meanings fit about equally well.
    ///
    /// Works for any roll, scale and mirroring. Regions may be missing; see [`Self::detect_in_map`].
    #[must_use]
    pub fn detect(stats: &[LabelStat]) -> Option<(&'static Self, f64)> {
        let labels: Vec<_> = stats.iter().copied().map(MapLabel::from_stat).collect();
        Self::detect_in_map(&labels, None)
    }

    /// As [`Self::detect`], with the parts of each label, and with the eyes of landmarks where there are any.
    ///
    /// A map that shows a nose or lips, and both eyes or both brows, is tested as a whole head first. Any other map is
    /// tested for a part of a head.
    #[must_use]
    pub fn detect_in_map(
        labels: &[MapLabel<'_>],
        placement: Option<&Placement>,
    ) -> Option<(&'static Self, f64)> {
        Self::detect_whole_head(labels).or_else(|| Self::detect_partial_head(labels, placement))
    }

    fn detect_whole_head(labels: &[MapLabel<'_>]) -> Option<(&'static Self, f64)> {
        let ids = || labels.iter().map(|label| usize::from(label.id())).filter(|&id| id > 0);
        let confidence_of = |scheme: &Self, mut stats: Vec<LabelStat>| {
            stats.retain(|stat| stat.id > 0);
            confidence(scheme, &stats)
        };
        // The largest parts may be of several faces. Then those around one nose or mouth are a head.
        let test = |scheme: &Self| {
            confidence_of(scheme, scheme.main_stats(labels)).or_else(|| {
                let centers = scheme.face_centers(labels).into_iter();
                let confidences =
                    centers.filter_map(|center| confidence_of(scheme, scheme.stats_near(labels, center)));
                confidences.max_by(f64::total_cmp)
            })
        };
        let mut hypotheses: Vec<(&'static Self, f64)> = Self::ALL
            .iter()
            .filter(|scheme| ids().all(|id| id < scheme.names.len()))
            .filter_map(|scheme| test(scheme).map(|confidence| (scheme, confidence)))
            .collect();
        // The sort is stable: of two tables that name these ids alike, the earlier one stays first.
        hypotheses.sort_by(|a, b| b.1.total_cmp(&a.1));
        let (&best, others) = hypotheses.split_first()?;
        let has_same_names = |other: &Self| ids().all(|id| other.names.get(id) == best.0.names.get(id));
        let rival = others.iter().find(|(other, _)| !has_same_names(other));
        rival.is_none_or(|(_, confidence)| best.1 - confidence > AMBIGUITY_MARGIN).then_some(best)
    }

    /// Where the faces of a map with several are: the large parts of the nose, or of the lips.
    fn face_centers(&self, labels: &[MapLabel<'_>]) -> Vec<Point> {
        let label_of = |name: &str| labels.iter().find(|label| Some(label.id()) == self.id(name));
        let parts =
            ["nose", "lip_upper", "lip_lower"].into_iter().filter_map(label_of).map(MapLabel::large_clusters);
        let several = parts.into_iter().find(|parts| parts.len() > 1).unwrap_or_default();
        several.into_iter().map(|part| part.centroid).collect()
    }

    /// Whether the regions lie as on a whole head under this scheme.
    pub(super) fn is_coherent(&self, stats: &[LabelStat]) -> bool {
        confidence(self, stats).is_some()
    }
}

fn confidence(scheme: &LabelScheme, stats: &[LabelStat]) -> Option<f64> {
    let Some(head) = HeadLayout::new(scheme, stats) else {
        return head_and_shoulders_confidence(scheme, stats);
    };
    let mut evidence = Evidence::default();
    head.check_eyes_nose_and_skin(&mut evidence);
    head.check_mouth(&mut evidence);
    head.check_surroundings(&mut evidence);
    // Mirrored images are rare: decides between tables that differ in their sides only.
    evidence.add(0.5, Some(!head.is_mirrored));
    evidence.confidence()
}

/// The weights of the evidence for and against a hypothesis.
#[derive(Default)]
pub(super) struct Evidence {
    pub(super) agreeing: f64,
    pub(super) total: f64,
}

impl Evidence {
    /// Adds one test. `None` for a region that the map does not have: no evidence.
    pub(super) fn add(&mut self, weight: f64, agrees: Option<bool>) {
        if let Some(agrees) = agrees {
            self.total += weight;
            self.agreeing += if agrees { weight } else { 0.0 };
        }
    }

    /// The agreeing fraction; `None` when fraction or weight is below its minimum.
    fn confidence(&self) -> Option<f64> {
        let agreement = self.agreeing / self.total;
        (agreement >= MIN_AGREEMENT && self.agreeing >= MIN_WEIGHT).then_some(agreement)
    }
}

/// Position and area of a region in the frame of the eyes, in eye distances.
struct RegionInEyeFrame {
    x: f64,
    y: f64,
    area: f64,
}

/// The layout of a map with eyes (or brows) and a nose (or lips) under one scheme.
pub(super) struct HeadLayout<'a> {
    pub(super) scheme: &'a LabelScheme,
    pub(super) stats: &'a [LabelStat],
    /// The midpoint between the eyes, image frame.
    pub(super) origin: Point,
    /// Unit vectors divided by the eye distance: towards the subject's left, and down.
    pub(super) right: Point,
    pub(super) down: Point,
    pub(super) is_mirrored: bool,
}

impl<'a> HeadLayout<'a> {
    fn new(scheme: &'a LabelScheme, stats: &'a [LabelStat]) -> Option<Self> {
        let features = scheme.locate_features(stats)?;
        features.mouth.or(features.nose)?;
        let is_mirrored = Pose::from_features(&features)?.mirrored;
        let eye_line = features.eye_l - features.eye_r;
        let right = eye_line * (1.0 / eye_line.dot(eye_line));
        let down = Point::new(-right.y, right.x) * if is_mirrored { -1.0 } else { 1.0 };
        let mut origin = features.eye_r.midpoint(features.eye_l);
        if scheme.find_stat(stats, "eye_r").is_none() || scheme.find_stat(stats, "eye_l").is_none() {
            // The features are brows. The eyes lie below them, by 0.3 of the distance between the brows.
            origin = origin + down * (eye_line.dot(eye_line) * 0.3);
        }
        (right.is_finite() && origin.is_finite()).then_some(Self {
            scheme,
            stats,
            origin,
            right,
            down,
            is_mirrored,
        })
    }

    fn region(&self, name: &str) -> Option<RegionInEyeFrame> {
        let stat = self.scheme.find_stat(self.stats, name)?;
        let d = stat.centroid - self.origin;
        let area = stat.area * self.right.dot(self.right);
        Some(RegionInEyeFrame { x: d.dot(self.right), y: d.dot(self.down), area })
    }

    /// Applies a rule to a region; `None` when the map does not have it.
    fn test(&self, name: &str, rule: impl Fn(&RegionInEyeFrame) -> bool) -> Option<bool> {
        self.region(name).map(|region| rule(&region))
    }

    /// As [`Self::test`], but `None` for segmentation noise too.
    fn test_large(&self, name: &str, rule: impl Fn(&RegionInEyeFrame) -> bool) -> Option<bool> {
        self.region(name).filter(|region| region.area > MIN_AREA).map(|region| rule(&region))
    }

    pub(super) fn check_eyes_nose_and_skin(&self, evidence: &mut Evidence) {
        let (eye_r, eye_l) = (self.region("eye_r"), self.region("eye_l"));
        let eyes = eye_r.as_ref().zip(eye_l.as_ref());
        evidence.add(
            1.0,
            eyes.map(|(r, l)| r.area.max(l.area) < 0.4 && r.area.max(l.area) < 6.0 * r.area.min(l.area)),
        );
        let eye_area = eyes.map_or(0.0, |(r, l)| (r.area + l.area) / 2.0);
        for (brow, side) in [("brow_r", -0.5), ("brow_l", 0.5)] {
            let is_brow = |r: &RegionInEyeFrame| {
                (r.x - side).abs() < 0.4 && (-1.2..-0.03).contains(&r.y) && r.area < 0.4
            };
            evidence.add(1.0, self.test(brow, is_brow));
        }
        let is_central = |r: &RegionInEyeFrame| r.x.abs() < 1.2 && (0.1..2.0).contains(&r.y);
        evidence.add(2.0, self.test("nose", |r| is_central(r) && r.area < 2.5 && r.area > 0.8 * eye_area));
        evidence.add(2.0, self.has_skin_around_features());
    }

    /// Whether the skin is larger than each facial feature, and its bounding box contains their centroids.
    pub(super) fn has_skin_around_features(&self) -> Option<bool> {
        let skin = self.scheme.find_stat(self.stats, "skin")?;
        let features = ["eye_r", "eye_l", "nose", "lip_upper", "lip_lower"];
        Some(features.iter().filter_map(|name| self.scheme.find_stat(self.stats, name)).all(|feature| {
            let (p, b) = (feature.centroid, skin.bounds);
            feature.area * 2.0 < skin.area && b.x0 <= p.x && p.x <= b.x1 && b.y0 <= p.y && p.y <= b.y1
        }))
    }

    /// Whether the skin is as large as that of a face, or of half a face, and centered on it.
    pub(super) fn has_skin_of_face(&self) -> Option<bool> {
        self.test("skin", |r| (1.2..8.0).contains(&r.area) && r.x.abs() < 0.8 && (-0.1..1.2).contains(&r.y))
    }

    pub(super) fn check_mouth(&self, evidence: &mut Evidence) {
        let nose_y = self.region("nose").map_or(0.4, |nose| nose.y);
        let is_below_nose =
            |r: &RegionInEyeFrame| r.x.abs() < 1.5 && r.y > nose_y + 0.1 && r.y < 3.5 && r.area < 1.0;
        for name in ["lip_upper", "lip_lower", "mouth_inner"] {
            evidence.add(1.0, self.test(name, is_below_nose));
        }
        evidence.add(1.0, self.is_above("lip_upper", "lip_lower"));
    }

    /// Whether one region lies above another, in the frame of the eyes.
    pub(super) fn is_above(&self, upper: &str, lower: &str) -> Option<bool> {
        let (upper, lower) = (self.region(upper)?, self.region(lower)?);
        Some(upper.y < lower.y)
    }

    pub(super) fn check_surroundings(&self, evidence: &mut Evidence) {
        evidence.add(1.0, self.test_large("hair", |r| r.area > 0.2 && r.y < 3.0));
        evidence.add(1.0, self.test_large("hat", |r| r.y < 0.0));
        for (ear, side) in [("ear_r", -1.0), ("ear_l", 1.0)] {
            evidence.add(1.0, self.test_large(ear, |r| r.x * side > 0.4 && (-0.8..1.6).contains(&r.y)));
        }
        evidence.add(1.0, self.test_large("neck", |r| r.y > 1.0 && r.area > 0.1));
        evidence.add(1.0, self.test_large("cloth", |r| r.y > 1.2));
        evidence.add(1.0, self.test_large("necklace", |r| r.y > 1.2));
        // Both earrings share an id, so their common centroid may lie anywhere across the face.
        evidence.add(0.5, self.test_large("earring", |r| (0.0..2.4).contains(&r.y)));
        evidence.add(1.0, self.test_large("glasses", |r| r.x.abs() < 0.8 && r.y.abs() < 0.6));
    }
}

/// The confidence for a map without facial features, in which hair, face and body lie along a line: 0.5 or none.
fn head_and_shoulders_confidence(scheme: &LabelScheme, stats: &[LabelStat]) -> Option<f64> {
    scheme.id("skin_body")?;
    let find = |name: &str| scheme.find_stat(stats, name);
    let (hair, face) = (find("hair")?, find("skin")?);
    let body = find("cloth").or_else(|| find("skin_body"))?;
    let total_area: f64 = stats.iter().map(|stat| stat.area).sum();
    let is_large = [hair, face, body].iter().all(|stat| stat.area > 0.05 * total_area);
    let (first, second) = (face.centroid - hair.centroid, body.centroid - face.centroid);
    let is_aligned = first.dot(second) > 0.5 * first.length() * second.length();
    let is_adjacent = !hair.bounds.is_disjoint(&face.bounds);
    (is_large && is_aligned && is_adjacent).then_some(0.5)
}
