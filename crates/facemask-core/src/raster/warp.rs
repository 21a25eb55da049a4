//! Turning a photo: the only place where pixels are resampled, and only those that are shown.

use std::ops::Range;

use wide::{i16x8, u8x16, u16x8};

use crate::geometry::{Affine, Point};

/// A borrowed photo: 8-bit RGB, rows from the top.
#[derive(Clone, Copy, Debug)]
pub struct RgbView<'a> {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `3 * width * height` samples.
    pub pixels: &'a [u8],
}

/// Columns that are turned together. A whole row of a turned window crosses as many rows of the photo as the processor has
/// lines of cache; the next row of a strip finds them there.
const STRIP: usize = 64;

/// Every channel of what shows where the photo does not reach.
const OUTSIDE: u8 = 255;

/// The photo under a `width x height` window, bilinear. `image_from_window` leads from the window's frame to the photo's.
/// White where the photo does not reach; the same for a view whose pixels are not as many as it says, and for a map that
/// leads far beyond every photo.
#[must_use]
pub fn warp(photo: RgbView<'_>, image_from_window: &Affine, width: u32, height: u32) -> Vec<u8> {
    let mut out = vec![OUTSIDE; 3 * width as usize * height as usize];
    let whole = photo.pixels.len() == 3 * photo.width as usize * photo.height as usize;
    let Some(grid) = Grid::new(image_from_window, width, height).filter(|_| whole && !out.is_empty()) else {
        return out;
    };
    let columns = width as usize;
    let (lines, _) = out.as_chunks_mut::<3>();
    let ranges: Vec<_> = (0..height as usize).map(|row| grid.ranges(photo, row, columns)).collect();
    for strip in (0..columns).step_by(STRIP).map(|from| from..columns.min(from + STRIP)) {
        for ((row, line), ranges) in lines.chunks_exact_mut(columns).enumerate().zip(&ranges) {
            let [outer, inner] = ranges
                .each_ref()
                .map(|range| [range.start, range.end].map(|at| at.clamp(strip.start, strip.end)));
            let mut at = grid.place(inner[0], row);
            let mut next = || {
                let here = at;
                at = [at[0].wrapping_add(grid.across[0]), at[1].wrapping_add(grid.across[1])];
                here
            };
            let (pairs, last) = line[inner[0]..inner[1]].as_chunks_mut();
            for pair in pairs {
                *pair = two(photo, [next(), next()]);
            }
            for pixel in last {
                *pixel = sample(photo, next());
            }
            for column in (outer[0]..inner[0]).chain(inner[1]..outer[1]) {
                line[column] = sample(photo, grid.place(column, row));
            }
        }
    }
    out
}

/// Coordinates in the photo are counted from the centre of its first pixel in steps of 2^-32: sums of whole numbers are the
/// same on every machine, and those of 65,535 steps are off by 2^-16 at most.
const ONE: i64 = 1 << 32;

/// Where the pixels of the window lie in the photo.
struct Grid {
    first: [i64; 2],
    across: [i64; 2],
    down: [i64; 2],
}

impl Grid {
    /// Sums must not run over.
    const FAR: f64 = (1 << 28) as f64;

    fn new(image_from_window: &Affine, width: u32, height: u32) -> Option<Self> {
        let corner = |x: u32, y: u32| {
            let p = image_from_window.apply(Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5));
            [p.x - 0.5, p.y - 0.5]
        };
        let corners = [corner(0, 0), corner(width, 0), corner(0, height), corner(width, height)];
        let near = corners.iter().flatten().all(|at| at.abs() < Self::FAR);
        let fixed = |at: f64| (at * ONE as f64).round() as i64;
        let [a, b, _, d, e, _] = image_from_window.0;
        near.then(|| Self {
            first: corners[0].map(fixed),
            across: [a, d].map(fixed),
            down: [b, e].map(fixed),
        })
    }

    fn place(&self, column: usize, row: usize) -> [i64; 2] {
        let steps = |i: usize| column as i64 * self.across[i] + row as i64 * self.down[i];
        [self.first[0] + steps(0), self.first[1] + steps(1)]
    }

    /// The columns of a row whose places lie in the photo, and those of them that have four pixel centres around them.
    fn ranges(&self, photo: RgbView<'_>, row: usize, columns: usize) -> [Range<usize>; 2] {
        let start = self.place(0, row);
        let sides = [photo.width, photo.height].map(i64::from);
        // Beyond the outermost centres the photo goes on for half a pixel.
        let [outer, inner] = [(ONE / 2, 0), (0, 1)].map(|(rim, less)| {
            let [x, y] = [0, 1].map(|i| {
                let room = (sides[i] - less) * ONE;
                steps_within(start[i] + rim, self.across[i], room, columns)
            });
            let from = x.start.max(y.start);
            from..x.end.min(y.end).max(from)
        });
        // An empty one may begin anywhere.
        let inner = if inner.is_empty() { outer.end..outer.end } else { inner };
        [outer, inner]
    }
}

