//! Lines of lists such as those of WFLW: the coordinates of one face, and the name of its picture in front or behind.

use std::collections::HashSet;

use facemask_core::error::Result;
use facemask_core::geometry::Point;

use crate::landmark_file::{LandmarkForm, invalid, invalid_line};
use crate::matrix_shape::faces;
use crate::numbers::{Line, cells, parse_number};

/// Fewest numbers: two coordinates of three points.
const MIN_NUMBERS: usize = 6;
/// Coordinates of the 98 points of WFLW.
const WFLW_COORDINATES: usize = 196;
/// Numbers of a line of WFLW's lists with box (4) and attributes (6).
const WFLW_NUMBERS: usize = WFLW_COORDINATES + 10;

/// Where the name of the picture stands.
#[derive(Clone, Copy, PartialEq)]
enum NamePosition {
    First,
    Last,
}

/// The position of the name in a line of numbers and one name; `None` for other lines.
fn name_position(cells: &[&str]) -> Option<NamePosition> {
    let (first, last) = (cells.first()?, cells.last()?);
    let (position, numbers) = match (parse_number(first), parse_number(last)) {
        (None, Some(_)) => (NamePosition::First, &cells[1..]),
        (Some(_), None) => (NamePosition::Last, &cells[..cells.len() - 1]),
        _ => return None,
    };
    (numbers.len() >= MIN_NUMBERS && numbers.iter().all(|cell| parse_number(cell).is_some()))
        .then_some(position)
}

/// The lines behind the head of CelebA's lists: a number of pictures, then names such as `nose_x nose_y`. Other lines
/// stay.
///
/// # Errors
///
/// For such a head without a picture.
pub(crate) fn without_celeba_head<'a, 'b>(lines: &'a [Line<'b>]) -> Result<&'a [Line<'b>]> {
    let (Some(&first), Some(&second)) = (lines.first(), lines.get(1)) else { return Ok(lines) };
    let is_count = !first.text.is_empty() && first.text.bytes().all(|byte| byte.is_ascii_digit());
    let (Ok(names), true) = (cells(second), is_count) else { return Ok(lines) };
    let is_pair = |pair: &[&str]| matches!(pair, [x, y] if x.ends_with("_x") && y.ends_with("_y"));
    if names.len() < MIN_NUMBERS || !names.chunks(2).all(is_pair) {
        return Ok(lines);
    }
    match lines.get(2..) {
        Some(rows @ [_, ..]) => Ok(rows),
        _ => Err(invalid("the list of CelebA has a head and no line of a picture")),
    }
}

/// Reads the faces of one picture; `None` if the first line is no such line.
///
/// # Errors
///
/// For lines of several pictures, and for lines of another number of numbers than the first.
pub(crate) fn read(lines: &[Line<'_>]) -> Result<Option<(LandmarkForm, Vec<Vec<Point>>)>> {
    let Some(position) =
        lines.first().and_then(|&line| cells(line).ok()).and_then(|cells| name_position(&cells))
    else {
        return Ok(None);
    };
    let mut pictures = HashSet::new();
    let mut values = Vec::new();
    let mut rows = Vec::new();
    let mut columns = 0;
    for &line in lines {
        let cells = cells(line)?;
        if name_position(&cells) != Some(position) {
            return Err(invalid_line(
                line.number,
                "must be numbers and the name of a picture, as the first line is",
            ));
        }
        let (name, numbers) = match position {
            NamePosition::First => (cells[0], &cells[1..]),
            NamePosition::Last => (cells[cells.len() - 1], &cells[..cells.len() - 1]),
        };
        if columns == 0 {
            columns = numbers.len();
        }
        if numbers.len() != columns {
            let detail = format!("must have {columns} numbers as the first line has, got {}", numbers.len());
            return Err(invalid_line(line.number, detail));
        }
        pictures.insert(name);
        if pictures.len() == 1 {
            values.extend(numbers.iter().filter_map(|cell| parse_number(cell)));
            rows.push(line.number);
        }
    }
    if pictures.len() > 1 {
        let detail = format!(
            "the file lists {} pictures; keep the lines of your photo alone, as `grep NAME FILE` does",
            pictures.len()
        );
        return Err(invalid(detail));
    }
    let is_wflw = columns == WFLW_NUMBERS || columns == WFLW_COORDINATES;
    if columns == WFLW_NUMBERS {
        values = values.chunks_exact(columns).flat_map(|row| &row[..WFLW_COORDINATES]).copied().collect();
        columns = WFLW_COORDINATES;
    }
    let form = if is_wflw { LandmarkForm::Wflw } else { LandmarkForm::AnnotationLine };
    // Two or three lines are two or three faces here, never x, y and z.
    let mut found = Vec::with_capacity(rows.len());
    for (row, line) in values.chunks_exact(columns).zip(rows) {
        found.extend(faces(row, columns, |_| format!("line {line}"))?);
    }
    Ok(Some((form, found)))
}
