//! A photo as a small grey picture: each pixel is the mean of the part of the photo it stands for.

use facemask_core::error::Result;

use crate::header::{Format, inspect_image};
use crate::jpeg;
use crate::limits::Limits;
use crate::photo::decode_image;

/// Width and height of the grey picture. Four times what the hash looks at, so that its own filter has work left.
pub const THUMBNAIL_SIDE: usize = 128;

/// Decodes a photo and shrinks it to `THUMBNAIL_SIDE * THUMBNAIL_SIDE` grey values, rows from the top, EXIF orientation applied.
///
/// Grey is the luma of ITU-R 601 (as in Pillow's `L`); a JPEG has it stored beside the colours. A side of less than
/// `THUMBNAIL_SIDE` pixels is stretched. What is missing of a damaged JPEG may be grey.
///
/// # Errors
///
/// Those of [`decode_image`].
pub fn luma_thumbnail(data: &[u8], limits: &Limits) -> Result<Vec<u8>> {
    let info = inspect_image(data, limits)?;
    let (width, height) = info.oriented_size();
    if info.format == Format::Jpeg {
        limits.check_decode(info.width, info.height)?;
        if let Some(stored) = jpeg::decode_luma(data, info.width, info.height)? {
            let pixels = info.orientation.apply_to_pixels::<1>(info.width, info.height, stored);
            return Ok(shrunk::<1>(&pixels, width as usize, height as usize, |pixel| {
                u32::from(pixel[0]) * 1000
            }));
        }
    }
    let image = decode_image(data, limits)?;
    Ok(shrunk::<3>(&image.pixels, width as usize, height as usize, luma))
}

/// The mean brightness of each place; `brightness` tells that of a pixel of `N` bytes, in thousandths.
fn shrunk<const N: usize>(
    pixels: &[u8],
    width: usize,
    height: usize,
    brightness: impl Fn(&[u8; N]) -> u32,
) -> Vec<u8> {
    let (columns, rows) = (spans(width), spans(height));
    let (pixels, _) = pixels.as_chunks::<N>();
    let mut grey = Vec::with_capacity(THUMBNAIL_SIDE * THUMBNAIL_SIDE);
    for &(top, bottom) in &rows {
        let mut sums = [0_u64; THUMBNAIL_SIDE];
        for row in pixels[top * width..bottom * width].chunks_exact(width) {
            for (sum, &(left, right)) in sums.iter_mut().zip(&columns) {
                *sum += row[left..right].iter().map(|pixel| u64::from(brightness(pixel))).sum::<u64>();
            }
        }
        for (sum, &(left, right)) in sums.iter().zip(&columns) {
            let weight = ((bottom - top) * (right - left)) as u64 * 1000;
            grey.push(((sum + weight / 2) / weight) as u8);
        }
    }
    grey
}

/// The luma of a pixel, in thousandths.
fn luma(pixel: &[u8; 3]) -> u32 {
    299 * u32::from(pixel[0]) + 587 * u32::from(pixel[1]) + 114 * u32::from(pixel[2])
}

/// The pixels along a side that each of the `THUMBNAIL_SIDE` places stands for, at least one.
fn spans(side: usize) -> Vec<(usize, usize)> {
    let place = |n: usize| n * side / THUMBNAIL_SIDE;
    (0..THUMBNAIL_SIDE).map(|n| (place(n), place(n + 1).max(place(n) + 1))).collect()
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
        let grey = luma_thumbnail(&file, &Limits::default()).unwrap();
        assert_eq!(grey.len(), THUMBNAIL_SIDE * THUMBNAIL_SIDE);
        assert!(grey.chunks(THUMBNAIL_SIDE).all(|row| row[10] < 10 && row[120].abs_diff(200) < 10));
    }
}
