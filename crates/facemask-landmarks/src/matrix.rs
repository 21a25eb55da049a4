//! A matrix in brackets, as MATLAB (`[1 2; 3 4]`) and NumPy (`[[1. 2.] [3. 4.]]`) print it.

use facemask_core::error::Result;
use facemask_core::geometry::Point;

use crate::landmark_file::invalid;
use crate::matrix_shape::faces;
use crate::numbers::{Line, number_rows};

/// Whether a text in brackets is a matrix: numbers with blanks or semicolons between them, which JSON does not have.
pub(crate) fn is_bracketed_matrix(text: &str) -> bool {
    let mut has_blank = false;
    let mut previous = b'[';
    let mut is_matrix = false;
    for &byte in text.as_bytes() {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {
                has_blank = true;
                continue;
            }
            b';' => is_matrix = true,
            b'0'..=b'9' | b'+' | b'-' | b'.' | b'[' => {
                let ends_value = previous.is_ascii_digit() || matches!(previous, b'.' | b']');
                is_matrix |= has_blank && ends_value;
            }
            b'e' | b'E' | b',' | b']' | b'n' | b'a' | b'N' => {}
            _ => return false,
        }
        has_blank = false;
        previous = byte;
    }
    is_matrix
}

/// Whether the first line begins `name = [`, as MATLAB prints a variable.
pub(crate) fn is_assignment(line: Line<'_>) -> bool {
    let Some((name, value)) = line.text.split_once('=') else { return false };
    let name = name.trim();
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    is_name && !name.is_empty() && value.trim_start().starts_with('[')
}

/// Reads the matrix.
///
/// # Errors
///
/// For text that is no closed matrix of numbers, and for shapes without points.
pub(crate) fn read(lines: &[Line<'_>]) -> Result<Vec<Vec<Point>>> {
    let mut rows = Vec::new();
    let mut open = 0_i64;
    for (index, &line) in lines.iter().enumerate() {
        let assigned = if index == 0 { line.text.split_once('=').map(|(_, value)| value) } else { None };
        let text = assigned.unwrap_or(line.text);
        open += text.bytes().map(|byte| i64::from(byte == b'[') - i64::from(byte == b']')).sum::<i64>();
        // A semicolon, or a bracket between two, ends a row.
        let parts = text.split([';', '[', ']']).map(|part| part.trim().trim_matches(',').trim());
        rows.extend(parts.filter(|part| !part.is_empty()).map(|part| Line { text: part, ..line }));
    }
    if open != 0 {
        return Err(invalid("the matrix is truncated: its brackets are not closed"));
    }
    let rows = number_rows(&rows)?;
    faces(&rows.values, rows.columns, |row| format!("line {}", rows.lines[row]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::content_lines;

    #[test]
    fn matrices_are_told_from_json() {
        for text in
            ["[1 2; 3 4]", "[1,2;3,4]", "[[1. 2.]\n [3. 4.]]", "[[ 1  2]\n [-3 4]]", "[[1, 2]\n [3, 4]]"]
        {
            assert!(is_bracketed_matrix(text), "{text}");
            assert_eq!(read(&content_lines(text).unwrap()).unwrap()[0].len(), 2, "{text}");
        }
        for text in
            ["[[1, 2], [3, 4]]", "[ 1 , 2 ]", "[\n1,\n-2\n]", "[]", "[{\"x\": 1}]", "[[NaN, 1]]", "[1e5, 2]"]
        {
            assert!(!is_bracketed_matrix(text), "{text}");
        }
        let lines = content_lines("pts = [ 1.5 2\n 3 4 ];").unwrap();
        assert!(is_assignment(lines[0]));
        assert_eq!(read(&lines).unwrap(), [[Point::new(1.5, 2.0), Point::new(3.0, 4.0)]]);
        assert!(read(&content_lines("[1 2; 3 4").unwrap()).is_err());
    }
}
