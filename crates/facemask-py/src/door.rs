//! The one door out of the interpreter: every long call goes through it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use facemask_core::error::{Error, ErrorKind, Result};
use pyo3::prelude::*;

use crate::errors::to_py;

/// Runs `work` with the interpreter released, so that other Python threads go on. A panic is a bug of ours and becomes
/// an `internal_error`: one bad picture must not end a service.
pub(crate) fn released<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    released_when(py, true, work)
}

/// Bytes that are looked through in less time than another thread takes to hand the interpreter back.
pub(crate) const SHORT: usize = 64 * 1024;

/// The same for work that may be short: then the interpreter is kept.
pub(crate) fn released_when<T: Send>(
    py: Python<'_>,
    is_long: bool,
    work: impl FnOnce() -> Result<T> + Send,
) -> PyResult<T> {
    let work = || catch_unwind(AssertUnwindSafe(work));
    let caught = if is_long { py.detach(work) } else { work() };
    let result = caught.unwrap_or_else(|_| {
        Err(Error::new(
            ErrorKind::Internal,
            "",
            "a bug in facemask: please report it with the input that shows it",
        ))
    });
    result.map_err(|error| to_py(py, &error))
}
