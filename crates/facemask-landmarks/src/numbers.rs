//! Lines with content, their cells and numbers.

use facemask_core::error::Result;

use crate::landmark_file::{MAX_LINES, MAX_POINTS, invalid, invalid_line};

/// Most numbers, or cells of a line, in a text file: x, y and z of every point.
const MAX_NUMBERS: usize = 3 * MAX_POINTS;

/// A line with content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// Number of the line in the file, counted from 1.
    pub(crate) number: usize,
    /// Its text without comment, trimmed.
    pub(crate) text: &'a str,
    /// The same with the blanks around it, which are cells of a table with tabs.
    pub(crate) untrimmed: &'a str,
}

/// The lines of a text that are neither blank nor comments (`#`, `%`, `//`).
///
/// # Errors
///
/// For more than [`MAX_LINES`] of them.
pub(crate) fn content_lines(text: &str) -> Result<Vec<Line<'_>>> {
    // Spreadsheets of old Macs end lines by a carriage return alone.
    let end = if text.contains('\n') { '\n' } else { '\r' };
    let mut lines = Vec::new();
    for (index, line) in text.split(end).enumerate() {
        let untrimmed = without_comment(line);
        let text = untrimmed.trim();
        if !text.is_empty() {
            if lines.len() == MAX_LINES {
                return Err(invalid(format!("the file has more than {MAX_LINES} lines")));
            }
            lines.push(Line { number: index + 1, text, untrimmed });
        }
    }
    Ok(lines)
}

/// A comment begins the line or follows a blank: names of pictures may hold its signs.
fn without_comment(line: &str) -> &str {
    let mut previous = b' ';
    let bytes = line.as_bytes();
    for (index, &byte) in bytes.iter().enumerate() {
        let is_sign = matches!(byte, b'#' | b'%') || (byte == b'/' && bytes.get(index + 1) == Some(&b'/'));
        if is_sign && previous.is_ascii_whitespace() {
            return &line[..index];
        }
        previous = byte;
    }
    line
}

/// The cells of a line: between semicolons if there are any, else between commas, blanks and tabs. Brackets and quotes
/// around a cell are dropped.
///
/// # Errors
///
/// For an empty cell between two separators: a missing number would shift all others.
pub(crate) fn cells<'a>(line: Line<'a>) -> Result<Vec<&'a str>> {
    let mut found = Vec::new();
    let mut add = |field: &'a str| {
        for cell in field.split_whitespace() {
            let cell = cell.trim_matches(['(', ')', '[', ']', '"', '\'']);
            if !cell.is_empty() {
                found.push(cell);
            }
        }
        if found.len() > MAX_NUMBERS {
            return Err(invalid_line(line.number, format!("has more than {MAX_NUMBERS} cells")));
        }
        Ok(())
    };
    let Some(separator) = [';', ','].into_iter().find(|&sign| line.text.contains(sign)) else {
        add(line.text)?;
        return Ok(found);
    };
    let text = line.text.strip_suffix(separator).unwrap_or(line.text);
    for field in text.split(separator) {
        if field.trim().is_empty() {
            return Err(invalid_line(
                line.number,
                "has an empty cell; every point needs a number for x and for y",
            ));
        }
        add(field)?;
    }
    Ok(found)
}

/// The number in a cell, with a decimal point or a decimal comma.
pub(crate) fn parse_number(cell: &str) -> Option<f64> {
    if cell.bytes().filter(|&byte| byte == b',').count() == 1 && !cell.contains('.') {
        return cell.replace(',', ".").parse().ok();
    }
    cell.parse().ok()
}

/// The numbers of a line.
///
/// # Errors
///
/// For a cell that is no number. The error does not repeat it.
pub(crate) fn numbers(line: Line<'_>) -> Result<Vec<f64>> {
    let parse = |(index, cell): (usize, &str)| {
        parse_number(cell).ok_or_else(|| {
            invalid_line(line.number, format!("must hold numbers, but value {} is not a number", index + 1))
        })
    };
    cells(line)?.into_iter().enumerate().map(parse).collect()
}

/// The numbers of all lines as rows of one length.
pub(crate) struct NumberRows {
    /// The numbers, row by row.
    pub(crate) values: Vec<f64>,
    /// The line of each row.
    pub(crate) lines: Vec<usize>,
    /// Numbers in a row.
    pub(crate) columns: usize,
}

/// Reads lines of numbers.
///
/// # Errors
///
/// For a line that is no such line, or has another number of numbers than the first one.
pub(crate) fn number_rows(lines: &[Line<'_>]) -> Result<NumberRows> {
    let mut rows = NumberRows { values: Vec::new(), lines: Vec::with_capacity(lines.len()), columns: 0 };
    for &line in lines {
        let numbers = numbers(line)?;
        if numbers.is_empty() {
            continue;
        }
        if rows.lines.is_empty() {
            rows.columns = numbers.len();
        }
        if numbers.len() != rows.columns {
            let detail =
                format!("must have {} numbers as the first row has, got {}", rows.columns, numbers.len());
            return Err(invalid_line(line.number, detail));
        }
        if rows.values.len() + numbers.len() > MAX_NUMBERS {
            return Err(invalid_line(
                line.number,
                format!("is beyond the {MAX_NUMBERS} numbers that a file may have"),
            ));
        }
        rows.values.extend(numbers);
        rows.lines.push(line.number);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Vec<f64>> {
        content_lines(text).unwrap().into_iter().map(|line| numbers(line).unwrap()).collect()
    }

    #[test]
    fn separators_of_all_kinds() {
        for text in [
            "1.5 20",
            "1.5\t20",
            "1.5,20",
            " 1.5 , 20 ",
            "1.5;20",
            "1,5; 20",
            "(1.5, 20)",
            "[1.5 20]",
            "1.5,20,",
        ] {
            assert_eq!(read(text), [[1.5, 20.0]], "{text}");
        }
        assert_eq!(read("1e2 -2.5E-1\r\n+3 .5\r\n"), [[100.0, -0.25], [3.0, 0.5]]);
        assert_eq!(read("1 2\r3 4\r"), [[1.0, 2.0], [3.0, 4.0]]);
    }

    #[test]
    fn comments_and_blank_lines_are_skipped_and_lines_keep_their_number() {
        let lines = content_lines("# head\n\n1 2 # nose\n  % more\n// x\n3 4 // y\na//b 5\n").unwrap();
        let found: Vec<_> = lines.iter().map(|line| (line.number, line.text)).collect();
        assert_eq!(found, [(3, "1 2"), (6, "3 4"), (7, "a//b 5")]);
    }

    #[test]
    fn a_missing_number_is_no_shift() {
        let line = Line { number: 7, text: "1,,2", untrimmed: "" };
        assert!(cells(line).unwrap_err().to_string().starts_with("landmarks: line 7: has an empty cell"));
        let error = numbers(Line { number: 3, text: "1 2.3.4", untrimmed: "" }).unwrap_err();
        assert_eq!(error.detail, "line 3: must hold numbers, but value 2 is not a number");
    }
}
