//! The zones of a face, and which label makes which.

use super::super::scheme::LabelScheme;

/// What a region is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RegionSet {
    /// One per label.
    #[default]
    Labels,
    /// One per [`Zone`] of the face.
    Zones,
}

impl RegionSet {
    /// Every set, by the name options use.
    pub const NAMES: [(&'static str, Self); 2] = [("labels", Self::Labels), ("zones", Self::Zones)];
}

/// A named area of the face.
#[derive(Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its number in answers, 1 to 13.
    pub id: u8,
    /// Its name, by the SUBJECT's side.
    pub name: &'static str,
    /// The parts of a label map that it consists of; none for a zone cut out of the skin by an outline.
    pub made_of: &'static [&'static str],
    /// Whether landmarks can stand in for a label that the scheme does not have. Ears are never guessed.
    pub drawable: bool,
}

const fn on_skin(id: u8, name: &'static str) -> Zone {
    Zone { id, name, made_of: &[], drawable: true }
}

const fn organ(id: u8, name: &'static str, made_of: &'static [&'static str]) -> Zone {
    Zone { id, name, made_of, drawable: true }
}

const fn labelled_only(id: u8, name: &'static str, made_of: &'static [&'static str]) -> Zone {
    Zone { id, name, made_of, drawable: false }
}

static ALL: [Zone; 13] = [
    on_skin(1, "forehead"),
    on_skin(2, "under_eye_r"),
    on_skin(3, "under_eye_l"),
    on_skin(4, "chin"),
    organ(5, "nose", &["nose"]),
    labelled_only(6, "ear_r", &["ear_r"]),
    labelled_only(7, "ear_l", &["ear_l"]),
    on_skin(8, "cheek_r"),
    on_skin(9, "cheek_l"),
    on_skin(10, "upper_lip_area"),
    organ(11, "lips", &["lip_upper", "lip_lower"]),
    organ(12, "brow_r", &["brow_r"]),
    organ(13, "brow_l", &["brow_l"]),
];

impl Zone {
    /// Every zone, by ascending id.
    pub const ALL: &'static [Self] = &ALL;

    /// The zone of that exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|zone| zone.name == name)
    }

    /// The name of a zone's id.
    #[must_use]
    pub fn name_of(id: u8) -> Option<&'static str> {
        Self::ALL.iter().find(|zone| zone.id == id).map(|zone| zone.name)
    }

    /// Whether a label scheme has all the labels that this zone is made of.
    #[must_use]
    pub fn labelled_in(&self, scheme: &LabelScheme) -> bool {
        !self.made_of.is_empty() && self.made_of.iter().all(|part| scheme.id(part).is_some())
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
        for part in Zone::ALL.iter().flat_map(|zone| zone.made_of) {
            assert!(LabelScheme::ALL.iter().any(|scheme| scheme.id(part).is_some()), "{part}");
        }
        let lapa = LabelScheme::from_name("lapa-11").unwrap();
        let labelled: Vec<_> = Zone::ALL.iter().filter(|zone| zone.labelled_in(lapa)).map(|z| z.id).collect();
        assert_eq!(labelled, [5, 11, 12, 13]);
    }
}
