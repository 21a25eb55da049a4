//! The cells and windows of an arc in its canonical frame: where straight lines along it may run.
//!
//! An arc leaves the cell around node `i` across grid edge `i`, through a window around the middle of the edge. A
//! polyline with vertices in permitted places of the cells, whose lines pass all windows between them, crosses the same
//! grid edges in the same order as the traced border. So it passes no pixel center and meets no other arc. Within a cell
//! it stays in a convex set: the points within the tolerance of the traced border's chord.

use super::min_link::{MAX_LINE_HALF_WIDTH, MAX_OFFSET};
use crate::contour::topology::canonical::CanonicalForm;
use crate::contour::topology::direction::Direction;
use crate::geometry::Point;

/// The sum of the distances in x and in y of a vertex from its node, at most. So it keeps clear of pixel centers like a
/// line through a window.
const MAX_VERTEX_OFFSET: f64 = 0.5 + MAX_OFFSET;
/// The sine of the angle below which two lines do not meet in a definite place.
const MIN_MEETING_SINE: f64 = 0.1;
/// The allowance for rounding in comparisons, in pixels. It makes images of a symmetric arc fare alike, and is far below
/// the clearance of pixel centers.
pub(super) const ROUNDING: f64 = 1e-9;

/// The cells of an arc, reused from arc to arc. Those of a closed arc are numbered on in further rounds.
#[derive(Default)]
pub(crate) struct ArcCells {
    pub(super) is_closed: bool,
    /// The nodes that the arc passes, the end of an open arc included.
    nodes: Vec<Point>,
    windows: Vec<EdgeWindow>,
    /// The largest offset of a line from the middle of a window, by kind of the window.
    half_widths: [f64; 8],
    /// The inverse of the largest distance of a vertex from the traced border, in x and in y.
    inv_radius: Point,
    /// The moments of all windows before each one, and of all of them.
    moments: Vec<StepMoments>,
}

/// The middle of a grid edge and the step across it.
#[derive(Clone, Copy)]
pub(super) struct EdgeWindow {
    pub(super) middle: Point,
    pub(super) direction: Direction,
    /// The direction, and 4 more where another border passes a pixel beside the edge.
    pub(super) kind: u8,
}

/// A vertex of a polyline and the node in whose cell it lies.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct CellVertex {
    pub(super) cell: usize,
    pub(super) point: Point,
}

/// The integral of the square of the distance from the middle of a step.
const STEP_INERTIA: f64 = 1.0 / 12.0;

/// The moments of the steps as lines of unit density.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct StepMoments {
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
    yy: f64,
}

impl StepMoments {
    fn combine(self, other: Self, sign: f64) -> Self {
        Self {
            x: self.x + sign * other.x,
            y: self.y + sign * other.y,
            xx: self.xx + sign * other.xx,
            xy: self.xy + sign * other.xy,
            yy: self.yy + sign * other.yy,
        }
    }
}

/// How the windows along a line pull at its end, of which a fraction reaches each window.
#[derive(Clone, Copy, Debug)]
pub(super) struct LinePull {
    /// The unit normal to the right of the line.
    pub(super) normal: Point,
    /// The sum of the squared fractions.
    pub(super) weight: f64,
    /// The sum of the offsets of the middles along the normal, by fractions.
    pub(super) moment: f64,
}

/// A line that fits the middles of windows best.
#[derive(Clone, Copy, Debug)]
pub(super) struct RegressionLine {
    center: Point,
    direction: Point,
    /// The sum of the squared distances.
    pub(super) deviation: f64,
}

impl RegressionLine {
    /// The point where two lines meet at more than a small angle.
    pub(super) fn meet(&self, other: &Self) -> Option<Point> {
        let cross = self.direction.cross(other.direction);
        let lengths = self.direction.dot(self.direction) * other.direction.dot(other.direction);
        if cross * cross <= MIN_MEETING_SINE * MIN_MEETING_SINE * lengths {
            return None;
        }
        let fraction = (other.center - self.center).cross(other.direction) / cross;
        Some(self.center + self.direction * fraction)
    }
}

