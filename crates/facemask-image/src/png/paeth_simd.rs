//! The Paeth filter reversed in four rows at once, one SIMD step per pixel column.
//!
//! Each pixel depends on the one to its left, so a single row has no parallelism. Four rows are processed as
//! a wavefront: each row is one pixel behind the row above it.

use wide::u8x16;

/// Reverses [`PAETH`] in four consecutive rows of equal length, in place. `above` is the restored row before
/// them. Supports pixels of 3 or 4 bytes; for other sizes it returns false and leaves the rows unchanged.
///
/// [`PAETH`]: super::filter::PAETH
pub(super) fn unfilter_four_rows(pixel_bytes: usize, above: &[u8], rows: [&mut [u8]; 4]) -> bool {
    match pixel_bytes {
        3 => unfilter_wavefront::<3>(above, rows),
        4 => unfilter_wavefront::<4>(above, rows),
        _ => return false,
    }
    true
}

/// State of the wavefront: the last restored pixel of each row, and the pixel above each. A pixel takes four
/// lanes.
#[derive(Clone, Copy, Default)]
struct PaethWavefront {
    left: u8x16,
    above: u8x16,
}

impl PaethWavefront {
    /// Advances each row by one pixel. `stored` are the filtered pixels; `up` is the pixel above that of the
    /// first row.
    ///
    /// By value: behind a reference the state would go through memory at every step, in parts.
    #[inline]
    fn advance(self, up: u32, stored: [u32; 4]) -> Self {
        let [first, second, third, _]: [u32; 4] = bytemuck::cast(self.left);
        // The pixel above that of a lower row was restored by the row over it in the previous step.
        let above: u8x16 = bytemuck::cast([up, first, second, third]);
        let stored: u8x16 = bytemuck::cast(stored);
        Self { left: stored + paeth_predictor_x16(self.left, above, self.above), above }
    }
}

/// PaethPredictor in sixteen 8-bit lanes. The corner is nearest to left + up - corner if it lies in the
/// middle third between the two; otherwise the neighbor on its other side is. Saturation does not change a
/// choice.
#[inline]
fn paeth_predictor_x16(left: u8x16, up: u8x16, corner: u8x16) -> u8x16 {
    let (low, high) = (left.min(up), left.max(up));
    let (below, above) = (corner.saturating_sub(low), high.saturating_sub(corner));
    let none = u8x16::splat(0);
    let far_below = below.saturating_add(below).saturating_sub(above).cmp_eq(none);
    let far_above = above.saturating_add(above).saturating_sub(below).cmp_eq(none);
    far_below.blend(high, far_above.blend(low, corner))
}

fn unfilter_wavefront<const N: usize>(above: &[u8], rows: [&mut [u8]; 4]) {
    let (above, _) = above.as_chunks::<N>();
    let mut rows = rows.map(|row| row.as_chunks_mut::<N>().0);
    let count = above.len();
    let mut state =
        (0..3).fold(PaethWavefront::default(), |state, step| advance_at_ends(state, step, above, &mut rows));
    if count > 3 {
        let [a, b, c, d] = &mut rows;
        let columns = above[3..].iter().zip(&mut a[3..]).zip(&mut b[2..]).zip(&mut c[1..]).zip(&mut **d);
        for ((((up, a), b), c), d) in columns {
            state =
                state.advance(pack_pixel(up), [pack_pixel(a), pack_pixel(b), pack_pixel(c), pack_pixel(d)]);
            let restored: [u32; 4] = bytemuck::cast(state.left);
            [*a, *b, *c, *d] = restored.map(unpack_pixel);
        }
    }
    (count.max(3)..count + 3).fold(state, |state, step| advance_at_ends(state, step, above, &mut rows));
}

/// One step in which some rows have not begun or have ended.
fn advance_at_ends<const N: usize>(
    state: PaethWavefront,
    step: usize,
    above: &[[u8; N]],
    rows: &mut [&mut [[u8; N]]; 4],
) -> PaethWavefront {
    let column = |row: usize| step.checked_sub(row).filter(|&column| column < above.len());
    let stored = [0, 1, 2, 3].map(|row| column(row).map_or(0, |at| pack_pixel(&rows[row][at])));
    let mut next = state.advance(column(0).map_or(0, |at| pack_pixel(&above[at])), stored);
    let mut restored: [u32; 4] = bytemuck::cast(next.left);
    for (row, packed) in restored.iter_mut().enumerate() {
        match column(row) {
            Some(at) => rows[row][at] = unpack_pixel(*packed),
            None => *packed = 0, // the neighbor left of the first pixel counts as zero
        }
    }
    next.left = bytemuck::cast(restored);
    next
}

/// Packs a pixel into four bytes; those beyond its size are zero.
fn pack_pixel<const N: usize>(pixel: &[u8; N]) -> u32 {
    let mut bytes = [0; 4];
    bytes[..N].copy_from_slice(pixel);
    u32::from_le_bytes(bytes)
}

fn unpack_pixel<const N: usize>(packed: u32) -> [u8; N] {
    let bytes = packed.to_le_bytes();
    std::array::from_fn(|i| bytes[i])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input_kind::InputKind;
    use crate::png::filter::{PAETH, paeth_predictor, unfilter};
    use proptest::prelude::*;

    #[test]
    fn sixteen_lanes_predict_what_one_does() {
        for (left, up) in (0..=255).flat_map(|left| (0..=255).map(move |up| (left, up))) {
            for first in (0..=255).step_by(16) {
                let corners: [u8; 16] = std::array::from_fn(|i| first + i as u8);
                let got = paeth_predictor_x16(u8x16::splat(left), u8x16::splat(up), u8x16::from(corners))
                    .to_array();
                assert_eq!(
                    got,
                    corners.map(|corner| paeth_predictor(left, up, corner)),
                    "{left} {up} {first}"
                );
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
            prop_assert!(unfilter_four_rows(pixel, above, [a, b, c, d]));
            prop_assert_eq!(all, one);
        }
    }
}
