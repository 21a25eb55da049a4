//! Labels where a letterbox is said to have padding: the photo was resized to the map in another way.

use std::ops::Range;

use crate::raster::{LabelMap, MapExtent, MapFit};
use crate::warning::Warning;

/// The share of the labeled pixels in the padding above which the padding is none. A network labels little there.
const MAX_SHARE: f64 = 0.2;

/// Warns where a large part of a map's labels lies in the padding. `columns` and `rows` are those of the photo.
///
/// Only ids that the photo's part has, too, are labels: padding often has a value of its own.
#[must_use]
pub fn check_padding(
    map: &LabelMap<'_>,
    extent: &MapExtent,
    columns: &Range<usize>,
    rows: &Range<usize>,
) -> Option<Warning> {
    let said = match extent.map_fit {
        MapFit::Letterbox => "letterbox",
        MapFit::LetterboxTopLeft => "letterbox-top-left",
        MapFit::Exact | MapFit::Stretch | MapFit::CenterCrop => return None,
    };
    if extent.map_box.is_some() || (columns.len() == map.width() && rows.len() == map.height()) {
        return None;
    }
    let (mut inside, mut outside) = ([0_u64; 256], [0_u64; 256]);
    for r in 0..map.height() {
        let row = map.row(r);
        let photo = if rows.contains(&r) { columns.clone() } else { 0..0 };
        row[photo.clone()].iter().for_each(|&id| inside[usize::from(id)] += 1);
        let padding = row[..photo.start].iter().chain(&row[photo.end..]);
        padding.for_each(|&id| outside[usize::from(id)] += 1);
    }
    // Padding that has one value is padding, even where that is also a label's.
    if outside.iter().filter(|&&count| count > 0).count() < 2 {
        return None;
    }
    let shared = (1..256).filter(|&id| inside[id] > 0);
    let (labeled, padded) = shared
        .fold((0, 0), |(labeled, padded), id| (labeled + inside[id] + outside[id], padded + outside[id]));
    let share = padded as f64 / labeled as f64;
    // Without a label the share is no number, and no comparison holds.
    (share > MAX_SHARE).then(|| {
        let others = MapFit::NAMES.map(|(name, _)| name);
        let others: Vec<_> = others.into_iter().filter(|name| !["exact", "center-crop", said].contains(name)).collect();
        let detail = format!(
            "{:.0} % of the labeled pixels lie in the padding that map_fit: {said} states; the photo was probably resized \
             to the map in another way: {}",
            100.0 * share,
            others.join(" or ")
        );
        Warning::new("map_labels_in_padding", detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(padding: &[u8], fit: MapFit) -> Option<Warning> {
        // The photo is the lower two of four rows.
        let ids = [padding, &[1, 1, 2, 2, 1, 1, 0, 0]].concat();
        let map = LabelMap::new(4, 4, &ids).unwrap();
        let extent = MapExtent { map_fit: fit, ..MapExtent::default() };
        check_padding(&map, &extent, &(0..4), &(2..4))
    }

    #[test]
    fn labels_in_the_padding_are_told_and_values_of_the_padding_are_not() {
        let warning = check(&[0, 1, 1, 0, 0, 2, 0, 0], MapFit::Letterbox).unwrap();
        assert_eq!(warning.code, "map_labels_in_padding");
        assert!(warning.detail.starts_with("33 % of the labeled pixels lie in the padding"), "{warning:?}");
        assert!(warning.detail.ends_with(": stretch or letterbox-top-left"), "{warning:?}");
        for padding in [[0; 8], [1; 8], [255; 8], [114; 8], [0, 0, 0, 0, 0, 0, 0, 1]] {
            assert_eq!(check(&padding, MapFit::Letterbox), None, "{padding:?}");
        }
        let labels = [1, 1, 1, 1, 0, 0, 0, 0];
        assert_eq!(check(&labels, MapFit::Stretch), None);
        assert!(check(&labels, MapFit::LetterboxTopLeft).is_some());
    }
}
