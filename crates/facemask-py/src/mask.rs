//! The answer: what was traced, made into Python objects only when asked for.

use std::collections::BTreeMap;

use facemask_core::contours_json::contours_json;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::answer::Answer;
use crate::arrays::contour;

/// A traced face. Coordinates are in the crop frame, pixels.
#[pyclass(frozen, module = "facemask._core")]
pub(crate) struct FaceMask {
    pub(crate) mask: facemask_core::trace::TraceOutput,
    pub(crate) timings_ms: BTreeMap<&'static str, f64>,
    /// There when it was asked for.
    pub(crate) answer: Option<Answer>,
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
        let found = PyDict::new(py);
        for (id, polygons) in &self.mask.contours {
            found.set_item(id.to_string(), contour(py, polygons)?)?;
        }
        Ok(found)
    }

    #[getter]
    fn mask_contours_json<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let json = py.detach(|| contours_json(&self.mask.contours));
        PyBytes::new(py, &json)
    }

    #[getter]
    fn regions_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        json(py, &self.mask.regions)
    }

    #[getter]
    fn symmetry_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        json(py, &self.mask.symmetry)
    }

    /// What the service sends behind the begin of its answer; empty when it was not asked for.
    #[getter]
    fn answer_json<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.answer.as_ref().map_or(&[], |answer| &answer.json))
    }

    #[getter]
    fn svg_digest(&self) -> &str {
        self.answer.as_ref().map_or("", |answer| &answer.svg_digest)
    }

    #[getter]
    fn connectivity(&self) -> u8 {
        facemask_core::contour::CONNECTIVITY
    }

    #[getter]
    fn schemes_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        json(py, &self.mask.schemes)
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
    fn mirrored(&self) -> bool {
        self.mask.mirrored
    }

    #[getter]
    fn timings_ms(&self) -> BTreeMap<&'static str, f64> {
        self.timings_ms.clone()
    }
}

/// Small tables go up as JSON: both callers want them as JSON or as plain lists and dicts.
fn json<'py, T: serde::Serialize + ?Sized>(py: Python<'py>, value: &T) -> PyResult<Bound<'py, PyBytes>> {
    let text = serde_json::to_vec(value)
        .map_err(|error| pyo3::exceptions::PyRuntimeError::new_err(error.to_string()))?;
    Ok(PyBytes::new(py, &text))
}
