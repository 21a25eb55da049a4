//! The one error type of the workspace: what went wrong, where, and a sentence for a person.

use std::fmt;

/// What went wrong, as a closed list. The [code](ErrorKind::code) of a kind never changes: it is the
/// `code` of the Python exception and the slug of the HTTP problem type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The photo is none of PNG, JPEG, WebP.
    ImageUnsupported,
    /// The photo is truncated, damaged, or not what its header says.
    ImageCorrupt,
    /// The photo has more pixels or bytes than the limit allows.
    ImageTooLarge,
    /// The label map's file format or pixel layout is not one that carries labels.
    MapUnsupported,
    /// The label map is truncated, damaged, or not what its header says.
    MapCorrupt,
    /// The label map has more pixels or bytes than the limit allows.
    MapTooLarge,
    /// The label map came through a lossy codec, which invents labels.
    MapNotLossless,
    /// The label map's values are not labels: ids above 255, colours outside the palette, wrong shape.
    MapInvalid,
    /// The label map's shape does not fit the photo's.
    MapAspectMismatch,
    /// The label map has more borders than the limit allows (noise, not a face).
    MapTooComplex,
    /// The landmarks are not finite numbers in one of the accepted shapes.
    LandmarksInvalid,
    /// The landmarks do not form a face in any (or in the named) scheme.
    LandmarksImplausible,
    /// Neither landmarks nor labels say where the face is.
    NoFace,
    /// An option has a value outside its range.
    OptionInvalid,
    /// Text that should be base64 is not.
    Base64Invalid,
    /// The format asked for has no way to hold the outlines, or cannot be made here.
    FormatImpossible,
    /// A bug of ours, never the caller's fault.
    Internal,
}

impl ErrorKind {
    /// Every kind, for tables that must cover them all.
    pub const ALL: [Self; 17] = [
        Self::ImageUnsupported,
        Self::ImageCorrupt,
        Self::ImageTooLarge,
        Self::MapUnsupported,
        Self::MapCorrupt,
        Self::MapTooLarge,
        Self::MapNotLossless,
        Self::MapInvalid,
        Self::MapAspectMismatch,
        Self::MapTooComplex,
        Self::LandmarksInvalid,
        Self::LandmarksImplausible,
        Self::NoFace,
        Self::OptionInvalid,
        Self::Base64Invalid,
        Self::FormatImpossible,
        Self::Internal,
    ];

    /// The stable slug, the same in Rust, Python and HTTP.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ImageUnsupported => "image_unsupported",
            Self::ImageCorrupt => "image_corrupt",
            Self::ImageTooLarge => "image_too_large",
            Self::MapUnsupported => "map_unsupported",
            Self::MapCorrupt => "map_corrupt",
            Self::MapTooLarge => "map_too_large",
            Self::MapNotLossless => "map_not_lossless",
            Self::MapInvalid => "map_invalid",
            Self::MapAspectMismatch => "map_aspect_mismatch",
            Self::MapTooComplex => "map_too_complex",
            Self::LandmarksInvalid => "landmarks_invalid",
            Self::LandmarksImplausible => "landmarks_implausible",
            Self::NoFace => "no_face",
            Self::OptionInvalid => "option_invalid",
            Self::Base64Invalid => "base64_invalid",
            Self::FormatImpossible => "format_impossible",
            Self::Internal => "internal_error",
        }
    }
}

/// Shorthand for a result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// An error: its kind, the parameter it is about, and one sentence that says what came and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What went wrong.
    pub kind: ErrorKind,
    /// The parameter at fault by the library's name: `image`, `labels`, `landmarks`, or an option's name.
    pub field: String,
    /// One sentence for a person, without a final full stop.
    pub detail: String,
}

impl Error {
    /// Makes an error about `field`.
    pub fn new(kind: ErrorKind, field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind, field: field.into(), detail: detail.into() }
    }

    /// An option whose value is outside its range.
    pub fn option(name: &str, detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::OptionInvalid, name, detail)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.detail)
        } else {
            write!(f, "{}: {}", self.field, self.detail)
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_distinct_slugs() {
        let codes: HashSet<_> = ErrorKind::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(codes.len(), ErrorKind::ALL.len());
        assert!(
            codes
                .iter()
                .all(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'))
        );
    }

    #[test]
    fn an_error_reads_as_field_and_reason() {
        let error = Error::option("tolerance", "must be between 0 and 100, got -1");
        assert_eq!(error.to_string(), "tolerance: must be between 0 and 100, got -1");
        assert_eq!(error.kind.code(), "option_invalid");
    }
}
