//! The constrained fit of a piecewise cubic to a run of an arc: few segments, every pixel center on its own side.
//!
//! The run is divided at *knots*, which are nodes of the lattice. Between two knots the curve is the cubic with given
//! points and tangents at both: Hermite form, with roughly the arc length of the smoothed arc as parameter. So it is
//! smooth across knots. Neighbors of similar length scale the tangent alike, so that their Bezier handles mirror each
//! other, which takes fewer numbers in SVG.
//!
//! 1. Least squares. Where a smooth border crosses a grid edge is known to one pixel along the edge, at any angle. So
//!    the residual is the offset along the edge between its middle and the curve, and the smaller the crossing angle
//!    the larger the weight across the curve: a border that nearly follows a row of pixels crosses few edges of that
//!    row, and each of them locates it to a few hundredths of a pixel. Knots move across the curve only, and the speed
//!    of the parameter is weakly drawn towards 1. The area between curve and border is a residual, too.
//! 2. Obstacles. The ends of the windows of all edges are obstacles that the curve has to pass on the right side, with
//!    a clearance. A violation adds a quadratic penalty that grows from round to round, while the least-squares
//!    objective keeps a small part of its weight. This is a support vector machine in the primal with squared hinge
//!    loss, solved by Newton's method: a round is exact for the obstacles that are active in it (Chapelle, "Training a
//!    support vector machine in the primal", 2007). Only a working set of nearby obstacles is measured.
//! 3. Segments that still violate an obstacle are split in two, and fitted again with their neighbors.
//! 4. Splits in the middle leave more segments than are needed, so neighbors are merged where one segment is feasible.
//!
//! The constants are in `tuning`, the equations in `normal_equations`.

mod merge;

use std::ops::Range;

use super::normal_equations::{BlockTridiagonal, SegmentBlocks};
use super::residuals::{ClearanceBounds, CrossingTargets, WorkingSet};
use super::segment::{ArcRun, Knot, tangent_scales};
use super::subdivide::split_knot;
use super::tuning::{
    AREA_WEIGHT, DATA_WEIGHT, LINE_STIFFNESS, LINE_TARGET_CLEARANCE, MAX_KNOT_STEP, MAX_LINE_PENALTY_ROUNDS,
    MAX_PENALTY_ROUNDS, MAX_REPAIRABLE_VIOLATION, MIN_CLEARANCE, MIN_LINE_CLEARANCE, MIN_SPLIT_NODES,
    PENALTIES, REFIT_NEIGHBORS, SPEED_WEIGHT, TARGET_CLEARANCE, WORKING_SET_DISTANCE,
};
use crate::contour::corridor::arc_steps::ArcCorridor;

/// The state of a segment with respect to its obstacles.
#[derive(Clone, Copy, PartialEq)]
enum Feasibility {
    /// Not fitted yet.
    Unfitted,
    /// Fitted, but a neighbor has changed since.
    Stale,
    /// Clear of all obstacles.
    Feasible,
    /// In violation of some obstacles, which a penalty may repair.
    Violated,
    /// In violation of so many obstacles, after all penalties.
    ViolatedBy(usize),
    /// Unable to follow the border: in violation by too much, or outside the corridor.
    Infeasible,
}

/// The least-squares blocks of a segment, and the knots at which they were computed; and the obstacles near it when
/// these were last collected, which may be before the last penalties.
#[derive(Clone, Default)]
struct CachedBlocks {
    blocks: SegmentBlocks,
    knots: [Knot; 2],
    near: Range<usize>,
}

/// Consecutive segments.
#[derive(Default)]
struct SegmentList {
    /// One more than there are segments. A ring repeats its first knot.
    knots: Vec<Knot>,
    feasibility: Vec<Feasibility>,
    /// The index of each segment's cached blocks.
    cached: Vec<usize>,
}

impl SegmentList {
    fn clear(&mut self) {
        self.knots.clear();
        self.feasibility.clear();
        self.cached.clear();
    }

    fn len(&self) -> usize {
        self.feasibility.len()
    }

