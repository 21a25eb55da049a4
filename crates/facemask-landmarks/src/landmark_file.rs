//! What a landmark file holds, its limits, and the errors of all forms.

use facemask_core::error::{Error, ErrorKind, Result};
use facemask_core::geometry::Point;

/// Largest file in bytes, except of JSON, which is not read here.
pub const MAX_BYTES: usize = 1 << 26;
/// Most lines with content in a text file.
pub const MAX_LINES: usize = 1 << 20;
/// Most points in a file.
pub const MAX_POINTS: usize = 1 << 20;
/// Largest absolute coordinate, as of landmarks in the core.
const MAX_COORDINATE: f64 = 1e6;
/// Points whose coordinates are all within this are ratios, as for `landmark_units: auto`.
const MAX_RATIO: f64 = 2.0;

/// The forms of landmark files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LandmarkForm {
    /// Any JSON text.
    Json,
    /// `.pts` of 300-W, iBUG and menpo: version, number of points, points in braces.
    Pts,
    /// A line of WFLW: 196 numbers, and in one of its lists a box and six attributes, then the picture's name.
    Wflw,
    /// A line of the coordinates of one face, with the picture's name in front or behind.
    AnnotationLine,
    /// A number of points (LaPa) or a name (HELEN) in the first line, then a point a line.
    CountedRows,
    /// Lines of numbers alone.
    Rows,
    /// A table with a head that names the columns x and y, or x_0, x_1 ... and y_0, y_1 ...
    Csv,
    /// A table of OpenFace.
    OpenFace,
    /// A matrix in brackets, as MATLAB and NumPy print it.
    Matrix,
    /// An array that NumPy saved.
    Npy,
    /// The XML of dlib's imglab.
    DlibXml,
    /// The XML of CVAT.
    CvatXml,
    /// The labels of YOLO pose: a class, a box and points, in ratios.
    Yolo,
}

impl LandmarkForm {
    /// Every form.
    pub const ALL: [Self; 13] = [
        Self::Json,
        Self::Pts,
        Self::Wflw,
        Self::AnnotationLine,
        Self::CountedRows,
        Self::Rows,
        Self::Csv,
        Self::OpenFace,
        Self::Matrix,
        Self::Npy,
        Self::DlibXml,
        Self::CvatXml,
        Self::Yolo,
    ];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Pts => "pts",
            Self::Wflw => "wflw",
            Self::AnnotationLine => "annotation-line",
            Self::CountedRows => "counted-rows",
            Self::Rows => "rows",
            Self::Csv => "csv",
            Self::OpenFace => "openface",
            Self::Matrix => "matrix",
            Self::Npy => "npy",
            Self::DlibXml => "dlib-xml",
            Self::CvatXml => "cvat-xml",
            Self::Yolo => "yolo",
        }
    }

    /// The coordinate of the first pixel's center, where the form defines it to be 1; else 0, and coordinates are taken
    /// as those of an array are.
    ///
    /// The annotations of 300-W are in the convention of MATLAB: the top left pixel is x = 1, y = 1. In the image frame
    /// that pixel covers 0 to 1, so its center is 0.5, and a coordinate of the file is half a pixel too large.
    #[must_use]
    pub const fn first_pixel(self) -> u8 {
        matches!(self, Self::Pts) as u8
    }
}

/// The content of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum LandmarkContent {
    /// JSON text without a byte order mark.
    Json(String),
    /// The points of each face, at least one of which has points. A box or row without points keeps its index.
    Faces(Vec<Vec<Point>>),
}

/// A landmark file.
#[derive(Clone, Debug, PartialEq)]
pub struct LandmarkFile {
    /// The form of the file.
    pub form: LandmarkForm,
    /// The content of the file.
    pub content: LandmarkContent,
}

impl LandmarkFile {
    /// The faces of a file of that form, moved to the image frame.
    pub(crate) fn from_faces(form: LandmarkForm, mut faces: Vec<Vec<Point>>) -> Result<Self> {
        if faces.iter().all(Vec::is_empty) {
            let detail = "the file holds no points; leave the landmarks out to use the label map alone";
            return Err(invalid(detail));
        }
        for face in &mut faces {
            let are_ratios = face.iter().all(|p| p.x.abs() <= MAX_RATIO && p.y.abs() <= MAX_RATIO);
            if form.first_pixel() == 1 && !are_ratios {
                face.iter_mut().for_each(|p| *p = Point::new(p.x - 0.5, p.y - 0.5));
            }
        }
        Ok(Self { form, content: LandmarkContent::Faces(faces) })
    }
}

/// An error about the whole file.
pub(crate) fn invalid(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::LandmarksInvalid, "landmarks", detail)
}

/// An error about a line, counted from 1.
pub(crate) fn invalid_line(line: usize, detail: impl AsRef<str>) -> Error {
    invalid(format!("line {line}: {}", detail.as_ref()))
}

/// Checks the size of a file.
pub(crate) fn check_size(bytes: usize) -> Result<()> {
    if bytes > MAX_BYTES {
        let detail = format!("the file has {bytes} bytes; a landmark file may have {MAX_BYTES}");
        return Err(invalid(detail));
    }
    Ok(())
}

/// The error for more points than a file may have.
pub(crate) fn too_many_points() -> Error {
    invalid(format!("the file has more than {MAX_POINTS} points"))
}

/// Why a coordinate is invalid, or `None` if it is valid. The reason does not repeat the coordinate.
pub(crate) fn coordinate_fault(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("must be finite numbers of at most a million, got nan")
    } else if value.is_infinite() {
        Some("must be finite numbers of at most a million, got an infinite one")
    } else if value.abs() > MAX_COORDINATE {
        Some("must be finite numbers of at most a million, got a larger one")
    } else {
        None
    }
}

/// As [`coordinate_fault`], for both coordinates of a point.
pub(crate) fn point_fault(point: Point) -> Option<&'static str> {
    coordinate_fault(point.x).or_else(|| coordinate_fault(point.y))
}
