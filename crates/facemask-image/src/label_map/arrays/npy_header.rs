//! The header of an array in the NPY format, versions 1 to 3.
//!
//! Source: [NEP 1](https://numpy.org/neps/nep-0001-npy-format.html) and `numpy.lib.format`.

use std::io::Read;

use facemask_core::error::Result;

use super::super::encoding::invalid;
use crate::input_kind::InputKind;

const KIND: InputKind = InputKind::LabelMap;
/// `numpy.lib.format` warns above this length of a header's text.
const MAX_HEADER: usize = 10_000;

/// Type of the elements of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ElementKind {
    Bool,
    Unsigned,
    Signed,
    Float,
}

/// The header of an array of two dimensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NpyHeader {
    pub(super) kind: ElementKind,
    /// Bytes of an element: 1, 2, 4 or 8.
    pub(super) element_bytes: usize,
    pub(super) is_big_endian: bool,
    /// Whether the elements are stored column by column.
    pub(super) is_column_major: bool,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl NpyHeader {
    /// Reads the header from the start of a file. The elements follow.
    ///
    /// # Errors
    ///
    /// `map_corrupt` for a header that is cut or malformed, `map_unsupported` for an unknown version, `map_invalid` for
    /// elements that are no numbers, and for a shape that is not (height, width).
    pub(super) fn read(reader: &mut impl Read) -> Result<Self> {
        let mut front = [0; 8];
        read_exact(reader, &mut front)?;
        let version = front[6];
        let length = match version {
            1 => {
                let mut bytes = [0; 2];
                read_exact(reader, &mut bytes)?;
                usize::from(u16::from_le_bytes(bytes))
            }
            2 | 3 => {
                let mut bytes = [0; 4];
                read_exact(reader, &mut bytes)?;
                u32::from_le_bytes(bytes) as usize
            }
            _ => {
                return Err(KIND.unsupported(format!(
                    "the label map is an NPY file of version {version}, expected 1 to 3"
                )));
            }
        };
        if length > MAX_HEADER {
            return Err(KIND.corrupt(format!(
                "the label map's NPY header has {length} bytes, expected at most {MAX_HEADER}"
            )));
        }
        let mut text = vec![0; length];
        read_exact(reader, &mut text)?;
        Self::parse(&String::from_utf8_lossy(&text))
    }

    /// Parses the text of a header, a dict literal of Python.
    fn parse(text: &str) -> Result<Self> {
        let malformed = || KIND.corrupt("the label map's NPY header is not valid");
        let order = value_of(text, "fortran_order").ok_or_else(malformed)?;
        let is_column_major = order.starts_with("True");
        if !is_column_major && !order.starts_with("False") {
            return Err(malformed());
        }
        let shape = value_of(text, "shape").and_then(parse_shape).ok_or_else(malformed)?;
        let descr = value_of(text, "descr").ok_or_else(malformed)?;
        let quote = descr.chars().next().filter(|c| matches!(c, '\'' | '"'));
        let Some(quote) = quote else {
            return Err(invalid("the label map is an array of records; save the field with the ids alone"));
        };
        let name = descr[1..].split(quote).next().ok_or_else(malformed)?;
        let (kind, element_bytes) = parse_type(name)?;
        let [height, width] = to_height_and_width(&shape)?;
        Ok(Self {
            kind,
            element_bytes,
            is_big_endian: name.starts_with('>'),
            is_column_major,
            width: saturate(width),
            height: saturate(height),
        })
    }
}

/// A side as a number of 32 bits; the limits refuse the largest one.
fn saturate(side: u64) -> u32 {
    u32::try_from(side).unwrap_or(u32::MAX)
}

pub(super) fn read_exact(reader: &mut impl Read, buffer: &mut [u8]) -> Result<()> {
    reader.read_exact(buffer).map_err(|error| {
        let is_end = error.kind() == std::io::ErrorKind::UnexpectedEof;
        KIND.corrupt(if is_end {
            "the label map's array ends before its last element".to_owned()
        } else {
            format!("the label map's array cannot be decompressed: {error}")
        })
    })
}

/// The text behind the colon of a key.
fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let at = ['\'', '"'].iter().find_map(|quote| {
        let quoted = format!("{quote}{key}{quote}");
        text.find(&quoted).map(|at| at + quoted.len())
    })?;
    text[at..].trim_start().strip_prefix(':').map(str::trim_start)
}

