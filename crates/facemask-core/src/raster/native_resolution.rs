//! Whether a label map was enlarged by the nearest pixel, and the small map that it was.
//!
//! A small map enlarged by a [`ResizeRule`] changes from one column to the next only where the rule takes another source
//! pixel, and so do its rows. If all changes of a map lie there, then one pixel of each block gives a small map, which
//! the rule enlarges to the map again, bit for bit. A map with few changes may do so by chance. So the changes have to
//! be evidence: for an enlargement from n to m pixels each of them lies on such a boundary with a chance of about n / m.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::label_map::LabelMap;
use super::resize_rule::ResizeRule;
use crate::geometry::Affine;

/// Whether a map that was enlarged by the nearest pixel is traced at its own resolution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NativeResolution {
    /// Where the map itself proves it, see [`Enlargement::detect`].
    #[default]
    Auto,
    /// Never.
    Off,
}

impl NativeResolution {
    /// Every value by its name in options.
    pub const NAMES: [(&'static str, Self); 2] = [("auto", Self::Auto), ("off", Self::Off)];
}

/// The enlargement of one axis.
#[derive(Clone, Debug)]
struct AxisEnlargement {
    /// The pixels of the small map.
    size: usize,
    /// The pixels of the enlarged map.
    enlarged_size: usize,
    /// The rules from which all changes follow, the most common one first.
    rules: Vec<ResizeRule>,
    /// The evidence in bits, that of the number of hypotheses deducted.
    evidence: f64,
}

/// The enlargement of a map.
#[derive(Clone, Debug)]
pub struct Enlargement {
    columns: AxisBlocks,
    rows: AxisBlocks,
}

/// The blocks of pixels along one axis that one source pixel became.
#[derive(Clone, Debug)]
struct AxisBlocks {
    enlarged_size: usize,
    rule: ResizeRule,
    /// The first pixel of each block.
    starts: Vec<u32>,
}

impl Enlargement {
    /// Finds how a map was enlarged, if it shall be traced at its own resolution with that tolerance.
    ///
    /// Never at tolerance 0: outlines then follow the pixels, and the corners that they cut would grow with the factor.
    #[must_use]
    pub fn find(map: &LabelMap<'_>, option: NativeResolution, tolerance: f64) -> Option<Self> {
        (option == NativeResolution::Auto && tolerance > 0.0).then(|| Self::detect(map)).flatten()
    }

    /// Finds how a map was enlarged; `None` where nothing proves that it was.
    #[must_use]
    pub fn detect(map: &LabelMap<'_>) -> Option<Self> {
        if map.width().max(map.height()) > MAX_SIDE {
            return None;
        }
        let columns = AxisEnlargement::candidates(map.width(), &changed_columns(map)?);
        let rows = AxisEnlargement::candidates(map.height(), &changed_rows(map)?);
        // The fewest decimals of a common factor, then the smallest sizes, which are the most evident ones.
        let pairs = columns.iter().flat_map(|columns| rows.iter().map(move |rows| (columns, rows)));
        let (columns, rows) =
            pairs.min_by_key(|(columns, rows)| (factor_decimals(columns, rows), columns.size + rows.size))?;
        let is_evident = columns.evidence + rows.evidence >= MIN_EVIDENCE;
        // A library treats both axes alike.
        let is_common = |rule: &&ResizeRule| rows.rules.iter().any(|other| other.is_same_method(**rule));
        let common = columns.rules.iter().find(is_common);
        let blocks = |axis: &AxisEnlargement| {
            let is_chosen = |rule: &&ResizeRule| common.is_none_or(|common| common.is_same_method(**rule));
            Some(axis.divide(*axis.rules.iter().find(is_chosen)?))
        };
        Some(Self { columns: blocks(columns)?, rows: blocks(rows)? }).filter(|_| is_evident)
    }

    /// Width and height of the small map.
    #[must_use]
    pub fn size(&self) -> [usize; 2] {
        [self.columns.starts.len(), self.rows.starts.len()]
    }

    /// The factors of width and height.
    #[must_use]
    pub fn factors(&self) -> [f64; 2] {
        [&self.columns, &self.rows].map(AxisBlocks::factor)
    }

    /// The tolerance in pixels of the small map, given one in pixels of the enlarged map, in the units of the latter.
    #[must_use]
    pub fn enlarge_tolerance(&self, tolerance: f64) -> f64 {
        let [x, y] = self.factors();
        (tolerance * x.min(y)).min(MAX_TOLERANCE)
    }

    /// The affine from the small map to the enlarged one.
    #[must_use]
    pub fn enlarged_from_native(&self) -> Affine {
        let [x, y] = self.factors();
        Affine::scale(x, y)
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
        [&self.columns, &self.rows].map(AxisBlocks::mean_shift)
    }

    /// The ids of the small map, in row order.
    #[must_use]
    pub fn reduce(&self, map: &LabelMap<'_>) -> Vec<u8> {
        let mut ids = Vec::with_capacity(self.size().iter().product());
        for &row in &self.rows.starts {
            let row = map.row(row as usize);
            ids.extend(self.columns.starts.iter().map(|&column| row[column as usize]));
        }
        ids
    }
}

impl Serialize for Enlargement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let round = |values: [f64; 2]| values.map(|value| (value * 1000.0).round() / 1000.0);
        let mut fields = serializer.serialize_struct("Enlargement", 4)?;
        fields.serialize_field("size", &self.size())?;
        fields.serialize_field("factor", &round(self.factors()))?;
        fields.serialize_field("anchor", &self.anchors())?;
        fields.serialize_field("shift", &round(self.shift()))?;
        fields.end()
    }
}

