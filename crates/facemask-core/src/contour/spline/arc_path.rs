//! The path of one arc under construction: curves, the points that approximate them, and lines where no curve is
//! contained.

use std::ops::Range;

use super::crossings::{Crossings, CurveInCorridor};
use super::flatten::Flattener;
use super::residuals::CrossingTargets;
use super::segment::{ArcRun, Knot};
use super::tuning::MAX_SHARED_SEGMENTS;
use crate::contour::corridor::arc_steps::{ArcCorridor, CellPoint};
use crate::geometry::{CubicBezier, CubicPolynomial, CurveSpan, Point};

/// A builder of arc paths, which reuses its memory.
#[derive(Default)]
pub(crate) struct ArcPathBuilder {
    /// The points of the path, ends included. A closed arc does not repeat its first point.
    pub(crate) points: Vec<Point>,
    /// The curves that some of the points approximate. The last curve of a closed arc ends at its first point.
    pub(crate) curves: Vec<CurveSpan>,
    /// The point and the cell of each knot.
    joints: Vec<CellPoint>,
    /// The segments of the run that was checked last, and those of the check before: a segment that is the same is not
    /// checked again.
    checked: Vec<CheckedSegment>,
    checked_before: Vec<CheckedSegment>,
    /// The points where the run crosses its grid edges.
    crossings: Vec<Point>,
    /// The index of the point before each inner joint of some segments, counted from the first.
    points_before_joints: Vec<u32>,
    /// Where the path begins, if it does so with a curve.
    start: Joint,
    /// Where the path has come to.
    end: Option<Joint>,
    flattener: Flattener,
    curve_crossings: Crossings,
}

/// The start or end of a curve or of an arc: a point in a cell, and the tangent of the curve there.
#[derive(Clone, Copy, Default)]
struct Joint {
    at: CellPoint,
    tangent: Option<Point>,
}

/// A segment and the result of its containment test.
#[derive(Clone, Copy)]
pub(super) struct CheckedSegment {
    knots: [Knot; 2],
    pub(super) is_contained: bool,
}

impl ArcPathBuilder {
    /// Starts a path: at the first node of an arc, or, if it is closed, where its first curve begins.
    pub(super) fn start(&mut self, corridor: &ArcCorridor) {
        self.points.clear();
        self.curves.clear();
        self.checked.clear();
        (self.end, self.start) = (None, Joint::default());
        if !corridor.is_closed {
            let at = CellPoint { cell: 0, point: corridor.node(0) };
            self.points.push(at.point);
            self.end = Some(Joint { at, tangent: None });
        }
    }

    /// Ends a closed path whose last point is its first.
    pub(super) fn close(&mut self) {
        self.points.pop();
    }

    /// The segments of the run that was checked last.
    pub(super) fn checked(&self) -> &[CheckedSegment] {
        &self.checked
    }

    /// Whether the path does not meet itself.
    pub(super) fn is_simple(&self, corridor: &ArcCorridor) -> bool {
        corridor.is_simple(self.start.at.cell, &self.points)
    }

    /// Tests every segment that has changed for containment. Returns whether the corridor contains all.
    pub(super) fn check_segments(
        &mut self,
        corridor: &ArcCorridor,
        run: &ArcRun<'_>,
        knots: &[Knot],
        targets: &CrossingTargets,
    ) -> bool {
        let last = knots.len() - 1;
        self.joints.clear();
        self.joints.extend(knots.iter().map(|knot| corridor.locate(knot.node, knot.point)));
        if run.is_closed {
            let CellPoint { cell, point } = self.joints[0];
            self.joints[last] = CellPoint { cell: cell + corridor.step_count(), point };
        }
        std::mem::swap(&mut self.checked, &mut self.checked_before);
        self.checked.clear();
        if self.checked_before.first().is_some_and(|segment| segment.knots[0] != knots[0]) {
            self.checked_before.clear();
        }
        let start = self.joints[0].cell;
        self.crossings.resize(self.joints[last].cell - start, Point::default());
        let mut known = 0;
        for segment in 0..last {
            let cells = [self.joints[segment].cell, self.joints[segment + 1].cell];
            let ends = [knots[segment], knots[segment + 1]];
            while self.checked_before.get(known).is_some_and(|old| old.knots[0].node < ends[0].node) {
                known += 1;
            }
            let same = self.checked_before.get(known).filter(|old| old.knots == ends);
            let is_contained = same.map(|old| old.is_contained).unwrap_or_else(|| {
                let curve = self.bezier(knots, segment).to_polynomial();
                let crossings = &mut self.crossings[cells[0] - start..cells[1] - start];
                let passes_fast_test = cells[0] >= run.first_node && {
                    let query = CurveInCorridor {
                        curve: &curve,
                        corridor,
                        targets,
                        first_cell: cells[0],
                        edges: cells[0] - run.first_node..cells[1] - run.first_node,
                        arc_lengths: [run.arc_length(ends[0].node), run.arc_length(ends[1].node)],
                    };
                    self.curve_crossings.is_contained(&query, crossings)
                };
                passes_fast_test || is_contained_by_cells(corridor, cells, &curve, crossings)
            });
            self.checked.push(CheckedSegment { knots: ends, is_contained });
        }
        self.checked.iter().all(|segment| segment.is_contained)
    }

    /// The Bezier form of a segment.
    fn bezier(&self, knots: &[Knot], segment: usize) -> CubicBezier {
        let ([from, to], [a, b]) = (
            [self.joints[segment].point, self.joints[segment + 1].point],
            [knots[segment], knots[segment + 1]],
        );
        let [first, second] = [a.tangent_scales[1] / 3.0, b.tangent_scales[0] / 3.0];
        CubicBezier([from, from + a.tangent * first, to - b.tangent * second, to])
    }

