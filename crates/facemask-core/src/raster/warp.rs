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
    let mut out = Vec::with_capacity(3 * width as usize * height as usize);
    let complete = photo.pixels.len() == 3 * photo.width as usize * photo.height as usize;
    for row in 0..height {
        for column in 0..width {
            let centre = Point::new(f64::from(column) + 0.5, f64::from(row) + 0.5);
            let p = image_from_window.apply(centre);
            let inside = complete
                && (0.0..f64::from(photo.width)).contains(&p.x)
                && (0.0..f64::from(photo.height)).contains(&p.y);
            out.extend(if inside { sample(photo, p) } else { OUTSIDE });
        }
    }
    out
}

/// The colour at a point inside the photo, from the four pixel centres around it; beyond the outermost centres the
/// nearest ones count.
fn sample(photo: RgbView<'_>, p: Point) -> [u8; 3] {
    let (x0, x1, fx) = neighbours(p.x, photo.width);
    let (y0, y1, fy) = neighbours(p.y, photo.height);
    let row = |y: usize| &photo.pixels[3 * y * photo.width as usize..];
    let (above, below) = (row(y0), row(y1));
    std::array::from_fn(|channel| {
        let mix = |row: &[u8]| {
            let (left, right) = (f32::from(row[3 * x0 + channel]), f32::from(row[3 * x1 + channel]));
            left + (right - left) * fx
        };
        let (a, b) = (mix(above), mix(below));
        (a + (b - a) * fy + 0.5) as u8
    })
}

/// The two pixels whose centres are around `at`, and how far it is from the first to the second.
fn neighbours(at: f64, count: u32) -> (usize, usize, f32) {
    let from_centre = (at - 0.5).clamp(0.0, f64::from(count - 1));
    let first = from_centre as usize;
    (first, (first + 1).min(count as usize - 1), (from_centre - first as f64) as f32)
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
