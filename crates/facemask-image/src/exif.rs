//! The orientation in an EXIF block. Nothing else of the block is used.

use std::panic::catch_unwind;

use ::exif::{In, Reader, Tag};

use crate::orientation::Orientation;

/// Bytes of an EXIF block that are parsed: the capacity of a JPEG segment. The orientation is in the first
/// directory, before thumbnails and maker notes.
const MAX_BLOCK: usize = 65_536;

/// Reads the orientation of an EXIF block. A broken block, or one without an orientation, yields
/// [`Orientation::Upright`], because the picture itself is usable.
pub(crate) fn read_orientation(block: &[u8]) -> Orientation {
    let tiff = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
    let tiff = &tiff[..tiff.len().min(MAX_BLOCK)];
    catch_unwind(|| parse_tiff(tiff)).ok().flatten().unwrap_or_default()
}

fn parse_tiff(tiff: &[u8]) -> Option<Orientation> {
    let exif = Reader::new()
        .continue_on_error(true)
        .read_raw(tiff.to_vec())
        .or_else(|error| error.distill_partial_result(|_| {}))
        .ok()?;
    let value = exif.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0)?;
    Orientation::from_exif(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A TIFF with one directory of one entry: tag 0x0112, SHORT, count 1.
    pub(crate) fn block(value: u8, big_endian: bool) -> Vec<u8> {
        if big_endian {
            let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
            tiff.extend_from_slice(&[value, 0, 0, 0, 0, 0, 0]);
            tiff
        } else {
            let mut tiff = b"II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
            tiff.extend_from_slice(&[value, 0, 0, 0, 0, 0, 0, 0]);
            tiff
        }
    }

    #[test]
    fn both_byte_orders_and_the_prefix_are_read() {
        for value in 1..=8 {
            for big_endian in [false, true] {
                let tiff = block(value, big_endian);
                assert_eq!(read_orientation(&tiff).exif(), value);
                assert_eq!(read_orientation(&[b"Exif\0\0", &tiff[..]].concat()).exif(), value);
            }
        }
    }

    #[test]
    fn a_broken_block_asks_for_nothing() {
        assert_eq!(read_orientation(&block(9, false)), Orientation::Upright);
        assert_eq!(read_orientation(&block(0, true)), Orientation::Upright);
        let tiff = block(6, false);
        for end in 0..18 {
            assert_eq!(read_orientation(&tiff[..end]), Orientation::Upright);
        }
        assert_eq!(read_orientation(&[0xff; 100_000]), Orientation::Upright);
    }
}
