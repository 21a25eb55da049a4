//! Whether a label map was enlarged by the nearest pixel, and the small map that it was.
//!
//! A small map enlarged by a [`ResizeRule`] changes from one column to the next only where the rule takes another source
//! pixel, and so do its rows. If all changes of a map lie there, then one pixel of each block gives a small map, which
//! the rule enlarges to the map again, bit for bit. A map with few changes may do so by chance. So the changes have to
//! be evidence: for an enlargement from n to m pixels each of them lies on such a boundary with a chance of about n / m.

use super::label_map::LabelMap;
use super::resize_rule::ResizeRule;

/// The enlargement of one axis.
#[derive(Clone, Debug)]
struct AxisEnlargement {
    /// The pixels of the small map.
    size: usize,
    /// The pixels of the enlarged map.
    enlarged_size: usize,
    rule: ResizeRule,
    /// The first pixel of each block.
    starts: Vec<u32>,
    /// The evidence in bits, that of the number of hypotheses deducted.
    evidence: f64,
}

/// The enlargement of a map.
#[derive(Clone, Debug)]
pub struct Enlargement {
    columns: AxisEnlargement,
    rows: AxisEnlargement,
}

impl Enlargement {
    /// Finds how a map was enlarged; `None` where nothing proves that it was.
    #[must_use]
    pub fn detect(map: &LabelMap<'_>) -> Option<Self> {
        if map.width().max(map.height()) > MAX_SIDE {
            return None;
        }
        let columns = AxisEnlargement::detect(map.width(), &changed_columns(map)?)?;
        let rows = AxisEnlargement::detect(map.height(), &changed_rows(map)?)?;
        (columns.evidence + rows.evidence >= MIN_EVIDENCE).then_some(Self { columns, rows })
    }

    /// Width and height of the small map.
    #[must_use]
    pub const fn size(&self) -> [usize; 2] {
        [self.columns.size, self.rows.size]
    }

    /// The factors of width and height.
    #[must_use]
    pub fn factors(&self) -> [f64; 2] {
        [&self.columns, &self.rows].map(|axis| axis.enlarged_size as f64 / axis.size as f64)
    }

    /// The point that kept its place, in x and in y: `center`, `corner` or `ends`. For whole factors `center` and
    /// `corner` are the same, and the name is `center`.
    #[must_use]
    pub const fn anchors(&self) -> [&'static str; 2] {
        [self.columns.rule.anchor(), self.rows.rule.anchor()]
    }

    /// How far the blocks lie to the right of and below the places that the factors give them, in pixels of the enlarged
    /// map, on average.
    #[must_use]
    pub fn shift(&self) -> [f64; 2] {
        [&self.columns, &self.rows].map(AxisEnlargement::mean_shift)
    }

    /// The ids of the small map, in row order.
    #[must_use]
    pub fn reduce(&self, map: &LabelMap<'_>) -> Vec<u8> {
        let mut ids = Vec::with_capacity(self.columns.size * self.rows.size);
        for &row in &self.rows.starts {
            let row = map.row(row as usize);
            ids.extend(self.columns.starts.iter().map(|&column| row[column as usize]));
        }
        ids
    }
}

/// The longest side that is looked at. No network's output enlarged to a photo is longer.
const MAX_SIDE: usize = 16_384;
/// The least factor. Below it nearly every boundary is one of the small map too.
const MIN_FACTOR: f64 = 1.25;
/// The longest sequence of boundaries without a gap at [`MIN_FACTOR`], and one more for rounding.
const MAX_CONSECUTIVE: usize = 5;
/// The least evidence for both axes, in bits: a map that was not enlarged passes once in a million.
const MIN_EVIDENCE: f64 = 20.0;
/// Factors with up to three decimals are taken for given ones.
const FACTOR_DECIMALS: f64 = 1000.0;

