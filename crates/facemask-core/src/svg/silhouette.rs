//! The outline of all regions together: what is left when borders between two of them are taken away.

use super::path::{Spot, Stroke, strokes};
use crate::geometry::{Curve, Point, Polygons};

/// The outline of the union of outlines that share their borders, as they are written; `None` where no two of them
/// touch.
///
/// Every ring runs around its region, so the two neighbours of a border walk it in opposite directions: those strokes
/// cancel. What is left enters each point as often as it leaves it, so it can be walked in rings.
#[must_use]
pub(super) fn silhouette<'a>(outlines: impl Iterator<Item = &'a Polygons>) -> Option<Polygons> {
    let mut all: Vec<Stroke> = Vec::new();
    outlines.for_each(|outline| strokes(outline, |ring| all.extend_from_slice(ring)));
    let count = all.len();
    let left = cancelled(all);
    (left.len() < count).then(|| walk(&left))
}

/// The stroke as it runs from the smaller of its ends, and whether that turned it round.
fn line(stroke: &Stroke) -> (Stroke, bool) {
    if stroke.from <= stroke.to {
        return (*stroke, false);
    }
    let controls = stroke.controls.map(|[a, b]| [b, a]);
    (Stroke { from: stroke.to, to: stroke.from, controls }, true)
}

/// The strokes that no other runs back along, sorted.
fn cancelled(mut strokes: Vec<Stroke>) -> Vec<Stroke> {
    // As one number: the order of the ends by x and y, told by one comparison. A coordinate is a million at most.
    let half = |value: i64| u128::from((value as i32).cast_unsigned() ^ 1 << 31);
    let spot = |(x, y): Spot| half(x) << 32 | half(y);
    strokes.sort_unstable_by_key(|stroke| {
        let (line, turned) = line(stroke);
        (spot(line.from) << 64 | spot(line.to), line.controls, turned)
    });
    let mut left = Vec::new();
    for same in strokes.chunk_by(|a, b| line(a).0 == line(b).0) {
        let forward = same.partition_point(|stroke| *stroke == same[0]);
        let (some, others) = same.split_at(forward);
        let (more, fewer) = if some.len() < others.len() { (others, some) } else { (some, others) };
        left.extend_from_slice(&more[fewer.len()..]);
    }
    left.sort_unstable();
    left
}

/// Rings that use each of the sorted strokes once.
fn walk(strokes: &[Stroke]) -> Polygons {
    let point = |(x, y): Spot| Point::new(x as f64 / 100.0, y as f64 / 100.0);
    let mut used = vec![false; strokes.len()];
    let mut rings = Polygons::default();
    for start in 0..strokes.len() {
        let (mut ring, mut curves) = (Vec::new(), Vec::new());
        let mut next = Some(start).filter(|&first| !used[first]);
        while let Some(at) = next {
            used[at] = true;
            let Stroke { from, to, controls } = strokes[at];
            let first = ring.len() as u32;
            ring.push(point(from));
            if let Some(controls) = controls.map(|both| both.map(point)) {
                // Two points of it are enough to tell a ring of two curves from a line.
                ring.extend(controls);
                curves.push(Curve { first, steps: 3, controls });
            }
            let first = strokes.partition_point(|stroke| stroke.from < to);
            next = (first..strokes.len()).take_while(|&i| strokes[i].from == to).find(|&i| !used[i]);
        }
        rings.push_curved_ring(&ring, &curves);
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
