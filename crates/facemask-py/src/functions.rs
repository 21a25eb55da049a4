//! Functions of the Python module. Each borrows its arguments, computes with the GIL released, and converts
//! the result.

use std::collections::BTreeMap;

use facemask_core::contour::{ContourOptions, CurveKind, NativeContours, find_native_contours};
use facemask_core::contours_json::contours_json as write_contours;
use facemask_core::face::LandmarkScheme;
use facemask_core::raster::{LabelMap, NativeResolution, Size};
use facemask_core::regions::LabelScheme;
use facemask_core::trace::TraceInput;
use numpy::{PyArrayDyn, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::arrays::{from_arrays, label_array, photo_array, pixel_array, samples};
use crate::errors::to_py;
use crate::fingerprint::content_digest;
use crate::gil::{SHORT_INPUT, without_gil, without_gil_if};
use crate::landmarks::points::faces;
use crate::mask::{FaceMask, to_json};
use crate::options::{self, Limits, Options};
use crate::outline::{Outline, format_path};
use crate::photo::{InspectedPhoto, PhotoArgument, PhotoPixels, encode_crop};
use crate::pipeline::{EncodedInput, Settings, decode_input, trace_input};

/// Traces a face from arrays. Coordinates are in the image frame. Without labels the landmarks outline the regions.
#[pyfunction]
#[pyo3(signature = (labels, landmarks, image_size, image, options, limits))]
#[expect(clippy::too_many_arguments, reason = "the arguments of the Python function")]
pub(crate) fn trace_face(
    py: Python<'_>,
    labels: Option<&Bound<'_, PyUntypedArray>>,
    landmarks: Option<&Bound<'_, PyAny>>,
    image_size: (u32, u32),
    image: Option<&Bound<'_, PyUntypedArray>>,
    options: &Options,
    limits: &Limits,
) -> PyResult<FaceMask> {
    let labels = labels.map(|labels| label_array(labels, "labels")).transpose()?;
    let faces = faces(landmarks)?;
    let map = labels.as_ref().map(|labels| (labels.shape()[1], labels.shape()[0], samples(labels)));
    let image = image.filter(|_| options.reads_photo()).map(photo_array).transpose()?;
    let photo = image.as_ref().map(|image| PhotoPixels {
        size: (image.shape()[1] as u32, image.shape()[0] as u32),
        pixels: samples(image),
    });
    without_gil(py, || {
        let labels = map.as_ref().map(|(width, height, ids)| LabelMap::new(*width, *height, ids));
        let input = TraceInput {
            labels: labels.transpose()?,
            parser: photo.as_ref().and_then(|photo| options.parser_input(photo)),
            faces: &faces,
            image_size: image_size.into(),
            image_from_labels: None,
            photo: photo.as_ref().filter(|_| options.embeds_crop).map(|photo| photo as _),
            color_photo: photo.as_ref().filter(|_| options.measures_color).map(|photo| photo as _),
        };
        let mask = facemask_core::trace::trace_face(&input, &options.with_limits(limits))?;
        Ok(FaceMask { mask, timings_ms: BTreeMap::new(), response: None, crop_jpeg: Vec::new() })
    })
}

/// Traces a face from files, and serializes the response of the service if `with_response` is set. Without an image the
/// options have its size; without a label map the landmarks outline the regions.
#[pyfunction]
#[pyo3(signature = (image, label_map, landmarks, options, limits, *, with_response=false))]
#[expect(clippy::too_many_arguments, reason = "the arguments of the Python function")]
pub(crate) fn trace_bytes(
    py: Python<'_>,
    image: Option<PhotoArgument<'_>>,
    label_map: Option<&[u8]>,
    landmarks: Option<&Bound<'_, PyAny>>,
    options: &Options,
    limits: &Limits,
    with_response: bool,
) -> PyResult<FaceMask> {
    let faces = faces(landmarks)?;
    let photo = PhotoArgument::source(image.as_ref(), options);
    without_gil(py, || {
        let photo = photo?;
        let settings = Settings { options, limits };
        let input = decode_input(EncodedInput { photo, label_map, faces }, settings)?;
        trace_input(&input, photo, settings, with_response)
    })
}

/// Finds the contour of every label above 0, or of every label if `background` is set, and the JSON of how the map had
/// been enlarged, where it was traced at its own resolution.
#[pyfunction]
#[pyo3(signature = (labels, *, tolerance=0.0, curve="straight", min_area=0.0, background=false,
    native_resolution="off", max_border=ContourOptions::MAX_BORDER))]
