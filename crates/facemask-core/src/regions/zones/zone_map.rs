//! Zone maps: a label map and outlines through landmarks, painted onto the grid of the label map.
//!
//! Zones are traced like labels, so they share borders without gaps. A pixel becomes part of a skin zone only where the
//! label map has skin. Facial features follow the label map.

use super::super::outline::{FaceSide, ZoneOutline};
use super::super::scheme::LabelScheme;
use super::catalog::Zone;
use super::{jawline, mediapipe};
use crate::error::{Error, Result};
use crate::face::Landmarks;
use crate::geometry::{Affine, Point};
use crate::raster::{FillRule, LabelMap, Size, find_components, flood_fill, scanline_fill};

/// A label map whose labels are zones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneMap {
    /// Zone ids in row order, on the grid of the label map.
    pub ids: Vec<u8>,
    /// The zones without a pixel, by ascending id, each with the reason.
    pub missing: Vec<(&'static Zone, String)>,
}

impl ZoneMap {
    /// Paints the zones. `labels_from_image` maps landmarks to the frame of the label map.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::OptionInvalid`] for a map of unknown scheme, in which skin cannot be identified.
    pub fn paint(
        map: &LabelMap<'_>,
        scheme: Option<&LabelScheme>,
        landmarks: Option<&Landmarks>,
        labels_from_image: &Affine,
    ) -> Result<Self> {
        let skin = scheme.and_then(|scheme| Some((scheme, scheme.id("skin")?)));
        let Some((scheme, skin)) = skin else {
            let detail =
                "zones need a label map of a known scheme, to tell skin and organs by; name the label_scheme";
            return Err(Error::option("regions", detail));
        };
        let outlines = landmarks.and_then(|landmarks| PlacedOutlines::new(landmarks, labels_from_image));
        let zone_of_label = zones_by_label(scheme);
        let mut ids: Vec<u8> = map.ids().iter().map(|&id| zone_of_label[usize::from(id)]).collect();
        let size = Size::new(map.width() as u32, map.height() as u32);
        for PaintedRing { zone_id, ring } in outlines.iter().flat_map(|outlines| outlines.to_rings(scheme)) {
            scanline_fill(&ring, size, FillRule::NonZero, |row, columns| {
                let labels = &map.row(row)[columns.clone()];
                let zones = &mut ids[row * map.width()..][columns];
                for (zone, _) in zones.iter_mut().zip(labels).filter(|(_, label)| **label == skin) {
                    *zone = zone_id;
                }
            });
        }
        remove_small_components(&mut ids, map.width());
        let mut is_present = [false; 256];
        ids.iter().for_each(|&id| is_present[usize::from(id)] = true);
        let missing = Zone::ALL.iter().filter(|zone| !is_present[usize::from(zone.id)]);
        let reason =
            |zone| missing_reason(zone, scheme, landmarks.map(|l| l.scheme.name), outlines.is_some());
        Ok(Self { missing: missing.map(|zone| (zone, reason(zone))).collect(), ids })
    }
}

/// The minimum size of a component of a skin zone, relative to the largest one of the zone. Smaller components are
/// slivers between an outline and a label.
const MIN_COMPONENT_RATIO: f64 = 0.01;

fn remove_small_components(ids: &mut [u8], width: usize) {
    let mut is_skin = [false; 256];
    Zone::ALL.iter().for_each(|zone| is_skin[usize::from(zone.id)] = zone.labels.is_empty());
    let components = find_components(ids, width, |id| is_skin[usize::from(id)]);
    let mut largest = [0; 256];
    for component in &components {
        let count = &mut largest[usize::from(component.id)];
        *count = component.pixel_count.max(*count);
    }
    for component in components {
        let minimum = MIN_COMPONENT_RATIO * largest[usize::from(component.id)] as f64;
        if (component.pixel_count as f64) < minimum {
            flood_fill(ids, width, component.start, 0);
        }
    }
}

/// The zone id of every label id, for zones that consist of labels; 0 for all other labels.
fn zones_by_label(scheme: &LabelScheme) -> [u8; 256] {
    let mut zones = [0; 256];
    for zone in Zone::ALL.iter().filter(|zone| zone.is_labeled_in(scheme)) {
        for id in zone.labels.iter().filter_map(|label| scheme.id(label)) {
            zones[usize::from(id)] = zone.id;
        }
    }
    zones
}

fn missing_reason(
    zone: &Zone,
    scheme: &LabelScheme,
    landmark_scheme: Option<&str>,
    has_outlines: bool,
) -> String {
    if zone.is_labeled_in(scheme) {
        return "the label map shows none".to_owned();
    }
    match landmark_scheme {
        _ if !zone.has_outline => format!("{} has no label for it", scheme.name),
        None => "there are no landmarks".to_owned(),
        Some(points) if !has_outlines => format!("{points} has no outline of it"),
        Some(_) => "no skin of the label map lies there".to_owned(),
    }
}

