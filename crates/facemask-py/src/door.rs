//! The one door out of the interpreter: every long call goes through it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use facemask_core::error::{Error, ErrorKind, Result};
use pyo3::prelude::*;

use crate::errors::to_py;

/// Runs `work` with the interpreter released, so that other Python threads go on. A panic is a bug of ours and becomes
/// an `internal_error`: one bad picture must not end a service.
pub(crate) fn released<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    let caught = py.detach(|| catch_unwind(AssertUnwindSafe(work)));
    let result = caught.unwrap_or_else(|_| {
        Err(Error::new(
            ErrorKind::Internal,
            "",
            "a bug in facemask: please report it with the input that shows it",
        ))
    });
    result.map_err(|error| to_py(py, &error))
}
