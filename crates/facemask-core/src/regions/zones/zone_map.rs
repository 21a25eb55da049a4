//! Painting: a label map and outlines through landmarks become a label map of zones, on the same grid.
//!
//! Zones are then traced like labels, so they share borders without gaps. A pixel may become a zone of skin only where
//! the map says skin; organs are what the map says they are.

use super::super::scheme::LabelScheme;
use super::catalog::Zone;
use super::outline::Outline;
use super::{ibug_68, mediapipe};
use crate::error::{Error, Result};
use crate::face::Landmarks;
use crate::geometry::{Affine, Point};
use crate::raster::{LabelMap, Size, find_components, flood_fill, scanline_fill};

/// A label map of zones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneMap {
    /// Zone ids, row by row, on the grid of the label map.
    pub ids: Vec<u8>,
    /// The zones that have no pixel, by ascending id, each with the reason.
    pub missing: Vec<(&'static Zone, String)>,
}

impl ZoneMap {
    /// Paints the zones. `labels_from_image` moves landmarks onto the map's grid.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::OptionInvalid`] for a map whose scheme is unknown: nothing says what is skin.
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
        let drawing = landmarks.and_then(|landmarks| Drawing::new(landmarks, labels_from_image));
        let made_of = made_of(scheme);
        let mut ids: Vec<u8> = map.ids().iter().map(|&id| made_of[usize::from(id)]).collect();
        for (zone, ring) in drawing.iter().flat_map(|drawing| drawing.rings(scheme)) {
            scanline_fill(&ring, Size::new(map.width() as u32, map.height() as u32), |row, span| {
                let labels = &map.row(row)[span.clone()];
                let painted = &mut ids[row * map.width()..][span];
                for (painted, _) in painted.iter_mut().zip(labels).filter(|(_, label)| **label == skin) {
                    *painted = zone;
                }
            });
        }
        drop_specks(&mut ids, map.width());
        let mut seen = [false; 256];
        ids.iter().for_each(|&id| seen[usize::from(id)] = true);
        let missing = Zone::ALL.iter().filter(|zone| !seen[usize::from(zone.id)]);
        let reason = |zone| why_missing(zone, scheme, landmarks.map(|l| l.scheme.name), drawing.is_some());
        Ok(Self { missing: missing.map(|zone| (zone, reason(zone))).collect(), ids })
    }
}

/// Parts of a zone of skin below this share of its largest part are crumbs between an outline and a label.
const SPECK: f64 = 0.01;

fn drop_specks(ids: &mut [u8], width: usize) {
    let mut on_skin = [false; 256];
    Zone::ALL.iter().for_each(|zone| on_skin[usize::from(zone.id)] = zone.made_of.is_empty());
    let parts = find_components(ids, width, |id| on_skin[usize::from(id)]);
    let mut largest = [0; 256];
    for part in &parts {
        let most = &mut largest[usize::from(part.id)];
        *most = part.pixel_count.max(*most);
    }
    for part in parts {
        if (part.pixel_count as f64) < SPECK * largest[usize::from(part.id)] as f64 {
            flood_fill(ids, width, part.start, 0);
        }
    }
}

/// The zone that each label makes by itself.
fn made_of(scheme: &LabelScheme) -> [u8; 256] {
    let mut zones = [0; 256];
    for zone in Zone::ALL.iter().filter(|zone| zone.labelled_in(scheme)) {
        for id in zone.made_of.iter().filter_map(|part| scheme.id(part)) {
            zones[usize::from(id)] = zone.id;
        }
    }
    zones
}

fn why_missing(zone: &Zone, scheme: &LabelScheme, points: Option<&str>, drawn: bool) -> String {
    if zone.labelled_in(scheme) {
        return "the label map shows none".to_owned();
    }
    match points {
        _ if !zone.drawable => format!("{} has no label for it", scheme.name),
        None => "there are no landmarks".to_owned(),
        Some(points) if !drawn => format!("{points} has no outline of it"),
        Some(_) => "no skin of the label map lies there".to_owned(),
    }
}

