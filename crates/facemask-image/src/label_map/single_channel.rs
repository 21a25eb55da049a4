//! Maps with one meaningful sample per pixel: grey levels and palette indices.

use facemask_core::error::Result;

use super::invalid;
use crate::png::{Header, Row};

/// Writes the ids of a stored row to their places in `out`, a row of the map. The sample is the id, as it is.
pub(super) fn read_row(header: &Header, row: &Row, out: &mut [u8]) -> Result<()> {
    let channels = header.channels();
    let places = out[row.x..].iter_mut().step_by(row.step).take(row.width).enumerate();
    match header.depth {
        16 => {
            for ((i, place), pixel) in places.zip(row.bytes.chunks_exact(2 * channels)) {
                let value = u16::from_be_bytes([pixel[0], pixel[1]]);
                *place = u8::try_from(value).map_err(|_| too_high(value, row.x + i * row.step, row.y))?;
            }
        }
        8 => {
            for ((_, place), pixel) in places.zip(row.bytes.chunks_exact(channels)) {
                *place = pixel[0];
            }
        }
        depth => {
            let per_byte = 8 / usize::from(depth);
            for (i, place) in places {
                let shift = 8 - usize::from(depth) * (i % per_byte + 1);
                *place = (row.bytes[i / per_byte] >> shift) & ((1 << depth) - 1);
            }
        }
    }
    Ok(())
}

pub(super) fn too_high(value: u16, x: usize, y: usize) -> facemask_core::error::Error {
    invalid(format!("the label map's pixel ({x}, {y}) has the value {value}, expected an id below 256"))
}

/// Refuses an index that the palette does not have: such a file has lost its palette or its pixels.
pub(super) fn check_indices(labels: &[u8], count: usize, width: usize) -> Result<()> {
    // The highest index first: a pass the compiler turns into vector code, and nearly always the only one.
    let highest = usize::from(labels.iter().copied().max().unwrap_or(0));
    if highest < count {
        return Ok(());
    }
    let at = labels.iter().position(|&label| usize::from(label) >= count).unwrap_or(0);
    let (x, y, index) = (at % width, at / width, labels[at]);
    Err(invalid(format!(
        "the label map's pixel ({x}, {y}) has the palette index {index}, expected less than the {count} colours of its palette"
    )))
}

/// Whether the values are exactly 0 and 255, or 255 alone; if so, 255 becomes 1.
pub(super) fn binary_to_one(labels: &mut [u8]) -> bool {
    // In blocks, so that a map with ids is told at its first one and the test is vector code.
    let binary =
        labels.chunks(4096).all(|block| block.iter().fold(true, |all, &v| all & (v == 0 || v == 255)));
    if !binary || !labels.contains(&255) {
        return false;
    }
    for label in labels {
        *label &= 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_black_and_white_is_binary() {
        let run = |values: &[u8]| {
            let mut labels = values.to_vec();
            (binary_to_one(&mut labels), labels)
        };
        assert_eq!(run(&[0, 255, 0]), (true, vec![0, 1, 0]));
        assert_eq!(run(&[255, 255]), (true, vec![1, 1]));
        assert_eq!(run(&[0, 0]), (false, vec![0, 0]));
        assert_eq!(run(&[0, 1, 255]), (false, vec![0, 1, 255]));
        let mut long = vec![0; 9000];
        long[8999] = 254;
        assert!(!binary_to_one(&mut long));
    }

    #[test]
    fn an_index_beyond_the_palette_is_named() {
        assert!(check_indices(&[0, 1, 2, 1], 3, 2).is_ok());
        let error = check_indices(&[0, 1, 2, 3], 3, 2).unwrap_err();
        assert!(error.detail.contains("pixel (1, 1) has the palette index 3"), "{error}");
    }
}
