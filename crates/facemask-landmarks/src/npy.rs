//! Arrays that NumPy saved with `numpy.save`, after `numpy/lib/format.py` (its docstring defines versions 1 to 3).

use facemask_core::error::Result;
use facemask_core::geometry::Point;

use crate::landmark_file::{MAX_POINTS, invalid, point_fault};
use crate::matrix_shape::faces;

/// First bytes of the file.
pub(crate) const MAGIC: &[u8] = b"\x93NUMPY";
/// Longest head in bytes, as NumPy's own limit for heads that it reads.
const MAX_HEAD: usize = 10_000;
/// Most numbers: four of every point.
const MAX_VALUES: usize = 4 * MAX_POINTS;

/// The type of an array's numbers.
#[derive(Clone, Copy)]
struct NumberType {
    kind: u8,
    size: usize,
    is_big_endian: bool,
}

/// The head of a file.
struct ArrayHead {
    number: NumberType,
    is_fortran: bool,
    shape: Vec<usize>,
}

/// Reads the faces of an array of shape (n, 2), (n, 3), (2, n), (faces, n, 2), (faces, n, 3), or flat.
///
/// # Errors
///
/// For other types and shapes, and for a file that is shorter or longer than its head says. Objects are never read:
/// they are a pickle.
pub(crate) fn read(data: &[u8]) -> Result<Vec<Vec<Point>>> {
    let (head, body) = split_head(data)?;
    let head = parse_head(head)?;
    let count = head.shape.iter().try_fold(1_usize, |product, &side| product.checked_mul(side));
    let Some(count) = count.filter(|&count| count <= MAX_VALUES) else {
        let detail = format!(
            "the array of shape {} has more numbers than {MAX_POINTS} points",
            shape_text(&head.shape)
        );
        return Err(invalid(detail));
    };
    // Both are bounded: the product is at most 32 MiB.
    let expected = count * head.number.size;
    if body.len() != expected {
        let is_short = if body.len() < expected { "is truncated" } else { "goes on behind its array" };
        let detail = format!(
            "the .npy file {is_short}: its head asks for {expected} bytes, and {} follow",
            body.len()
        );
        return Err(invalid(detail));
    }
    let values: Vec<f64> =
        body.chunks_exact(head.number.size).map(|bytes| head.number.value(bytes)).collect();
    let values = if head.is_fortran { to_row_order(&values, &head.shape) } else { values };
    to_faces(&values, &head.shape)
}

/// The text of the head, and the bytes behind it.
fn split_head(data: &[u8]) -> Result<(&str, &[u8])> {
    let truncated = || invalid("the .npy file is truncated in its head");
    let version = data.get(6).copied().ok_or_else(truncated)?;
    let (length, start) = match version {
        1 => {
            let bytes = data.get(8..10).ok_or_else(truncated)?;
            (usize::from(u16::from_le_bytes([bytes[0], bytes[1]])), 10)
        }
        2 | 3 => {
            let bytes = data.get(8..12).ok_or_else(truncated)?;
            (u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize, 12)
        }
        other => {
            return Err(invalid(format!("the .npy file is of version {other}; versions 1 to 3 are read")));
        }
    };
    if length > MAX_HEAD {
        return Err(invalid(format!("the head of the .npy file has {length} bytes; it may have {MAX_HEAD}")));
    }
    let head = data.get(start..start + length).ok_or_else(truncated)?;
    let text = std::str::from_utf8(head).map_err(|_| invalid("the head of the .npy file is damaged"))?;
    Ok((text, &data[start + length..]))
}

/// Parses the head, a Python dictionary such as `{'descr': '<f8', 'fortran_order': False, 'shape': (68, 2), }`.
fn parse_head(text: &str) -> Result<ArrayHead> {
    let damaged = |key: &str| invalid(format!("the head of the .npy file has no valid {key}"));
    let value = |key: &str| {
        let quoted = text.find(&format!("'{key}'")).or_else(|| text.find(&format!("\"{key}\"")));
        let rest = quoted.map(|start| text[start + key.len() + 2..].trim_start())?;
        Some(rest.strip_prefix(':')?.trim_start())
    };
    let descr = value("descr").ok_or_else(|| damaged("descr"))?;
    let number = match descr.as_bytes() {
        [quote @ (b'\'' | b'"'), ..] => {
            let end = descr[1..].find(char::from(*quote)).ok_or_else(|| damaged("descr"))?;
            NumberType::parse(&descr[1..=end])?
        }
        [b'[' | b'(', ..] => {
            return Err(invalid(
                "the array has named fields; save the numbers of one face alone, of shape (n, 2)",
            ));
        }
        _ => return Err(damaged("descr")),
    };
    let order = value("fortran_order").ok_or_else(|| damaged("fortran_order"))?;
    let is_fortran = match (order.starts_with("True"), order.starts_with("False")) {
        (true, _) => true,
        (_, true) => false,
        _ => return Err(damaged("fortran_order")),
    };
    let shape = value("shape").and_then(|text| text.strip_prefix('(')).and_then(|text| text.split_once(')'));
    let (sides, _) = shape.ok_or_else(|| damaged("shape"))?;
    let side = |text: &str| text.trim().trim_end_matches('L').parse().map_err(|_| damaged("shape"));
    let shape =
        sides.split(',').filter(|text| !text.trim().is_empty()).map(side).collect::<Result<Vec<usize>>>()?;
    if shape.len() > 8 {
        return Err(damaged("shape"));
    }
    Ok(ArrayHead { number, is_fortran, shape })
}

