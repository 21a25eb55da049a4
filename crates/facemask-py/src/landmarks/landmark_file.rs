//! Landmark files in; arrays of points, JSON text, or points that stay in Rust out.

use facemask_landmarks::LandmarkContent;
use numpy::PyArray2;
use pyo3::prelude::*;

use crate::arrays::point_array;
use crate::gil::{SHORT_INPUT, without_gil_if};
use crate::landmarks::points::LandmarkPoints;
use crate::request_json::parse_points;

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

/// Reads a landmark file as `read_landmark_file`, and JSON as `parse_plain_landmarks`, where every face has as many
/// points as a landmark scheme. Returns `None` for all others: the Python readers tell what they hold.
#[pyfunction]
pub(crate) fn read_landmark_points(py: Python<'_>, data: &[u8]) -> PyResult<Option<LandmarkPoints>> {
    let read = || {
        Ok(match facemask_landmarks::read_landmark_file(data)?.content {
            LandmarkContent::Json(text) => parse_points(text.as_bytes()).into_iter().collect(),
            LandmarkContent::Faces(faces) => faces,
        })
    };
    let faces = without_gil_if(py, data.len() > SHORT_INPUT, read)?;
    let points = LandmarkPoints { faces };
    let is_known = (1..=MAX_FACES).contains(&points.faces.len()) && points.has_known_counts();
    Ok(is_known.then_some(points))
}

/// The most faces; the Python readers refuse more with the reason.
const MAX_FACES: usize = 1000;
