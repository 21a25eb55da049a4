//! The cells and windows of an arc in its canonical frame: where straight lines along it may run.
//!
//! An arc leaves the cell around node `i` across grid edge `i`, through a window around the middle of the edge. A
//! polyline with vertices in permitted places of the cells, whose lines pass all windows between them, crosses the same
//! grid edges in the same order as the traced border. So it passes no pixel center and meets no other arc. Within a cell
//! it stays in a convex set: the points within the tolerance of the traced border's chord.

use std::ops::{Add, Sub};

use wide::f64x2;

use super::min_link::{MAX_LINE_HALF_WIDTH, MAX_OFFSET};
use crate::contour::topology::canonical::CanonicalForm;
use crate::contour::topology::direction::Direction;
use crate::geometry::Point;

/// The sum of the distances in x and in y of a vertex from its node, at most. So it keeps clear of pixel centers like a
/// line through a window.
const MAX_VERTEX_OFFSET: f64 = 0.5 + MAX_OFFSET;
/// The least gain in the sum of squared distances, in square pixels, for which a corner moves to another cell.
const MIN_GAIN: f64 = 1e-6;
/// The sine of the angle below which two lines do not meet in a definite place.
const MIN_MEETING_SINE: f64 = 0.1;
/// The allowance for rounding in comparisons, in pixels. It makes images of a symmetric arc fare alike, and is far below
/// the clearance of pixel centers.
pub(super) const ROUNDING: f64 = 1e-9;

/// The cells of an arc, reused from arc to arc. Those of a closed arc are numbered on in further rounds.
#[derive(Default)]
pub(crate) struct ArcCells {
    pub(super) is_closed: bool,
    steps: Vec<Direction>,
    /// The nodes that the arc passes, the end of an open arc included.
    nodes: Vec<Point>,
    windows: Vec<EdgeWindow>,
    /// The inverse of the largest distance of a vertex from the traced border, in x and in y.
    inv_radius: Point,
    /// The moments of all windows before each one, and of all of them.
    moments: Vec<StepMoments>,
    /// Twice the area of the staircase over the nodes, from the origin: positive to the right.
    pub(super) double_area: f64,
}

/// The left and the right end of the window around the middle of a grid edge, in lanes.
#[derive(Clone, Copy)]
pub(super) struct EdgeWindow {
    x: f64x2,
    y: f64x2,
}

impl EdgeWindow {
    /// The window of a step from the origin, by its direction; with 4 more, of one where another border passes a pixel
    /// beside the grid edge.
    fn new(kind: usize, max_offset: Point) -> Self {
        let direction = Direction::ALL[kind & 3];
        let offset = if kind & 1 == 0 { max_offset.x } else { max_offset.y };
        let limit = if kind & 4 == 0 { MAX_LINE_HALF_WIDTH } else { MAX_OFFSET };
        let middle = direction.vector() * 0.5;
        let to_right = direction.turned_right(1).vector() * (offset.min(limit) + ROUNDING);
        let (left, right) = (middle - to_right, middle + to_right);
        Self { x: f64x2::new([left.x, right.x]), y: f64x2::new([left.y, right.y]) }
    }

    /// The left and the right end.
    pub(super) fn ends(&self) -> [Point; 2] {
        let ([left_x, right_x], [left_y, right_y]) = (self.x.to_array(), self.y.to_array());
        [Point::new(left_x, left_y), Point::new(right_x, right_y)]
    }

    pub(super) fn middle(&self) -> Point {
        let [left, right] = self.ends();
        left.midpoint(right)
    }
}

impl Add<Point> for EdgeWindow {
    type Output = Self;
    fn add(self, offset: Point) -> Self {
        Self { x: self.x + f64x2::splat(offset.x), y: self.y + f64x2::splat(offset.y) }
    }
}

/// A directed line, for tests against windows.
struct DirectedLine {
    x: f64x2,
    y: f64x2,
    /// The cross product of the direction with any point of the line.
    level: f64x2,
}

impl DirectedLine {
    fn new(point: Point, direction: Point) -> Self {
        let (x, y) = (f64x2::splat(direction.x), f64x2::splat(direction.y));
        Self { x, y, level: f64x2::splat(direction.cross(point)) }
    }

    /// How far the ends of a window lie to the right of the line, times the length of the direction.
    fn offsets(&self, window: &EdgeWindow) -> f64x2 {
        self.x * window.y - self.y * window.x - self.level
    }

    /// Whether the line passes between the ends of a window, with the left end on its left.
    fn passes(&self, window: &EdgeWindow) -> bool {
        self.offsets(window).move_mask() == 0b01
    }
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
    fn of_step(from: Point, step: Point) -> Self {
        let Point { x, y } = from + step * 0.5;
        let (inertia_x, inertia_y) = (step.x * step.x * STEP_INERTIA, step.y * step.y * STEP_INERTIA);
        Self { x, y, xx: x * x + inertia_x, xy: x * y, yy: y * y + inertia_y }
    }
}

impl Add for StepMoments {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let Self { x, y, xx, xy, yy } = other;
        Self { x: self.x + x, y: self.y + y, xx: self.xx + xx, xy: self.xy + xy, yy: self.yy + yy }
    }
}

