//! A face that was found: its frame, and the part of each feature.

use super::face_model::{COUNT, FaceFrame, Feature, MEAN_FACE, MeanFeature};
use crate::geometry::Point;
use crate::regions::label_parts::LabelPart;

/// The side of a feature that nothing covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct VisibleSide {
    /// The outermost point of the feature at this side, image frame.
    pub(super) end: Point,
    /// -1 for the side at the viewer's left of the upright face, 1 for that at the right.
    pub(super) sign: f64,
}

/// A face that candidates form.
#[derive(Clone)]
pub(crate) struct FoundFace {
    pub(crate) frame: FaceFrame,
    pub(crate) mirrored: bool,
    /// The candidate of each feature of [`MEAN_FACE`].
    pub(crate) parts: [Option<LabelPart>; COUNT],
    /// The visible side of each feature that is known to be covered at the other.
    pub(super) sides: [Option<VisibleSide>; COUNT],
    /// The evidence for this face, in units of a log-likelihood ratio.
    pub(crate) score: f64,
}

impl FoundFace {
    pub(crate) fn part(&self, feature: Feature) -> Option<&LabelPart> {
        self.matched().find(|(mean, _)| mean.feature == feature).map(|(_, part)| part)
    }

    /// The features that were found, with their parts.
    pub(crate) fn matched(&self) -> impl Iterator<Item = (&'static MeanFeature, &LabelPart)> {
        MEAN_FACE.iter().zip(&self.parts).filter_map(|(mean, part)| Some((mean, part.as_ref()?)))
    }

    /// The part of the feature that a label belongs to, and whether the feature has several labels; `None` for a label
    /// of no feature.
    pub(crate) fn part_of_label(&self, name: &str) -> Option<(bool, Option<&LabelPart>)> {
        let index = MEAN_FACE.iter().position(|mean| mean.labels.contains(&name))?;
        Some((MEAN_FACE[index].labels.len() > 1, self.parts[index].as_ref()))
    }

    /// Whether a feature is covered at one side.
    pub(super) fn is_covered(&self, feature: Feature) -> bool {
        MEAN_FACE.iter().zip(&self.sides).any(|(mean, side)| mean.feature == feature && side.is_some())
    }

    /// The number of features but ears, which give no frame.
    pub(crate) fn feature_count(&self) -> usize {
        self.matched().filter(|(mean, _)| !is_ear(mean.feature)).count()
    }

    /// Whether there is something of the eyes, and below it something else.
    pub(crate) fn has_eyes_and_below(&self) -> bool {
        let has = |features: &[Feature]| features.iter().any(|&feature| self.part(feature).is_some());
        has(&[Feature::EyeR, Feature::EyeL, Feature::BrowR, Feature::BrowL, Feature::Glasses])
            && has(&[Feature::Nose, Feature::Mouth])
    }
}

pub(super) const fn is_ear(feature: Feature) -> bool {
    matches!(feature, Feature::EarR | Feature::EarL)
}
