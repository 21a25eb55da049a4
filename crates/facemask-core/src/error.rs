//! The error type of the workspace: kind, parameter and message.

use std::fmt;

/// The kinds of errors. The [code](ErrorKind::code) of a kind never changes: it is the `code` of the Python exception
/// and the slug of the HTTP problem type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The photo is neither PNG nor JPEG nor WebP.
    ImageUnsupported,
    /// The photo is truncated, damaged, or contradicts its header.
    ImageCorrupt,
    /// The photo has more pixels or bytes than the limit allows.
    ImageTooLarge,
    /// The file format or the pixel layout of the label map cannot carry labels.
    MapUnsupported,
    /// The label map is truncated, damaged, or contradicts its header.
    MapCorrupt,
    /// The label map has more pixels or bytes than the limit allows.
    MapTooLarge,
    /// The label map was encoded by a lossy codec, which alters labels.
    MapNotLossless,
    /// The values of the label map are not labels: ids above 255, colors outside the palette, wrong shape.
    MapInvalid,
    /// The aspect ratio of the label map differs from that of the photo.
    MapAspectMismatch,
    /// There is no label map, and the landmarks do not outline a face.
    MapRequired,
    /// The label map has longer borders than the limit allows (noise, not a face).
    MapTooComplex,
    /// The landmarks are not finite numbers in one of the accepted shapes.
    LandmarksInvalid,
    /// The landmarks do not form a face in any (or in the named) scheme.
    LandmarksImplausible,
    /// Neither landmarks nor labels locate a face, or a photo shows none.
    NoFace,
    /// What a photo shows may be a face, but its points are not certain.
    FaceUncertain,
    /// A photo shows several faces of similar size, and none was chosen.
    FaceAmbiguous,
    /// A neural network, or the package that runs it, is not installed.
    ModelMissing,
    /// The file of a neural network is damaged, or is another file.
    ModelInvalid,
    /// The file of a neural network cannot be fetched.
    ModelUnreachable,
    /// The crop around the landmarks holds next to nothing of the labeled face.
    CropEmpty,
    /// The value of an option is outside its range.
    OptionInvalid,
    /// A text is not valid base64.
    Base64Invalid,
    /// The requested format cannot represent the outlines, or cannot be written here.
    FormatImpossible,
    /// A bug of the library, not a fault of the caller.
    Internal,
}

impl ErrorKind {
    /// Every kind, for tables that must be complete.
    pub const ALL: [Self; 24] = [
        Self::ImageUnsupported,
        Self::ImageCorrupt,
        Self::ImageTooLarge,
        Self::MapUnsupported,
        Self::MapCorrupt,
        Self::MapTooLarge,
        Self::MapNotLossless,
        Self::MapInvalid,
        Self::MapAspectMismatch,
        Self::MapRequired,
        Self::MapTooComplex,
        Self::LandmarksInvalid,
        Self::LandmarksImplausible,
        Self::NoFace,
        Self::FaceUncertain,
        Self::FaceAmbiguous,
        Self::ModelMissing,
        Self::ModelInvalid,
        Self::ModelUnreachable,
        Self::CropEmpty,
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
            Self::MapRequired => "map_required",
            Self::MapTooComplex => "map_too_complex",
            Self::LandmarksInvalid => "landmarks_invalid",
            Self::LandmarksImplausible => "landmarks_implausible",
            Self::NoFace => "no_face",
            Self::FaceUncertain => "face_uncertain",
            Self::FaceAmbiguous => "face_ambiguous",
            Self::ModelMissing => "model_missing",
            Self::ModelInvalid => "model_invalid",
            Self::ModelUnreachable => "model_unreachable",
            Self::CropEmpty => "crop_empty",
            Self::OptionInvalid => "option_invalid",
            Self::Base64Invalid => "base64_invalid",
            Self::FormatImpossible => "format_impossible",
            Self::Internal => "internal_error",
        }
    }
}

/// A result with the [`Error`] of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// An error: its kind, the parameter at fault, and a sentence with the actual and the expected value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The kind.
    pub kind: ErrorKind,
    /// The parameter at fault, as the library names it: `image`, `labels`, `landmarks`, or the name of an option.
    pub field: String,
    /// A sentence for the user, without a final full stop.
    pub detail: String,
}

impl Error {
    /// An error of that kind about `field`.
    pub fn new(kind: ErrorKind, field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind, field: field.into(), detail: detail.into() }
    }

    /// An error of kind [`ErrorKind::OptionInvalid`] about option `name`.
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

/// Most characters of a value that an error repeats.
const MAX_QUOTED: usize = 60;

/// A text as an error repeats it: in quotes, with escapes, and cut where it is long.
#[must_use]
pub fn quote(text: &str) -> String {
    text.char_indices()
        .nth(MAX_QUOTED)
        .map_or_else(|| format!("{text:?}"), |(end, _)| format!("{:?}...", &text[..end]))
}

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
    fn long_texts_are_cut_between_characters() {
        assert_eq!(quote("Face\n"), r#""Face\n""#);
        assert_eq!(quote(&"é".repeat(60)), format!("\"{}\"", "é".repeat(60)));
        assert_eq!(quote(&"é".repeat(61)), format!("\"{}\"...", "é".repeat(60)));
    }

    #[test]
    fn an_error_reads_as_field_and_reason() {
        let error = Error::option("tolerance", "must be between 0 and 100, got -1");
        assert_eq!(error.to_string(), "tolerance: must be between 0 and 100, got -1");
        assert_eq!(error.kind.code(), "option_invalid");
    }
}