impl ArcCells {
    /// Takes over the arc of a canonical form. `max_offset` is the largest distance from the traced border along the
    /// axes of the canonical frame. The keys of the form tell whether another border passes a pixel beside a step.
    pub(super) fn build(&mut self, form: &CanonicalForm, is_closed: bool, max_offset: Point) {
        self.is_closed = is_closed;
        for kind in 0..8 {
            let offset = if kind & 1 == 0 { max_offset.x } else { max_offset.y };
            let limit = if kind & 4 == 0 { MAX_LINE_HALF_WIDTH } else { MAX_OFFSET };
            self.half_widths[kind] = offset.min(limit) + ROUNDING;
        }
        self.inv_radius = Point::new(1.0 / max_offset.x.min(0.5), 1.0 / max_offset.y.min(0.5));
        self.nodes.clear();
        self.windows.clear();
        self.moments.clear();
        let mut node = Point::default();
        self.nodes.reserve(form.steps.len() + 1);
        self.windows.reserve(form.steps.len());
        for (&direction, key) in form.steps.iter().zip(form.keys()) {
            let half = direction.vector() * 0.5;
            self.nodes.push(node);
            let kind = direction as u8 + 4 * key;
            self.windows.push(EdgeWindow { middle: node + half, direction, kind });
            node = node + half + half;
        }
        if !is_closed {
            self.nodes.push(node);
        }
    }

    /// Sums up the moments, which [`Self::pull`] needs.
    pub(super) fn sum_moments(&mut self) {
        let mut sum = StepMoments::default();
        self.moments.clear();
        self.moments.reserve(self.windows.len() + 1);
        self.moments.push(sum);
        for &EdgeWindow { middle: Point { x, y }, direction, .. } in &self.windows {
            let is_horizontal = matches!(direction, Direction::East | Direction::West);
            let [along_x, along_y] = if is_horizontal { [STEP_INERTIA, 0.0] } else { [0.0, STEP_INERTIA] };
            sum = sum.combine(StepMoments { x, y, xx: x * x + along_x, xy: x * y, yy: y * y + along_y }, 1.0);
            self.moments.push(sum);
        }
    }

    /// The number of steps.
    pub(super) fn len(&self) -> usize {
        self.windows.len()
    }

    /// An index modulo the number of steps.
    fn wrap(&self, mut i: usize) -> usize {
        while i >= self.windows.len() {
            i -= self.windows.len();
        }
        i
    }

    /// Node `i`.
    pub(super) fn node(&self, i: usize) -> Point {
        self.nodes[if self.is_closed { self.wrap(i) } else { i }]
    }

    /// EdgeWindow `i`.
    pub(super) fn window(&self, i: usize) -> EdgeWindow {
        self.windows[self.wrap(i)]
    }

    /// The largest offset of a line from the middle of a window.
    pub(super) fn half_width(&self, window: &EdgeWindow) -> f64 {
        self.half_widths[usize::from(window.kind & 7)]
    }

    /// The ways from the middles of windows to their right ends, by kind of the window.
    pub(super) fn half_windows(&self) -> [Point; 8] {
        std::array::from_fn(|kind| Direction::ALL[kind & 3].turned_right(1).vector() * self.half_widths[kind])
    }

    /// The windows between two cells, at most a round.
    fn windows_between(&self, from: usize, to: usize) -> [&[EdgeWindow]; 2] {
        let first = self.wrap(from);
        let end = first + (to - from);
        let count = self.windows.len();
        if end <= count {
            return [&self.windows[first..end], &[]];
        }
        [&self.windows[first..], &self.windows[..end - count]]
    }

