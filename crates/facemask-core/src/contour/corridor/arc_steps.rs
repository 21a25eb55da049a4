//! The steps of an arc in floating point: the nodes that it passes and the grid edges that it crosses.
//!
//! The cells around the inner nodes of an arc belong to it alone. They are its corridor, together with a quarter of the
//! junction's cell at each end.

use super::tolerances::{CENTER_CLEARANCE, MIN_CROSSING_SINE};
use crate::contour::polyline::min_link::{MAX_LINE_HALF_WIDTH, MAX_OFFSET};
use crate::contour::topology::arcs::Arc;
use crate::contour::topology::canonical::{CanonicalForm, Staircase, StepKeys};
use crate::contour::topology::direction::Direction;
use crate::contour::topology::lattice::NodeBits;
use crate::contour::topology::shared_pixels::mark_shared_steps;
use crate::geometry::Point;

/// The corridor of an arc in its canonical frame. Step `i` leads from node `i` to node `i + 1` across grid edge `i`.
#[derive(Default)]
pub(crate) struct ArcCorridor {
    /// The nodes that it passes. A closed arc does not repeat its first node.
    pub(crate) nodes: Vec<Point>,
    /// The middle of the traced border's chord through the cell of each node; the node itself at an end of the arc.
    chord_midpoints: Vec<Point>,
    pub(crate) is_closed: bool,
    /// The grid edges that its steps cross.
    edges: Vec<GridEdge>,
    /// 1 for each traced step whose window is narrow because a pixel beside it is shared, else 0.
    has_shared_pixel: Vec<u8>,
    staircase_area: f64,
    /// The largest distance of a line from the traced border, in x and in y, and its inverse.
    max_offset: Point,
    pub(crate) inv_max_offset: Point,
}

/// A grid edge: the line between two neighboring pixel centers, dual to the crack between the pixels.
#[derive(Clone, Copy)]
pub(crate) struct GridEdge {
    pub(crate) middle: Point,
    /// The step across it, of unit length.
    pub(crate) direction: Point,
    /// The largest distance from its middle at which a border may cross it.
    pub(crate) half_width: f64,
}

/// A point and the index of the node in whose cell it lies.
#[derive(Clone, Copy, Default)]
pub(crate) struct CellPoint {
    pub(crate) cell: usize,
    pub(crate) point: Point,
}

impl GridEdge {
    /// The sine of the angle between a tangent and the edge, bounded away from zero.
    pub(crate) fn crossing_sine(&self, tangent: Point) -> f64 {
        (tangent.dot(self.direction) / tangent.length().max(f64::MIN_POSITIVE)).max(MIN_CROSSING_SINE)
    }

    /// The largest distance from its middle at which a line that approximates a curve may cross it.
    pub(crate) fn line_half_width(&self) -> f64 {
        self.half_width.min(MAX_LINE_HALF_WIDTH)
    }

    /// The vector to the right of a step across it, of unit length.
    pub(crate) fn right(&self) -> Point {
        Point::new(-self.direction.y, self.direction.x)
    }

    /// The left and the right end of a window around its middle.
    pub(crate) fn window_ends(&self, half_width: f64) -> [Point; 2] {
        let offset = self.right() * half_width;
        [self.middle - offset, self.middle + offset]
    }
}

impl ArcCorridor {
    /// Builds the corridor of an arc in its canonical frame, in place of the one before. Fills in the canonical form.
    ///
    /// `max_offset` is the largest distance of a line from the traced border, in x and in y of the map.
    pub(crate) fn build(
        &mut self,
        nodes: &NodeBits,
        arc: &Arc,
        steps: &[Direction],
        max_offset: Point,
        form: &mut CanonicalForm,
    ) {
        self.is_closed = arc.is_closed();
        mark_shared_steps(nodes, arc, steps, &mut self.has_shared_pixel);
        let step_keys = StepKeys { keys: &self.has_shared_pixel, axes_differ: max_offset.x != max_offset.y };
        form.find(steps, self.is_closed, step_keys);
        let max_offset = form.frame.canonical_extent(max_offset);
        self.max_offset = Point::new(max_offset.x.min(0.5), max_offset.y.min(0.5));
        self.inv_max_offset = Point::new(1.0 / self.max_offset.x, 1.0 / self.max_offset.y);
        // Each list is filled by itself: so the compiler checks no capacity.
        let (steps, count) = (&form.steps, form.steps.len());
        let mut node = Point::default();
        self.nodes.clear();
        self.nodes.push(node);
        self.nodes.extend(steps.iter().map(move |step| {
            node = node + step.vector();
            node
        }));
        let half_widths: [f64; 4] = std::array::from_fn(|kind| {
            let offset = if kind & 1 == 0 { self.max_offset.x } else { self.max_offset.y };
            offset.min(if kind & 2 == 0 { 0.5 - CENTER_CLEARANCE } else { MAX_OFFSET })
        });
        self.edges.clear();
        self.edges.extend(self.nodes.iter().zip(steps.iter().zip(form.keys())).map(
            |(&node, (&step, key))| {
                let direction = step.vector();
                let half_width = half_widths[usize::from(step as u8 & 1 | u8::from(key != 0) << 1)];
                GridEdge { middle: node + direction * 0.5, direction, half_width }
            },
        ));
        let turns = self.nodes[1..].iter().zip(steps.windows(2));
        let first =
            if self.is_closed { (steps[0].vector() - steps[count - 1].vector()) * 0.25 } else { node };
        self.chord_midpoints.clear();
        self.chord_midpoints.push(first);
        self.chord_midpoints
            .extend(turns.map(|(&node, pair)| node + (pair[1].vector() - pair[0].vector()) * 0.25));
        let crosses = self.nodes.iter().zip(steps).map(|(node, step)| node.cross(step.vector()));
        self.staircase_area = crosses.sum::<f64>() * 0.5;
        if self.is_closed {
            self.nodes.pop();
        } else {
            self.chord_midpoints.push(self.nodes[count]);
        }
    }

