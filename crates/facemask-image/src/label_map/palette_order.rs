//! Palette maps: the meaning of an index.
//!
//! The index is the id, except where the palette itself shows that a tool has sorted or compacted it. Optimizers and
//! quantizers keep every color, and change every index.

use facemask_core::error::Result;
use facemask_core::warning::Warning;

use super::encoding::{MapEncoding, invalid};
use super::single_channel;
use crate::palettes::{KnownPalette, celebamask_hq, pascal_voc};

/// The number of used colors from which on a color table is recognized. Four colors of CelebAMask-HQ are the pure
/// black, red, yellow and cyan of many other palettes.
const MIN_TABLE_COLORS: usize = 5;

/// The id of void pixels in Pascal VOC.
const VOC_VOID: u8 = 255;

/// Ids below this are common label lists. With more labels in use, ids may be twice their number.
const COMMON_IDS: usize = 32;

/// The gray from which on two entries, black and this one, are made to be looked at.
const MIN_DISPLAY_GRAY: u8 = 128;

/// The meaning of the palette's entries.
enum EntryIds {
    /// The index.
    Index,
    /// The position of the color in a table of this name.
    Table(&'static str, [u8; 256]),
    /// The gray level.
    Gray([u8; 256]),
}

/// The palette of a file.
pub(super) struct FilePalette<'a> {
    /// Red, green and blue by index.
    pub(super) colors: &'a [[u8; 3]],
    /// Alpha by index; 255 beyond its end.
    pub(super) alpha: &'a [u8],
}

impl FilePalette<'_> {
    /// Whether every entry is gray but for invisible ones: a GIF reserves an index for transparency.
    fn is_all_gray(&self) -> bool {
        let is_visible = |index: usize| self.alpha.get(index).is_none_or(|&alpha| alpha > 0);
        self.colors.iter().enumerate().all(|(index, [r, g, b])| r == g && g == b || !is_visible(index))
    }

    /// Whether the colors, used or not, leave another reading than the index: nearly no palette does.
    fn may_be_reordered(&self) -> bool {
        let colors = self.colors;
        if self.is_all_gray() {
            return !colors.iter().enumerate().all(|(index, &color)| color == [index as u8; 3]);
        }
        [celebamask_hq(), pascal_voc()].iter().any(|KnownPalette { colors: table, .. }| {
            !table.starts_with(colors)
                && colors.iter().filter(|color| table.contains(color)).count() >= MIN_TABLE_COLORS
        })
    }

    /// Decides what the used entries mean.
    fn identify_entries(&self, used: &[u8]) -> EntryIds {
        let colors: Vec<[u8; 3]> = used.iter().map(|&index| self.colors[usize::from(index)]).collect();
        for KnownPalette { name, colors: table } in [celebamask_hq(), pascal_voc()] {
            let position = |color| table.iter().position(|other| other == color).map(|id| id as u8);
            let ids: Option<Vec<u8>> = colors.iter().map(position).collect();
            let Some(ids) = ids.filter(|ids| has_no_duplicate(ids)) else { continue };
            if ids == used {
                return EntryIds::Index;
            }
            if ids.len() >= MIN_TABLE_COLORS && are_plausible(&ids) {
                return EntryIds::Table(name, by_index(used, &ids));
            }
        }
        let grays: Vec<u8> =
            colors.iter().filter(|[r, g, b]| r == g && g == b).map(|color| color[0]).collect();
        let is_reordered = grays.len() >= 2
            && grays.len() == used.len()
            && self.is_all_gray()
            && has_no_duplicate(&grays)
            && grays != used;
        if is_reordered && !is_display_ramp(self.colors, used) {
            return EntryIds::Gray(by_index(used, &grays));
        }
        EntryIds::Index
    }
}

