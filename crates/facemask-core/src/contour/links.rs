//! The links of a stretch, side by side in memory: a piece of a spline is measured at four of them at a time.

use std::ops::Range;

use wide::{CmpGt, CmpLt, f64x4};

use super::spline::{Knot, Share};
use super::walk::{SIDEWAYS, Way};
use crate::geometry::Point;

/// How many are measured at a time.
const LANES: usize = 4;
/// The pace below which links weigh no more.
const SHALLOW: f64 = 0.055;
/// How far out, in parts of what is allowed, a link may be crossed.
const EASE: f64 = 0.999;
/// Offsets that are looked at more closely, from and to.
const CLOSE: (f64, f64) = (0.9, 1.2);
/// Bounds of the offsets that links are weighed with, in parts of what is allowed.
const OFFSETS: (f64, f64) = (0.05, 4.0);

/// The links that a stretch crosses, one after the other.
#[derive(Default)]
pub(super) struct Links {
    /// The middle of each, exactly.
    x: Vec<f64>,
    y: Vec<f64>,
    /// The step that crosses it.
    on_x: Vec<f64>,
    on_y: Vec<f64>,
    /// One over how far from its middle it may be crossed.
    over_limit: Vec<f64>,
    /// The length along the smoothed arc.
    place: Vec<f64>,
}

/// What lies between two knots: some links, and the curve's parameter, a length that runs on from `start`.
pub(super) struct Piece<'a> {
    pub(super) links: Range<usize>,
    pub(super) start: f64,
    pub(super) long: f64,
    pub(super) knots: &'a [Knot],
}

/// What is asked of a curve.
#[derive(Clone, Copy)]
pub(super) enum Wish {
    /// To pass the links' middles.
    Near,
    /// To cross links close to their middles, those most that are crossed far out now: by this power of how far.
    Within(i32),
}

impl Links {
    /// Takes over the links of the steps `from..to` of an arc, that has come so far at each of their nodes.
    pub(super) fn gather(&mut self, way: &Way, (from, to): (usize, usize), along: &[f64]) {
        let lists =
            [&mut self.x, &mut self.y, &mut self.on_x, &mut self.on_y, &mut self.over_limit, &mut self.place];
        let [x, y, on_x, on_y, over_limit, place] = lists.map(|list| {
            list.clear();
            list.reserve(to - from + LANES);
            list
        });
        for i in from..to {
            let link = way.crossed_by(i);
            x.push(link.middle.x);
            y.push(link.middle.y);
            on_x.push(link.onwards.x);
            on_y.push(link.onwards.y);
            over_limit.push(1.0 / link.limit);
        }
        place.extend(along.windows(2).map(|ends| (ends[0] + ends[1]) * 0.5));
        // What is read beyond the last has no weight.
        for list in [x, y, on_x, on_y, over_limit, place] {
            list.extend_from_slice(&[0.0; LANES - 1]);
        }
    }

    /// Adds to a piece's share of the equations what its links ask of a change of the curve. Says how many are crossed too
    /// far out.
    pub(super) fn ask(&self, piece: &Piece<'_>, wish: Wish, share: &mut Share) -> usize {
        let (mut sums, mut bad) = (Sums::default(), 0);
        let cubic = Cubic::of(piece);
        for (i, valid) in fours(&piece.links) {
            let (t, found) = self.looked_at(&cubic, i);
            let (weight, x, y) = match wish {
                Wish::Near => (valid, -found.from_middle.0, -found.from_middle.1),
                Wish::Within(power) => {
                    let off = found.off.fast_max(f64x4::splat(OFFSETS.0)).fast_min(f64x4::splat(OFFSETS.1));
                    let pace = found.pace * found.pace + f64x4::splat(SHALLOW * SHALLOW);
                    (
                        valid * lifted(off, power) / pace,
                        -found.slope.1 * found.missed,
                        found.slope.0 * found.missed,
                    )
                }
            };
            sums.add(&values(t), (x, y), weight);
            bad += found.bad(valid);
        }
        sums.flow_into(share, piece.long);
        bad
    }

    /// How many links a piece crosses too far out.
    pub(super) fn bad(&self, piece: &Piece<'_>) -> usize {
        let cubic = Cubic::of(piece);
        let mut bad = 0;
        for (i, valid) in fours(&piece.links) {
            let (_, found) = self.looked_at(&cubic, i);
            bad += found.bad(valid);
        }
        bad
    }

    /// How a curve crosses four links, and the parameters, from 0 to 1, at which it was looked at.
    fn looked_at(&self, cubic: &Cubic, i: usize) -> (f64x4, Crossings) {
        let t = (four(&self.place, i) - cubic.start) * cubic.over_long;
        let found = self.crossed(cubic, t, i);
        let close = found.off.cmp_gt(f64x4::splat(CLOSE.0)) & found.off.cmp_lt(f64x4::splat(CLOSE.1));
        if !close.any() {
            return (t, found);
        }
        // The parameter is that of the smoothed arc. Where it matters, the point on the link itself is taken.
        let ahead = found.ahead.fast_max(-f64x4::ONE).fast_min(f64x4::ONE) * cubic.over_long;
        let t = t + (close & ahead);
        (t, self.crossed(cubic, t, i))
    }

