//! Label maps that are stored as NumPy arrays.

mod inflated_entry;
pub(super) mod npy;
mod npy_header;
pub(super) mod npz;