/// The longest side that is looked at. No network's output enlarged to a photo is longer.
const MAX_SIDE: usize = 16_384;
/// A tolerance beyond which no outline changes: the largest that an option may have.
const MAX_TOLERANCE: f64 = 1e6;
/// The least factor. Below it nearly every boundary is one of the small map too.
const MIN_FACTOR: f64 = 1.25;
/// The longest sequence of boundaries without a gap at [`MIN_FACTOR`], and one more for rounding.
const MAX_CONSECUTIVE: usize = 5;
/// The least evidence for both axes, in bits: a map that was not enlarged passes once in a million.
const MIN_EVIDENCE: f64 = 20.0;
/// The least share of blocks, between the first change and the last, that begin with a change. Drawn faces have 0.9.
const MIN_DENSITY: f64 = 0.6;
/// Sizes within this share of the smallest one are compared with it.
const NEARBY: usize = 50;
/// Factors with up to three decimals are taken for given ones.
const MAX_DECIMALS: u32 = 3;

impl AxisBlocks {
    fn factor(&self) -> f64 {
        self.enlarged_size as f64 / self.starts.len() as f64
    }

    fn mean_shift(&self) -> f64 {
        let factor = self.factor();
        let shifts = self.starts.iter().zip(0_u32..).skip(1);
        let sum: f64 = shifts.map(|(&start, j)| f64::from(start) - f64::from(j) * factor).sum();
        sum / (self.starts.len() - 1).max(1) as f64
    }
}

impl AxisEnlargement {
    /// The smallest size from which all `changes` follow, and those near it that do as well, because a map changes
    /// little near its edges. `changes` are the positions of pixels that differ from the one before, in ascending order.
    fn candidates(enlarged_size: usize, changes: &[u32]) -> Vec<Self> {
        let mut max_size = (enlarged_size as f64 / MIN_FACTOR) as usize;
        let mut found = Vec::new();
        // A block begins with each change. Blocks that begin without one are few between the first and the last.
        let mut size = changes.len() + 1;
        if let [first, .., last] = *changes {
            let extent = f64::from(last - first) / enlarged_size as f64;
            max_size = max_size.min((changes.len() as f64 / (MIN_DENSITY * extent)) as usize);
        }
        while size <= max_size {
            let evidence = Self::evidence(size, enlarged_size, changes.len());
            if evidence < 0.0 {
                break; // a larger size is less evident still
            }
            let rules = find_rules(size, enlarged_size, changes);
            if !rules.is_empty() {
                if found.is_empty() {
                    max_size = max_size.min(size + size / NEARBY + 1);
                }
                found.push(Self { size, enlarged_size, rules, evidence });
            }
            size += 1;
        }
        found
    }

