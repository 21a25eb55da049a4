//! Maps whose pixels are colours. Ids are numbered as colours appear and given their meaning at the end, so
//! that one pass over the rows and one byte per pixel are enough, whatever the colours turn out to mean.

use facemask_core::error::{Error, Result};

use super::{MapEncoding, invalid, single_channel};
use crate::palettes::{KnownPalette, celebamask_hq, pascal_voc};

/// The three samples of a pixel, 16 bits each: red, green, blue from high to low.
pub(super) type Key = u64;

/// The key of the pixel that begins at `bytes[0]`.
pub(super) fn key(bytes: &[u8], deep: bool) -> Key {
    let sample = |c: usize| {
        if deep { u16::from_be_bytes([bytes[2 * c], bytes[2 * c + 1]]) } else { u16::from(bytes[c]) }
    };
    (0..3).fold(0, |key, c| key << 16 | u64::from(sample(c)))
}

fn samples(key: Key) -> [u16; 3] {
    [(key >> 32) as u16, (key >> 16) as u16, key as u16]
}

/// A colour and the first pixel that has it.
struct Seen {
    key: Key,
    x: usize,
    y: usize,
}

/// The colours of a map in the order in which they appear.
pub(super) struct ColourIds {
    deep: bool,
    seen: Vec<Seen>,
    /// An open hash table: 0 is free, otherwise an index into `seen` plus 1.
    slots: Vec<u16>,
    last: Option<(Key, u8)>,
}

/// Four times the colours there can be, so that the table is never more than a quarter full.
const SLOTS: usize = 1024;

impl ColourIds {
    /// For 16-bit samples (`deep`) or 8-bit ones.
    pub(super) fn new(deep: bool) -> Self {
        Self { deep, seen: Vec::new(), slots: vec![0; SLOTS], last: None }
    }

    /// The number of a colour; a new one gets the next. The 257th is refused: that is a picture, not a map.
    pub(super) fn id(&mut self, key: Key, x: usize, y: usize) -> Result<u8> {
        if let Some((last, id)) = self.last
            && last == key
        {
            return Ok(id);
        }
        // Multiplicative hashing: the high bits of the product depend on every bit of the key.
        let mut slot = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize;
        let index = loop {
            match self.slots[slot].checked_sub(1).map(usize::from) {
                None => break self.add(key, x, y, slot)?,
                Some(index) if self.seen[index].key == key => break index,
                Some(_) => slot = (slot + 1) % SLOTS,
            }
        };
        self.last = Some((key, index as u8));
        Ok(index as u8)
    }

    fn add(&mut self, key: Key, x: usize, y: usize, slot: usize) -> Result<usize> {
        let index = self.seen.len();
        if index == 256 {
            let colour = self.title(key);
            return Err(invalid(format!(
                "the label map has more than 256 colours (the 257th is {colour} at pixel ({x}, {y})): it looks like a picture, expected one colour per label"
            )));
        }
        self.seen.push(Seen { key, x, y });
        self.slots[slot] = index as u16 + 1;
        Ok(index)
    }

    /// A colour as text, `#rrggbb` or with four digits per channel.
    fn title(&self, key: Key) -> String {
        let [r, g, b] = samples(key);
        if self.deep { format!("#{r:04x}{g:04x}{b:04x}") } else { format!("#{r:02x}{g:02x}{b:02x}") }
    }

    /// The colour with 8 bits per channel, if it has one.
    fn colour(&self, key: Key) -> Option<[u8; 3]> {
        let scale = if self.deep { 257 } else { 1 };
        let [r, g, b] = samples(key).map(|v| (v % scale == 0).then_some((v / scale) as u8));
        Some([r?, g?, b?])
    }

    /// Replaces the numbers in `labels` by ids and says how they were stored.
    pub(super) fn resolve(&self, labels: &mut [u8], palette: Option<&[[u8; 3]]>) -> Result<MapEncoding> {
        let (table, encoding) = match palette {
            Some(colours) => (self.by_palette(colours, "the given palette")?, MapEncoding::Colours),
            None if self.all_grey() => self.by_value()?,
            None => (self.by_known_palette()?, MapEncoding::Colours),
        };
        for label in labels {
            *label = table[usize::from(*label)];
        }
        Ok(encoding)
    }