/// What an outline paints. Names of both sides lack the suffix `_r` or `_l`.
#[derive(Clone, Copy)]
enum PaintRule {
    /// A zone that is cut out of the skin.
    Skin(&'static str),
    /// A zone of a facial feature, unless the label scheme has its labels.
    UnlessLabeled(&'static str),
    /// A hole in the skin, unless the label scheme has that label.
    HoleUnlessLabeled(&'static str),
}

/// Outlines in painting order: each is painted over the earlier ones.
type OutlineTable = [(PaintRule, ZoneOutline); 10];

static MEDIAPIPE: OutlineTable = {
    use mediapipe::{BROW, CHEEK, CHIN, EYE, FOREHEAD, LIPS, MOUTH_INNER, NOSE, UNDER_EYE, UPPER_LIP_AREA};
    outline_table([FOREHEAD, CHEEK, CHIN, UPPER_LIP_AREA, UNDER_EYE, NOSE, BROW, EYE, LIPS, MOUTH_INNER])
};

static JAWLINE: OutlineTable = {
    use jawline::{BROW, CHEEK, CHIN, EYE, FOREHEAD, LIPS, MOUTH_INNER, NOSE, UNDER_EYE, UPPER_LIP_AREA};
    outline_table([FOREHEAD, CHEEK, CHIN, UPPER_LIP_AREA, UNDER_EYE, NOSE, BROW, EYE, LIPS, MOUTH_INNER])
};

const fn outline_table(outlines: [ZoneOutline; 10]) -> OutlineTable {
    let [forehead, cheek, chin, upper_lip_area, under_eye, nose, brow, eye, lips, mouth_inner] = outlines;
    [
        (PaintRule::Skin("forehead"), forehead),
        (PaintRule::Skin("cheek"), cheek),
        (PaintRule::Skin("chin"), chin),
        (PaintRule::Skin("upper_lip_area"), upper_lip_area),
        (PaintRule::Skin("under_eye"), under_eye),
        (PaintRule::UnlessLabeled("nose"), nose),
        (PaintRule::UnlessLabeled("brow"), brow),
        (PaintRule::HoleUnlessLabeled("eye"), eye),
        (PaintRule::UnlessLabeled("lips"), lips),
        (PaintRule::HoleUnlessLabeled("mouth_inner"), mouth_inner),
    ]
}

/// A ring to paint. The zone id is 0 for a hole.
struct PaintedRing {
    zone_id: u8,
    ring: Vec<Point>,
}

/// The outlines of a landmark scheme, and the landmarks in the frame of the label map.
struct PlacedOutlines {
    points: Vec<Point>,
    table: &'static OutlineTable,
    mirror: fn(u16) -> u16,
}

impl PlacedOutlines {
    /// `None` for a scheme with too few points.
    fn new(landmarks: &Landmarks, labels_from_image: &Affine) -> Option<Self> {
        let transform = |points: &[Point]| points.iter().map(|&p| labels_from_image.apply(p)).collect();
        if landmarks.scheme.name == "mediapipe-478" {
            let points = transform(&landmarks.points);
            return Some(Self { points, table: &MEDIAPIPE, mirror: mediapipe::mirror_landmark });
        }
        let points = transform(&jawline::select_68_points(landmarks)?);
        Some(Self { points, table: &JAWLINE, mirror: jawline::mirror_landmark })
    }

    /// The rings in painting order.
    fn to_rings(&self, scheme: &LabelScheme) -> Vec<PaintedRing> {
        let mut rings = Vec::new();
        for (rule, outline) in self.table {
            let sides: &[(&str, FaceSide)] = match outline {
                ZoneOutline::Side(_) => &[("_r", FaceSide::Right), ("_l", FaceSide::Left)],
                ZoneOutline::Half(_) => &[("", FaceSide::Right)],
            };
            for &(suffix, side) in sides {
                let ring = outline.to_ring(&self.points, &self.mirror, side);
                let zone_id = rule.zone_id(suffix, scheme);
                rings.extend(zone_id.zip(ring).map(|(zone_id, ring)| PaintedRing { zone_id, ring }));
            }
        }
        rings
    }
}

impl PaintRule {
    /// The id of the zone to paint, 0 for a hole, `None` when the label map itself shows the part.
    fn zone_id(self, suffix: &str, scheme: &LabelScheme) -> Option<u8> {
        match self {
            Self::Skin(name) => Zone::from_name(&format!("{name}{suffix}")).map(|zone| zone.id),
            Self::UnlessLabeled(name) => Zone::from_name(&format!("{name}{suffix}"))
                .filter(|zone| !zone.is_labeled_in(scheme))
                .map(|zone| zone.id),
            Self::HoleUnlessLabeled(name) => scheme.id(&format!("{name}{suffix}")).is_none().then_some(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::LandmarkOptions;
    use crate::raster::LabelMap;

    const LAPA: &str = "lapa-11";

    fn scheme(name: &str) -> Option<&'static LabelScheme> {
        LabelScheme::from_name(name)
    }

    /// The sample's 478 points, at a quarter of their size.
    fn landmarks() -> Landmarks {
        let text = include_str!("../../../tests/data/astronaut_landmarks.txt");
        let number = |text: &str| text.parse::<f64>().unwrap() / 4.0;
        let points: Vec<_> = text
            .lines()
            .map(|l| l.split_once(' ').map(|(x, y)| Point::new(number(x), number(y))).unwrap())
            .collect();
        Landmarks::identify(&points, &LandmarkOptions::default(), Size::new(225, 225)).unwrap()
    }

    fn paint_zones(ids: &[u8], name: &str, landmarks: Option<&Landmarks>) -> ZoneMap {
        let map = LabelMap::new(225, 225, ids).unwrap();
        ZoneMap::paint(&map, scheme(name), landmarks, &Affine::IDENTITY).unwrap()
    }

    fn zone_at(zones: &ZoneMap, p: Point) -> u8 {
        zones.ids[p.y as usize * 225 + p.x as usize]
    }

    #[test]
    fn every_zone_of_skin_lies_where_the_face_has_it() {
        let landmarks = landmarks();
        let zones = paint_zones(&[1; 225 * 225], LAPA, Some(&landmarks));
        let found = [151, 230, 450, 200, 205, 425, 164].map(|index| zone_at(&zones, landmarks.points[index]));
        assert_eq!(found, [1, 2, 3, 4, 8, 9, 10]);
        // Outside the oval, and between eye and brow, there is nothing.
        assert_eq!((zones.ids[0], zone_at(&zones, landmarks.points[223])), (0, 0));
    }

    #[test]
    fn what_is_not_skin_is_never_painted() {
        let landmarks = landmarks();
        let zones = paint_zones(&[10; 225 * 225], LAPA, Some(&landmarks));
        assert!(zones.ids.iter().all(|&id| id == 0));
        let zones = paint_zones(&[6; 225 * 225], LAPA, Some(&landmarks));
        assert!(zones.ids.iter().all(|&id| id == 5));
    }

    #[test]
    fn organs_without_a_label_are_drawn_from_landmarks_and_ears_are_not() {
        let landmarks = landmarks();
        let zones = paint_zones(&[3; 225 * 225], "mediapipe-multiclass-6", Some(&landmarks));
        // Nose tip, lower lip, middles of the brows; the pupils are holes.
        let pairs = [(4, 4), (16, 16), (105, 52), (334, 282), (468, 468), (473, 473)];
        let found = pairs.map(|(a, b)| zone_at(&zones, landmarks.points[a].midpoint(landmarks.points[b])));
        assert_eq!(found, [5, 11, 12, 13, 0, 0]);
        let missing: Vec<_> = zones.missing.iter().map(|(zone, _)| zone.name).collect();
        assert_eq!(missing, ["ear_r", "ear_l"]);
        assert_eq!(zones.missing[0].1, "mediapipe-multiclass-6 has no label for it");
    }

    #[test]
    fn without_landmarks_only_labels_make_zones() {
        let mut ids = vec![1; 225 * 225];
        ids[..12].copy_from_slice(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 200]);
        let zones = paint_zones(&ids, LAPA, None);
        assert_eq!(zones.ids[..13], [0, 0, 12, 13, 0, 0, 5, 11, 0, 11, 0, 0, 0]);
        assert_eq!(zones.missing.len(), 9);
    }

    #[test]
    fn an_unknown_label_scheme_is_refused() {
        let map = LabelMap::new(1, 1, &[1]).unwrap();
        let error = ZoneMap::paint(&map, None, Some(&landmarks()), &Affine::IDENTITY).unwrap_err();
        assert_eq!((error.kind.code(), error.field.as_str()), ("option_invalid", "regions"));
    }

    #[test]
    fn vertices_are_sums_that_move_with_the_face() {
        for (table, count) in [(&MEDIAPIPE, 468), (&JAWLINE, 68)] {
            for vertex in table.iter().flat_map(|(_, outline)| outline.vertices()) {
                assert_eq!(vertex.total_weight(), 100);
                assert!(vertex.indices().all(|index| index < count));
            }
        }
    }

    #[test]
    fn mirrors_are_those_of_the_schemes() {
        let text = include_str!("../../../tests/data/mediapipe_mirror_pairs.txt");
        let pairs: Vec<(u16, u16)> = text
            .lines()
            .map(|l| l.split_once(' ').map(|(a, b)| (a.parse().unwrap(), b.parse().unwrap())).unwrap())
            .collect();
        for index in MEDIAPIPE.iter().flat_map(|(_, outline)| outline.vertices()).flat_map(|v| v.indices()) {
            let expected = pairs.iter().find(|(right, _)| *right == index).map_or(index, |pair| pair.1);
            assert_eq!(mediapipe::mirror_landmark(index), expected, "{index}");
        }
        assert!((0..68).all(|i| jawline::mirror_landmark(jawline::mirror_landmark(i)) == i));
        assert_eq!(
            [0, 17, 21, 31, 36, 37, 41, 48, 59, 60, 67].map(jawline::mirror_landmark),
            [16, 26, 22, 35, 45, 44, 46, 54, 55, 64, 65]
        );
    }
}
