//! The catalog of zones, and the labels of which each consists.

use super::super::scheme::LabelScheme;

/// What a region represents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RegionSet {
    /// One region per label.
    #[default]
    Labels,
    /// One region per [`Zone`] of the face.
    Zones,
}

impl RegionSet {
    /// Every set, by its name in options.
    pub const NAMES: [(&'static str, Self); 2] = [("labels", Self::Labels), ("zones", Self::Zones)];
}

/// A named area of the face.
#[derive(Debug, PartialEq, Eq)]
pub struct Zone {
    /// The id in results, 1 to 13.
    pub id: u8,
    /// The name, by the SUBJECT's side.
    pub name: &'static str,
    /// The names of the labels of which the zone consists; empty for a zone that an outline cuts out of the skin.
    pub labels: &'static [&'static str],
    /// Whether an outline through landmarks replaces labels that the scheme does not have. Ears are never guessed.
    pub has_outline: bool,
}

const fn skin_zone(id: u8, name: &'static str) -> Zone {
    Zone { id, name, labels: &[], has_outline: true }
}

const fn feature_zone(id: u8, name: &'static str, labels: &'static [&'static str]) -> Zone {
    Zone { id, name, labels, has_outline: true }
}

const fn label_zone(id: u8, name: &'static str, labels: &'static [&'static str]) -> Zone {
    Zone { id, name, labels, has_outline: false }
}

static ALL: [Zone; 13] = [
    skin_zone(1, "forehead"),
    skin_zone(2, "under_eye_r"),
    skin_zone(3, "under_eye_l"),
    skin_zone(4, "chin"),
    feature_zone(5, "nose", &["nose"]),
    label_zone(6, "ear_r", &["ear_r"]),
    label_zone(7, "ear_l", &["ear_l"]),
    skin_zone(8, "cheek_r"),
    skin_zone(9, "cheek_l"),
    skin_zone(10, "upper_lip_area"),
    feature_zone(11, "lips", &["lip_upper", "lip_lower"]),
    feature_zone(12, "brow_r", &["brow_r"]),
    feature_zone(13, "brow_l", &["brow_l"]),
];

impl Zone {
    /// Every zone, by ascending id.
    pub const ALL: &'static [Self] = &ALL;

    /// The zone of that exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|zone| zone.name == name)
    }

    /// The name of the zone with that id.
    #[must_use]
    pub fn name_of(id: u8) -> Option<&'static str> {
        Self::ALL.iter().find(|zone| zone.id == id).map(|zone| zone.name)
    }

    /// Whether a label scheme has all the labels of which this zone consists.
    #[must_use]
    pub fn is_labeled_in(&self, scheme: &LabelScheme) -> bool {
        !self.labels.is_empty() && self.labels.iter().all(|label| scheme.id(label).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_count_from_one() {
        assert!(Zone::ALL.iter().zip(1..).all(|(zone, id)| zone.id == id));
        assert_eq!((Zone::name_of(6), Zone::name_of(0), Zone::name_of(14)), (Some("ear_r"), None, None));
    }

    #[test]
    fn zones_are_made_of_parts_that_label_schemes_name() {
        for label in Zone::ALL.iter().flat_map(|zone| zone.labels) {
            assert!(LabelScheme::ALL.iter().any(|scheme| scheme.id(label).is_some()), "{label}");
        }
        let lapa = LabelScheme::from_name("lapa-11").unwrap();
        let labeled: Vec<_> =
            Zone::ALL.iter().filter(|zone| zone.is_labeled_in(lapa)).map(|z| z.id).collect();
        assert_eq!(labeled, [5, 11, 12, 13]);
    }
}
