//! NumPy arrays: arguments are borrowed read-only, results own flat buffers.

use std::borrow::Cow;

use facemask_core::error::{Error, ErrorKind};
use facemask_core::geometry::{CurveSpan, Point, Polygons};
use numpy::{Element, Ix2, Ix3, PyArrayDescrMethods, dtype};
use numpy::{
    PyArray1, PyArray2, PyArrayDyn, PyArrayMethods, PyReadonlyArray, PyUntypedArray, PyUntypedArrayMethods,
};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::errors::to_py;

/// Error for an array of a wrong type or shape: names what was expected, and dtype and shape of the argument.
fn array_error(array: &Bound<'_, PyUntypedArray>, kind: ErrorKind, field: &str, expected: &str) -> PyErr {
    let got = format!("an array of {} with shape {:?}", array.dtype(), array.shape());
    to_py(array.py(), &Error::new(kind, field, format!("must be {expected}, got {got}")))
}

fn has_type<T: Element>(array: &Bound<'_, PyUntypedArray>, dimensions: usize) -> bool {
    array.ndim() == dimensions && array.dtype().is_equiv_to(&dtype::<T>(array.py()))
}

/// Borrows a label map: uint8 (height, width).
pub(crate) fn label_array<'py>(
    array: &Bound<'py, PyUntypedArray>,
    field: &str,
) -> PyResult<PyReadonlyArray<'py, u8, Ix2>> {
    if !has_type::<u8>(array, 2) {
        return Err(array_error(
            array,
            ErrorKind::MapInvalid,
            field,
            "a uint8 array of shape (height, width)",
        ));
    }
    Ok(array.cast::<PyArray2<u8>>()?.try_readonly()?)
}

/// Borrows a photo: uint8 (height, width, 3), red first.
pub(crate) fn photo_array<'py>(
    array: &Bound<'py, PyUntypedArray>,
) -> PyResult<PyReadonlyArray<'py, u8, Ix3>> {
    if !has_type::<u8>(array, 3) || array.shape()[2] != 3 {
        let expected = "a uint8 array of shape (height, width, 3), red first";
        return Err(array_error(array, ErrorKind::ImageUnsupported, "image", expected));
    }
    Ok(array.cast::<numpy::PyArray3<u8>>()?.try_readonly()?)
}

/// Samples of an array in row order, copied only if the array is not C-contiguous. (`as_slice` of the numpy
/// crate also accepts arrays in Fortran order, and returns their samples in that order.)
pub(crate) fn samples<'a, D: numpy::ndarray::Dimension>(
    array: &'a PyReadonlyArray<'_, u8, D>,
) -> Cow<'a, [u8]> {
    let rows = array.as_array();
    rows.to_slice().map_or_else(|| Cow::Owned(rows.iter().copied().collect()), Cow::Borrowed)
}

/// Copies the points of an array: float64 (n, 2).
pub(crate) fn points(array: &Bound<'_, PyUntypedArray>) -> PyResult<Vec<Point>> {
    if !has_type::<f64>(array, 2) || array.shape()[1] != 2 {
        return Err(array_error(
            array,
            ErrorKind::LandmarksInvalid,
            "landmarks",
            "a float64 array of shape (n, 2)",
        ));
    }
    let borrowed = array.cast::<PyArray2<f64>>()?.try_readonly()?;
    Ok(borrowed.as_array().rows().into_iter().map(|row| Point::new(row[0], row[1])).collect())
}

/// Creates an array of points: float64 (n, 2).
pub(crate) fn point_array<'py>(py: Python<'py>, points: &[Point]) -> PyResult<Bound<'py, PyArray2<f64>>> {
    PyArray1::from_vec(py, to_coordinates(points)).reshape([points.len(), 2])
}

/// Creates the arrays of a contour: points float64 (n, 2), offsets uint32 (rings + 1,), curves uint32 (k, 2),
/// controls float64 (k, 4, 2).
pub(crate) fn to_arrays<'py>(py: Python<'py>, polygons: &Polygons) -> PyResult<Bound<'py, PyTuple>> {
    let points = point_array(py, &polygons.points)?;
    let offsets: Vec<u32> = std::iter::once(0).chain(polygons.ends.iter().copied()).collect();
    let offsets = PyArray1::from_vec(py, offsets);
    let count = polygons.curves.len();
    let spans: Vec<u32> = polygons.curves.iter().flat_map(|curve| [curve.first, curve.steps]).collect();
    let spans = PyArray1::from_vec(py, spans).reshape([count, 2])?;
    let controls = polygons.curves.iter().flat_map(|curve| curve.controls);
    let controls: Vec<f64> = controls.flat_map(|p| [p.x, p.y]).collect();
    let controls = PyArray1::from_vec(py, controls).reshape([count, 4, 2])?;
    PyTuple::new(py, [points.into_any(), offsets.into_any(), spans.into_any(), controls.into_any()])
}