    /// Whether the line between two vertices passes all windows between their cells.
    pub(super) fn passes(&self, from: &CellVertex, to: &CellVertex) -> bool {
        let line = to.point - from.point;
        let bounds = self.crossing_bounds(line);
        let passes = |window: &EdgeWindow| {
            line.cross(window.middle - from.point).abs() < bounds[usize::from(window.kind & 7)]
        };
        let [first, second] = self.windows_between(from.cell, to.cell);
        first.iter().all(passes) && second.iter().all(passes)
    }

    /// The fraction of a move of one end, at most 1, up to which a line passes all windows between two cells.
    ///
    /// `line` leads from the first cell to the second, through the end at `fixed`, and changes by `change`. It passes
    /// now. The bound of each window is linear in the fraction, so the least one is what a ratio test finds.
    pub(super) fn passing_fraction(
        &self,
        [from, to]: [usize; 2],
        fixed: Point,
        line: Point,
        change: Point,
    ) -> f64 {
        let moved = line + change;
        let bounds = self.crossing_bounds(moved);
        let mut least = 1.0_f64;
        for windows in self.windows_between(from, to) {
            for window in windows {
                let (kind, offset) = (usize::from(window.kind & 7), window.middle - fixed);
                let crossing = moved.cross(offset);
                if crossing.abs() >= bounds[kind] {
                    let slack = self.crossing_bounds(line)[kind] - line.cross(offset) * crossing.signum();
                    let excess = crossing.abs() - bounds[kind];
                    least = least.min(slack / (slack + excess).max(f64::MIN_POSITIVE));
                }
            }
        }
        least.max(0.0)
    }

    /// The largest cross product of a line with the way from its start to the middle of a window, by kind of the window.
    /// None is positive where the line runs against the step.
    fn crossing_bounds(&self, line: Point) -> [f64; 8] {
        let speeds = [-line.y, line.x, line.y, -line.x];
        std::array::from_fn(|kind| speeds[kind & 3] * self.half_widths[kind])
    }

    /// Whether a vertex may lie here in the cell of inner node `i`.
    fn permits(&self, i: usize, p: Point) -> bool {
        let offset = p - self.node(i);
        let (dx, dy) = (offset.x.abs(), offset.y.abs());
        if dx.max(dy) > 0.5 + ROUNDING || dx + dy > MAX_VERTEX_OFFSET + ROUNDING {
            return false;
        }
        let [incoming, outgoing] = self.steps_at(i);
        // Where the arc goes straight on, no point of the cell is further than half a pixel from it.
        if incoming == outgoing && self.inv_radius.x <= 2.0 && self.inv_radius.y <= 2.0 {
            return true;
        }
        let scaled = |p: Point| Point::new(p.x * self.inv_radius.x, p.y * self.inv_radius.y);
        let [start, end] = [incoming.vector() * -0.5, outgoing.vector() * 0.5];
        scaled(offset).distance_to_segment(scaled(start), scaled(end)) <= 1.0 + ROUNDING
    }

    /// The steps to and from inner node `i`.
    pub(super) fn steps_at(&self, i: usize) -> [Direction; 2] {
        let i = self.wrap(i);
        let before = if i == 0 { self.windows.len() - 1 } else { i - 1 };
        [self.windows[before].direction, self.windows[i].direction]
    }

    /// The cell in which a vertex may lie at `p`: `near` or one next to it, between the cells of its neighbors.
    pub(super) fn locate(&self, p: Point, near: usize, before: usize, behind: usize) -> Option<usize> {
        let candidates = [near, near + 1, near.wrapping_sub(1)];
        candidates.into_iter().find(|&cell| before < cell && cell < behind && self.permits(cell, p))
    }

    /// The point that is as near to inner node `i` as a vertex may be, on the line from the middle of the chord.
    pub(super) fn corner(&self, i: usize) -> Point {
        let node = self.node(i);
        let [incoming, outgoing] = self.steps_at(i).map(Direction::vector);
        let to_node = (incoming - outgoing) * 0.25;
        let (x, y) = (to_node.x * self.inv_radius.x, to_node.y * self.inv_radius.y);
        // In a frame of unequal scales the chord is nearer than its middle.
        let reach = 1.0 / x.hypot(y).max(1.0);
        node - to_node * (1.0 - reach)
    }

