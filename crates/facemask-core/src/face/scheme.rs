//! Landmark schemes: the number of points and the meaning of each index.

use super::landmark_tables::{self as parts, Parts};
use super::mean_shapes;

/// A landmark scheme: the order in which a family of detectors lists the points of a face.
///
/// ```
/// let scheme = facemask_core::face::LandmarkScheme::from_name("ibug-68").unwrap();
/// assert_eq!(scheme.part("eye_r_corners"), Some(&[36, 39][..]));
/// ```
#[derive(Debug)]
pub struct LandmarkScheme {
    /// The name in options and results, such as `mediapipe-478`.
    pub name: &'static str,
    /// The accepted numbers of points, the largest first.
    pub counts: &'static [usize],
    /// The parts, by the subject's sides. A face of fewer points lacks the indices beyond its count.
    pub parts: Parts,
    /// The mean shape, flat x, y in thousandths of the eye distance (see `mean_shapes`).
    pub(super) mean_shape: &'static [i16],
}

impl PartialEq for LandmarkScheme {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for LandmarkScheme {}

static ALL: [LandmarkScheme; 10] = [
    LandmarkScheme::new("mediapipe-478", &[478, 468], parts::MEDIAPIPE_478, &mean_shapes::MEDIAPIPE_478),
    LandmarkScheme::new("ibug-68", &[68], parts::IBUG_68, &mean_shapes::IBUG_68),
    LandmarkScheme::new("wflw-98", &[98], parts::WFLW_98, &mean_shapes::WFLW_98),
    LandmarkScheme::new("lapa-106", &[106], parts::LAPA_106, &mean_shapes::LAPA_106),
    LandmarkScheme::new("insightface-106", &[106], parts::INSIGHTFACE_106, &mean_shapes::INSIGHTFACE_106),
    LandmarkScheme::new("arcface-5", &[5], parts::ARCFACE_5, &mean_shapes::ARCFACE_5),
    LandmarkScheme::new("dlib-5", &[5], parts::DLIB_5, &mean_shapes::DLIB_5),
    LandmarkScheme::new("blazeface-6", &[6], parts::BLAZEFACE_6, &mean_shapes::BLAZEFACE_6),
    LandmarkScheme::new("cofw-29", &[29], parts::COFW_29, &mean_shapes::COFW_29),
    LandmarkScheme::new("aflw-19", &[19], parts::AFLW_19, &mean_shapes::AFLW_19),
];

impl LandmarkScheme {
    /// Every scheme.
    pub const ALL: &'static [Self] = &ALL;

    const fn new(
        name: &'static str,
        counts: &'static [usize],
        parts: Parts,
        mean_shape: &'static [i16],
    ) -> Self {
        Self { name, counts, parts, mean_shape }
    }

    /// The scheme of that exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|scheme| scheme.name == name)
    }

    /// The indices of a part, or `None` when the scheme has no such part.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&'static [u16]> {
        self.parts.iter().find(|(part, _)| *part == name).map(|&(_, indices)| indices)
    }

    /// The accepted counts for a message: `478 or 468`.
    pub(super) fn format_counts(&self) -> String {
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
            assert_eq!(scheme.mean_shape.len(), 2 * longest, "{}", scheme.name);
            for (part, indices) in scheme.parts {
                assert!(!indices.is_empty(), "{} {part}", scheme.name);
                assert!(indices.iter().all(|&i| usize::from(i) < longest), "{} {part}", scheme.name);
            }
            assert_eq!(LandmarkScheme::from_name(scheme.name), Some(scheme));
        }
        assert_eq!(LandmarkScheme::from_name("auto"), None);
    }
}
