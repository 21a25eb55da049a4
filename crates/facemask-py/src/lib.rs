//! The compiled module `facemask._core`: a door, no algorithm. See `python/facemask/_core.pyi` for its signatures.

mod answer;
mod arrays;
mod calls;
mod door;
mod errors;
mod fingerprint;
mod job;
mod mask;
mod options;
mod outline;
mod photo;
mod submission;

use pyo3::prelude::*;

/// The compiled part of facemask.
#[pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::calls::{
        check_input, decode_base64, decode_image, decode_label_map, find_contours, label_schemes,
        landmark_schemes, path_data, trace_bytes, trace_face,
    };
    #[pymodule_export]
    use super::errors::FacemaskError;
    #[pymodule_export]
    use super::fingerprint::{Fingerprint, fingerprint, grey_raster};
    #[pymodule_export]
    use super::mask::FaceMask;
    #[pymodule_export]
    use super::options::{Limits, Options};
    #[pymodule_export]
    use super::outline::Outline;
    #[pymodule_export]
    use super::photo::SeenPhoto;
    #[pymodule_export]
    use super::submission::{lift_base64, plain_landmarks};
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("ERROR_CODES", errors::codes())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
