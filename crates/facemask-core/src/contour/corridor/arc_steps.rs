//! The walk of a drawn line from cell to cell: whether it goes the way of its arc and no other.
//!
//! The cells around the nodes of an arc belong to it alone, but for those of the junctions at its ends. A line that
//! enters and leaves each of them through the sides where the traced border does, apart from the pixel centres at the
//! sides' ends, stays on the right side of every pixel centre and meets no other arc. In a junction's cell it keeps to
//! the quarter around its own spoke. It does not meet itself either where it never turns back within a cell.

use crate::contour::polyline::min_link::MAX_REACH;
use crate::contour::topology::lattice::STEP;
use crate::geometry::Point;
use crate::raster::LabelMap;

/// The distance that is kept from pixel centres that no other border passes, in pixels of the map. Where one does, more is
/// kept, lest rounded borders touch.
const CLEAR: f64 = 0.001;
/// The largest width of windows for lines between points: as near to a pixel centre as a line beyond it could be, rounding the
/// points to hundredths might put it on the other side.
const WIDEST: f64 = 0.492;
/// The least pace along a step, in parts of the whole, at which a curve crosses the step's link and does not run along it.
pub(crate) const SIDEWAYS: f64 = 0.02;

/// The way an arc goes.
#[derive(Default)]
pub(crate) struct Way {
    /// The nodes it passes; of a closed arc without the first again.
    pub(crate) nodes: Vec<Point>,
    /// The middle of the traced border's chord through the cell of each node; at an end of the arc the node itself.
    middles: Vec<Point>,
    pub(crate) closed: bool,
    /// The links that its steps cross.
    links: Vec<Link>,
    /// How far from the traced border a line may stray, x and y, and one over it.
    reach: (f64, f64),
    pub(crate) over_reach: (f64, f64),
}

/// The line between two pixel centres that a step crosses.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    pub(crate) middle: Point,
    /// The step, from node to node.
    pub(crate) onwards: Point,
    /// How far from the middle it may be crossed, in pixels.
    pub(crate) limit: f64,
}

impl Link {
    /// The sine of the angle between a slope and the link, kept from zero.
    pub(crate) fn pace(&self, along: Point) -> f64 {
        (along.dot(self.onwards) / along.length().max(f64::MIN_POSITIVE)).max(SIDEWAYS)
    }

    /// How far from the middle a line that stands for a curve may cross it, in pixels.
    pub(crate) fn width(&self) -> f64 {
        self.limit.min(WIDEST)
    }

    /// A window of some width, left and right of the middle.
    pub(crate) fn window(&self, width: f64) -> (Point, Point) {
        let aside = Point::new(-self.onwards.y, self.onwards.x) * width;
        (self.middle - aside, self.middle + aside)
    }
}

impl Way {
    /// Takes over an arc that starts at node `start`. `reach` is how far from the traced border a line may stray, x and y.
    pub(crate) fn follow(
        &mut self,
        map: &LabelMap<'_>,
        directions: &[u8],
        (start, closed): ((u32, u32), bool),
        reach: (f64, f64),
    ) {
        (self.closed, self.reach) = (closed, (reach.0.min(0.5), reach.1.min(0.5)));
        self.over_reach = (1.0 / self.reach.0, 1.0 / self.reach.1);
        self.nodes.clear();
        self.middles.clear();
        self.links.clear();
        let count = directions.len();
        let (mut x, mut y) = (i64::from(start.0), i64::from(start.1));
        let mut arriving = self.closed.then(|| directions[count - 1]);
        // Whether the link before a node and the one after it are thin there.
        let mut after = false;
        let mut first_before = false;
        for (i, &direction) in directions.iter().enumerate() {
            let (before, now_after) =
                arriving.map_or((true, true), |arriving| is_thin(map, (x, y), arriving, direction));
            if i > 0 {
                self.limit_last(after || before);
            } else {
                first_before = before;
            }
            after = now_after;
            let (at, onwards) = (Point::new(x as f64, y as f64), step(direction));
            self.nodes.push(at);
            self.middles.push(arriving.map_or(at, |arriving| at + (onwards - step(arriving)) * 0.25));
            self.links.push(Link { middle: at + onwards * 0.5, onwards, limit: 0.0 });
            let (dx, dy) = STEP[direction as usize];
            (x, y) = (x + i64::from(dx), y + i64::from(dy));
            arriving = Some(direction);
        }
        if self.closed {
            self.limit_last(after || first_before);
        } else {
            self.nodes.push(Point::new(x as f64, y as f64));
            self.middles.push(Point::new(x as f64, y as f64));
            self.limit_last(true);
        }
    }

