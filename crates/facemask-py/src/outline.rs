//! The outline of a region, made into arrays only when somebody looks at them: path data needs none.

use facemask_core::geometry::Polygons;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::arrays::contour;
use crate::calls::path_text;

/// The outline of a region.
#[pyclass(frozen, module = "facemask._core")]
pub(crate) struct Outline(pub(crate) Polygons);

#[pymethods]
impl Outline {
    /// Points, offsets, curves and controls, see `Contour`.
    fn arrays<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        contour(py, &self.0)
    }

    /// The same as `path_data` of the arrays.
    fn path_data(&self, py: Python<'_>) -> PyResult<String> {
        path_text(py, &self.0)
    }
}
