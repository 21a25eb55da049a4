//! Cubic Bezier curves along an arc, as few as its corridor contains.
//!
//! The smoothed arc shows where the border has corners and how much it bends. The arc is divided at its corners into
//! runs, and a spline of few segments is fitted to each. Segments share their tangents, so only the corners show.
//!
//! The corridor has to contain every segment. Lines along the traced border take the place of one that it does not.

use std::ops::Range;

use super::fit_spline::SplineFitter;
use super::path::arc_path::ArcPathBuilder;
use super::segment::{ArcRun, Knot};
use super::tuning::{
    CORNER_GAP, CORNER_RADIUS, FIRST_CLOSED_NODE, JUNCTION_GAP, LINE_TEST_STRIDE, MAX_CORNER_COSINE,
    MAX_LINE_DEVIATION, MAX_REFITS, MAX_SEGMENT_NODES, MAX_SEGMENT_TURN, MAX_SEGMENT_UNEVENNESS,
    MIN_CURVATURE, MIN_NODES_FOR_CORNERS, MIN_RUN_NODES, TURN_WINDOW,
};
use crate::contour::corridor::arc_steps::{ArcCorridor, wrap};
use crate::contour::topology::canonical::CanonicalForm;
use crate::geometry::Point;

/// A fitter of arcs, which reuses its memory.
#[derive(Default)]
pub(crate) struct ArcFitter {
    /// The turn of the arc before each node, in radians. A closed arc goes on into a second round.
    cumulative_turn: Vec<f64>,
    /// The cosine of the turn at each node.
    cosines: Vec<f64>,
    /// The corners of the arc, by node.
    corners: Vec<usize>,
    arc_lengths: Vec<f64>,
    spline: SplineFitter,
}

/// A smoothed arc.
#[derive(Clone, Copy)]
pub(crate) struct SmoothArc<'a> {
    pub(crate) corridor: &'a ArcCorridor,
    /// One vertex for each node.
    pub(crate) vertices: &'a [Point],
    /// The distance by which each vertex was clamped to its cell, in px.
    pub(crate) clamp_distances: &'a [f64],
}

impl SmoothArc<'_> {
    fn len(&self) -> usize {
        self.vertices.len()
    }

    /// The vertex of a node. A closed arc goes on into further rounds.
    fn vertex(&self, i: usize) -> Point {
        self.vertices[wrap(i, self.len())]
    }

    /// A knot at the vertex of a node, with the direction to the next one as its tangent.
    fn knot(&self, node: usize) -> Knot {
        let to_next = self.vertex(node + 1) - self.vertex(node);
        let inv_length = 1.0 / to_next.dot(to_next).max(f64::MIN_POSITIVE).sqrt();
        Knot { node, point: self.vertex(node), tangent: to_next * inv_length, ..Knot::default() }
    }
}

impl ArcFitter {
    /// Fits curves to an arc and builds its path. Returns whether the path is simple, and curves are most of it.
    pub(crate) fn try_fit(
        &mut self,
        arc: &SmoothArc<'_>,
        form: &CanonicalForm,
        path: &mut ArcPathBuilder,
    ) -> bool {
        self.fit(arc, path) * 2 < arc.corridor.step_count() && path.complete(arc.corridor, form)
    }

    /// Builds the path of an arc from curves and lines. Returns the number of steps without a curve.
    fn fit(&mut self, arc: &SmoothArc<'_>, path: &mut ArcPathBuilder) -> usize {
        path.start(arc.corridor);
        self.measure_turning(arc);
        let (steps, is_closed) = (arc.corridor.step_count(), arc.corridor.is_closed);
        if is_closed && self.corners.is_empty() {
            return self.fit_run(arc, FIRST_CLOSED_NODE..FIRST_CLOSED_NODE + steps, true, path);
        }
        // A curve ends a little before a junction or a corner.
        let corners = std::mem::take(&mut self.corners);
        let (start, end) = if is_closed { (corners[0], corners[0] + steps) } else { (0, steps) };
        let gap =
            |node: usize| if !is_closed && (node == 0 || node == steps) { JUNCTION_GAP } else { CORNER_GAP };
        let mut straight_steps = 0;
        let mut from = start;
        for to in corners.iter().copied().filter(|&corner| corner > start).chain([end]) {
            let (first, last) = (from + gap(from), to - gap(to).min(to));
            if last >= first + MIN_RUN_NODES {
                straight_steps += self.fit_run(arc, first..last, false, path);
            }
            from = to;
        }
        self.corners = corners;
        straight_steps + path.finish(arc.corridor)
    }

