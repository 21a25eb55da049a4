//! Luma thumbnail of a photo by box filtering, the input of the perceptual hash.

use facemask_core::error::Result;

use crate::header::{ImageFormat, inspect_image};
use crate::jpeg;
use crate::limits::Limits;
use crate::photo::decode_image;

/// Width and height of the thumbnail in pixels: four times the input of the hash, which filters once more.
pub const THUMBNAIL_SIDE: usize = 128;

/// Decodes a photo and scales it to `THUMBNAIL_SIDE * THUMBNAIL_SIDE` luma values, row by row from the top
/// left, with the EXIF orientation applied.
///
/// Luma is that of ITU-R BT.601 (as in Pillow's `L`), which a JPEG stores as its own component. Sides are
/// scaled independently; one of less than `THUMBNAIL_SIDE` pixels is stretched. Missing parts of a damaged
/// JPEG may be gray.
///
/// # Errors
///
/// Those of [`decode_image`].
pub fn luma_thumbnail(data: &[u8], limits: &Limits) -> Result<Vec<u8>> {
    let info = inspect_image(data, limits)?;
    let (width, height) = info.oriented_size();
    if info.format == ImageFormat::Jpeg {
        limits.check_decode(info.width, info.height)?;
        if let Some(stored) = jpeg::decode_luma(data, info.width, info.height)? {
            let pixels = info.orientation.apply_to_pixels::<1>(info.width, info.height, stored);
            return Ok(box_filter::<1>(&pixels, width as usize, height as usize, |pixel| {
                u32::from(pixel[0]) * 1000
            }));
        }
    }
    let image = decode_image(data, limits)?;
    Ok(box_filter::<3>(&image.pixels, width as usize, height as usize, rgb_luma))
}

/// Mean luma of each thumbnail pixel. `luma` returns that of a pixel of `N` bytes, in thousandths.
fn box_filter<const N: usize>(
    pixels: &[u8],
    width: usize,
    height: usize,
    luma: impl Fn(&[u8; N]) -> u32,
) -> Vec<u8> {
    let (columns, rows) = (spans(width), spans(height));
    let (pixels, _) = pixels.as_chunks::<N>();
    let mut gray = Vec::with_capacity(THUMBNAIL_SIDE * THUMBNAIL_SIDE);
    for &(top, bottom) in &rows {
        let mut sums = [0_u64; THUMBNAIL_SIDE];
        for row in pixels[top * width..bottom * width].chunks_exact(width) {
            for (sum, &(left, right)) in sums.iter_mut().zip(&columns) {
                *sum += row[left..right].iter().map(|pixel| u64::from(luma(pixel))).sum::<u64>();
            }
        }
        for (sum, &(left, right)) in sums.iter().zip(&columns) {
            let weight = ((bottom - top) * (right - left)) as u64 * 1000;
            gray.push(((sum + weight / 2) / weight) as u8);
        }
    }
    gray
}

/// Luma of an RGB pixel, in thousandths.
fn rgb_luma(pixel: &[u8; 3]) -> u32 {
    299 * u32::from(pixel[0]) + 587 * u32::from(pixel[1]) + 114 * u32::from(pixel[2])
}

/// Range of source pixels of each of the `THUMBNAIL_SIDE` positions along a side, at least one pixel.
fn spans(side: usize) -> Vec<(usize, usize)> {
    let start = |n: usize| n * side / THUMBNAIL_SIDE;
    (0..THUMBNAIL_SIDE).map(|n| (start(n), start(n + 1).max(start(n) + 1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode_jpeg;

    #[test]
    fn every_pixel_is_counted_once_and_small_sides_are_stretched() {
        let of_300 = spans(300);
        assert_eq!((of_300[0].0, of_300[THUMBNAIL_SIDE - 1].1), (0, 300));
        assert!(of_300.windows(2).all(|pair| pair[0].1 == pair[1].0));
        assert!(spans(5).iter().all(|&(left, right)| right == left + 1 && right <= 5));
    }

    #[test]
    fn halves_keep_their_grey() {
        let pixels: Vec<u8> = (0..64 * 256).flat_map(|n| [if n % 64 < 32 { 0 } else { 200 }; 3]).collect();
        let file = encode_jpeg(64, 256, &pixels, 95).unwrap();
        let gray = luma_thumbnail(&file, &Limits::default()).unwrap();
        assert_eq!(gray.len(), THUMBNAIL_SIDE * THUMBNAIL_SIDE);
        assert!(gray.chunks(THUMBNAIL_SIDE).all(|row| row[10] < 10 && row[120].abs_diff(200) < 10));
    }
}
