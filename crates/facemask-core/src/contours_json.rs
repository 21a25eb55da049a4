//! Contours as JSON: region id to rings to points, two decimals.

use crate::geometry::Polygons;
use crate::svg::number::push_json_number;
use crate::svg::rounded_rings;

/// Writes `{"6":[[[x,y],...],...],...}`: the rings of each region, an outer ring followed by its holes.
#[must_use]
pub fn contours_json(contours: &[(u8, Polygons)]) -> Vec<u8> {
    let points: usize = contours.iter().map(|(_, polygons)| polygons.points.len()).sum();
    let mut out = Vec::with_capacity(16 * points + 16 * contours.len() + 2);
    write_list(&mut out, *b"{}", contours.iter(), |out, (id, polygons)| {
        out.extend_from_slice(format!("\"{id}\":").as_bytes());
        write_list(out, *b"[]", rounded_rings(polygons), |out, ring| {
            write_list(out, *b"[]", ring.iter(), |out, point| {
                write_list(out, *b"[]", [point.x, point.y].into_iter(), push_json_number);
            });
        });
    });
    out
}

/// Writes `items` between brackets, separated by commas.
fn write_list<T>(
    out: &mut Vec<u8>,
    [open, close]: [u8; 2],
    items: impl Iterator<Item = T>,
    write: impl Fn(&mut Vec<u8>, T),
) {
    out.push(open);
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Point, Rect};

    #[test]
    fn rings_of_points_by_region() {
        let mut polygons = Polygons::default();
        polygons.push_ring(&Rect::new(0.0, 0.125, 2.5, 1.0).corners());
        let empty = Polygons::default();
        let json = String::from_utf8(contours_json(&[(6, polygons), (10, empty)])).unwrap();
        assert_eq!(json, r#"{"6":[[[0,0.13],[2.5,0.13],[2.5,1],[0,1]]],"10":[]}"#);
        assert_eq!(contours_json(&[]), b"{}");
        let mut far = Polygons::default();
        far.push_ring(&[Point::new(-1.0, -0.01), Point::new(1e6, 0.0), Point::new(0.0, 1.0)]);
        assert_eq!(contours_json(&[(1, far)]), br#"{"1":[[[-1,-0.01],[1000000,0],[0,1]]]}"#);
    }
}
