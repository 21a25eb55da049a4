//! The walk of a drawn line from cell to cell: whether it goes the way of its arc and no other.
//!
//! The cells around the nodes of an arc belong to it alone, but for those of the junctions at its ends. A line that
//! enters and leaves each of them through the sides where the traced border does, apart from the pixel centres at the
//! sides' ends, stays on the right side of every pixel centre and meets no other arc. In a junction's cell it keeps to
//! the quarter around its own spoke. It does not meet itself either where it never turns back within a cell.

use super::cells::STEP;
use super::simplify::MAX_REACH;
use crate::geometry::Point;
use crate::raster::LabelMap;

/// The distance that is kept from pixel centres that no other border passes, in pixels of the map. Where one does, more is
/// kept, lest rounded borders touch.
const CLEAR: f64 = 0.001;
/// The least pace along a step, in parts of the whole, at which a curve crosses the step's link and does not run along it.
const SIDEWAYS: f64 = 0.02;
/// How far aside of its spoke a line may run in a junction's cell, in parts of the distance along it. At 1 it would
/// meet its neighbour's.
const QUARTER: f64 = 0.9;

/// The way an arc goes.
#[derive(Default)]
pub(super) struct Way {
    /// The nodes it passes; of a closed arc without the first again.
    pub(super) nodes: Vec<Point>,
    pub(super) closed: bool,
    /// The links that its steps cross.
    links: Vec<Link>,
    /// How far from the traced border a line may stray, x and y.
    reach: (f64, f64),
}

/// The line between two pixel centres that a step crosses.
#[derive(Clone, Copy)]
struct Link {
    middle: Point,
    /// The step, from node to node.
    onwards: Point,
    /// How far from the middle it may be crossed, in pixels.
    limit: f64,
}

impl Way {
    /// Takes over an arc that starts at node `start`. `reach` is how far from the traced border a line may stray, x and y.
    pub(super) fn follow(
        &mut self,
        map: &LabelMap<'_>,
        directions: &[u8],
        (start, closed): ((u32, u32), bool),
        reach: (f64, f64),
    ) {
        (self.closed, self.reach) = (closed, (reach.0.min(0.5), reach.1.min(0.5)));
        self.nodes.clear();
        self.links.clear();
        let mut at = Point::new(f64::from(start.0), f64::from(start.1));
        for &direction in directions {
            let onwards = step(direction);
            self.nodes.push(at);
            self.links.push(Link { middle: at + onwards * 0.5, onwards, limit: 0.0 });
            at = at + onwards;
        }
        if !closed {
            self.nodes.push(at);
        }
        for i in 0..self.links.len() {
            let onwards = self.links[i].onwards;
            let reach = if onwards.x == 0.0 { self.reach.0 } else { self.reach.1 };
            let at_junction = self.arriving(i).is_none() || self.leaving(i + 1).is_none();
            let most = if at_junction || self.is_thin(map, i, onwards) { MAX_REACH } else { 0.5 - CLEAR };
            self.links[i].limit = reach.min(most);
        }
    }

    /// Whether another border, or this one at another time, passes a pixel at the link of step `i` on its other sides.
    fn is_thin(&self, map: &LabelMap<'_>, i: usize, leaving: Point) -> bool {
        let (from, to, aside) = (self.node(i), self.node(i + 1), Point::new(-leaving.y, leaving.x));
        let own = [
            self.arriving(i).map(|arriving| from - arriving),
            self.leaving(i + 1).map(|leaving| to + leaving),
        ];
        [from - aside, from + aside, to - aside, to + aside]
            .into_iter()
            .any(|node| !is_plain(map, node) && !own.contains(&Some(node)))
    }

    /// The link that step `i` crosses.
    fn crossed_by(&self, i: usize) -> &Link {
        &self.links[wrapped(i, self.links.len())]
    }

    /// The number of steps.
    pub(super) fn steps(&self) -> usize {
        self.links.len()
    }

    fn wrapped(&self, i: usize) -> usize {
        wrapped(i, self.nodes.len())
    }

    /// Node `i`; a closed arc goes round once more.
    pub(super) fn node(&self, i: usize) -> Point {
        self.nodes[self.wrapped(i)]
    }

    /// The step from node `i`, if there is one.
    fn leaving(&self, i: usize) -> Option<Point> {
        let i = if self.closed { self.wrapped(i) } else { i };
        self.links.get(i).map(|link| link.onwards)
    }

    /// The step to node `i`, if there is one.
    fn arriving(&self, i: usize) -> Option<Point> {
        let before = match (self.closed, self.wrapped(i)) {
            (true, 0) => self.steps() - 1,
            (_, i) => i.checked_sub(1)?,
        };
        self.links.get(before).map(|link| link.onwards)
    }

    /// The middle of the link between nodes `i` and `i + 1`.
    pub(super) fn link(&self, i: usize) -> Point {
        self.crossed_by(i).middle
    }

