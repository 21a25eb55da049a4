//! Contours of a label map: borders traced once as shared arcs, approximated once, and joined into polygons with holes.
//!
//! ```text
//! topology          label map -> lattice -> arcs -> rings (-> sieve)
//! arc_geometry      each arc once:  straight: polyline    smooth: corridor -> spline
//! assemble          rings and arcs -> polygons by label
//! clip              polygons -> polygons inside a rectangle
//! merge             polygons -> one region without the borders between them
//! ```
//!
//! A folder uses only those before it: `topology < polyline < corridor < spline < arc_geometry < assemble, workspace`.
//! `options` and `clip` use `geometry` and `error` alone, and `merge` parts of `clip`.
//!
//! Neighboring regions have the points of the arc between them in common, bit for bit. So the regions are a coverage:
//! they tile the map without gaps or overlaps.

mod arc_geometry;
mod assemble;
mod clip;
mod corridor;
mod merge;
mod options;
mod polyline;
mod spline;
mod topology;
mod workspace;

use assemble::{RingOwner, assemble};
pub use clip::original_points::clip_original;
pub use clip::rect::clip;
pub use merge::merge;
pub use options::{ContourOptions, CurveKind};
use topology::ids::{HalfArc, RingId};
use topology::rings::{FacesByLabel, Rings};
use topology::sieve::{Sieve, part_label};
use workspace::{Workspace, with_workspace};

use crate::error::Result;
use crate::geometry::Polygons;
use crate::raster::{Enlargement, LabelMap, NativeResolution};

/// The connectivity of regions: pixels of one label that share a side belong together, pixels that share a corner do
/// not.
///
/// By the saddle rule each of four pixels keeps its own quarter of a checkerboard cell.
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
    with_workspace(|workspace| {
        workspace.lattice.scan(map, options.max_border)?;
        workspace.arcs.trace(map, &mut workspace.lattice);
        Ok(build_polygons(workspace, options))
    })
}

/// The contours of [`find_native_contours`].
#[derive(Clone, Debug)]
pub struct NativeContours {
    /// The polygons by ascending label, in the labels frame of the given map.
    pub contours: Vec<(u8, Polygons)>,
    /// How the map had been enlarged, if it had.
    pub enlargement: Option<Enlargement>,
}

/// The same as [`find_contours`]; but of a map that was enlarged by the nearest pixel, the contours of the small map,
/// moved onto the large one.
///
/// Tolerance, pixel centers and areas are then those of the small map, so 0.5 is half a pixel of it. `min_area` keeps
/// its unit.
///
/// # Errors
/// As of [`find_contours`].
pub fn find_native_contours(
    map: &LabelMap<'_>,
    options: &ContourOptions,
    native_resolution: NativeResolution,
) -> Result<NativeContours> {
    options.check()?;
    let Some(enlargement) = Enlargement::find(map, native_resolution, options.tolerance) else {
        return Ok(NativeContours { contours: find_contours(map, options)?, enlargement: None });
    };
    let ids = enlargement.reduce(map);
    let [width, height] = enlargement.size();
    let affine = enlargement.enlarged_from_native();
    let native_options = ContourOptions {
        tolerance: enlargement.enlarge_tolerance(options.tolerance),
        target_from_labels: options.target_from_labels * affine,
        ..options.clone()
    };
    let mut contours = find_contours(&LabelMap::new(width, height, &ids)?, &native_options)?;
    contours.iter_mut().for_each(|(_, polygons)| polygons.transform(&affine));
    Ok(NativeContours { contours, enlargement: Some(enlargement) })
}

/// Builds the polygons of every label from the arcs of the workspace.
fn build_polygons(workspace: &mut Workspace, options: &ContourOptions) -> Vec<(u8, Polygons)> {
    let Workspace { lattice, arcs, rings, geometry } = workspace;
    let min_pixels = options.min_area / options.pixel_area();
    rings.join(arcs, &FacesByLabel { has_background: options.background || min_pixels > 0.0 });
    rings.assign_holes(lattice, arcs);
    geometry.compute(&lattice.node_bits, arcs, options);
    if min_pixels > 0.0 {
        let sieve = Sieve::new(arcs, rings, min_pixels);
        let mut merged = Rings::default();
        merged.join(arcs, &sieve);
        let owner_of = |_, half_arc: HalfArc| {
            let part = sieve.part(half_arc);
            RingOwner { label: part_label(arcs, rings, part), part }
        };
        return assemble(arcs, geometry, &merged, options.background, &owner_of);
    }
    let owner_of = |ring: RingId, half_arc: HalfArc| RingOwner {
        label: arcs.label(half_arc),
        part: rings.rings[ring.index()].outer,
    };
    assemble(arcs, geometry, rings, options.background, &owner_of)
}
