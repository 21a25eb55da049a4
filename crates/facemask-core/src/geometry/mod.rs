//! Nouns of the plane: points, affines, rectangles, rings, polygons. They know nothing of pixels or faces.
//!
//! Everywhere x points right and y points down. Positive angles turn clockwise on screen.

mod affine;
mod point;
mod polygons;
mod rect;

pub use affine::Affine;
pub use point::Point;
pub use polygons::{Curve, Polygons, edges, ring_contains, signed_area};
pub use rect::Rect;
