//! The five filters of PNG, undone: each byte was stored as its difference from what its neighbours promise.

use facemask_core::error::Result;

use crate::role::Role;

/// Puts the bytes of `row` back in place. `above` is the row before it, as long and already put back, zeros for the first
/// of a pass; `pixel` is the bytes of a whole pixel, at least 1.
pub(crate) fn unfilter(role: Role, filter: u8, pixel: usize, above: &[u8], row: &mut [u8]) -> Result<()> {
    // A size known to the compiler keeps the pixel to the left in registers.
    match pixel {
        1 => undo::<1>(filter, above, row),
        2 => undo::<2>(filter, above, row),
        3 => undo::<3>(filter, above, row),
        4 => undo::<4>(filter, above, row),
        6 => undo::<6>(filter, above, row),
        _ => undo::<8>(filter, above, row),
    }
    .ok_or_else(|| {
        role.corrupt(format!(
            "the PNG's pixels cannot be read: a row has the filter {filter}, expected 0 to 4"
        ))
    })
}

fn undo<const N: usize>(filter: u8, above: &[u8], row: &mut [u8]) -> Option<()> {
    match filter {
        0 => {}
        1 if N == 1 => add_up(row),
        1 => pixels::<N>(above, row, |left, _, _| left),
        2 => row.iter_mut().zip(above).for_each(|(byte, up)| *byte = byte.wrapping_add(*up)),
        3 => pixels::<N>(above, row, |left, up, _| ((u16::from(left) + u16::from(up)) / 2) as u8),
        4 => pixels::<N>(above, row, paeth),
        _ => return None,
    }
    Some(())
}

/// Each byte of a row of single bytes is a difference from the one before. In a label map nearly all are zero, and a block
/// of zeros repeats the byte in front of it.
fn add_up(row: &mut [u8]) {
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

/// Adds to each byte what `promise` makes of the bytes to the left, above, and above to the left, a pixel away.
fn pixels<const N: usize>(above: &[u8], row: &mut [u8], promise: impl Fn(u8, u8, u8) -> u8) {
    let (mut left, mut corner) = ([0; N], [0; N]);
    let (ups, _) = above.as_chunks::<N>();
    let (places, _) = row.as_chunks_mut::<N>();
    for (place, up) in places.iter_mut().zip(ups) {
        for i in 0..N {
            left[i] = place[i].wrapping_add(promise(left[i], up[i], corner[i]));
        }
        *place = left;
        corner = *up;
    }
}

/// Whichever of the three is nearest to left + up - corner; of equals the first of left, up, corner.
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let (to_left, to_up) = ((b - c).abs(), (a - c).abs());
    let to_corner = (a + b - 2 * c).abs();
    // Two choices instead of branches: noise would have the processor guess wrong every other time.
    let (second, distance) = if to_up <= to_corner { (up, to_up) } else { (corner, to_corner) };
    if to_left <= distance { left } else { second }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_filter_on_two_pixels_of_two_bytes() {
        let undone = |filter| {
            let mut row = [1, 2, 3, 4];
            unfilter(Role::Map, filter, 2, &[10, 20, 40, 80], &mut row).unwrap();
            row
        };
        assert_eq!(undone(0), [1, 2, 3, 4]);
        assert_eq!(undone(1), [1, 2, 4, 6]);
        assert_eq!(undone(2), [11, 22, 43, 84]);
        // (0 + 10) / 2 + 1, (0 + 20) / 2 + 2, (6 + 40) / 2 + 3, (12 + 80) / 2 + 4
        assert_eq!(undone(3), [6, 12, 26, 50]);
        // 11 and 22 from above; then 40 lies nearest to 11 + 40 - 10, and 80 to 22 + 80 - 20.
        assert_eq!(undone(4), [11, 22, 43, 84]);
    }

    #[test]
    fn blocks_of_zeros_repeat_what_was_before_them() {
        let mut row = [0; 70];
        (row[3], row[40], row[69]) = (7, 250, 1);
        unfilter(Role::Map, 1, 1, &[0; 70], &mut row).unwrap();
        let expected = |i| [0, 7, 1, 2][[3, 40, 69].iter().filter(|&&at| i >= at).count()];
        assert!(row.iter().enumerate().all(|(i, &byte)| byte == expected(i)), "{row:?}");
    }

    #[test]
    fn there_are_five() {
        assert!(unfilter(Role::Photo, 5, 1, &[0], &mut [0]).unwrap_err().detail.contains("filter 5"));
    }

    proptest! {
        /// The definition of the standard, word by word.
        #[test]
        fn the_promise_is_the_nearest(a: u8, b: u8, c: u8) {
            let p = i32::from(a) + i32::from(b) - i32::from(c);
            let (pa, pb, pc) = ((p - i32::from(a)).abs(), (p - i32::from(b)).abs(), (p - i32::from(c)).abs());
            let expected = if pa <= pb && pa <= pc { a } else if pb <= pc { b } else { c };
            prop_assert_eq!(paeth(a, b, c), expected);
        }
    }
}
