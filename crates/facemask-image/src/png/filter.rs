//! The five row filters of PNG, reversed. A filter stores each byte as its difference from a prediction (PNG
//! specification, section 9).

use facemask_core::error::Result;

use crate::input_kind::InputKind;

/// Filter type 4. It predicts each byte by the nearest of three neighbors; most rows of a photo use it.
pub(super) const PAETH: u8 = 4;

/// Restores the bytes of `row` in place. `above` is the restored row before it, of the same length; it is
/// zero for the first row of a pass. `pixel_bytes` is the size of a pixel, rounded up to whole bytes.
///
/// # Errors
///
/// The "corrupt" error of `kind` for a filter type above 4.
pub(super) fn unfilter(
    kind: InputKind,
    filter: u8,
    pixel_bytes: usize,
    above: &[u8],
    row: &mut [u8],
) -> Result<()> {
    // A size known at compile time keeps the pixel to the left in registers.
    match pixel_bytes {
        1 => unfilter_row::<1>(filter, above, row),
        2 => unfilter_row::<2>(filter, above, row),
        3 => unfilter_row::<3>(filter, above, row),
        4 => unfilter_row::<4>(filter, above, row),
        6 => unfilter_row::<6>(filter, above, row),
        _ => unfilter_row::<8>(filter, above, row),
    }
    .ok_or_else(|| {
        kind.corrupt(format!(
            "the PNG's pixels cannot be read: a row has the filter {filter}, expected 0 to 4"
        ))
    })
}

/// Returns `None` for an unknown filter type.
fn unfilter_row<const N: usize>(filter: u8, above: &[u8], row: &mut [u8]) -> Option<()> {
    match filter {
        0 => {}
        1 if N == 1 => prefix_sum(row),
        1 => unfilter_pixels::<N>(above, row, |left, _, _| left),
        2 => row.iter_mut().zip(above).for_each(|(byte, up)| *byte = byte.wrapping_add(*up)),
        3 => unfilter_pixels::<N>(above, row, |left, up, _| ((u16::from(left) + u16::from(up)) / 2) as u8),
        PAETH => unfilter_pixels::<N>(above, row, paeth_predictor),
        _ => return None,
    }
    Some(())
}

/// Reverses the Sub filter for pixels of one byte. Nearly all differences in a label map are zero, and a
/// block of zeros repeats the byte before it.
fn prefix_sum(row: &mut [u8]) {
    let mut left = 0_u8;
    for block in row.chunks_mut(16) {
        if *block == [0; 16] {
            block.fill(left);
        } else {
            for byte in block {
                left = left.wrapping_add(*byte);
                *byte = left;
            }
        }
    }
}

/// Adds to each byte the value that `predict` computes from the bytes left, above, and above left, one pixel
/// away.
fn unfilter_pixels<const N: usize>(above: &[u8], row: &mut [u8], predict: impl Fn(u8, u8, u8) -> u8) {
    let (mut left, mut corner) = ([0; N], [0; N]);
    let (ups, _) = above.as_chunks::<N>();
    let (pixels, _) = row.as_chunks_mut::<N>();
    for (pixel, up) in pixels.iter_mut().zip(ups) {
        for i in 0..N {
            left[i] = pixel[i].wrapping_add(predict(left[i], up[i], corner[i]));
        }
        *pixel = left;
        corner = *up;
    }
}

/// PaethPredictor of the specification: the neighbor nearest to left + up - corner; ties go to left, then up.
pub(super) fn paeth_predictor(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let (to_left, to_up) = ((b - c).abs(), (a - c).abs());
    let to_corner = (a + b - 2 * c).abs();
    // Two selections instead of branches: on noise the branch predictor is wrong every other time.
    let (second, distance) = if to_up <= to_corner { (up, to_up) } else { (corner, to_corner) };
    if to_left <= distance { left } else { second }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_filter_on_two_pixels_of_two_bytes() {
        let restored = |filter| {
            let mut row = [1, 2, 3, 4];
            unfilter(InputKind::LabelMap, filter, 2, &[10, 20, 40, 80], &mut row).unwrap();
            row
        };
        assert_eq!(restored(0), [1, 2, 3, 4]);
        assert_eq!(restored(1), [1, 2, 4, 6]);
        assert_eq!(restored(2), [11, 22, 43, 84]);
        // (0 + 10) / 2 + 1, (0 + 20) / 2 + 2, (6 + 40) / 2 + 3, (12 + 80) / 2 + 4
        assert_eq!(restored(3), [6, 12, 26, 50]);
        // 11 and 22 from above; then 40 is nearest to 11 + 40 - 10, and 80 to 22 + 80 - 20.
        assert_eq!(restored(4), [11, 22, 43, 84]);
    }

    #[test]
    fn blocks_of_zeros_repeat_what_was_before_them() {
        let mut row = [0; 70];
        (row[3], row[40], row[69]) = (7, 250, 1);
        unfilter(InputKind::LabelMap, 1, 1, &[0; 70], &mut row).unwrap();
        let expected = |i| [0, 7, 1, 2][[3, 40, 69].iter().filter(|&&at| i >= at).count()];
        assert!(row.iter().enumerate().all(|(i, &byte)| byte == expected(i)), "{row:?}");
    }

    #[test]
    fn there_are_five() {
        assert!(unfilter(InputKind::Photo, 5, 1, &[0], &mut [0]).unwrap_err().detail.contains("filter 5"));
    }

    proptest! {
        /// The definition of the specification, word by word.
        #[test]
        fn the_prediction_is_the_nearest(a: u8, b: u8, c: u8) {
            let p = i32::from(a) + i32::from(b) - i32::from(c);
            let (pa, pb, pc) = ((p - i32::from(a)).abs(), (p - i32::from(b)).abs(), (p - i32::from(c)).abs());
            let expected = if pa <= pb && pa <= pc { a } else if pb <= pc { b } else { c };
            prop_assert_eq!(paeth_predictor(a, b, c), expected);
        }
    }
}
