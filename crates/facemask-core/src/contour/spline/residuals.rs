//! The links of a stretch and the posts at their ends, side by side in memory: a spline is measured at eight of them at a
//! time.

use std::ops::Range;

use wide::{CmpGt, CmpLt, f32x4, f32x8};

use super::normal_equations::{Share, Sums};
use super::segment::Piece;
use super::simd::{MORE, at, each, eight, eights, valid};
use crate::contour::corridor::arc_steps::ArcCorridor;
use crate::contour::corridor::tolerances::MIN_CROSSING_SINE;
use crate::geometry::Point;

/// The pace below which links weigh no more.
const SHALLOW: f32 = 0.11;
/// By how much posts stand nearer to the middles of their links than they have to, in pixels: their places are short
/// numbers, and a curve that passes one upon it may turn out to have passed beside it.
pub(crate) const ROUGH: f64 = 2.5e-4;
/// Two posts at one pixel centre are one where their links may be crossed as near to it as this, in pixels.
const BESIDE: f64 = 0.01;
/// The least and the greatest parameter at which a piece is measured: it goes on a little beyond its ends.
const FIRST_T: f32x8 = f32x8::new([-0.1; MORE]);
const LAST_T: f32x8 = f32x8::new([1.1; MORE]);
/// Squares of lengths are kept from zero by it.
const TINY: f32 = 1e-12;

/// Places along a stretch, one after the other.
#[derive(Default)]
pub(crate) struct Places {
    /// Counted from the stretch's origin.
    pub(crate) x: Vec<f32>,
    pub(crate) y: Vec<f32>,
    /// The length along the smoothed arc.
    pub(crate) along: Vec<f32>,
}

impl Places {
    fn clear(&mut self, room: usize) {
        for list in [&mut self.x, &mut self.y, &mut self.along] {
            list.clear();
            list.reserve(room + MORE);
        }
    }

    fn push(&mut self, at: Point, along: f64) {
        self.x.push(at.x as f32);
        self.y.push(at.y as f32);
        self.along.push(along as f32);
    }

    /// Eight of them from `i` on.
    fn eight(&self, i: usize) -> (f32x8, f32x8) {
        (eight(&self.x, i), eight(&self.y, i))
    }

    /// What is read beyond the last has no weight.
    fn pad(&mut self) {
        for list in [&mut self.x, &mut self.y, &mut self.along] {
            list.extend_from_slice(&[0.0; MORE - 1]);
        }
    }
}

/// The links that a stretch crosses, and their posts: the ends of the windows through which it has to pass.
#[derive(Default)]
pub(crate) struct Links {
    /// The node in the middle of the stretch, from where places are counted: so short numbers are exact to `ROUGH` over
    /// 16384 pixels. Beyond that more curves fail the walk, which is exact everywhere.
    pub(crate) origin: Point,
    /// The middles of the links, and the steps that cross them.
    pub(crate) middles: Places,
    pub(crate) on_x: Vec<f32>,
    pub(crate) on_y: Vec<f32>,
    /// How far from its middle each link may be crossed.
    pub(crate) limits: Vec<f32>,
    posts: Places,
    /// On which side of the border each post stands: 1 on the right, -1 on the left.
    side: Vec<f32>,
    /// The first post of each link, and how many there are.
    first: Vec<u32>,
}

/// The posts that a spline comes near to.
#[derive(Default)]
pub(crate) struct Near {
    origin: Point,
    /// Of each its place, x and y, the parameter of its piece, from 0 to 1, and its side.
    posts: Vec<[f32; 4]>,
}