impl NumberType {
    /// Parses a type such as `<f8`.
    fn parse(descr: &str) -> Result<Self> {
        let unknown = || {
            let known: String = descr.chars().filter(char::is_ascii_graphic).take(16).collect();
            invalid(format!("the array has numbers of type {known}; save it as float64 or as integers"))
        };
        let [order, kind, size @ ..] = descr.as_bytes() else { return Err(unknown()) };
        let size = std::str::from_utf8(size).ok().and_then(|size| size.parse().ok());
        let is_big_endian = match order {
            b'<' | b'|' => false,
            b'>' => true,
            b'=' => cfg!(target_endian = "big"),
            _ => return Err(unknown()),
        };
        match (kind, size) {
            (b'O', _) => {
                let detail =
                    "the array holds Python objects, a pickle, which facemask never reads; save float64";
                Err(invalid(detail))
            }
            (b'f', Some(size @ (2 | 4 | 8))) | (b'i' | b'u', Some(size @ (1 | 2 | 4 | 8))) => {
                Ok(Self { kind: *kind, size, is_big_endian })
            }
            _ => Err(unknown()),
        }
    }

    /// The number in `size` bytes. (Integers above 2^53 are rounded; they are no coordinates.)
    fn value(self, bytes: &[u8]) -> f64 {
        let mut wide = [0; 8];
        wide[..self.size].copy_from_slice(bytes);
        if self.is_big_endian {
            wide[..self.size].reverse();
        }
        let bits = u64::from_le_bytes(wide);
        match (self.kind, self.size) {
            (b'f', 2) => half_to_f64(bits as u16),
            (b'f', 4) => f64::from(f32::from_bits(bits as u32)),
            (b'f', _) => f64::from_bits(bits),
            (b'u', _) => bits as f64,
            (_, 1) => f64::from(bits as u8 as i8),
            (_, 2) => f64::from(bits as u16 as i16),
            (_, 4) => f64::from(bits as u32 as i32),
            _ => bits as i64 as f64,
        }
    }
}

/// A number of half precision (IEEE 754 binary16).
fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1F), f64::from(bits & 0x3FF));
    sign * match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (fraction + 1024.0) * 2_f64.powi(exponent - 25),
    }
}

/// Values in Fortran order (first axis fastest) in C order.
fn to_row_order(values: &[f64], shape: &[usize]) -> Vec<f64> {
    let mut strides = vec![1; shape.len()];
    for axis in 1..shape.len() {
        strides[axis] = strides[axis - 1] * shape[axis - 1];
    }
    let mut index = vec![0; shape.len()];
    let mut sorted = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        sorted.push(values[index.iter().zip(&strides).map(|(i, stride)| i * stride).sum::<usize>()]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    sorted
}

fn to_faces(values: &[f64], shape: &[usize]) -> Result<Vec<Vec<Point>>> {
    let locate = |row: usize| format!("row {row} of the array");
    match *shape {
        _ if values.is_empty() => Ok(Vec::new()),
        [length] => faces(values, length, locate),
        [_, columns] => faces(values, columns, locate),
        // OpenCV writes points with an axis of one in the middle.
        [points, 1, 2] if points > 1 => faces(values, 2, locate),
        [_, points, step @ (2 | 3)] => {
            let point = |numbers: &[f64]| Point::new(numbers[0], numbers[1]);
            let found: Vec<Vec<Point>> = values
                .chunks_exact(points * step)
                .map(|face| face.chunks_exact(step).map(point).collect())
                .collect();
            let fault = found.iter().enumerate().find_map(|(face, points)| {
                let fault = points.iter().enumerate().find_map(|(i, &p)| Some((i, point_fault(p)?)))?;
                Some(invalid(format!("point {} of face {face}: {}", fault.0, fault.1)))
            });
            fault.map_or(Ok(found), Err)
        }
        [1, ref rest @ ..] if rest.len() > 2 => to_faces(values, rest),
        _ => {
            let detail = format!(
                "the array must be of shape (n, 2), (n, 3) or (faces, n, 2), got {}",
                shape_text(shape)
            );
            Err(invalid(detail))
        }
    }
}

fn shape_text(shape: &[usize]) -> String {
    let sides: Vec<_> = shape.iter().map(ToString::to_string).collect();
    format!("({})", sides.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn fortran_order_is_undone_on_every_axis() {
        // numpy.arange(12).reshape(2, 3, 2).ravel(order="F")
        let values = [0.0, 6.0, 2.0, 8.0, 4.0, 10.0, 1.0, 7.0, 3.0, 9.0, 5.0, 11.0];
        let sorted = to_row_order(&values, &[2, 3, 2]);
        assert!(sorted.iter().zip(0..).all(|(&value, i)| value == f64::from(i)));
    }
}
