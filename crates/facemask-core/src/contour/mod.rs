//! Contours: one pass over a label map into shared arcs, each drawn once, joined into polygons with holes.
//!
//! ```text
//! label map -> cells -> arcs -> rings (-> sieve) -> outlines -> polygons by label
//!                                                   straight: simplify (-> coarsen)
//!                                                   smooth: smooth -> spline -> walk -> drawn (-> chords)
//! ```
//!
//! Two neighbours use the very same points of the arc between them, so the regions tile the picture: no gap, no overlap.

mod arcs;
mod assemble;
mod cells;
mod chords;
mod clip;
mod coarsen;
mod crossings;
mod cubic;
mod drawn;
mod equations;
mod fit;
mod grid;
mod lanes;
mod links;
mod outlines;
mod passage;
mod recurve;
mod rings;
mod scan;
mod sieve;
mod simplify;
mod smooth;
mod spare;
mod spline;
mod untangle;
mod walk;

use arcs::NONE;
use assemble::assemble;
pub use clip::clip;
use rings::{ByLabel, Faces, Rings};
use sieve::Sieve;
use spare::{Net, with_net};

use crate::error::{Error, Result};
use crate::geometry::Polygons;
use crate::raster::LabelMap;

/// Pixels of one label that share a side belong together, pixels that share a corner do not: by the saddle rule each
/// keeps its own quarter of a checkerboard cell.
pub const CONNECTIVITY: u8 = 4;

/// What borders are drawn with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CurveKind {
    /// Cubic Bezier curves along the smoothed border, and points that stand for them.
    Smooth,
    /// Straight lines between points of the border itself.
    #[default]
    Straight,
}

impl CurveKind {
    /// Every kind by name.
    pub const NAMES: [(&'static str, Self); 2] = [("smooth", Self::Smooth), ("straight", Self::Straight)];
}

/// How to find contours. Lengths are in units of the frame that `scale` leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct ContourOptions {
    /// No point of the output is further than this from the traced border, and the other way round. 0 keeps every vertex.
    pub tolerance: f64,
    /// What borders are drawn with. Without a tolerance there is no room for curves, and lines are drawn. Curves keep
    /// within half a pixel of the map, however large the tolerance.
    pub curve: CurveKind,
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
    /// The default of [`Self::max_border`]: 2048 x 2048 pixels of pure noise. A step of border costs 200 to 900 bytes, so
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
                    format!("must be a number from 0 to {}, got {value:?}", Self::MAX_LENGTH),
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
            curve: CurveKind::Straight,
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
        Ok(polygons(map, net, options))
    })
}

/// Joins the arcs of the net into polygons.
fn polygons(
    map: &LabelMap<'_>,
    Net { lattice, arcs, rings, outlines }: &mut Net,
    options: &ContourOptions,
) -> Vec<(u8, Polygons)> {
    let min_pixels = options.min_area / (options.scale.0 * options.scale.1);
    rings.join(arcs, &ByLabel { background: options.background || min_pixels > 0.0 });
    rings.nest(lattice, arcs);
    outlines.draw(map, arcs, options);
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
