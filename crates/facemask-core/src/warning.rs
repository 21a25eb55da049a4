//! Warnings: suspicious properties of an input that do not prevent a result.

use serde::Serialize;

use crate::error::Error;

/// A suspicious property of the input that does not prevent a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// A stable slug.
    pub code: &'static str,
    /// A sentence for the user.
    pub detail: String,
}

impl Warning {
    pub(crate) const fn new(code: &'static str, detail: String) -> Self {
        Self { code, detail }
    }
}

/// Adds to an error what is suspicious about its input, which may be its cause.
#[must_use]
pub fn explain_error(mut error: Error, warnings: &[Warning]) -> Error {
    for warning in warnings {
        error.detail.push_str("; ");
        error.detail.push_str(&warning.detail);
    }
    error
}