    /// Measures the turn of the arc at every node, and finds its corners.
    fn measure_turning(&mut self, arc: &SmoothArc<'_>) {
        let (count, is_closed) = (arc.len(), arc.corridor.is_closed);
        let radius = if is_closed { CORNER_RADIUS.min(count / 4).max(1) } else { CORNER_RADIUS };
        let neighbors = |i: usize| {
            if is_closed {
                (i + count - radius, i + radius)
            } else {
                (i.saturating_sub(radius), (i + radius).min(count - 1))
            }
        };
        self.cosines.clear();
        self.cumulative_turn.clear();
        let mut turn = 0.0;
        for i in 0..count {
            let (before, after) = neighbors(i);
            let (u, v) = (arc.vertex(i) - arc.vertex(before), arc.vertex(after) - arc.vertex(i));
            let lengths = (u.dot(u) * v.dot(v)).sqrt();
            let (sine, cosine) =
                if lengths > 0.0 { (u.cross(v) / lengths, u.dot(v) / lengths) } else { (0.0, 1.0) };
            self.cumulative_turn.push(turn);
            turn += sine / radius as f64;
            self.cosines.push(cosine);
        }
        if is_closed {
            self.cumulative_turn.extend_from_within(..);
            self.cumulative_turn[count..].iter_mut().for_each(|more| *more += turn);
        }
        self.cumulative_turn.push(2.0 * turn);
        self.corners.clear();
        if is_closed && count < MIN_NODES_FOR_CORNERS {
            return;
        }
        let cosines = &self.cosines;
        let is_sharpest = |i: usize| {
            (1..=radius).all(|offset| {
                let before =
                    if is_closed { Some((i + count - offset) % count) } else { i.checked_sub(offset) };
                let after = if is_closed {
                    Some((i + offset) % count)
                } else {
                    Some(i + offset).filter(|&j| j < count)
                };
                // Of two equal ones the first is the corner.
                before.is_none_or(|j| cosines[j] > cosines[i])
                    && after.is_none_or(|j| cosines[j] >= cosines[i])
            })
        };
        self.corners.extend((0..count).filter(|&i| cosines[i] < MAX_CORNER_COSINE && is_sharpest(i)));
    }

    /// The absolute turn of the arc between two nodes, in radians.
    fn turn_between(&self, from: usize, to: usize) -> f64 {
        let last = self.cumulative_turn.len() - 1;
        (self.cumulative_turn[to.min(last)] - self.cumulative_turn[from.min(last)]).abs()
    }

