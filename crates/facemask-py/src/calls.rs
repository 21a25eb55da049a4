//! The functions of the module: borrow, go through the door, hand the answer up.

use std::collections::BTreeMap;

use facemask_core::contour::{ContourOptions, CurveKind};
use facemask_core::error::{Error, ErrorKind};
use facemask_core::face::LandmarkScheme;
use facemask_core::geometry::Polygons;
use facemask_core::raster::LabelMap;
use facemask_core::regions::LabelScheme;
use facemask_core::trace::TraceInput;
use numpy::{PyArrayDyn, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::arrays::{label_array, photo_array, pixels, points, polygons, samples};
use crate::door::{SHORT, released, released_when};
use crate::errors::to_py;
use crate::fingerprint::content_digest;
use crate::job;
use crate::mask::FaceMask;
use crate::options::{self, Limits, Options};
use crate::outline::Outline;
use crate::photo::{JobPhoto, Pixels, SeenPhoto};

/// Traces a face from arrays.
#[pyfunction]
#[pyo3(signature = (labels, landmarks, image_size, image, options, limits))]
#[expect(clippy::too_many_arguments, reason = "the arguments of the Python function")]
pub(crate) fn trace_face(
    py: Python<'_>,
    labels: &Bound<'_, PyUntypedArray>,
    landmarks: Option<&Bound<'_, PyUntypedArray>>,
    image_size: (u32, u32),
    image: Option<&Bound<'_, PyUntypedArray>>,
    options: &Options,
    limits: &Limits,
) -> PyResult<FaceMask> {
    let (labels, landmarks) = (label_array(labels, "labels")?, points(landmarks)?);
    let (height, width) = (labels.shape()[0], labels.shape()[1]);
    let image = image.filter(|_| options.embed).map(photo_array).transpose()?;
    let ids = samples(&labels);
    let photo = image.as_ref().map(|image| Pixels {
        size: (image.shape()[1] as u32, image.shape()[0] as u32),
        pixels: samples(image),
    });
    released(py, || {
        let input = TraceInput {
            labels: LabelMap::new(width, height, &ids)?,
            landmarks: landmarks.as_deref(),
            image_size: image_size.into(),
            photo: photo.as_ref().map(|photo| photo as _),
        };
        let mask = facemask_core::trace::trace_face(&input, &options.limited(limits))?;
        Ok(FaceMask { mask, timings_ms: BTreeMap::new(), answer: None })
    })
}

/// Traces a face from files, and makes what the service sends of it if `answer` is set.
#[pyfunction]
#[pyo3(signature = (image, label_map, landmarks, options, limits, *, answer=false))]
#[expect(clippy::too_many_arguments, reason = "the arguments of the Python function")]
pub(crate) fn trace_bytes(
    py: Python<'_>,
    image: JobPhoto<'_>,
    label_map: &[u8],
    landmarks: Option<&Bound<'_, PyUntypedArray>>,
    options: &Options,
    limits: &Limits,
    answer: bool,
) -> PyResult<FaceMask> {
    let landmarks = points(landmarks)?;
    let photo = image.source();
    released(py, || {
        let prepared = job::prepare(photo, label_map, landmarks, options, limits)?;
        job::trace(&prepared, photo, (options, limits), answer)
    })
}

/// The contours of every label above 0.
#[pyfunction]
#[pyo3(signature = (labels, *, tolerance=0.0, curve="straight", min_area=0.0, background=false,
    max_border=ContourOptions::MAX_BORDER))]
#[expect(clippy::too_many_arguments, reason = "the arguments of the Python function")]
pub(crate) fn find_contours<'py>(
    py: Python<'py>,
    labels: &Bound<'py, PyUntypedArray>,
    tolerance: f64,
    curve: &str,
    min_area: f64,
    background: bool,
    max_border: usize,
) -> PyResult<Bound<'py, PyDict>> {
    let labels = label_array(labels, "labels")?;
    let (height, width) = (labels.shape()[0], labels.shape()[1]);
    let ids = samples(&labels);
    let contours = released(py, || {
        let curve = options::choose("curve", curve, &CurveKind::NAMES)?;
        let options = ContourOptions {
            tolerance,
            curve,
            min_area,
            background,
            max_border,
            ..ContourOptions::default()
        };
        facemask_core::contour::find_contours(&LabelMap::new(width, height, &ids)?, &options)
    })?;
    let found = PyDict::new(py);
    for (id, polygons) in contours {
        found.set_item(id, Outline(polygons))?;
    }
    Ok(found)
}

