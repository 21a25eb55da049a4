//! Warp of the embedded photo: the only place where pixels are resampled.

use std::ops::Range;

use wide::{i16x8, u8x16, u16x8};

use super::Size;
use crate::geometry::{Affine, Point};

/// A borrowed photo: 8-bit RGB, rows from the top.
#[derive(Clone, Copy, Debug)]
pub struct RgbView<'a> {
    /// Width and height.
    pub size: Size,
    /// `3 * width * height` samples.
    pub pixels: &'a [u8],
}

/// Columns that are processed together. A whole row of a rotated window crosses as many rows of the photo as the cache
/// has lines. Within a strip the next row of the window still finds these lines in the cache.
const STRIP_WIDTH: usize = 64;

/// The level of every channel outside the photo: white.
const OUTSIDE_LEVEL: u8 = 255;

/// Resamples the photo into a window of `size` pixels by bilinear interpolation; RGB, rows from the top.
///
/// `image_from_window` maps the frame of the window to that of the photo, both in pixels. The window is white outside
/// the photo. It is all white when the number of pixels contradicts the size of the photo, and when the transformation
/// leads beyond every possible photo.
#[must_use]
pub fn warp(photo: RgbView<'_>, image_from_window: &Affine, size: Size) -> Vec<u8> {
    let (columns, rows) = (size.width as usize, size.height as usize);
    let mut out = vec![OUTSIDE_LEVEL; 3 * columns * rows];
    let is_complete = photo.pixels.len() == 3 * photo.size.width as usize * photo.size.height as usize;
    let grid = SampleGrid::new(image_from_window, size);
    let Some(grid) = grid.filter(|_| is_complete && !out.is_empty()) else {
        return out;
    };
    let (pixels, _) = out.as_chunks_mut::<3>();
    let ranges: Vec<_> = (0..rows).map(|row| grid.row_ranges(photo.size, row, columns)).collect();
    let [step_x, step_y] = grid.column_step;
    for strip in (0..columns).step_by(STRIP_WIDTH).map(|start| start..columns.min(start + STRIP_WIDTH)) {
        for ((row, line), ranges) in pixels.chunks_exact_mut(columns).enumerate().zip(&ranges) {
            let covered = clamp_range(&ranges.covered, &strip);
            let interior = clamp_range(&ranges.interior, &strip);
            let mut position = grid.position(interior.start, row);
            let mut next_position = || {
                let current = position;
                position = [position[0].wrapping_add(step_x), position[1].wrapping_add(step_y)];
                current
            };
            let (pairs, rest) = line[interior.clone()].as_chunks_mut();
            for pair in pairs {
                *pair = sample_pair(photo, [next_position(), next_position()]);
            }
            for pixel in rest {
                *pixel = sample(photo, next_position());
            }
            for column in (covered.start..interior.start).chain(interior.end..covered.end) {
                line[column] = sample(photo, grid.position(column, row));
            }
        }
    }
    out
}

fn clamp_range(range: &Range<usize>, bounds: &Range<usize>) -> Range<usize> {
    range.start.clamp(bounds.start, bounds.end)..range.end.clamp(bounds.start, bounds.end)
}

/// A position in the photo: x and y in units of 2^-32 pixels, measured from the center of the first pixel.
///
/// Sums of integers are the same on every machine, and a sum of 65,535 steps is off by at most 2^-16 pixels.
type FixedPosition = [i64; 2];

/// One pixel in fixed point.
const FIXED_ONE: i64 = 1 << 32;

/// The positions in the photo of the pixels of a window.
struct SampleGrid {
    origin: FixedPosition,
    column_step: FixedPosition,
    row_step: FixedPosition,
}

impl SampleGrid {
    /// The bound on coordinates, in pixels, below which sums of steps do not overflow.
    const MAX_COORDINATE: f64 = (1 << 28) as f64;

