//! Landmarks that stay in Rust: a process that only passes them on needs no NumPy.

use facemask_core::error::{Error, ErrorKind};
use facemask_core::face::LandmarkScheme;
use facemask_core::geometry::Point;
use numpy::PyUntypedArray;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::arrays::{points, to_coordinates, to_points};
use crate::errors::to_py;

/// The landmarks of each face, without an array of NumPy.
#[pyclass(module = "facemask._core", frozen)]
pub(crate) struct LandmarkPoints {
    pub(crate) faces: Vec<Vec<Point>>,
}

#[pymethods]
impl LandmarkPoints {
    /// Copies a float64 array (n, 2), or a list of one array for each face.
    #[new]
    fn new(landmarks: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { faces: faces(Some(landmarks))? })
    }

    /// Reads what `to_bytes` wrote; `counts` has the number of points of each face.
    ///
    /// # Errors
    ///
    /// `landmarks_invalid` for bytes of another number of points.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, data: &[u8], counts: Vec<usize>) -> PyResult<Self> {
        let (coordinates, rest) = data.as_chunks::<8>();
        let coordinates: Vec<f64> = coordinates.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect();
        let mut points = &to_points(&coordinates)[..];
        let total = counts.iter().try_fold(0_usize, |sum, &count| sum.checked_add(count));
        if !rest.is_empty() || coordinates.len() % 2 == 1 || total != Some(points.len()) {
            let detail = format!("{} bytes are no points of faces with {counts:?}", data.len());
            return Err(to_py(py, &Error::new(ErrorKind::LandmarksInvalid, "landmarks", detail)));
        }
        let face = |count| {
            let (face, others) = points.split_at(count);
            points = others;
            face.to_vec()
        };
        Ok(Self { faces: counts.into_iter().map(face).collect() })
    }

    /// The coordinates of all faces as little-endian float64, x and y in turn.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let coordinates = self.faces.iter().flat_map(|face| to_coordinates(face));
        let bytes: Vec<u8> = coordinates.flat_map(f64::to_le_bytes).collect();
        PyBytes::new(py, &bytes)
    }

    /// The number of points of each face.
    #[getter]
    fn counts(&self) -> Vec<usize> {
        self.faces.iter().map(Vec::len).collect()
    }

    /// Whether each face has as many points as a landmark scheme.
    #[getter]
    pub(crate) fn has_known_counts(&self) -> bool {
        let is_known = |count| LandmarkScheme::ALL.iter().any(|scheme| scheme.counts.contains(&count));
        self.faces.iter().all(|face| is_known(face.len()))
    }
}

/// Copies the landmarks of each face: a float64 array (n, 2), a list of them, or [`LandmarkPoints`].
pub(crate) fn faces(landmarks: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<Vec<Point>>> {
    let Some(landmarks) = landmarks else { return Ok(Vec::new()) };
    if let Ok(points) = landmarks.cast::<LandmarkPoints>() {
        return Ok(points.get().faces.clone());
    }
    if let Ok(list) = landmarks.cast::<PyList>() {
        let face = |face: Bound<'_, PyAny>| points(face.cast::<PyUntypedArray>()?);
        return list.iter().map(face).collect();
    }
    Ok(vec![points(landmarks.cast::<PyUntypedArray>()?)?])
}
