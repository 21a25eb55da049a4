//! PNG: the file's structure, checked by us to the last byte, and its rows, unpacked once by `fdeflate` and unfiltered here.

mod chunks;
mod filter;
mod inflate;
mod rows;

pub(crate) use chunks::{Colour, Header, Layout, SIGNATURE, find_exif, header, walk};
pub(crate) use rows::{Row, WHOLE, for_each_row, read_bytes};
