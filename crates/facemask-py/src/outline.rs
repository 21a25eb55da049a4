//! The outline of a region. Arrays are created on access, because path data needs none.

use facemask_core::geometry::Polygons;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::arrays::to_arrays;
use crate::functions::format_path;

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