/// Replaces palette indices by label ids. `given` is the palette of the caller, and `width` that of the map in pixels.
///
/// # Errors
///
/// `map_invalid` for an index beyond the palette, and for a color that `given` does not have, naming the first pixel.
pub(super) fn resolve_indices(
    labels: &mut [u8],
    palette: &FilePalette<'_>,
    given: Option<&[[u8; 3]]>,
    width: usize,
) -> Result<(MapEncoding, Option<Warning>)> {
    single_channel::check_indices(labels, palette.colors.len(), width)?;
    if let Some(given) = given {
        let ids = ids_by_given(labels, palette.colors, given, width)?;
        replace(labels, &ids);
        return Ok((MapEncoding::Colors, None));
    }
    if !palette.may_be_reordered() {
        return Ok((MapEncoding::Palette, None));
    }
    Ok(match palette.identify_entries(&used_indices(labels)) {
        EntryIds::Index => (MapEncoding::Palette, None),
        EntryIds::Table(name, ids) => {
            replace(labels, &ids);
            let detail = format!(
                "the label map's palette holds the colours of {name} in another order, as optimizers write it, so \
                 each pixel has the id of its colour, not its index; pass the palette to choose the ids yourself"
            );
            (MapEncoding::Colors, Some(Warning { code: "map_palette_reordered", detail }))
        }
        EntryIds::Gray(ids) => {
            replace(labels, &ids);
            let is_binary = single_channel::normalize_binary(labels);
            let detail = "the label map's palette holds grays in another order than their values, as quantizers \
                          write it, so each pixel has its gray as id, not its index; pass the palette to choose the \
                          ids yourself"
                .to_owned();
            let encoding = if is_binary { MapEncoding::Binary } else { MapEncoding::GrayAsRgb };
            (encoding, Some(Warning { code: "map_palette_reordered", detail }))
        }
    })
}

fn replace(labels: &mut [u8], ids: &[u8; 256]) {
    labels.iter_mut().for_each(|label| *label = ids[usize::from(*label)]);
}

/// Label id by palette index: the first position of its color in the caller's palette.
fn ids_by_given(labels: &[u8], colors: &[[u8; 3]], given: &[[u8; 3]], width: usize) -> Result<[u8; 256]> {
    let mut ids = [0; 256];
    let mut unknown = [false; 256];
    for (index, color) in colors.iter().enumerate() {
        match given.iter().position(|other| other == color) {
            Some(id) => ids[index] = id as u8,
            None => unknown[index] = true,
        }
    }
    if !unknown.contains(&true) {
        return Ok(ids);
    }
    let Some(at) = labels.iter().position(|&label| unknown[usize::from(label)]) else { return Ok(ids) };
    let [r, g, b] = colors[usize::from(labels[at])];
    let (x, y) = (at % width, at / width);
    Err(invalid(format!(
        "the label map's pixel ({x}, {y}) has the colour #{r:02x}{g:02x}{b:02x}, which is not in the given palette"
    )))
}

/// The indices that occur in the map, ascending.
fn used_indices(labels: &[u8]) -> Vec<u8> {
    let mut is_used = [false; 256];
    labels.iter().for_each(|&label| is_used[usize::from(label)] = true);
    (0..=255).filter(|&index| is_used[usize::from(index)]).collect()
}

fn has_no_duplicate(ids: &[u8]) -> bool {
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| pair[0] != pair[1])
}

/// Whether ids look like those of a label list, which are numbered from 0. The table of Pascal VOC has every color whose
/// channels are certain multiples of 32, also those that other palettes have by chance.
fn are_plausible(ids: &[u8]) -> bool {
    let highest = ids.iter().filter(|&&id| id != VOC_VOID).max();
    highest.is_none_or(|&id| usize::from(id) < COMMON_IDS.max(2 * ids.len()))
}

/// Whether the grays up to the last used index rise evenly from black: made to be looked at, so the index is the id.
///
/// A falling ramp is none: Pillow's `quantize` puts the brightest entry first.
fn is_display_ramp(colors: &[[u8; 3]], used: &[u8]) -> bool {
    let last = usize::from(used.last().copied().unwrap_or(0));
    let highest = usize::from(colors[last][0]);
    let is_even = (0..=last).all(|index| {
        let expected = highest as f64 * index as f64 / last as f64;
        (f64::from(colors[index][0]) - expected).abs() <= 1.0
    });
    let is_spread = highest >= 2 * last && (last >= 3 || highest >= usize::from(MIN_DISPLAY_GRAY));
    is_even && is_spread && colors[0] == [0; 3]
}