/// For which of the numbers `n` below `count` `start + n * step` lies in `0..room`.
fn steps_within(start: i64, step: i64, room: i64, count: usize) -> Range<usize> {
    // Going down is going up from the other end.
    let (start, step) = if step < 0 { (room - 1 - start, -step) } else { (start, step) };
    if step == 0 {
        return 0..if (0..room).contains(&start) { count } else { 0 };
    }
    let bounded = |n: i64| n.clamp(0, count as i64) as usize;
    bounded(-start.div_euclid(step))..bounded(-(start - room).div_euclid(step))
}

/// As [`sample`], to the bit, of two places that have four centres around them.
#[inline]
fn two(photo: RgbView<'_>, at: [[i64; 2]; 2]) -> [[u8; 3]; 2] {
    let stride = 3 * photo.width as usize;
    // Rounded first: a place that all but reaches the next centre counts from there.
    let near = at.map(|at| at.map(|at| at.wrapping_add(HALF_WEIGHT)));
    // From the first of two pixels to behind the second of those below: one look at the bounds.
    let span = stride + 8;
    let four = |[x, y]: [i64; 2]| {
        let first =
            ((y >> 32) as usize).wrapping_mul(stride).wrapping_add(((x >> 32) as usize).wrapping_mul(3));
        let window = photo.pixels.get(first..)?.get(..span)?;
        let ends = [window.first_chunk()?, window.last_chunk()?];
        Some(ends.map(|bytes| u64::from_le_bytes(*bytes)))
    };
    let (Some([above, below]), Some([above_other, below_other])) = (four(near[0]), four(near[1])) else {
        return at.map(|at| sample(photo, at)); // the last two pixels
    };
    // Four lanes for each place; the fourth means nothing.
    let pair = |one: u64, other: u64| i16x8::from_u8x16_low(bytemuck::cast([one as u32, other as u32, 0, 0]));
    let weights = |i: usize| -> i16x8 {
        bytemuck::cast(
            near.map(|near| (near[i] >> 24) as u64 & 0xff).map(|weight| weight * 0x0001_0001_0001_0001),
        )
    };
    let down = weights(1);
    let left = mixed(pair(above, above_other), pair(below, below_other), down);
    let right = mixed(pair(above >> 24, above_other >> 24), pair(below >> 24, below_other >> 24), down);
    let done = mixed(left, right, weights(0));
    let [done, _]: [u64; 2] = bytemuck::cast(u8x16::narrow_i16x8(done, done));
    let [red, green, blue, _, red_other, green_other, blue_other, _] = done.to_le_bytes();
    [[red, green, blue], [red_other, green_other, blue_other]]
}

/// Eight levels on the way from some to others, in 256ths, to the nearest whole one. What a lane loses of a difference or a
/// product comes back in the sum: that is below 2^16.
#[inline]
fn mixed(from: i16x8, to: i16x8, weight: i16x8) -> i16x8 {
    let sum: u16x8 = bytemuck::cast((from << 8) + (to - from) * weight + i16x8::splat(128));
    bytemuck::cast(sum >> 8)
}

/// Half of the 256th that weights are rounded to.
const HALF_WEIGHT: i64 = ONE >> 9;

/// How far a place is from the centre before it, in 256ths, rounded: finer than the eye.
const fn weight(at: i64) -> u32 {
    (((at & (ONE - 1)) + HALF_WEIGHT) >> 24) as u32
}