    /// Appends a segment from the last knot to `end`.
    fn push(&mut self, end: Knot, feasibility: Feasibility, cached: usize) {
        self.knots.push(end);
        self.feasibility.push(feasibility);
        self.cached.push(cached);
    }
}

/// A fitter of runs, which reuses its memory.
#[derive(Default)]
pub(super) struct SplineFitter {
    pub(super) targets: CrossingTargets,
    segments: SegmentList,
    working_set: WorkingSet,
    cache: Vec<CachedBlocks>,
    /// The penalty blocks of one segment.
    penalty_blocks: SegmentBlocks,
    /// Whether each segment takes part in the next fit, or is split.
    is_selected: Vec<bool>,
    /// Of each segment, the violations in this round, and in the best one, with the knots of that.
    violations: Vec<usize>,
    best_violations: Vec<usize>,
    best_knots: Vec<Knot>,
    equations: BlockTridiagonal,
    /// Whether the segments are a ring, and whether the first and the last knot are free ends.
    is_ring: bool,
    has_free_end: [bool; 2],
    /// Whether the run is fitted as a straight line.
    is_line: bool,
    /// The segments after a split.
    scratch: SegmentList,
    /// The segments before a merge, and those after it so far.
    unmerged: SegmentList,
    merged: SegmentList,
}

impl SplineFitter {
    /// The knots of the run.
    pub(super) fn knots(&self) -> &[Knot] {
        &self.segments.knots
    }

    /// Starts a run at some knots, in place of the run before. Its ends are free.
    pub(super) fn start(&mut self, run: &ArcRun<'_>, knots: impl IntoIterator<Item = Knot>) {
        self.segments.clear();
        self.segments.knots.extend(knots);
        (self.is_ring, self.has_free_end) = (run.is_closed, [!run.is_closed; 2]);
        let count = self.segments.knots.len() - 1;
        self.segments.feasibility.resize(count, Feasibility::Unfitted);
        self.segments.cached.extend(0..count);
        self.working_set.reset(self.targets.origin);
        self.cache.clear();
        self.cache.resize(count, CachedBlocks::default());
        self.set_scales(run);
    }

    /// Fits the run as a straight line, which is its only segment. Returns whether that is feasible.
    pub(super) fn fit_line(&mut self, run: &ArcRun<'_>) -> bool {
        self.is_line = true;
        self.solve_least_squares(run, 0..1);
        if self.segments.feasibility[0] == Feasibility::Violated {
            self.solve_penalized(run, 0..1);
        }
        self.is_line = false;
        self.segments.feasibility[0] == Feasibility::Feasible
    }

    /// Sets the tangent scales of all knots. Segments that have been fitted keep their shape.
    fn set_scales(&mut self, run: &ArcRun<'_>) {
        let SegmentList { knots, feasibility, .. } = &mut self.segments;
        let last = knots.len() - 1;
        let length = |knots: &[Knot], i: usize| run.length_between(knots[i].node, knots[i + 1].node);
        let mut before = if self.is_ring { length(knots, last - 1) } else { 0.0 };
        for i in 0..=last {
            let after = if i == last && !self.is_ring { 0.0 } else { length(knots, i % last) };
            let around = [i.checked_sub(1).or(self.is_ring.then(|| last - 1)), (i < last).then_some(i)];
            let is_known = around
                .map(|segment| segment.is_some_and(|segment| feasibility[segment] != Feasibility::Unfitted));
            knots[i].set_scales(tangent_scales([before, after]), is_known);
            before = after;
        }
        if self.is_ring {
            let first = knots[0];
            (knots[last].tangent, knots[last].tangent_scales) = (first.tangent, first.tangent_scales);
        }
    }