impl Sub for StepMoments {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        let Self { x, y, xx, xy, yy } = other;
        Self { x: self.x - x, y: self.y - y, xx: self.xx - xx, xy: self.xy - xy, yy: self.yy - yy }
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
struct RegressionLine {
    center: Point,
    direction: Point,
    /// The sum of the squared distances.
    deviation: f64,
}

impl RegressionLine {
    /// The point where two lines meet at more than a small angle.
    fn meet(&self, other: &Self) -> Option<Point> {
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
        self.inv_radius = Point::new(1.0 / max_offset.x.min(0.5), 1.0 / max_offset.y.min(0.5));
        self.steps.clone_from(&form.steps);
        // Each list is filled by itself: so the compiler keeps the sums in registers, and checks no capacity.
        self.nodes.clear();
        self.nodes.push(Point::default());
        let mut node = Point::default();
        self.nodes.extend(form.steps.iter().map(move |step| {
            node = node + step.vector();
            node
        }));
        let windows: [EdgeWindow; 8] = std::array::from_fn(|kind| EdgeWindow::new(kind, max_offset));
        let steps = form.steps.iter().zip(form.keys()).zip(&self.nodes);
        self.windows.clear();
        self.windows.extend(
            steps.map(|((&step, key), &node)| windows[usize::from(step as u8 | key << 2) & 7] + node),
        );
        let mut sum = StepMoments::default();
        self.moments.clear();
        self.moments.push(sum);
        self.moments.extend(form.steps.iter().zip(&self.nodes).map(move |(step, &node)| {
            sum = sum + StepMoments::of_step(node, step.vector());
            sum
        }));
        self.double_area =
            form.steps.iter().zip(&self.nodes).map(|(step, node)| node.cross(step.vector())).sum();
        if is_closed {
            self.nodes.pop();
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

    /// Window `i`.
    pub(super) fn window(&self, i: usize) -> EdgeWindow {
        self.windows[self.wrap(i)]
    }

    /// Step `i`.
    pub(super) fn step(&self, i: usize) -> Direction {
        self.steps[self.wrap(i)]
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
        let line = DirectedLine::new(from.point, to.point - from.point);
        self.line_passes(&line, from.cell, to.cell)
    }

    fn line_passes(&self, line: &DirectedLine, from: usize, to: usize) -> bool {
        let [first, second] = self.windows_between(from, to);
        first.iter().all(|window| line.passes(window)) && second.iter().all(|window| line.passes(window))
    }

    /// The fraction of a move of one end, at most 1, up to which a line passes all windows between two cells.
    ///
    /// `line` leads from the first cell to the second, through the end at `fixed`, and changes by `change`. It passes
    /// now. The offset of each window's end is linear in the fraction, so the least one is what a ratio test finds.
    pub(super) fn passing_fraction(
        &self,
        [from, to]: [usize; 2],
        fixed: Point,
        line: Point,
        change: Point,
    ) -> f64 {
        let moved = DirectedLine::new(fixed, line + change);
        if self.line_passes(&moved, from, to) {
            return 1.0;
        }
        let now = DirectedLine::new(fixed, line);
        let mut least = 1.0_f64;
        for windows in self.windows_between(from, to) {
            for window in windows {
                let ([left, right], [moved_left, moved_right]) =
                    (now.offsets(window).to_array(), moved.offsets(window).to_array());
                for (slack, left_over) in [(-left, -moved_left), (right, moved_right)] {
                    if left_over <= 0.0 {
                        least = least.min(slack / (slack - left_over).max(f64::MIN_POSITIVE));
                    }
                }
            }
        }
        least.max(0.0)
    }

    /// Whether a vertex may lie here in the cell of inner node `i`.
    fn permits(&self, i: usize, p: Point) -> bool {
        let i = self.wrap(i);
        let offset = p - self.nodes[i];
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
        let before = if i == 0 { self.steps.len() - 1 } else { i - 1 };
        [self.steps[before], self.steps[i]]
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
    fn regression(&self, from: usize, to: usize) -> RegressionLine {
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

    /// The cell on whose two sides lines fit best, and the point where these meet.
    pub(super) fn best_corner(
        &self,
        before: &CellVertex,
        vertex: &CellVertex,
        behind: &CellVertex,
    ) -> (usize, Option<Point>) {
        let split = |cell: usize| [self.regression(before.cell, cell), self.regression(cell, behind.cell)];
        let deviation = |lines: &[RegressionLine; 2]| lines[0].deviation + lines[1].deviation;
        let (mut cell, mut lines) = (vertex.cell, split(vertex.cell));
        for direction in [1, usize::MAX] {
            loop {
                let next = cell.wrapping_add(direction);
                if next <= before.cell || behind.cell <= next {
                    break;
                }
                let candidates = split(next);
                if deviation(&candidates) > deviation(&lines) - MIN_GAIN {
                    break;
                }
                (cell, lines) = (next, candidates);
            }
        }
        (cell, lines[0].meet(&lines[1]))
    }

    fn moments_between(&self, from: usize, to: usize) -> StepMoments {
        let first = self.wrap(from);
        let (end, count) = (first + (to - from), self.windows.len());
        if end <= count {
            return self.moments[end] - self.moments[first];
        }
        self.moments[count] - self.moments[first] + self.moments[end - count]
    }

    /// Twice the area between the line of two vertices and the staircase between their cells.
    pub(super) fn double_area_beside(&self, from: &CellVertex, to: &CellVertex) -> f64 {
        let origin = from.point;
        let nodes = (from.cell..to.cell).map(|i| (self.node(i) - origin, self.node(i + 1) - origin));
        let staircase: f64 = nodes.map(|(a, b)| a.cross(b)).sum();
        -staircase - (self.node(to.cell) - origin).cross(to.point - origin)
    }
}
