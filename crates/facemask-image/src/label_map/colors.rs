//! Label maps whose pixels are colors. Colors are indexed in order of appearance and replaced by label ids at
//! the end: one pass over the rows and one byte per pixel suffice, whatever the colors mean.

use facemask_core::error::{Error, Result};

use super::{MapEncoding, invalid, single_channel};
use crate::palettes::{KnownPalette, celebamask_hq, pascal_voc};

/// Red, green and blue of a pixel, 16 bits each, red in the highest.
pub(super) type ColorKey = u64;

/// Packs the first three samples of `bytes`, which have 16 bits if `is_16_bit` is set, else 8.
pub(super) fn pack_color(bytes: &[u8], is_16_bit: bool) -> ColorKey {
    let sample = |c: usize| {
        if is_16_bit { u16::from_be_bytes([bytes[2 * c], bytes[2 * c + 1]]) } else { u16::from(bytes[c]) }
    };
    (0..3).fold(0, |key, c| key << 16 | u64::from(sample(c)))
}

fn unpack_color(key: ColorKey) -> [u16; 3] {
    [(key >> 32) as u16, (key >> 16) as u16, key as u16]
}

/// A color of the map, with the column and row of the first pixel that has it.
struct MapColor {
    key: ColorKey,
    x: usize,
    y: usize,
}

/// The colors of a map in order of appearance, with a hash index.
pub(super) struct ColorTable {
    is_16_bit: bool,
    colors: Vec<MapColor>,
    /// Hash table with open addressing: 0 is free, else an index into `colors` plus 1.
    slots: Vec<u16>,
    /// The color of the previous pixel and its index.
    last: Option<(ColorKey, u8)>,
}

/// Size of the hash table: four times the maximum of colors.
const SLOT_COUNT: usize = 1024;

impl ColorTable {
    /// Creates an empty table for samples of 16 or 8 bits.
    pub(super) fn new(is_16_bit: bool) -> Self {
        Self { is_16_bit, colors: Vec::new(), slots: vec![0; SLOT_COUNT], last: None }
    }

    /// Returns the index of a color, and adds it if it is new.
    ///
    /// # Errors
    ///
    /// `map_invalid` for the 257th color: the file is a picture, not a label map.
    pub(super) fn index_of(&mut self, key: ColorKey, x: usize, y: usize) -> Result<u8> {
        if let Some((last, index)) = self.last
            && last == key
        {
            return Ok(index);
        }
        // Multiplicative hashing: the high bits of the product depend on every bit of the key.
        let mut slot = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize;
        let index = loop {
            match self.slots[slot].checked_sub(1).map(usize::from) {
                None => break self.add(key, x, y, slot)?,
                Some(index) if self.colors[index].key == key => break index,
                Some(_) => slot = (slot + 1) % SLOT_COUNT,
            }
        };
        self.last = Some((key, index as u8));
        Ok(index as u8)
    }

    fn add(&mut self, key: ColorKey, x: usize, y: usize, slot: usize) -> Result<usize> {
        let index = self.colors.len();
        if index == 256 {
            let color = self.format_color(key);
            return Err(invalid(format!(
                "the label map has more than 256 colours (the 257th is {color} at pixel ({x}, {y})): it looks like a picture, expected one colour per label"
            )));
        }
        self.colors.push(MapColor { key, x, y });
        self.slots[slot] = index as u16 + 1;
        Ok(index)
    }

    /// Formats a color as `#rrggbb`, or with four digits per channel for 16-bit samples.
    fn format_color(&self, key: ColorKey) -> String {
        let [r, g, b] = unpack_color(key);
        if self.is_16_bit { format!("#{r:04x}{g:04x}{b:04x}") } else { format!("#{r:02x}{g:02x}{b:02x}") }
    }

    /// Converts a color to 8 bits per channel. Returns `None` for a 16-bit color that has no such value.
    fn to_rgb8(&self, key: ColorKey) -> Option<[u8; 3]> {
        let scale = if self.is_16_bit { 257 } else { 1 };
        let [r, g, b] = unpack_color(key).map(|v| (v % scale == 0).then_some((v / scale) as u8));
        Some([r?, g?, b?])
    }

    /// Replaces the color indices in `labels` by label ids, and returns how the ids were stored.
    ///
    /// # Errors
    ///
    /// `map_invalid` for a color that no palette has, or a gray level above 255.
    pub(super) fn resolve_labels(
        &self,
        labels: &mut [u8],
        palette: Option<&[[u8; 3]]>,
    ) -> Result<MapEncoding> {
        let (table, encoding) = match palette {
            Some(colors) => (self.ids_by_palette(colors, "the given palette")?, MapEncoding::Colors),
            None if self.is_all_gray() => self.ids_by_value()?,
            None => (self.ids_by_known_palette()?, MapEncoding::Colors),
        };
        for label in labels {
            *label = table[usize::from(*label)];
        }
        Ok(encoding)
    }

    fn is_all_gray(&self) -> bool {
        self.colors.iter().all(|color| {
            let [r, g, b] = unpack_color(color.key);
            r == g && g == b
        })
    }

