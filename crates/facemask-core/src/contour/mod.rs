//! Contours: one pass over a label map into shared arcs, each simplified once, joined into polygons with holes.
//!
//! ```text
//! label map -> cells -> arcs -> rings (-> sieve) -> simplify (-> coarsen) -> polygons by label
//! ```
//!
//! Two neighbours use the very same points of the arc between them, so the regions tile the picture: no gap, no overlap.

mod arcs;
mod assemble;
mod cells;
mod clip;
mod coarsen;
mod grid;
mod rings;
mod scan;
mod sieve;
mod simplify;
mod spare;
mod untangle;

use arcs::{Arcs, NONE};
use assemble::assemble;
pub use clip::clip;
use coarsen::Outline;
use rings::{ByLabel, Faces, Rings};
use sieve::Sieve;
use spare::{Net, room, with_net};

use crate::error::{Error, Result};
use crate::geometry::{Point, Polygons};
use crate::raster::LabelMap;

/// Pixels of one label that share a side belong together, pixels that share a corner do not: by the saddle rule each
/// keeps its own quarter of a checkerboard cell.
pub const CONNECTIVITY: u8 = 4;

/// How to find contours. Lengths are in units of the frame that `scale` leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct ContourOptions {
    /// No point of the output is further than this from the traced border, and the other way round. 0 keeps every vertex.
    pub tolerance: f64,
    /// Parts of less than this area (the pixels they cover) are given to the neighbour with the longest shared border.
    pub min_area: f64,
    /// What one pixel of the map measures, x and y, in the units of `tolerance` and `min_area`.
    pub scale: (f64, f64),
    /// Whether label 0 gets contours too.
    pub background: bool,
    /// The most steps of border between pixels of different labels; more is refused, since memory grows with them.
    pub max_border: usize,
}

impl ContourOptions {
    /// The default of [`Self::max_border`]: 2048 x 2048 pixels of pure noise. A step of border costs 200 to 480 bytes, so
    /// whoever takes maps from strangers sets less.
    pub const MAX_BORDER: usize = 1 << 23;
    /// The largest tolerance and the largest minimal area: beyond them lies a mistake of units.
    pub const MAX_LENGTH: f64 = 1e6;