    fn all_grey(&self) -> bool {
        self.seen.iter().all(|seen| {
            let [r, g, b] = samples(seen.key);
            r == g && g == b
        })
    }

    fn by_value(&self) -> Result<(Vec<u8>, MapEncoding)> {
        let mut table = Vec::with_capacity(256);
        for seen in &self.seen {
            let [value, ..] = samples(seen.key);
            table.push(u8::try_from(value).map_err(|_| single_channel::too_high(value, seen.x, seen.y))?);
        }
        let binary = !self.deep && single_channel::binary_to_one(&mut table);
        Ok((table, if binary { MapEncoding::Binary } else { MapEncoding::GreyAsRgb }))
    }

    fn by_palette(&self, colours: &[[u8; 3]], name: &str) -> Result<Vec<u8>> {
        self.seen
            .iter()
            .map(|seen| {
                let colour = self.colour(seen.key);
                let id = colours.iter().position(|&c| Some(c) == colour);
                id.map(|id| id as u8).ok_or_else(|| self.unknown(seen, name))
            })
            .collect()
    }

    fn by_known_palette(&self) -> Result<Vec<u8>> {
        let known = [celebamask_hq(), pascal_voc()];
        for palette in &known {
            if let Ok(table) = self.by_palette(&palette.colours, palette.name) {
                return Ok(table);
            }
        }
        // The palette that has most of the colours is the one that was meant.
        let hits = |palette: &KnownPalette| {
            self.seen
                .iter()
                .filter(|seen| self.colour(seen.key).is_some_and(|c| palette.colours.contains(&c)))
                .count()
        };
        let [celeb, voc] = &known;
        let closest = if hits(voc) > hits(celeb) { voc } else { celeb };
        let name = format!("the {} palette, the closest of those that are known", closest.name);
        self.by_palette(&closest.colours, &name)
    }

    fn unknown(&self, seen: &Seen, palette: &str) -> Error {
        let (x, y, colour) = (seen.x, seen.y, self.title(seen.key));
        let hint =
            if palette.starts_with("the given") { "" } else { "; pass the palette the map was painted with" };
        invalid(format!(
            "the label map's pixel ({x}, {y}) has the colour {colour}, which is not in {palette}{hint}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(colours: &[[u8; 3]], palette: Option<&[[u8; 3]]>) -> Result<(Vec<u8>, MapEncoding)> {
        let mut ids = ColourIds::new(false);
        let mut labels = colours
            .iter()
            .enumerate()
            .map(|(x, c)| ids.id(key(c, false), x, 0))
            .collect::<Result<Vec<_>>>()?;
        let encoding = ids.resolve(&mut labels, palette)?;
        Ok((labels, encoding))
    }

    #[test]
    fn every_colour_of_a_known_palette_is_its_id() {
        for palette in [celebamask_hq(), pascal_voc()] {
            let (labels, encoding) = map(&palette.colours, None).unwrap();
            assert_eq!(labels, (0..palette.colours.len()).map(|id| id as u8).collect::<Vec<_>>());
            assert_eq!(encoding, MapEncoding::Colours);
        }
    }

    #[test]
    fn greys_are_ids_unless_a_palette_is_given() {
        let greys = [[0; 3], [7; 3], [255; 3]];
        assert_eq!(map(&greys, None).unwrap(), (vec![0, 7, 255], MapEncoding::GreyAsRgb));
        assert_eq!(map(&greys[..1], None).unwrap(), (vec![0], MapEncoding::GreyAsRgb));
        assert_eq!(map(&[[0; 3], [255; 3]], None).unwrap(), (vec![0, 1], MapEncoding::Binary));
        let palette = [[255; 3], [7; 3], [0; 3], [7; 3]];
        assert_eq!(map(&greys, Some(&palette)).unwrap(), (vec![2, 1, 0], MapEncoding::Colours));
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
        let colours: Vec<[u8; 3]> = (0..257_u16).map(|i| [(i >> 8) as u8, i as u8, 3]).collect();
        let error = map(&colours, None).unwrap_err();
        assert!(error.detail.contains("the 257th is #010003 at pixel (256, 0)"), "{error}");
    }
}
