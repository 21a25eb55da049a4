//! Face detection with networks that Python runs.

use facemask_core::error::{Error, ErrorKind, Result};
use facemask_core::raster::{RgbView, Size};
use facemask_detect::{
    BOX_COUNT, BOX_LENGTH, DETECTOR_SIDE, DetectorOutput, MESH_SIDE, MeshOutput, Networks, POINT_COUNT,
    SearchOptions, Tiles,
};
use numpy::{
    PyArray1, PyArray2, PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArray, PyUntypedArrayMethods,
};
use pyo3::prelude::*;

use crate::arrays::{photo_array, point_array, samples};
use crate::gil::without_gil;

/// A face: points float64 (n, 2), box (left, top, width, height), score, presence, agreement, roll in degrees, whether it
/// is certain.
type Face<'py> = (Bound<'py, PyArray2<f64>>, [f64; 4], f64, f64, f64, Option<f64>, bool);

/// Detects faces in a photo, the largest first. `detect` and `mesh` run the networks: each takes a float32 array
/// (1, side, side, 3) and returns two arrays, boxes and logits, or points and the logit of the presence.
#[pyfunction]
#[pyo3(signature = (image, detect, mesh, *, max_faces, min_size, tiles))]
#[expect(clippy::too_many_arguments, reason = "the arguments of the Python function")]
pub(crate) fn detect_faces<'py>(
    py: Python<'py>,
    image: &Bound<'py, PyUntypedArray>,
    detect: Py<PyAny>,
    mesh: Py<PyAny>,
    max_faces: usize,
    min_size: Option<f64>,
    tiles: u32,
) -> PyResult<Vec<Face<'py>>> {
    let image = photo_array(image)?;
    let size = Size::new(image.shape()[1] as u32, image.shape()[0] as u32);
    let pixels = samples(&image);
    let mut networks = PythonNetworks { detect, mesh, failure: None };
    let found = without_gil(py, || {
        let tiles = Tiles::from_count(tiles)
            .ok_or_else(|| Error::option("tiles", format!("must be auto, 1, 2, 4 or 8, got {tiles}")))?;
        let options = SearchOptions { max_faces, min_size, tiles };
        facemask_detect::detect_faces(RgbView { size, pixels: &pixels }, &options, &mut networks)
    });
    if let Some(failure) = networks.failure {
        return Err(failure);
    }
    let convert = |face: facemask_detect::DetectedFace| {
        let box_ = [face.bounds.x0, face.bounds.y0, face.bounds.width(), face.bounds.height()];
        let points = point_array(py, &face.points)?;
        let roll = face.pose.map(|pose| pose.roll_rad.to_degrees());
        Ok((points, box_, face.score, face.presence, face.agreement, roll, face.is_certain()))
    };
    found?.into_iter().map(convert).collect()
}

/// The networks as Python functions. An exception of theirs ends the search and is raised again.
struct PythonNetworks {
    detect: Py<PyAny>,
    mesh: Py<PyAny>,
    failure: Option<PyErr>,
}

impl Networks for PythonNetworks {
    fn detect(&mut self, picture: Vec<f32>) -> Result<DetectorOutput> {
        let output = run(&self.detect, picture, DETECTOR_SIDE, [BOX_COUNT * BOX_LENGTH, BOX_COUNT]);
        let [boxes, logits] = output.map_err(|failure| self.fail(failure))?;
        Ok(DetectorOutput { boxes, logits })
    }

    fn mesh(&mut self, picture: Vec<f32>) -> Result<MeshOutput> {
        let output = run(&self.mesh, picture, MESH_SIDE, [3 * POINT_COUNT, 1]);
        let [points, presence] = output.map_err(|failure| self.fail(failure))?;
        Ok(MeshOutput { points, presence_logit: presence.first().copied().unwrap_or(f32::NEG_INFINITY) })
    }
}

impl PythonNetworks {
    fn fail(&mut self, failure: PyErr) -> Error {
        self.failure = Some(failure);
        Error::new(ErrorKind::Internal, "", "a network raised an exception")
    }
}

/// Calls a network with a picture, and copies its two outputs, of `lengths` numbers.
fn run(network: &Py<PyAny>, picture: Vec<f32>, side: usize, lengths: [usize; 2]) -> PyResult<[Vec<f32>; 2]> {
    Python::attach(|py| {
        let input = PyArray1::from_vec(py, picture).reshape([1, side, side, 3])?;
        let outputs: [Bound<'_, PyArrayDyn<f32>>; 2] = network.bind(py).call1((input,))?.extract()?;
        let mut copies = [Vec::new(), Vec::new()];
        for ((copy, output), length) in copies.iter_mut().zip(&outputs).zip(lengths) {
            let borrowed: PyReadonlyArrayDyn<'_, f32> = output.try_readonly()?;
            match borrowed.as_slice() {
                Ok(numbers) => copy.extend_from_slice(numbers),
                Err(_) => copy.extend(borrowed.as_array().iter().copied()),
            }
            if copy.len() != length {
                let detail = format!("a network returned {} numbers in place of {length}", copy.len());
                return Err(pyo3::exceptions::PyRuntimeError::new_err(detail));
            }
        }
        Ok(copies)
    })
}
