//! The text of a submission: its files and its landmarks, without a Python object for each letter and each number.

use facemask_core::error::Error;
use facemask_core::geometry::Point;
use numpy::{Ix1, PyArray2, PyReadonlyArray};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Deserialize;

use crate::arrays::{point_array, samples};
use crate::door::{SHORT, released_when};

/// A JSON text without its base64, and the bytes of that.
type Base64Extraction<'py> = (Bound<'py, PyBytes>, Vec<Bound<'py, PyBytes>>);

/// Lifts long base64 out of a JSON text: the string `<mark><i>` then stands for file `i`. None when there is none.
#[pyfunction]
pub(crate) fn lift_base64<'py>(
    py: Python<'py>,
    text: PyReadonlyArray<'py, u8, Ix1>,
    mark: &str,
) -> PyResult<Option<Base64Extraction<'py>>> {
    let json = samples(&text);
    let lifted = released_when(py, json.len() > SHORT, || {
        Ok::<_, Error>(facemask_image::extract_base64(&json, mark))
    })?;
    Ok(lifted.map(|lifted| {
        let files = lifted.files.iter().map(|file| PyBytes::new(py, file)).collect();
        (PyBytes::new(py, &lifted.text), files)
    }))
}

/// One landmark as MediaPipe and others name its values.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    x: f64,
    y: f64,
    #[serde(default, rename = "z")]
    _depth: Option<f64>,
    #[serde(default, rename = "visibility")]
    _visibility: Option<f64>,
    #[serde(default, rename = "presence")]
    _presence: Option<f64>,
}

/// The points of a JSON text that is plainly one list of them, all `{"x", "y"}`, all `[x, y]` or all `[x, y, z]`: float64
/// (n, 2). None for every other text, and for points that have to be refused: that takes more words.
#[pyfunction]
pub(crate) fn plain_landmarks<'py>(
    py: Python<'py>,
    text: &[u8],
) -> PyResult<Option<Bound<'py, PyArray2<f64>>>> {
    let points = released_when(py, text.len() > SHORT, || Ok::<_, Error>(plain(text)))?;
    points.map(|points| point_array(py, &points)).transpose()
}

fn plain(text: &[u8]) -> Option<Vec<Point>> {
    let text = std::str::from_utf8(text).ok()?;
    let points: Vec<Point> = if text.contains('{') {
        // One bracket: serde would also take a list for a point with names. A name may be written with escapes.
        let lists = text.bytes().filter(|&byte| byte == b'[').count();
        let points: Vec<Named> =
            serde_json::from_str(text).ok().filter(|_| lists == 1 && !text.contains('\\'))?;
        points.iter().map(|p| Point::new(p.x, p.y)).collect()
    } else if let Ok(pairs) = serde_json::from_str::<Vec<[f64; 2]>>(text) {
        pairs.iter().map(|&[x, y]| Point::new(x, y)).collect()
    } else {
        serde_json::from_str::<Vec<[f64; 3]>>(text).ok()?.iter().map(|&[x, y, _]| Point::new(x, y)).collect()
    };
    // The whole number -0 is 0 elsewhere.
    let is_sound = |value: f64| value.abs() <= 1e6 && !(value == 0.0 && value.is_sign_negative());
    (!points.is_empty() && points.iter().all(|p| is_sound(p.x) && is_sound(p.y))).then_some(points)
}
