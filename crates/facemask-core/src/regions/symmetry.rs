//! How alike the two sides of a face are.

use geo::{Area, BooleanOps, LineString, MultiPolygon, Polygon};
use serde::Serialize;

use crate::geometry::{Point, Polygons};

/// A region of the right side compared with its counterpart of the left.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Symmetry {
    /// The names of the two, the subject's right one first.
    pub pair: [String; 2],
    /// The smaller area by the larger one: 1 for equal areas.
    pub area_ratio: f64,
    /// The area common to one of them and the other's mirror image, by the area of both together: 1 for sides that are
    /// mirror images of each other, 0 where they do not meet.
    pub iou: f64,
}

impl Symmetry {
    /// Compares every `NAME_r` that has a `NAME_l`, in the order of the right ones, over the vertical line at `midline`.
    /// A name that several regions have means the first. Pairs without area are left out.
    #[must_use]
    pub fn of(named: &[(String, &Polygons)], midline: f64) -> Vec<Self> {
        let find = |name: &str| named.iter().find(|(own, _)| own == name).map(|&(_, polygons)| polygons);
        let rights = named.iter().enumerate().filter(|(i, (name, _))| {
            name.ends_with("_r") && named[..*i].iter().all(|(earlier, _)| earlier != name)
        });
        rights
            .filter_map(|(_, (name, right))| {
                let left = format!("{}_l", name.strip_suffix("_r")?);
                Self::compare([name.clone(), left.clone()], right, find(&left)?, midline)
            })
            .collect()
    }

    fn compare(pair: [String; 2], right: &Polygons, left: &Polygons, midline: f64) -> Option<Self> {
        let (a, b) = (right.area(), left.area());
        let mirror = |p: &Point| Point::new(2.0 * midline - p.x, p.y);
        let common = shapes(right, |p| *p).intersection(&shapes(left, mirror)).unsigned_area();
        let iou = common / (a + b - common);
        (a > 0.0 && b > 0.0 && iou.is_finite()).then(|| Self {
            pair,
            area_ratio: round4(a.min(b) / a.max(b)),
            iou: round4(iou.clamp(0.0, 1.0)),
        })
    }
}

fn shapes(polygons: &Polygons, place: impl Fn(&Point) -> Point) -> MultiPolygon<f64> {
    let line = |ring: &&[Point]| LineString::from_iter(ring.iter().map(&place).map(|p| (p.x, p.y)));
    let polygon = |part: Vec<&[Point]>| Polygon::new(line(&part[0]), part[1..].iter().map(line).collect());
    MultiPolygon::from_iter(polygons.parts().map(polygon))
}

fn round4(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;

    fn boxed(x0: f64, y0: f64, x1: f64, y1: f64) -> Polygons {
        let mut polygons = Polygons::default();
        polygons.push_ring(&Rect::new(x0, y0, x1, y1).corners());
        polygons
    }

    fn figures(right: &Polygons, left: &Polygons, midline: f64) -> (f64, f64) {
        let named = [("eye_r".to_owned(), right), ("nose".to_owned(), right), ("eye_l".to_owned(), left)];
        let found = Symmetry::of(&named, midline);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].pair, ["eye_r", "eye_l"]);
        (found[0].area_ratio, found[0].iou)
    }

    #[test]
    fn mirror_images_are_alike() {
        let eye = boxed(2.0, 5.0, 4.0, 6.0);
        assert_eq!(figures(&eye, &boxed(6.0, 5.0, 8.0, 6.0), 5.0), (1.0, 1.0));
        // Moved by half of its width the one covers half of the other: 1 of 3 square pixels.
        assert_eq!(figures(&eye, &boxed(7.0, 5.0, 9.0, 6.0), 5.0), (1.0, 0.3333));
        assert_eq!(figures(&eye, &boxed(6.0, 5.0, 7.0, 6.0), 5.0), (0.5, 0.5));
        assert_eq!(figures(&eye, &boxed(60.0, 5.0, 62.0, 6.0), 5.0), (1.0, 0.0));
    }

    #[test]
    fn holes_do_not_count() {
        let mut ring = boxed(0.0, 0.0, 4.0, 4.0);
        let mut hole = Rect::new(1.0, 1.0, 3.0, 3.0).corners().to_vec();
        hole.reverse();
        ring.push_ring(&hole);
        assert_eq!(figures(&ring, &boxed(6.0, 0.0, 10.0, 4.0), 5.0), (0.75, 0.75));
    }

    #[test]
    fn a_side_alone_and_a_side_without_area_are_no_pair() {
        let (eye, nothing) = (boxed(0.0, 0.0, 1.0, 1.0), Polygons::default());
        assert_eq!(Symmetry::of(&[("ear_r".to_owned(), &eye)], 0.0), []);
        let named = [("ear_r".to_owned(), &eye), ("ear_l".to_owned(), &nothing), ("_r".to_owned(), &eye)];
        assert_eq!(Symmetry::of(&named, 0.0), []);
    }
}
