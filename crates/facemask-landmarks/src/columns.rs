//! The head of a table: which column is what.

use std::collections::HashMap;

use facemask_core::error::Result;

use crate::landmark_file::invalid_line;
use crate::matrix_shape::is_known_count;
use crate::numbers::parse_number;

/// Columns of pictures or of frames of a video: their rows belong to different pictures.
const PICTURE_NAMES: [&str; 9] =
    ["frame", "image", "image_id", "image_name", "img", "file", "file_name", "filename", "path"];
/// Columns that tell the faces of a table of one point a row.
const FACE_NAMES: [&str; 4] = ["face", "face_id", "face_index", "face_idx"];

/// The coordinates of a table.
pub(crate) enum CoordinateColumns {
    /// A point a row.
    Long { x: usize, y: usize, face: Option<usize> },
    /// A face a row: the columns of x and of y by point.
    Wide { x: Vec<usize>, y: Vec<usize> },
}

/// The columns of a table.
pub(crate) struct Columns {
    /// The coordinates.
    pub(crate) coordinates: CoordinateColumns,
    /// The picture, or the frame of a video.
    pub(crate) picture: Option<usize>,
    /// OpenFace's flag: 0 where it found no face.
    pub(crate) success: Option<usize>,
    /// Whether OpenFace wrote the table.
    pub(crate) is_openface: bool,
    /// The number of columns.
    pub(crate) count: usize,
}

/// Reads the head of a table. Names are trimmed; `None` if they name no coordinates.
///
/// # Errors
///
/// For numbered columns with a gap, and for other numbers in x than in y.
pub(crate) fn read_head(names: &[&str], line: usize) -> Result<Option<Columns>> {
    let find =
        |wanted: &[&str]| names.iter().position(|name| wanted.iter().any(|w| name.eq_ignore_ascii_case(w)));
    let coordinates = if let (Some(x), Some(y)) = (find(&["x"]), find(&["y"])) {
        CoordinateColumns::Long { x, y, face: find(&FACE_NAMES) }
    } else if let Some(coordinates) = wide_columns(names, line)? {
        coordinates
    } else if let Some(coordinates) = named_columns(names) {
        coordinates
    } else if let Some(first) = numbered_columns(names) {
        CoordinateColumns::Long { x: first, y: first + 1, face: None }
    } else {
        return Ok(None);
    };
    Ok(Some(Columns {
        is_openface: matches!(coordinates, CoordinateColumns::Wide { .. }) && find(&["confidence"]).is_some(),
        coordinates,
        picture: find(&PICTURE_NAMES),
        success: find(&["success"]),
        count: names.len(),
    }))
}

/// Columns x_0, x_1 ... and y_0, y_1 ..., or x0, x1 ...; OpenFace's X_0 are points of space, so case matters where both
/// occur.
fn wide_columns(names: &[&str], line: usize) -> Result<Option<CoordinateColumns>> {
    for (x, y) in [('x', 'y'), ('X', 'Y')] {
        let (x, y) = (numbered(names, x), numbered(names, y));
        if x.is_empty() || y.is_empty() {
            continue;
        }
        let first = x[0].0;
        let has_gap = x.iter().zip(first..).any(|(&(number, _), expected)| number != expected);
        if first > 1 || has_gap {
            return Err(invalid_line(line, "the columns of x must be numbered from 0 or 1 without a gap"));
        }
        if !x.iter().map(|&(number, _)| number).eq(y.iter().map(|&(number, _)| number)) {
            return Err(invalid_line(line, "the columns of y must have the numbers that those of x have"));
        }
        let columns = |list: Vec<(u32, usize)>| list.into_iter().map(|(_, column)| column).collect();
        return Ok(Some(CoordinateColumns::Wide { x: columns(x), y: columns(y) }));
    }
    Ok(None)
}

/// Number and column of each name such as `x_17`, by number.
fn numbered(names: &[&str], letter: char) -> Vec<(u32, usize)> {
    let number = |name: &str| {
        let digits = name.strip_prefix(letter)?;
        let digits = digits.strip_prefix('_').unwrap_or(digits);
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
    };
    let mut found: Vec<_> =
        names.iter().enumerate().filter_map(|(column, name)| Some((number(name)?, column))).collect();
    found.sort_unstable();
    found
}

/// Columns such as `nose_x` and `nose_y`, in the order of the table, where there are as many as a scheme has points:
/// CelebA's five. (OpenFace's gaze has such columns too.)
fn named_columns(names: &[&str]) -> Option<CoordinateColumns> {
    let by_name: HashMap<&str, usize> = names
        .iter()
        .enumerate()
        .filter_map(|(column, name)| Some((name.strip_suffix("_y")?, column)))
        .collect();
    let pairs: Vec<_> = names
        .iter()
        .enumerate()
        .filter_map(|(column, name)| Some((column, *by_name.get(name.strip_suffix("_x")?)?)))
        .collect();
    let (x, y) = pairs.iter().copied().unzip();
    is_known_count(pairs.len()).then_some(CoordinateColumns::Wide { x, y })
}

/// The first of the columns 0 and 1 that pandas writes for an array behind its index, whose own head is empty.
fn numbered_columns(names: &[&str]) -> Option<usize> {
    let (first, rest) = names.split_first()?;
    let is_numbering =
        first.is_empty() && rest.iter().zip(0..).all(|(name, i)| parse_number(name) == Some(f64::from(i)));
    (is_numbering && matches!(rest.len(), 2 | 3)).then_some(1)
}
