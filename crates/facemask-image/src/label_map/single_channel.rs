//! Label maps with one sample per pixel that counts: gray levels and palette indices.

use facemask_core::error::Result;

use super::encoding::invalid;
use crate::png::{PixelRow, PngHeader};

/// Writes the first sample of each pixel of `row` to its column of `out`, a row of the map.
///
/// # Errors
///
/// `map_invalid` for a 16-bit sample above 255.
pub(super) fn read_row(header: &PngHeader, row: &PixelRow, out: &mut [u8]) -> Result<()> {
    let channels = header.channels();
    let labels = out[row.x..].iter_mut().step_by(row.step).take(row.width).enumerate();
    match header.depth {
        16 => {
            for ((i, label), pixel) in labels.zip(row.bytes.chunks_exact(2 * channels)) {
                let value = u16::from_be_bytes([pixel[0], pixel[1]]);
                *label = u8::try_from(value).map_err(|_| too_high(value, row.x + i * row.step, row.y))?;
            }
        }
        8 => {
            for ((_, label), pixel) in labels.zip(row.bytes.chunks_exact(channels)) {
                *label = pixel[0];
            }
        }
        depth => {
            let per_byte = 8 / usize::from(depth);
            for (i, label) in labels {
                let shift = 8 - usize::from(depth) * (i % per_byte + 1);
                *label = (row.bytes[i / per_byte] >> shift) & ((1 << depth) - 1);
            }
        }
    }
    Ok(())
}

/// Unpacks samples of 1, 2, 4 or 8 bits, highest bits first. Rows of `width` samples begin at whole bytes; `count` samples
/// are returned, or fewer where `rows` ends before.
pub(super) fn unpack_samples(rows: &[u8], depth: u8, width: usize, count: usize) -> Vec<u8> {
    let depth = usize::from(depth);
    let row_bytes = (width * depth).div_ceil(8).max(1);
    let mask = (0xff_u16 >> (8 - depth)) as u8;
    let unpack =
        |row: &[u8], x: usize| row.get(x * depth / 8).map(|byte| byte >> (8 - depth - x * depth % 8) & mask);
    rows.chunks(row_bytes).flat_map(|row| (0..width).map_while(move |x| unpack(row, x))).take(count).collect()
}

/// Error for a sample that is no label id.
pub(super) fn too_high(value: u16, x: usize, y: usize) -> facemask_core::error::Error {
    invalid(format!("the label map's pixel ({x}, {y}) has the value {value}, expected an id below 256"))
}

/// Checks that all palette indices are below `count`. `width` is that of the map in pixels.
///
/// # Errors
///
/// `map_invalid` with the first pixel at fault.
pub(super) fn check_indices(labels: &[u8], count: usize, width: usize) -> Result<()> {
    // The maximum first: the compiler vectorizes this pass, and it is nearly always the only one.
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

/// Replaces 255 by 1 in a map that has exactly the values 0 and 255, or 255 alone. Returns whether it is such
/// a map.
pub(super) fn normalize_binary(labels: &mut [u8]) -> bool {
    // In blocks: the test of a block is vectorized, and a map with ids fails at its first block.
    let is_binary =
        labels.chunks(4096).all(|block| block.iter().fold(true, |all, &v| all & (v == 0 || v == 255)));
    if !is_binary || !labels.contains(&255) {
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
            (normalize_binary(&mut labels), labels)
        };
        assert_eq!(run(&[0, 255, 0]), (true, vec![0, 1, 0]));
        assert_eq!(run(&[255, 255]), (true, vec![1, 1]));
        assert_eq!(run(&[0, 0]), (false, vec![0, 0]));
        assert_eq!(run(&[0, 1, 255]), (false, vec![0, 1, 255]));
        let mut long = vec![0; 9000];
        long[8999] = 254;
        assert!(!normalize_binary(&mut long));
    }

    #[test]
    fn an_index_beyond_the_palette_is_named() {
        assert!(check_indices(&[0, 1, 2, 1], 3, 2).is_ok());
        let error = check_indices(&[0, 1, 2, 3], 3, 2).unwrap_err();
        assert!(error.detail.contains("pixel (1, 1) has the palette index 3"), "{error}");
    }
}
