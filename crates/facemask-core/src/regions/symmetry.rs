//! Symmetry measures: each region of the right side compared with its counterpart on the left.

use serde::Serialize;

use crate::geometry::{Point, Polygons, edges, overlap_area};

/// The symmetry of a region of the right side and its counterpart on the left, rounded to four decimals.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Symmetry {
    /// The names of both regions, the subject's right one first.
    pub pair: [String; 2],
    /// The smaller area divided by the larger one: 1 for equal areas.
    pub area_ratio: f64,
    /// The intersection over union (Jaccard index) of one region and the mirror image of the other. 1 for mirror
    /// images, 0 for regions without overlap.
    pub iou: f64,
}

impl Symmetry {
    /// Compares every `NAME_r` that has a `NAME_l` across the vertical line at `midline`, in the order of the right
    /// ones. When several regions share a name, the first one counts. Pairs without area are left out.
    #[must_use]
    pub fn compare_pairs(named: &[(String, &Polygons)], midline: f64) -> Vec<Self> {
        let find = |name: &str| named.iter().find(|(own, _)| own == name).map(|&(_, polygons)| polygons);
        let right_regions = named.iter().enumerate().filter(|(i, (name, _))| {
            name.ends_with("_r") && named[..*i].iter().all(|(earlier, _)| earlier != name)
        });
        right_regions
            .filter_map(|(_, (name, right))| {
                let left_name = format!("{}_l", name.strip_suffix("_r")?);
                let left = find(&left_name)?;
                Self::compare([name.clone(), left_name], right, left, midline)
            })
            .collect()
    }

    fn compare(pair: [String; 2], right: &Polygons, left: &Polygons, midline: f64) -> Option<Self> {
        let (a, b) = (right.area(), left.area());
        let mirror = |p: Point| Point::new(2.0 * midline - p.x, p.y);
        let own: Vec<(Point, Point)> = right.rings().flat_map(edges).collect();
        let mirrored: Vec<(Point, Point)> =
            left.rings().flat_map(edges).map(|(a, b)| (mirror(a), mirror(b))).collect();
        let overlap = overlap_area(&own, &mirrored);
        let iou = overlap / (a + b - overlap);
        (a > 0.0 && b > 0.0 && iou.is_finite()).then(|| Self {
            pair,
            area_ratio: round_to_4_decimals(a.min(b) / a.max(b)),
            iou: round_to_4_decimals(iou.clamp(0.0, 1.0)),
        })
    }
}

fn round_to_4_decimals(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;

    fn rectangle(x0: f64, y0: f64, x1: f64, y1: f64) -> Polygons {
        let mut polygons = Polygons::default();
        polygons.push_ring(&Rect::new(x0, y0, x1, y1).corners());
        polygons
    }

    fn figures(right: &Polygons, left: &Polygons, midline: f64) -> (f64, f64) {
        let named = [("eye_r".to_owned(), right), ("nose".to_owned(), right), ("eye_l".to_owned(), left)];
        let found = Symmetry::compare_pairs(&named, midline);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].pair, ["eye_r", "eye_l"]);
        (found[0].area_ratio, found[0].iou)
    }

    #[test]
    fn mirror_images_are_alike() {
        let eye = rectangle(2.0, 5.0, 4.0, 6.0);
        assert_eq!(figures(&eye, &rectangle(6.0, 5.0, 8.0, 6.0), 5.0), (1.0, 1.0));
        // Moved by half of its width the one covers half of the other: 1 of 3 square pixels.
        assert_eq!(figures(&eye, &rectangle(7.0, 5.0, 9.0, 6.0), 5.0), (1.0, 0.3333));
        assert_eq!(figures(&eye, &rectangle(6.0, 5.0, 7.0, 6.0), 5.0), (0.5, 0.5));
        assert_eq!(figures(&eye, &rectangle(60.0, 5.0, 62.0, 6.0), 5.0), (1.0, 0.0));
    }

    #[test]
    fn holes_do_not_count() {
        let mut ring = rectangle(0.0, 0.0, 4.0, 4.0);
        let mut hole = Rect::new(1.0, 1.0, 3.0, 3.0).corners().to_vec();
        hole.reverse();
        ring.push_ring(&hole);
        assert_eq!(figures(&ring, &rectangle(6.0, 0.0, 10.0, 4.0), 5.0), (0.75, 0.75));
    }

    #[test]
    fn a_side_alone_and_a_side_without_area_are_no_pair() {
        let (eye, nothing) = (rectangle(0.0, 0.0, 1.0, 1.0), Polygons::default());
        assert_eq!(Symmetry::compare_pairs(&[("ear_r".to_owned(), &eye)], 0.0), []);
        let named = [("ear_r".to_owned(), &eye), ("ear_l".to_owned(), &nothing), ("_r".to_owned(), &eye)];
        assert_eq!(Symmetry::compare_pairs(&named, 0.0), []);
    }
}
