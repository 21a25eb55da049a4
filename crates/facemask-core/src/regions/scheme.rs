//! Label schemes: the classes of a face-parsing label map.

use super::label_tables::{self as tables, LabelTable};
use crate::face::FacialFeatures;
use crate::geometry::{Point, Polygons, Rect};

/// Statistics of one label of a map, in the image frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelStat {
    /// The id, above 0 for anything but background.
    pub id: u8,
    /// The area in square pixels.
    pub area: f64,
    /// The centroid of the area.
    pub centroid: Point,
    /// The bounding box.
    pub bounds: Rect,
}

impl LabelStat {
    /// Measures the multipolygon of a label; `None` when its area is zero.
    #[must_use]
    pub fn measure(id: u8, polygons: &Polygons) -> Option<Self> {
        let (centroid, bounds) = (polygons.centroid()?, polygons.bounds()?);
        Some(Self { id, area: polygons.area(), centroid, bounds })
    }
}

/// A label scheme: the meaning of the ids of a label map.
///
/// ```
/// let scheme = facemask_core::regions::LabelScheme::from_name("lapa-11").unwrap();
/// assert_eq!((scheme.names[4], scheme.source_names[4]), ("eye_r", "left_eye"));
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct LabelScheme {
    /// The name in options and results, such as `lapa-11`.
    pub name: &'static str,
    /// Our label names by id, by the subject's sides: `names[4] == "eye_r"`.
    pub names: &'static [&'static str],
    /// The label names of the source by id.
    pub source_names: &'static [&'static str],
    /// Where the list comes from.
    pub source: &'static str,
}

/// In the order of preference: when two tables fit a map equally well, detection returns the earlier one.
static ALL: [LabelScheme; 7] = [
    LabelScheme::new("lapa-11", &tables::LAPA_11),
    LabelScheme::new("ibug-11", &tables::IBUG_11),
    LabelScheme::new("ibug-14", &tables::IBUG_14),
    LabelScheme::new("celebamask-hq-19", &tables::CELEBAMASK_HQ_19),
    LabelScheme::new("bisenet-19", &tables::BISENET_19),
    LabelScheme::new("farl-celebm-19", &tables::FARL_CELEBM_19),
    LabelScheme::new("mediapipe-multiclass-6", &tables::MEDIAPIPE_MULTICLASS_6),
];

impl LabelScheme {
    /// Every scheme.
    pub const ALL: &'static [Self] = &ALL;

    const fn new(name: &'static str, table: &LabelTable) -> Self {
        Self { name, names: table.names, source_names: table.source_names, source: table.source }
    }

    /// The scheme of that exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|scheme| scheme.name == name)
    }

    /// The id of one of our label names.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<u8> {
        let index = self.names.iter().position(|own| *own == name)?;
        u8::try_from(index).ok()
    }

    /// Whether an id is part of the face itself: skin, brows, eyes, nose, mouth. Hair, ears, neck and clothes are not.
    #[must_use]
    pub fn is_face(&self, id: u8) -> bool {
        const FACE: [&str; 9] =
            ["skin", "brow_r", "brow_l", "eye_r", "eye_l", "nose", "lip_upper", "mouth_inner", "lip_lower"];
        self.names.get(usize::from(id)).is_some_and(|name| FACE.contains(name))
    }

    /// Locates the features that determine a pose, as centroids of regions. Brows replace missing eyes. `None` when the
    /// map has neither both eyes nor both brows.
    #[must_use]
    pub fn locate_features(&self, stats: &[LabelStat]) -> Option<FacialFeatures> {
        let centroid = |name: &str| self.find_stat(stats, name).map(|stat| stat.centroid);
        let pair = |right, left| centroid(right).zip(centroid(left));
        let eyes = pair("eye_r", "eye_l");
        let (eye_r, eye_l) = eyes.or_else(|| pair("brow_r", "brow_l"))?;
        let brows = eyes.and_then(|_| mean_point(centroid("brow_r"), centroid("brow_l")));
        let mouth = ["lip_upper", "mouth_inner", "lip_lower"].map(|name| self.find_stat(stats, name));
        let mouth = area_weighted_centroid(mouth.into_iter().flatten());
        Some(FacialFeatures { eye_r, eye_l, mouth, nose: centroid("nose"), brows })
    }

    /// The statistics of a label; `None` when the label is not in the map, or its statistics are not usable numbers.
    pub(super) fn find_stat<'a>(&self, stats: &'a [LabelStat], name: &str) -> Option<&'a LabelStat> {
        let id = self.id(name)?;
        let is_usable = |stat: &&LabelStat| stat.area > 0.0 && stat.centroid.is_finite();
        stats.iter().find(|stat| stat.id == id).filter(is_usable)
    }
}

/// The midpoint of two points, or the only one that there is.
pub(super) fn mean_point(a: Option<Point>, b: Option<Point>) -> Option<Point> {
    a.zip(b).map(|(a, b)| a.midpoint(b)).or(a).or(b)
}

/// The common centroid of several areas.
fn area_weighted_centroid<'a>(stats: impl Iterator<Item = &'a LabelStat>) -> Option<Point> {
    let (sum, area) = stats.fold((Point::default(), 0.0), |(sum, area), stat| {
        (sum + stat.centroid * stat.area, area + stat.area)
    });
    (area > 0.0).then(|| sum * (1.0 / area)).filter(|p| p.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn tables_are_complete() {
        for scheme in LabelScheme::ALL {
            assert_eq!(scheme.names.len(), scheme.source_names.len(), "{}", scheme.name);
            assert_eq!(scheme.names[0], "background");
            assert_eq!(scheme.names.iter().collect::<HashSet<_>>().len(), scheme.names.len());
            let count = scheme.name.rsplit('-').next().unwrap();
            assert_eq!(count.parse::<usize>().unwrap(), scheme.names.len());
            assert_eq!(LabelScheme::from_name(scheme.name), Some(scheme));
        }
    }

    #[test]
    fn the_same_word_means_either_side() {
        let id = |scheme: &str, name| LabelScheme::from_name(scheme).unwrap().id(name);
        assert_eq!(id("lapa-11", "eye_r"), Some(4));
        assert_eq!(id("bisenet-19", "eye_r"), Some(5));
        assert_eq!(id("celebamask-hq-19", "lip_lower"), Some(12));
        assert_eq!(id("farl-celebm-19", "lip_lower"), Some(12));
        assert_eq!(id("lapa-11", "ear_r"), None);
    }
}
