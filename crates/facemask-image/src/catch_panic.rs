//! The fence around other people's decoders: a panic on hostile bytes is an answer, not an end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use facemask_core::error::Result;

use crate::input_kind::InputKind;

/// Runs `decode` and turns a panic inside it into the kind's "corrupt" error.
///
/// What `decode` borrows mutably is thrown away with the error, so no half-written value is seen afterwards.
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
    fn a_panic_becomes_an_error_of_the_role() {
        let result: Result<()> = catch_panic(InputKind::LabelMap, "PNG", || panic!("on purpose"));
        assert_eq!(result.unwrap_err().kind, ErrorKind::MapCorrupt);
        assert_eq!(catch_panic(InputKind::Photo, "PNG", || Ok(7)), Ok(7));
    }
}