    /// The grid of a window of `size` pixels; `None` when one of its corners lies beyond the bound on coordinates.
    fn new(image_from_window: &Affine, size: Size) -> Option<Self> {
        let Size { width, height } = size;
        let pixel_center = |column: u32, row: u32| {
            let p = image_from_window.apply(Point::new(f64::from(column) + 0.5, f64::from(row) + 0.5));
            [p.x - 0.5, p.y - 0.5]
        };
        let corners = [(0, 0), (width, 0), (0, height), (width, height)].map(|(x, y)| pixel_center(x, y));
        let is_bounded = corners.iter().flatten().all(|coordinate| coordinate.abs() < Self::MAX_COORDINATE);
        let to_fixed = |coordinate: f64| (coordinate * FIXED_ONE as f64).round() as i64;
        let [a, b, _, d, e, _] = image_from_window.0;
        is_bounded.then(|| Self {
            origin: corners[0].map(to_fixed),
            column_step: [a, d].map(to_fixed),
            row_step: [b, e].map(to_fixed),
        })
    }

    fn position(&self, column: usize, row: usize) -> FixedPosition {
        let offset = |axis: usize| column as i64 * self.column_step[axis] + row as i64 * self.row_step[axis];
        [self.origin[0] + offset(0), self.origin[1] + offset(1)]
    }

    /// The columns of a row whose positions the photo covers.
    fn row_ranges(&self, photo_size: Size, row: usize, columns: usize) -> RowRanges {
        let start = self.position(0, row);
        let sides = [photo_size.width, photo_size.height].map(i64::from);
        // The photo extends half a pixel beyond its outermost pixel centers.
        let [covered, interior] = [(FIXED_ONE / 2, 0), (0, 1)].map(|(margin, shortened_by)| {
            let [x, y] = [0, 1].map(|axis| {
                let extent = (sides[axis] - shortened_by) * FIXED_ONE;
                steps_within(start[axis] + margin, self.column_step[axis], extent, columns)
            });
            let first = x.start.max(y.start);
            first..x.end.min(y.end).max(first)
        });
        // The start of an empty range is arbitrary.
        let interior = if interior.is_empty() { covered.end..covered.end } else { interior };
        RowRanges { covered, interior }
    }
}

/// Columns of one row of a window.
struct RowRanges {
    /// Columns whose positions lie in the photo.
    covered: Range<usize>,
    /// Those of them that lie between four pixel centers.
    interior: Range<usize>,
}

/// The range of the numbers `n` below `count` for which `start + n * step` lies in `0..extent`.
fn steps_within(start: i64, step: i64, extent: i64, count: usize) -> Range<usize> {
    // A negative step is a positive one, counted from the other end.
    let (start, step) = if step < 0 { (extent - 1 - start, -step) } else { (start, step) };
    if step == 0 {
        return 0..if (0..extent).contains(&start) { count } else { 0 };
    }
    let clamp_to_count = |n: i64| n.clamp(0, count as i64) as usize;
    clamp_to_count(-start.div_euclid(step))..clamp_to_count(-(start - extent).div_euclid(step))
}

/// The same colors as [`sample`], to the bit, of two positions that lie between four pixel centers each.
#[inline]
fn sample_pair(photo: RgbView<'_>, positions: [FixedPosition; 2]) -> [[u8; 3]; 2] {
    let stride = 3 * photo.size.width as usize;
    // Rounded before the integer part is taken: a position just before a pixel center counts from that center.
    let rounded = positions.map(|position| position.map(|value| value.wrapping_add(HALF_WEIGHT)));
    // From the first of two pixels to the end of the second of those below: a single bounds check.
    let span = stride + 8;
    let load_rows = |[x, y]: FixedPosition| {
        let first =
            ((y >> 32) as usize).wrapping_mul(stride).wrapping_add(((x >> 32) as usize).wrapping_mul(3));
        let window = photo.pixels.get(first..)?.get(..span)?;
        let ends = [window.first_chunk()?, window.last_chunk()?];
        Some(ends.map(|bytes| u64::from_le_bytes(*bytes)))
    };
    let (Some([above_0, below_0]), Some([above_1, below_1])) = (load_rows(rounded[0]), load_rows(rounded[1]))
    else {
        // The last two pixels of the photo. An array of both, by `map`, would be stored on every call.
        return [sample(photo, positions[0]), sample(photo, positions[1])];
    };
    // Four lanes for each position. The fourth lane is unused.
    let pack =
        |first: u64, second: u64| i16x8::from_u8x16_low(bytemuck::cast([first as u32, second as u32, 0, 0]));
    let weights = |axis: usize| -> i16x8 {
        bytemuck::cast(
            rounded
                .map(|value| (value[axis] >> 24) as u64 & 0xff)
                .map(|weight| weight * 0x0001_0001_0001_0001),
        )
    };
    let weight_y = weights(1);
    let left = interpolate(pack(above_0, above_1), pack(below_0, below_1), weight_y);
    let right = interpolate(pack(above_0 >> 24, above_1 >> 24), pack(below_0 >> 24, below_1 >> 24), weight_y);
    let levels = interpolate(left, right, weights(0));
    let [levels, _]: [u64; 2] = bytemuck::cast(u8x16::narrow_i16x8(levels, levels));
    let [red_0, green_0, blue_0, _, red_1, green_1, blue_1, _] = levels.to_le_bytes();
    [[red_0, green_0, blue_0], [red_1, green_1, blue_1]]
}

