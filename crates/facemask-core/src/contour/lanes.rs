//! Lists of numbers, four at a time.

use std::ops::Range;

use wide::f64x4;

/// How many are worked on at a time.
pub(super) const LANES: usize = 4;

/// Where each four of some places begin, and which of them count: 1 or 0.
pub(super) fn fours(places: Range<usize>) -> impl Iterator<Item = (usize, f64x4)> {
    const VALID: [[f64; LANES]; LANES] =
        [[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 0.0], [1.0; LANES]];
    let (start, end) = (places.start, places.end);
    (0..(end - start).div_ceil(LANES)).map(move |four| {
        let i = start + four * LANES;
        (i, f64x4::new(VALID[(end - i).min(LANES) - 1]))
    })
}

/// Four of a list from `i` on; zeros where there are not as many.
pub(super) fn four(list: &[f64], i: usize) -> f64x4 {
    list[i..].first_chunk::<LANES>().map_or(f64x4::ZERO, |&lanes| f64x4::new(lanes))
}

/// A polynomial at `t`, and its slope there; the coefficient of the highest power comes first.
pub(super) fn at([a, b, c, d]: &[f64x4; 4], t: f64x4) -> (f64x4, f64x4) {
    let high = *a * t + *b;
    ((high * t + *c) * t + *d, (high + high + *a * t) * t + *c)
}
