//! Checks of a label map that need its statistics: void pixels, scaled ids, values between labels, labels in padding.

mod checked_labels;
mod in_between;
mod padding;
mod scaled_ids;
mod void_id;

pub use checked_labels::{CheckedLabels, MapChecks};
pub use padding::check_padding;
pub use scaled_ids::check_scaled_ids;
pub use void_id::VoidId;
