//! Kind of an input file. The same damage is `image_corrupt` in a photo and `map_corrupt` in a label map.

use facemask_core::error::{Error, ErrorKind};

/// Kind of an input file, as declared by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InputKind {
    /// The photo: field `image`.
    Photo,
    /// The label map: field `labels`.
    LabelMap,
}

impl InputKind {
    /// Parameter name in errors.
    pub(crate) const fn field(self) -> &'static str {
        match self {
            Self::Photo => "image",
            Self::LabelMap => "labels",
        }
    }

    /// Noun in error messages.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::LabelMap => "label map",
        }
    }

    /// Supported file formats, in words.
    pub(crate) const fn formats(self) -> &'static str {
        match self {
            Self::Photo => "a PNG, JPEG or WebP file",
            Self::LabelMap => "a PNG, lossless WebP, TIFF or NumPy file, or a COCO or labelme document",
        }
    }

    /// Error for a file that is truncated, damaged, or differs from its header.
    pub(crate) fn corrupt(self, detail: impl Into<String>) -> Error {
        let kind = match self {
            Self::Photo => ErrorKind::ImageCorrupt,
            Self::LabelMap => ErrorKind::MapCorrupt,
        };
        Error::new(kind, self.field(), detail)
    }

    /// Error for a format or variant that is not supported.
    pub(crate) fn unsupported(self, detail: impl Into<String>) -> Error {
        let kind = match self {
            Self::Photo => ErrorKind::ImageUnsupported,
            Self::LabelMap => ErrorKind::MapUnsupported,
        };
        Error::new(kind, self.field(), detail)
    }

    /// Error for more pixels than a limit allows.
    pub(crate) fn too_large(self, detail: impl Into<String>) -> Error {
        let kind = match self {
            Self::Photo => ErrorKind::ImageTooLarge,
            Self::LabelMap => ErrorKind::MapTooLarge,
        };
        Error::new(kind, self.field(), detail)
    }
}
