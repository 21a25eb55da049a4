//! Where the label map of a trace comes from.

use super::landmark_labels::LandmarkLabels;
use super::parsed_labels::ParsedLabels;
use crate::face::SelectedFace;

/// Where a label map comes from.
#[derive(Clone, Copy)]
pub(super) enum MapSource<'a> {
    /// The caller.
    Given,
    /// The landmarks, through which it was painted.
    Painted(&'a LandmarkLabels),
    /// A parser.
    Parsed(&'a ParsedLabels),
}

impl<'a> MapSource<'a> {
    /// The name in a result.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Given => "map",
            Self::Painted(_) => "landmarks",
            Self::Parsed(_) => "parser",
        }
    }

    /// The face that was selected before there was a map.
    pub(super) const fn face(self) -> Option<&'a SelectedFace> {
        match self {
            Self::Given => None,
            Self::Painted(painted) => Some(&painted.face),
            Self::Parsed(parsed) => Some(&parsed.face),
        }
    }

    /// The painted labels, if the landmarks gave them.
    pub(super) const fn painted(self) -> Option<&'a LandmarkLabels> {
        match self {
            Self::Painted(painted) => Some(painted),
            Self::Given | Self::Parsed(_) => None,
        }
    }
}