impl AxisEnlargement {
    /// Finds the smallest size from which all `changes` follow. They are the positions of pixels that differ from the one
    /// before, in ascending order.
    fn detect(enlarged_size: usize, changes: &[u32]) -> Option<Self> {
        let max_size = (enlarged_size as f64 / MIN_FACTOR) as usize;
        // A block begins with each change.
        for size in changes.len() + 1..=max_size {
            let evidence = Self::evidence(size, enlarged_size, changes.len());
            if evidence < 0.0 {
                return None; // a larger size is less evident still
            }
            if let Some((rule, starts)) = find_rule(size, enlarged_size, changes) {
                return Some(Self { size, enlarged_size, rule, starts, evidence });
            }
        }
        None
    }

    /// The evidence of so many changes that all lie on boundaries, in bits.
    fn evidence(size: usize, enlarged_size: usize, changes: usize) -> f64 {
        let hypotheses = (ResizeRule::BY_SIZE.len() * enlarged_size) as f64;
        let chance = (size - 1) as f64 / (enlarged_size - 1) as f64;
        -(changes as f64) * chance.log2() - hypotheses.log2()
    }

    fn mean_shift(&self) -> f64 {
        let factor = self.enlarged_size as f64 / self.size as f64;
        let shifts = self.starts.iter().zip(0_u32..).skip(1);
        let sum: f64 = shifts.map(|(&start, j)| f64::from(start) - f64::from(j) * factor).sum();
        sum / (self.size - 1).max(1) as f64
    }
}

/// The first rule by which all changes follow from that size, and the first pixel of each of its blocks.
fn find_rule(size: usize, enlarged_size: usize, changes: &[u32]) -> Option<(ResizeRule, Vec<u32>)> {
    let is_possible = |rule: &ResizeRule| {
        changes.iter().all(|&change| rule.may_be_boundary(size, enlarged_size, change as usize))
    };
    let check = |rule: ResizeRule| {
        let starts = block_starts(&rule.sources(size, enlarged_size));
        let is_boundary = |change: &u32| starts.binary_search(change).is_ok();
        (starts.len() == size && changes.iter().all(is_boundary)).then_some((rule, starts))
    };
    let by_factor = given_factors(size, enlarged_size).flat_map(ResizeRule::by_factor);
    ResizeRule::BY_SIZE.into_iter().chain(by_factor).filter(is_possible).find_map(check)
}

/// The factors of few decimals by which a library makes that many pixels of so few, rounding or truncating their number.
fn given_factors(size: usize, enlarged_size: usize) -> impl Iterator<Item = f64> {
    let per_factor = FACTOR_DECIMALS / size as f64;
    let first = ((enlarged_size as f64 - 0.5) * per_factor).ceil() as u64;
    let last = ((enlarged_size as f64 + 1.0) * per_factor).ceil() as u64;
    (first..last).map(|thousandths| thousandths as f64 / FACTOR_DECIMALS)
}

/// The first pixel of each source pixel.
fn block_starts(sources: &[u32]) -> Vec<u32> {
    let is_start = |&i: &u32| i == 0 || sources[i as usize] != sources[i as usize - 1];
    (0..sources.len() as u32).filter(is_start).collect()
}

/// The columns that differ from the one before them; `None` where more of them are adjacent than an enlargement allows.
fn changed_columns(map: &LabelMap<'_>) -> Option<Vec<u32>> {
    /// Rows between two looks at the changes so far.
    const ROWS: usize = 32;
    let mut differs = vec![0_u8; map.width()];
    for first in (0..map.height()).step_by(ROWS) {
        for r in first..(first + ROWS).min(map.height()) {
            let row = map.row(r);
            // An exclusive or of neighbors, which the compiler turns into vectors.
            differs[1..].iter_mut().zip(row.windows(2)).for_each(|(seen, pair)| *seen |= pair[0] ^ pair[1]);
        }
        if exceeds_consecutive(&differs) {
            return None;
        }
    }
    Some((0..).zip(differs).filter(|&(_, seen)| seen != 0).map(|(column, _)| column).collect())
}

/// The same of rows.
fn changed_rows(map: &LabelMap<'_>) -> Option<Vec<u32>> {
    let differs: Vec<u8> =
        std::iter::once(0).chain((1..map.height()).map(|r| u8::from(map.row(r) != map.row(r - 1)))).collect();
    if exceeds_consecutive(&differs) {
        return None;
    }
    Some((0..).zip(differs).filter(|&(_, seen)| seen != 0).map(|(row, _)| row).collect())
}