    /// The middle of the traced border's chord through the cell of node `i`; at an end of the arc the node itself.
    pub(super) fn middle(&self, i: usize) -> Point {
        match (self.arriving(i), self.leaving(i)) {
            (Some(arriving), Some(leaving)) => self.node(i) + (leaving - arriving) * 0.25,
            _ => self.node(i),
        }
    }

    /// The nearest place on the way from `p` to the middle of the chord that is in the cell of node `i`, clear of its
    /// corners, and within reach.
    pub(super) fn pulled_back(&self, i: usize, p: Point) -> Point {
        let (node, middle) = (self.node(i), self.middle(i));
        let boxed = Point::new(
            p.x.clamp(node.x - MAX_REACH, node.x + MAX_REACH),
            p.y.clamp(node.y - MAX_REACH, node.y + MAX_REACH),
        );
        let off = boxed - middle;
        let (rx, ry) = (self.reach.0.min(MAX_REACH), self.reach.1.min(MAX_REACH));
        let over = (off.x / rx).powi(2) + (off.y / ry).powi(2);
        if over <= 1.0 { boxed } else { middle + off * (1.0 / over.sqrt()) }
    }

    /// The number of the cell around node `i` that `p` lies in, its own or one beside it, and the point itself; where it
    /// may not lie there, it is pulled back.
    pub(super) fn settled(&self, i: usize, p: Point) -> (usize, Point) {
        let last = if self.closed { i + 2 } else { self.steps() - 1 };
        let first = usize::from(!self.closed);
        let near = [i, i.wrapping_sub(1), i + 1].into_iter().filter(|&near| (first..=last).contains(&near));
        let mut fits = near.filter(|&near| {
            let cell = Cell::new(self, near);
            cell.contains(p) && cell.allows(p)
        });
        fits.next().map_or_else(|| (i, self.pulled_back(i, p)), |cell| (cell, p))
    }

    /// How a curve that is at `at` with slope `along` crosses the link of step `i`: the point abeam of the link's middle,
    /// the pace across the link, and how far from the middle it crosses, in parts of what is allowed.
    pub(super) fn crossed(&self, i: usize, at: Point, along: Point) -> (Point, f64, f64) {
        let link = self.crossed_by(i);
        let along = along * (1.0 / along.dot(along).sqrt());
        let missed = (at - link.middle).cross(along);
        let pace = along.dot(link.onwards).max(SIDEWAYS);
        let foot = at + Point::new(-along.y, along.x) * missed;
        (foot, pace, missed.abs() / (link.limit * pace))
    }

    /// How many times the slope the link of step `i` lies ahead.
    pub(super) fn ahead(&self, i: usize, at: Point, along: Point) -> f64 {
        let link = self.crossed_by(i);
        let pace = along.dot(link.onwards).max(SIDEWAYS * along.length());
        ((link.middle - at).dot(link.onwards) / pace).clamp(-1.0, 1.0)
    }

    /// The sine of the angle between a slope and the link of step `i`, kept from zero.
    pub(super) fn pace(&self, i: usize, along: Point) -> f64 {
        (along.dot(self.crossed_by(i).onwards) / along.length().max(f64::MIN_POSITIVE)).max(SIDEWAYS)
    }

    /// The window of the link of step `i`, left and right of its middle.
    pub(super) fn window(&self, i: usize) -> (Point, Point) {
        let link = self.crossed_by(i);
        let aside = Point::new(-link.onwards.y, link.onwards.x) * link.limit;
        (link.middle - aside, link.middle + aside)
    }

    /// How far from its middle the link of step `i` may be crossed, in pixels.
    fn limit(&self, i: usize) -> f64 {
        self.crossed_by(i).limit
    }

    /// Whether a line that goes the arc's way from the cell of node `from` on does not meet itself: it could only do so
    /// within a cell. A closed line does not repeat its first point.
    pub(super) fn is_simple(&self, from: usize, points: &[Point]) -> bool {
        let count = points.len();
        let edge = |i: usize| [points[i], points[(i + 1) % count]];
        let edges = if self.closed { count } else { count - 1 };
        let last = from + self.steps();
        // The edges from `first` on have been in the cell.
        let (mut cell, mut first) = (Cell::new(self, from), 0);
        for i in 0..edges {
            loop {
                if (first..i.saturating_sub(1)).any(|j| meet(edge(i), edge(j))) {
                    return false;
                }
                if cell.number >= last || cell.contains(edge(i)[1]) {
                    break;
                }
                (cell, first) = (Cell::new(self, cell.number + 1), i);
            }
        }
        true
    }

