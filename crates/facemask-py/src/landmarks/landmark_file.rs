//! Landmark files in, arrays of points or JSON text out.

use facemask_landmarks::LandmarkContent;
use numpy::PyArray2;
use pyo3::prelude::*;

use crate::arrays::point_array;
use crate::gil::{SHORT_INPUT, without_gil_if};

/// The name of a file's form, the points of each face, and the text of a JSON file.
type FormAndContent<'py> = (&'static str, Vec<Bound<'py, PyArray2<f64>>>, Option<String>);

/// Reads a landmark file: the name of its form, the points of each face, float64 (n, 2), and `None`. A JSON file has no
/// faces, but its text in place of `None`.
#[pyfunction]
pub(crate) fn read_landmark_file<'py>(py: Python<'py>, data: &[u8]) -> PyResult<FormAndContent<'py>> {
    let read = || facemask_landmarks::read_landmark_file(data);
    let file = without_gil_if(py, data.len() > SHORT_INPUT, read)?;
    match file.content {
        LandmarkContent::Json(text) => Ok((file.form.name(), Vec::new(), Some(text))),
        LandmarkContent::Faces(faces) => {
            let arrays = faces.iter().map(|face| point_array(py, face)).collect::<PyResult<_>>()?;
            Ok((file.form.name(), arrays, None))
        }
    }
}
