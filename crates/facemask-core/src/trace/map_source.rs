//! Where the label map of a trace comes from.

use super::landmark_labels::LandmarkLabels;
use super::parsed_labels::ParsedLabels;
use crate::face::SelectedFace;

/// Where a label map comes from.
#[derive(Clone, Copy)]
pub(super) enum MapSource<'a> {
    /// The caller.
    Caller,
    /// The landmarks, through which it was painted.
    Landmarks(&'a LandmarkLabels),
    /// A parser.
    Parser(&'a ParsedLabels),
}

impl<'a> MapSource<'a> {
    /// The name in a result.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Caller => "map",
            Self::Landmarks(_) => "landmarks",
            Self::Parser(_) => "parser",
        }
    }

    /// The face that was selected before there was a map.
    pub(super) const fn face(self) -> Option<&'a SelectedFace> {
        match self {
            Self::Caller => None,
            Self::Landmarks(painted) => Some(&painted.face),
            Self::Parser(parsed) => Some(&parsed.face),
        }
    }

    /// The painted labels, if the landmarks gave them.
    pub(super) const fn painted(self) -> Option<&'a LandmarkLabels> {
        match self {
            Self::Landmarks(painted) => Some(painted),
            Self::Caller | Self::Parser(_) => None,
        }
    }
}
