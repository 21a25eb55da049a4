//! Contours: one pass over a label map into shared arcs, each drawn once, joined into polygons with holes.
//!
//! ```text
//! topology          label map -> lattice -> arcs -> rings (-> sieve)
//! arc_geometry      each arc once:  straight: polyline    smooth: corridor -> spline
//! assemble          rings and arcs -> polygons by label
//! clip              polygons -> polygons inside a rectangle
//! ```
//!
//! A folder uses only those before it: `topology < polyline < corridor < spline < arc_geometry < assemble, workspace`.
//! `options` and `clip` use `geometry` and `error` alone.
//!
//! Two neighbours use the very same points of the arc between them, so the regions tile the picture: no gap, no overlap.

mod arc_geometry;
mod assemble;
mod clip;
mod corridor;
mod options;
mod polyline;
mod spline;
mod topology;
mod workspace;

use assemble::assemble;
pub use clip::rect::clip;
pub use options::{ContourOptions, CurveKind};
use topology::arcs::NONE;
use topology::rings::{ByLabel, Faces, Rings};
use topology::sieve::Sieve;
use workspace::{Net, with_net};

use crate::error::Result;
use crate::geometry::Polygons;
use crate::raster::LabelMap;

/// Pixels of one label that share a side belong together, pixels that share a corner do not: by the saddle rule each
/// keeps its own quarter of a checkerboard cell.
pub const CONNECTIVITY: u8 = 4;

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
