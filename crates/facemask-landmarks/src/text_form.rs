//! Which form a text has, by its first characters and lines.

use facemask_core::error::Result;
use facemask_core::geometry::Point;

use crate::landmark_file::{LandmarkForm, invalid, invalid_line};
use crate::matrix_shape::{faces, is_known_count};
use crate::numbers::{Line, NumberRows, cells, content_lines, number_rows, parse_number};
use crate::rows::{annotation_line, counted_rows, yolo};
use crate::{csv, matrix, pts, xml};

/// Whether a text is JSON, valid or not: an object, a list, a string, null, true or false.
pub(crate) fn is_json(text: &str) -> bool {
    let text = text.trim();
    match text.as_bytes().first() {
        Some(b'{') => true,
        Some(b'[') => !matrix::is_bracketed_matrix(text),
        // A quoted name begins the head of a table.
        Some(b'"') => text.len() > 1 && text.ends_with('"') && !text.contains(['\n', '\r', ',', ';', '\t']),
        _ => matches!(text, "null" | "true" | "false"),
    }
}

/// Reads a text that is no JSON: its form, and the faces with the coordinates of the file.
///
/// # Errors
///
/// Those of the forms, and for a text of no form.
pub(crate) fn read(text: &str) -> Result<(LandmarkForm, Vec<Vec<Point>>)> {
    if text.trim_start().starts_with('<') {
        return xml::read(text);
    }
    let lines = content_lines(text)?;
    let Some(&first) = lines.first() else {
        return Err(invalid("the file holds nothing but blank lines and comments"));
    };
    if pts::is_head(first) {
        return Ok((LandmarkForm::Pts, pts::read(&lines)?));
    }
    if first.text.starts_with('[') || matrix::is_assignment(first) {
        return Ok((LandmarkForm::Matrix, matrix::read(&lines)?));
    }
    if let Some(found) = csv::read(&lines)? {
        return Ok(found);
    }
    if let Some(found) = annotation_line::read(annotation_line::without_celeba_head(&lines)?)? {
        return Ok(found);
    }
    if let Some(faces) = counted_rows::read(&lines)? {
        return Ok((LandmarkForm::CountedRows, faces));
    }
    check_first_line(first)?;
    let rows = without_column_numbers(number_rows(&lines)?);
    if let Some(faces) = yolo::read(&rows)? {
        return Ok((LandmarkForm::Yolo, faces));
    }
    let faces = faces(&rows.values, rows.columns, |row| format!("line {}", rows.lines[row]))?;
    Ok((LandmarkForm::Rows, faces))
}

/// Checks that the first line is numbers: otherwise the file is of no known form, and line 1 alone would mislead.
fn check_first_line(first: Line<'_>) -> Result<()> {
    if cells(first)?.iter().any(|cell| parse_number(cell).is_some()) {
        return Ok(());
    }
    let forms =
        "rows of x and y, CSV with a head x,y, .pts, lines of WFLW, LaPa or HELEN, OpenFace CSV, JSON";
    Err(invalid_line(
        first.number,
        format!("the text is no landmark file of a known form; it may be {forms}"),
    ))
}

/// Drops the first row where it holds the numbers of the columns, 0 and 1, as pandas writes them above an array.
fn without_column_numbers(mut rows: NumberRows) -> NumberRows {
    let is_numbering = matches!(rows.columns, 2 | 3)
        && rows
            .values
            .get(..rows.columns)
            .is_some_and(|row| row.iter().zip(0..).all(|(&x, i)| x == f64::from(i)));
    if is_numbering && is_known_count(rows.lines.len() - 1) && !is_known_count(rows.lines.len()) {
        rows.values.drain(..rows.columns);
        rows.lines.remove(0);
    }
    rows
}
