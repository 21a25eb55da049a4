//! Values between labels: what interpolation, smoothing and lossy codecs make of a label map.
//!
//! A border between 0 and 17 that was interpolated has pixels of 4, 9 and 13. These are ids of other labels. Such a map
//! differs from a map of a network in its rows: most borders are steps of a ramp.

use crate::geometry::Polygons;
use crate::raster::LabelMap;
use crate::warning::Warning;

/// The number of rings, beyond one for each label, from which on the rows of a map are examined. A face has about
/// twenty rings, an interpolated one more than a hundred.
const SUSPICIOUS_RINGS: usize = 64;

/// The maximum length of a thin run: an enlargement by four gives steps of one to three pixels.
const MAX_THIN: usize = 3;

/// The fraction of the borders of a row, and of the thin runs, that are steps of a ramp. Of random ids a third are.
const MIN_RAMP_OF_BORDERS: f64 = 0.30;
const MIN_RAMP_OF_THIN: f64 = 0.40;

/// Ripples of a codec: so many ids, most runs thin, and most ids close to their neighbors.
const MIN_RIPPLE_IDS: usize = 10;
const MIN_RIPPLE_THIN: f64 = 0.7;
const MIN_RIPPLE_CLOSE: f64 = 0.5;

/// Specks around few labels: so many ids, of which most have thin runs only, while the others cover the map.
const MIN_SPECK_IDS: usize = 40;
const MIN_SPECK_THIN: f64 = 0.6;
const MIN_SPECK_SHARE: f64 = 0.85;
const MIN_LABEL_COVER: f64 = 0.9;

/// Warns of a map most of whose borders are ramps, ripples or specks. `contours` are those of the map. `is_sieved` tells
/// that small parts were merged, so that the contours cannot show them.
///
/// One pass over the rows, and only for maps of many rings.
pub(super) fn check_in_between(
    map: &LabelMap<'_>,
    contours: &[(u8, Polygons)],
    is_sieved: bool,
) -> Option<Warning> {
    let rings: usize = contours.iter().map(|(_, polygons)| polygons.ends.len()).sum();
    if !is_sieved && rings < SUSPICIOUS_RINGS + contours.len() {
        return None;
    }
    RunCounts::of(map).are_in_between().then(|| {
        let detail = "most borders of the label map are seams of ids between or beside those of the regions, as \
                      interpolation, smoothing and lossy codecs make them; resize label maps with nearest neighbor, \
                      threshold soft masks, and save ids as PNG";
        Warning { code: "map_interpolated", detail: detail.to_owned() }
    })
}

/// A maximal stretch of one id in a row.
#[derive(Clone, Copy)]
struct Run {
    id: u8,
    length: usize,
}

/// Counts over the runs of all rows.
struct RunCounts {
    /// Pairs of neighboring runs.
    borders: usize,
    /// Pairs whose ids differ by one or two.
    close: usize,
    /// Runs of at most [`MAX_THIN`] pixels between two others.
    thin: usize,
    /// Thin runs whose id lies between those of their neighbors.
    ramp: usize,
    /// Pixels by id, and those in thin runs.
    pixels: [usize; 256],
    thin_pixels: [usize; 256],
}

impl RunCounts {
    fn of(map: &LabelMap<'_>) -> Self {
        let mut counts =
            Self { borders: 0, close: 0, thin: 0, ramp: 0, pixels: [0; 256], thin_pixels: [0; 256] };
        for y in 0..map.height() {
            counts.add_row(map.row(y));
        }
        counts
    }

    fn add_row(&mut self, row: &[u8]) {
        let (mut before, mut current) = (None, None);
        for stretch in row.chunk_by(|a, b| a == b) {
            let next = Run { id: stretch[0], length: stretch.len() };
            self.pixels[usize::from(next.id)] += next.length;
            if let Some(current) = current {
                self.add_border(before, current, next);
            }
            (before, current) = (current, Some(next));
        }
    }

    fn add_border(&mut self, before: Option<Run>, current: Run, next: Run) {
        self.borders += 1;
        self.close += usize::from(current.id.abs_diff(next.id) <= 2);
        let Some(before) = before.filter(|_| current.length <= MAX_THIN) else { return };
        self.thin += 1;
        self.thin_pixels[usize::from(current.id)] += current.length;
        let (low, high) = (before.id.min(next.id), before.id.max(next.id));
        self.ramp += usize::from(low < current.id && current.id < high);
    }

    fn are_in_between(&self) -> bool {
        self.are_ramps() || self.are_ripples() || self.are_specks()
    }

    fn are_ramps(&self) -> bool {
        let ramp = self.ramp as f64;
        ramp >= MIN_RAMP_OF_BORDERS * self.borders as f64 && ramp >= MIN_RAMP_OF_THIN * self.thin as f64
    }

    fn are_ripples(&self) -> bool {
        let borders = self.borders as f64;
        self.used_ids().count() >= MIN_RIPPLE_IDS
            && self.thin as f64 >= MIN_RIPPLE_THIN * borders
            && self.close as f64 >= MIN_RIPPLE_CLOSE * borders
    }

    fn are_specks(&self) -> bool {
        let is_label = |&id: &usize| self.thin_pixels[id] * 10 < self.pixels[id] * 9;
        let (ids, labels) = (self.used_ids().count(), self.used_ids().filter(is_label).count());
        let covered: usize = self.used_ids().filter(is_label).map(|id| self.pixels[id]).sum();
        let total: usize = self.pixels.iter().sum();
        ids >= MIN_SPECK_IDS
            && self.thin as f64 >= MIN_SPECK_THIN * self.borders as f64
            && (ids - labels) as f64 >= MIN_SPECK_SHARE * ids as f64
            && covered as f64 >= MIN_LABEL_COVER * total as f64
    }

    fn used_ids(&self) -> impl Iterator<Item = usize> + '_ {
        (0..256).filter(|&id| self.pixels[id] > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(width: usize, ids: &[u8]) -> RunCounts {
        RunCounts::of(&LabelMap::new(width, ids.len() / width, ids).unwrap())
    }

    #[test]
    fn runs_of_a_row_are_counted() {
        let counts = counts(10, &[0, 0, 4, 9, 9, 9, 9, 17, 17, 2]);
        assert_eq!((counts.borders, counts.thin, counts.ramp, counts.close), (4, 2, 1, 0));
        assert_eq!((counts.pixels[9], counts.thin_pixels[9], counts.thin_pixels[4]), (4, 0, 1));
    }

    #[test]
    fn a_ramp_is_in_between_and_a_step_is_not() {
        assert!(counts(9, &[0, 0, 0, 0, 4, 9, 13, 17, 17]).are_in_between());
        assert!(!counts(9, &[0, 0, 0, 0, 17, 17, 17, 17, 17]).are_in_between());
        assert!(!counts(9, &[5, 5, 5, 5, 9, 2, 2, 2, 2]).are_in_between(), "a thin region beside another");
    }

    #[test]
    fn random_ids_of_any_number_are_not_in_between() {
        let mut state = 7_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for below in [2, 3, 8, 12, 19, 40, 100, 256] {
            let ids: Vec<u8> = (0..40_000).map(|_| random(below) as u8).collect();
            assert!(!counts(200, &ids).are_in_between(), "{below} ids");
        }
    }
}
