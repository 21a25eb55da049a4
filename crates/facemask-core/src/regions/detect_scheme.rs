//! Which label scheme a map follows, told by where its parts lie.
//!
//! Each scheme is tried: its names are put on the ids, and the named parts must lie as on a head. Everything is
//! measured from the eyes in eye distances, with y towards nose and mouth, so roll, scale and hand do not matter.

use super::scheme::{LabelScheme, LabelStat};
use crate::face::Pose;
use crate::geometry::Point;

/// A scheme's reading of a map needs this share of the evidence on its side...
const LEAST_SHARE: f64 = 0.9;
/// ... and this much of it; the eyes, a nose, the skin and the lips together make 8.
const LEAST_EVIDENCE: f64 = 5.5;
/// Another reading this close makes both doubtful.
const DOUBT: f64 = 0.05;

/// Smaller parts around the face, in square eye distances, are specks of a segmentation gone wrong.
const SPECK: f64 = 0.003;

impl LabelScheme {
    /// The scheme in which the ids form a head, with a confidence from 0 to 1; `None` when the evidence is poor or two
    /// schemes with different meanings fit alike.
    ///
    /// Any roll, scale and hand. Parts may be missing, as long as a nose or lips can be seen below two eyes or brows.
    #[must_use]
    pub fn detect(stats: &[LabelStat]) -> Option<(&'static Self, f64)> {
        detect(stats)
    }
}

fn detect(stats: &[LabelStat]) -> Option<(&'static LabelScheme, f64)> {
    let parts: Vec<_> = stats.iter().copied().filter(|stat| stat.id > 0).collect();
    let mut readings: Vec<(&'static LabelScheme, f64)> = LabelScheme::ALL
        .iter()
        .filter(|scheme| parts.iter().all(|stat| usize::from(stat.id) < scheme.names.len()))
        .filter_map(|scheme| confidence(scheme, &parts).map(|confidence| (scheme, confidence)))
        .collect();
    // Stable: where two tables say the same of these ids, the earlier one stays first.
    readings.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (&best, others) = readings.split_first()?;
    let alike = |other: &LabelScheme| {
        parts
            .iter()
            .all(|stat| other.names.get(usize::from(stat.id)) == best.0.names.get(usize::from(stat.id)))
    };
    let rival = others.iter().find(|(other, _)| !alike(other));
    rival.is_none_or(|(_, confidence)| best.1 - confidence > DOUBT).then_some(best)
}

fn confidence(scheme: &LabelScheme, parts: &[LabelStat]) -> Option<f64> {
    let Some(head) = Head::new(scheme, parts) else {
        return bust(scheme, parts);
    };
    let mut evidence = Evidence::default();
    head.organs(&mut evidence);
    head.mouth(&mut evidence);
    head.surroundings(&mut evidence);
    // A picture is seldom mirrored: decides between tables that differ in their sides only.
    evidence.add(0.5, Some(!head.mirrored));
    evidence.share()
}

/// What speaks for a reading and what against.
#[derive(Default)]
struct Evidence {
    agreed: f64,
    seen: f64,
}

impl Evidence {
    /// `None` when the part is not in the map, which says nothing.
    fn add(&mut self, weight: f64, agrees: Option<bool>) {
        if let Some(agrees) = agrees {
            self.seen += weight;
            self.agreed += if agrees { weight } else { 0.0 };
        }
    }

    fn share(&self) -> Option<f64> {
        let share = self.agreed / self.seen;
        (share >= LEAST_SHARE && self.agreed >= LEAST_EVIDENCE).then_some(share)
    }
}

/// A part in the frame of the eyes, lengths in eye distances.
struct Part {
    x: f64,
    y: f64,
    area: f64,
}

/// One scheme's reading of a map that has eyes (or brows) and a nose (or lips).
struct Head<'a> {
    scheme: &'a LabelScheme,
    stats: &'a [LabelStat],
    /// Middle of the eyes, image frame.
    origin: Point,
    /// Unit vectors over the eye distance: towards the subject's left, and down.
    right: Point,
    down: Point,
    mirrored: bool,
}

impl<'a> Head<'a> {
    fn new(scheme: &'a LabelScheme, stats: &'a [LabelStat]) -> Option<Self> {
        let features = scheme.features(stats)?;
        features.mouth.or(features.nose)?;
        let mirrored = Pose::from_features(&features)?.mirrored;
        let line = features.eye_l - features.eye_r;
        let shrink = 1.0 / line.dot(line);
        let right = line * shrink;
        let down = Point::new(-right.y, right.x) * if mirrored { -1.0 } else { 1.0 };
        let mut origin = features.eye_r.midpoint(features.eye_l);
        if scheme.find(stats, "eye_r").is_none() || scheme.find(stats, "eye_l").is_none() {
            // The features are brows: the eyes lie a third of their distance below.
            origin = origin + down * (line.dot(line) * 0.3);
        }
        (right.is_finite() && origin.is_finite()).then_some(Self {
            scheme,
            stats,
            origin,
            right,
            down,
            mirrored,
        })
    }

