//! Errors as Python exceptions: one class with `code`, `field` and `detail`.

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

/// The codes of all kinds.
pub(crate) fn codes() -> Vec<&'static str> {
    ErrorKind::ALL.iter().map(|kind| kind.code()).collect()
}

/// The exception for an error.
pub(crate) fn to_py(py: Python<'_>, error: &Error) -> PyErr {
    let exception = FacemaskError::new_err(error.to_string());
    let value = exception.value(py);
    let set = |name: &str, text: &str| value.setattr(name, text);
    let done = set("code", error.kind.code())
        .and_then(|()| set("field", &error.field))
        .and_then(|()| set("detail", &error.detail));
    done.err().unwrap_or(exception)
}
