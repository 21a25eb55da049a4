//! The five filters of PNG, undone: each byte was stored as its difference from what its neighbours promise.

use facemask_core::error::Result;
use wide::u8x16;

use crate::input_kind::InputKind;

/// The filter that promises whichever of three neighbours fits best: that of nearly every row of a photo.
pub(super) const PAETH: u8 = 4;

/// Puts the bytes of `row` back in place. `above` is the row before it, as long and already put back, zeros for the first
/// of a pass; `pixel` is the bytes of a whole pixel, at least 1.
pub(crate) fn unfilter(
    kind: InputKind,
    filter: u8,
    pixel: usize,
    above: &[u8],
    row: &mut [u8],
) -> Result<()> {
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
        kind.corrupt(format!(
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
        PAETH => pixels::<N>(above, row, paeth),
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

/// Undoes [`PAETH`] in four rows of the same length at once, for pixels of 3 or 4 bytes; answers false, with nothing done,
/// for others. A pixel waits for the one to its left, so the rows go on side by side, each a pixel behind the one above it.
pub(super) fn unfilter_four(pixel: usize, above: &[u8], rows: [&mut [u8]; 4]) -> bool {
    match pixel {
        3 => four::<3>(above, rows),
        4 => four::<4>(above, rows),
        _ => return false,
    }
    true
}

/// How far the four rows have come: their last pixels, and what stood above these. A pixel takes four lanes.
#[derive(Clone, Copy, Default)]
struct Four {
    left: u8x16,
    above: u8x16,
}

impl Four {
    /// One pixel further in each row, from what is stored of it; `up` is the one above that of the first row.
    ///
    /// By value: behind a reference the state would go through memory at every step, in parts.
    #[inline]
    fn next(self, up: u32, stored: [u32; 4]) -> Self {
        let [first, second, third, _]: [u32; 4] = bytemuck::cast(self.left);
        // Above a pixel of a lower row is what the row over it got in the step before.
        let above: u8x16 = bytemuck::cast([up, first, second, third]);
        let stored: u8x16 = bytemuck::cast(stored);
        Self { left: stored + promises(self.left, above, self.above), above }
    }
}

/// As [`paeth`] in sixteen lanes, without leaving the bytes. The corner is nearest to left + up - corner where it lies in
/// the middle third between the two; else the one on its other side is. What falls short of 0 or exceeds 255 here would not
/// change a choice.
#[inline]
fn promises(left: u8x16, up: u8x16, corner: u8x16) -> u8x16 {
    let (low, high) = (left.min(up), left.max(up));
    let (below, above) = (corner.saturating_sub(low), high.saturating_sub(corner));
    let none = u8x16::splat(0);
    let far_below = below.saturating_add(below).saturating_sub(above).cmp_eq(none);
    let far_above = above.saturating_add(above).saturating_sub(below).cmp_eq(none);
    far_below.blend(high, far_above.blend(low, corner))
}

fn four<const N: usize>(above: &[u8], rows: [&mut [u8]; 4]) {
    let (above, _) = above.as_chunks::<N>();
    let mut rows = rows.map(|row| row.as_chunks_mut::<N>().0);
    let count = above.len();
    let mut state = (0..3).fold(Four::default(), |state, step| edge(state, step, above, &mut rows));
    if count > 3 {
        let [a, b, c, d] = &mut rows;
        let places = above[3..].iter().zip(&mut a[3..]).zip(&mut b[2..]).zip(&mut c[1..]).zip(&mut **d);
        for ((((up, a), b), c), d) in places {
            state = state.next(word(up), [word(a), word(b), word(c), word(d)]);
            let done: [u32; 4] = bytemuck::cast(state.left);
            [*a, *b, *c, *d] = done.map(pixel);
        }
    }
    (count.max(3)..count + 3).fold(state, |state, step| edge(state, step, above, &mut rows));
}

/// A step in which some rows have not begun or have come to their end.
fn edge<const N: usize>(state: Four, step: usize, above: &[[u8; N]], rows: &mut [&mut [[u8; N]]; 4]) -> Four {
    let column = |row: usize| step.checked_sub(row).filter(|&column| column < above.len());
    let stored = [0, 1, 2, 3].map(|row| column(row).map_or(0, |at| word(&rows[row][at])));
    let mut next = state.next(column(0).map_or(0, |at| word(&above[at])), stored);
    let mut done: [u32; 4] = bytemuck::cast(next.left);
    for (row, word) in done.iter_mut().enumerate() {
        match column(row) {
            Some(at) => rows[row][at] = pixel(*word),
            None => *word = 0, // left of the first pixel there is nothing
        }
    }
    next.left = bytemuck::cast(done);
    next
}

/// A pixel as four bytes, of which those it has not are zero.
fn word<const N: usize>(pixel: &[u8; N]) -> u32 {
    let mut bytes = [0; 4];
    bytes[..N].copy_from_slice(pixel);
    u32::from_le_bytes(bytes)
}

/// The pixel in four bytes.
fn pixel<const N: usize>(word: u32) -> [u8; N] {
    let bytes = word.to_le_bytes();
    std::array::from_fn(|i| bytes[i])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_filter_on_two_pixels_of_two_bytes() {
        let undone = |filter| {
            let mut row = [1, 2, 3, 4];
            unfilter(InputKind::LabelMap, filter, 2, &[10, 20, 40, 80], &mut row).unwrap();
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
        unfilter(InputKind::LabelMap, 1, 1, &[0; 70], &mut row).unwrap();
        let expected = |i| [0, 7, 1, 2][[3, 40, 69].iter().filter(|&&at| i >= at).count()];
        assert!(row.iter().enumerate().all(|(i, &byte)| byte == expected(i)), "{row:?}");
    }

    #[test]
    fn there_are_five() {
        assert!(unfilter(InputKind::Photo, 5, 1, &[0], &mut [0]).unwrap_err().detail.contains("filter 5"));
    }

    #[test]
    fn sixteen_lanes_promise_what_one_does() {
        for (left, up) in (0..=255).flat_map(|left| (0..=255).map(move |up| (left, up))) {
            for first in (0..=255).step_by(16) {
                let corners: [u8; 16] = std::array::from_fn(|i| first + i as u8);
                let got = promises(u8x16::splat(left), u8x16::splat(up), u8x16::from(corners)).to_array();
                assert_eq!(got, corners.map(|corner| paeth(left, up, corner)), "{left} {up} {first}");
            }
        }
    }

    proptest! {
        #[test]
        fn four_rows_at_once_are_four_rows(
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 5 * 12 * 4), count in 1_usize..12, pixel in 3_usize..5
        ) {
            let length = count * pixel;
            let mut one: Vec<Vec<u8>> = bytes.chunks(length).take(5).map(<[u8]>::to_vec).collect();
            let mut all = one.clone();
            for row in 1..5 {
                let (above, rest) = one.split_at_mut(row);
                unfilter(InputKind::Photo, PAETH, pixel, &above[row - 1], &mut rest[0]).unwrap();
            }
            let [above, a, b, c, d] = &mut all[..] else { unreachable!() };
            prop_assert!(unfilter_four(pixel, above, [a, b, c, d]));
            prop_assert_eq!(all, one);
        }

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
