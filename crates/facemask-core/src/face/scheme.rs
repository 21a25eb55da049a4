//! Landmark schemes: how many points, and which index is what.

use super::landmark_tables::{self as tables, Parts};
use super::mean_shapes;

/// An order of landmarks, as one family of detectors writes it.
///
/// ```
/// let scheme = facemask_core::face::LandmarkScheme::from_name("ibug-68").unwrap();
/// assert_eq!(scheme.part("eye_r_corners"), Some(&[36, 39][..]));
/// ```
#[derive(Debug)]
pub struct LandmarkScheme {
    /// The name in options and answers, such as `mediapipe-478`.
    pub name: &'static str,
    /// How many points a face may have; the longest first.
    pub counts: &'static [usize],
    /// Which index is what, by the subject's sides. A shorter face lacks the indices beyond its count.
    pub parts: Parts,
    /// The mean face, flat x, y in thousandths of the eye distance (see `mean_shapes`).
    pub(super) template: &'static [i16],
}

impl PartialEq for LandmarkScheme {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for LandmarkScheme {}

static ALL: [LandmarkScheme; 10] = [
    LandmarkScheme {
        name: "mediapipe-478",
        counts: &[478, 468],
        parts: tables::MEDIAPIPE_478,
        template: &mean_shapes::MEDIAPIPE_478,
    },
    LandmarkScheme {
        name: "ibug-68",
        counts: &[68],
        parts: tables::IBUG_68,
        template: &mean_shapes::IBUG_68,
    },
    LandmarkScheme {
        name: "wflw-98",
        counts: &[98],
        parts: tables::WFLW_98,
        template: &mean_shapes::WFLW_98,
    },
    LandmarkScheme {
        name: "lapa-106",
        counts: &[106],
        parts: tables::LAPA_106,
        template: &mean_shapes::LAPA_106,
    },
    LandmarkScheme {
        name: "insightface-106",
        counts: &[106],
        parts: tables::INSIGHTFACE_106,
        template: &mean_shapes::INSIGHTFACE_106,
    },
    LandmarkScheme {
        name: "arcface-5",
        counts: &[5],
        parts: tables::ARCFACE_5,
        template: &mean_shapes::ARCFACE_5,
    },
    LandmarkScheme { name: "dlib-5", counts: &[5], parts: tables::DLIB_5, template: &mean_shapes::DLIB_5 },
    LandmarkScheme {
        name: "blazeface-6",
        counts: &[6],
        parts: tables::BLAZEFACE_6,
        template: &mean_shapes::BLAZEFACE_6,
    },
    LandmarkScheme {
        name: "cofw-29",
        counts: &[29],
        parts: tables::COFW_29,
        template: &mean_shapes::COFW_29,
    },
    LandmarkScheme {
        name: "aflw-19",
        counts: &[19],
        parts: tables::AFLW_19,
        template: &mean_shapes::AFLW_19,
    },
];

impl LandmarkScheme {
    /// Every scheme.
    pub const ALL: &'static [Self] = &ALL;

    /// The scheme of that exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|scheme| scheme.name == name)
    }

    /// All named groups of indices, in the order of the table.
    pub fn groups(&self) -> impl Iterator<Item = (&'static str, &'static [u16])> {
        self.parts.iter().copied()
    }

    /// The indices of one group, or `None` when the scheme has no such part.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&'static [u16]> {
        self.groups().find(|(part, _)| *part == name).map(|(_, indices)| indices)
    }

    /// The counts as a sentence has them: `478 or 468`.
    pub(super) fn counts_in_words(&self) -> String {
        let counts: Vec<_> = self.counts.iter().map(ToString::to_string).collect();
        counts.join(" or ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_templates_agree_with_the_counts() {
        for scheme in LandmarkScheme::ALL {
            let longest = scheme.counts[0];
            assert_eq!(scheme.template.len(), 2 * longest, "{}", scheme.name);
            for (part, indices) in scheme.groups() {
                assert!(!indices.is_empty(), "{} {part}", scheme.name);
                assert!(indices.iter().all(|&i| usize::from(i) < longest), "{} {part}", scheme.name);
            }
            assert_eq!(LandmarkScheme::from_name(scheme.name), Some(scheme));
        }
        assert_eq!(LandmarkScheme::from_name("auto"), None);
    }
}
