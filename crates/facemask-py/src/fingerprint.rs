//! What tells one job's input from another's: an exact digest, and what is needed to see that two are alike.

use facemask_core::geometry::Point;
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

/// Cells in which the signatures of two like maps may differ: one in a hundred.
const MAX_CELLS: usize = likeness::SIGNATURE_SIDE * likeness::SIGNATURE_SIDE / 100;
/// How far a landmark of a like face may lie from the other's, pixels of the image frame.
const MAX_MOVE: f64 = 1.0;

/// A job's input, decoded as far as a trace needs it, and its marks.
#[pyclass(frozen, module = "facemask._core")]
pub(crate) struct Fingerprint {
    prepared: Prepared,
    exact: [u8; 32],
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
        let shown = if options.embed { Some(photo.file()?) } else { None };
        let exact = digest(&prepared, shown, salt);
        Ok(Fingerprint { prepared, exact })
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

/// The digest of what is in the files, however they are packed.
fn digest(prepared: &Prepared, photo: Option<&[u8]>, salt: &[u8]) -> [u8; 32] {
    let (map, (width, height)) = (&prepared.map, prepared.info.oriented_size());
    let sizes: Vec<u8> =
        [map.width, map.height, width, height].iter().flat_map(|side| side.to_le_bytes()).collect();
    let points = prepared.landmarks.as_deref().map(bytes_of);
    // Its runs say the same as the map's pixels, and there are fewer of them.
    let runs = likeness::runs(&map.labels);
    digest_of(&[Some(salt), Some(&sizes), Some(&runs), points.as_deref(), photo])
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

    /// (width, height) of the photo, then of the label map, pixels.
    #[getter]
    fn sizes(&self) -> (u32, u32, u32, u32) {
        let (width, height) = self.prepared.info.oriented_size();
        (width, height, self.prepared.map.width, self.prepared.map.height)
    }

    /// The label map's majority labels in 64 x 64 cells.
    fn signature<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let map = &self.prepared.map;
        let cells = py.detach(|| likeness::signature(&map.labels, map.width as usize, map.height as usize));
        PyBytes::new(py, &cells)
    }

    /// The label map, packed.
    fn runs<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &py.detach(|| likeness::runs(&self.prepared.map.labels)))
    }

    /// The landmarks in pixels of the image frame, as pairs of little-endian float64; empty without landmarks.
    fn points<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &bytes_of(&self.pixels()))
    }

    /// Whether another input of the same sizes, options and owner is the same face to within a pixel.
    fn is_like(&self, py: Python<'_>, signature: &[u8], points: &[u8], runs: &[u8]) -> PyResult<bool> {
        let map = &self.prepared.map;
        let (width, height) = (map.width as usize, map.height as usize);
        released(py, || {
            let cells = likeness::signature(&map.labels, width, height);
            Ok(likeness::differing_cells(&cells, signature) <= MAX_CELLS
                && are_near(&bytes_of(&self.pixels()), points)
                && likeness::agree(&map.labels, width, height, runs))
        })
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

impl Fingerprint {
    fn pixels(&self) -> Vec<Point> {
        let (width, height) = self.prepared.info.oriented_size();
        let (width, height) = (f64::from(width), f64::from(height));
        let points = self.prepared.landmarks.as_deref().unwrap_or_default();
        if self.prepared.units.are_ratios(points, (width, height)) {
            return points.iter().map(|p| Point::new(p.x * width, p.y * height)).collect();
        }
        points.to_vec()
    }
}

/// Whether as many points lie within `MAX_MOVE` of their partners.
fn are_near(ours: &[u8], theirs: &[u8]) -> bool {
    let number = |bytes: &[u8]| <[u8; 8]>::try_from(bytes).map_or(f64::NAN, f64::from_le_bytes);
    ours.len() == theirs.len()
        && ours.chunks(16).zip(theirs.chunks(16)).all(|(a, b)| {
            a.len() == 16
                && (number(&a[..8]) - number(&b[..8])).hypot(number(&a[8..]) - number(&b[8..])) <= MAX_MOVE
        })
}