    /// Whether the line through `points`, which starts in the cell of node `from` and ends in that of node `to`, goes the
    /// arc's own way, within reach of the traced border. Notes where it crosses each link. A `curve` may not turn back in
    /// any cell either; a line of two pieces cannot meet itself.
    pub(super) fn holds(
        &self,
        (from, to, curve): (usize, usize, bool),
        mut points: impl Iterator<Item = Point>,
        crossings: &mut Vec<Point>,
    ) -> bool {
        let Some(mut at) = points.next() else { return false };
        let mut cell = Cell::new(self, from);
        if !cell.contains(at) || !cell.allows(at) {
            return false;
        }
        for next in points {
            let along = next - at;
            loop {
                if curve && !cell.turns_on(along) {
                    return false;
                }
                if cell.contains(next) {
                    if !cell.allows(next) {
                        return false;
                    }
                    break;
                }
                let Some(crossing) = cell.way_out(at, along).filter(|_| cell.number < to) else {
                    return false;
                };
                crossings.push(crossing);
                cell = Cell::new(self, cell.number + 1);
            }
            at = next;
        }
        cell.number == to
    }
}

/// The number within one round of `count`. Few rounds are gone, and a remainder would be slower.
pub(super) fn wrapped(mut i: usize, count: usize) -> usize {
    while i >= count {
        i -= count;
    }
    i
}

/// Whether two segments that share no end cross or touch.
fn meet([a, b]: [Point; 2], [c, d]: [Point; 2]) -> bool {
    let side = |p: Point, q: Point, r: Point| (q - p).cross(r - p);
    side(a, b, c) * side(a, b, d) <= 0.0 && side(c, d, a) * side(c, d, b) <= 0.0
}

/// One of the cells on the way.
struct Cell<'a> {
    way: &'a Way,
    number: usize,
    node: Point,
    /// The steps to and from its node; at an end of the arc one of them is missing.
    arriving: Option<Point>,
    leaving: Option<Point>,
}

impl<'a> Cell<'a> {
    fn new(way: &'a Way, number: usize) -> Self {
        Self {
            way,
            number,
            node: way.node(number),
            arriving: way.arriving(number),
            leaving: way.leaving(number),
        }
    }

    fn contains(&self, p: Point) -> bool {
        let off = p - self.node;
        off.x.abs() <= 0.5 && off.y.abs() <= 0.5
    }

    /// Whether a line in this direction goes on, not back.
    fn turns_on(&self, along: Point) -> bool {
        let zero = Point::default();
        along.dot(self.arriving.unwrap_or(zero) + self.leaving.unwrap_or(zero)) > 0.0
    }

    /// Whether a line may pass this point of the cell.
    fn allows(&self, p: Point) -> bool {
        let spoke = match (self.arriving, self.leaving) {
            (Some(arriving), Some(leaving)) => return self.is_near(p, arriving, leaving),
            (Some(arriving), None) => arriving * -1.0,
            (None, Some(leaving)) => leaving,
            (None, None) => return false,
        };
        let off = p - self.node;
        off.cross(spoke).abs() <= off.dot(spoke) * QUARTER && self.in_reach(off - spoke * off.dot(spoke))
    }

    /// Whether a point is within reach of the chord of the traced border through the cell.
    fn is_near(&self, p: Point, arriving: Point, leaving: Point) -> bool {
        let off = p - self.node;
        let (from, to) = (arriving * -0.5, leaving * 0.5);
        let chord = to - from;
        let t = ((off - from).dot(chord) / chord.dot(chord)).clamp(0.0, 1.0);
        self.in_reach(off - from - chord * t)
    }

    fn in_reach(&self, off: Point) -> bool {
        let (rx, ry) = self.way.reach;
        (off.x / rx).powi(2) + (off.y / ry).powi(2) <= 1.0
    }

    /// Where the line from `at` along `along` leaves the cell, if that is where the traced border does.
    fn way_out(&self, at: Point, along: Point) -> Option<Point> {
        let leaving = self.leaving?;
        let onwards = along.dot(leaving);
        let off = at - self.node;
        if onwards <= 0.0 || (off + along).dot(leaving) < 0.5 {
            return None;
        }
        let out = off + along * ((0.5 - off.dot(leaving)) / onwards);
        // Across the link it lies on it but for rounding.
        let aside = out - leaving * 0.5;
        (aside.x.abs() + aside.y.abs() <= self.way.limit(self.number)).then_some(self.node + out)
    }
}

/// Whether all four pixels around a node have one label.
fn is_plain(map: &LabelMap<'_>, node: Point) -> bool {
    let (x, y) = (node.x as usize, node.y as usize);
    if node.x < 1.0 || node.y < 1.0 || x >= map.width() || y >= map.height() {
        return false;
    }
    let (above, below) = (&map.row(y - 1)[x - 1..=x], &map.row(y)[x - 1..=x]);
    above == below && above[0] == above[1]
}

/// A direction as a vector.
fn step(direction: u8) -> Point {
    let (dx, dy) = STEP[direction as usize];
    Point::new(f64::from(dx), f64::from(dy))
}
