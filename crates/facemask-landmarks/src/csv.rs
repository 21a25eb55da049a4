//! Tables with a head: a point a row (`x,y`), or a face a row (`x_0 ... y_0 ...`) as OpenFace writes it.

use std::collections::{HashMap, HashSet};

use facemask_core::error::Result;
use facemask_core::geometry::Point;

use crate::columns::{Columns, CoordinateColumns, read_head};
use crate::landmark_file::{
    LandmarkForm, MAX_POINTS, coordinate_fault, invalid, invalid_line, too_many_points,
};
use crate::numbers::{Line, parse_number};

/// Most columns; OpenFace writes 714 with everything it knows.
const MAX_COLUMNS: usize = 1 << 14;

/// Reads a table; `None` if the first line names no coordinates.
///
/// # Errors
///
/// For rows with other numbers of cells than the head, cells without a number, and rows of several pictures.
pub(crate) fn read(lines: &[Line<'_>]) -> Result<Option<(LandmarkForm, Vec<Vec<Point>>)>> {
    let Some((&head, rows)) = lines.split_first() else { return Ok(None) };
    let separator = separator(head.text);
    let Some(names) = split(head.untrimmed, separator) else { return Ok(None) };
    if names.iter().all(|name| name.is_empty() || parse_number(name).is_some()) && !names[0].is_empty() {
        return Ok(None);
    }
    let Some(columns) = read_head(&names, head.number)? else { return Ok(None) };
    let form = if columns.is_openface { LandmarkForm::OpenFace } else { LandmarkForm::Csv };
    Ok(Some((form, read_rows(rows, separator, &columns)?)))
}

fn read_rows(lines: &[Line<'_>], separator: Separator, columns: &Columns) -> Result<Vec<Vec<Point>>> {
    if lines.is_empty() {
        return Err(invalid("the table has a head and no rows: it holds no face"));
    }
    let mut faces: Vec<Vec<Point>> = Vec::new();
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    let mut pictures = HashSet::new();
    // Rows whose face was not found, by index, with their picture.
    let mut without_points: HashMap<usize, Option<&str>> = HashMap::new();
    let mut count = 0;
    for &line in lines {
        let cells =
            split(line.untrimmed, separator).filter(|cells| cells.len() == columns.count).ok_or_else(
                || invalid_line(line.number, format!("must have {} cells as the head has", columns.count)),
            )?;
        let picture = columns.picture.map(|column| cells[column]);
        if columns.success.is_some_and(|column| parse_number(cells[column]) == Some(0.0)) {
            // In a table of a face a row, the face keeps its index.
            if matches!(columns.coordinates, CoordinateColumns::Wide { .. }) {
                without_points.insert(faces.len(), picture);
                faces.push(Vec::new());
            }
            continue;
        }
        pictures.extend(picture);
        if pictures.len() > 1 {
            continue;
        }
        let point = |x: usize, y: usize| read_point(&cells, x, y, line.number);
        match &columns.coordinates {
            CoordinateColumns::Long { x, y, face } => {
                let name = face.map_or("", |column| cells[column]);
                let index = *by_name.entry(name).or_insert(faces.len());
                if index == faces.len() {
                    faces.push(Vec::new());
                }
                faces[index].push(point(*x, *y)?);
                count += 1;
            }
            CoordinateColumns::Wide { x, y } => {
                faces.push(x.iter().zip(y).map(|(&x, &y)| point(x, y)).collect::<Result<_>>()?);
                count += x.len();
            }
        }
        if count > MAX_POINTS {
            return Err(too_many_points());
        }
    }
    if pictures.len() > 1 {
        let detail = format!(
            "the table has {} pictures or frames; keep its head and the rows of your photo",
            pictures.len()
        );
        return Err(invalid(detail));
    }
    if faces.iter().all(Vec::is_empty) {
        return Err(invalid("OpenFace found no face: `success` is 0 in every row"));
    }
    // Those of other frames are none of this picture.
    let is_of_picture = |index: usize| {
        without_points.get(&index).is_none_or(|picture| picture.is_none_or(|name| pictures.contains(name)))
    };
    Ok(faces
        .into_iter()
        .enumerate()
        .filter(|&(index, _)| is_of_picture(index))
        .map(|(_, face)| face)
        .collect())
}

fn read_point(cells: &[&str], x: usize, y: usize, line: usize) -> Result<Point> {
    let number = |column: usize| {
        let value = parse_number(cells[column])
            .ok_or_else(|| invalid_line(line, format!("cell {} must hold a number", column + 1)))?;
        coordinate_fault(value).map_or(Ok(value), |fault| Err(invalid_line(line, fault)))
    };
    Ok(Point::new(number(x)?, number(y)?))
}

/// What stands between the cells of a table.
#[derive(Clone, Copy)]
enum Separator {
    Sign(char),
    Blanks,
}

/// The separator of a head. Where it is a semicolon or a tab, numbers may have decimal commas.
fn separator(head: &str) -> Separator {
    [';', '\t', ','].into_iter().find(|&sign| head.contains(sign)).map_or(Separator::Blanks, Separator::Sign)
}

/// The cells of a line, trimmed and without quotes; separators in quotes separate nothing. `None` for a quote that is
/// not closed, and for more than [`MAX_COLUMNS`] cells.
fn split(line: &str, separator: Separator) -> Option<Vec<&str>> {
    let mut cells = Vec::new();
    match separator {
        Separator::Blanks => cells.extend(line.split_whitespace().take(MAX_COLUMNS + 1)),
        Separator::Sign(sign) => {
            let mut start = 0;
            let mut is_quoted = false;
            for (index, letter) in line.char_indices() {
                if letter == '"' {
                    is_quoted = !is_quoted;
                } else if letter == sign && !is_quoted {
                    cells.push(&line[start..index]);
                    start = index + letter.len_utf8();
                    if cells.len() > MAX_COLUMNS {
                        return None;
                    }
                }
            }
            if is_quoted {
                return None;
            }
            cells.push(&line[start..]);
        }
    }
    (cells.len() <= MAX_COLUMNS)
        .then(|| cells.into_iter().map(|cell| cell.trim().trim_matches('"').trim()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::content_lines;

    fn read_text(text: &str) -> Result<Option<(LandmarkForm, Vec<Vec<Point>>)>> {
        read(&content_lines(text).unwrap())
    }

    fn faces(text: &str) -> Vec<Vec<(f64, f64)>> {
        let (_, faces) = read_text(text).unwrap().unwrap();
        faces.into_iter().map(|face| face.into_iter().map(|p| (p.x, p.y)).collect()).collect()
    }

    #[test]
    fn heads_name_their_columns() {
        let expected = [[(1.5, 2.0), (3.0, 4.0)]];
        for text in [
            "x,y\n1.5,2\n3,4\n",
            "X;Y\n1,5;2\n3;4\n",
            "x y\n1.5 2\n3 4\n",
            "\"x\",\"y\"\n\"1.5\",\"2\"\n3,4\n",
            "y\tx\tname\n2\t1,5\tleft, outer\n4\t3\t\n",
            ",x,y\n0,1.5,2\n1,3,4\n",
            ",0,1\n0,1.5,2\n1,3,4\n",
            "name,x,y,z\n\"a, b\",1.5,2,9\nc,3,4,9\n",
            "x_0,x_1,y_0,y_1\n1.5,3,2,4\n",
            "x2,y2,x1,y1\n3,4,1.5,2\n",
            "frame, x_0, x_1, y_0, y_1, X_0, Y_0\n1, 1.5, 3, 2, 4, 7, 7\n",
        ] {
            assert_eq!(faces(text), expected, "{text}");
        }
    }

    #[test]
    fn faces_of_one_picture_are_kept_apart_and_pictures_refused() {
        let long = "face,x,y\n0,1,2\n0,3,4\n1,5,6\n";
        assert_eq!(faces(long), [vec![(1.0, 2.0), (3.0, 4.0)], vec![(5.0, 6.0)]]);
        let head = "frame, face_id, confidence, success, x_0, y_0";
        let rows = "1, 0, 0.9, 1, 5, 6\n1, 1, 0.1, 0, 0, 0\n2, 0, 0.1, 0, 0, 0\n1, 2, 0.9, 1, 7, 8\n";
        assert_eq!(faces(&format!("{head}\n{rows}")), [vec![(5.0, 6.0)], vec![], vec![(7.0, 8.0)]]);
        for (rows, words) in [
            ("1, 0, 0.9, 1, 5, 6\n2, 0, 0.9, 1, 5, 6", "has 2 pictures or frames"),
            ("1, 0, 0.1, 0, 0, 0", "OpenFace found no face"),
            ("1, 0, 0.9, 1, 5", "line 2: must have 6 cells"),
            ("1, 0, 0.9, 1, 5,", "line 2: cell 6 must hold a number"),
            ("1, 0, 0.9, 1, 5, inf", "line 2: must be finite numbers"),
            ("", "has a head and no rows"),
        ] {
            let error = read_text(&format!("{head}\n{rows}\n")).unwrap_err();
            assert!(error.detail.contains(words), "{error}");
        }
        for (text, words) in
            [("x_0,x_2,y_0,y_2\n1,2,3,4", "without a gap"), ("x_0,x_1,y_0\n1,2,3", "columns of y")]
        {
            assert!(read_text(text).unwrap_err().detail.contains(words));
        }
    }

    #[test]
    fn columns_by_name_of_the_point_are_read_where_a_scheme_has_so_many() {
        let names = ["lefteye", "righteye", "nose", "leftmouth", "rightmouth"];
        let head: String = names.iter().map(|name| format!(",{name}_x,{name}_y")).collect();
        let text = format!("image_id{head}\n000001.jpg,69,109,106,113,77,142,73,152,108,154\n");
        assert_eq!(faces(&text)[0][4], (108.0, 154.0));
        assert!(read_text("gaze_0_x,gaze_0_y\n1,2\n").unwrap().is_none());
    }

    #[test]
    fn other_lines_are_no_head() {
        for text in ["row,col\n1,2\n", "1,2\n3,4\n", "name.jpg 1 2 3 4 5 6\n", "0,1\n3,4\n", "a,b\n1,2\n"] {
            assert!(read_text(text).unwrap().is_none(), "{text}");
        }
    }
}