#[expect(clippy::too_many_arguments, reason = "the arguments of the Python function")]
pub(crate) fn find_contours<'py>(
    py: Python<'py>,
    labels: &Bound<'py, PyUntypedArray>,
    tolerance: f64,
    curve: &str,
    min_area: f64,
    background: bool,
    native_resolution: &str,
    max_border: usize,
) -> PyResult<(Bound<'py, PyDict>, Option<Bound<'py, PyBytes>>)> {
    let labels = label_array(labels, "labels")?;
    let (height, width) = (labels.shape()[0], labels.shape()[1]);
    let ids = samples(&labels);
    let NativeContours { contours, enlargement } = without_gil(py, || {
        let curve = options::choose("curve", curve, &CurveKind::NAMES)?;
        let options = ContourOptions {
            tolerance,
            curve,
            min_area,
            background,
            max_border,
            ..ContourOptions::default()
        };
        let native = options::choose("native_resolution", native_resolution, &NativeResolution::NAMES)?;
        find_native_contours(&LabelMap::new(width, height, &ids)?, &options, native)
    })?;
    let outlines = PyDict::new(py);
    for (id, polygons) in contours {
        outlines.set_item(id, Outline(polygons))?;
    }
    Ok((outlines, enlargement.map(|enlargement| to_json(py, &enlargement)).transpose()?))
}

/// Formats a contour as SVG path data.
#[pyfunction]
pub(crate) fn path_data(
    py: Python<'_>,
    points: &Bound<'_, PyUntypedArray>,
    offsets: &Bound<'_, PyUntypedArray>,
    curves: &Bound<'_, PyUntypedArray>,
    controls: &Bound<'_, PyUntypedArray>,
) -> PyResult<String> {
    format_path(py, &from_arrays([points, offsets, curves, controls])?)
}

/// Points, offsets, curves and controls of a contour.
type ContourArrays<'py> = (
    Bound<'py, PyUntypedArray>,
    Bound<'py, PyUntypedArray>,
    Bound<'py, PyUntypedArray>,
    Bound<'py, PyUntypedArray>,
);

/// Writes contours by region id as `FaceMask.mask_contours_json` does.
#[pyfunction]
pub(crate) fn contours_json<'py>(
    py: Python<'py>,
    contours: Vec<(u8, ContourArrays<'py>)>,
) -> PyResult<Bound<'py, PyBytes>> {
    let polygons = contours.iter().map(|(id, (points, offsets, curves, controls))| {
        Ok((*id, from_arrays([points, offsets, curves, controls])?))
    });
    let polygons = polygons.collect::<PyResult<Vec<_>>>()?;
    let json = without_gil(py, || Ok(write_contours(&polygons)))?;
    Ok(PyBytes::new(py, &json))
}

/// Ids of a label map, and the warnings of its decoder as (code, detail).
type LabelsAndWarnings<'py> = (Bound<'py, PyArrayDyn<u8>>, Vec<(&'static str, String)>);

/// Decodes a label map from its file: uint8 (height, width), and the warnings of the decoder as (code, detail).
#[pyfunction]
#[pyo3(signature = (data, palette, limits))]
pub(crate) fn decode_label_map<'py>(
    py: Python<'py>,
    data: &[u8],
    palette: Option<Vec<Vec<i64>>>,
    limits: &Limits,
) -> PyResult<LabelsAndWarnings<'py>> {
    let palette = palette
        .map(|colors| options::parse_palette("palette", &colors))
        .transpose()
        .map_err(|e| to_py(py, &e))?;
    let map = without_gil(py, || facemask_image::decode_label_map(data, &limits.image, palette.as_deref()))?;
    let warnings = map.warnings.into_iter().map(|warning| (warning.code, warning.detail)).collect();
    Ok((pixel_array(py, map.labels, &[map.height as usize, map.width as usize])?, warnings))
}

/// Ids of a label map, and the names of some of them.
type NamedLabels<'py> = (Bound<'py, PyArrayDyn<u8>>, BTreeMap<u8, String>);

/// Decodes a COCO or labelme document: uint8 (height, width), and names by id. `size` is (width, height) for a
/// document that states none.
#[pyfunction]
#[pyo3(signature = (data, size, limits))]
pub(crate) fn decode_annotations<'py>(
    py: Python<'py>,
    data: &[u8],
    size: Option<(u32, u32)>,
    limits: &Limits,
) -> PyResult<NamedLabels<'py>> {
    let map = without_gil(py, || facemask_image::decode_annotations(data, &limits.image, size))?;
    Ok((pixel_array(py, map.labels, &[map.height as usize, map.width as usize])?, map.names))
}

