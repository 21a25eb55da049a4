//! Arrays in and out: borrowed read-only on the way down, flat on the way up.

use std::borrow::Cow;

use facemask_core::error::{Error, ErrorKind};
use facemask_core::geometry::{Point, Polygons};
use numpy::{Element, Ix2, Ix3, PyArrayDescrMethods, dtype};
use numpy::{
    PyArray1, PyArray2, PyArrayDyn, PyArrayMethods, PyReadonlyArray, PyUntypedArray, PyUntypedArrayMethods,
};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::errors::to_py;

/// A refusal that says what was expected and what came.
fn refuse(array: &Bound<'_, PyUntypedArray>, kind: ErrorKind, field: &str, expected: &str) -> PyErr {
    let came = format!("an array of {} with shape {:?}", array.dtype(), array.shape());
    to_py(array.py(), &Error::new(kind, field, format!("must be {expected}, got {came}")))
}

fn is<T: Element>(array: &Bound<'_, PyUntypedArray>, dimensions: usize) -> bool {
    array.ndim() == dimensions && array.dtype().is_equiv_to(&dtype::<T>(array.py()))
}

/// A label map: uint8 (height, width).
pub(crate) fn label_array<'py>(
    array: &Bound<'py, PyUntypedArray>,
    field: &str,
) -> PyResult<PyReadonlyArray<'py, u8, Ix2>> {
    if !is::<u8>(array, 2) {
        return Err(refuse(array, ErrorKind::MapInvalid, field, "a uint8 array of shape (height, width)"));
    }
    Ok(array.cast::<PyArray2<u8>>()?.try_readonly()?)
}

/// A photo: uint8 (height, width, 3).
pub(crate) fn photo_array<'py>(
    array: &Bound<'py, PyUntypedArray>,
) -> PyResult<PyReadonlyArray<'py, u8, Ix3>> {
    if !is::<u8>(array, 3) || array.shape()[2] != 3 {
        let expected = "a uint8 array of shape (height, width, 3), red first";
        return Err(refuse(array, ErrorKind::ImageUnsupported, "image", expected));
    }
    Ok(array.cast::<numpy::PyArray3<u8>>()?.try_readonly()?)
}

/// The samples of an array in row order, copied only where they do not lie so in memory. (The slice that the numpy crate
/// offers also comes from arrays that lie column by column, in that order.)
pub(crate) fn samples<'a, D: numpy::ndarray::Dimension>(
    array: &'a PyReadonlyArray<'_, u8, D>,
) -> Cow<'a, [u8]> {
    let rows = array.as_array();
    rows.to_slice().map_or_else(|| Cow::Owned(rows.iter().copied().collect()), Cow::Borrowed)
}

/// Landmarks: float64 (n, 2).
pub(crate) fn points(array: Option<&Bound<'_, PyUntypedArray>>) -> PyResult<Option<Vec<Point>>> {
    let Some(array) = array else { return Ok(None) };
    if !is::<f64>(array, 2) || array.shape()[1] != 2 {
        return Err(refuse(
            array,
            ErrorKind::LandmarksInvalid,
            "landmarks",
            "a float64 array of shape (n, 2)",
        ));
    }
    let borrowed = array.cast::<PyArray2<f64>>()?.try_readonly()?;
    Ok(Some(borrowed.as_array().rows().into_iter().map(|row| Point::new(row[0], row[1])).collect()))
}

/// A contour as (points float64 (n, 2), offsets uint32 (rings + 1,), curves uint32 (k, 2), controls float64 (k, 2, 2)).
pub(crate) fn contour<'py>(py: Python<'py>, polygons: &Polygons) -> PyResult<Bound<'py, PyTuple>> {
    let points = PyArray1::from_vec(py, flat(&polygons.points)).reshape([polygons.points.len(), 2])?;
    let offsets: Vec<u32> = std::iter::once(0).chain(polygons.ends.iter().copied()).collect();
    let offsets = PyArray1::from_vec(py, offsets);
    let count = polygons.curves.len();
    let spans: Vec<u32> = polygons.curves.iter().flat_map(|curve| [curve.first, curve.steps]).collect();
    let spans = PyArray1::from_vec(py, spans).reshape([count, 2])?;
    let controls = polygons.curves.iter().flat_map(|curve| curve.controls);
    let controls: Vec<f64> = controls.flat_map(|p| [p.x, p.y]).collect();
    let controls = PyArray1::from_vec(py, controls).reshape([count, 2, 2])?;
    PyTuple::new(py, [points.into_any(), offsets.into_any(), spans.into_any(), controls.into_any()])
}

/// The coordinates of points, one after the other. (Pair by pair, so that the compiler copies many at once.)
fn flat(points: &[Point]) -> Vec<f64> {
    let mut flat = vec![0.0; 2 * points.len()];
    flat.as_chunks_mut().0.iter_mut().zip(points).for_each(|(pair, p)| *pair = [p.x, p.y]);
    flat
}

/// Pixels as an array of the given shape.
pub(crate) fn pixels<'py>(
    py: Python<'py>,
    samples: Vec<u8>,
    shape: &[usize],
) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    PyArray1::from_vec(py, samples).reshape(shape.to_vec())
}
