//! The five filters of PNG, undone: each byte was stored as its difference from what its neighbours promise.

use facemask_core::error::Result;
use wide::{CmpGt, i16x8, u8x16};

use crate::role::Role;

/// The filter that promises whichever of three neighbours fits best: that of nearly every row of a photo.
pub(super) const PAETH: u8 = 4;

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
#[derive(Default)]
struct Four {
    left: [i16x8; 2],
    above: [i16x8; 2],
}

impl Four {
    /// The next pixel of each row from what is stored of it; `up` is the one above that of the first row.
    #[inline]
    fn step(&mut self, up: u32, stored: [u32; 4]) -> [u32; 4] {
        let [first, second]: [u64; 2] = bytemuck::cast(self.left[0]);
        let [third, _]: [u64; 2] = bytemuck::cast(self.left[1]);
        let [up, _]: [u64; 2] = bytemuck::cast(i16x8::from_u8x16_low(bytemuck::cast([up, 0, 0, 0])));
        // Above a pixel of a lower row is what the row over it got in the step before.
        let above: [i16x8; 2] = [bytemuck::cast([up, first]), bytemuck::cast([second, third])];
        let stored: u8x16 = bytemuck::cast(stored);
        let stored = [i16x8::from_u8x16_low(stored), i16x8::from_u8x16_high(stored)];
        let next = |i: usize| {
            let promise = promises(self.left[i], above[i], self.above[i]);
            (stored[i] + promise) & i16x8::splat(255)
        };
        self.left = [next(0), next(1)];
        self.above = above;
        bytemuck::cast(u8x16::narrow_i16x8(self.left[0], self.left[1]))
    }
}

/// As [`paeth`] in eight lanes, in fewer steps behind the pixel to the left: the corner is nearest to the promise unless it
/// lies outside of the other two, and then the one on the other side is.
#[inline]
fn promises(left: i16x8, up: i16x8, corner: i16x8) -> i16x8 {
    let (low, high) = (left.min(up), left.max(up));
    let edge = corner + corner + corner - (left + up);
    let inner = high.cmp_gt(edge).blend(corner, low);
    edge.cmp_gt(low).blend(inner, high)
}

fn four<const N: usize>(above: &[u8], mut rows: [&mut [u8]; 4]) {
    let count = above.len() / N;
    let mut state = Four::default();
    let inner = 3..count.max(3);
    (0..3).for_each(|step| edge::<N>(&mut state, step, above, &mut rows));
    for step in inner.clone() {
        let at = [step * N, (step - 1) * N, (step - 2) * N, (step - 3) * N];
        // Not by the library's `map`, which is not made part of its caller here.
        let [a, b, c, d] = &rows;
        let stored = [load::<N>(a, at[0]), load::<N>(b, at[1]), load::<N>(c, at[2]), load::<N>(d, at[3])];
        let done = state.step(load::<N>(above, at[0]), stored);
        for (row, (at, done)) in rows.iter_mut().zip(at.into_iter().zip(done)) {
            row[at..][..N].copy_from_slice(&done.to_le_bytes()[..N]);
        }
    }
    (inner.end..count + 3).for_each(|step| edge::<N>(&mut state, step, above, &mut rows));
}

/// A step in which some rows have not begun or have come to their end.
fn edge<const N: usize>(state: &mut Four, step: usize, above: &[u8], rows: &mut [&mut [u8]; 4]) {
    let count = above.len() / N;
    let column = |row: usize| step.checked_sub(row).filter(|&column| column < count).map(|c| c * N);
    let stored = [0, 1, 2, 3].map(|row| column(row).map_or(0, |at| load::<N>(rows[row], at)));
    let mut done = state.step(column(0).map_or(0, |at| load::<N>(above, at)), stored);
    for (row, pixel) in done.iter_mut().enumerate() {
        match column(row) {
            Some(at) => rows[row][at..at + N].copy_from_slice(&pixel.to_le_bytes()[..N]),
            None => *pixel = 0, // left of the first pixel there is nothing
        }
    }
    let done: u8x16 = bytemuck::cast(done);
    state.left = [i16x8::from_u8x16_low(done), i16x8::from_u8x16_high(done)];
}

/// A pixel; of one of three bytes the fourth is that of the next or zero, and means nothing.
#[inline]
fn load<const N: usize>(row: &[u8], at: usize) -> u32 {
    if let Some(bytes) = row[at..].first_chunk() {
        return u32::from_le_bytes(*bytes);
    }
    let mut bytes = [0; 4];
    bytes[..N].copy_from_slice(&row[at..at + N]);
    u32::from_le_bytes(bytes)
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

    #[test]
    fn eight_lanes_promise_what_one_does() {
        let values: Vec<u8> = (0..=255).step_by(15).chain([1, 2, 128, 254]).collect();
        for (&a, &b) in values.iter().flat_map(|a| values.iter().map(move |b| (a, b))) {
            for &c in &values {
                let lanes = |v: u8| i16x8::splat(i16::from(v));
                let got = promises(lanes(a), lanes(b), lanes(c)).to_array();
                assert_eq!(got, [i16::from(paeth(a, b, c)); 8], "{a} {b} {c}");
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
                unfilter(Role::Photo, PAETH, pixel, &above[row - 1], &mut rest[0]).unwrap();
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
