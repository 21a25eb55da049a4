//! The outline of a region. Arrays are created on access, because path data needs none.

use facemask_core::error::{Error, ErrorKind};
use facemask_core::geometry::Polygons;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::arrays::to_arrays;
use crate::gil::{SHORT_INPUT, without_gil_if};

/// The outline of a region: polygons with holes.
#[pyclass(frozen, module = "facemask._core")]
pub(crate) struct Outline(pub(crate) Polygons);

#[pymethods]
impl Outline {
    /// Points, offsets, curves and controls; see `Contour`.
    fn arrays<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        to_arrays(py, &self.0)
    }

    /// Formats the outline as SVG path data, like `path_data` of its arrays.
    fn path_data(&self, py: Python<'_>) -> PyResult<String> {
        format_path(py, &self.0)
    }
}

/// Formats SVG path data. For short contours this takes less time than acquiring the GIL again.
pub(crate) fn format_path(py: Python<'_>, polygons: &Polygons) -> PyResult<String> {
    without_gil_if(py, size_of_val(&polygons.points[..]) > SHORT_INPUT, || {
        let text = facemask_core::svg::path_data(polygons);
        String::from_utf8(text).map_err(|error| Error::new(ErrorKind::Internal, "", error.to_string()))
    })
}
