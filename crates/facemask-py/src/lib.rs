//! The compiled module `facemask._core`: conversion of arguments and results, no algorithms. Its signatures
//! are in `python/facemask/_core.pyi`.

mod arrays;
mod errors;
mod fingerprint;
mod functions;
mod gil;
mod landmarks;
mod mask;
mod networks;
mod options;
mod outline;
mod photo;
mod pipeline;
mod regions_argument;
mod request_json;
mod response_json;

use pyo3::prelude::*;

/// The compiled part of facemask.
#[pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::errors::FacemaskError;
    #[pymodule_export]
    use super::fingerprint::{Fingerprint, fingerprint, luma_thumbnail};
    #[pymodule_export]
    use super::functions::{
        check_input, contours_json, decode_annotations, decode_base64, decode_image, decode_label_map,
        encode_image, find_contours, label_schemes, landmark_schemes, path_data, trace_bytes, trace_face,
    };
    #[pymodule_export]
    use super::landmarks::detect::detect_faces;
    #[pymodule_export]
    use super::landmarks::landmark_file::{read_landmark_file, read_landmark_points};
    #[pymodule_export]
    use super::landmarks::points::LandmarkPoints;
    #[pymodule_export]
    use super::mask::FaceMask;
    #[pymodule_export]
    use super::networks::parser::Parser;
    #[pymodule_export]
    use super::options::{Limits, Options};
    #[pymodule_export]
    use super::outline::Outline;
    #[pymodule_export]
    use super::photo::InspectedPhoto;
    #[pymodule_export]
    use super::request_json::{extract_base64, parse_plain_landmarks};
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("ERROR_CODES", errors::codes())?;
        module.add("MIN_FACE_PRESENCE", facemask_detect::MIN_PRESENCE)?;
        module.add("MIN_FACE_AGREEMENT", facemask_detect::MIN_AGREEMENT)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
