//! Lists of numbers: short ones eight at a time, fine ones four at a time.

use std::ops::{Add, Mul, Range};

use wide::{CmpGt, f32x8, f64x4};

/// How many fine numbers are worked on at a time, and how many short ones.
pub(crate) const LANES: usize = 4;
pub(crate) const MORE: usize = 8;

/// Where each four of some places begin, and how many of them count.
pub(crate) fn fours(places: Range<usize>) -> impl Iterator<Item = (usize, usize)> {
    groups::<LANES>(places)
}

/// Where each eight of some places begin, and how many of them count.
pub(crate) fn eights(places: Range<usize>) -> impl Iterator<Item = (usize, usize)> {
    groups::<MORE>(places)
}

fn groups<const N: usize>(places: Range<usize>) -> impl Iterator<Item = (usize, usize)> {
    let (start, end) = (places.start, places.end);
    (0..(end - start).div_ceil(N)).map(move |group| {
        let i = start + group * N;
        (i, (end - i).min(N))
    })
}

/// 1 for each of the lanes that count, 0 for the others.
pub(crate) fn valid(count: usize) -> f32x8 {
    const NUMBERS: [f32; MORE] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
    f32x8::splat(count as f32).cmp_gt(f32x8::new(NUMBERS)) & f32x8::ONE
}

/// Which of four lanes count.
pub(crate) fn counts(count: usize) -> f64x4 {
    f64x4::splat(count as f64).cmp_gt(f64x4::new([0.0, 1.0, 2.0, 3.0]))
}

/// Eight of a list from `i` on; zeros where there are not as many.
pub(crate) fn eight(list: &[f32], i: usize) -> f32x8 {
    list[i..].first_chunk::<MORE>().map_or(f32x8::ZERO, |&lanes| f32x8::new(lanes))
}

/// Four of a list of fine numbers.
pub(crate) fn four(list: &[f64], i: usize) -> f64x4 {
    list[i..].first_chunk::<LANES>().map_or(f64x4::ZERO, |&lanes| f64x4::new(lanes))
}

/// Four of a list of short numbers, made fine.
pub(crate) fn fine(list: &[f32], i: usize) -> f64x4 {
    list[i..].first_chunk::<LANES>().map_or(f64x4::ZERO, |lanes| f64x4::new(lanes.map(f64::from)))
}

/// A function of each of four. (The library's own `map` is not always made part of its caller.)
#[inline(always)]
pub(crate) fn each<T, U>([a, b, c, d]: [T; LANES], f: impl Fn(T) -> U) -> [U; LANES] {
    [f(a), f(b), f(c), f(d)]
}

/// A polynomial at `t`, and its slope there; the coefficient of the highest power comes first.
pub(crate) fn at<T: Copy + Add<Output = T> + Mul<Output = T>>([a, b, c, d]: &[T; 4], t: T) -> (T, T) {
    let high = *a * t + *b;
    ((high * t + *c) * t + *d, (high + high + *a * t) * t + *c)
}
