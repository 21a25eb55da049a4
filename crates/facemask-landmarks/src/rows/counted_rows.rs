//! A number of points (LaPa) or the name of a picture (HELEN) in the first line, then a point a line.

use facemask_core::error::Result;
use facemask_core::geometry::Point;

use crate::landmark_file::{MAX_POINTS, invalid, too_many_points};
use crate::matrix_shape::faces;
use crate::numbers::{Line, cells, number_rows, parse_number};

/// What the first line says.
enum FirstLine {
    Count(usize),
    Name,
}

/// The head of such a file; `None` for other files.
fn head(lines: &[Line<'_>]) -> Option<FirstLine> {
    let (first, second) = (cells(*lines.first()?).ok()?, cells(*lines.get(1)?).ok()?);
    if !matches!(second.len(), 2..=4) || !second.iter().all(|cell| parse_number(cell).is_some()) {
        return None;
    }
    match first[..] {
        [count] if parse_number(count).is_some() => count.parse().ok().map(FirstLine::Count),
        // Several words may name columns in another order than x and y.
        [_] => Some(FirstLine::Name),
        _ => None,
    }
}

/// Reads the points; `None` if the first line is no such head.
///
/// # Errors
///
/// For another number of rows than the first line says, and for rows that are not all of two or three numbers.
pub(crate) fn read(lines: &[Line<'_>]) -> Result<Option<Vec<Vec<Point>>>> {
    let Some(head) = head(lines) else { return Ok(None) };
    if matches!(head, FirstLine::Count(count) if count > MAX_POINTS) {
        return Err(too_many_points());
    }
    let rows = number_rows(&lines[1..])?;
    if let FirstLine::Count(count) = head
        && count != rows.lines.len()
    {
        let detail = format!("line {} says {count} points, but {} follow", lines[0].number, rows.lines.len());
        return Err(invalid(detail));
    }
    faces(&rows.values, rows.columns, |row| format!("line {}", rows.lines[row])).map(Some)
}
