//! PNG samples of every depth and colour type to 8-bit RGB.

use facemask_core::error::Result;

use crate::input_kind::InputKind;
use crate::png::{Colour, Header, Layout, Row};

/// Lays a colour over white.
pub(super) fn over_white(colour: [u8; 3], alpha: u8) -> [u8; 3] {
    let alpha = u32::from(alpha);
    colour.map(|c| ((u32::from(c) * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
}

/// Turns the stored rows of one PNG into RGB.
pub(super) struct Converter<'a> {
    header: Header,
    palette: Vec<[u8; 3]>,
    /// The tRNS samples that are transparent, for grey and RGB.
    clear: Option<&'a [u8]>,
}

impl<'a> Converter<'a> {
    pub(super) fn new(data: &'a [u8], layout: &Layout) -> Result<Self> {
        let header = layout.header;
        let transparency = layout.transparency.clone().map(|range| &data[range]);
        let mut palette: Vec<[u8; 3]> = Vec::new();
        let mut clear = None;
        match header.colour {
            Colour::Palette => {
                let colours = layout.palette.clone().map(|range| &data[range]).unwrap_or_default();
                palette.extend(colours.chunks_exact(3).map(|c| [c[0], c[1], c[2]]));
                for (colour, &alpha) in palette.iter_mut().zip(transparency.unwrap_or_default()) {
                    *colour = over_white(*colour, alpha);
                }
            }
            Colour::Grey | Colour::Rgb => {
                let needed = header.channels() * 2;
                if transparency.is_some_and(|samples| samples.len() != needed) {
                    let detail = format!("the PNG's chunk tRNS has a wrong length, expected {needed} bytes");
                    return Err(InputKind::Photo.corrupt(detail));
                }
                clear = transparency;
            }
            Colour::GreyAlpha | Colour::Rgba => {}
        }
        Ok(Self { header, palette, clear })
    }

    /// Writes the pixels of a stored row to their places in `out`, a row of the picture as RGB.
    pub(super) fn convert(&self, row: &Row, out: &mut [u8]) -> Result<()> {
        let ready = self.header.colour == Colour::Rgb && self.header.depth == 8 && self.clear.is_none();
        if ready && row.step == 1 && row.x == 0 {
            out[..row.bytes.len()].copy_from_slice(row.bytes);
            return Ok(());
        }
        let places = out[row.x * 3..].chunks_mut(3).step_by(row.step).take(row.width);
        for (index, place) in places.enumerate() {
            place.copy_from_slice(&self.pixel(row, index)?);
        }
        Ok(())
    }

    fn pixel(&self, row: &Row, index: usize) -> Result<[u8; 3]> {
        let at = index * self.header.channels();
        let sample = |channel: usize| self.sample(row.bytes, at + channel);
        let eight = |channel: usize| self.eight_bits(sample(channel));
        let grey = || [eight(0); 3];
        let rgb = || [eight(0), eight(1), eight(2)];
        Ok(match self.header.colour {
            Colour::Palette => {
                let entry = usize::from(sample(0));
                return self.palette.get(entry).copied().ok_or_else(|| {
                    let (x, y, count) = (row.x + index * row.step, row.y, self.palette.len());
                    InputKind::Photo.corrupt(format!(
                        "the PNG's pixel ({x}, {y}) has palette index {entry}, expected less than {count}"
                    ))
                });
            }
            Colour::Grey if self.is_clear(sample) => [255; 3],
            Colour::Rgb if self.is_clear(sample) => [255; 3],
            Colour::Grey => grey(),
            Colour::Rgb => rgb(),
            Colour::GreyAlpha => over_white(grey(), eight(1)),
            Colour::Rgba => over_white(rgb(), eight(3)),
        })
    }

    /// The n-th sample of a row as stored.
    fn sample(&self, bytes: &[u8], n: usize) -> u16 {
        match self.header.depth {
            16 => u16::from_be_bytes([bytes[2 * n], bytes[2 * n + 1]]),
            8 => u16::from(bytes[n]),
            depth => u16::from(packed(bytes, n, depth)),
        }
    }

    /// A stored sample on the scale 0 to 255, rounded to the nearest.
    fn eight_bits(&self, sample: u16) -> u8 {
        if self.header.depth == 8 {
            return sample as u8;
        }
        let max = (1_u32 << self.header.depth) - 1;
        ((u32::from(sample) * 255 + max / 2) / max) as u8
    }

    fn is_clear(&self, sample: impl Fn(usize) -> u16) -> bool {
        self.clear.is_some_and(|clear| {
            clear
                .chunks_exact(2)
                .enumerate()
                .all(|(c, key)| sample(c) == u16::from_be_bytes([key[0], key[1]]))
        })
    }
}

/// The n-th sample of `depth` (1, 2 or 4) bits: the first pixel is in the highest bits.
fn packed(bytes: &[u8], n: usize, depth: u8) -> u8 {
    let per_byte = 8 / usize::from(depth);
    let shift = 8 - usize::from(depth) * (n % per_byte + 1);
    (bytes[n / per_byte] >> shift) & ((1 << depth) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparent_is_white_and_opaque_is_itself() {
        assert_eq!(over_white([10, 20, 30], 255), [10, 20, 30]);
        assert_eq!(over_white([10, 20, 30], 0), [255; 3]);
        assert_eq!(over_white([0, 255, 100], 128), [127, 255, 177]);
    }

    #[test]
    fn the_first_pixel_is_in_the_highest_bits() {
        let all = |depth: u8, count: usize| {
            (0..count).map(|n| packed(&[0b1000_1101], n, depth)).collect::<Vec<_>>()
        };
        assert_eq!(all(1, 8), [1, 0, 0, 0, 1, 1, 0, 1]);
        assert_eq!(all(2, 4), [0b10, 0b00, 0b11, 0b01]);
        assert_eq!(all(4, 2), [0b1000, 0b1101]);
    }
}
