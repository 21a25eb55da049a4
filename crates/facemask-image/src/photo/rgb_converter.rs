//! Conversion of PNG samples of every bit depth and color type to 8-bit RGB.

use facemask_core::error::Result;

use super::over_white;
use crate::input_kind::InputKind;
use crate::png::{ColorType, PixelRow, PngHeader, PngLayout};

/// RgbConverter from the rows of one PNG to RGB.
pub(super) struct RgbConverter<'a> {
    header: PngHeader,
    /// Palette colors over white, by index.
    palette: Vec<[u8; 3]>,
    /// The samples of the transparent color (tRNS), for gray and RGB.
    transparent: Option<&'a [u8]>,
}

impl<'a> RgbConverter<'a> {
    /// # Errors
    ///
    /// `image_corrupt` for a tRNS chunk of a wrong length.
    pub(super) fn new(data: &'a [u8], layout: &PngLayout) -> Result<Self> {
        let header = layout.header;
        let transparency = layout.transparency.clone().map(|range| &data[range]);
        let mut palette: Vec<[u8; 3]> = Vec::new();
        let mut transparent = None;
        match header.color {
            ColorType::Palette => {
                let colors = layout.palette.clone().map(|range| &data[range]).unwrap_or_default();
                palette.extend(colors.chunks_exact(3).map(|c| [c[0], c[1], c[2]]));
                for (color, &alpha) in palette.iter_mut().zip(transparency.unwrap_or_default()) {
                    *color = over_white(*color, alpha);
                }
            }
            ColorType::Gray | ColorType::Rgb => {
                let needed = header.channels() * 2;
                if transparency.is_some_and(|samples| samples.len() != needed) {
                    let detail = format!("the PNG's chunk tRNS has a wrong length, expected {needed} bytes");
                    return Err(InputKind::Photo.corrupt(detail));
                }
                transparent = transparency;
            }
            ColorType::GrayAlpha | ColorType::Rgba => {}
        }
        Ok(Self { header, palette, transparent })
    }

    /// Writes the pixels of `row` to their columns of `out`, a row of the picture in RGB.
    ///
    /// # Errors
    ///
    /// `image_corrupt` for a palette index beyond the palette.
    pub(super) fn convert(&self, row: &PixelRow, out: &mut [u8]) -> Result<()> {
        let is_rgb8 =
            self.header.color == ColorType::Rgb && self.header.depth == 8 && self.transparent.is_none();
        if is_rgb8 && row.step == 1 && row.x == 0 {
            out[..row.bytes.len()].copy_from_slice(row.bytes);
            return Ok(());
        }
        let pixels = out[row.x * 3..].chunks_mut(3).step_by(row.step).take(row.width);
        for (index, pixel) in pixels.enumerate() {
            pixel.copy_from_slice(&self.convert_pixel(row, index)?);
        }
        Ok(())
    }

    fn convert_pixel(&self, row: &PixelRow, index: usize) -> Result<[u8; 3]> {
        let at = index * self.header.channels();
        let sample = |channel: usize| self.sample(row.bytes, at + channel);
        let sample8 = |channel: usize| self.scale_to_8_bits(sample(channel));
        let gray = || [sample8(0); 3];
        let rgb = || [sample8(0), sample8(1), sample8(2)];
        Ok(match self.header.color {
            ColorType::Palette => {
                let entry = usize::from(sample(0));
                return self.palette.get(entry).copied().ok_or_else(|| {
                    let (x, y, count) = (row.x + index * row.step, row.y, self.palette.len());
                    InputKind::Photo.corrupt(format!(
                        "the PNG's pixel ({x}, {y}) has palette index {entry}, expected less than {count}"
                    ))
                });
            }
            ColorType::Gray if self.is_transparent(sample) => [255; 3],
            ColorType::Rgb if self.is_transparent(sample) => [255; 3],
            ColorType::Gray => gray(),
            ColorType::Rgb => rgb(),
            ColorType::GrayAlpha => over_white(gray(), sample8(1)),
            ColorType::Rgba => over_white(rgb(), sample8(3)),
        })
    }

    /// Reads the n-th sample of a row, unscaled.
    fn sample(&self, bytes: &[u8], n: usize) -> u16 {
        match self.header.depth {
            16 => u16::from_be_bytes([bytes[2 * n], bytes[2 * n + 1]]),
            8 => u16::from(bytes[n]),
            depth => u16::from(unpack_sample(bytes, n, depth)),
        }
    }

    /// Scales a sample to 0..=255, rounded to the nearest.
    fn scale_to_8_bits(&self, sample: u16) -> u8 {
        if self.header.depth == 8 {
            return sample as u8;
        }
        let max = (1_u32 << self.header.depth) - 1;
        ((u32::from(sample) * 255 + max / 2) / max) as u8
    }

    fn is_transparent(&self, sample: impl Fn(usize) -> u16) -> bool {
        self.transparent.is_some_and(|transparent| {
            transparent
                .chunks_exact(2)
                .enumerate()
                .all(|(c, key)| sample(c) == u16::from_be_bytes([key[0], key[1]]))
        })
    }
}

/// Reads the n-th sample of `depth` (1, 2 or 4) bits. The first pixel is in the highest bits of a byte.
fn unpack_sample(bytes: &[u8], n: usize, depth: u8) -> u8 {
    let per_byte = 8 / usize::from(depth);
    let shift = 8 - usize::from(depth) * (n % per_byte + 1);
    (bytes[n / per_byte] >> shift) & ((1 << depth) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_pixel_is_in_the_highest_bits() {
        let all = |depth: u8, count: usize| {
            (0..count).map(|n| unpack_sample(&[0b1000_1101], n, depth)).collect::<Vec<_>>()
        };
        assert_eq!(all(1, 8), [1, 0, 0, 0, 1, 1, 0, 1]);
        assert_eq!(all(2, 4), [0b10, 0b00, 0b11, 0b01]);
        assert_eq!(all(4, 2), [0b1000, 0b1101]);
    }
}
