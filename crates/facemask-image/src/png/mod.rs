//! PNG: the chunk structure, validated here to the last byte, and the rows, inflated once by `fdeflate` and
//! unfiltered here.

mod chunks;
mod filter;
mod inflate;
mod paeth_simd;
mod rows;

pub(crate) use chunks::{ColorType, PngHeader, PngLayout, SIGNATURE, find_exif, read_header, validate};
pub(crate) use rows::{Extent, PixelRow, for_each_row, read_byte_pixels};