    /// Sets how far from its middle the last link may be crossed; less where it is `thin`: where another border, or this
    /// one at another time, passes a pixel at it on its other sides, or where it is at a junction.
    fn limit_last(&mut self, thin: bool) {
        let most = if thin { MAX_REACH } else { 0.5 - CLEAR };
        if let Some(link) = self.links.last_mut() {
            link.limit = if link.onwards.x == 0.0 { self.reach.0 } else { self.reach.1 }.min(most);
        }
    }

    /// The link that step `i` crosses.
    pub(crate) fn crossed_by(&self, i: usize) -> &Link {
        &self.links[wrapped(i, self.links.len())]
    }

    /// The number of steps.
    pub(crate) fn steps(&self) -> usize {
        self.links.len()
    }

    fn wrapped(&self, i: usize) -> usize {
        wrapped(i, self.nodes.len())
    }

    /// Node `i`; a closed arc goes round once more.
    pub(crate) fn node(&self, i: usize) -> Point {
        self.nodes[self.wrapped(i)]
    }

    /// The step from node `i`, if there is one.
    pub(crate) fn leaving(&self, i: usize) -> Option<Point> {
        let i = if self.closed { self.wrapped(i) } else { i };
        self.links.get(i).map(|link| link.onwards)
    }

    /// The step to node `i`, if there is one.
    pub(crate) fn arriving(&self, i: usize) -> Option<Point> {
        let before = match (self.closed, self.wrapped(i)) {
            (true, 0) => self.steps() - 1,
            (_, i) => i.checked_sub(1)?,
        };
        self.links.get(before).map(|link| link.onwards)
    }

    /// The middle of the link between nodes `i` and `i + 1`.
    pub(crate) fn link(&self, i: usize) -> Point {
        self.crossed_by(i).middle
    }

    /// The middle of the traced border's chord through the cell of node `i`; at an end of the arc the node itself.
    pub(crate) fn middle(&self, i: usize) -> Point {
        self.middles[self.wrapped(i)]
    }

    /// The links that the steps `from..to` cross. A closed arc is gone round at most twice.
    pub(crate) fn links(&self, from: usize, to: usize) -> impl Iterator<Item = &Link> + Clone {
        let count = self.links.len();
        let (first, second) =
            (from.min(count)..to.min(count), from.max(count) - count..to.max(count) - count);
        self.links[first].iter().chain(&self.links[second])
    }

    /// The nearest place on the way from `p` to the middle of the chord that is in the cell of node `i`, clear of its
    /// corners, and within reach.
    pub(crate) fn pulled_back(&self, i: usize, p: Point) -> Point {
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

    /// How far from its middle the link of step `i` may be crossed, in pixels.
    pub(crate) fn limit(&self, i: usize) -> f64 {
        self.crossed_by(i).limit
    }
}

/// The number within one round of `count`. Few rounds are gone, and a remainder would be slower.
pub(crate) fn wrapped(mut i: usize, count: usize) -> usize {
    while i >= count {
        i -= count;
    }
    i
}

/// Whether the links of the steps to and from a node are thin there: whether a border passes the nodes beside it.
fn is_thin(map: &LabelMap<'_>, (x, y): (i64, i64), arriving: u8, leaving: u8) -> (bool, bool) {
    let ((ax, ay), (lx, ly)) = (STEP[arriving as usize], STEP[leaving as usize]);
    let passed = |dx: i32, dy: i32| !is_plain(map, (x + i64::from(dx), y + i64::from(dy)));
    if arriving == leaving {
        let thin = passed(-ly, lx) || passed(ly, -lx);
        return (thin, thin);
    }
    // Of the nodes beside a turn two are the arc's own.
    (passed(-lx, -ly), passed(ax, ay))
}

/// Whether all four pixels around a node have one label.
fn is_plain(map: &LabelMap<'_>, (x, y): (i64, i64)) -> bool {
    if x < 1 || y < 1 || x >= map.width() as i64 || y >= map.height() as i64 {
        return false;
    }
    let (ids, above) = (map.ids(), (y as usize - 1) * map.width() + x as usize - 1);
    let below = above + map.width();
    let one = ids[above];
    ids[above..above + 2] == [one; 2] && ids[below..below + 2] == [one; 2]
}

/// A direction as a vector.
fn step(direction: u8) -> Point {
    let (dx, dy) = STEP[direction as usize];
    Point::new(f64::from(dx), f64::from(dy))
}
