//! Merging of neighboring segments. A segment that does not fit is split in its middle, though often one half alone has
//! to be so short: then the other half and its neighbor can be one.

use std::mem::{swap, take};

use super::{CachedBlocks, Feasibility, SegmentList, SplineFitter};
use crate::contour::spline::segment::{ArcRun, tangent_scales};
use crate::contour::spline::tuning::{
    MAX_MERGE_KNOT_DISTANCE, MAX_MERGE_VIOLATION, MAX_SEGMENT_NODES, MIN_SEGMENTS_TO_END,
    WORKING_SET_DISTANCE,
};

impl SplineFitter {
    /// Merges pairs of neighbors, from the start on, where one segment is feasible as well, or becomes so with
    /// penalties. Segments at the ends of a run stay, and at the seam of a ring.
    pub(in crate::contour::spline) fn merge(&mut self, run: &ArcRun<'_>) {
        let (mut all, mut merged) = (take(&mut self.unmerged), take(&mut self.merged));
        swap(&mut self.segments, &mut all);
        merged.clear();
        merged.knots.push(all.knots[0]);
        // The three segments around a merge are no ring, and their ends belong to their neighbors.
        let (is_ring, has_free_end) = (take(&mut self.is_ring), take(&mut self.has_free_end));
        for next in 0..all.len() {
            if !self.try_merge(run, &mut all, next, &mut merged) {
                merged.push(all.knots[next + 1], all.feasibility[next], all.cached[next]);
            }
        }
        swap(&mut self.segments, &mut merged);
        (self.is_ring, self.has_free_end, self.unmerged, self.merged) = (is_ring, has_free_end, all, merged);
    }

    /// Merges segment `next` of all, which begins at the last merged knot, into the one behind it, if that is feasible.
    /// The segments before and behind the two are fitted with them.
    fn try_merge(
        &mut self,
        run: &ArcRun<'_>,
        all: &mut SegmentList,
        next: usize,
        merged: &mut SegmentList,
    ) -> bool {
        let (before, after) = (merged.len(), all.len() - next - 1);
        // Segments at an end, next to a corner or a junction, keep their bends, and are not fitted again either.
        if before < 2 || after < 3 {
            return false;
        }
        let are_feasible = |them: &[Feasibility]| them.iter().all(|&it| it == Feasibility::Feasible);
        let mut ends = [merged.knots[before], all.knots[next + 2]];
        if ends[1].node - ends[0].node > MAX_SEGMENT_NODES || !are_feasible(&all.feasibility[next..next + 2])
        {
            return false;
        }
        let beyond = [merged.knots[before - 1].node, all.knots[next + 3].node];
        let length = run.length_between(ends[0].node, ends[1].node);
        let lengths_beside =
            [run.length_between(beyond[0], ends[0].node), run.length_between(ends[1].node, beyond[1])];
        ends[0].set_scales(tangent_scales([lengths_beside[0], length]), [true, false]);
        ends[1].set_scales(tangent_scales([length, lengths_beside[1]]), [false, true]);
        let working_set_len = self.working_set.len();
        // Most pairs that cannot be merged fail a cheap test.
        let (middle, segment) = (all.knots[next + 1], run.segment(&ends));
        let from_middle = segment.point_at(run.arc_length(middle.node)) - middle.point;
        if from_middle.cross(middle.tangent).abs() > MAX_MERGE_KNOT_DISTANCE
            || self.targets.collect_near(&segment, WORKING_SET_DISTANCE, &mut self.working_set).clearance
                < -MAX_MERGE_VIOLATION
        {
            self.working_set.truncate(working_set_len);
            return false;
        }
        // The spline consists of the merged segment and its neighbors for now.
        let segments = &mut self.segments;
        segments.clear();
        segments.knots.push(merged.knots[before - 1]);
        segments.push(ends[0], merged.feasibility[before - 1], merged.cached[before - 1]);
        segments.push(ends[1], Feasibility::Unfitted, self.cache.len());
        segments.push(all.knots[next + 3], all.feasibility[next + 2], all.cached[next + 2]);
        let outer = [segments.cached[0], segments.cached[2]];
        let near = outer.map(|cached| self.cache[cached].near.clone());
        self.cache.push(CachedBlocks::default());
        self.solve_least_squares(run, 0..3);
        let is_inside = before >= MIN_SEGMENTS_TO_END && after > MIN_SEGMENTS_TO_END;
        if is_inside
            && self.segments.feasibility.contains(&Feasibility::Violated)
            && !self.segments.feasibility.contains(&Feasibility::Infeasible)
        {
            self.solve_penalized(run, 0..3);
        }
        if !are_feasible(&self.segments.feasibility) {
            // The neighbors are as before.
            self.cache.pop();
            outer.into_iter().zip(near).for_each(|(cached, near)| self.cache[cached].near = near);
            self.working_set.truncate(working_set_len);
            return false;
        }
        (merged.knots[before], all.knots[next + 2]) = (self.segments.knots[1], self.segments.knots[2]);
        (all.feasibility[next + 1], all.cached[next + 1]) = (Feasibility::Feasible, self.cache.len() - 1);
        true
    }
}