    /// How a curve crosses four links.
    fn crossed(&self, cubic: &Cubic, t: f64x4, i: usize) -> Crossings {
        let ((x, along_x), (y, along_y)) = (at(&cubic.x, t), at(&cubic.y, t));
        let over = f64x4::ONE / (along_x * along_x + along_y * along_y).fast_max(f64x4::splat(TINY)).sqrt();
        let (along_x, along_y) = (along_x * over, along_y * over);
        let (on_x, on_y) = (four(&self.on_x, i), four(&self.on_y, i));
        let (dx, dy) = (x - (four(&self.x, i) - cubic.origin.0), y - (four(&self.y, i) - cubic.origin.1));
        let missed = dx * along_y - dy * along_x;
        let pace = (along_x * on_x + along_y * on_y).fast_max(f64x4::splat(SIDEWAYS));
        let over_pace = f64x4::ONE / pace;
        Crossings {
            from_middle: (dx, dy),
            slope: (along_x, along_y),
            missed,
            pace,
            off: missed.abs() * four(&self.over_limit, i) * over_pace,
            ahead: -(dx * on_x + dy * on_y) * over_pace,
        }
    }
}

/// Squares of lengths are kept from zero by it.
const TINY: f64 = 1e-12;

/// Where each four of some links begin, and which of them count: 1 or 0.
fn fours(links: &Range<usize>) -> impl Iterator<Item = (usize, f64x4)> + use<> {
    const VALID: [[f64; LANES]; LANES] =
        [[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 0.0], [1.0; LANES]];
    let (start, end) = (links.start, links.end);
    (0..(end - start).div_ceil(LANES)).map(move |four| {
        let i = start + four * LANES;
        (i, f64x4::new(VALID[(end - i).min(LANES) - 1]))
    })
}

fn four(list: &[f64], i: usize) -> f64x4 {
    list[i..].first_chunk::<LANES>().map_or(f64x4::ZERO, |&lanes| f64x4::new(lanes))
}

/// An offset to the power of 0, 1, 2, 4 or 8.
fn lifted(off: f64x4, power: i32) -> f64x4 {
    let square = off * off;
    match power {
        0 => f64x4::ONE,
        1 => off,
        2 => square,
        4 => square * square,
        _ => square * square * square * square,
    }
}

/// A piece as a polynomial of its parameter from 0 to 1, the coefficient of the highest power first, and counted from an
/// origin that is exact.
struct Cubic {
    x: [f64x4; 4],
    y: [f64x4; 4],
    origin: (f64x4, f64x4),
    start: f64x4,
    over_long: f64x4,
}

impl Cubic {
    fn of(piece: &Piece<'_>) -> Self {
        let ([a, b], long) = ([piece.knots[0], piece.knots[1]], piece.long);
        let (from, to, step) = (a.slope * long, b.slope * long, b.at - a.at);
        let origin = Point::new(a.at.x.round(), a.at.y.round());
        let powers = [from + to - step * 2.0, step * 3.0 - from * 2.0 - to, from, a.at - origin];
        let splat = |number: f64| f64x4::splat(number);
        Self {
            x: powers.map(|power| splat(power.x)),
            y: powers.map(|power| splat(power.y)),
            origin: (splat(origin.x), splat(origin.y)),
            start: splat(piece.start),
            over_long: splat(1.0 / long),
        }
    }
}

/// A coordinate of the polynomial at `t`, and its slope there.
fn at([a, b, c, d]: &[f64x4; 4], t: f64x4) -> (f64x4, f64x4) {
    let high = *a * t + *b;
    ((high * t + *c) * t + *d, (high + high + *a * t) * t + *c)
}

/// How a curve crosses four links.
struct Crossings {
    /// The curve's points, from the links' middles.
    from_middle: (f64x4, f64x4),
    /// The curve's direction.
    slope: (f64x4, f64x4),
    /// How far it passes from the middles. What is left to be desired lies across the curve, not along it.
    missed: f64x4,
    /// The sine of the angle between curve and link, kept from zero.
    pace: f64x4,
    /// How far from their middles it crosses the links, in parts of what is allowed.
    off: f64x4,
    /// How far ahead along the curve the links lie, in pixels.
    ahead: f64x4,
}

impl Crossings {
    /// How many of those that count are too far out.
    fn bad(&self, valid: f64x4) -> usize {
        (self.off * valid).cmp_gt(f64x4::splat(EASE)).move_mask().count_ones() as usize
    }
}

/// The weights of (point, slope) at both knots in the curve at `t`, for slopes by the parameter from 0 to 1.
fn values(t: f64x4) -> [f64x4; 4] {
    let (v, square) = (f64x4::ONE - t, t * t);
    let to = square * (f64x4::splat(3.0) - t - t);
    [f64x4::ONE - to, t * v * v, to, -(square * v)]
}

/// Sums of the equations of links, four lanes at a time.
#[derive(Default)]
struct Sums {
    matrix: [f64x4; 10],
    right: [[f64x4; 2]; 4],
}

impl Sums {
    fn add(&mut self, values: &[f64x4; 4], (x, y): (f64x4, f64x4), weight: f64x4) {
        let [a, b, c, d] = *values;
        let [wa, wb, wc, wd] = values.map(|value| value * weight);
        let terms = [wa * a, wa * b, wa * c, wa * d, wb * b, wb * c, wb * d, wc * c, wc * d, wd * d];
        self.matrix.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
        self.right.iter_mut().zip([wa, wb, wc, wd]).for_each(|(sum, weight)| {
            sum[0] += weight * x;
            sum[1] += weight * y;
        });
    }

    /// Adds the sums to a share, whose slopes are by the length.
    fn flow_into(&self, share: &mut Share, long: f64) {
        let scale = [1.0, long, 1.0, long];
        let pairs = [(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (3, 3)];
        let sum = |lanes: f64x4| lanes.reduce_add();
        for ((number, &lanes), (i, j)) in share.matrix.iter_mut().zip(&self.matrix).zip(pairs) {
            *number += sum(lanes) * scale[i] * scale[j];
        }
        for ((point, [x, y]), scale) in share.right.iter_mut().zip(&self.right).zip(scale) {
            *point = *point + Point::new(sum(*x), sum(*y)) * scale;
        }
    }
}
