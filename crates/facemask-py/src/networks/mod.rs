//! Networks that Python runs.

pub(crate) mod parser;