    fn part(&self, name: &str) -> Option<Part> {
        let stat = self.scheme.find(self.stats, name)?;
        let d = stat.centroid - self.origin;
        let area = stat.area * self.right.dot(self.right);
        Some(Part { x: d.dot(self.right), y: d.dot(self.down), area })
    }

    fn test(&self, name: &str, rule: impl Fn(&Part) -> bool) -> Option<bool> {
        self.part(name).map(|part| rule(&part))
    }

    /// Eyes, brows, nose and skin.
    fn organs(&self, evidence: &mut Evidence) {
        let (eye_r, eye_l) = (self.part("eye_r"), self.part("eye_l"));
        let eyes = eye_r.as_ref().zip(eye_l.as_ref());
        evidence.add(
            1.0,
            eyes.map(|(r, l)| r.area.max(l.area) < 0.4 && r.area.max(l.area) < 6.0 * r.area.min(l.area)),
        );
        let eye_area = eyes.map_or(0.0, |(r, l)| (r.area + l.area) / 2.0);
        for (brow, side) in [("brow_r", -0.5), ("brow_l", 0.5)] {
            let near = |p: &Part| (p.x - side).abs() < 0.4 && (-1.2..-0.03).contains(&p.y) && p.area < 0.4;
            evidence.add(1.0, self.test(brow, near));
        }
        let middle = |p: &Part| p.x.abs() < 1.2 && (0.1..2.0).contains(&p.y);
        evidence.add(2.0, self.test("nose", |p| middle(p) && p.area < 2.5 && p.area > 0.8 * eye_area));
        evidence.add(2.0, self.skin_around_the_organs());
    }

    /// Whether the skin is larger than the organs and its box holds their middles.
    fn skin_around_the_organs(&self) -> Option<bool> {
        let skin = self.scheme.find(self.stats, "skin")?;
        let organs = ["eye_r", "eye_l", "nose", "lip_upper", "lip_lower"];
        Some(organs.iter().filter_map(|name| self.scheme.find(self.stats, name)).all(|organ| {
            let (p, b) = (organ.centroid, skin.bounds);
            organ.area * 2.0 < skin.area && b.x0 <= p.x && p.x <= b.x1 && b.y0 <= p.y && p.y <= b.y1
        }))
    }

    /// The lips and what is between them.
    fn mouth(&self, evidence: &mut Evidence) {
        let nose = self.part("nose").map_or(0.4, |nose| nose.y);
        let low = |p: &Part| p.x.abs() < 1.5 && p.y > nose + 0.1 && p.y < 3.5 && p.area < 1.0;
        for name in ["lip_upper", "lip_lower", "mouth_inner"] {
            evidence.add(1.0, self.test(name, low));
        }
        let height = |name| self.part(name).map(|part| part.y);
        let (upper, lower) = (height("lip_upper"), height("lip_lower"));
        evidence.add(1.0, upper.zip(lower).map(|(upper, lower)| upper < lower));
    }

    fn larger(&self, name: &str, rule: impl Fn(&Part) -> bool) -> Option<bool> {
        self.part(name).filter(|part| part.area > SPECK).map(|part| rule(&part))
    }

    /// What is around the face.
    fn surroundings(&self, evidence: &mut Evidence) {
        evidence.add(1.0, self.larger("hair", |p| p.area > 0.2 && p.y < 3.0));
        evidence.add(1.0, self.larger("hat", |p| p.y < 0.0));
        for (ear, side) in [("ear_r", -1.0), ("ear_l", 1.0)] {
            evidence.add(1.0, self.larger(ear, |p| p.x * side > 0.4 && (-0.8..1.6).contains(&p.y)));
        }
        evidence.add(1.0, self.larger("neck", |p| p.y > 1.0 && p.area > 0.1));
        evidence.add(1.0, self.larger("cloth", |p| p.y > 1.2));
        evidence.add(1.0, self.larger("necklace", |p| p.y > 1.2));
        // Both earrings share an id, so their common middle may lie anywhere across.
        evidence.add(0.5, self.larger("earring", |p| (0.0..2.4).contains(&p.y)));
        evidence.add(1.0, self.larger("glasses", |p| p.x.abs() < 0.8 && p.y.abs() < 0.6));
    }
}

/// A map without organs: hair, face and what is below lie in a row. Told with half the confidence.
fn bust(scheme: &LabelScheme, stats: &[LabelStat]) -> Option<f64> {
    scheme.id("skin_body")?;
    let part = |name: &str| scheme.find(stats, name);
    let (hair, face) = (part("hair")?, part("skin")?);
    let below = part("cloth").or_else(|| part("skin_body"))?;
    let whole: f64 = stats.iter().map(|stat| stat.area).sum();
    let large = [hair, face, below].iter().all(|stat| stat.area > 0.05 * whole);
    let (first, second) = (face.centroid - hair.centroid, below.centroid - face.centroid);
    let in_a_row = first.dot(second) > 0.5 * first.length() * second.length();
    let together = !hair.bounds.is_disjoint(&face.bounds);
    (large && in_a_row && together).then_some(0.5)
}
