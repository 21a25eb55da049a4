//! The header of a label map in the NPY format: height and width of its array, and the errors of label maps.

use std::io::{ErrorKind, Read};

use facemask_core::error::{Error, Result};

use super::super::encoding::invalid;
use crate::input_kind::InputKind;
use crate::npy::{MAX_HEADER, NpyFault, NpyHeader};

const KIND: InputKind = InputKind::LabelMap;

/// Reads a header, and the width and the height of the array in pixels.
///
/// # Errors
///
/// `map_corrupt` for a header that is cut or malformed, `map_unsupported` for an unknown version, `map_invalid` for
/// elements that are no numbers, and for a shape that is not (height, width).
pub(super) fn read_header(reader: &mut impl Read) -> Result<(NpyHeader, [u32; 2])> {
    let header = NpyHeader::read(reader).map_err(to_error)?;
    let [height, width] = to_height_and_width(&header)?;
    Ok((header, [width, height].map(saturate)))
}

fn to_error(fault: NpyFault) -> Error {
    match fault {
        NpyFault::Read(error) => read_error(&error),
        NpyFault::Version(version) => {
            KIND.unsupported(format!("the label map is an NPY file of version {version}, expected 1 to 3"))
        }
        NpyFault::Length(length) => KIND
            .corrupt(format!("the label map's NPY header has {length} bytes, expected at most {MAX_HEADER}")),
        NpyFault::Entry(_) => KIND.corrupt("the label map's NPY header is not valid"),
        NpyFault::Records => {
            invalid("the label map is an array of records; save the field with the ids alone")
        }
        NpyFault::Objects => invalid(
            "the label map is an array of Python objects, which cannot be read safely; save the ids as uint8",
        ),
        NpyFault::Type(name) => {
            invalid(format!("the label map is an array of type {name:?}, expected whole numbers"))
        }
    }
}

/// A side as a number of 32 bits; the limits refuse the largest one.
fn saturate(side: u64) -> u32 {
    u32::try_from(side).unwrap_or(u32::MAX)
}

pub(super) fn read_exact(reader: &mut impl Read, buffer: &mut [u8]) -> Result<()> {
    reader.read_exact(buffer).map_err(|error| read_error(&error))
}

fn read_error(error: &std::io::Error) -> Error {
    KIND.corrupt(if error.kind() == ErrorKind::UnexpectedEof {
        "the label map's array ends before its last element".to_owned()
    } else {
        format!("the label map's array cannot be decompressed: {error}")
    })
}

/// Height and width of a shape, without sides of 1 in front and behind.
fn to_height_and_width(header: &NpyHeader) -> Result<[u64; 2]> {
    let mut sides = header.shape.as_slice();
    while sides.len() > 2 && sides[0] == 1 {
        sides = &sides[1..];
    }
    while sides.len() > 2 && sides[sides.len() - 1] == 1 {
        sides = &sides[..sides.len() - 1];
    }
    <[u64; 2]>::try_from(sides).map_err(|_| {
        let remedy =
            if sides.len() == 3 { "; save the ids of class scores with scores.argmax(axis)" } else { "" };
        invalid(format!(
            "the label map is an array of shape {}, expected (height, width){remedy}",
            header.shape_text()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(shape: &str) -> Result<[u32; 2]> {
        let text = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n");
        let length = u16::try_from(text.len()).unwrap().to_le_bytes();
        let file = [b"\x93NUMPY\x01\0".as_slice(), &length, text.as_bytes()].concat();
        read_header(&mut file.as_slice()).map(|(_, size)| size)
    }

    #[test]
    fn axes_of_one_are_left_out() {
        assert_eq!(size("(1L, 3L, 5L, 1)").unwrap(), [5, 3]);
        assert_eq!(size("(1, 1)").unwrap(), [1, 1]);
    }

    #[test]
    fn shapes_that_are_no_map_are_named() {
        for (shape, words) in [("(19, 4, 5)", "(19, 4, 5)"), ("(7,)", "(7)"), ("()", "()")] {
            let error = size(shape).unwrap_err();
            assert!(error.detail.contains(words), "{error}");
        }
        assert!(size("(19, 4, 5)").unwrap_err().detail.contains("argmax"));
        assert_eq!(size("(99999999999, 2)").unwrap(), [2, u32::MAX]);
    }
}
