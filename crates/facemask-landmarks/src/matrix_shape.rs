//! Which axis of a matrix of numbers is what: points, coordinates or faces.

use facemask_core::error::Result;
use facemask_core::face::LandmarkScheme;
use facemask_core::geometry::Point;

use crate::landmark_file::{MAX_POINTS, coordinate_fault, invalid, point_fault, too_many_points};

/// Rows and columns of a matrix as points.
enum Layout {
    /// A point a row; its coordinates begin at a column.
    PointRows { first_column: usize },
    /// A point a column: the first row holds x, the second y.
    PointColumns,
    /// A face a row: `step` numbers a point, of which the first two are x and y.
    FaceRows { step: usize },
}

/// The faces in a matrix of numbers, row by row.
///
/// Two or three columns are x, y and z, after an optional column that counts the rows. Two or three rows of as many
/// numbers as a scheme has points are x, y and z. Every other row is a face of x and y in turn, or of x, y and a third
/// number where only that gives the number of points of a scheme.
///
/// # Errors
///
/// For other shapes, more than [`MAX_POINTS`], and coordinates that are not finite or exceed a million; `locate` names
/// the row in the error.
pub(crate) fn faces(
    values: &[f64],
    columns: usize,
    locate: impl Fn(usize) -> String,
) -> Result<Vec<Vec<Point>>> {
    if values.is_empty() || columns == 0 {
        return Ok(Vec::new());
    }
    let rows = values.len() / columns;
    // One number a row is one flat list.
    let (rows, columns, is_flat) = if columns == 1 { (1, rows, true) } else { (rows, columns, false) };
    let layout = choose_layout(values, rows, columns)?;
    let point = |numbers: &[f64]| Point::new(numbers[0], numbers[1]);
    let points: Vec<Vec<Point>> = match layout {
        Layout::PointRows { first_column } => {
            check_count(rows)?;
            vec![values.chunks_exact(columns).map(|row| point(&row[first_column..])).collect()]
        }
        Layout::PointColumns => {
            check_count(columns)?;
            let (x, y) = (&values[..columns], &values[columns..2 * columns]);
            vec![x.iter().zip(y).map(|(&x, &y)| Point::new(x, y)).collect()]
        }
        Layout::FaceRows { step } => {
            check_count(values.len() / step)?;
            values.chunks_exact(columns).map(|row| row.chunks_exact(step).map(point).collect()).collect()
        }
    };
    for (face, list) in points.iter().enumerate() {
        for (index, &point) in list.iter().enumerate() {
            if let Some(fault) = point_fault(point) {
                let row = match layout {
                    Layout::PointRows { .. } => index,
                    Layout::PointColumns => usize::from(coordinate_fault(point.x).is_none()),
                    Layout::FaceRows { step } if is_flat => index * step,
                    Layout::FaceRows { .. } => face,
                };
                return Err(invalid(format!("{}: {fault}", locate(row))));
            }
        }
    }
    Ok(points)
}

fn choose_layout(values: &[f64], rows: usize, columns: usize) -> Result<Layout> {
    if matches!(columns, 3 | 4) && rows >= 3 && has_index_column(values, columns) {
        return Ok(Layout::PointRows { first_column: 1 });
    }
    if matches!(columns, 2 | 3) {
        return Ok(Layout::PointRows { first_column: 0 });
    }
    let step =
        [2, 3].into_iter().find(|&step| columns.is_multiple_of(step) && is_known_count(columns / step));
    if let Some(step) = step {
        return Ok(Layout::FaceRows { step });
    }
    if matches!(rows, 2 | 3) && columns > 4 {
        return Ok(Layout::PointColumns);
    }
    if columns > 4 && columns.is_multiple_of(2) {
        return Ok(Layout::FaceRows { step: 2 });
    }
    let expected = "two or three numbers a point, or all numbers of a face";
    Err(invalid(format!("each row must hold {expected}; got {rows} rows of {columns} numbers")))
}

fn has_index_column(values: &[f64], columns: usize) -> bool {
    let first = values[0];
    (first == 0.0 || first == 1.0)
        && values.chunks_exact(columns).enumerate().all(|(index, row)| row[0] == first + index as f64)
}

/// Whether a scheme has this number of points.
pub(crate) fn is_known_count(count: usize) -> bool {
    LandmarkScheme::ALL.iter().any(|scheme| scheme.counts.contains(&count))
}

fn check_count(points: usize) -> Result<()> {
    if points > MAX_POINTS { Err(too_many_points()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values 10, 11, 12 ... so that no column counts the rows.
    fn shape(rows: usize, columns: usize) -> Vec<(usize, Point)> {
        let values: Vec<f64> = (10..10 + rows * columns).map(|value| value as f64).collect();
        let faces = faces(&values, columns, |row| row.to_string()).unwrap();
        faces.into_iter().map(|face| (face.len(), face[0])).collect()
    }

    #[test]
    fn axes_are_told_by_their_lengths() {
        let point = |x: i32, y: i32| Point::new(f64::from(x), f64::from(y));
        assert_eq!(shape(68, 2), [(68, point(10, 11))]);
        assert_eq!(shape(68, 3), [(68, point(10, 11))]);
        assert_eq!(shape(2, 68), [(68, point(10, 78))]);
        assert_eq!(shape(3, 478), [(478, point(10, 488))]);
        assert_eq!(shape(1, 136), [(68, point(10, 11))]);
        assert_eq!(shape(136, 1), [(68, point(10, 11))]);
        assert_eq!(shape(1, 204), [(68, point(10, 11))], "x, y and a third number");
        assert_eq!(shape(2, 136), [(68, point(10, 11)), (68, point(146, 147))]);
        assert_eq!(shape(2, 10), [(5, point(10, 11)), (5, point(20, 21))]);
        assert_eq!(shape(2, 5), [(5, point(10, 15))]);
        assert!(faces(&[0.5; 24], 4, |row| row.to_string()).is_err());
    }

    #[test]
    fn a_column_that_counts_the_rows_is_no_coordinate() {
        for first in [0, 1] {
            let values: Vec<f64> = (0..5).flat_map(|i| [f64::from(i + first), 10.0, 20.0]).collect();
            assert_eq!(faces(&values, 3, |row| row.to_string()).unwrap(), [[Point::new(10.0, 20.0); 5]]);
        }
    }

    #[test]
    fn invalid_coordinates_are_found_in_their_row_and_the_depth_does_not_matter() {
        let mut values = vec![1.5; 15];
        values[5] = f64::NAN;
        assert!(faces(&values, 3, |row| row.to_string()).is_ok());
        values[4] = f64::INFINITY;
        let error = faces(&values, 3, |row| format!("row {row}")).unwrap_err();
        assert!(error.detail.starts_with("row 1: must be finite"), "{error}");
        let mut rows = vec![1.5; 2 * 68];
        rows[70] = f64::NAN;
        let error = faces(&rows, 68, |row| format!("row {row}")).unwrap_err();
        assert!(error.detail.starts_with("row 1: must be finite"), "x above y: {error}");
        let error = faces(&rows, 1, |row| format!("row {row}")).unwrap_err();
        assert!(error.detail.starts_with("row 70: must be finite"), "a number a row: {error}");
    }
}