    /// Refuses lengths that are negative, not numbers, or beyond [`Self::MAX_LENGTH`].
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::OptionInvalid`] naming the option.
    pub fn check(&self) -> Result<()> {
        for (name, value) in [("tolerance", self.tolerance), ("min_area", self.min_area)] {
            if !(0.0..=Self::MAX_LENGTH).contains(&value) {
                return Err(Error::option(
                    name,
                    format!("must be a number from 0 to {}, got {value}", Self::MAX_LENGTH),
                ));
            }
        }
        Ok(())
    }
}

impl Default for ContourOptions {
    fn default() -> Self {
        Self {
            tolerance: 0.0,
            min_area: 0.0,
            scale: (1.0, 1.0),
            background: false,
            max_border: Self::MAX_BORDER,
        }
    }
}

/// The polygons of every label in the map, by ascending label, in the labels frame.
///
/// ```
/// use facemask_core::contour::{ContourOptions, find_contours};
/// use facemask_core::raster::LabelMap;
///
/// let map = LabelMap::new(3, 3, &[0, 0, 0, 0, 7, 0, 0, 0, 0])?;
/// let contours = find_contours(&map, &ContourOptions::default())?;
/// assert_eq!(contours[0].0, 7);
/// assert_eq!(contours[0].1.area(), 0.5); // a lone pixel is a diamond
/// # Ok::<(), facemask_core::error::Error>(())
/// ```
///
/// # Errors
/// [`crate::error::ErrorKind::OptionInvalid`] for a tolerance or area that is negative or not a number, and
/// [`crate::error::ErrorKind::MapTooComplex`] for more border than `max_border`.
pub fn find_contours(map: &LabelMap<'_>, options: &ContourOptions) -> Result<Vec<(u8, Polygons)>> {
    options.check()?;
    with_net(|net| {
        net.lattice.scan(map, options.max_border)?;
        net.arcs.walk(map, &mut net.lattice);
        Ok(polygons(net, options))
    })
}

/// Joins the arcs of the net into polygons.
fn polygons(
    Net { lattice, arcs, rings, outlines }: &mut Net,
    options: &ContourOptions,
) -> Vec<(u8, Polygons)> {
    let min_pixels = options.min_area / (options.scale.0 * options.scale.1);
    rings.join(arcs, &ByLabel { background: options.background || min_pixels > 0.0 });
    rings.nest(lattice, arcs);
    outlines.draw(arcs, options);
    if min_pixels > 0.0 {
        let sieve = Sieve::new(arcs, rings, min_pixels);
        let mut merged = Rings::default();
        merged.join(arcs, &sieve);
        let face = |half: u32| sieve.face(arcs, half).unwrap_or(NONE);
        let label = |half: u32| sieve.label(arcs, rings, face(half));
        return assemble((arcs, outlines), &merged, options.background, &|_, half| (label(half), face(half)));
    }
    let place = |ring: u32, half: u32| (arcs.label(half), rings.rings[ring as usize].outer);
    assemble((arcs, outlines), rings, options.background, &place)
}

/// The points of every arc, one after the other: ends included, a closed arc without its first point again.
#[derive(Default)]
struct Outlines {
    points: Vec<Point>,
    /// Where each arc begins in `points`, and the end of the last.
    starts: Vec<u32>,
}

impl Outlines {
    /// Traces and simplifies every arc, in place of the arcs of before.
    fn draw(&mut self, arcs: &Arcs, options: &ContourOptions) {
        let (sx, sy) = options.scale;
        let reach = |scale: f64| (options.tolerance / scale).min(simplify::MAX_REACH);
        let beyond = options.tolerance / sx.max(sy) > simplify::MAX_REACH + 0.05;
        self.points.clear();
        self.starts.clear();
        self.starts.push(0);
        let mut coarse: Vec<Outline> = Vec::new();
        let (mut points, mut kept) = (Vec::new(), Vec::new());
        for arc in &arcs.arcs {
            let directions = &arcs.directions[arc.steps()];
            if options.tolerance > 0.0
                && !beyond
                && let Some(line) = simplify::single_step(arc, directions)
            {
                self.push(&line, &[0, 1]);
                continue;
            }
            points.clear();
            kept.clear();
            simplify::trace(arc, directions, &mut points);
            if arc.is_frame() || options.tolerance == 0.0 {
                kept.extend(0..points.len() as u32);
            } else {
                simplify::simplify(arc, directions, &points, (reach(sx), reach(sy)), &mut kept);
            }
            if beyond {
                coarse.push(Outline {
                    points: points.clone(),
                    kept: kept.clone(),
                    closed: arc.is_closed(),
                    fixed: arc.is_frame(),
                    ends: arc.ends(),
                });
            } else {
                self.push(&points, &kept);
            }
        }
        coarsen::coarsen(&mut coarse, options.scale, options.tolerance);
        coarse.iter().for_each(|arc| self.push(&arc.points, &arc.kept));
    }

    /// The bytes it has room for.
    fn bytes(&self) -> usize {
        room(&self.points) + room(&self.starts)
    }

    fn push(&mut self, points: &[Point], kept: &[u32]) {
        self.points.extend(kept.iter().map(|&i| points[i as usize]));
        self.starts.push(self.points.len() as u32);
    }

    /// The points of one arc.
    fn arc(&self, number: usize) -> &[Point] {
        &self.points[self.starts[number] as usize..self.starts[number + 1] as usize]
    }
}

/// Appends the ring that runs along `halves`.
fn append(polygons: &mut Polygons, halves: &[u32], outlines: &Outlines) {
    for &half in halves {
        let points = outlines.arc(half as usize / 2);
        // The last point of an open arc is the first of the next one; the only arc of a ring may be closed.
        let shared = usize::from(halves.len() > 1 || points.first() == points.last());
        if half.is_multiple_of(2) {
            polygons.points.extend_from_slice(&points[..points.len() - shared]);
        } else {
            polygons.points.extend(points[shared..].iter().rev());
        }
    }
    polygons.ends.push(polygons.points.len() as u32);
}