/// Decodes a photo from its file, EXIF orientation applied: uint8 (height, width, 3), red first.
#[pyfunction]
#[pyo3(signature = (data, limits))]
pub(crate) fn decode_image<'py>(
    py: Python<'py>,
    data: &[u8],
    limits: &Limits,
) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    let image = without_gil(py, || facemask_image::decode_image(data, &limits.image))?;
    pixel_array(py, image.pixels, &[image.height as usize, image.width as usize, 3])
}

/// Encodes pixels, uint8 (height, width, 3), red first, as a file: `jpeg` or `png`.
#[pyfunction]
pub(crate) fn encode_image<'py>(
    py: Python<'py>,
    pixels: &Bound<'py, PyUntypedArray>,
    file_format: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    let pixels = photo_array(pixels)?;
    let size = Size::new(pixels.shape()[1] as u32, pixels.shape()[0] as u32);
    let rgb = samples(&pixels);
    let file = without_gil(py, || {
        match options::choose("file_format", file_format, &[("jpeg", true), ("png", false)])? {
            true => encode_crop(size, &rgb),
            false => facemask_image::encode_png(size.width, size.height, &rgb),
        }
    })?;
    Ok(PyBytes::new(py, &file))
}

/// Decodes base64 text. A `data:` prefix, white space, the URL alphabet and missing padding are accepted.
#[pyfunction]
pub(crate) fn decode_base64<'py>(py: Python<'py>, text: &str, field: &str) -> PyResult<Bound<'py, PyBytes>> {
    let decode = || facemask_image::base64::decode(text.as_bytes(), field);
    let bytes = without_gil_if(py, text.len() > SHORT_INPUT, decode)?;
    Ok(PyBytes::new(py, &bytes))
}

/// Checks an input without decoding pixels: landmarks are finite and at most a million, formats and sizes of
/// the headers are within the limits. Returns a digest of the files and the landmarks, 32 bytes, if `digest`
/// is set, else no bytes; and an inspection of the photo's file if `inspect` is set, else `None`.
#[pyfunction]
#[pyo3(signature = (image, label_map, landmarks, limits, *, digest, inspect))]
#[expect(clippy::too_many_arguments, reason = "the arguments of the Python function")]
pub(crate) fn check_input<'py>(
    py: Python<'py>,
    image: Option<&[u8]>,
    label_map: Option<&[u8]>,
    landmarks: Option<&Bound<'py, PyAny>>,
    limits: &Limits,
    digest: bool,
    inspect: bool,
) -> PyResult<(Bound<'py, PyBytes>, Option<InspectedPhoto>)> {
    let faces = faces(landmarks)?;
    let (digest, photo) = without_gil(py, || {
        facemask_core::face::check_faces(&faces)?;
        let explain = |error| match (image, label_map) {
            (Some(photo), Some(map)) => facemask_image::explain_exchange(error, photo, map, &limits.image),
            _ => error,
        };
        let header = image.map(|photo| facemask_image::read_header(photo, &limits.image)).transpose();
        let photo_size = header.map_err(explain)?.map(|photo| photo.oriented_size());
        if let Some(map) = label_map {
            facemask_image::read_map_header_of(map, &limits.image, photo_size).map_err(explain)?;
        }
        let digest = digest.then(|| content_digest(image, label_map, &faces));
        let inspected = image.filter(|_| inspect).map(|photo| InspectedPhoto::inspect(photo, &limits.image));
        Ok((digest, inspected))
    })?;
    Ok((PyBytes::new(py, digest.as_ref().map_or(&[], |digest| digest)), photo))
}

/// Counts of points and parts of a landmark scheme.
type SchemeTable = (Vec<usize>, BTreeMap<&'static str, Vec<u16>>);

/// Returns the landmark schemes: name to (counts of points, part to indices).
#[pyfunction]
pub(crate) fn landmark_schemes() -> BTreeMap<&'static str, SchemeTable> {
    let parts = |scheme: &LandmarkScheme| {
        scheme.parts.iter().map(|&(name, indices)| (name, indices.to_vec())).collect()
    };
    LandmarkScheme::ALL.iter().map(|scheme| (scheme.name, (scheme.counts.to_vec(), parts(scheme)))).collect()
}

/// Returns the label schemes: name to region names by id.
#[pyfunction]
pub(crate) fn label_schemes() -> BTreeMap<&'static str, Vec<&'static str>> {
    LabelScheme::ALL.iter().map(|scheme| (scheme.name, scheme.names.to_vec())).collect()
}
