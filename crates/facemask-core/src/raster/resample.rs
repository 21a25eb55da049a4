//! Resampling of the photo into a window of any scale.
//!
//! The warp interpolates between four pixels. A window that shows more than two pixels of the photo in one of its own
//! would skip the others and alias; so the photo is first reduced by whole factors, as means of blocks of pixels.

use super::{PixelRect, RgbView, Size, warp};
use crate::geometry::{Affine, Rect};

/// Resamples the photo into a window of `size` pixels; RGB, rows from the top; white outside the photo.
///
/// `image_from_window` maps the frame of the window to that of the photo. Only pixels in [`source_rect`] are read.
#[must_use]
pub fn resample(photo: RgbView<'_>, image_from_window: &Affine, size: Size) -> Vec<u8> {
    let factor = reduction_factor(image_from_window);
    if factor == 1 || photo.pixels.len() != 3 * photo.size.width as usize * photo.size.height as usize {
        return warp(photo, image_from_window, size);
    }
    let rect = source_rect(image_from_window, size);
    let columns = rect.columns.start.min(photo.size.width)..rect.columns.end.min(photo.size.width);
    let rows = rect.rows.start.min(photo.size.height)..rect.rows.end.min(photo.size.height);
    let (reduced_size, pixels) =
        reduce(photo, &PixelRect { columns: columns.clone(), rows: rows.clone() }, factor);
    let reduced = RgbView { size: reduced_size, pixels: &pixels };
    let ratio = 1.0 / f64::from(factor);
    let reduced_from_image =
        Affine::scale(ratio, ratio) * Affine::translate(-f64::from(columns.start), -f64::from(rows.start));
    warp(reduced, &(reduced_from_image * *image_from_window), size)
}

/// The pixels of the photo that a window of that size is made from, and some more on each side.
#[must_use]
pub fn source_rect(image_from_window: &Affine, size: Size) -> PixelRect {
    let window = Rect::new(0.0, 0.0, f64::from(size.width), f64::from(size.height));
    let corners = window.corners().map(|corner| image_from_window.apply(corner));
    // Interpolation reads pixel centers at most half a pixel away; of a reduced photo, half a block.
    let factor = f64::from(reduction_factor(image_from_window));
    let cover = |coordinates: [f64; 4]| {
        let low = coordinates.into_iter().fold(f64::MAX, f64::min);
        let high = coordinates.into_iter().fold(f64::MIN, f64::max);
        // The cast turns negative numbers into 0.
        (low - 2.0 * factor) as u32..(high + 3.0 * factor) as u32
    };
    PixelRect { columns: cover(corners.map(|p| p.x)), rows: cover(corners.map(|p| p.y)) }
}

/// The largest factor of a reduction, so that sums of a block fit into 64 bits.
const MAX_FACTOR: u32 = 1 << 16;
/// The rounding error of a scale that must not change the factor.
const SCALE_SLACK: f64 = 1e-6;

/// The largest whole factor of a reduction that leaves the window as fine as the reduced photo. Below two pixels of the
/// photo in one of the window it is 1. The cast saturates.
fn reduction_factor(image_from_window: &Affine) -> u32 {
    let [_, shortest] = image_from_window.singular_values();
    ((shortest + SCALE_SLACK) as u32).clamp(1, MAX_FACTOR)
}

/// The rows of a photo whose samples add up in 16 bits, without overflow.
const ROWS_IN_16_BITS: usize = 256;

/// The means of blocks of `factor` x `factor` pixels, from the top left corner of `rect`; incomplete ones at its right
/// and lower side are means of what there is.
///
/// `rect` lies in the photo, and `factor` is at least 1.
#[must_use]
pub fn reduce(photo: RgbView<'_>, rect: &PixelRect, factor: u32) -> (Size, Vec<u8>) {
    let (width, height) = (rect.columns.len() as u32, rect.rows.len() as u32);
    let size = Size::new(width.div_ceil(factor), height.div_ceil(factor));
    if width == 0 {
        return (size, Vec::new());
    }
    let stride = 3 * photo.size.width as usize;
    let (start, length) = (3 * rect.columns.start as usize, 3 * width as usize);
    // Rows are added first: neighboring samples are independent sums there, so the compiler adds many at once.
    let lines = photo.pixels.chunks_exact(stride).map(|line| &line[start..start + length]);
    let lines: Vec<&[u8]> = lines.skip(rect.rows.start as usize).take(height as usize).collect();
    let mut pixels = Vec::with_capacity(3 * size.width as usize * size.height as usize);
    let mut block_sums = vec![0_u64; 3 * size.width as usize];
    let mut column_sums = vec![0_u16; length];
    for lines in lines.chunks(factor as usize) {
        block_sums.fill(0);
        for part in lines.chunks(ROWS_IN_16_BITS) {
            column_sums.fill(0);
            for line in part {
                for (sum, &sample) in column_sums.iter_mut().zip(*line) {
                    *sum = sum.wrapping_add(u16::from(sample));
                }
            }
            let blocks = column_sums.chunks(3 * factor as usize);
            for (sum, block) in block_sums.as_chunks_mut::<3>().0.iter_mut().zip(blocks) {
                // At most MAX_FACTOR sums of 16 bits.
                let mut total = [0_u32; 3];
                for pixel in block.as_chunks::<3>().0 {
                    (0..3).for_each(|channel| total[channel] += u32::from(pixel[channel]));
                }
                (0..3).for_each(|channel| sum[channel] += u64::from(total[channel]));
            }
        }
        let last_columns = width - (size.width - 1) * factor;
        let (sums, last_sums) = block_sums.split_at(block_sums.len() - 3);
        for (sums, columns) in [(sums, factor), (last_sums, last_columns)] {
            pixels.extend(sums.iter().map(mean_of(u64::from(columns) * lines.len() as u64)));
        }
    }
    (size, pixels)
}

