//! What a file is for. The same damage is `image_corrupt` in a photo and `map_corrupt` in a label map.

use facemask_core::error::{Error, ErrorKind};

/// What the caller sent the bytes as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InputKind {
    /// The photo: field `image`.
    Photo,
    /// The label map: field `labels`.
    LabelMap,
}

impl InputKind {
    /// The parameter's name in errors.
    pub(crate) const fn field(self) -> &'static str {
        match self {
            Self::Photo => "image",
            Self::LabelMap => "labels",
        }
    }

    /// What a person calls it.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::LabelMap => "label map",
        }
    }

    /// The file formats that are read.
    pub(crate) const fn formats(self) -> &'static str {
        match self {
            Self::Photo => "a PNG, JPEG or WebP file",
            Self::LabelMap => "a PNG or lossless WebP file",
        }
    }

    /// Cut short, damaged, or not what the header says.
    pub(crate) fn corrupt(self, detail: impl Into<String>) -> Error {
        let kind = match self {
            Self::Photo => ErrorKind::ImageCorrupt,
            Self::LabelMap => ErrorKind::MapCorrupt,
        };
        Error::new(kind, self.field(), detail)
    }

    /// A format or variant that is not read.
    pub(crate) fn unsupported(self, detail: impl Into<String>) -> Error {
        let kind = match self {
            Self::Photo => ErrorKind::ImageUnsupported,
            Self::LabelMap => ErrorKind::MapUnsupported,
        };
        Error::new(kind, self.field(), detail)
    }

    /// More pixels than the limit allows.
    pub(crate) fn too_large(self, detail: impl Into<String>) -> Error {
        let kind = match self {
            Self::Photo => ErrorKind::ImageTooLarge,
            Self::LabelMap => ErrorKind::MapTooLarge,
        };
        Error::new(kind, self.field(), detail)
    }
}
