//! Plane geometry: points, affine transformations, rectangles, rings, multipolygons. Independent of pixels and faces.
//!
//! x points right and y points down in every frame, so a positive angle turns clockwise on screen.

mod affine;
mod cubic_bezier;
mod overlap_area;
mod point;
mod point_ids;
mod polygons;
mod rect;

pub use affine::Affine;
pub(crate) use cubic_bezier::{CubicBezier, CubicPolynomial, CurvePoint};
pub(crate) use overlap_area::overlap_area;
pub use point::Point;
pub(crate) use point_ids::PointIds;
pub use polygons::{CurveSpan, Polygons, RingCounts, edges, ring_contains, signed_area};
pub use rect::Rect;
