//! The outline of the union of regions: the borders that remain when shared ones cancel.

use super::path::{FixedPoint, PathSegment, for_each_ring};
use crate::geometry::{CurveSpan, Point, Polygons};

/// The outline of the union of regions that share their borders, as they are written; `None` when no two of them touch.
///
/// Every ring runs around its region, so the two regions beside a border traverse its segments in opposite directions:
/// these segments cancel. At each point as many of the remaining segments end as start, so they form rings.
#[must_use]
pub(super) fn union_outline<'a>(regions: impl Iterator<Item = &'a Polygons>) -> Option<Polygons> {
    let mut segments: Vec<PathSegment> = Vec::new();
    regions.for_each(|region| for_each_ring(region, |ring| segments.extend_from_slice(ring)));
    let remaining = cancel_opposite_segments(&segments);
    (remaining.len() < segments.len()).then(|| connect_rings(&remaining))
}

/// A segment in the direction from the smaller end point to the larger one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct UndirectedSegment {
    segment: PathSegment,
    is_reversed: bool,
}

impl UndirectedSegment {
    fn new(segment: &PathSegment) -> Self {
        if segment.start <= segment.end {
            return Self { segment: *segment, is_reversed: false };
        }
        let controls = segment.controls.map(|[a, b]| [b, a]);
        Self { segment: PathSegment { start: segment.end, end: segment.start, controls }, is_reversed: true }
    }

    fn is_opposite_of(&self, other: &Self) -> bool {
        self.segment == other.segment && self.is_reversed != other.is_reversed
    }
}

/// The segments without a segment in the opposite direction, sorted.
fn cancel_opposite_segments(segments: &[PathSegment]) -> Vec<PathSegment> {
    // A single integer orders both end points by x and y with one comparison. A coordinate is at most a million.
    let key_of_coordinate = |value: i64| u128::from((value as i32).cast_unsigned() ^ 1 << 31);
    let key_of_point = |p: FixedPoint| key_of_coordinate(p.x) << 32 | key_of_coordinate(p.y);
    let key = |segment: &PathSegment| {
        let (start, end) = (key_of_point(segment.start), key_of_point(segment.end));
        start.min(end) << 64 | start.max(end)
    };
    let mut keys: Vec<(u128, u32)> = segments.iter().map(key).zip(0..).collect();
    keys.sort_unstable();
    let (mut remaining, mut group) = (Vec::new(), Vec::new());
    for same_ends in keys.chunk_by(|a, b| a.0 == b.0) {
        group.clear();
        group.extend(same_ends.iter().map(|&(_, index)| segments[index as usize]));
        match group[..] {
            [single] => remaining.push(single),
            [a, b] if UndirectedSegment::new(&a).is_opposite_of(&UndirectedSegment::new(&b)) => {}
            _ => cancel_group(&mut group, &mut remaining),
        }
    }
    remaining.sort_unstable();
    remaining
}

/// Appends to `remaining` the segments of a group with common end points that no opposite segment cancels.
fn cancel_group(group: &mut [PathSegment], remaining: &mut Vec<PathSegment>) {
    group.sort_unstable_by_key(UndirectedSegment::new);
    let undirected = |segment: &PathSegment| UndirectedSegment::new(segment).segment;
    for parallel in group.chunk_by(|a, b| undirected(a) == undirected(b)) {
        let forward_count = parallel.partition_point(|segment| *segment == parallel[0]);
        let (forward, backward) = parallel.split_at(forward_count);
        let (more, fewer) =
            if forward.len() < backward.len() { (backward, forward) } else { (forward, backward) };
        remaining.extend_from_slice(&more[fewer.len()..]);
    }
}

/// Connects the sorted segments to rings, and uses each segment once.
fn connect_rings(segments: &[PathSegment]) -> Polygons {
    let to_point = |p: FixedPoint| Point::new(p.x as f64 / 100.0, p.y as f64 / 100.0);
    let mut is_used = vec![false; segments.len()];
    let mut rings = Polygons::default();
    for first_index in 0..segments.len() {
        let (mut ring, mut curves) = (Vec::new(), Vec::new());
        let mut next = Some(first_index).filter(|&index| !is_used[index]);
        while let Some(index) = next {
            is_used[index] = true;
            let PathSegment { start, end, controls } = segments[index];
            let first = ring.len() as u32;
            ring.push(to_point(start));
            if let Some([a, b]) = controls {
                let controls = [start, a, b, end].map(to_point);
                // With the two inner control points even a ring of two curves has more than two points.
                ring.extend(&controls[1..3]);
                curves.push(CurveSpan { first, steps: 3, controls });
            }
            let first_match = segments.partition_point(|segment| segment.start < end);
            next = (first_match..segments.len())
                .take_while(|&i| segments[i].start == end)
                .find(|&i| !is_used[i]);
        }
        rings.push_curved_ring(&ring, &curves);
    }
    rings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;

    fn rectangle(rect: Rect) -> Polygons {
        let mut polygons = Polygons::default();
        polygons.push_ring(&rect.corners());
        polygons
    }

    #[test]
    fn neighbours_become_one() {
        let (a, b) = (rectangle(Rect::new(0.0, 0.0, 2.0, 1.0)), rectangle(Rect::new(2.0, 0.0, 3.5, 1.0)));
        let both = union_outline([&a, &b].into_iter()).unwrap();
        assert_eq!((both.ends.len(), both.area(), both.points.len()), (1, 3.5, 6));
    }

    #[test]
    fn a_filled_hole_is_no_hole() {
        let hole = rectangle(Rect::new(1.0, 1.0, 2.0, 2.0));
        let mut skin = rectangle(Rect::new(0.0, 0.0, 3.0, 3.0));
        let mut inner = Rect::new(1.0, 1.0, 2.0, 2.0).corners().to_vec();
        inner.reverse();
        skin.push_ring(&inner);
        assert_eq!(
            union_outline([&skin, &hole].into_iter()).unwrap(),
            rectangle(Rect::new(0.0, 0.0, 3.0, 3.0))
        );
        assert_eq!(union_outline([&skin].into_iter()), None);
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
        let both = union_outline([&upper, &lower].into_iter()).unwrap();
        assert_eq!((both.ends.len(), both.curves.len()), (1, 2));
        // The upper half's own mirror image fills the hole that it leaves.
        let mut hole = upper.clone();
        hole.points.reverse();
        hole.curves[0].controls.reverse();
        assert_eq!(union_outline([&upper, &hole].into_iter()).unwrap().ends.len(), 0);
    }

    #[test]
    fn corners_that_touch_do_not_confuse_the_walk() {
        let squares = [(0.0, 0.0), (1.0, 1.0), (0.0, 2.0), (1.0, 0.0)];
        let boxes = squares.map(|(x, y)| rectangle(Rect::new(x, y, x + 1.0, y + 1.0)));
        assert_eq!(union_outline(boxes.iter()).unwrap().area(), 4.0);
    }
}
