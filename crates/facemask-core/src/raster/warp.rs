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
    for (row, line) in out.chunks_exact_mut(width.max(1) as usize).enumerate() {
        for (column, pixel) in line.iter_mut().enumerate() {
            let p = image_from_window.apply(Point::new(column as f64 + 0.5, row as f64 + 0.5));
            if inside(p) {
                *pixel = sample(pixels, (photo.width, photo.height), p);
            }
        }
    }
    out.into_flattened()
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
    fn half_way_is_the_mean_and_outside_is_white() {
        let window = warp(PHOTO, &Affine::translate(0.5, 0.5), 2, 1);
        assert_eq!(window[..3], [50, 100, 13]);
        assert_eq!(warp(PHOTO, &Affine::translate(5.0, 0.0), 1, 1), OUTSIDE);
        assert_eq!(warp(RgbView { width: 3, ..PHOTO }, &Affine::IDENTITY, 1, 1), OUTSIDE);
    }
}
