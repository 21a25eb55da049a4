//! Published color tables of label maps: color to label id.

/// A published color table: the color at index i stands for label i.
pub struct KnownPalette {
    /// Display name, for error messages.
    pub name: &'static str,
    /// Colors (red, green, blue) by label id.
    pub colors: Vec<[u8; 3]>,
}

/// The 19 colors of CelebAMask-HQ by label id.
///
/// Source: `color_list` in `face_parsing/Data_preprocessing/g_color.py` of switchablenorms/CelebAMask-HQ;
/// facexlib paints its ParseNet labels with the same table.
#[must_use]
pub fn celebamask_hq() -> KnownPalette {
    let colors = [
        0x00_00_00, 0xcc_00_00, 0x4c_99_00, 0xcc_cc_00, 0x33_33_ff, 0xcc_00_cc, 0x00_ff_ff, 0xff_cc_cc,
        0x66_33_00, 0xff_00_00, 0x66_cc_00, 0xff_ff_00, 0x00_00_99, 0x00_00_cc, 0xff_33_99, 0x00_cc_cc,
        0x00_33_00, 0xff_99_33, 0x00_cc_00,
    ];
    KnownPalette { name: "CelebAMask-HQ", colors: colors.into_iter().map(unpack_rgb).collect() }
}

/// The 256 colors of the Pascal VOC development kit (`VOClabelcolormap.m`), which many labeling tools use for
/// any label list.
///
/// The bits of the id go to red, green and blue in turn, lowest first, and fill each channel from its highest
/// bit down.
#[must_use]
pub fn pascal_voc() -> KnownPalette {
    let channel = |id: u8, offset: u8| {
        (0..3)
            .filter(|j| 3 * j + offset < 8)
            .map(|j| ((id >> (3 * j + offset)) & 1) << (7 - j))
            .fold(0, |a, b| a | b)
    };
    let colors = (0..=255).map(|id| [channel(id, 0), channel(id, 1), channel(id, 2)]).collect();
    KnownPalette { name: "Pascal VOC", colors }
}

fn unpack_rgb(hex: u32) -> [u8; 3] {
    let [_, r, g, b] = hex.to_be_bytes();
    [r, g, b]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_formula_gives_the_published_colours() {
        let voc = pascal_voc().colors;
        let published = [(1, [128, 0, 0]), (7, [128; 3]), (8, [64, 0, 0]), (15, [192, 128, 128])];
        for (id, color) in published.into_iter().chain([(20, [0, 64, 128]), (255, [224, 224, 192])]) {
            assert_eq!(voc[id], color);
        }
    }

    #[test]
    fn no_colour_means_two_labels() {
        let (celeb, voc) = (celebamask_hq().colors, pascal_voc().colors);
        let sets: [HashSet<_>; 2] = [celeb.iter().collect(), voc.iter().collect()];
        assert_eq!((sets[0].len(), sets[1].len()), (19, 256));
        let shared: Vec<_> = sets[0].intersection(&sets[1]).collect();
        assert_eq!(shared, [&&[0, 0, 0]]);
    }
}