/// Label id by palette index; 0 for an index that is not used.
fn by_index(used: &[u8], ids: &[u8]) -> [u8; 256] {
    let mut table = [0; 256];
    used.iter().zip(ids).for_each(|(&index, &id)| table[usize::from(index)] = id);
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opaque(colors: &[[u8; 3]]) -> FilePalette<'_> {
        FilePalette { colors, alpha: &[] }
    }

    /// Resolves a map that uses every entry of the palette once.
    fn resolve(colors: &[[u8; 3]]) -> (Vec<u8>, bool) {
        let mut labels: Vec<u8> = (0..colors.len()).map(|index| index as u8).collect();
        let (_, warning) = resolve_indices(&mut labels, &opaque(colors), None, colors.len()).unwrap();
        (labels, warning.is_some())
    }

    fn indices(count: usize) -> (Vec<u8>, bool) {
        ((0..count).map(|index| index as u8).collect(), false)
    }

    fn grays(values: &[u8]) -> Vec<[u8; 3]> {
        values.iter().map(|&value| [value; 3]).collect()
    }

    #[test]
    fn colours_of_a_table_in_another_order_are_ids() {
        for (table, ids) in [
            (celebamask_hq().colors, vec![17, 1, 0, 4, 5, 10, 12, 13]),
            (pascal_voc().colors, vec![10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
            (pascal_voc().colors, vec![0, 2, 3, 5, 15, 255]),
        ] {
            let colors: Vec<[u8; 3]> = ids.iter().map(|&id| table[usize::from(id)]).collect();
            assert_eq!(resolve(&colors), (ids, true));
        }
    }

    #[test]
    fn a_table_in_its_own_order_and_other_palettes_are_indices() {
        let (celeb, voc) = (celebamask_hq().colors, pascal_voc().colors);
        assert_eq!(resolve(&celeb), indices(19));
        assert_eq!(resolve(&voc), indices(256));
        assert_eq!(resolve(&voc[..11]), indices(11));
        // Black, red, yellow and cyan; and the sixteen colors of Windows, of which VOC has silver as 63.
        assert_eq!(resolve(&[celeb[0], celeb[9], celeb[11], celeb[6]]), indices(4));
        let windows = [&voc[..7], &[[192; 3]]].concat();
        assert_eq!(resolve(&windows), indices(8));
        // One color beside the table.
        let beside = [&voc[1..7], &[[1, 2, 3]]].concat();
        assert_eq!(resolve(&beside), indices(7));
        // One color twice.
        assert_eq!(resolve(&[voc[1], voc[2], voc[3], voc[4], voc[5], voc[1]]), indices(6));
    }

    #[test]
    fn only_the_colours_in_use_count() {
        let voc = pascal_voc().colors;
        let colors = [voc[5], voc[4], voc[3], voc[2], voc[0], [1, 2, 3]];
        let mut labels = [4, 3, 2, 1, 0];
        resolve_indices(&mut labels, &opaque(&colors), None, 5).unwrap();
        assert_eq!(labels, [0, 2, 3, 4, 5]);
    }

    #[test]
    fn greys_out_of_order_are_ids() {
        for values in
            [&[0, 1, 2, 5, 10][..], &[10, 0, 1, 17], &[0, 17], &[3, 4, 0, 1, 2], &[0, 2, 4], &[5, 0, 250]]
        {
            assert_eq!(resolve(&grays(values)), (values.to_vec(), true), "{values:?}");
        }
        assert_eq!(resolve(&grays(&[255, 0])), (vec![1, 0], true), "a mask whose palette was sorted");
        assert_eq!(resolve(&grays(&[255, 170, 85, 0])), (vec![255, 170, 85, 0], true));
    }

    #[test]
    fn greys_to_be_looked_at_are_indices() {
        let ramp = |count: u16| (0..count).map(|i| (i * 255 / (count - 1)) as u8).collect::<Vec<u8>>();
        for values in [
            ramp(2),
            ramp(3),
            ramp(4),
            ramp(11),
            ramp(19),
            ramp(86),
            ramp(256),
            (0..11).map(|i| i * 20).collect(),
            (0..19).map(|i| i * 13).collect(),
            vec![0, 0, 0],
            vec![7; 5],
            vec![255],
        ] {
            assert_eq!(resolve(&grays(&values)), indices(values.len()), "{values:?}");
        }
    }

    #[test]
    fn an_invisible_entry_beside_grays_does_not_count() {
        let colors = [[76, 105, 113], [2; 3], [1; 3], [0; 3]];
        let resolve = |alpha| {
            let mut labels = [1, 2, 3];
            resolve_indices(&mut labels, &FilePalette { colors: &colors, alpha }, None, 3).unwrap();
            labels
        };
        assert_eq!(resolve(&[0]), [2, 1, 0]);
        assert_eq!(resolve(&[255]), [1, 2, 3]);
    }

    #[test]
    fn a_given_palette_decides() {
        let mut labels = [0, 1, 2];
        let colors = [[9, 9, 9], [8, 8, 8], [1, 2, 3]];
        let given = [[1, 2, 3], [9, 9, 9], [8, 8, 8], [9, 9, 9]];
        let (encoding, warning) = resolve_indices(&mut labels, &opaque(&colors), Some(&given), 3).unwrap();
        assert_eq!((labels, encoding, warning), ([1, 2, 0], MapEncoding::Colors, None));
        let error = resolve_indices(&mut [0, 0, 1, 0], &opaque(&colors), Some(&given[..2]), 2).unwrap_err();
        assert!(error.detail.contains("pixel (0, 1) has the colour #080808"), "{error}");
    }
}
