//! What is said of a region beside its outline.

use geo::{InteriorPoint, LineString, Polygon};
use serde::Serialize;

use super::pole_of_inaccessibility::pole;
use crate::geometry::{Point, Polygons, Rect, RingCounts, edges, signed_area};

/// A region and its measures, in the frame of its outline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Region {
    /// The id in the label map.
    pub id: u8,
    /// The region's name; its id where the label scheme is unknown.
    pub name: String,
    /// Area inside the outline, square pixels.
    pub area: f64,
    /// Length of the whole outline, holes and cuts at the crop box included, pixels.
    pub perimeter: f64,
    /// The smallest box around it: left, top, right, bottom.
    pub bbox: [f64; 4],
    /// The centre of gravity (x, y). It may lie outside the region.
    pub centroid: [f64; 2],
    /// A point (x, y) well inside the largest part, for a label.
    pub label_point: [f64; 2],
    /// How many parts it has.
    pub parts: usize,
    /// How many holes there are in them.
    pub holes: usize,
}

impl Region {
    /// Measures `polygons`; `None` where they enclose nothing.
    #[must_use]
    pub fn measure(id: u8, name: String, polygons: &Polygons) -> Option<Self> {
        let Rect { x0, y0, x1, y1 } = polygons.bounds()?;
        let centroid = polygons.centroid()?;
        let label_point = label_point(polygons)?;
        let RingCounts { outer: parts, holes } = polygons.count_rings();
        Some(Self {
            id,
            name,
            area: round(polygons.area()),
            perimeter: round(perimeter(polygons)),
            bbox: [x0, y0, x1, y1].map(round),
            centroid: [centroid.x, centroid.y].map(round),
            label_point: [label_point.x, label_point.y].map(round),
            parts,
            holes,
        })
    }
}

fn perimeter(polygons: &Polygons) -> f64 {
    polygons.rings().flat_map(edges).map(|(a, b)| (b - a).length()).sum()
}

/// Two decimals, as everything on the wire has.
fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// A point well inside the largest part: the pole of inaccessibility to within a fortieth of the part's size, which the
/// eye does not tell from the exact one.
fn label_point(polygons: &Polygons) -> Option<Point> {
    let area = |part: &[&[Point]]| part.iter().map(|ring| signed_area(ring)).sum::<f64>();
    let part = polygons.parts().max_by(|a, b| area(a).total_cmp(&area(b)))?;
    let (short, long) = Rect::around(part[0].iter().copied())
        .map(|r| (r.width().min(r.height()), r.width().max(r.height())))?;
    // No point is further inside than half the short side. Where that is less than the fortieth, any point inside will do;
    // the search would begin with as many squares as the short side goes into the long one, without end for a hair.
    let best = (short > long / 20.0).then(|| pole(part.iter().copied(), long / 40.0)).flatten();
    // In a part thinner than that fortieth the search may end outside; a scan line never does.
    best.filter(|&p| inside(&part, p)).or_else(|| on_a_scan_line(&part)).or_else(|| part[0].first().copied())
}

fn on_a_scan_line(part: &[&[Point]]) -> Option<Point> {
    let line = |ring: &&[Point]| LineString::from_iter(ring.iter().map(|p| (p.x, p.y)));
    let polygon = Polygon::new(line(&part[0]), part[1..].iter().map(line).collect());
    polygon.interior_point().map(|p| Point::new(p.x(), p.y()))
}

fn inside(part: &[&[Point]], p: Point) -> bool {
    part.iter().filter(|ring| crate::geometry::ring_contains(ring, p)).count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(rings: &[Vec<Point>]) -> Region {
        let mut polygons = Polygons::default();
        rings.iter().for_each(|ring| polygons.push_ring(ring));
        Region::measure(6, "nose".to_owned(), &polygons).unwrap()
    }

    #[test]
    fn a_ring_is_labelled_beside_its_hole() {
        let outer = Rect::new(0.0, 0.0, 100.0, 100.0).corners().to_vec();
        let mut hole = Rect::new(10.0, 10.0, 70.0, 90.0).corners().to_vec();
        hole.reverse();
        let region = region(&[outer, hole]);
        assert_eq!((region.area, region.parts, region.holes), (10_000.0 - 4800.0, 1, 1));
        assert_eq!(region.perimeter, 400.0 + 280.0);
        assert!((70.0..100.0).contains(&region.label_point[0]), "{:?}", region.label_point);
        assert_eq!(region.bbox, [0.0, 0.0, 100.0, 100.0]);
    }

    #[test]
    fn a_sliver_is_labelled_inside_too() {
        let sliver = vec![Point::new(0.0, 0.0), Point::new(400.0, 399.9), Point::new(400.0, 400.0)];
        let mut polygons = Polygons::default();
        polygons.push_ring(&sliver);
        let point = label_point(&polygons).unwrap();
        assert!(inside(&[&sliver], point), "{point:?}");
    }

    #[test]
    fn a_hair_is_labelled_at_once() {
        let hair = Rect::new(0.0, 7.0, 1000.0, 7.0 + 1e-13).corners().to_vec();
        let region = region(&[hair]);
        assert_eq!((region.area, region.label_point), (0.0, [500.0, 7.0]));
    }

    #[test]
    fn nothing_has_no_measures() {
        assert_eq!(Region::measure(1, String::new(), &Polygons::default()), None);
    }
}