/// The sides of a shape: a tuple of numbers, up to 64 as in NumPy.
fn parse_shape(text: &str) -> Option<Vec<u64>> {
    let inner = text.strip_prefix('(')?.split(')').next()?;
    let sides: Vec<&str> = inner.split(',').map(str::trim).filter(|side| !side.is_empty()).collect();
    // Python 2 wrote long numbers with an L.
    let parse = |side: &&str| side.trim_end_matches('L').parse().ok();
    if sides.len() <= 64 { sides.iter().map(parse).collect() } else { None }
}

/// Kind and bytes of an element.
fn parse_type(name: &str) -> Result<(ElementKind, usize)> {
    let code = name.trim_start_matches(['<', '>', '|', '=']);
    Ok(match code {
        "b1" | "?" => (ElementKind::Bool, 1),
        "u1" => (ElementKind::Unsigned, 1),
        "u2" => (ElementKind::Unsigned, 2),
        "u4" => (ElementKind::Unsigned, 4),
        "u8" => (ElementKind::Unsigned, 8),
        "i1" => (ElementKind::Signed, 1),
        "i2" => (ElementKind::Signed, 2),
        "i4" => (ElementKind::Signed, 4),
        "i8" => (ElementKind::Signed, 8),
        "f2" => (ElementKind::Float, 2),
        "f4" => (ElementKind::Float, 4),
        "f8" => (ElementKind::Float, 8),
        _ if code.starts_with('O') => {
            return Err(invalid(
                "the label map is an array of Python objects, which cannot be read safely; save the ids as uint8",
            ));
        }
        _ => {
            let short: String = name.chars().take(20).collect();
            return Err(invalid(format!(
                "the label map is an array of type {short:?}, expected whole numbers"
            )));
        }
    })
}

/// Height and width of a shape, without sides of 1 in front and behind.
fn to_height_and_width(shape: &[u64]) -> Result<[u64; 2]> {
    let mut sides = shape;
    while sides.len() > 2 && sides[0] == 1 {
        sides = &sides[1..];
    }
    while sides.len() > 2 && sides[sides.len() - 1] == 1 {
        sides = &sides[..sides.len() - 1];
    }
    <[u64; 2]>::try_from(sides).map_err(|_| {
        let shown: Vec<String> = shape.iter().take(6).map(u64::to_string).collect();
        let remedy =
            if sides.len() == 3 { "; save the ids of class scores with scores.argmax(axis)" } else { "" };
        invalid(format!(
            "the label map is an array of shape ({}), expected (height, width){remedy}",
            shown.join(", ")
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(descr: &str, order: &str, shape: &str) -> Result<NpyHeader> {
        NpyHeader::parse(&format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}  \n"))
    }

    #[test]
    fn every_order_of_bytes_and_elements() {
        let header = parse("'>i4'", "True", "(3, 5)").unwrap();
        assert!(header.is_big_endian && header.is_column_major);
        assert_eq!((header.height, header.width, header.element_bytes), (3, 5, 4));
        let header = parse("\"|b1\"", "False", "(1L, 3L, 5L, 1)").unwrap();
        assert_eq!((header.height, header.width, header.kind), (3, 5, ElementKind::Bool));
        assert_eq!(parse("'<u8'", "False", "(1, 1)").unwrap().width, 1);
    }

    #[test]
    fn shapes_that_are_no_map_are_named() {
        for (shape, words) in [("(19, 4, 5)", "(19, 4, 5)"), ("(7,)", "(7)"), ("()", "()")] {
            let error = parse("'<f4'", "False", shape).unwrap_err();
            assert!(error.detail.contains(words), "{error}");
        }
        assert!(parse("'<f4'", "False", "(19, 4, 5)").unwrap_err().detail.contains("argmax"));
        assert_eq!(parse("'|u1'", "False", "(99999999999, 2)").unwrap().height, u32::MAX);
    }

    #[test]
    fn malformed_headers_are_refused() {
        for text in ["", "{}", "{'descr': '|u1'}", "{'descr': '|u1', 'fortran_order': 1, 'shape': (1, 1)}"] {
            assert!(NpyHeader::parse(text).is_err(), "{text}");
        }
        for shape in ["(1, -1)", "(1, 1e3)", "1, 1", "(99999999999999999999999, 1)"] {
            assert!(parse("'|u1'", "False", shape).is_err(), "{shape}");
        }
        for descr in ["'|O'", "[('a', '|u1')]", "'<M8[ns]'", "'<c8'", "'<f16'", "'|S3'"] {
            assert!(parse(descr, "False", "(1, 1)").is_err(), "{descr}");
        }
    }
}