impl Links {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.first.len() - 1
    }

    /// Takes over the links of the steps `from..to` of an arc, that has come so far at each of their nodes.
    pub(crate) fn gather(&mut self, way: &ArcCorridor, (from, to): (usize, usize), along: &[f64]) {
        let count = to - from;
        self.origin = way.node(from.midpoint(to));
        self.middles.clear(count);
        self.posts.clear(2 * count);
        for list in [&mut self.on_x, &mut self.on_y, &mut self.limits, &mut self.side] {
            list.clear();
            list.reserve(2 * count + MORE);
        }
        self.first.clear();
        let (links, origin) = (way.edges(from, to), self.origin);
        self.middles.x.extend(links.clone().map(|link| (link.middle.x - origin.x) as f32));
        self.middles.y.extend(links.clone().map(|link| (link.middle.y - origin.y) as f32));
        self.middles.along.extend(along.windows(2).map(|ends| ((ends[0] + ends[1]) * 0.5) as f32));
        self.on_x.extend(links.clone().map(|link| link.direction.x as f32));
        self.on_y.extend(links.clone().map(|link| link.direction.y as f32));
        self.limits.extend(links.clone().map(|link| link.half_width as f32));
        let mut before: Option<(Point, f64, f64)> = None;
        // The last post on each side, left and right.
        let mut last = [0, 0];
        for (link, ends) in links.zip(along.windows(2)) {
            let place = (ends[0] + ends[1]) * 0.5;
            let middle = link.middle - self.origin;
            self.first.push(self.side.len() as u32);
            let limit = link.half_width - ROUGH;
            let (right, clear) = (Point::new(-link.direction.y, link.direction.x), 0.5 - limit);
            // Where the border turns, the pixel centre inside the turn stays.
            let turn = before.map_or(0.0, |(onwards, beside, _)| {
                if beside < BESIDE && clear < BESIDE { onwards.cross(link.direction) } else { 0.0 }
            });
            for (side, last) in [-1.0, 1.0].into_iter().zip(&mut last) {
                if let Some((onwards, beside, place_before)) = before
                    && turn * side > 0.0
                {
                    let inwards =
                        right * (-side * clear) + Point::new(-onwards.y, onwards.x) * (-side * beside);
                    let post = middle + right * (side * 0.5) + inwards;
                    (self.posts.x[*last], self.posts.y[*last]) = (post.x as f32, post.y as f32);
                    self.posts.along[*last] = ((place_before + place) * 0.5) as f32;
                } else {
                    *last = self.side.len();
                    self.posts.push(middle + right * (side * limit), place);
                    self.side.push(side as f32);
                }
            }
            before = Some((link.direction, clear, place));
        }
        self.first.push(self.side.len() as u32);
        self.middles.pad();
        self.posts.pad();
        for list in [&mut self.on_x, &mut self.on_y, &mut self.limits, &mut self.side] {
            list.extend_from_slice(&[0.0; MORE - 1]);
        }
    }

    /// Makes the share of what the links of a piece wish for: to be crossed in their middles.
    ///
    /// What lies between the curve and the traced border counts as well, by `area_weight` for each link: pixels have the area
    /// of what they were made from.
    pub(crate) fn ask(&self, piece: &Piece<'_>, area_weight: f64, share: &mut Share) {
        let (mut sums, cubic) = (Sums::default(), Cubic::of(piece, self.origin));
        let (mut area, mut parts) = (f32x8::ZERO, [[f32x8::ZERO; 2]; 4]);
        for (i, count) in eights(piece.links.clone()) {
            let valid = valid(count);
            let t = (eight(&self.middles.along, i) - cubic.start) * cubic.over_long;
            let found = cubic.seen_from(self.middles.eight(i), t);
            let pace = found.along.0 * eight(&self.on_x, i) + found.along.1 * eight(&self.on_y, i);
            let pace = pace.fast_max(f32x8::splat(MIN_CROSSING_SINE as f32));
            let weight = valid / (pace * pace + f32x8::splat(SHALLOW * SHALLOW));
            let values = values(t);
            sums.add(&values, found.push(weight), found.wish(weight * found.aside));
            let width = valid * pace;
            area += width * found.aside;
            for (part, value) in parts.iter_mut().zip(values) {
                let [x, y] = found.wish(width * value);
                part[0] += x;
                part[1] += y;
            }
        }
        sums.set(share);
        let part = |k: usize, axis: usize| f64::from(parts[k][axis].reduce_add());
        let of_knot = |k: usize| [part(k, 0), part(k, 1), part(k + 1, 0), part(k + 1, 1)];
        let parts = [of_knot(0), of_knot(2)];
        share.demand(parts, f64::from(area.reduce_add()), area_weight / piece.links.len() as f64);
    }

    /// Adds the posts that a piece comes nearer to than `distance`, and says which they are. Says roughly how far off it passes
    /// the nearest of all, in pixels; below zero on the wrong side.
    pub(crate) fn find_near(
        &mut self,
        piece: &Piece<'_>,
        distance: f64,
        near: &mut Near,
    ) -> (f64, Range<usize>) {
        let first = near.posts.len();
        let distance = distance as f32;
        let (cubic, mut nearest) = (Cubic::of(piece, self.origin), f32x8::splat(distance));
        let posts = self.first[piece.links.start] as usize..self.first[piece.links.end] as usize;
        for (i, count) in eights(posts) {
            let valid = valid(count);
            let t = (eight(&self.posts.along, i) - cubic.start) * cubic.over_long;
            let found = cubic.seen_roughly_from(self.posts.eight(i), t);
            let side = eight(&self.side, i);
            let ahead = found.ahead.fast_max(-f32x8::ONE).fast_min(f32x8::ONE);
            let place = eight(&self.posts.along, i) + valid * ahead;
            if let Some(places) = self.posts.along.get_mut(i..i + MORE) {
                places.copy_from_slice(&place.to_array());
            }
            let valid = valid.cmp_gt(f32x8::ZERO);
            let off = valid.blend(found.aside * side, f32x8::splat(distance));
            nearest = nearest.fast_min(off);
            let mut mask = off.cmp_lt(f32x8::splat(distance)).move_mask();
            if mask == 0 {
                continue;
            }
            let t = (t + found.ahead * cubic.over_long).fast_max(FIRST_T).fast_min(LAST_T);
            let posts = one_by_one([eight(&self.posts.x, i), eight(&self.posts.y, i), t, side]);
            while mask != 0 {
                near.posts.push(posts[mask.trailing_zeros() as usize % MORE]);
                mask &= mask - 1;
            }
        }
        (f64::from(nearest.to_array().into_iter().fold(distance, f32::min)), first..near.posts.len())
    }
}

