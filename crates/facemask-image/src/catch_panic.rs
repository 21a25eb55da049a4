//! Conversion of panics in third-party decoders to errors.

use std::panic::{AssertUnwindSafe, catch_unwind};

use facemask_core::error::Result;

use crate::input_kind::InputKind;

/// Runs `decode` and converts a panic to the "corrupt" error of `kind`.
///
/// Callers discard the values that `decode` borrows mutably when it fails, so no half-written value is read
/// later.
///
/// # Errors
///
/// Those of `decode`, and the "corrupt" error for a panic.
pub(crate) fn catch_panic<T>(kind: InputKind, codec: &str, decode: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| {
        Err(kind
            .corrupt(format!("the {codec} decoder gave up on the {}: its data is not valid", kind.noun())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use facemask_core::error::ErrorKind;

    #[test]
    fn a_panic_becomes_an_error_of_its_kind() {
        let result: Result<()> = catch_panic(InputKind::LabelMap, "PNG", || panic!("on purpose"));
        assert_eq!(result.unwrap_err().kind, ErrorKind::MapCorrupt);
        assert_eq!(catch_panic(InputKind::Photo, "PNG", || Ok(7)), Ok(7));
    }
}
