//! Checks of a label map that need its statistics: void pixels, scaled ids, values between labels.

mod in_between;
mod scaled_ids;
mod void_id;

pub use in_between::check_in_between;
pub use scaled_ids::check_scaled_ids;
pub use void_id::VoidId;