    /// Label id by color index: the gray level.
    fn ids_by_value(&self) -> Result<(Vec<u8>, MapEncoding)> {
        let mut table = Vec::with_capacity(256);
        for color in &self.colors {
            let [value, ..] = unpack_color(color.key);
            table.push(u8::try_from(value).map_err(|_| single_channel::too_high(value, color.x, color.y))?);
        }
        let is_binary = !self.is_16_bit && single_channel::normalize_binary(&mut table);
        Ok((table, if is_binary { MapEncoding::Binary } else { MapEncoding::GrayAsRgb }))
    }

    /// Label id by color index: the position in a palette.
    fn ids_by_palette(&self, colors: &[[u8; 3]], name: &str) -> Result<Vec<u8>> {
        self.colors
            .iter()
            .map(|color| {
                let rgb = self.to_rgb8(color.key);
                let id = colors.iter().position(|&c| Some(c) == rgb);
                id.map(|id| id as u8).ok_or_else(|| self.unknown_color(color, name))
            })
            .collect()
    }

    /// Label id by color index, by the first published palette that has all colors.
    fn ids_by_known_palette(&self) -> Result<Vec<u8>> {
        let known = [celebamask_hq(), pascal_voc()];
        for palette in &known {
            if let Ok(table) = self.ids_by_palette(&palette.colors, palette.name) {
                return Ok(table);
            }
        }
        // The error names the palette that has most of the colors.
        let hits = |palette: &KnownPalette| {
            self.colors
                .iter()
                .filter(|color| self.to_rgb8(color.key).is_some_and(|c| palette.colors.contains(&c)))
                .count()
        };
        let [celeb, voc] = &known;
        let closest = if hits(voc) > hits(celeb) { voc } else { celeb };
        let name = format!("the {} palette, the closest of those that are known", closest.name);
        self.ids_by_palette(&closest.colors, &name)
    }

    /// Error for a color that `palette` does not have.
    fn unknown_color(&self, color: &MapColor, palette: &str) -> Error {
        let (x, y, color) = (color.x, color.y, self.format_color(color.key));
        let hint =
            if palette.starts_with("the given") { "" } else { "; pass the palette the map was painted with" };
        invalid(format!(
            "the label map's pixel ({x}, {y}) has the colour {color}, which is not in {palette}{hint}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(colors: &[[u8; 3]], palette: Option<&[[u8; 3]]>) -> Result<(Vec<u8>, MapEncoding)> {
        let mut table = ColorTable::new(false);
        let mut labels = colors
            .iter()
            .enumerate()
            .map(|(x, c)| table.index_of(pack_color(c, false), x, 0))
            .collect::<Result<Vec<_>>>()?;
        let encoding = table.resolve_labels(&mut labels, palette)?;
        Ok((labels, encoding))
    }

    #[test]
    fn every_colour_of_a_known_palette_is_its_id() {
        for palette in [celebamask_hq(), pascal_voc()] {
            let (labels, encoding) = map(&palette.colors, None).unwrap();
            assert_eq!(labels, (0..palette.colors.len()).map(|id| id as u8).collect::<Vec<_>>());
            assert_eq!(encoding, MapEncoding::Colors);
        }
    }

    #[test]
    fn greys_are_ids_unless_a_palette_is_given() {
        let grays = [[0; 3], [7; 3], [255; 3]];
        assert_eq!(map(&grays, None).unwrap(), (vec![0, 7, 255], MapEncoding::GrayAsRgb));
        assert_eq!(map(&grays[..1], None).unwrap(), (vec![0], MapEncoding::GrayAsRgb));
        assert_eq!(map(&[[0; 3], [255; 3]], None).unwrap(), (vec![0, 1], MapEncoding::Binary));
        let palette = [[255; 3], [7; 3], [0; 3], [7; 3]];
        assert_eq!(map(&grays, Some(&palette)).unwrap(), (vec![2, 1, 0], MapEncoding::Colors));
    }

    #[test]
    fn an_unknown_colour_is_named_with_its_pixel_and_a_hint() {
        let error = map(&[[0; 3], [204, 0, 0], [1, 2, 3]], None).unwrap_err();
        assert!(error.detail.contains("pixel (2, 0) has the colour #010203"), "{error}");
        assert!(
            error.detail.contains("CelebAMask-HQ") && error.detail.contains("pass the palette"),
            "{error}"
        );
        let error = map(&[[0; 3], [128, 0, 0], [64, 0, 0], [1, 2, 3]], None).unwrap_err();
        assert!(error.detail.contains("Pascal VOC"), "{error}");
        let error = map(&[[0; 3], [9; 3]], Some(&[[0; 3]])).unwrap_err();
        assert!(error.detail.contains("#090909") && error.detail.ends_with("the given palette"), "{error}");
    }

    #[test]
    fn the_257th_colour_is_refused() {
        let colors: Vec<[u8; 3]> = (0..257_u16).map(|i| [(i >> 8) as u8, i as u8, 3]).collect();
        let error = map(&colors, None).unwrap_err();
        assert!(error.detail.contains("the 257th is #010003 at pixel (256, 0)"), "{error}");
    }
}