    /// Appends the segments of a run that was checked, behind lines to its start. Returns the number of steps without a
    /// curve.
    pub(super) fn push_run(&mut self, corridor: &ArcCorridor, knots: &[Knot]) -> usize {
        let last = knots.len() - 1;
        let mut straight_steps = 0;
        let start = Joint { at: self.joints[0], tangent: Some(knots[0].tangent) };
        match self.end {
            None => {
                self.points.push(start.at.point);
                self.start = start;
            }
            Some(end) => straight_steps += self.push_connection(corridor, end, start),
        }
        let mut segment = 0;
        while segment < last {
            let is_contained = self.checked[segment].is_contained;
            let end = (segment..last).find(|&i| self.checked[i].is_contained != is_contained).unwrap_or(last);
            let (from, to) = (self.joints[segment], self.joints[end]);
            if is_contained {
                self.push_segments(corridor, knots, segment..end);
            } else {
                straight_steps += to.cell - from.cell;
                self.flattener.set_full_windows(corridor, from.cell..to.cell);
                self.flattener.push_lines(from, to, &mut self.points);
            }
            segment = end;
        }
        self.checked.clear();
        self.end = Some(Joint { at: self.joints[last], tangent: Some(knots[last].tangent) });
        straight_steps
    }

    /// Appends consecutive segments that are contained, and the points that approximate them.
    fn push_segments(&mut self, corridor: &ArcCorridor, knots: &[Knot], segments: Range<usize>) {
        let Range { mut start, end } = segments;
        let edges = self.joints[start].cell..self.joints[end].cell;
        let first_crossing = self.joints[0].cell;
        self.flattener.set_curve_windows(corridor, &self.crossings, first_crossing, edges);
        while start < end {
            let from = self.points.len() - 1;
            let mut stop = end.min(start + MAX_SHARED_SEGMENTS);
            // A joint that needs a vertex of its own ends the segments that share lines.
            loop {
                self.points.truncate(from + 1);
                self.flattener.push_lines(self.joints[start], self.joints[stop], &mut self.points);
                let (joints, points) = (&self.joints[start..=stop], &self.points[from..]);
                let before = &mut self.points_before_joints;
                let Some(joint) = self.flattener.locate_joints(corridor, joints, points, before) else {
                    break;
                };
                stop = start + joint;
            }
            let (mut first, last) = (from as u32, self.points.len() as u32 - 1);
            for segment in start..stop {
                let before = self.points_before_joints.get(segment - start).map(|&i| from as u32 + i);
                let end = before.map_or(last, |before| before + 1);
                let controls = self.bezier(knots, segment).0;
                self.curves.push(CurveSpan { first, steps: end - first, controls });
                first = end - 1;
            }
            start = stop;
        }
    }

    /// Appends lines to the end of the arc. Returns their number of steps.
    pub(super) fn finish(&mut self, corridor: &ArcCorridor) -> usize {
        let steps = corridor.step_count();
        let Some(end) = self.end else { return steps };
        if !corridor.is_closed {
            let at = CellPoint { cell: steps, point: corridor.node(steps) };
            return self.push_connection(corridor, end, Joint { at, tangent: None });
        }
        let CellPoint { cell, point } = self.start.at;
        let start = Joint { at: CellPoint { cell: cell + steps, point }, ..self.start };
        let straight_steps = self.push_connection(corridor, end, start);
        self.close();
        straight_steps
    }

    /// Appends lines from the end of one curve to the start of the next: over the corner where their tangents meet, or
    /// a point near it, or else along the traced border. Returns their number of steps.
    fn push_connection(&mut self, corridor: &ArcCorridor, from: Joint, to: Joint) -> usize {
        let meeting = from.tangent.zip(to.tangent).and_then(|(tangent, next_tangent)| {
            intersect_rays((from.at.point, tangent), (to.at.point, next_tangent))
        });
        let corner = meeting.and_then(|meeting| {
            let clamped = (from.at.cell..=to.at.cell).map(|cell| corridor.clamp_to_cell(cell, meeting));
            let mut candidates: Vec<Point> = std::iter::once(meeting).chain(clamped).collect();
            candidates.sort_by(|p, q| (*p - meeting).length().total_cmp(&(*q - meeting).length()));
            candidates.into_iter().find(|&corner| corridor.contains_corner(from.at, corner, to.at))
        });
        if let Some(corner) = corner {
            self.points.extend([corner, to.at.point]);
        } else {
            self.flattener.set_full_windows(corridor, from.at.cell..to.at.cell);
            self.flattener.push_lines(from.at, to.at, &mut self.points);
        }
        to.at.cell - from.at.cell
    }
}

/// Tests a curve cell by cell, and fills in where it crosses each grid edge: in the middle, if the curve is not
/// contained.
fn is_contained_by_cells(
    corridor: &ArcCorridor,
    [from, to]: [usize; 2],
    curve: &CubicPolynomial,
    crossings: &mut [Point],
) -> bool {
    let is_contained = corridor.contains_curve([from, to], curve, crossings);
    if !is_contained {
        crossings.iter_mut().zip(from..).for_each(|(crossing, i)| *crossing = corridor.edge(i).middle);
    }
    is_contained
}

/// Where the ray from the end of one curve along its tangent meets the ray back from the start of another.
fn intersect_rays((from, tangent): (Point, Point), (to, next_tangent): (Point, Point)) -> Option<Point> {
    let turn = tangent.cross(next_tangent);
    let (ahead, behind) = ((to - from).cross(next_tangent) / turn, tangent.cross(to - from) / turn);
    (turn != 0.0 && ahead > 0.0 && behind > 0.0 && ahead.is_finite()).then(|| from + tangent * ahead)
}