/// Creates a contour from the arrays of [`to_arrays`]: points, offsets, curves, controls.
///
/// # Errors
///
/// `option_invalid` for arrays of a wrong type or shape, offsets that do not rise from 0 to n, and curves
/// that do not follow the rings.
pub(crate) fn from_arrays(arrays: [&Bound<'_, PyUntypedArray>; 4]) -> PyResult<Polygons> {
    let [points, offsets, curves, controls] = arrays;
    let py = points.py();
    let field = |name, dtype, shape| ArrayField { name, dtype, shape };
    let points = to_points(&copy_values::<f64>(points, field("points", "float64", "(n, 2)"), &[2])?);
    let offsets = copy_values::<u32>(offsets, field("offsets", "uint32", "(rings + 1,)"), &[])?;
    let spans = copy_values::<u32>(curves, field("curves", "uint32", "(k, 2)"), &[2])?;
    let controls =
        to_points(&copy_values::<f64>(controls, field("controls", "float64", "(k, 4, 2)"), &[4, 2])?);
    let are_rising = offsets.is_sorted() && offsets.first() == Some(&0);
    if !are_rising || offsets.last().is_none_or(|&last| last as usize != points.len()) {
        let detail = format!("must rise from 0 to the number of points, {}", points.len());
        return Err(to_py(py, &Error::option("offsets", detail)));
    }
    let (spans, _) = spans.as_chunks::<2>();
    let (controls, _) = controls.as_chunks::<4>();
    let ends = offsets[1..].to_vec();
    if spans.len() != controls.len() || !follow_rings(spans, &ends) {
        let detail =
            "must be pairs (first, steps) along the rings, in their order, with four control points each";
        return Err(to_py(py, &Error::option("curves", detail)));
    }
    let curve = |(&[first, steps], &controls): (&[u32; 2], &[Point; 4])| CurveSpan { first, steps, controls };
    let curves = spans.iter().zip(controls).map(curve).collect();
    Ok(Polygons { points, ends, curves })
}

/// Whether each curve is within a ring and shares at most one step with the previous curve.
fn follow_rings(spans: &[[u32; 2]], ends: &[u32]) -> bool {
    let mut free = 0;
    spans.iter().all(|&[first, steps]| {
        let ring = ends.partition_point(|&end| end <= first);
        let end = u64::from(first) + u64::from(steps);
        let fits = first >= free && steps > 0 && ends.get(ring).is_some_and(|&last| end <= u64::from(last));
        free = first.saturating_add(steps).saturating_sub(1).max(first);
        fits
    })
}

/// Points from x and y in turn.
pub(crate) fn to_points(flat: &[f64]) -> Vec<Point> {
    flat.as_chunks::<2>().0.iter().map(|&[x, y]| Point::new(x, y)).collect()
}

/// Name, dtype and shape of an array in error messages.
struct ArrayField {
    name: &'static str,
    dtype: &'static str,
    shape: &'static str,
}

/// Copies the values of an array of type `T` whose shape after the first axis is `lengths`.
fn copy_values<T: Element + Copy>(
    array: &Bound<'_, PyUntypedArray>,
    field: ArrayField,
    lengths: &[usize],
) -> PyResult<Vec<T>> {
    if !has_type::<T>(array, lengths.len() + 1) || array.shape()[1..] != *lengths {
        let expected = format!("a {} array of shape {}", field.dtype, field.shape);
        return Err(array_error(array, ErrorKind::OptionInvalid, field.name, &expected));
    }
    let borrowed = array.cast::<PyArrayDyn<T>>()?.try_readonly()?;
    let rows = borrowed.as_array();
    Ok(rows.to_slice().map_or_else(|| rows.iter().copied().collect(), <[T]>::to_vec))
}

/// Coordinates of points, x and y in turn. (Pair by pair, which the compiler vectorizes.)
pub(crate) fn to_coordinates(points: &[Point]) -> Vec<f64> {
    let mut flat = vec![0.0; 2 * points.len()];
    flat.as_chunks_mut().0.iter_mut().zip(points).for_each(|(pair, p)| *pair = [p.x, p.y]);
    flat
}

/// Creates an array of pixels of the given shape.
pub(crate) fn pixel_array<'py>(
    py: Python<'py>,
    samples: Vec<u8>,
    shape: &[usize],
) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    PyArray1::from_vec(py, samples).reshape(shape.to_vec())
}
