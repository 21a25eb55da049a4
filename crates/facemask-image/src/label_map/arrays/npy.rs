//! Label maps in the NPY format: one array of whole numbers.

use std::io::Read;

use facemask_core::error::{Error, Result};

use super::super::encoding::{MapEncoding, invalid};
use super::super::single_channel::normalize_binary;
use super::npy_header::{read_exact, read_header};
use crate::input_kind::InputKind;
use crate::limits::Limits;
use crate::npy::Element;

const KIND: InputKind = InputKind::LabelMap;
/// Elements that are converted at a time.
const BLOCK: usize = 8192;

/// Width and height of the array in a file, in pixels.
pub(crate) fn read_size(mut data: &[u8]) -> Result<(u32, u32)> {
    read_header(&mut data).map(|(_, [width, height])| (width, height))
}

/// Decodes the array in a file.
///
/// # Errors
///
/// `map_corrupt`, `map_unsupported`, `map_invalid` and `map_too_large` as [`decode_stream`].
pub(crate) fn decode(mut data: &[u8], limits: &Limits) -> Result<(Vec<u8>, MapEncoding)> {
    decode_stream(&mut data, limits)
}

/// Decodes an array from a stream, a block at a time: one byte per pixel is allocated, whatever the type.
///
/// # Errors
///
/// `map_corrupt` for a stream that is cut or continues behind the array, `map_invalid` for elements that are no ids,
/// `map_too_large` above a limit.
pub(super) fn decode_stream(reader: &mut impl Read, limits: &Limits) -> Result<(Vec<u8>, MapEncoding)> {
    let (header, [width, height]) = read_header(reader)?;
    limits.check_size(KIND, width, height)?;
    let (width, height) = (width as usize, height as usize);
    let count = width * height;
    // The elements are read before they are allocated in full, so a header alone costs nothing.
    let mut labels = Vec::new();
    let mut block = vec![0; BLOCK * header.element_bytes];
    while labels.len() < count {
        let taken = (count - labels.len()).min(BLOCK);
        let bytes = &mut block[..taken * header.element_bytes];
        read_exact(reader, bytes)?;
        for element in bytes.chunks_exact(header.element_bytes) {
            let id = to_id(header.element(element)).map_err(|value| {
                let at = labels.len();
                let (x, y) = if header.is_column_major {
                    (at / height, at % height)
                } else {
                    (at % width, at / width)
                };
                not_an_id(&value, x, y)
            })?;
            labels.push(id);
        }
    }
    if reader.read(&mut [0]).is_ok_and(|more| more > 0) {
        return Err(KIND.corrupt(format!(
            "the label map holds more than the {width} x {height} elements of its header"
        )));
    }
    if header.is_column_major {
        labels = (0..count).map(|i| labels[i % width * height + i / width]).collect();
    }
    let encoding = if normalize_binary(&mut labels) { MapEncoding::Binary } else { MapEncoding::Gray };
    Ok((labels, encoding))
}

/// The id of an element, or its value in words.
fn to_id(element: Element) -> std::result::Result<u8, String> {
    match element {
        Element::Unsigned(value) => u8::try_from(value).map_err(|_| value.to_string()),
        Element::Signed(value) => u8::try_from(value).map_err(|_| value.to_string()),
        Element::Float(value) => float_to_id(value).ok_or_else(|| value.to_string()),
    }
}

/// The id of a whole number from 0 to 255.
pub(crate) fn float_to_id(value: f64) -> Option<u8> {
    (value.fract() == 0.0 && (0.0..=255.0).contains(&value)).then_some(value as u8)
}

/// Error for an element that is no id.
pub(crate) fn not_an_id(value: &str, x: usize, y: usize) -> Error {
    let remedy = if value.starts_with('-') && !value.contains('.') {
        "; -1 often marks ignored pixels: set negative ids to 0"
    } else if value.contains('.') {
        "; threshold probabilities, or take the argmax of class scores"
    } else {
        ""
    };
    invalid(format!(
        "the label map's pixel ({x}, {y}) has the value {value}, expected an id from 0 to 255{remedy}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_numbers_of_a_byte_are_ids() {
        assert_eq!([0.0, -0.0, 255.0].map(float_to_id), [Some(0), Some(0), Some(255)]);
        assert_eq!([0.5, -1.0, 256.0, f64::NAN, f64::INFINITY].map(float_to_id), [None; 5]);
    }
}