impl Near {
    /// Forgets all posts. Those to come are counted from an origin.
    pub(crate) fn clear(&mut self, origin: Point) {
        self.origin = origin;
        self.posts.clear();
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.posts.len()
    }

    /// Forgets all but the first `count`.
    pub(crate) fn truncate(&mut self, count: usize) {
        self.posts.truncate(count);
    }

    /// Makes the share of what the posts of a piece wish for that it passes at less than `margin`: to be as far away. Says
    /// whether there are any, and how many it passes at less than `least`.
    pub(crate) fn ask(
        &mut self,
        posts: Range<usize>,
        piece: &Piece<'_>,
        (margin, least): (f64, f64),
        share: &mut Share,
    ) -> (bool, usize) {
        let (mut any, cubic, mut bad) = (false, Cubic::of(piece, self.origin), 0);
        let (margin, least) = (margin as f32, least as f32);
        for posts in self.posts[posts].chunks_mut(MORE) {
            let [x, y, t, side] = side_by_side(posts);
            let found = cubic.seen_from((x, y), t);
            let t = (t + found.ahead * cubic.over_long).fast_max(FIRST_T).fast_min(LAST_T);
            posts.iter_mut().zip(t.to_array()).for_each(|(post, t)| post[2] = t);
            let valid = valid(posts.len());
            let missing = f32x8::splat(margin) - found.aside * side;
            let mut active = (missing.cmp_gt(f32x8::ZERO) & valid.cmp_gt(f32x8::ZERO)).move_mask();
            if active == 0 {
                continue;
            }
            // Few of them push, so each is added by itself.
            let values = each(values(t), f32x8::to_array);
            let (x, y) = (found.along.0.to_array(), found.along.1.to_array());
            let (missing, side) = (missing.to_array(), side.to_array());
            if !any {
                *share = Share::default();
                any = true;
            }
            while active != 0 {
                let lane = active.trailing_zeros() as usize;
                active &= active - 1;
                bad += usize::from(missing[lane] > margin - least);
                let part = |k: usize| {
                    let (point, slope) = (f64::from(values[k][lane]), f64::from(values[k + 1][lane]));
                    let (x, y) = (f64::from(x[lane]), f64::from(y[lane]));
                    [-y * point, x * point, -y * slope, x * slope]
                };
                share.demand([part(0), part(2)], f64::from(-side[lane] * missing[lane]), 1.0);
            }
        }
        (any, bad)
    }
}

/// A piece as a polynomial of its parameter from 0 to 1, the coefficient of the highest power first, and counted from an
/// origin that is exact.
struct Cubic {
    x: [f32x8; 4],
    y: [f32x8; 4],
    origin: (f32x8, f32x8),
    start: f32x8,
    over_long: f32x8,
}

