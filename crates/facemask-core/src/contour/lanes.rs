//! Lists of numbers, four at a time.

use std::ops::{Add, Mul, Range};

use wide::{f32x4, f64x4};

/// How many are worked on at a time.
pub(super) const LANES: usize = 4;

/// Where each four of some places begin, and how many of them count.
pub(super) fn fours(places: Range<usize>) -> impl Iterator<Item = (usize, usize)> {
    let (start, end) = (places.start, places.end);
    (0..(end - start).div_ceil(LANES)).map(move |four| {
        let i = start + four * LANES;
        (i, (end - i).min(LANES))
    })
}

/// 1 for each of the lanes that count, 0 for the others.
pub(super) fn valid(count: usize) -> f32x4 {
    const VALID: [[f32; LANES]; LANES + 1] =
        [[0.0; LANES], [1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 0.0], [1.0; LANES]];
    f32x4::new(VALID[count.min(LANES)])
}

/// Four of a list from `i` on; zeros where there are not as many.
pub(super) fn four(list: &[f32], i: usize) -> f32x4 {
    list[i..].first_chunk::<LANES>().map_or(f32x4::ZERO, |&lanes| f32x4::new(lanes))
}

/// The same of a list of finer numbers.
pub(super) fn four_fine(list: &[f64], i: usize) -> f64x4 {
    list[i..].first_chunk::<LANES>().map_or(f64x4::ZERO, |&lanes| f64x4::new(lanes))
}

/// The same numbers, finer.
pub(super) fn fine(lanes: f32x4) -> f64x4 {
    f64x4::new(lanes.to_array().map(f64::from))
}

/// A function of each of four. (The library's own `map` is not always made part of its caller.)
#[inline(always)]
pub(super) fn each<T, U>([a, b, c, d]: [T; LANES], f: impl Fn(T) -> U) -> [U; LANES] {
    [f(a), f(b), f(c), f(d)]
}

/// A polynomial at `t`, and its slope there; the coefficient of the highest power comes first.
pub(super) fn at<T: Copy + Add<Output = T> + Mul<Output = T>>([a, b, c, d]: &[T; 4], t: T) -> (T, T) {
    let high = *a * t + *b;
    ((high * t + *c) * t + *d, (high + high + *a * t) * t + *c)
}
