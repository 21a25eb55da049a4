//! Headers and elements of NumPy's NPY format, versions 1 to 3, of label maps and of landmarks.
//!
//! Source: [NEP 1](https://numpy.org/neps/nep-0001-npy-format.html) and `numpy.lib.format`.

use std::io::{self, Read};

/// The first bytes of a file.
pub const SIGNATURE: &[u8] = b"\x93NUMPY";
/// `numpy.lib.format` warns above this length of a header's text.
pub const MAX_HEADER: usize = 10_000;
/// Most axes of an array, as in NumPy.
const MAX_AXES: usize = 64;

/// Type of the elements of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementKind {
    /// A byte that is 0 or 1.
    Bool,
    /// An unsigned integer.
    Unsigned,
    /// A signed integer.
    Signed,
    /// A number of IEEE 754.
    Float,
}

/// An element of an array.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Element {
    /// An unsigned integer; 0 or 1 for booleans.
    Unsigned(u64),
    /// A signed integer.
    Signed(i64),
    /// A float of any precision.
    Float(f64),
}

/// What is wrong with a header.
#[derive(Debug)]
pub enum NpyFault {
    /// The file ends in its header, or cannot be read.
    Read(io::Error),
    /// The version is not 1 to 3.
    Version(u8),
    /// The header has this many bytes, more than [`MAX_HEADER`].
    Length(usize),
    /// The entry of this name is missing or malformed.
    Entry(&'static str),
    /// The elements are records with named fields.
    Records,
    /// The elements are Python objects, a pickle.
    Objects,
    /// The elements are of this type, which is no number.
    Type(String),
}

/// The header of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NpyHeader {
    /// Type of the elements.
    pub kind: ElementKind,
    /// Bytes of an element: 1, 2, 4 or 8.
    pub element_bytes: usize,
    /// Whether the highest byte of an element comes first.
    pub is_big_endian: bool,
    /// Whether the first axis varies fastest (Fortran order).
    pub is_column_major: bool,
    /// Number of elements along each axis.
    pub shape: Vec<u64>,
}

impl NpyHeader {
    /// Reads the header from the start of a file. The elements follow.
    ///
    /// # Errors
    ///
    /// The first [`NpyFault`] that is found.
    pub fn read(reader: &mut impl Read) -> Result<Self, NpyFault> {
        let mut front = [0; 8];
        reader.read_exact(&mut front).map_err(NpyFault::Read)?;
        let length = match front[6] {
            1 => {
                let mut bytes = [0; 2];
                reader.read_exact(&mut bytes).map_err(NpyFault::Read)?;
                usize::from(u16::from_le_bytes(bytes))
            }
            2 | 3 => {
                let mut bytes = [0; 4];
                reader.read_exact(&mut bytes).map_err(NpyFault::Read)?;
                u32::from_le_bytes(bytes) as usize
            }
            version => return Err(NpyFault::Version(version)),
        };
        if length > MAX_HEADER {
            return Err(NpyFault::Length(length));
        }
        let mut text = vec![0; length];
        reader.read_exact(&mut text).map_err(NpyFault::Read)?;
        Self::parse(&String::from_utf8_lossy(&text))
    }

    /// Parses the text of a header, a dict literal of Python.
    fn parse(text: &str) -> Result<Self, NpyFault> {
        let entry = |key| value_of(text, key).ok_or(NpyFault::Entry(key));
        let order = entry("fortran_order")?;
        let is_column_major = order.starts_with("True");
        if !is_column_major && !order.starts_with("False") {
            return Err(NpyFault::Entry("fortran_order"));
        }
        let shape = parse_shape(entry("shape")?).ok_or(NpyFault::Entry("shape"))?;
        let descr = entry("descr")?;
        let name = match descr.as_bytes() {
            [b'\'', ..] => descr[1..].split('\'').next(),
            [b'"', ..] => descr[1..].split('"').next(),
            [b'[' | b'(', ..] => return Err(NpyFault::Records),
            _ => None,
        };
        let name = name.ok_or(NpyFault::Entry("descr"))?;
        let (kind, element_bytes) = parse_type(name)?;
        Ok(Self { kind, element_bytes, is_big_endian: name.starts_with('>'), is_column_major, shape })
    }

