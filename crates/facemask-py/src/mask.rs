//! The result of a trace, converted to Python objects on access.

use std::collections::BTreeMap;

use facemask_core::contours_json::contours_json;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::arrays::to_arrays;
use crate::response_json::ResponseTail;

/// A traced face. Coordinates are pixels of the crop frame.
#[pyclass(frozen, module = "facemask._core")]
pub(crate) struct FaceMask {
    pub(crate) mask: facemask_core::trace::TraceOutput,
    pub(crate) timings_ms: BTreeMap<&'static str, f64>,
    /// Present if the caller set `with_response`.
    pub(crate) response: Option<ResponseTail>,
}

#[pymethods]
impl FaceMask {
    #[getter]
    fn svg(&self) -> &str {
        &self.mask.svg
    }

    #[getter]
    fn svg_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.mask.svg.as_bytes())
    }

    #[getter]
    fn contours<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let contours = PyDict::new(py);
        for (id, polygons) in &self.mask.contours {
            contours.set_item(id.to_string(), to_arrays(py, polygons)?)?;
        }
        Ok(contours)
    }

    /// The color of each region in the drawing, `#rrggbb`.
    #[getter]
    fn colors(&self) -> BTreeMap<String, &str> {
        let colors = self.mask.regions.iter().zip(&self.mask.colors);
        colors.map(|(region, color)| (region.id.to_string(), color.as_str())).collect()
    }

    #[getter]
    fn mask_contours_json<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let json = py.detach(|| contours_json(&self.mask.contours));
        PyBytes::new(py, &json)
    }

    #[getter]
    fn regions_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        to_json(py, &self.mask.regions)
    }

    #[getter]
    fn symmetry_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        to_json(py, &self.mask.symmetry)
    }

    /// JSON of the response from `svg` to the closing brace; empty unless `with_response` was set.
    #[getter]
    fn response_json<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.response.as_ref().map_or(&[], |response| &response.json))
    }

    /// Digest of the SVG, 32 hexadecimal digits; empty unless `with_response` was set.
    #[getter]
    fn svg_digest(&self) -> &str {
        self.response.as_ref().map_or("", |response| &response.svg_digest)
    }

    #[getter]
    fn connectivity(&self) -> u8 {
        facemask_core::contour::CONNECTIVITY
    }

    #[getter]
    fn schemes_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        to_json(py, &self.mask.schemes)
    }

    #[getter]
    fn warnings(&self) -> Vec<BTreeMap<&'static str, &str>> {
        let warnings = self.mask.warnings.iter();
        warnings.map(|w| BTreeMap::from([("code", w.code), ("detail", w.detail.as_str())])).collect()
    }

    #[getter]
    fn size(&self) -> (u32, u32) {
        self.mask.size.into()
    }

    #[getter]
    fn crop_from_image<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.mask.crop_from_image.0)
    }

    #[getter]
    fn roll_degrees(&self) -> f64 {
        self.mask.roll_degrees
    }

    #[getter]
    fn roll_from(&self) -> &'static str {
        self.mask.roll_from
    }

    #[getter]
    fn roll_confidence(&self) -> f64 {
        self.mask.roll_confidence
    }

    #[getter]
    fn mirrored(&self) -> bool {
        self.mask.mirrored
    }

    #[getter]
    fn timings_ms(&self) -> BTreeMap<&'static str, f64> {
        self.timings_ms.clone()
    }
}

/// Serializes a small table. Python callers need it as JSON or as plain lists and dicts.
fn to_json<'py, T: serde::Serialize + ?Sized>(py: Python<'py>, value: &T) -> PyResult<Bound<'py, PyBytes>> {
    let text = serde_json::to_vec(value)
        .map_err(|error| pyo3::exceptions::PyRuntimeError::new_err(error.to_string()))?;
    Ok(PyBytes::new(py, &text))
}
