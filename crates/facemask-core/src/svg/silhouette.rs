//! The outline of all regions together: what is left when borders between two of them are taken away.

use crate::geometry::{Point, Polygons};

use super::path::rounded_rings;

/// A point in hundredths, and an edge from one to the next. A coordinate is a million at most, so both fit.
type Spot = (i32, i32);
type Edge = (Spot, Spot);

/// The outline of the union of outlines that share their borders, as they are written; `None` where no two of them
/// touch.
///
/// Every ring runs around its region, so the two neighbours of a border walk it in opposite directions: those edges
/// cancel. What is left enters each point as often as it leaves it, so it can be walked in rings.
#[must_use]
pub(super) fn silhouette<'a>(outlines: impl Iterator<Item = &'a Polygons>) -> Option<Polygons> {
    let edges: Vec<Edge> = outlines.flat_map(rounded_rings).flat_map(|ring| edges(&ring)).collect();
    let all = edges.len();
    let left = cancelled(edges);
    (left.len() < all).then(|| walk(&left))
}

fn edges(ring: &[(i64, i64)]) -> Vec<Edge> {
    let spots: Vec<Spot> = ring.iter().map(|&(x, y)| (x as i32, y as i32)).collect();
    spots.iter().copied().zip(spots.iter().copied().cycle().skip(1)).collect()
}

/// The edges that no edge runs back along, sorted.
fn cancelled(mut edges: Vec<Edge>) -> Vec<Edge> {
    let line = |&(a, b): &Edge| (a.min(b), a.max(b));
    // As one number per end: the order of the ends by x and y, told by one comparison.
    let spot = |(x, y): Spot| {
        u128::from(x.cast_unsigned() ^ 1 << 31) << 32 | u128::from(y.cast_unsigned() ^ 1 << 31)
    };
    edges.sort_unstable_by_key(|edge| {
        let (a, b) = line(edge);
        (spot(a) << 64 | spot(b), edge.0 > edge.1)
    });
    let mut left = Vec::new();
    for same in edges.chunk_by(|a, b| line(a) == line(b)) {
        let forward = same.partition_point(|edge| *edge == same[0]);
        let (some, others) = same.split_at(forward);
        let (more, fewer) = if some.len() < others.len() { (others, some) } else { (some, others) };
        left.extend_from_slice(&more[fewer.len()..]);
    }
    left.sort_unstable();
    left
}

/// Rings that use each of the sorted edges once.
fn walk(edges: &[Edge]) -> Polygons {
    let mut used = vec![false; edges.len()];
    let mut rings = Polygons::default();
    for start in 0..edges.len() {
        let mut ring = Vec::new();
        let mut next = Some(start).filter(|&first| !used[first]);
        while let Some(at) = next {
            used[at] = true;
            let ((x, y), end) = edges[at];
            ring.push(Point::new(f64::from(x) / 100.0, f64::from(y) / 100.0));
            let first = edges.partition_point(|edge| edge.0 < end);
            next = (first..edges.len()).take_while(|&i| edges[i].0 == end).find(|&i| !used[i]);
        }
        rings.push_ring(&ring);
    }
    rings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;

    fn boxed(rect: Rect) -> Polygons {
        let mut polygons = Polygons::default();
        polygons.push_ring(&rect.corners());
        polygons
    }

    #[test]
    fn neighbours_become_one() {
        let (a, b) = (boxed(Rect::new(0.0, 0.0, 2.0, 1.0)), boxed(Rect::new(2.0, 0.0, 3.5, 1.0)));
        let both = silhouette([&a, &b].into_iter()).unwrap();
        assert_eq!((both.ends.len(), both.area(), both.points.len()), (1, 3.5, 6));
    }

    #[test]
    fn a_filled_hole_is_no_hole() {
        let hole = boxed(Rect::new(1.0, 1.0, 2.0, 2.0));
        let mut skin = boxed(Rect::new(0.0, 0.0, 3.0, 3.0));
        let mut inner = Rect::new(1.0, 1.0, 2.0, 2.0).corners().to_vec();
        inner.reverse();
        skin.push_ring(&inner);
        assert_eq!(silhouette([&skin, &hole].into_iter()).unwrap(), boxed(Rect::new(0.0, 0.0, 3.0, 3.0)));
        assert_eq!(silhouette([&skin].into_iter()), None);
    }

    #[test]
    fn corners_that_touch_do_not_confuse_the_walk() {
        let squares = [(0.0, 0.0), (1.0, 1.0), (0.0, 2.0), (1.0, 0.0)];
        let boxes = squares.map(|(x, y)| boxed(Rect::new(x, y, x + 1.0, y + 1.0)));
        assert_eq!(silhouette(boxes.iter()).unwrap().area(), 4.0);
    }
}
