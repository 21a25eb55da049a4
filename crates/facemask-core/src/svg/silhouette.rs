//! The outline of all regions together: what is left when borders between two of them are taken away.

use super::path::{Spot, Stroke, strokes};
use crate::geometry::{CurveSpan, Point, Polygons};

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
    let left = cancelled(&all);
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
fn cancelled(strokes: &[Stroke]) -> Vec<Stroke> {
    // As one number: the order of the ends by x and y, told by one comparison. A coordinate is a million at most.
    let half = |value: i64| u128::from((value as i32).cast_unsigned() ^ 1 << 31);
    let spot = |(x, y): Spot| half(x) << 32 | half(y);
    let key = |stroke: &Stroke| {
        let (from, to) = (spot(stroke.from), spot(stroke.to));
        from.min(to) << 64 | from.max(to)
    };
    let mut ends: Vec<(u128, u32)> = strokes.iter().map(key).zip(0..).collect();
    ends.sort_unstable();
    let (mut left, mut same) = (Vec::new(), Vec::new());
    for between in ends.chunk_by(|a, b| a.0 == b.0) {
        same.clear();
        same.extend(between.iter().map(|&(_, number)| strokes[number as usize]));
        match same[..] {
            [alone] => left.push(alone),
            [a, b] if (line(&a).0, line(&a).1) == (line(&b).0, !line(&b).1) => {}
            _ => keep_more(&mut same, &mut left),
        }
    }
    left.sort_unstable();
    left
}

/// Of strokes between the same ends, those that no other runs back along.
fn keep_more(strokes: &mut [Stroke], left: &mut Vec<Stroke>) {
    strokes.sort_unstable_by_key(line);
    for same in strokes.chunk_by(|a, b| line(a).0 == line(b).0) {
        let forward = same.partition_point(|stroke| *stroke == same[0]);
        let (some, others) = same.split_at(forward);
        let (more, fewer) = if some.len() < others.len() { (others, some) } else { (some, others) };
        left.extend_from_slice(&more[fewer.len()..]);
    }
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
            if let Some([a, b]) = controls {
                let controls = [from, a, b, to].map(point);
                // Two points of it are enough to tell a ring of two curves from a line.
                ring.extend(&controls[1..3]);
                curves.push(CurveSpan { first, steps: 3, controls });
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
    fn curves_cancel_whole_and_stay_curves() {
        let (a, b) = (Point::new(0.0, 0.0), Point::new(4.0, 0.0));
        let half = |y: f64, first: u32, back: bool| {
            // A lens of a straight side and a curved one; the halves share the straight side.
            let mut curve =
                CurveSpan { first, steps: 2, controls: [a, Point::new(1.0, y), Point::new(3.0, y), b] };
            let mut ring = [a, Point::new(2.0, 0.75 * y), b];
            if back {
                ring.reverse();
                curve.controls.reverse();
            }
            let mut polygons = Polygons::default();
            polygons.push_curved_ring(&ring, &[curve]);
            polygons
        };
        let (upper, lower) = (half(-2.0, 0, false), half(2.0, 0, true));
        let both = silhouette([&upper, &lower].into_iter()).unwrap();
        assert_eq!((both.ends.len(), both.curves.len()), (1, 2));
        // The upper half's own mirror image fills the hole that it leaves.
        let mut hole = upper.clone();
        hole.points.reverse();
        hole.curves[0].controls.reverse();
        assert_eq!(silhouette([&upper, &hole].into_iter()).unwrap().ends.len(), 0);
    }

    #[test]
    fn corners_that_touch_do_not_confuse_the_walk() {
        let squares = [(0.0, 0.0), (1.0, 1.0), (0.0, 2.0), (1.0, 0.0)];
        let boxes = squares.map(|(x, y)| boxed(Rect::new(x, y, x + 1.0, y + 1.0)));
        assert_eq!(silhouette(boxes.iter()).unwrap().area(), 4.0);
    }
}
