//! Digests of an input for the service's cache: of the input itself, and of everything that its result
//! depends on.

use facemask_core::geometry::Point;
use facemask_core::trace::{RegionSet, TraceOptions, compute_placement};
use facemask_image::similarity;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::gil::without_gil;
use crate::landmarks::points::faces;
use crate::mask::FaceMask;
use crate::options::{Limits, Options};
use crate::photo::PhotoArgument;
use crate::pipeline::{DecodedInput, EncodedInput, Settings, decode_input, trace_input};

/// A decoded input with its digests. Digests are BLAKE3.
#[pyclass(frozen, module = "facemask._core")]
pub(crate) struct Fingerprint {
    input: DecodedInput,
    exact: [u8; 32],
    /// Digest of the label map, the sizes and the options.
    map_digest: [u8; 32],
    /// Options of a result that does not depend on every byte of the input; `None` otherwise.
    scope_options: Option<TraceOptions>,
}

/// Decodes an input and computes its digests. `options_key` stands for everything outside the files: options,
/// versions, owner.
#[pyfunction]
#[pyo3(signature = (image, label_map, landmarks, options, limits, options_key))]
#[expect(clippy::too_many_arguments, reason = "the arguments of the Python function")]
pub(crate) fn fingerprint(
    py: Python<'_>,
    image: Option<PhotoArgument<'_>>,
    label_map: Option<&[u8]>,
    landmarks: Option<&Bound<'_, PyAny>>,
    options: &Options,
    limits: &Limits,
    options_key: &[u8],
) -> PyResult<Fingerprint> {
    let faces = faces(landmarks)?;
    let photo = PhotoArgument::source(image.as_ref(), options);
    without_gil(py, || {
        let photo = photo?;
        let input = decode_input(EncodedInput { photo, label_map, faces }, Settings { options, limits })?;
        let map_digest = digest_map(&input, options_key);
        let face_bytes = faces_to_le_bytes(&input.faces);
        let shown = if options.reads_photo() { Some(photo.file()?) } else { None };
        let exact = digest_fields(&[Some(&map_digest), face_bytes.as_deref(), shown]);
        // Zone outlines pass through the landmarks, so a result with zones depends on each of them. So does one without
        // a label map, and one that repeats them.
        let is_by_labels = input.map.is_some() && options.trace.regions == RegionSet::Labels;
        let has_scope = is_by_labels && !options.reads_photo() && !options.with_landmarks;
        let scope_options = has_scope.then(|| options.trace.clone());
        Ok(Fingerprint { input, exact, map_digest, scope_options })
    })
}

/// Computes the digest of the encoded files and the landmarks, 32 bytes. Nothing is decoded.
pub(crate) fn content_digest(
    image: Option<&[u8]>,
    label_map: Option<&[u8]>,
    faces: &[Vec<Point>],
) -> [u8; 32] {
    digest_fields(&[image, label_map, faces_to_le_bytes(faces).as_deref()])
}

/// Luma of a photo at 128 x 128 pixels, row by row from the top left, with the EXIF orientation applied.
#[pyfunction]
pub(crate) fn luma_thumbnail<'py>(
    py: Python<'py>,
    image: &[u8],
    limits: &Limits,
) -> PyResult<Bound<'py, PyBytes>> {
    let luma = without_gil(py, || similarity::luma_thumbnail(image, &limits.image))?;
    Ok(PyBytes::new(py, &luma))
}

/// Computes the digest of the decoded map, whatever its encoding, of its names, of the decoder's warnings, which the
/// result repeats, of its size and extent, the photo's size, and the options. Without a map its fields are absent.
fn digest_map(input: &DecodedInput, options_key: &[u8]) -> [u8; 32] {
    let (width, height) = input.frame.oriented_size();
    let Some(map) = &input.map else {
        let sizes = [width, height].map(u32::to_le_bytes);
        return digest_fields(&[Some(options_key), Some(sizes.as_flattened()), None]);
    };
    let sizes = [map.width, map.height, width, height].map(u32::to_le_bytes);
    // Runs determine the pixels and are fewer bytes to hash.
    let runs = similarity::run_length_encode(&map.labels);
    // Every name ends with a byte that no UTF-8 has.
    let names: Vec<u8> =
        map.names.iter().flat_map(|(id, name)| [&[*id], name.as_bytes(), &[0xff]].concat()).collect();
    let warnings: Vec<&str> = map.warnings.iter().map(|warning| warning.detail.as_str()).collect();
    let warnings = warnings.join("\n");
    let mut fields = vec![
        Some(options_key),
        Some(sizes.as_flattened()),
        Some(&runs[..]),
        Some(&names[..]),
        Some(warnings.as_bytes()),
    ];
    // The map's extent in the raw frame depends on the photo's orientation, which is no part of the sizes.
    let extent = input.image_from_labels.map(|affine| affine.0.map(f64::to_le_bytes));
    fields.extend(extent.as_ref().map(|numbers| Some(numbers.as_flattened())));
    digest_fields(&fields)
}

/// Computes BLAKE3 over fields, each after its length, so that different fields never hash the same bytes.
fn digest_fields(fields: &[Option<&[u8]>]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for field in fields {
        // An absent field differs from an empty one.
        let length = field.map_or(u64::MAX, |bytes| bytes.len() as u64);
        hasher.update(&length.to_le_bytes());
        hasher.update(field.unwrap_or_default());
    }
    *hasher.finalize().as_bytes()
}

/// The landmarks of all faces; `None` without a face. Several faces begin with their number and the number of
/// points of each, so that other faces with the same points differ.
fn faces_to_le_bytes(faces: &[Vec<Point>]) -> Option<Vec<u8>> {
    let points = faces.iter().flatten().flat_map(|point| [point.x, point.y]).map(f64::to_le_bytes);
    match faces {
        [] => None,
        [_] => Some(points.flatten().collect()),
        _ => {
            let lengths = std::iter::once(faces.len()).chain(faces.iter().map(Vec::len));
            let lengths = lengths.map(|length| (length as u64).to_le_bytes());
            // The last byte makes an odd number of bytes, which no single face has.
            Some(lengths.chain(points).flatten().chain([0]).collect())
        }
    }
}

#[pymethods]
impl Fingerprint {
    /// Digest of the input, 32 bytes.
    #[getter]
    fn exact<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.exact)
    }

    /// Digest of everything that the result depends on, 16 bytes: the map, and the placement of the face by
    /// its landmarks. `None` if the result depends on all landmarks or on the photo, and without landmarks.
    fn scope<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        let scope = without_gil(py, || {
            let (size, faces) = (self.input.frame.oriented_size(), &self.input.faces);
            let Some(options) = &self.scope_options else { return Ok(None) };
            let face = compute_placement(faces, size.into(), options)?;
            Ok(face.map(|face| digest_fields(&[Some(&self.map_digest), Some(&face.to_bytes())])))
        });
        // Invalid landmarks have no result; the trace raises the error.
        scope.ok().flatten().map(|scope| PyBytes::new(py, &scope[..16]))
    }

    /// Traces the face: the same as `trace_bytes` of the same input with a response.
    fn trace(
        &self,
        py: Python<'_>,
        image: Option<PhotoArgument<'_>>,
        options: &Options,
        limits: &Limits,
    ) -> PyResult<FaceMask> {
        let photo = PhotoArgument::source(image.as_ref(), options);
        without_gil(py, || trace_input(&self.input, photo?, Settings { options, limits }, true))
    }
}