    /// The element that `element_bytes` bytes hold.
    #[must_use]
    pub fn element(&self, bytes: &[u8]) -> Element {
        let mut wide = [0; 8];
        // Little-endian, with the highest bytes zero.
        for (to, &from) in wide.iter_mut().zip(bytes) {
            *to = from;
        }
        if self.is_big_endian {
            wide[..bytes.len().min(8)].reverse();
        }
        let bits = u64::from_le_bytes(wide);
        let unused = 64 - 8 * self.element_bytes as u32;
        match self.kind {
            ElementKind::Bool => Element::Unsigned(u64::from(bits != 0)),
            ElementKind::Unsigned => Element::Unsigned(bits),
            ElementKind::Signed => Element::Signed((bits << unused).cast_signed() >> unused),
            ElementKind::Float => Element::Float(match self.element_bytes {
                2 => half_to_f64(bits as u16),
                4 => f64::from(f32::from_bits(bits as u32)),
                _ => f64::from_bits(bits),
            }),
        }
    }

    /// The shape as Python shows it, of six axes at most.
    #[must_use]
    pub fn shape_text(&self) -> String {
        let sides: Vec<String> = self.shape.iter().take(6).map(u64::to_string).collect();
        format!("({})", sides.join(", "))
    }
}

impl Element {
    /// The element as a float. Integers above 2^53 are rounded.
    #[must_use]
    pub const fn to_f64(self) -> f64 {
        match self {
            Self::Unsigned(value) => value as f64,
            Self::Signed(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

/// The text behind the colon of a key.
fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let at = ['\'', '"'].iter().find_map(|quote| {
        let quoted = format!("{quote}{key}{quote}");
        text.find(&quoted).map(|at| at + quoted.len())
    })?;
    text[at..].trim_start().strip_prefix(':').map(str::trim_start)
}

/// The sides of a shape: a tuple of numbers.
fn parse_shape(text: &str) -> Option<Vec<u64>> {
    let (inner, _) = text.strip_prefix('(')?.split_once(')')?;
    let sides: Vec<&str> = inner.split(',').map(str::trim).filter(|side| !side.is_empty()).collect();
    // Python 2 wrote long numbers with an L.
    let parse = |side: &&str| side.trim_end_matches('L').parse().ok();
    if sides.len() <= MAX_AXES { sides.iter().map(parse).collect() } else { None }
}

/// Kind and bytes of an element.
fn parse_type(name: &str) -> Result<(ElementKind, usize), NpyFault> {
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
        _ if code.starts_with('O') => return Err(NpyFault::Objects),
        _ => return Err(NpyFault::Type(name.chars().filter(char::is_ascii_graphic).take(16).collect())),
    })
}

/// Converts a number of IEEE 754 binary16.
fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    sign * match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2_f64.powi(exponent - 25),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(descr: &str, order: &str, shape: &str) -> Result<NpyHeader, NpyFault> {
        NpyHeader::parse(&format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}  \n"))
    }

    #[test]
    fn every_order_of_bytes_and_elements() {
        let header = parse("'>i4'", "True", "(3, 5)").unwrap();
        assert!(header.is_big_endian && header.is_column_major);
        assert_eq!((header.shape.as_slice(), header.element_bytes), ([3, 5].as_slice(), 4));
        assert_eq!(header.element(&[0xff, 0xff, 0xff, 0xfe]), Element::Signed(-2));
        let header = parse("\"|b1\"", "False", "(1L, 3L, 5L, 1)").unwrap();
        assert_eq!((header.shape.as_slice(), header.kind), ([1, 3, 5, 1].as_slice(), ElementKind::Bool));
        assert_eq!(header.element(&[255]), Element::Unsigned(1));
        let header = parse("'<u8'", "False", "(1, 1)").unwrap();
        assert_eq!(header.element(&[255; 8]), Element::Unsigned(u64::MAX));
    }

    #[test]
    fn half_precision() {
        for (bits, value) in [
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x7BFF, 65504.0),
            (1, 2_f64.powi(-24)),
            (0x3555, 0.333_251_953_125),
        ] {
            assert_eq!(half_to_f64(bits), value);
        }
        assert!(half_to_f64(0x7C00).is_infinite() && half_to_f64(0x7E00).is_nan());
    }

    #[test]
    fn malformed_headers_are_refused() {
        for text in ["", "{}", "{'descr': '|u1'}", "{'descr': '|u1', 'fortran_order': 1, 'shape': (1, 1)}"] {
            assert!(NpyHeader::parse(text).is_err(), "{text}");
        }
        for shape in ["(1, -1)", "(1, 1e3)", "1, 1", "(99999999999999999999999, 1)", "(1, 2"] {
            assert!(parse("'|u1'", "False", shape).is_err(), "{shape}");
        }
        for descr in ["'|O'", "[('a', '|u1')]", "'<M8[ns]'", "'<c8'", "'<f16'", "'|S3'"] {
            assert!(parse(descr, "False", "(1, 1)").is_err(), "{descr}");
        }
    }
}
