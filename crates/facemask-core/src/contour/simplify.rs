//! Straight simplification of one arc: as few of its vertices as keep it within the tolerance.
//!
//! A traced border crosses the *links* between neighbouring pixel centres, each half way. A straight line that crosses
//! the same links in the same order, at most `reach` from the middle of each, stays within `reach` of the traced border,
//! and the border within `reach` of the line. As long as `reach` is below half a pixel no line passes a pixel centre and
//! in each cell the borders keep the sides through which they enter and leave. So simplified borders cannot cross,
//! touch or lose a part, a hole or a pixel centre, whatever the map: nothing has to be checked afterwards.
//!
//! The longest such line from a vertex is found with the cone of directions that pass all windows so far, as in
//! Imai & Iri, "An optimal algorithm for approximating a piecewise linear function" (1986), and Williams, "An efficient
//! algorithm for the piecewise linear approximation of planar curves" (1978).

use super::arcs::Arc;
use super::cells::STEP;
use crate::geometry::Point;

/// The largest reach, in pixels of the map. The 0.05 px left on either side of a pixel centre keep two borders apart
/// when coordinates are rounded to two decimals.
pub(super) const MAX_REACH: f64 = 0.45;

/// A vertex of a traced arc: where it crosses a link, and the step that does.
#[derive(Clone, Copy)]
struct Crossing {
    at: Point,
    direction: u8,
}

/// Every vertex of an arc: the ends, which are nodes, and the middle of each link. Along the frame only the corners.
pub(super) fn trace(arc: &Arc, directions: &[u8], points: &mut Vec<Point>) {
    let point = |(x, y): (i32, i32)| Point::new(f64::from(x), f64::from(y));
    let start = (arc.at.0 as i32, arc.at.1 as i32);
    let mut at = start;
    points.reserve(directions.len() + 2);
    let mut turned_from = if arc.is_closed() { directions[directions.len() - 1] } else { 4 };
    if !arc.is_closed() && !arc.is_frame() {
        points.push(point(start));
    }
    for &direction in directions {
        let (dx, dy) = STEP[direction as usize];
        if arc.is_frame() {
            if direction != turned_from {
                points.push(point(at));
            }
            turned_from = direction;
        } else {
            points.push(point(at) + Point::new(f64::from(dx), f64::from(dy)) * 0.5);
        }
        at = (at.0 + dx, at.1 + dy);
    }
    if !arc.is_closed() {
        points.push(point(at));
    }
}

/// Which vertices of an inner arc to keep so that no line is further than `reach` (x, y) from the middle of a link.
pub(super) fn simplify(
    arc: &Arc,
    directions: &[u8],
    points: &[Point],
    reach: (f64, f64),
    kept: &mut Vec<u32>,
) {
    let count = directions.len();
    let first = usize::from(!arc.is_closed());
    let crossing = |i: usize| Crossing { at: points[first + i % count], direction: directions[i % count] };
    if !arc.is_closed() {
        keep((points[0], 0), (points[points.len() - 1], count), reach, &crossing, kept);
        kept.iter_mut().for_each(|stop| *stop += 1);
        kept.insert(0, 0);
        return;
    }
    // The first round starts anywhere and so keeps a vertex that may be needless; the second starts from one it chose.
    let mut round = |start: usize| {
        kept.clear();
        keep((points[start], start + 1), (points[start], start + count), reach, &crossing, kept);
        kept[0] as usize % count
    };
    let start = round(0);
    round(start);
    kept.iter_mut().for_each(|stop| *stop %= count as u32);
    kept.sort_unstable();
}

/// Goes from a point through the crossings `from..last` to `end`, as far as it can each time, and adds where it stopped to
/// `kept`; the end is the stop numbered `last`.
fn keep(
    (mut apex, mut from): (Point, usize),
    (end, last): (Point, usize),
    reach: (f64, f64),
    crossing: &impl Fn(usize) -> Crossing,
    kept: &mut Vec<u32>,
) {
    while from <= last {
        let farthest = farthest(apex, from, (end, last), reach, crossing);
        kept.push(farthest as u32);
        if farthest < last {
            apex = crossing(farthest).at;
        }
        from = farthest + 1;
    }
}

/// The last stop that `apex` sees through all windows before it.
fn farthest(
    apex: Point,
    from: usize,
    (end, last): (Point, usize),
    reach: (f64, f64),
    crossing: &impl Fn(usize) -> Crossing,
) -> usize {
    let (mut left, mut right): (Option<Point>, Option<Point>) = (None, None);
    let mut seen = from;
    for i in from..=last {
        let target = (if i < last { crossing(i).at } else { end }) - apex;
        let visible =
            left.is_none_or(|l| l.cross(target) > 0.0) && right.is_none_or(|r| target.cross(r) > 0.0);
        if visible {
            seen = i;
        }
        // Without the second condition a long arc that hides its own vertices would be searched to its end each time.
        if i == last || i - from > 2 * (seen - from) + 64 {
            break;
        }
        let window = crossing(i);
        let (dx, dy) = STEP[window.direction as usize];
        let aside = Point::new(-f64::from(dy) * reach.0, f64::from(dx) * reach.1);
        let (l, r) = (window.at - aside - apex, window.at + aside - apex);
        if l.cross(r) <= 0.0 {
            break;
        }
        left = Some(left.map_or(l, |old| if old.cross(l) > 0.0 { l } else { old }));
        right = Some(right.map_or(r, |old| if r.cross(old) > 0.0 { r } else { old }));
        if left.zip(right).is_none_or(|(l, r)| l.cross(r) <= 0.0) {
            break;
        }
    }
    seen
}