    /// Splits the segments that are outside their corridor, and fits again. Returns whether any could be split.
    pub(super) fn refit(
        &mut self,
        corridor: &ArcCorridor,
        run: &ArcRun<'_>,
        is_outside: impl Iterator<Item = bool>,
    ) -> bool {
        let feasibility = self.segments.feasibility.iter_mut().zip(is_outside);
        feasibility.filter(|(_, is_outside)| *is_outside).for_each(|(it, _)| *it = Feasibility::Infeasible);
        let any = self.split(corridor, run);
        if any {
            self.refine_until_feasible(corridor, run);
        }
        any
    }

    /// Fits all segments that are unfitted or stale and splits those that do not become feasible, until all are
    /// feasible or too short to be split.
    pub(super) fn refine_until_feasible(&mut self, corridor: &ArcCorridor, run: &ArcRun<'_>) {
        loop {
            self.select(run, 0, |it| matches!(it, Feasibility::Unfitted | Feasibility::Stale));
            self.for_each_selected(run, Self::solve_least_squares);
            if self.split(corridor, run) {
                continue;
            }
            self.select(run, REFIT_NEIGHBORS, |it| it == Feasibility::Violated);
            self.for_each_selected(run, Self::solve_penalized);
            if !self.split(corridor, run) {
                return;
            }
        }
    }

    /// Selects segments by their feasibility, with so many neighbors on each side.
    fn select(&mut self, run: &ArcRun<'_>, neighbors: usize, condition: impl Fn(Feasibility) -> bool) {
        let count = self.segments.len();
        self.is_selected.clear();
        self.is_selected.resize(count, false);
        for i in (0..count).filter(|&i| condition(self.segments.feasibility[i])) {
            self.is_selected[i.saturating_sub(neighbors)..(i + neighbors + 1).min(count)].fill(true);
        }
        // A change at the seam of a ring affects both of its sides.
        if run.is_closed && (self.is_selected[0] || self.is_selected[count - 1]) {
            self.is_selected.fill(true);
        }
    }