    /// How the windows between two vertices pull at the end of the line.
    pub(super) fn pull(&self, from: &CellVertex, to: &CellVertex) -> LinePull {
        self.pull_at(to.point, from.point, from.cell, to.cell)
    }

    /// How the windows between two vertices pull at the start of the line.
    pub(super) fn pull_back(&self, from: &CellVertex, to: &CellVertex) -> LinePull {
        self.pull_at(from.point, to.point, from.cell, to.cell)
    }

    /// How the windows between two cells pull at `end` on its line from `fixed`.
    fn pull_at(&self, end: Point, fixed: Point, from: usize, to: usize) -> LinePull {
        let u = end - fixed;
        let count = (to - from) as f64;
        let sums = self.moments_between(from, to);
        let (x, y) = (fixed.x, fixed.y);
        let xx = sums.xx - 2.0 * x * sums.x + count * x * x;
        let yy = sums.yy - 2.0 * y * sums.y + count * y * y;
        let xy = sums.xy - x * sums.y - y * sums.x + count * x * y;
        let inv_square = 1.0 / u.dot(u).max(f64::MIN_POSITIVE);
        let inv_length = inv_square.sqrt();
        LinePull {
            normal: Point::new(-u.y * inv_length, u.x * inv_length),
            weight: (u.x * u.x * xx + 2.0 * u.x * u.y * xy + u.y * u.y * yy) * inv_square * inv_square,
            moment: ((u.x * u.x - u.y * u.y) * xy + u.x * u.y * (yy - xx)) * inv_square * inv_length,
        }
    }

    /// The line that fits the middles of the windows between two cells best, by distances at right angles (Pearson, "On
    /// lines and planes of closest fit to systems of points in space", 1901).
    pub(super) fn regression(&self, from: usize, to: usize) -> RegressionLine {
        let sums = self.moments_between(from, to);
        let inv = 1.0 / (to - from) as f64;
        let center = Point::new(sums.x * inv, sums.y * inv);
        let (xx, xy, yy) =
            (sums.xx - sums.x * center.x, sums.xy - sums.x * center.y, sums.yy - sums.y * center.y);
        let (half_difference, half_sum) = ((xx - yy) * 0.5, (xx + yy) * 0.5);
        let root = (half_difference * half_difference + xy * xy).sqrt();
        // The eigenvector of the larger eigenvalue, by the row without cancellation.
        let direction = if half_difference >= 0.0 {
            Point::new(half_difference + root, xy)
        } else {
            Point::new(xy, root - half_difference)
        };
        RegressionLine { center, direction, deviation: half_sum - root }
    }

    fn moments_between(&self, from: usize, to: usize) -> StepMoments {
        let first = self.wrap(from);
        let (end, count) = (first + (to - from), self.windows.len());
        if end <= count {
            return self.moments[end].combine(self.moments[first], -1.0);
        }
        let rest = self.moments[count].combine(self.moments[first], -1.0);
        rest.combine(self.moments[end - count], 1.0)
    }

    /// Twice the area of the staircase over the nodes, from the origin: positive to the right.
    pub(super) fn double_area(&self) -> f64 {
        let next = |i: usize| self.nodes[if i + 1 < self.nodes.len() { i + 1 } else { 0 }];
        (0..self.windows.len()).map(|i| self.nodes[i].cross(next(i))).sum()
    }

    /// Twice the area between the line of two vertices and the staircase between their cells.
    pub(super) fn double_area_beside(&self, from: &CellVertex, to: &CellVertex) -> f64 {
        let origin = from.point;
        let nodes = (from.cell..to.cell).map(|i| (self.node(i) - origin, self.node(i + 1) - origin));
        let staircase: f64 = nodes.map(|(a, b)| a.cross(b)).sum();
        -staircase - (self.node(to.cell) - origin).cross(to.point - origin)
    }
}
