//! Storage of label ids in a file, and the error for a value that is no id.

use facemask_core::error::{Error, ErrorKind};

use crate::input_kind::InputKind;

/// Storage of the label ids in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MapEncoding {
    /// A gray sample is the id.
    Gray,
    /// A palette index is the id.
    Palette,
    /// Red, green and blue are equal and are the id.
    GrayAsRgb,
    /// Each color stands for an id, by a given or a known palette.
    Colors,
    /// Black and white: 255 is label 1.
    Binary,
    /// Each mask of an annotation document is an id.
    Masks,
}

impl MapEncoding {
    /// Stable name for output: `gray`, `palette`, `grey_as_rgb`, `colors`, `binary`, `masks`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gray => "grey",
            Self::Palette => "palette",
            Self::GrayAsRgb => "grey_as_rgb",
            Self::Colors => "colours",
            Self::Binary => "binary",
            Self::Masks => "masks",
        }
    }
}

/// Error for a value that is no label id.
pub(super) fn invalid(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::MapInvalid, InputKind::LabelMap.field(), detail)
}

/// Error for a label map that went through a lossy codec, `what` with its article.
pub(super) fn not_lossless(what: &str) -> Error {
    Error::new(
        ErrorKind::MapNotLossless,
        InputKind::LabelMap.field(),
        format!(
            "the label map is {what}, which invents labels along every border; send it as a PNG or a lossless WebP"
        ),
    )
}
