//! Chords: the lines that stand for curves among an outline's points.
//!
//! They are chosen as for straight lines (see `simplify`), within windows a little to both sides of where the curves cross
//! each link, for all pieces in a row at once: where pieces meet seldom needs a point. The lines from there to the points
//! around it must pass as well: one of them is drawn where a crop box cuts one of the pieces.

use std::ops::Range;

use crate::contour::corridor::arc_steps::ArcCorridor;
use crate::contour::polyline::min_link::{Window, WindowPath};
use crate::geometry::Point;

/// How far from a curve the lines that stand for it may be, in pixels.
const ROOM: f64 = 0.12;

/// By how much, in square pixels, a curve turns over two links where it is more than a straight line but for rounding.
const LEVEL: f64 = 1e-5;

/// A place and the number of the node whose cell it is in.
pub(crate) type End = (usize, Point);

/// Chooses lines, one row after the other; holds what memory that needs.
#[derive(Default)]
pub(crate) struct Chords {
    /// The gates of some links in a row, and the number of the first.
    gates: Vec<Window>,
    first: usize,
    /// Where the lines end.
    end: End,
    /// The links at which one line ends and the next begins.
    kept: Vec<u32>,
}

impl Chords {
    /// Takes the whole windows of some links, with stops in their middles.
    pub(crate) fn open(&mut self, way: &ArcCorridor, links: Range<usize>) {
        self.first = links.start;
        self.gates.clear();
        self.gates.extend(links.map(|i| {
            let link = way.edge(i);
            let [left, right] = link.window_ends(link.line_half_width());
            Window { left, right, stop: link.middle }
        }));
    }

    /// Takes the gates of links that curves cross, a little to both sides of where they do. `start` is the link of the first
    /// crossing.
    pub(crate) fn beside(
        &mut self,
        way: &ArcCorridor,
        (crossings, start): (&[Point], usize),
        links: Range<usize>,
    ) {
        self.first = links.start;
        self.gates.clear();
        self.gates.extend(links.clone().map(|number| {
            let i = number - start;
            let at = crossings[i];
            let (before, after) =
                (crossings[i.saturating_sub(1)], crossings[(i + 1).min(crossings.len() - 1)]);
            let link = way.edge(number);
            let aside = Point::new(-link.direction.y, link.direction.x);
            let off = (at - link.middle).dot(aside);
            let room = ROOM / link.crossing_sine(after - before);
            let width = link.line_half_width();
            let place = |off: f64| link.middle + aside * off.clamp(-width, width);
            let (left, right) = (place(off - room), place(off + room));
            // The chord between two points outside a bend runs inside it: together they keep to the curve and its area.
            let turn = if number == links.start || number + 1 == links.end {
                0.0
            } else {
                (after - before).cross(at - before)
            };
            let stop = if turn > LEVEL {
                right
            } else if turn < -LEVEL {
                left
            } else {
                place(off)
            };
            Window { left, right, stop }
        }));
    }

    /// Adds the fewest lines through the gates from one place, which is the last of `points`, to another.
    pub(crate) fn add(&mut self, from: End, to: End, points: &mut Vec<Point>) {
        self.end = to;
        let mut kept = std::mem::take(&mut self.kept);
        kept.clear();
        self.select_stops(from.1, from.0, &mut kept);
        // The last is the end.
        kept.pop();
        points.extend(kept.iter().map(|&i| self.stop(i as usize)));
        points.push(to.1);
        self.kept = kept;
    }

    /// Where the ends of pieces are among the points that were added, counted from the one before them: of each of the inner
    /// ends the number of the point before it. Says which end needs a point of its own: the lines to it from the points
    /// around it would not pass their windows.
    pub(crate) fn place(
        &self,
        way: &ArcCorridor,
        ends: &[End],
        points: &[Point],
        before: &mut Vec<u32>,
    ) -> Option<usize> {
        before.clear();
        let (mut since, until) = (ends[0].0, ends[ends.len() - 1].0);
        let mut number = 0;
        for (i, &(cell, at)) in ends.iter().enumerate().take(ends.len() - 1).skip(1) {
            while let Some(&link) = self.kept.get(number).filter(|&&link| (link as usize) < cell) {
                since = link as usize + 1;
                number += 1;
            }
            let next = self.kept.get(number).map_or(until, |&link| link as usize);
            // The end before may be within the same line: where only the piece between the two is left as points, the line
            // goes from one to the other.
            let apart = before.last() == Some(&(number as u32))
                && !passes(way, ends[i - 1].1, at, ends[i - 1].0..cell);
            if apart
                || !passes(way, points[number], at, since..cell)
                || !passes(way, at, points[number + 1], cell..next)
            {
                return Some(i);
            }
            before.push(number as u32);
        }
        None
    }
}

/// Whether a line crosses the windows of some links.
fn passes(way: &ArcCorridor, from: Point, to: Point, links: Range<usize>) -> bool {
    links.into_iter().all(|i| {
        let link = way.edge(i);
        let [left, right] = link.window_ends(link.half_width);
        (left - from).cross(to - from) > 0.0 && (to - from).cross(right - from) > 0.0
    })
}

impl WindowPath for Chords {
    fn end(&self) -> Point {
        self.end.1
    }

    fn last(&self) -> usize {
        self.end.0
    }

    fn stop(&self, number: usize) -> Point {
        self.gates[number - self.first].stop
    }

    fn window(&self, number: usize) -> Window {
        self.gates[number - self.first]
    }
}
