//! Release of the GIL around long computations, with panics converted to errors.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use facemask_core::error::{Error, ErrorKind, Result};
use pyo3::prelude::*;

use crate::errors::to_py;

thread_local! {
    /// The exception of a Python function that was called from within a computation.
    static FAILURE: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Keeps an exception of a Python function that a computation calls. The error that is returned ends the computation, and
/// [`without_gil`] raises the exception in its place: an interrupt stays an interrupt.
pub(crate) fn keep_failure(failure: PyErr) -> Error {
    FAILURE.with_borrow_mut(|kept| *kept = Some(failure));
    Error::new(ErrorKind::Internal, "", "a Python function raised an exception")
}

/// Runs `compute` with the GIL released, so that other Python threads run meanwhile.
///
/// # Errors
///
/// `FacemaskError` for an error of `compute`. A panic is a bug and becomes `internal_error`: one input must
/// not end a service.
pub(crate) fn without_gil<T: Send>(
    py: Python<'_>,
    compute: impl FnOnce() -> Result<T> + Send,
) -> PyResult<T> {
    without_gil_if(py, true, compute)
}

/// Inputs of up to this many bytes are read in less time than it takes to acquire the GIL again.
pub(crate) const SHORT_INPUT: usize = 64 * 1024;

/// As [`without_gil`], but keeps the GIL unless `is_long` is set.
pub(crate) fn without_gil_if<T: Send>(
    py: Python<'_>,
    is_long: bool,
    compute: impl FnOnce() -> Result<T> + Send,
) -> PyResult<T> {
    let compute = || catch_unwind(AssertUnwindSafe(compute));
    let caught = if is_long { py.detach(compute) } else { compute() };
    let result = caught.unwrap_or_else(|_| {
        Err(Error::new(
            ErrorKind::Internal,
            "",
            "a bug in facemask: please report it with the input that shows it",
        ))
    });
    let failure = FAILURE.take();
    result.map_err(|error| failure.unwrap_or_else(|| to_py(py, &error)))
}
