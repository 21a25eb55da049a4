//! The Python exception: one class with `code`, `field` and `detail`.

use facemask_core::error::{Error, ErrorKind};
use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

create_exception!(
    facemask,
    FacemaskError,
    PyValueError,
    "Input that cannot be used. `code` is a stable slug (see ERROR_CODES), `field` the parameter at fault, `detail` the reason."
);

/// Returns the codes of all kinds of errors.
pub(crate) fn codes() -> Vec<&'static str> {
    ErrorKind::ALL.iter().map(|kind| kind.code()).collect()
}

/// Converts an error to the Python exception.
pub(crate) fn to_py(py: Python<'_>, error: &Error) -> PyErr {
    let exception = FacemaskError::new_err(error.to_string());
    let value = exception.value(py);
    let set = |name: &str, text: &str| value.setattr(name, text);
    let outcome = set("code", error.kind.code())
        .and_then(|()| set("field", &error.field))
        .and_then(|()| set("detail", &error.detail));
    outcome.err().unwrap_or(exception)
}
