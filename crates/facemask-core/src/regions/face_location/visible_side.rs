//! Features that hair, a hat or cloth covers at one side: the end of each at the other side.
//!
//! The centroid of half a mouth lies beside the midline. Its visible corner lies where every mouth has one.

use std::collections::HashSet;

use super::face_model::{COUNT, FaceFrame, Feature, MEAN_FACE};
use super::found_face::{FoundFace, VisibleSide};
use crate::geometry::{Point, edges};
use crate::regions::label_parts::{LabelPart, MapLabel};
use crate::regions::scheme::LabelScheme;

/// The labels that cover features.
const COVERS: [&str; 3] = ["hair", "hat", "cloth"];
/// A side is covered when the border with a cover spans more than this fraction of the feature's height.
const MIN_COVERED_HEIGHT: f64 = 0.25;

/// The visible sides of those features of a face that are covered at one side.
pub(super) fn find_visible_sides(
    scheme: &LabelScheme,
    labels: &[MapLabel<'_>],
    face: &FoundFace,
) -> [Option<VisibleSide>; COUNT] {
    let covers = find_cover_edges(scheme, labels, face);
    std::array::from_fn(|index| {
        half_width(MEAN_FACE[index].feature)?;
        find_visible_side(labels, &covers, face.frame, face.parts[index].as_ref()?)
    })
}

/// Half the width of a feature in eye distances, and the standard deviation of its end; `None` for a feature whose
/// ends say nothing.
pub(super) const fn half_width(feature: Feature) -> Option<(f64, f64)> {
    match feature {
        Feature::EyeR | Feature::EyeL => Some((0.22, 0.06)),
        Feature::BrowR | Feature::BrowL => Some((0.3, 0.1)),
        Feature::Nose => Some((0.33, 0.1)),
        Feature::Mouth => Some((0.48, 0.08)),
        Feature::Glasses | Feature::EarR | Feature::EarL => None,
    }
}

/// A directed edge, as the bits of its coordinates.
type Edge = [u64; 4];

fn edge_of(a: Point, b: Point) -> Edge {
    // The sum turns -0 into 0.
    [a.x, a.y, b.x, b.y].map(|coordinate| (coordinate + 0.0).to_bits())
}

/// The edges of the covers near the features of a face.
fn find_cover_edges(scheme: &LabelScheme, labels: &[MapLabel<'_>], face: &FoundFace) -> HashSet<Edge> {
    let bounds = face.matched().map(|(_, part)| part.bounds).reduce(|a, b| a.union(b));
    let Some(bounds) = bounds else { return HashSet::new() };
    let is_near = |p: Point| bounds.x0 <= p.x && p.x <= bounds.x1 && bounds.y0 <= p.y && p.y <= bounds.y1;
    let ids = COVERS.map(|name| scheme.id(name));
    labels
        .iter()
        .filter(|label| ids.contains(&Some(label.id())))
        .flat_map(MapLabel::rings)
        .flat_map(edges)
        .filter(|&(a, b)| is_near(a) && is_near(b))
        .map(|(a, b)| edge_of(a, b))
        .collect()
}

fn find_visible_side(
    labels: &[MapLabel<'_>],
    covers: &HashSet<Edge>,
    frame: FaceFrame,
    part: &LabelPart,
) -> Option<VisibleSide> {
    if covers.is_empty() {
        return None;
    }
    let rings: Vec<&[Point]> = labels.iter().flat_map(|label| label.rings_of(part)).collect();
    // Neighbors share their border, each in the direction of its own ring. An outer ring has its area at the left of
    // its direction, so the integral of the outward normal is the sum of the edges, turned by a right angle.
    let is_covered = |&(a, b): &(Point, Point)| covers.contains(&edge_of(b, a));
    let covered = rings.iter().flat_map(|ring| edges(ring)).filter(is_covered);
    let sum = covered.fold(Point::default(), |sum, (a, b)| sum + (b - a));
    let normal = Point::new(sum.y, -sum.x).dot(frame.right) / frame.right.dot(frame.right);
    let points = || rings.iter().copied().flatten().map(|&p| (frame.to_face(p), p));
    let (top, bottom) = points()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(top, bottom), (p, _)| (top.min(p.y), bottom.max(p.y)));
    if normal.abs() <= MIN_COVERED_HEIGHT * (bottom - top) {
        return None;
    }
    let sign = -normal.signum();
    let (_, end) = points().max_by(|(a, _), (b, _)| (sign * a.x).total_cmp(&(sign * b.x)))?;
    Some(VisibleSide { end, sign })
}
