//! Lists of numbers in SIMD lanes: `f32` eight at a time, `f64` four at a time.

use std::ops::{Add, Mul, Range};

use wide::{CmpGt, f32x8, f64x4};

/// The lanes of `f64` and of `f32`.
pub(super) const F64_LANES: usize = 4;
pub(super) const F32_LANES: usize = 8;

/// The indices that are processed at a time: `len` of the lanes, from `start` on.
pub(super) struct LaneChunk {
    pub(super) start: usize,
    pub(super) len: usize,
}

/// A range of indices in chunks for `f64` lanes.
pub(super) fn chunks4(range: Range<usize>) -> impl Iterator<Item = LaneChunk> {
    chunks::<F64_LANES>(range)
}

/// A range of indices in chunks for `f32` lanes.
pub(super) fn chunks8(range: Range<usize>) -> impl Iterator<Item = LaneChunk> {
    chunks::<F32_LANES>(range)
}

fn chunks<const N: usize>(range: Range<usize>) -> impl Iterator<Item = LaneChunk> {
    let Range { start, end } = range;
    (0..(end - start).div_ceil(N)).map(move |chunk| {
        let i = start + chunk * N;
        LaneChunk { start: i, len: (end - i).min(N) }
    })
}

/// 1 in the first `len` lanes, 0 in the others.
pub(super) fn mask_f32(len: usize) -> f32x8 {
    const NUMBERS: [f32; F32_LANES] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
    f32x8::splat(len as f32).cmp_gt(f32x8::new(NUMBERS)) & f32x8::ONE
}

/// All bits set in the first `len` lanes, none in the others.
pub(super) fn mask_f64(len: usize) -> f64x4 {
    f64x4::splat(len as f64).cmp_gt(f64x4::new([0.0, 1.0, 2.0, 3.0]))
}

/// Eight numbers of a list from `i` on; zeros where the list has fewer.
pub(super) fn load_f32x8(list: &[f32], i: usize) -> f32x8 {
    list[i..].first_chunk::<F32_LANES>().map_or(f32x8::ZERO, |&lanes| f32x8::new(lanes))
}

/// Four numbers of a list from `i` on; zeros where the list has fewer.
pub(super) fn load_f64x4(list: &[f64], i: usize) -> f64x4 {
    list[i..].first_chunk::<F64_LANES>().map_or(f64x4::ZERO, |&lanes| f64x4::new(lanes))
}

/// Four `f32` of a list from `i` on, widened; zeros where the list has fewer.
pub(super) fn load_f32_as_f64x4(list: &[f32], i: usize) -> f64x4 {
    list[i..].first_chunk::<F64_LANES>().map_or(f64x4::ZERO, |lanes| f64x4::new(lanes.map(f64::from)))
}

/// `f` of each of four values. The standard library's `map` is not always inlined here, which costs several per cent.
#[inline(always)]
pub(super) fn map4<T, U>([a, b, c, d]: [T; 4], f: impl Fn(T) -> U) -> [U; 4] {
    [f(a), f(b), f(c), f(d)]
}

/// A cubic polynomial and its derivative at `t`, by Horner's method. The coefficient of the highest power comes first.
pub(super) fn horner_with_derivative<T: Copy + Add<Output = T> + Mul<Output = T>>(
    [a, b, c, d]: &[T; 4],
    t: T,
) -> (T, T) {
    let high = *a * t + *b;
    ((high * t + *c) * t + *d, (high + high + *a * t) * t + *c)
}
