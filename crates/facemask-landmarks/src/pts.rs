//! `.pts` of 300-W, iBUG and menpo: `version: 1`, `n_points: 68`, then the points in braces.

use facemask_core::error::Result;
use facemask_core::geometry::Point;

use crate::landmark_file::{MAX_POINTS, coordinate_fault, invalid, invalid_line, too_many_points};
use crate::numbers::{Line, numbers};

/// Whether the first line is that of a `.pts` file.
pub(crate) fn is_head(line: Line<'_>) -> bool {
    let key = line.text.split(':').next().unwrap_or_default().trim();
    line.text.contains(':') && ["version", "n_points"].iter().any(|name| key.eq_ignore_ascii_case(name))
}

/// Where in the file the reader is.
#[derive(PartialEq)]
enum Section {
    Head,
    Points,
    End,
}

/// Reads the points, with the coordinates of the file.
///
/// # Errors
///
/// For a file that is truncated, or whose `n_points` is not the number of points in braces.
pub(crate) fn read(lines: &[Line<'_>]) -> Result<Vec<Vec<Point>>> {
    let mut points = Vec::new();
    let mut declared = None;
    let mut section = Section::Head;
    for &line in lines {
        let mut rest = line.text;
        if section == Section::Head {
            let (head, points) =
                rest.split_once('{').map_or((rest, None), |(head, points)| (head, Some(points)));
            declared = read_head(Line { text: head.trim(), ..line })?.or(declared);
            let Some(points) = points else { continue };
            (section, rest) = (Section::Points, points);
        }
        let mut tail = "";
        let mut has_ended = false;
        if section == Section::Points
            && let Some((points, after)) = rest.split_once('}')
        {
            (rest, tail, has_ended) = (points, after, true);
        }
        if section == Section::End || !tail.trim().is_empty() {
            return Err(invalid_line(
                line.number,
                "nothing may follow the closing brace; a .pts file holds one face",
            ));
        }
        if !rest.trim().is_empty() {
            points.push(read_point(Line { text: rest.trim(), ..line })?);
            if points.len() > MAX_POINTS {
                return Err(too_many_points());
            }
        }
        if has_ended {
            section = Section::End;
        }
    }
    match (section, declared) {
        (Section::Head, _) => Err(invalid("the .pts file has no points in braces")),
        (Section::Points, _) => Err(invalid("the .pts file is truncated: its closing brace is missing")),
        (Section::End, Some(count)) if count != points.len() => {
            let detail = format!("n_points is {count}, but the braces hold {} points", points.len());
            Err(invalid(detail))
        }
        (Section::End, _) => Ok(vec![points]),
    }
}

/// The number of points in `n_points: 68`; `None` for other lines of the head.
fn read_head(line: Line<'_>) -> Result<Option<usize>> {
    if line.text.is_empty() {
        return Ok(None);
    }
    let Some((key, value)) = line.text.split_once(':') else {
        return Err(invalid_line(line.number, "must be `version: 1`, `n_points: N` or `{`"));
    };
    if !key.trim().eq_ignore_ascii_case("n_points") {
        return Ok(None);
    }
    let count =
        value.trim().parse().map_err(|_| invalid_line(line.number, "n_points must be a whole number"))?;
    if count > MAX_POINTS { Err(too_many_points()) } else { Ok(Some(count)) }
}

fn read_point(line: Line<'_>) -> Result<Point> {
    let (x, y) = match numbers(line)?[..] {
        [x, y] | [x, y, _] => (x, y),
        ref other => {
            return Err(invalid_line(line.number, format!("must be x and y, got {} numbers", other.len())));
        }
    };
    match coordinate_fault(x).or_else(|| coordinate_fault(y)) {
        Some(fault) => Err(invalid_line(line.number, fault)),
        None => Ok(Point::new(x, y)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::content_lines;

    fn read_text(text: &str) -> Result<Vec<Vec<Point>>> {
        read(&content_lines(text).unwrap())
    }

    #[test]
    fn braces_may_stand_anywhere() {
        let expected = vec![vec![Point::new(1.0, 2.0), Point::new(3.0, 4.0)]];
        for text in [
            "version: 1\nn_points: 2\n{\n1 2\n3 4\n}\n",
            "version: 1\t\r\nn_points:  2\t\r\n{\t\r\n1 2\t\r\n3 4\t\r\n}",
            "Version: 1\nn_points: 2 {\n1 2 0\n3 4 0 }\n",
            "n_points: 2\n{ 1 2\n3 4\n}\n\n",
        ] {
            assert_eq!(read_text(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_head_that_contradicts_its_points_is_an_error() {
        for (text, words) in [
            ("version: 1\nn_points: 3\n{\n1 2\n3 4\n}", "n_points is 3, but the braces hold 2 points"),
            ("version: 1\nn_points: 2\n{\n1 2\n3 4\n", "closing brace is missing"),
            ("version: 1\nn_points: 2\n", "no points in braces"),
            ("version: 1\nn_points: two\n{\n", "line 2: n_points must be a whole number"),
            ("version: 1\nn_points: 99999999999\n{\n", "more than 1048576 points"),
            ("version: 1\n1 2\n", "line 2: must be `version: 1`"),
            ("version: 1\n{\n1 2\n}\n{\n3 4\n}\n", "line 5: nothing may follow"),
            ("version: 1\n{\n1 2\n1 nan\n}\n", "line 4: must be finite numbers"),
            ("version: 1\n{\n1 2\n1\n}\n", "line 4: must be x and y, got 1 numbers"),
        ] {
            let error = read_text(text).unwrap_err();
            assert!(error.detail.contains(words), "{text}: {error}");
        }
    }
}
