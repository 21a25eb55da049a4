//! What tells one job's input from another's: a digest of the input, and one of all that its answer depends on.

use facemask_core::geometry::Point;
use facemask_core::trace::{RegionSet, TraceOptions, compute_placement};
use facemask_image::likeness;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use numpy::PyUntypedArray;

use crate::arrays::points;
use crate::door::released;
use crate::job::{self, Prepared};
use crate::mask::FaceMask;
use crate::options::{Limits, Options};
use crate::photo::JobPhoto;

/// A job's input, decoded as far as a trace needs it, and its digests.
#[pyclass(frozen, module = "facemask._core")]
pub(crate) struct Fingerprint {
    prepared: Prepared,
    exact: [u8; 32],
    labelled: [u8; 32],
    /// Only where the answer does not show the whole input.
    scoped: Option<TraceOptions>,
}

/// Decodes what a trace needs and digests it, with `salt` for all that is not in the files: options, versions, owner.
#[pyfunction]
#[pyo3(signature = (image, label_map, landmarks, options, limits, salt))]
#[expect(clippy::too_many_arguments, reason = "the arguments of the Python function")]
pub(crate) fn fingerprint(
    py: Python<'_>,
    image: JobPhoto<'_>,
    label_map: &[u8],
    landmarks: Option<&Bound<'_, PyUntypedArray>>,
    options: &Options,
    limits: &Limits,
    salt: &[u8],
) -> PyResult<Fingerprint> {
    let landmarks = points(landmarks)?;
    let photo = image.source();
    released(py, || {
        let prepared = job::prepare(photo, label_map, landmarks, options, limits)?;
        let labelled = labelled(&prepared, salt);
        let points = prepared.landmarks.as_deref().map(bytes_of);
        let shown = if options.embed { Some(photo.file()?) } else { None };
        let exact = digest_of(&[Some(&labelled), points.as_deref(), shown]);
        // Zones are drawn through the landmarks themselves.
        let is_scoped = !options.embed && options.trace.regions == RegionSet::Labels;
        let scoped = is_scoped.then(|| options.trace.clone());
        Ok(Fingerprint { prepared, exact, labelled, scoped })
    })
}

/// 32 bytes that only the same files and landmarks have, byte by byte. Nothing is decoded.
pub(crate) fn content_digest(image: &[u8], label_map: &[u8], landmarks: Option<&[Point]>) -> [u8; 32] {
    digest_of(&[Some(image), Some(label_map), landmarks.map(bytes_of).as_deref()])
}

/// A photo as 128 x 128 grey values, rows from the top, EXIF orientation applied.
#[pyfunction]
pub(crate) fn grey_raster<'py>(
    py: Python<'py>,
    image: &[u8],
    limits: &Limits,
) -> PyResult<Bound<'py, PyBytes>> {
    let grey = released(py, || likeness::grey_raster(image, &limits.image))?;
    Ok(PyBytes::new(py, &grey))
}

/// The digest of the decoded map, however its file is packed, of its size and the photo's, and of the salt.
fn labelled(prepared: &Prepared, salt: &[u8]) -> [u8; 32] {
    let (map, (width, height)) = (&prepared.map, prepared.info.oriented_size());
    let sizes = [map.width, map.height, width, height].map(u32::to_le_bytes);
    // Its runs say the same as the map's pixels, and there are fewer of them.
    digest_of(&[Some(salt), Some(sizes.as_flattened()), Some(&likeness::runs(&map.labels))])
}

/// BLAKE3 over every value with its length in front, so that no two inputs read alike.
fn digest_of(parts: &[Option<&[u8]>]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        // No landmarks are not the same as none at all.
        let length = part.map_or(u64::MAX, |bytes| bytes.len() as u64);
        hasher.update(&length.to_le_bytes());
        hasher.update(part.unwrap_or_default());
    }
    *hasher.finalize().as_bytes()
}

fn bytes_of(points: &[Point]) -> Vec<u8> {
    points.iter().flat_map(|point| [point.x, point.y]).flat_map(f64::to_le_bytes).collect()
}

#[pymethods]
impl Fingerprint {
    /// 32 bytes that only the same input has.
    #[getter]
    fn exact<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.exact)
    }

    /// 16 bytes that only inputs with the same answer have: the same map, and landmarks that put the face in the same
    /// place. None where the landmarks themselves are in the answer, where the photo is, and without landmarks.
    fn scope<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        let scope = released(py, || {
            let (size, points) = (self.prepared.info.oriented_size(), self.prepared.landmarks.as_deref());
            let Some(options) = &self.scoped else { return Ok(None) };
            let face = compute_placement(points, size.into(), options)?;
            Ok(face.map(|face| digest_of(&[Some(&self.labelled), Some(&face.to_bytes())])))
        });
        // Landmarks that are refused have no answer; the trace says why.
        scope.ok().flatten().map(|scope| PyBytes::new(py, &scope[..16]))
    }

    /// Traces the face; the same as `trace_bytes` of the same input with `answer`.
    fn trace(
        &self,
        py: Python<'_>,
        image: JobPhoto<'_>,
        options: &Options,
        limits: &Limits,
    ) -> PyResult<FaceMask> {
        let photo = image.source();
        released(py, || job::trace(&self.prepared, photo, (options, limits), true))
    }
}
