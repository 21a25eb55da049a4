//! Statistics of a region.

use serde::Serialize;

use super::color_stats::ColorStats;
use super::pole_of_inaccessibility::find_pole;
use crate::geometry::{Point, Polygons, Rect, edges, ring_contains, signed_area};

/// A region and its statistics, in the frame of its multipolygon, pixels. Numbers are rounded to two decimals.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Region {
    /// The id in the label map.
    pub id: u8,
    /// The region's name; its id where the label scheme is unknown.
    pub name: String,
    /// The enclosed area in square pixels.
    pub area: f64,
    /// The length of all rings, including holes and the cuts along the crop box.
    pub perimeter: f64,
    /// The bounding box: left, top, right, bottom.
    pub bbox: [f64; 4],
    /// The centroid (x, y), possibly outside the region.
    pub centroid: [f64; 2],
    /// A position (x, y) for a label, well inside the largest part.
    pub label_point: [f64; 2],
    /// The number of parts.
    pub parts: usize,
    /// The number of holes in all parts.
    pub holes: usize,
    /// The ids of the labels or zones that it merges and the map shows; `None` without a selection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<u8>>,
    /// Whether a part of it is a guess: of labels that landmarks outline.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub guessed: bool,
    /// Its colors in the photo: `None` if they are not measured, `Some(None)` for a region without a pixel center.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<Option<ColorStats>>,
}

impl Region {
    /// Measures a multipolygon; `None` when its area is zero.
    #[must_use]
    pub fn measure(id: u8, name: String, polygons: &Polygons) -> Option<Self> {
        let Rect { x0, y0, x1, y1 } = polygons.bounds()?;
        let centroid = polygons.centroid()?;
        let rings: Vec<MeasuredRing<'_>> = polygons.rings().map(MeasuredRing::new).collect();
        let label_point = find_label_point(&rings)?;
        let parts = rings.iter().filter(|ring| ring.area > 0.0).count();
        Some(Self {
            id,
            name,
            area: round(rings.iter().map(|ring| ring.area).sum()),
            perimeter: round(perimeter(polygons)),
            bbox: [x0, y0, x1, y1].map(round),
            centroid: [centroid.x, centroid.y].map(round),
            label_point: [label_point.x, label_point.y].map(round),
            parts,
            holes: rings.len() - parts,
            members: None,
            guessed: false,
            color: None,
        })
    }
}

/// A ring and its signed area, which is negative for a hole.
#[derive(Clone, Copy)]
struct MeasuredRing<'a> {
    points: &'a [Point],
    area: f64,
}

impl<'a> MeasuredRing<'a> {
    fn new(points: &'a [Point]) -> Self {
        Self { points, area: signed_area(points) }
    }
}

fn perimeter(polygons: &Polygons) -> f64 {
    polygons.rings().flat_map(edges).map(|(a, b)| (b - a).length()).sum()
}

/// Rounds to two decimals, the precision of all numbers in JSON.
fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Finds a point well inside the largest part: the pole of inaccessibility, to a precision of one fortieth of the
/// part's longer side. Viewers cannot tell it from the exact pole.
fn find_label_point(rings: &[MeasuredRing<'_>]) -> Option<Point> {
    let area = |part: &[MeasuredRing<'_>]| part.iter().map(|ring| ring.area).sum::<f64>();
    // An outer ring and its holes.
    let parts = rings.chunk_by(|_, next| next.area <= 0.0);
    let part: Vec<&[Point]> =
        parts.max_by(|a, b| area(a).total_cmp(&area(b)))?.iter().map(|ring| ring.points).collect();
    let (shorter, longer) = Rect::around(part[0].iter().copied())
        .map(|r| (r.width().min(r.height()), r.width().max(r.height())))?;
    // No point is further inside than half the shorter side. When that is below the precision, any inner point will do.
    // The search would also start with longer / shorter squares, an unbounded number for a sliver.
    let is_wide = shorter > longer / 20.0;
    let pole = is_wide.then(|| find_pole(part.iter().copied(), longer / 40.0)).flatten();
    // In a part that is locally thinner than the precision the search may end outside. A scanline never does.
    pole.filter(|&p| is_inside(&part, p))
        .or_else(|| scanline_interior_point(&part))
        .or_else(|| part[0].first().copied())
}

/// The middle of the longest line inside a part at half its height; `None` where rounding leaves none.
fn scanline_interior_point(part: &[&[Point]]) -> Option<Point> {
    let bounds = Rect::around(part[0].iter().copied())?;
    let y = f64::midpoint(bounds.y0, bounds.y1);
    let crossing = |(a, b): (Point, Point)| {
        ((a.y > y) != (b.y > y)).then(|| a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x))
    };
    let mut crossings: Vec<f64> = part.iter().flat_map(|ring| edges(ring)).filter_map(crossing).collect();
    crossings.sort_unstable_by(f64::total_cmp);
    let inside = crossings.chunks_exact(2).max_by(|a, b| (a[1] - a[0]).total_cmp(&(b[1] - b[0])))?;
    Some(Point::new(f64::midpoint(inside[0], inside[1]), y))
}

fn is_inside(part: &[&[Point]], p: Point) -> bool {
    part.iter().filter(|ring| ring_contains(ring, p)).count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(rings: &[Vec<Point>]) -> Region {
        let mut polygons = Polygons::default();
        rings.iter().for_each(|ring| polygons.push_ring(ring));
        Region::measure(6, "nose".to_owned(), &polygons).unwrap()
    }

    #[test]
    fn a_ring_is_labelled_beside_its_hole() {
        let outer = Rect::new(0.0, 0.0, 100.0, 100.0).corners().to_vec();
        let mut hole = Rect::new(10.0, 10.0, 70.0, 90.0).corners().to_vec();
        hole.reverse();
        let region = measure(&[outer, hole]);
        assert_eq!((region.area, region.parts, region.holes), (10_000.0 - 4800.0, 1, 1));
        assert_eq!(region.perimeter, 400.0 + 280.0);
        assert!((70.0..100.0).contains(&region.label_point[0]), "{:?}", region.label_point);
        assert_eq!(region.bbox, [0.0, 0.0, 100.0, 100.0]);
    }

    #[test]
    fn a_sliver_is_labelled_inside_too() {
        let sliver = vec![Point::new(0.0, 0.0), Point::new(400.0, 399.9), Point::new(400.0, 400.0)];
        let point = find_label_point(&[MeasuredRing::new(&sliver)]).unwrap();
        assert!(is_inside(&[&sliver], point), "{point:?}");
    }

    #[test]
    fn a_hair_is_labelled_at_once() {
        let hair = Rect::new(0.0, 7.0, 1000.0, 7.0 + 1e-13).corners().to_vec();
        let region = measure(&[hair]);
        assert_eq!((region.area, region.label_point), (0.0, [500.0, 7.0]));
    }

    #[test]
    fn nothing_has_no_measures() {
        assert_eq!(Region::measure(1, String::new(), &Polygons::default()), None);
    }
}