impl Cubic {
    /// `from` is where places are counted from.
    fn of(piece: &Piece<'_>, from: Point) -> Self {
        let whole = |value: f64| f64::from(value as i32);
        let origin = Point::new(whole(piece.knots[0].at.x), whole(piece.knots[0].at.y));
        let splat = |number: f64| f32x8::splat(number as f32);
        let ([a, b], spans) = ([piece.knots[0], piece.knots[1]], piece.spans());
        let (out, onwards, step) = (a.slope * spans[0], b.slope * spans[1], b.at - a.at);
        let powers = [out + onwards - step * 2.0, step * 3.0 - out * 2.0 - onwards, out, a.at - origin];
        Self {
            x: each(powers, |power| splat(power.x)),
            y: each(powers, |power| splat(power.y)),
            origin: (splat(origin.x - from.x), splat(origin.y - from.y)),
            start: splat(piece.start),
            over_long: splat(1.0 / piece.long),
        }
    }

    /// Where eight places lie, seen from the curve at `t`.
    fn seen_from(&self, places: (f32x8, f32x8), t: f32x8) -> Seen {
        self.seen(places, t, |along_x, along_y| {
            let square = (along_x * along_x + along_y * along_y).fast_max(f32x8::splat(TINY));
            f32x8::ONE / square.sqrt()
        })
    }

    /// The same, as far as the curve's pace is even: only on which side they lie is sure.
    fn seen_roughly_from(&self, places: (f32x8, f32x8), t: f32x8) -> Seen {
        self.seen(places, t, |_, _| self.over_long)
    }

    fn seen(&self, places: (f32x8, f32x8), t: f32x8, over: impl Fn(f32x8, f32x8) -> f32x8) -> Seen {
        let ((x, along_x), (y, along_y)) = (at(&self.x, t), at(&self.y, t));
        let over = over(along_x, along_y);
        let (along_x, along_y) = (along_x * over, along_y * over);
        let (dx, dy) = (places.0 - self.origin.0 - x, places.1 - self.origin.1 - y);
        Seen {
            along: (along_x, along_y),
            aside: dy * along_x - dx * along_y,
            ahead: dx * along_x + dy * along_y,
        }
    }
}

/// Eight places seen from a curve: its direction, how far to the right of it they lie, and how far ahead, in pixels.
struct Seen {
    along: (f32x8, f32x8),
    aside: f32x8,
    ahead: f32x8,
}

impl Seen {
    /// The matrix xx, xy, yy that weighs a change across the curve.
    fn push(&self, weight: f32x8) -> [f32x8; 3] {
        let (x, y) = self.along;
        let (wx, wy) = (weight * x, weight * y);
        [wy * y, -(wx * y), wx * x]
    }

    /// A wish for a change to the right.
    fn wish(&self, right: f32x8) -> [f32x8; 2] {
        [-(self.along.1 * right), self.along.0 * right]
    }
}

/// The weights of (point, slope) at both knots in the curve at `t`, for slopes by the parameter from 0 to 1.
fn values(t: f32x8) -> [f32x8; 4] {
    let (v, square) = (f32x8::ONE - t, t * t);
    let to = square * (f32x8::splat(3.0) - t - t);
    [f32x8::ONE - to, t * v * v, to, -(square * v)]
}

/// Four values of each of eight places, one place after the other.
fn one_by_one(values: [f32x8; 4]) -> [[f32; 4]; MORE] {
    let half = |low: bool| {
        let part = |value: f32x8| {
            let [a, b, c, d, e, f, g, h] = value.to_array();
            f32x4::new(if low { [a, b, c, d] } else { [e, f, g, h] })
        };
        each(f32x4::transpose(each(values, part)), f32x4::to_array)
    };
    let ([a, b, c, d], [e, f, g, h]) = (half(true), half(false));
    [a, b, c, d, e, f, g, h]
}

/// The opposite: of places that are missing the values are zeros.
fn side_by_side(places: &[[f32; 4]]) -> [f32x8; 4] {
    let mut eight = [[0.0; 4]; MORE];
    eight[..places.len()].copy_from_slice(places);
    let [a, b, c, d, e, f, g, h] = eight;
    let [low, high] = [[a, b, c, d], [e, f, g, h]]
        .map(|half| f32x4::transpose(each(half, f32x4::new)).map(f32x4::to_array));
    let join = |k: usize| {
        let ([a, b, c, d], [e, f, g, h]) = (low[k], high[k]);
        f32x8::new([a, b, c, d, e, f, g, h])
    };
    [join(0), join(1), join(2), join(3)]
}