    /// The whole border along the sides of pixels.
    pub(crate) fn staircase(&self) -> Staircase {
        let last = if self.is_closed { 0 } else { self.nodes.len() - 1 };
        Staircase { ends: [self.nodes[0], self.nodes[last]], area: self.staircase_area }
    }

    /// The number of steps.
    pub(crate) fn step_count(&self) -> usize {
        self.edges.len()
    }

    /// Grid edge `i`. A closed arc goes on into further rounds.
    pub(crate) fn edge(&self, i: usize) -> &GridEdge {
        &self.edges[wrap(i, self.edges.len())]
    }

    /// Grid edges `from..to`. A closed arc goes on into a second round.
    pub(crate) fn edges(&self, from: usize, to: usize) -> impl Iterator<Item = &GridEdge> + Clone {
        let count = self.edges.len();
        let (first, second) =
            (from.min(count)..to.min(count), from.max(count) - count..to.max(count) - count);
        self.edges[first].iter().chain(&self.edges[second])
    }

    fn wrap_node(&self, i: usize) -> usize {
        wrap(i, self.nodes.len())
    }

    /// Node `i`. A closed arc goes on into further rounds.
    pub(crate) fn node(&self, i: usize) -> Point {
        self.nodes[self.wrap_node(i)]
    }

    /// The step from node `i`, of unit length, unless the arc ends there.
    pub(super) fn outgoing(&self, i: usize) -> Option<Point> {
        let i = if self.is_closed { self.wrap_node(i) } else { i };
        self.edges.get(i).map(|edge| edge.direction)
    }

    /// The step to node `i`, of unit length, unless the arc starts there.
    pub(super) fn incoming(&self, i: usize) -> Option<Point> {
        let before = match (self.is_closed, self.wrap_node(i)) {
            (true, 0) => self.step_count() - 1,
            (_, i) => i.checked_sub(1)?,
        };
        self.edges.get(before).map(|edge| edge.direction)
    }

    /// The middle of the traced border's chord through the cell of node `i`; the node itself at an end of the arc.
    pub(crate) fn chord_midpoint(&self, i: usize) -> Point {
        self.chord_midpoints[self.wrap_node(i)]
    }

    /// The point nearest to `p`, on the line from there to the chord midpoint of node `i`, that lies in the cell, clear
    /// of its corners, and within the largest offset of the midpoint.
    pub(crate) fn clamp_to_cell(&self, i: usize, p: Point) -> Point {
        let (node, midpoint) = (self.node(i), self.chord_midpoint(i));
        let in_cell = Point::new(
            p.x.clamp(node.x - MAX_OFFSET, node.x + MAX_OFFSET),
            p.y.clamp(node.y - MAX_OFFSET, node.y + MAX_OFFSET),
        );
        let offset = in_cell - midpoint;
        let (rx, ry) = (self.max_offset.x.min(MAX_OFFSET), self.max_offset.y.min(MAX_OFFSET));
        let norm_squared = (offset.x / rx).powi(2) + (offset.y / ry).powi(2);
        if norm_squared <= 1.0 { in_cell } else { midpoint + offset * (1.0 / norm_squared.sqrt()) }
    }
}

/// The index `i` modulo `count`. A subtraction is faster than a remainder, and arcs take few rounds.
pub(crate) fn wrap(mut i: usize, count: usize) -> usize {
    while i >= count {
        i -= count;
    }
    i
}