/// What an outline is painted for.
#[derive(Clone, Copy)]
enum Paint {
    /// A zone that is cut out of the skin.
    Skin(&'static str),
    /// An organ, where the label scheme has none of these labels.
    Instead(&'static str),
    /// A hole in the skin, where the label scheme has no such label.
    Hole(&'static str),
}

/// Outlines from the lowest priority to the highest: later ones are painted over earlier ones.
type Table = [(Paint, Outline); 10];

static MEDIAPIPE: Table = {
    use mediapipe::{BROW, CHEEK, CHIN, EYE, FOREHEAD, LIPS, MOUTH_INNER, NOSE, UNDER_EYE, UPPER_LIP_AREA};
    table([FOREHEAD, CHEEK, CHIN, UPPER_LIP_AREA, UNDER_EYE, NOSE, BROW, EYE, LIPS, MOUTH_INNER])
};

static JAW: Table = {
    use ibug_68::{BROW, CHEEK, CHIN, EYE, FOREHEAD, LIPS, MOUTH_INNER, NOSE, UNDER_EYE, UPPER_LIP_AREA};
    table([FOREHEAD, CHEEK, CHIN, UPPER_LIP_AREA, UNDER_EYE, NOSE, BROW, EYE, LIPS, MOUTH_INNER])
};

const fn table(outlines: [Outline; 10]) -> Table {
    let [forehead, cheek, chin, upper_lip_area, under_eye, nose, brow, eye, lips, mouth_inner] = outlines;
    [
        (Paint::Skin("forehead"), forehead),
        (Paint::Skin("cheek"), cheek),
        (Paint::Skin("chin"), chin),
        (Paint::Skin("upper_lip_area"), upper_lip_area),
        (Paint::Skin("under_eye"), under_eye),
        (Paint::Instead("nose"), nose),
        (Paint::Instead("brow"), brow),
        (Paint::Hole("eye"), eye),
        (Paint::Instead("lips"), lips),
        (Paint::Hole("mouth_inner"), mouth_inner),
    ]
}

/// Landmarks on the map's grid, and the outlines that go through them.
struct Drawing {
    points: Vec<Point>,
    table: &'static Table,
    mirror: fn(u16) -> u16,
}

impl Drawing {
    /// `None` for a scheme with too few points.
    fn new(landmarks: &Landmarks, labels_from_image: &Affine) -> Option<Self> {
        let move_all = |points: &[Point]| points.iter().map(|&p| labels_from_image.apply(p)).collect();
        if landmarks.scheme.name == "mediapipe-478" {
            let points = move_all(&landmarks.points);
            return Some(Self { points, table: &MEDIAPIPE, mirror: mediapipe::mirror });
        }
        let points = move_all(&ibug_68::read(landmarks)?);
        Some(Self { points, table: &JAW, mirror: ibug_68::mirror })
    }

    /// The rings to paint one over the other, each with the zone that it makes (0: none).
    fn rings(&self, scheme: &LabelScheme) -> Vec<(u8, Vec<Point>)> {
        let mut rings = Vec::new();
        for (paint, outline) in self.table {
            let sides: &[(&str, bool)] = match outline {
                Outline::Side(_) => &[("_r", false), ("_l", true)],
                Outline::Half(_) => &[("", false)],
            };
            for &(side, left) in sides {
                let ring = outline.ring(&self.points, &self.mirror, left);
                rings.extend(paint.zone(side, scheme).zip(ring));
            }
        }
        rings
    }
}

impl Paint {
    /// The zone to paint, 0 for a hole, `None` where the label map itself says where the part is.
    fn zone(self, side: &str, scheme: &LabelScheme) -> Option<u8> {
        match self {
            Self::Skin(name) => Zone::from_name(&format!("{name}{side}")).map(|zone| zone.id),
            Self::Instead(name) => Zone::from_name(&format!("{name}{side}"))
                .filter(|zone| !zone.labelled_in(scheme))
                .map(|zone| zone.id),
            Self::Hole(name) => scheme.id(&format!("{name}{side}")).is_none().then_some(0),
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

    fn painted(ids: &[u8], name: &str, landmarks: Option<&Landmarks>) -> ZoneMap {
        let map = LabelMap::new(225, 225, ids).unwrap();
        ZoneMap::paint(&map, scheme(name), landmarks, &Affine::IDENTITY).unwrap()
    }

    fn zone_at(zones: &ZoneMap, p: Point) -> u8 {
        zones.ids[p.y as usize * 225 + p.x as usize]
    }

    #[test]
    fn every_zone_of_skin_lies_where_the_face_has_it() {
        let landmarks = landmarks();
        let zones = painted(&[1; 225 * 225], LAPA, Some(&landmarks));
        let found = [151, 230, 450, 200, 205, 425, 164].map(|index| zone_at(&zones, landmarks.points[index]));
        assert_eq!(found, [1, 2, 3, 4, 8, 9, 10]);
        // Outside the oval, and between eye and brow, there is nothing.
        assert_eq!((zones.ids[0], zone_at(&zones, landmarks.points[223])), (0, 0));
    }

    #[test]
    fn what_is_not_skin_is_never_painted() {
        let landmarks = landmarks();
        let zones = painted(&[10; 225 * 225], LAPA, Some(&landmarks));
        assert!(zones.ids.iter().all(|&id| id == 0));
        let zones = painted(&[6; 225 * 225], LAPA, Some(&landmarks));
        assert!(zones.ids.iter().all(|&id| id == 5));
    }

    #[test]
    fn organs_without_a_label_are_drawn_from_landmarks_and_ears_are_not() {
        let landmarks = landmarks();
        let zones = painted(&[3; 225 * 225], "mediapipe-multiclass-6", Some(&landmarks));
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
        let zones = painted(&ids, LAPA, None);
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
        for (table, count) in [(&MEDIAPIPE, 468), (&JAW, 68)] {
            for vertex in table.iter().flat_map(|(_, outline)| outline.vertices()) {
                assert_eq!(vertex.weight(), 100);
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
            assert_eq!(mediapipe::mirror(index), expected, "{index}");
        }
        assert!((0..68).all(|i| ibug_68::mirror(ibug_68::mirror(i)) == i));
        assert_eq!(
            [0, 17, 21, 31, 36, 37, 41, 48, 59, 60, 67].map(ibug_68::mirror),
            [16, 26, 22, 35, 45, 44, 46, 54, 55, 64, 65]
        );
    }
}