fn exceeds_consecutive(differs: &[u8]) -> bool {
    let mut length = 0;
    differs.iter().any(|&seen| {
        length = if seen == 0 { 0 } else { length + 1 };
        length > MAX_CONSECUTIVE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Disks and boxes of several labels, with borders in nearly every row and column.
    fn draw(width: usize, height: usize) -> Vec<u8> {
        let mut ids = vec![0; width * height];
        for (y, row) in ids.chunks_exact_mut(width).enumerate() {
            for (x, id) in row.iter_mut().enumerate() {
                let (x, y) = (x as f64 / width as f64 - 0.5, y as f64 / height as f64 - 0.5);
                let distance = x.hypot(1.1 * y);
                *id = if distance > 0.45 { 0 } else { 1 + (distance * 9.0 + x) as u8 };
            }
        }
        ids
    }

    fn enlarge(ids: &[u8], size: [usize; 2], enlarged: [usize; 2], rule: ResizeRule) -> Vec<u8> {
        let [columns, rows] = [0, 1].map(|axis| rule.sources(size[axis], enlarged[axis]));
        let pixel = |r: u32, c: u32| ids[r as usize * size[0] + c as usize];
        rows.iter().flat_map(|&r| columns.iter().map(move |&c| pixel(r, c))).collect()
    }

    #[test]
    fn enlarged_maps_are_found_and_given_back() {
        let size = [150, 170];
        let small = draw(size[0], size[1]);
        for factor in [2.0, 3.0, 4.0, 1.5, 2.37] {
            let enlarged = size.map(|side| (side as f64 * factor).floor() as usize);
            for rule in ResizeRule::BY_SIZE.into_iter().chain(ResizeRule::by_factor(factor)) {
                let ids = enlarge(&small, size, enlarged, rule);
                let map = LabelMap::new(enlarged[0], enlarged[1], &ids).unwrap();
                let found = Enlargement::detect(&map).unwrap_or_else(|| panic!("{rule:?} by {factor}"));
                assert_eq!(found.size(), size, "{rule:?} by {factor}");
                let reduced = found.reduce(&map);
                assert_eq!(reduced, small, "{rule:?} by {factor}");
            }
        }
    }

    #[test]
    fn each_axis_has_a_factor_of_its_own() {
        let small = draw(120, 90);
        let rule = ResizeRule::CornerDouble { factor: None };
        let ids = enlarge(&small, [120, 90], [480, 225], rule);
        let found = Enlargement::detect(&LabelMap::new(480, 225, &ids).unwrap()).unwrap();
        assert_eq!((found.size(), found.factors()), ([120, 90], [4.0, 2.5]));
        let [x, y] = found.shift();
        assert_eq!(x, 0.0);
        // Blocks of three and two pixels in turn: each second one begins half a pixel late.
        assert!((y - 0.25).abs() < 0.01, "{y}");
    }

    #[test]
    fn what_was_not_enlarged_is_not_found() {
        for (width, height) in [(64, 64), (150, 170), (512, 300), (1024, 1024)] {
            let ids = draw(width, height);
            assert!(Enlargement::detect(&LabelMap::new(width, height, &ids).unwrap()).is_none());
        }
        // One map moved by a pixel, and one with a single pixel too much.
        let small = draw(100, 100);
        let mut ids = enlarge(&small, [100, 100], [300, 300], ResizeRule::Center);
        ids[150 * 300 + 151] ^= 1;
        assert!(Enlargement::detect(&LabelMap::new(300, 300, &ids).unwrap()).is_none());
        // A few lines by chance, and nothing at all.
        let mut lines = vec![0; 512 * 512];
        lines.chunks_exact_mut(512).skip(100).for_each(|row| row[64..256].fill(7));
        assert!(Enlargement::detect(&LabelMap::new(512, 512, &lines).unwrap()).is_none());
        for side in [1, 2, 300] {
            let empty = vec![0; side * side];
            assert!(Enlargement::detect(&LabelMap::new(side, side, &empty).unwrap()).is_none());
        }
    }
}