/// The SVG path data of a contour.
#[pyfunction]
pub(crate) fn path_data(
    py: Python<'_>,
    points: &Bound<'_, PyUntypedArray>,
    offsets: &Bound<'_, PyUntypedArray>,
    curves: &Bound<'_, PyUntypedArray>,
    controls: &Bound<'_, PyUntypedArray>,
) -> PyResult<String> {
    path_text(py, &polygons([points, offsets, curves, controls])?)
}

/// Of most contours it is written sooner than another thread hands the interpreter back.
pub(crate) fn path_text(py: Python<'_>, polygons: &Polygons) -> PyResult<String> {
    released_when(py, size_of_val(&polygons.points[..]) > SHORT, || {
        let text = facemask_core::svg::path_data(polygons);
        String::from_utf8(text).map_err(|error| Error::new(ErrorKind::Internal, "", error.to_string()))
    })
}

/// A label map's ids from its file: uint8 (height, width).
#[pyfunction]
#[pyo3(signature = (data, palette, limits))]
pub(crate) fn decode_label_map<'py>(
    py: Python<'py>,
    data: &[u8],
    palette: Option<Vec<Vec<i64>>>,
    limits: &Limits,
) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    let palette =
        palette.map(|colors| options::palette("palette", &colors)).transpose().map_err(|e| to_py(py, &e))?;
    let map = released(py, || facemask_image::decode_label_map(data, &limits.image, palette.as_deref()))?;
    pixels(py, map.labels, &[map.height as usize, map.width as usize])
}

/// A photo's pixels from its file, EXIF orientation applied: uint8 (height, width, 3).
#[pyfunction]
#[pyo3(signature = (data, limits))]
pub(crate) fn decode_image<'py>(
    py: Python<'py>,
    data: &[u8],
    limits: &Limits,
) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    let image = released(py, || facemask_image::decode_image(data, &limits.image))?;
    pixels(py, image.pixels, &[image.height as usize, image.width as usize, 3])
}

/// Bytes from base64 text: a `data:` prefix, white space, the URL alphabet and missing padding are accepted.
#[pyfunction]
pub(crate) fn decode_base64<'py>(py: Python<'py>, text: &str, field: &str) -> PyResult<Bound<'py, PyBytes>> {
    let decode = || facemask_image::base64::decode(text.as_bytes(), field);
    let bytes = released_when(py, text.len() > SHORT, decode)?;
    Ok(PyBytes::new(py, &bytes))
}

/// Looks at an input without decoding pixels: landmarks that are finite and not beyond a million, the headers' formats
/// and sizes against the limits. Answers 32 bytes that only the same files and landmarks have, byte by byte, if `digest`
/// is set, otherwise none; and what the photo's file says when it is looked through, if `look` is set.
#[pyfunction]
#[pyo3(signature = (image, label_map, landmarks, limits, *, digest, look))]
#[expect(clippy::too_many_arguments, reason = "the arguments of the Python function")]
pub(crate) fn check_input<'py>(
    py: Python<'py>,
    image: &[u8],
    label_map: &[u8],
    landmarks: Option<&Bound<'py, PyUntypedArray>>,
    limits: &Limits,
    digest: bool,
    look: bool,
) -> PyResult<(Bound<'py, PyBytes>, Option<SeenPhoto>)> {
    let landmarks = points(landmarks)?;
    let (digest, seen) = released(py, || {
        landmarks.as_deref().map_or(Ok(()), facemask_core::face::check_points)?;
        facemask_image::read_header(image, &limits.image)?;
        facemask_image::read_map_header(label_map, &limits.image)?;
        let digest = digest.then(|| content_digest(image, label_map, landmarks.as_deref()));
        Ok((digest, look.then(|| SeenPhoto::of(image, &limits.image))))
    })?;
    Ok((PyBytes::new(py, digest.as_ref().map_or(&[], |digest| digest)), seen))
}

/// A landmark scheme's counts and parts.
type SchemeTable = (Vec<usize>, BTreeMap<&'static str, Vec<u16>>);

/// The landmark schemes: name -> (counts, part -> indices).
#[pyfunction]
pub(crate) fn landmark_schemes() -> BTreeMap<&'static str, SchemeTable> {
    let parts = |scheme: &LandmarkScheme| {
        scheme.parts.iter().map(|&(name, indices)| (name, indices.to_vec())).collect()
    };
    LandmarkScheme::ALL.iter().map(|scheme| (scheme.name, (scheme.counts.to_vec(), parts(scheme)))).collect()
}

/// The label schemes: name -> the regions' names by id.
#[pyfunction]
pub(crate) fn label_schemes() -> BTreeMap<&'static str, Vec<&'static str>> {
    LabelScheme::ALL.iter().map(|scheme| (scheme.name, scheme.names.to_vec())).collect()
}