/// The mean of `count` levels from their sum, rounded half up.
///
/// A product takes a fraction of the time of a division. It is the same: half of 1 / `count` above each multiple of it,
/// no rounding error of a double reaches a whole number.
fn mean_of(count: u64) -> impl Fn(&u64) -> u8 {
    let reciprocal = 1.0 / count as f64;
    move |&sum| (((sum + count / 2) as f64 + 0.5) * reciprocal) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(size: Size, level: impl Fn(u32, u32) -> u8) -> Vec<u8> {
        let pixels = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
        pixels.flat_map(|(x, y)| [level(x, y); 3]).collect()
    }

    #[test]
    fn a_fine_pattern_becomes_its_mean() {
        let size = Size::new(90, 70);
        let pixels = photo(size, |x, y| if (x + y) % 2 == 0 { 0 } else { 200 });
        let view = RgbView { size, pixels: &pixels };
        for (factor, angle) in [(2.0, 0.0), (4.0, 0.3), (5.0, 1.1), (10.0, 0.7)] {
            let image_from_window = Affine::translate(45.0, 35.0)
                * Affine::rotate(angle)
                * Affine::scale(factor, factor)
                * Affine::translate(-2.0, -1.5);
            let window = resample(view, &image_from_window, Size::new(4, 3));
            assert!(window.iter().all(|&level| level.abs_diff(100) <= 5), "{factor}: {window:?}");
        }
    }

    #[test]
    fn a_ramp_stays_in_its_place() {
        let size = Size::new(240, 200);
        let pixels = photo(size, |x, _| x as u8);
        let view = RgbView { size, pixels: &pixels };
        for step in [1.0, 1.9, 2.0, 2.7, 4.2, 8.0] {
            let image_from_window = Affine::translate(21.0, 30.0) * Affine::scale(step, step);
            let window = resample(view, &image_from_window, Size::new(16, 4));
            for (i, pixel) in window.as_chunks::<3>().0.iter().enumerate() {
                // The center of a pixel has the level of its column, less one half.
                let expected = 21.0 + step * ((i % 16) as f64 + 0.5) - 0.5;
                assert!((f64::from(pixel[0]) - expected).abs() <= 1.0, "{step}: {pixel:?}, not {expected}");
            }
        }
    }

    #[test]
    fn blocks_of_hundreds_of_rows_have_their_mean() {
        let size = Size::new(700, 650);
        let pixels = photo(size, |x, y| if x < 400 { 255 } else { (y % 7) as u8 });
        let rect = PixelRect { columns: 0..700, rows: 0..650 };
        let (reduced, means) = reduce(RgbView { size, pixels: &pixels }, &rect, 400);
        // Rows 0 to 399 hold 57 periods of seven levels and the level 0; the others 35 periods and 1 to 5.
        assert_eq!((reduced, means), (Size::new(2, 2), [[255; 3], [3; 3], [255; 3], [3; 3]].concat()));
    }

    #[test]
    fn means_are_those_of_a_division() {
        for count in (1..70).chain([400, 65_536, 1 << 20, (1 << 32) - 1]) {
            let mean = mean_of(count);
            for level in 0..=255 {
                for sum in
                    [level * count, level * count + count / 2, (level * count + count / 2).saturating_sub(1)]
                {
                    let sum = sum.min(255 * count);
                    assert_eq!(u64::from(mean(&sum)), (sum + count / 2) / count, "{sum} of {count}");
                }
            }
        }
    }

    #[test]
    fn no_reduction_is_the_warp() {
        let size = Size::new(40, 30);
        let pixels = photo(size, |x, y| (x * 7 + y * 13) as u8);
        let view = RgbView { size, pixels: &pixels };
        let turn = Affine::translate(3.0, -4.0) * Affine::rotate(0.4) * Affine::scale(1.9, 1.9);
        assert_eq!(resample(view, &turn, Size::new(20, 20)), warp(view, &turn, Size::new(20, 20)));
    }

    #[test]
    fn beyond_the_photo_is_white() {
        let size = Size::new(20, 10);
        let pixels = photo(size, |_, _| 7);
        let view = RgbView { size, pixels: &pixels };
        let window = resample(view, &Affine::scale(4.0, 4.0), Size::new(8, 8));
        let levels: Vec<u8> = window.as_chunks::<3>().0.iter().map(|pixel| pixel[0]).collect();
        assert_eq!(levels[..8], [7, 7, 7, 7, 7, 255, 255, 255]);
        assert_eq!(levels[24..], [255; 40]);
        assert_eq!(resample(view, &Affine::translate(900.0, 0.0), Size::new(2, 1)), [255; 6]);
        let far = Affine::translate(900.0, 0.0) * Affine::scale(9.0, 9.0);
        assert_eq!(resample(view, &far, Size::new(2, 1)), [255; 6]);
    }
}