/// Linear interpolation of eight levels with weights in 256ths, rounded to the nearest level.
///
/// Differences and products may overflow a lane. The sum is below 2^16, so wrapping arithmetic yields it exactly.
#[inline]
fn interpolate(from: i16x8, to: i16x8, weight: i16x8) -> i16x8 {
    let sum: u16x8 = bytemuck::cast((from << 8) + (to - from) * weight + i16x8::splat(128));
    bytemuck::cast(sum >> 8)
}

/// Half of the 256th of a pixel to which weights are rounded, in fixed point.
const HALF_WEIGHT: i64 = FIXED_ONE >> 9;

/// The interpolation weight of a coordinate: its distance from the pixel center before it, in 256ths, rounded.
const fn weight_of(coordinate: i64) -> u32 {
    (((coordinate & (FIXED_ONE - 1)) + HALF_WEIGHT) >> 24) as u32
}

/// The color at a position inside the photo, interpolated between the four pixel centers around it. Beyond the
/// outermost pixel centers the nearest ones are repeated.
fn sample(photo: RgbView<'_>, position: FixedPosition) -> [u8; 3] {
    let sides = [photo.size.width, photo.size.height].map(i64::from);
    let [x, y] = [0, 1].map(|axis| position[axis].clamp(0, (sides[axis] - 1) * FIXED_ONE));
    let [x0, y0] = [x >> 32, y >> 32];
    let [x1, y1] = [(x0 + 1).min(sides[0] - 1), (y0 + 1).min(sides[1] - 1)];
    let (pixels, _) = photo.pixels.as_chunks::<3>();
    let corners = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)].map(|(x, y)| pixels[(y * sides[0] + x) as usize]);
    let [weight_x, weight_y] = [x, y].map(weight_of);
    let mix = |from: u8, to: u8, weight: u32| {
        ((u32::from(from) * (256 - weight) + u32::from(to) * weight + 128) >> 8) as u8
    };
    // Vertical first, then horizontal, each rounded to a whole level.
    let [left, right] =
        [0, 1].map(|side| [0, 1, 2].map(|i| mix(corners[side][i], corners[side + 2][i], weight_y)));
    [0, 1, 2].map(|i| mix(left[i], right[i], weight_x))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIXELS: [u8; 12] = [0, 0, 0, 100, 0, 0, 0, 200, 0, 100, 200, 50];
    const PHOTO: RgbView<'_> = RgbView { size: Size::new(2, 2), pixels: &PIXELS };

    #[test]
    fn the_identity_changes_nothing() {
        assert_eq!(warp(PHOTO, &Affine::IDENTITY, Size::new(2, 2)), PIXELS);
    }

    #[test]
    fn a_quarter_turn_moves_pixels_exactly() {
        let turn = Affine::translate(2.0, 0.0) * Affine::rotate(std::f64::consts::FRAC_PI_2);
        let turned = warp(PHOTO, &turn.inverse().unwrap(), Size::new(2, 2));
        assert_eq!(turned, [0, 200, 0, 0, 0, 0, 100, 200, 50, 100, 0, 0]);
    }

    #[test]
    fn the_short_way_gives_the_same_bytes() {
        let pixels: Vec<u8> = (0..105_u32).map(|i| (i * 31 % 251) as u8).collect();
        let photo = RgbView { size: Size::new(7, 5), pixels: &pixels };
        for i in 0..2000_i64 {
            let at = [i * 7001 % 1536, i * 5003 % 1024].map(|quarter| quarter << 24);
            let other = [at[1], at[0] / 2];
            assert_eq!(sample_pair(photo, [at, other]), [at, other].map(|at| sample(photo, at)), "{at:?}");
        }
    }

    #[test]
    fn a_window_shows_each_place_of_the_photo_and_white_around_it() {
        let pixels: Vec<u8> = (0..105_u32).map(|i| (i * 31 % 251) as u8).collect();
        let photo = RgbView { size: Size::new(7, 5), pixels: &pixels };
        for turn in 0..60 {
            let scale = 0.3 + f64::from(turn % 7) * 0.2;
            let to_photo = Affine::translate(f64::from(turn % 5) * 1.3, 2.6)
                * Affine::rotate(f64::from(turn) * 0.13)
                * Affine::scale(scale, if turn % 2 == 0 { scale } else { -scale })
                * Affine::translate(-8.0, -9.0);
            let window = warp(photo, &to_photo, Size::new(17, 19));
            let grid = SampleGrid::new(&to_photo, Size::new(17, 19)).unwrap();
            for (i, color) in window.as_chunks::<3>().0.iter().enumerate() {
                let position = grid.position(i % 17, i / 17);
                let inside = (0..2).all(|axis| {
                    (-FIXED_ONE / 2..[7, 5][axis] * FIXED_ONE - FIXED_ONE / 2).contains(&position[axis])
                });
                assert_eq!(
                    *color,
                    if inside { sample(photo, position) } else { [OUTSIDE_LEVEL; 3] },
                    "turn {turn}, {i}"
                );
            }
        }
    }

    #[test]
    fn colours_are_within_two_levels_of_the_exact_ones() {
        let photo: Vec<u8> = (0..4 * 3 * 3_u32).map(|i| (i * 7919 % 256) as u8 / 128 * 255).collect();
        let view = RgbView { size: Size::new(4, 3), pixels: &photo };
        for step in 0..4000_i64 {
            let at = [step * 7_654_321 % (3 * FIXED_ONE), step * 9_876_543_211 % (2 * FIXED_ONE)];
            let [x, y] = at.map(|at| at as f64 / FIXED_ONE as f64);
            let [fx, fy] = [x.fract(), y.fract()];
            let first = (y as usize * 4 + x as usize) * 3;
            for (i, &found) in sample_pair(view, [at; 2])[1].iter().enumerate() {
                let level = |off: usize| f64::from(photo[first + i + off]);
                let exact = (level(0) * (1.0 - fx) + level(3) * fx) * (1.0 - fy)
                    + (level(12) * (1.0 - fx) + level(15) * fx) * fy;
                assert!((f64::from(found) - exact).abs() <= 2.0, "{at:?}: {found}, not {exact}");
            }
        }
    }

    #[test]
    fn steps_are_counted_up_and_down() {
        let search = |start: i64, step: i64, extent: i64| {
            let inside: Vec<usize> =
                (0..20).filter(|&n| (0..extent).contains(&(start + n as i64 * step))).collect();
            inside.first().map_or(0..0, |&first| first..first + inside.len())
        };
        for (start, step) in (-30..30).flat_map(|start| (-7..8).map(move |step| (start, step))) {
            for extent in [0, 1, 12] {
                let (counted, searched) =
                    (steps_within(start, step, extent, 20), search(start, step, extent));
                assert!(
                    counted == searched || counted.is_empty() && searched.is_empty(),
                    "{start} {step} {extent}"
                );
            }
        }
    }

    #[test]
    fn a_map_that_leads_far_away_shows_nothing() {
        let far = Affine::translate(1e300, 0.0);
        assert_eq!(warp(PHOTO, &far, Size::new(1, 1)), [OUTSIDE_LEVEL; 3]);
        assert_eq!(warp(PHOTO, &Affine::scale(f64::NAN, 1.0), Size::new(1, 1)), [OUTSIDE_LEVEL; 3]);
        assert_eq!(warp(PHOTO, &Affine::IDENTITY, Size::new(0, 3)), []);
    }

    #[test]
    fn half_way_is_the_mean_and_outside_is_white() {
        let window = warp(PHOTO, &Affine::translate(0.5, 0.5), Size::new(2, 1));
        assert_eq!(window[..3], [50, 100, 13]);
        assert_eq!(warp(PHOTO, &Affine::translate(5.0, 0.0), Size::new(1, 1)), [OUTSIDE_LEVEL; 3]);
        assert_eq!(
            warp(RgbView { size: Size::new(3, 2), ..PHOTO }, &Affine::IDENTITY, Size::new(1, 1)),
            [OUTSIDE_LEVEL; 3]
        );
    }
}
