//! Paints masks into a label map; a later mask covers an earlier one.

use facemask_core::error::{Error, ErrorKind, Result};
use facemask_core::geometry::Point;
use facemask_core::raster::{FillRule, Size, scanline_fill};

use super::super::encoding::invalid;
use super::json_fields::{RunCounts, Segmentation};
use super::run_lengths::decode_text;
use crate::input_kind::InputKind;

/// Crossings of one ring with the rows of the map. A mask of 8000 rows with a hundred crossings each has fewer.
const MAX_CROSSINGS: u64 = 2_000_000;
/// Crossings and painted pixels of a document together: about a second.
const MAX_WORK: u64 = 2_000_000_000;

/// A label map that is being painted.
pub(super) struct MaskPainter {
    width: u32,
    height: u32,
    labels: Vec<u8>,
    work: u64,
}

impl MaskPainter {
    /// An empty map. The caller has checked its size.
    pub(super) fn new(width: u32, height: u32) -> Self {
        Self { width, height, labels: vec![0; width as usize * height as usize], work: 0 }
    }

    /// The ids row by row.
    pub(super) fn into_labels(self) -> Vec<u8> {
        self.labels
    }

    /// Paints an area with an id.
    ///
    /// # Errors
    ///
    /// `map_invalid` for run lengths of another size, `map_corrupt` for malformed ones, `map_too_complex` for more work
    /// than the limit.
    pub(super) fn paint(&mut self, id: u8, area: &Segmentation) -> Result<()> {
        match area {
            Segmentation::Polygons(rings) => rings.rings().try_for_each(|ring| self.paint_ring(id, ring)),
            Segmentation::Runs { size, counts } => self.paint_runs(id, *size, counts),
        }
    }

    /// Paints the pixels whose centers are inside a ring by the even-odd rule. `numbers` is x0, y0, x1, ...
    ///
    /// # Errors
    ///
    /// `map_invalid` for fewer than three points, for half a point, and for ratios, which would paint nothing.
    pub(super) fn paint_ring(&mut self, id: u8, numbers: &[f64]) -> Result<()> {
        if numbers.len() < 6 || !numbers.len().is_multiple_of(2) {
            return Err(invalid(format!(
                "the label map has a polygon of {} numbers, expected x and y of at least three points",
                numbers.len()
            )));
        }
        if self.width.min(self.height) > 2 && numbers.iter().all(|number| (0.0..=1.0).contains(number)) {
            return Err(invalid(
                "the label map has a polygon within one pixel, from 0 to 1, expected pixels; multiply ratios by the size",
            ));
        }
        let ring: Vec<Point> = numbers.as_chunks::<2>().0.iter().map(|&[x, y]| Point::new(x, y)).collect();
        let height = f64::from(self.height);
        let row = |point: &Point| point.y.clamp(0.0, height);
        let next = ring.iter().cycle().skip(1);
        let travel: f64 = ring.iter().zip(next).map(|(a, b)| (row(a) - row(b)).abs() + 1.0).sum();
        if travel.is_nan() || travel > MAX_CROSSINGS as f64 {
            return Err(too_complex("a polygon crosses more rows than the limit"));
        }
        self.add_work(travel as u64)?;
        let (width, mut painted) = (self.width as usize, 0);
        let labels = &mut self.labels;
        scanline_fill(&ring, Size::new(self.width, self.height), FillRule::EvenOdd, |row, columns| {
            painted += columns.len() as u64;
            labels[row * width..][columns].fill(id);
        });
        self.add_work(painted)
    }

    /// Paints the pixels of a mask that are set. `mask` has the size of the map, at `left`, `top` and beyond.
    pub(super) fn paint_mask(
        &mut self,
        id: u8,
        mask: &[u8],
        mask_width: usize,
        left: i64,
        top: i64,
    ) -> Result<()> {
        self.add_work(mask.len() as u64)?;
        for (row, values) in mask.chunks_exact(mask_width.max(1)).enumerate() {
            let Ok(y) = usize::try_from(top.saturating_add(row as i64)) else { continue };
            for (column, _) in values.iter().enumerate().filter(|(_, value)| **value != 0) {
                let x = usize::try_from(left.saturating_add(column as i64))
                    .ok()
                    .filter(|x| *x < self.width as usize);
                if let Some(label) =
                    x.and_then(|x| self.labels.get_mut(y.checked_mul(self.width as usize)? + x))
                {
                    *label = id;
                }
            }
        }
        Ok(())
    }

    fn paint_runs(&mut self, id: u8, [height, width]: [u32; 2], counts: &RunCounts) -> Result<()> {
        if (width, height) != (self.width, self.height) {
            return Err(invalid(format!(
                "the label map's run lengths are of {width} x {height} pixels, those before of {} x {}",
                self.width, self.height
            )));
        }
        let pixels = self.labels.len() as u64;
        let decoded;
        let runs = match counts {
            RunCounts::List(runs) => runs,
            RunCounts::Text(text) => {
                decoded = decode_text(text, pixels).ok_or_else(|| corrupt("are not those of COCO"))?;
                &decoded
            }
        };
        let total: u64 = runs.iter().map(|&run| u64::from(run)).sum();
        if total != pixels {
            return Err(corrupt(&format!("cover {total} pixels, expected {width} x {height}")));
        }
        self.add_work(runs.len() as u64)?;
        let (width, height) = (width as usize, height as usize);
        let mut at = 0;
        for (index, &run) in runs.iter().enumerate() {
            let end = at + run as usize;
            if index % 2 == 1 {
                self.add_work(u64::from(run))?;
                for pixel in at..end {
                    self.labels[pixel % height * width + pixel / height] = id;
                }
            }
            at = end;
        }
        Ok(())
    }

    fn add_work(&mut self, amount: u64) -> Result<()> {
        self.work = self.work.saturating_add(amount);
        if self.work > MAX_WORK {
            Err(too_complex("its masks cover more pixels than the limit"))
        } else {
            Ok(())
        }
    }
}

fn corrupt(what: &str) -> Error {
    InputKind::LabelMap.corrupt(format!("the label map's run lengths {what}"))
}

fn too_complex(what: &str) -> Error {
    Error::new(
        ErrorKind::MapTooComplex,
        InputKind::LabelMap.field(),
        format!("the label map is too complex: {what}"),
    )
}
