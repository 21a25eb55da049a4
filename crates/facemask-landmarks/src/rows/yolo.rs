//! Labels of YOLO for poses: a class, a box and the points of a face a line, all in ratios of the picture, after
//! [the page of Ultralytics](https://docs.ultralytics.com/datasets/pose/). A point is x and y, or x, y and a visibility.

use facemask_core::error::Result;
use facemask_core::geometry::Point;

use crate::landmark_file::{MAX_POINTS, invalid_line, too_many_points};
use crate::matrix_shape::is_known_count;
use crate::numbers::NumberRows;

/// Numbers in front of the points: class, center, width and height.
const HEAD: usize = 5;
/// Classes of a data set.
const MAX_CLASS: f64 = 1000.0;

/// Reads the faces of such lines; `None` for other rows.
///
/// # Errors
///
/// For a point that is marked as missing: visibility 0, or -1 as x or y.
pub(crate) fn read(rows: &NumberRows) -> Result<Option<Vec<Vec<Point>>>> {
    let Some(step) = point_step(rows) else { return Ok(None) };
    let count = (rows.columns - HEAD) / step;
    if count * rows.lines.len() > MAX_POINTS {
        return Err(too_many_points());
    }
    let mut faces = Vec::with_capacity(rows.lines.len());
    for (row, &line) in rows.values.chunks_exact(rows.columns).zip(&rows.lines) {
        let points = row[HEAD..].chunks_exact(step);
        if let Some(missing) = points.clone().position(is_missing) {
            let detail = format!("point {missing} of {count} is marked as missing; a face needs all points");
            return Err(invalid_line(line, detail));
        }
        faces.push(points.map(|point| Point::new(point[0], point[1])).collect());
    }
    Ok(Some(faces))
}

fn is_missing(point: &[f64]) -> bool {
    point[0] < 0.0 || point[1] < 0.0 || point.get(2) == Some(&0.0)
}

/// The numbers of a point, two or three, where all rows have a class, a box and the points of a scheme.
fn point_step(rows: &NumberRows) -> Option<usize> {
    let numbers = rows.columns.checked_sub(HEAD)?;
    let step =
        [2, 3].into_iter().find(|&step| numbers.is_multiple_of(step) && is_known_count(numbers / step))?;
    let is_label = |row: &[f64]| {
        let (class, sides, rest) = (row[0], &row[3..HEAD], &row[HEAD..]);
        let has_class = (0.0..MAX_CLASS).contains(&class) && class.fract() == 0.0;
        let has_box = row[1..HEAD].iter().all(|ratio| (0.0..=1.0).contains(ratio))
            && sides.iter().all(|&side| side > 0.0);
        let is_coordinate = |&number: &f64| number == -1.0 || (-0.5..=1.5).contains(&number);
        let is_point = |point: &[f64]| {
            point[..2].iter().all(is_coordinate)
                && point.get(2).is_none_or(|&v| matches!(v, -1.0 | 0.0 | 1.0 | 2.0))
        };
        has_class && has_box && rest.chunks_exact(step).all(is_point)
    };
    (!rows.values.is_empty() && rows.values.chunks_exact(rows.columns).all(is_label)).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::{content_lines, number_rows};

    fn read_text(text: &str) -> Result<Option<Vec<Vec<Point>>>> {
        read(&number_rows(&content_lines(text)?)?)
    }

    /// Five points: (0.4, 0.1), (0.4, 0.2), ...
    fn points(third: &str) -> String {
        (1..=5).map(|i| format!(" 0.4 0.{i}{third}")).collect()
    }

    #[test]
    fn a_class_and_a_box_stand_before_the_points() {
        let expected: Vec<_> = (1..=5).map(|i| Point::new(0.4, f64::from(i) / 10.0)).collect();
        for third in ["", " 2", " 1"] {
            let line = format!("0 0.5 0.5 0.2 0.3{}\n", points(third));
            assert_eq!(read_text(&line).unwrap(), Some(vec![expected.clone()]), "{line}");
            assert_eq!(read_text(&line.repeat(3)).unwrap(), Some(vec![expected.clone(); 3]));
        }
    }

    #[test]
    fn other_rows_are_none_and_missing_points_are_errors() {
        let line = format!("0 0.5 0.5 0.2 0.3{}", points(" 2"));
        for (from, to) in
            [("0 0.5", "0.5 0.5"), ("0.2 0.3", "20 0.3"), ("0.2 0.3", "0 0.3"), (" 2", " 7"), ("0.4", "40")]
        {
            assert_eq!(read_text(&line.replace(from, to)).unwrap(), None, "{to}");
        }
        assert_eq!(read_text("1 2\n3 4\n").unwrap(), None);
        for missing in [line.replacen(" 2", " 0", 1), line.replacen("0.4 0.1", "-1 -1", 1)] {
            let error = read_text(&missing).unwrap_err();
            assert!(error.detail.starts_with("line 1: point 0 of 5 is marked as missing"), "{error}");
        }
    }
}