/// The colour at a place inside the photo, from the four pixel centres around it; beyond the outermost centres the
/// nearest ones count.
fn sample(photo: RgbView<'_>, at: [i64; 2]) -> [u8; 3] {
    let sides = [photo.width, photo.height].map(i64::from);
    let [x, y] = [0, 1].map(|i| at[i].clamp(0, (sides[i] - 1) * ONE));
    let [x0, y0] = [x >> 32, y >> 32];
    let [x1, y1] = [(x0 + 1).min(sides[0] - 1), (y0 + 1).min(sides[1] - 1)];
    let (pixels, _) = photo.pixels.as_chunks::<3>();
    let corners = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)].map(|(x, y)| pixels[(y * sides[0] + x) as usize]);
    let [fx, fy] = [x, y].map(weight);
    let mix = |from: u8, to: u8, weight: u32| {
        ((u32::from(from) * (256 - weight) + u32::from(to) * weight + 128) >> 8) as u8
    };
    // Down first, then across, each to a whole number.
    let [left, right] = [0, 1].map(|side| [0, 1, 2].map(|i| mix(corners[side][i], corners[side + 2][i], fy)));
    [0, 1, 2].map(|i| mix(left[i], right[i], fx))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIXELS: [u8; 12] = [0, 0, 0, 100, 0, 0, 0, 200, 0, 100, 200, 50];
    const PHOTO: RgbView<'_> = RgbView { width: 2, height: 2, pixels: &PIXELS };

    #[test]
    fn the_identity_changes_nothing() {
        assert_eq!(warp(PHOTO, &Affine::IDENTITY, 2, 2), PIXELS);
    }

    #[test]
    fn a_quarter_turn_moves_pixels_exactly() {
        let turn = Affine::translate(2.0, 0.0) * Affine::rotate(std::f64::consts::FRAC_PI_2);
        let turned = warp(PHOTO, &turn.inverse().unwrap(), 2, 2);
        assert_eq!(turned, [0, 200, 0, 0, 0, 0, 100, 200, 50, 100, 0, 0]);
    }

    #[test]
    fn the_short_way_gives_the_same_bytes() {
        let pixels: Vec<u8> = (0..105_u32).map(|i| (i * 31 % 251) as u8).collect();
        let photo = RgbView { width: 7, height: 5, pixels: &pixels };
        for i in 0..2000_i64 {
            let at = [i * 7001 % 1536, i * 5003 % 1024].map(|quarter| quarter << 24);
            let other = [at[1], at[0] / 2];
            assert_eq!(two(photo, [at, other]), [at, other].map(|at| sample(photo, at)), "{at:?}");
        }
    }

    #[test]
    fn a_window_shows_each_place_of_the_photo_and_white_around_it() {
        let pixels: Vec<u8> = (0..105_u32).map(|i| (i * 31 % 251) as u8).collect();
        let photo = RgbView { width: 7, height: 5, pixels: &pixels };
        for turn in 0..60 {
            let scale = 0.3 + f64::from(turn % 7) * 0.2;
            let to_photo = Affine::translate(f64::from(turn % 5) * 1.3, 2.6)
                * Affine::rotate(f64::from(turn) * 0.13)
                * Affine::scale(scale, if turn % 2 == 0 { scale } else { -scale })
                * Affine::translate(-8.0, -9.0);
            let window = warp(photo, &to_photo, 17, 19);
            let grid = Grid::new(&to_photo, 17, 19).unwrap();
            for (at, colour) in window.as_chunks::<3>().0.iter().enumerate() {
                let place = grid.place(at % 17, at / 17);
                let inside = (0..2).all(|i| (-ONE / 2..[7, 5][i] * ONE - ONE / 2).contains(&place[i]));
                assert_eq!(
                    *colour,
                    if inside { sample(photo, place) } else { [OUTSIDE; 3] },
                    "turn {turn}, {at}"
                );
            }
        }
    }

    #[test]
    fn colours_are_within_two_levels_of_the_exact_ones() {
        let photo: Vec<u8> = (0..4 * 3 * 3_u32).map(|i| (i * 7919 % 256) as u8 / 128 * 255).collect();
        let view = RgbView { width: 4, height: 3, pixels: &photo };
        for step in 0..4000_i64 {
            let at = [step * 7_654_321 % (3 * ONE), step * 9_876_543_211 % (2 * ONE)];
            let [x, y] = at.map(|at| at as f64 / ONE as f64);
            let [fx, fy] = [x.fract(), y.fract()];
            let first = (y as usize * 4 + x as usize) * 3;
            for (i, &found) in two(view, [at; 2])[1].iter().enumerate() {
                let level = |off: usize| f64::from(photo[first + i + off]);
                let exact = (level(0) * (1.0 - fx) + level(3) * fx) * (1.0 - fy)
                    + (level(12) * (1.0 - fx) + level(15) * fx) * fy;
                assert!((f64::from(found) - exact).abs() <= 2.0, "{at:?}: {found}, not {exact}");
            }
        }
    }

    #[test]
    fn steps_are_counted_up_and_down() {
        let walked = |start: i64, step: i64, room: i64| {
            let inside: Vec<usize> =
                (0..20).filter(|&n| (0..room).contains(&(start + n as i64 * step))).collect();
            inside.first().map_or(0..0, |&first| first..first + inside.len())
        };
        for (start, step) in (-30..30).flat_map(|start| (-7..8).map(move |step| (start, step))) {
            for room in [0, 1, 12] {
                let (counted, walked) = (steps_within(start, step, room, 20), walked(start, step, room));
                assert!(
                    counted == walked || counted.is_empty() && walked.is_empty(),
                    "{start} {step} {room}"
                );
            }
        }
    }

    #[test]
    fn a_map_that_leads_far_away_shows_nothing() {
        let far = Affine::translate(1e300, 0.0);
        assert_eq!(warp(PHOTO, &far, 1, 1), [OUTSIDE; 3]);
        assert_eq!(warp(PHOTO, &Affine::scale(f64::NAN, 1.0), 1, 1), [OUTSIDE; 3]);
        assert_eq!(warp(PHOTO, &Affine::IDENTITY, 0, 3), []);
    }

    #[test]
    fn half_way_is_the_mean_and_outside_is_white() {
        let window = warp(PHOTO, &Affine::translate(0.5, 0.5), 2, 1);
        assert_eq!(window[..3], [50, 100, 13]);
        assert_eq!(warp(PHOTO, &Affine::translate(5.0, 0.0), 1, 1), [OUTSIDE; 3]);
        assert_eq!(warp(RgbView { width: 3, ..PHOTO }, &Affine::IDENTITY, 1, 1), [OUTSIDE; 3]);
    }
}
