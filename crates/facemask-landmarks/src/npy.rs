//! Arrays that NumPy saved with `numpy.save`, after `numpy/lib/format.py` (its docstring defines versions 1 to 3).

use facemask_core::error::{Error, Result};
use facemask_core::geometry::Point;
use facemask_image::npy::{ElementKind, MAX_HEADER, NpyFault, NpyHeader};

use crate::landmark_file::{MAX_POINTS, invalid, point_fault};
use crate::matrix_shape::faces;

/// Most numbers: four of every point.
const MAX_VALUES: usize = 4 * MAX_POINTS;

/// Reads the faces of an array of shape (n, 2), (n, 3), (2, n), (faces, n, 2), (faces, n, 3), or flat.
///
/// # Errors
///
/// For other types and shapes, and for a file that is shorter or longer than its head says. Objects are never read:
/// they are a pickle.
pub(crate) fn read(data: &[u8]) -> Result<Vec<Vec<Point>>> {
    let mut body = data;
    let header = NpyHeader::read(&mut body).map_err(to_error)?;
    if header.kind == ElementKind::Bool {
        return Err(to_error(NpyFault::Type("|b1".to_owned())));
    }
    let sides: Option<Vec<usize>> = header.shape.iter().map(|&side| side.try_into().ok()).collect();
    let count = |sides: &[usize]| sides.iter().try_fold(1_usize, |product, &side| product.checked_mul(side));
    let bounded = sides.and_then(|sides| Some((count(&sides).filter(|&count| count <= MAX_VALUES)?, sides)));
    let Some((count, shape)) = bounded else {
        let shape = header.shape_text();
        return Err(invalid(format!("the array of shape {shape} has more numbers than {MAX_POINTS} points")));
    };
    // Both are bounded: the product is at most 32 MiB.
    let expected = count * header.element_bytes;
    if body.len() != expected {
        let is_short = if body.len() < expected { "is truncated" } else { "goes on behind its array" };
        let detail = format!(
            "the .npy file {is_short}: its head asks for {expected} bytes, and {} follow",
            body.len()
        );
        return Err(invalid(detail));
    }
    let values: Vec<f64> =
        body.chunks_exact(header.element_bytes).map(|bytes| header.element(bytes).to_f64()).collect();
    let values = if header.is_column_major { to_row_order(&values, &shape) } else { values };
    to_faces(&values, &shape, &header)
}

fn to_error(fault: NpyFault) -> Error {
    invalid(match fault {
        NpyFault::Read(_) => "the .npy file is truncated in its head".to_owned(),
        NpyFault::Version(version) => {
            format!("the .npy file is of version {version}; versions 1 to 3 are read")
        }
        NpyFault::Length(length) => {
            format!("the head of the .npy file has {length} bytes; it may have {MAX_HEADER}")
        }
        NpyFault::Entry(key) => format!("the head of the .npy file has no valid {key}"),
        NpyFault::Records => {
            "the array has named fields; save the numbers of one face alone, of shape (n, 2)".to_owned()
        }
        NpyFault::Objects => {
            "the array holds Python objects, a pickle, which facemask never reads; save float64".to_owned()
        }
        NpyFault::Type(name) => {
            format!("the array has numbers of type {name}; save it as float64 or as integers")
        }
    })
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

fn to_faces(values: &[f64], shape: &[usize], header: &NpyHeader) -> Result<Vec<Vec<Point>>> {
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
        [1, ref rest @ ..] if rest.len() > 2 => to_faces(values, rest, header),
        _ => {
            let detail = format!(
                "the array must be of shape (n, 2), (n, 3) or (faces, n, 2), got {}",
                header.shape_text()
            );
            Err(invalid(detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fortran_order_is_undone_on_every_axis() {
        // numpy.arange(12).reshape(2, 3, 2).ravel(order="F")
        let values = [0.0, 6.0, 2.0, 8.0, 4.0, 10.0, 1.0, 7.0, 3.0, 9.0, 5.0, 11.0];
        let sorted = to_row_order(&values, &[2, 3, 2]);
        assert!(sorted.iter().zip(0..).all(|(&value, i)| value == f64::from(i)));
    }
}
