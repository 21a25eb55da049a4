//! Warnings: suspicious properties of an input that do not prevent a result.

use serde::Serialize;

/// A suspicious property of the input that does not prevent a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// A stable slug.
    pub code: &'static str,
    /// A sentence for the user.
    pub detail: String,
}