    /// Calls `fit` for each range of consecutive selected segments.
    fn for_each_selected(&mut self, run: &ArcRun<'_>, fit: impl Fn(&mut Self, &ArcRun<'_>, Range<usize>)) {
        let mut next = 0;
        while let Some(start) = (next..self.is_selected.len()).find(|&i| self.is_selected[i]) {
            let count = self.is_selected.len();
            let end = (start..count).find(|&i| !self.is_selected[i]).unwrap_or(count);
            fit(self, run, start..end);
            next = end;
        }
    }

    /// Fits segments by least squares, and determines their feasibility.
    fn solve_least_squares(&mut self, run: &ArcRun<'_>, range: Range<usize>) {
        self.reset_equations(&range);
        for (number, i) in range.clone().enumerate() {
            let knots = [self.segments.knots[i], self.segments.knots[i + 1]];
            let cached = &mut self.cache[self.segments.cached[i]];
            if self.segments.feasibility[i] != Feasibility::Unfitted {
                // The quadratic objective of the segment has not changed, only its knots.
                self.equations.add_after(number, &cached.blocks, (&cached.knots, &knots), 1.0);
                continue;
            }
            let segment = run.segment(&knots);
            cached.knots = knots;
            let area_weight = if self.is_line { 0.0 } else { AREA_WEIGHT };
            self.targets.accumulate(&segment, area_weight, &mut cached.blocks);
            if self.is_line {
                cached.blocks.add_bending_energy(LINE_STIFFNESS * segment.edges.len() as f64);
            }
            self.equations.add(number, &cached.blocks, &knots, 1.0);
        }
        self.solve(&range, 1.0);
        self.update_working_set(run, range);
    }

    /// Fits segments with penalties for the obstacles that they violate, and determines their feasibility.
    fn solve_penalized(&mut self, run: &ArcRun<'_>, range: Range<usize>) {
        let last_round = if self.is_line { MAX_LINE_PENALTY_ROUNDS } else { MAX_PENALTY_ROUNDS };
        let mut fewest = usize::MAX;
        let mut is_rechecked = false;
        for round in 0..=last_round {
            let penalty = PENALTIES[round.min(PENALTIES.len() - 1)];
            let mut total = 0;
            self.violations.clear();
            self.reset_equations(&range);
            for (number, knots) in self.segments.knots[range.start..=range.end].windows(2).enumerate() {
                let near = self.cache[self.segments.cached[range.start + number]].near.clone();
                let (segment, bounds) = (run.segment(knots), self.clearance_bounds());
                let count =
                    self.working_set.accumulate_penalties(near, &segment, bounds, &mut self.penalty_blocks);
                if count.is_active {
                    self.equations.add(number, &self.penalty_blocks, knots, penalty);
                }
                self.violations.push(count.violated);
                total += count.violated;
            }
            if total < fewest {
                fewest = total;
                self.best_violations.clone_from(&self.violations);
                self.best_knots.clear();
                self.best_knots.extend_from_slice(&self.segments.knots[range.start..=range.end]);
            }
            if total == 0 && !is_rechecked {
                // The curve may have come near to obstacles outside the working set.
                is_rechecked = true;
                if self.update_working_set(run, range.clone()) || round == last_round {
                    return;
                }
                fewest = usize::MAX;
                continue;
            }
            let is_diverging = round >= 2 && total > fewest.saturating_add(fewest / 2);
            if total == 0 || round == last_round || is_diverging {
                break;
            }
            for (number, i) in range.clone().enumerate() {
                let CachedBlocks { blocks, knots, .. } = &self.cache[self.segments.cached[i]];
                let now = &self.segments.knots[i..];
                self.equations.add_after(number, blocks, (knots, now), DATA_WEIGHT);
            }
            self.solve(&range, DATA_WEIGHT);
        }
        self.segments.knots[range.start..=range.end].copy_from_slice(&self.best_knots);
        for (it, &violated) in self.segments.feasibility[range].iter_mut().zip(&self.best_violations) {
            *it = if violated > 0 { Feasibility::ViolatedBy(violated) } else { Feasibility::Feasible };
        }
    }

    /// Collects the obstacles near some segments, and determines their feasibility. Returns whether all are feasible.
    fn update_working_set(&mut self, run: &ArcRun<'_>, range: Range<usize>) -> bool {
        let (mut is_feasible, min) = (true, self.clearance_bounds().min);
        for i in range {
            let segment = run.segment(&self.segments.knots[i..=i + 1]);
            let near = self.targets.collect_near(&segment, WORKING_SET_DISTANCE, &mut self.working_set);
            self.cache[self.segments.cached[i]].near = near.range;
            self.segments.feasibility[i] = match near.clearance {
                clearance if clearance < -MAX_REPAIRABLE_VIOLATION => Feasibility::Infeasible,
                clearance if clearance < min => Feasibility::Violated,
                _ => Feasibility::Feasible,
            };
            is_feasible &= near.clearance >= min;
        }
        is_feasible
    }

    fn clearance_bounds(&self) -> ClearanceBounds {
        if self.is_line {
            ClearanceBounds { target: LINE_TARGET_CLEARANCE, min: MIN_LINE_CLEARANCE }
        } else {
            ClearanceBounds { target: TARGET_CLEARANCE, min: MIN_CLEARANCE }
        }
    }

    /// Whether a range is all of a ring.
    fn is_whole_ring(&self, range: &Range<usize>) -> bool {
        self.is_ring && range.len() == self.segments.len()
    }

    fn reset_equations(&mut self, range: &Range<usize>) {
        self.equations.reset(range.len(), self.is_whole_ring(range));
    }

    /// Solves the equations of some segments, and moves their knots. `weight` is that of the least-squares objective.
    fn solve(&mut self, range: &Range<usize>, weight: f64) {
        let is_whole_ring = self.is_whole_ring(range);
        // The ends of an open run are free. Those of a range within it also belong to its neighbors, and are fixed.
        let is_end = [range.start == 0, range.end == self.segments.len()];
        let is_fixed = [0, 1].map(|side| !(is_whole_ring || self.has_free_end[side] && is_end[side]));
        let knots = &self.segments.knots[range.start..=range.end];
        for (i, knot) in knots.iter().enumerate().take(knots.len() - usize::from(is_whole_ring)) {
            let (before, after) = (knots[i.saturating_sub(1)].node, knots[(i + 1).min(range.len())].node);
            let speed_weight = weight * SPEED_WEIGHT * (after - before) as f64;
            self.equations.pin_along_tangent(i, knot.tangent, speed_weight);
        }
        self.equations.solve(is_fixed);
        let knots = &mut self.segments.knots[range.start..=range.end];
        for (i, knot) in knots.iter_mut().enumerate() {
            let change = self.equations.change(i);
            let (point, tangent) = (change.point, change.tangent);
            let step = point.x.abs().max(point.y.abs()).max(tangent.x.abs()).max(tangent.y.abs());
            let factor = if step > MAX_KNOT_STEP { MAX_KNOT_STEP / step } else { 1.0 };
            knot.point = knot.point + point * factor;
            knot.tangent = knot.tangent + tangent * factor;
        }
        if is_whole_ring {
            // The end is the start, to the last bit.
            let (first, last) = (self.segments.knots[0], &mut self.segments.knots[range.end]);
            (last.point, last.tangent) = (first.point, first.tangent);
        }
    }

    /// Splits segments that are not feasible in two, if they are long enough. Returns whether there are any.
    ///
    /// The halves are unfitted, and the neighbors of split segments stale.
    fn split(&mut self, corridor: &ArcCorridor, run: &ArcRun<'_>) -> bool {
        // Of neighbors in violation the worst is split: it may be the cause.
        let badness = |segments: &SegmentList, i: usize| {
            let is_long = segments.knots[i + 1].node - segments.knots[i].node >= MIN_SPLIT_NODES;
            match segments.feasibility[i] {
                Feasibility::Infeasible if is_long => usize::MAX,
                Feasibility::ViolatedBy(obstacles) if is_long => obstacles,
                _ => 0,
            }
        };
        let count = self.segments.len();
        self.violations.clear();
        self.violations.extend((0..count).map(|i| badness(&self.segments, i)));
        if self.violations.iter().all(|&bad| bad == 0) {
            let infeasible =
                self.segments.feasibility.iter_mut().filter(|it| **it == Feasibility::Infeasible);
            infeasible.for_each(|it| *it = Feasibility::Violated);
            return false;
        }
        self.is_selected.clear();
        for i in 0..count {
            let bad = self.violations[i];
            // Of consecutive equals, every second one is split.
            let is_after_worse = i > 0
                && (self.violations[i - 1] > bad
                    || (self.violations[i - 1] == bad && self.is_selected[i - 1]));
            let is_before_worse = i + 1 < count && self.violations[i + 1] > bad;
            let is_worst = bad > 0 && !is_after_worse && !is_before_worse;
            self.is_selected.push(is_worst || bad == usize::MAX);
        }
        let is_neighbor = |is_selected: &[bool], i: usize| {
            is_selected[i.saturating_sub(REFIT_NEIGHBORS)..(i + REFIT_NEIGHBORS + 1).min(count)]
                .contains(&true)
        };
        self.scratch.clear();
        self.scratch.knots.push(self.segments.knots[0]);
        for i in 0..count {
            let ends = [self.segments.knots[i], self.segments.knots[i + 1]];
            let feasibility = match self.segments.feasibility[i] {
                _ if self.is_selected[i] => Feasibility::Unfitted,
                _ if is_neighbor(&self.is_selected, i) => Feasibility::Stale,
                feasibility => feasibility,
            };
            if self.is_selected[i] {
                let node = ends[0].node.midpoint(ends[1].node);
                let middle = split_knot(corridor, run, &run.segment(&ends), node);
                self.scratch.push(middle, feasibility, self.cache.len());
                self.cache.push(CachedBlocks::default());
            }
            self.scratch.push(ends[1], feasibility, self.segments.cached[i]);
        }
        std::mem::swap(&mut self.segments, &mut self.scratch);
        self.set_scales(run);
        true
    }
}