    /// The evidence of so many changes that all lie on boundaries, in bits.
    fn evidence(size: usize, enlarged_size: usize, changes: usize) -> f64 {
        let hypotheses = (ResizeRule::BY_SIZE.len() * enlarged_size) as f64;
        let chance = (size - 1) as f64 / (enlarged_size - 1) as f64;
        -(changes as f64) * chance.log2() - hypotheses.log2()
    }

    fn divide(&self, rule: ResizeRule) -> AxisBlocks {
        let starts = block_starts(&rule.sources(self.size, self.enlarged_size));
        AxisBlocks { enlarged_size: self.enlarged_size, rule, starts }
    }
}

/// The rules by which all changes follow from that size.
fn find_rules(size: usize, enlarged_size: usize, changes: &[u32]) -> Vec<ResizeRule> {
    let is_possible = |rule: &ResizeRule| {
        changes.iter().all(|&change| rule.may_be_boundary(size, enlarged_size, change as usize))
    };
    let is_certain = |rule: &ResizeRule| {
        let starts = block_starts(&rule.sources(size, enlarged_size));
        let is_boundary = |change: &u32| starts.binary_search(change).is_ok();
        starts.len() == size && changes.iter().all(is_boundary)
    };
    let by_factor = given_factors(size, enlarged_size, MAX_DECIMALS).flat_map(ResizeRule::by_factor);
    ResizeRule::BY_SIZE.into_iter().chain(by_factor).filter(is_possible).filter(is_certain).collect()
}

/// The factors of at most so many decimals by which a library makes that many pixels of so few, rounding or truncating
/// their number.
fn given_factors(size: usize, enlarged_size: usize, decimals: u32) -> impl Iterator<Item = f64> {
    let parts = f64::from(10_u32.pow(decimals));
    let per_factor = parts / size as f64;
    let first = ((enlarged_size as f64 - 0.5) * per_factor).ceil() as u64;
    let end = ((enlarged_size as f64 + 1.0) * per_factor).ceil() as u64;
    (first..end).map(move |factor| factor as f64 / parts)
}

/// The decimals of the simplest factor that both axes may have been enlarged by; more than [`MAX_DECIMALS`] without any.
fn factor_decimals(columns: &AxisEnlargement, rows: &AxisEnlargement) -> u32 {
    let has_common_factor = |&decimals: &u32| {
        let factors = |axis: &AxisEnlargement| given_factors(axis.size, axis.enlarged_size, decimals);
        factors(columns).any(|factor| factors(rows).any(|other| other == factor))
    };
    (0..=MAX_DECIMALS).find(has_common_factor).unwrap_or(MAX_DECIMALS + 1)
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
    let blocks = map.height().div_ceil(ROWS);
    // From the middle on, where faces are: a map that was not enlarged shows it in the first block.
    for first in (0..blocks).map(|block| (block + blocks / 2) % blocks * ROWS) {
        for r in first..(first + ROWS).min(map.height()) {
            let row = map.row(r);
            // An exclusive or of neighbors, which the compiler turns into vectors.
            differs[1..]
                .iter_mut()
                .zip(row.windows(2))
                .for_each(|(differs, pair)| *differs |= pair[0] ^ pair[1]);
        }
        if exceeds_consecutive(&differs) {
            return None;
        }
    }
    Some((0..).zip(differs).filter(|&(_, differs)| differs != 0).map(|(column, _)| column).collect())
}

/// The same of rows.
fn changed_rows(map: &LabelMap<'_>) -> Option<Vec<u32>> {
    let differs: Vec<u8> =
        std::iter::once(0).chain((1..map.height()).map(|r| u8::from(map.row(r) != map.row(r - 1)))).collect();
    if exceeds_consecutive(&differs) {
        return None;
    }
    Some((0..).zip(differs).filter(|&(_, differs)| differs != 0).map(|(row, _)| row).collect())
}

fn exceeds_consecutive(differs: &[u8]) -> bool {
    let mut length = 0;
    differs.iter().any(|&differs| {
        length = if differs == 0 { 0 } else { length + 1 };
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
