//! Turning a photo: the only place where pixels are resampled, and only those that are shown.

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

/// What shows where the photo does not reach.
const OUTSIDE: [u8; 3] = [255; 3];

/// The photo under a `width x height` window, bilinear. `image_from_window` leads from the window's frame to the photo's.
/// White where the photo does not reach; the same for a view whose pixels are not as many as it says.
#[must_use]
pub fn warp(photo: RgbView<'_>, image_from_window: &Affine, width: u32, height: u32) -> Vec<u8> {
    let mut out = vec![OUTSIDE; width as usize * height as usize];
    let (pixels, _) = photo.pixels.as_chunks::<3>();
    if pixels.len() != photo.width as usize * photo.height as usize || pixels.is_empty() {
        return out.into_flattened();
    }
    let inside =
        |p: Point| p.x >= 0.0 && p.y >= 0.0 && p.x < f64::from(photo.width) && p.y < f64::from(photo.height);
    let stride = photo.width as usize;
    let (last_x, last_y) = (f64::from(photo.width - 1), f64::from(photo.height - 1));
    for (row, line) in out.chunks_exact_mut(width.max(1) as usize).enumerate() {
        for (column, pixel) in line.iter_mut().enumerate() {
            let p = image_from_window.apply(Point::new(column as f64 + 0.5, row as f64 + 0.5));
            let (u, v) = (p.x - 0.5, p.y - 0.5);
            if u >= 0.0 && v >= 0.0 && u < last_x && v < last_y {
                *pixel = between(pixels, stride, (u * 256.0) as u32, (v * 256.0) as u32);
            } else if inside(p) {
                *pixel = sample(pixels, (photo.width, photo.height), p);
            }
        }
    }
    out.into_flattened()
}

/// As [`sample`], to the bit, where all four centres are there; `u` and `v` are 256ths from the first centre of the photo.
fn between(pixels: &[[u8; 3]], stride: usize, u: u32, v: u32) -> [u8; 3] {
    let first = (v >> 8) as usize * stride + (u >> 8) as usize;
    let (fx, fy) = (u & 255, v & 255);
    // Red and blue go through the sums together, 32 bits each; no sum needs more than 25.
    let across = |at: usize| {
        let pair: [[u8; 3]; 2] =
            pixels.get(at..).and_then(|from| from.first_chunk()).copied().unwrap_or_default();
        let [left, right] = pair.map(|[r, g, b]| (u64::from(r) | u64::from(b) << 32, u64::from(g)));
        (mixed(left.0, right.0, fx), mixed(left.1, right.1, fx))
    };
    let (above, below) = (across(first), across(first + stride));
    let red_blue = mixed(above.0, below.0, fy).wrapping_add(1 << 15 | 1 << 47);
    let green = mixed(above.1, below.1, fy).wrapping_add(1 << 15);
    [(red_blue >> 16) as u8, (green >> 16) as u8, (red_blue >> 48) as u8]
}

/// The sum of both, weighted in 256ths: `weight` is that of the second.
const fn mixed(first: u64, second: u64, weight: u32) -> u64 {
    first.wrapping_mul(256 - weight as u64).wrapping_add(second.wrapping_mul(weight as u64))
}

/// The colour at a point inside the photo, from the four pixel centres around it; beyond the outermost centres the
/// nearest ones count. Weights are whole 256ths: finer than the eye, and the same bytes on every machine.
fn sample(pixels: &[[u8; 3]], (width, height): (u32, u32), p: Point) -> [u8; 3] {
    let (x0, x1, fx) = neighbours(p.x, width);
    let (y0, y1, fy) = neighbours(p.y, height);
    let (above, below) = (y0 * width as usize, y1 * width as usize);
    let corners = [pixels[above + x0], pixels[above + x1], pixels[below + x0], pixels[below + x1]];
    let weights = [(256 - fx) * (256 - fy), fx * (256 - fy), (256 - fx) * fy, fx * fy];
    let mut sums = [1_u32 << 15; 3];
    for (corner, weight) in corners.iter().zip(weights) {
        for (sum, &channel) in sums.iter_mut().zip(corner) {
            *sum += u32::from(channel) * weight;
        }
    }
    sums.map(|sum| (sum >> 16) as u8)
}

/// The two pixels whose centres are around `at`, and how far it is from the first to the second, in 256ths.
fn neighbours(at: f64, count: u32) -> (usize, usize, u32) {
    let from_centre = (at - 0.5).max(0.0);
    let first = (from_centre as usize).min(count as usize - 1);
    let second = (first + 1).min(count as usize - 1);
    (first, second, ((from_centre - first as f64) * 256.0) as u32 & 255)
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
        let pixels: Vec<[u8; 3]> = (0..35_u32).map(|i| [i * 7, i * 31, 255 - i].map(|v| v as u8)).collect();
        for i in 0..200_u32 {
            let (u, v) = (i * 7 % 1536, i * 5 % 1024);
            let p = Point::new(f64::from(u) / 256.0 + 0.5, f64::from(v) / 256.0 + 0.5);
            assert_eq!(between(&pixels, 7, u, v), sample(&pixels, (7, 5), p), "{u} {v}");
        }
    }

    #[test]
    fn half_way_is_the_mean_and_outside_is_white() {
        let window = warp(PHOTO, &Affine::translate(0.5, 0.5), 2, 1);
        assert_eq!(window[..3], [50, 100, 13]);
        assert_eq!(warp(PHOTO, &Affine::translate(5.0, 0.0), 1, 1), OUTSIDE);
        assert_eq!(warp(RgbView { width: 3, ..PHOTO }, &Affine::IDENTITY, 1, 1), OUTSIDE);
    }
}
