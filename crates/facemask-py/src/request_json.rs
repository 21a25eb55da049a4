//! Parts of a request's JSON, parsed without a Python object per character or number: base64 files and
//! landmarks.

use facemask_core::error::Error;
use facemask_core::geometry::Point;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Deserialize;

use crate::gil::{SHORT_INPUT, without_gil_if};
use crate::landmarks::points::LandmarkPoints;

/// A JSON text without its base64, and the decoded files.
type TextAndFiles<'py> = (Bound<'py, PyBytes>, Vec<Bound<'py, PyBytes>>);

/// Extracts long base64 strings from a JSON text. In the returned text the string `<mark><i>`
/// replaces file `i`. Returns `None` if there are none.
#[pyfunction]
pub(crate) fn extract_base64<'py>(
    py: Python<'py>,
    text: &[u8],
    mark: &str,
) -> PyResult<Option<TextAndFiles<'py>>> {
    let extraction = without_gil_if(py, text.len() > SHORT_INPUT, || {
        Ok::<_, Error>(facemask_image::extract_base64(text, mark))
    })?;
    Ok(extraction.map(|extraction| {
        let files = extraction.files.iter().map(|file| PyBytes::new(py, file)).collect();
        (PyBytes::new(py, &extraction.text), files)
    }))
}

/// One landmark with the fields of MediaPipe's `NormalizedLandmark`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LandmarkFields {
    x: f64,
    y: f64,
    #[serde(default, rename = "z")]
    _depth: Option<f64>,
    #[serde(default, rename = "visibility")]
    _visibility: Option<f64>,
    #[serde(default, rename = "presence")]
    _presence: Option<f64>,
}

/// Parses a JSON list of landmarks that are all `{"x", "y"}`, all `[x, y]` or all `[x, y, z]`. Returns `None` for every
/// other text and for invalid points: `landmark_array` reads those, with better errors.
#[pyfunction]
pub(crate) fn parse_plain_landmarks(py: Python<'_>, text: &[u8]) -> PyResult<Option<LandmarkPoints>> {
    let points = without_gil_if(py, text.len() > SHORT_INPUT, || Ok::<_, Error>(parse_points(text)))?;
    Ok(points.map(|points| LandmarkPoints { faces: vec![points] }))
}

/// The points of a text that [`parse_plain_landmarks`] reads.
pub(crate) fn parse_points(text: &[u8]) -> Option<Vec<Point>> {
    let text = std::str::from_utf8(text).ok()?;
    let points: Vec<Point> = if text.contains('{') {
        // serde also reads a list as a struct, and names may have escapes: both are excluded.
        let lists = text.bytes().filter(|&byte| byte == b'[').count();
        let points: Vec<LandmarkFields> =
            serde_json::from_str(text).ok().filter(|_| lists == 1 && !text.contains('\\'))?;
        points.iter().map(|p| Point::new(p.x, p.y)).collect()
    } else if let Ok(pairs) = serde_json::from_str::<Vec<[f64; 2]>>(text) {
        pairs.iter().map(|&[x, y]| Point::new(x, y)).collect()
    } else {
        serde_json::from_str::<Vec<[f64; 3]>>(text).ok()?.iter().map(|&[x, y, _]| Point::new(x, y)).collect()
    };
    // Python reads the integer -0 as 0, so its sign would differ.
    let is_valid = |value: f64| value.abs() <= 1e6 && !(value == 0.0 && value.is_sign_negative());
    (!points.is_empty() && points.iter().all(|p| is_valid(p.x) && is_valid(p.y))).then_some(points)
}
