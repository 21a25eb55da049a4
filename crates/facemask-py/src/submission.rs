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
type Lifted<'py> = (Bound<'py, PyBytes>, Vec<Bound<'py, PyBytes>>);

/// Lifts long base64 out of a JSON text: the string `<mark><i>` then stands for file `i`. None when there is none.
#[pyfunction]
pub(crate) fn lift_base64<'py>(
    py: Python<'py>,
    text: PyReadonlyArray<'py, u8, Ix1>,
    mark: &str,
) -> PyResult<Option<Lifted<'py>>> {
    let json = samples(&text);
    let lifted = released_when(py, json.len() > SHORT, || Ok::<_, Error>(facemask_image::lift(&json, mark)))?;
    Ok(lifted.map(|lifted| {
        let files = lifted.files.iter().map(|file| PyBytes::new(py, file)).collect();
        (PyBytes::new(py, &lifted.text), files)
    }))
}

/// One landmark in either dress, whatever else it has.
#[derive(Deserialize)]
struct Landmark {
    x: f64,
    y: f64,
    #[serde(default, rename = "z")]
    _depth: Option<serde::de::IgnoredAny>,
}

/// The points of a JSON text that is plainly one list of them, all `{"x", "y"}` or all `[x, y]`, perhaps with a third
/// value: float64 (n, 2). None for every other text, and for points that have to be refused: that takes more words.
#[pyfunction]
pub(crate) fn plain_landmarks<'py>(
    py: Python<'py>,
    text: &[u8],
) -> PyResult<Option<Bound<'py, PyArray2<f64>>>> {
    let points = released_when(py, text.len() > SHORT, || Ok::<_, Error>(plain(text)))?;
    points.map(|points| point_array(py, &points)).transpose()
}

fn plain(text: &[u8]) -> Option<Vec<Point>> {
    let count = |byte| text.iter().filter(|&&other| other == byte).count();
    // One bracket and braces, or brackets only: serde would take both in one list.
    if count(b'[') != 1 && count(b'{') != 0 {
        return None;
    }
    let points: Vec<Landmark> = serde_json::from_str(std::str::from_utf8(text).ok()?).ok()?;
    let is_sound = |p: &Landmark| p.x.abs() <= 1e6 && p.y.abs() <= 1e6;
    let sound = !points.is_empty() && points.iter().all(is_sound);
    sound.then(|| points.iter().map(|p| Point::new(p.x, p.y)).collect())
}