    /// Fits a spline to a run of nodes and appends it to the path, behind lines to its start. Returns the number of
    /// steps without a curve.
    fn fit_run(
        &mut self,
        arc: &SmoothArc<'_>,
        nodes: Range<usize>,
        is_closed: bool,
        path: &mut ArcPathBuilder,
    ) -> usize {
        let (mut spline, mut arc_lengths) =
            (std::mem::take(&mut self.spline), std::mem::take(&mut self.arc_lengths));
        let (from, to) = (nodes.start, nodes.end);
        arc_lengths.clear();
        arc_lengths.push(0.0);
        for i in nodes.clone() {
            arc_lengths.push(arc_lengths[i - from] + (arc.vertex(i + 1) - arc.vertex(i)).length());
        }
        spline.targets.gather(arc.corridor, nodes, &arc_lengths);
        let run = ArcRun { first_node: from, is_closed, arc_lengths: &arc_lengths };
        if !self.try_line(arc, &run, to, &mut spline) {
            let next =
                |knot: &Knot| (knot.node < to).then(|| arc.knot(self.next_knot(arc, &run, knot.node, to)));
            spline.start(&run, std::iter::successors(Some(arc.knot(from)), next));
            spline.refine_until_feasible(arc.corridor, &run);
            spline.merge(&run);
        }
        let mut refits = 0;
        while !path.check_segments(arc.corridor, &run, spline.knots(), &spline.targets)
            && refits < MAX_REFITS
            && spline.refit(arc.corridor, &run, path.checked().iter().map(|segment| !segment.is_contained))
        {
            refits += 1;
        }
        let straight_steps = path.push_run(arc.corridor, spline.knots());
        (self.spline, self.arc_lengths) = (spline, arc_lengths);
        straight_steps
    }

    /// Fits a straight line to an open run that ends at node `to`, if it is nearly straight. Returns whether the line
    /// is feasible.
    fn try_line(&self, arc: &SmoothArc<'_>, run: &ArcRun<'_>, to: usize, spline: &mut SplineFitter) -> bool {
        let from = run.first_node;
        let ends = [arc.vertex(from), arc.vertex(to)];
        let is_near_chord =
            |node: usize| arc.vertex(node).distance_to_segment(ends[0], ends[1]) < MAX_LINE_DEVIATION;
        if run.is_closed || !(from..to).step_by(LINE_TEST_STRIDE).all(is_near_chord) {
            return false;
        }
        let tangent = (ends[1] - ends[0]) * (1.0 / run.arc_length(to));
        let knot = |node: usize| Knot { node, point: arc.vertex(node), tangent, ..Knot::default() };
        spline.start(run, [from, to].map(knot));
        spline.fit_line(run)
    }

    /// The knot behind the one at node `from`: the more the arc bends, and the less evenly, the nearer.
    ///
    /// A cubic approximates a curve equally well over segments of equal affine length, the integral of the cube root of
    /// the curvature. The affine length is measured against that of a circular arc of the same length and turn: the
    /// result is a turn in radians.
    fn next_knot(&self, arc: &SmoothArc<'_>, run: &ArcRun<'_>, from: usize, end: usize) -> usize {
        // A ring takes three segments at least.
        let max_nodes = if run.is_closed { (end - run.first_node).div_ceil(3) } else { MAX_SEGMENT_NODES };
        let last = end.min(from + max_nodes.min(MAX_SEGMENT_NODES));
        let (mut to, mut affine_length, mut total_turn, mut max_clamp) = (from, 0.0, 0.0, 0.0);
        while to < last {
            let next = (to + TURN_WINDOW / 2).min(last);
            let length = run.length_between(to, next);
            let turn = self.turn_between(to.saturating_sub(TURN_WINDOW / 4), next + TURN_WINDOW / 4) * 0.5;
            affine_length += f64::from(((turn / length).max(MIN_CURVATURE) as f32).cbrt()) * length;
            total_turn += turn;
            let clamp_distances = (to..next).map(|i| arc.clamp_distances[wrap(i, arc.len())]);
            max_clamp = clamp_distances.fold(max_clamp, f64::max);
            let total_length = run.length_between(from, next);
            let bends =
                affine_length.powi(3) * (total_turn / total_length).powi(2) > MAX_SEGMENT_TURN.powi(3);
            let unevenness = (next - from) as f64 * max_clamp.powi(2);
            if to > from && (bends || unevenness > MAX_SEGMENT_UNEVENNESS) {
                break;
            }
            to = next;
        }
        // Two segments of similar length are better than a long one and a short rest.
        if to < end && end - to < (to - from) / 2 { from.midpoint(end) } else { to }
    }
}
