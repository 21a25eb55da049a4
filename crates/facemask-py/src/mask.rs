//! The result of a trace, converted to Python objects on access.

use std::collections::BTreeMap;

use facemask_core::contours_json::contours_json;
use facemask_core::raster::Size;
use facemask_core::run_lengths::RunLengths;
use facemask_core::svg::{CropWindow, cut_photo};
use facemask_core::trace::TraceOutput;
use numpy::{PyArray2, PyArrayDyn, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::arrays::{photo_array, pixel_array, point_array, samples, to_arrays};
use crate::gil::without_gil;
use crate::options::Limits;
use crate::photo::PhotoPixels;
use crate::response_json::{ResponseTail, colors_by_region};

/// A traced face. Coordinates are pixels of the frame that `frame` names.
#[pyclass(frozen, module = "facemask._core")]
pub(crate) struct FaceMask {
    pub(crate) mask: TraceOutput,
    pub(crate) timings_ms: BTreeMap<&'static str, f64>,
    /// Present if the caller set `with_response`.
    pub(crate) response: Option<ResponseTail>,
    /// The upright crop as a file; empty unless the options asked for it.
    pub(crate) crop_jpeg: Vec<u8>,
}

/// The window of the photo that the crop shows.
pub(crate) fn crop_window(mask: &TraceOutput) -> CropWindow<'_> {
    CropWindow { size: mask.crop_size, crop_from_image: &mask.crop_from_image }
}

#[pymethods]
impl FaceMask {
    /// Cuts the upright crop out of the photo, uint8 (height, width, 3), in the same form. `photo` is that of the
    /// trace.
    fn cut_photo<'py>(
        &self,
        py: Python<'py>,
        photo: &Bound<'py, PyUntypedArray>,
        limits: &Limits,
    ) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
        let photo = photo_array(photo)?;
        let size = (photo.shape()[1] as u32, photo.shape()[0] as u32);
        let pixels = PhotoPixels { size, pixels: samples(&photo) };
        let (max_pixels, Size { width, height }) = (limits.image.max_decode_pixels, self.mask.crop_size);
        let crop = without_gil(py, || cut_photo(&pixels, crop_window(&self.mask), max_pixels, "crop_image"))?;
        pixel_array(py, crop, &[height as usize, width as usize, 3])
    }

    /// The upright crop as a JPEG file; empty unless the options asked for it.
    #[getter]
    fn crop_jpeg<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.crop_jpeg)
    }

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
        colors_by_region(&self.mask)
    }

    #[getter]
    fn mask_contours_json<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let json = py.detach(|| contours_json(&self.mask.contours));
        PyBytes::new(py, &json)
    }

    /// For each region with a pixel: id, run lengths as COCO's text, number of pixels, and box.
    fn run_length_masks(&self, py: Python<'_>) -> Vec<(u8, String, i64, [i64; 4])> {
        py.detach(|| {
            let masks = self.mask.contours.iter().map(|(id, polygons)| {
                let runs = RunLengths::of(polygons, self.mask.size);
                (*id, runs.to_text(), runs.area(), runs.bounding_box())
            });
            masks.filter(|(_, _, area, _)| *area > 0).collect()
        })
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

    /// Landmarks of the traced face, float64 (n, 2), or `None` when the label map gave roll and crop.
    #[getter]
    fn landmarks<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArray2<f64>>>> {
        let points = &self.mask.landmarks;
        (!points.is_empty()).then(|| point_array(py, points)).transpose()
    }

    #[getter]
    fn native_resolution_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        to_json(py, &self.mask.native_resolution)
    }

    #[getter]
    fn warnings(&self) -> Vec<BTreeMap<&'static str, &str>> {
        let warnings = self.mask.warnings.iter();
        warnings.map(|w| BTreeMap::from([("code", w.code), ("detail", w.detail.as_str())])).collect()
    }

    /// `crop` or `image`.
    #[getter]
    fn frame(&self) -> &'static str {
        self.mask.frame.name()
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

    /// `map`, or `landmarks` where no label map was given.
    #[getter]
    fn labels_from(&self) -> &'static str {
        self.mask.labels_from
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
pub(crate) fn to_json<'py, T: serde::Serialize + ?Sized>(
    py: Python<'py>,
    value: &T,
) -> PyResult<Bound<'py, PyBytes>> {
    let text = serde_json::to_vec(value)
        .map_err(|error| pyo3::exceptions::PyRuntimeError::new_err(error.to_string()))?;
    Ok(PyBytes::new(py, &text))
}
