//! The points of a path: polylines that approximate its curves, and the ends of its lines.
//!
//! The polyline has the area of the path. Its vertices lie on grid edges, and move along them until it has.

use super::element::{CellCrossings, PathElement};
use super::flatten::{Flattener, passes_windows};
use crate::contour::corridor::arc_steps::{ArcCorridor, CellPoint};
use crate::contour::spline::area::AREA_TOLERANCE;
use crate::contour::spline::tuning::{FLATTEN_TOLERANCES, MAX_SHARED_SEGMENTS};
use crate::contour::topology::canonical::Staircase;
use crate::geometry::{CurveSpan, Point};

/// The largest moves of a vertex across the path, in px, tried in turn.
const VERTEX_MOVES: [f64; 3] = [0.02, 0.06, 0.2];

/// A builder of the points, which reuses its memory.
#[derive(Default)]
pub(super) struct PointBuilder {
    /// The points of the path, both ends included, and its curves.
    pub(super) points: Vec<Point>,
    pub(super) curves: Vec<CurveSpan>,
    flattener: Flattener,
    /// The joints of consecutive curves.
    joints: Vec<CellPoint>,
    /// The index of the point before each inner joint of some curves, counted from the first.
    points_before_joints: Vec<u32>,
    /// The place of each point of the path.
    places: Vec<PointPlace>,
    /// The joints that are no points, each with the index of the point before.
    hidden_joints: Vec<(usize, CellPoint)>,
    /// Whether every group of curves has a vertex between its ends, which may move.
    needs_vertex: bool,
}

/// The place of a point along its arc.
#[derive(Clone, Copy)]
struct PointPlace {
    /// The cell that it lies in, or the first of the two beside its grid edge.
    cell: usize,
    /// Whether it lies on the grid edge behind that cell, and may move along it.
    is_on_edge: bool,
}

impl PointPlace {
    /// The first grid edge behind the point.
    fn next_edge(self) -> usize {
        self.cell + usize::from(self.is_on_edge)
    }
}

impl PointBuilder {
    /// Builds the points of a path, in place of the one before. `crossings` are those of the curves with the
    /// grid edges behind the cell of the start.
    pub(super) fn build(
        &mut self,
        corridor: &ArcCorridor,
        elements: &[PathElement],
        crossings: &mut CellCrossings,
        staircase: &Staircase,
    ) {
        // Few vertices may be unable to make up for the area; then there are more of them, nearer to the curves.
        let least = FLATTEN_TOLERANCES[FLATTEN_TOLERANCES.len() - 1];
        let attempts = FLATTEN_TOLERANCES.map(|tolerance| (tolerance, false));
        for (tolerance, needs_vertex) in attempts.into_iter().chain([(least, true)]) {
            self.needs_vertex = needs_vertex;
            self.push_path(corridor, elements, crossings, tolerance);
            if self.correct_area(corridor, staircase) {
                return;
            }
        }
    }

    fn push_path(
        &mut self,
        corridor: &ArcCorridor,
        elements: &[PathElement],
        crossings: &mut CellCrossings,
        tolerance: f64,
    ) {
        self.points.clear();
        self.curves.clear();
        self.places.clear();
        self.hidden_joints.clear();
        let first_cell = elements[0].cells[0];
        self.points.push(elements[0].ends[0]);
        self.places.push(PointPlace { cell: first_cell, is_on_edge: false });
        for group in elements.chunk_by(|a, b| a.is_curve() && b.is_curve()) {
            let end = group[group.len() - 1].joint(1);
            if group[0].is_curve() {
                let from = group[0].cells[0];
                let crossings = crossings.between([from, end.cell]);
                self.flattener.set_curve_windows(corridor, crossings, tolerance, from..end.cell);
                self.push_curves(corridor, group);
            } else {
                self.points.push(end.point);
                self.places.push(PointPlace { cell: end.cell, is_on_edge: false });
            }
        }
    }

    /// Appends consecutive curves, and the points that approximate them.
    fn push_curves(&mut self, corridor: &ArcCorridor, elements: &[PathElement]) {
        self.joints.clear();
        self.joints.extend(elements.iter().map(|element| element.joint(0)));
        self.joints.push(elements[elements.len() - 1].joint(1));
        let mut start = 0;
        while start < elements.len() {
            let from = self.points.len() - 1;
            let mut stop = elements.len().min(start + MAX_SHARED_SEGMENTS);
            // A joint that needs a vertex of its own ends the curves that share lines.
            loop {
                self.points.truncate(from + 1);
                self.flattener.push_lines(
                    self.joints[start],
                    self.joints[stop],
                    self.needs_vertex,
                    &mut self.points,
                );
                let (joints, points) = (&self.joints[start..=stop], &self.points[from..]);
                let before = &mut self.points_before_joints;
                let Some(joint) = self.flattener.locate_joints(corridor, joints, points, before) else {
                    break;
                };
                stop = start + joint;
            }
            let on_edge = |&edge: &u32| PointPlace { cell: edge as usize, is_on_edge: true };
            self.places.extend(self.flattener.kept().iter().map(on_edge));
            self.places.push(PointPlace { cell: self.joints[stop].cell, is_on_edge: false });
            let (mut first, last) = (from as u32, self.points.len() as u32 - 1);
            for (i, element) in elements[start..stop].iter().enumerate() {
                let before = self.points_before_joints.get(i).map(|&point| from as u32 + point);
                if let Some(before) = before {
                    self.hidden_joints.push((before as usize, element.joint(1)));
                }
                let end = before.map_or(last, |before| before + 1);
                self.curves.push(CurveSpan { first, steps: end - first, controls: element.bezier().0 });
                first = end - 1;
            }
            start = stop;
        }
    }

    /// Moves vertices along their grid edges, one after the other, until the polyline encloses no area with the staircase.
    /// A vertex whose lines would leave the corridor stays. Returns whether no area is left.
    fn correct_area(&mut self, corridor: &ArcCorridor, staircase: &Staircase) -> bool {
        let points = &self.points;
        let last = points.len() - 1;
        let closing = points[last].cross(staircase.ends[1]) + staircase.ends[0].cross(points[0]);
        let sum: f64 = points.windows(2).map(|line| line[0].cross(line[1])).sum();
        let mut defect = (sum + closing) * 0.5 - staircase.area;
        for limit in VERTEX_MOVES {
            for i in 1..last {
                if defect.abs() < AREA_TOLERANCE {
                    return true;
                }
                if self.places[i].is_on_edge {
                    defect = self.try_move(corridor, i, defect, limit);
                }
            }
        }
        defect.abs() < AREA_TOLERANCE
    }

    /// Moves a vertex by at most `limit` px across the path, so that the least defect is left. Returns that defect.
    fn try_move(&mut self, corridor: &ArcCorridor, i: usize, defect: f64, limit: f64) -> f64 {
        let edge = corridor.edge(self.places[i].cell);
        let (before, point, after) = (self.points[i - 1], self.points[i], self.points[i + 1]);
        let sine = edge.crossing_sine(after - before);
        // The area is linear in the place of one vertex.
        let slope = (before - after).cross(edge.right()) * 0.5;
        let amount = (-defect / slope).clamp(-limit / sine, limit / sine);
        let half_width = edge.line_half_width();
        let offset = (point - edge.middle).dot(edge.right());
        let amount = (offset + amount).clamp(-half_width.max(-offset), half_width.max(offset)) - offset;
        if !amount.is_finite() {
            return defect;
        }
        self.points[i] = point + edge.right() * amount;
        if self.line_passes(corridor, i - 1) && self.line_passes(corridor, i) {
            return defect + slope * amount;
        }
        self.points[i] = point;
        defect
    }

    /// Whether the line from a point to the next, and the lines from both to the joints beside it, stay in the corridor.
    fn line_passes(&self, corridor: &ArcCorridor, i: usize) -> bool {
        let ([from, to], [start, end]) =
            ([self.places[i], self.places[i + 1]], [self.points[i], self.points[i + 1]]);
        let joints = self.hidden_joints.partition_point(|&(before, _)| before < i);
        let mut joints = self.hidden_joints[joints..].iter().take_while(|&&(before, _)| before == i);
        passes_windows(corridor, start, end, from.next_edge()..to.cell)
            && joints.all(|&(_, joint)| {
                passes_windows(corridor, start, joint.point, from.next_edge()..joint.cell)
                    && passes_windows(corridor, joint.point, end, joint.cell..to.cell)
            })
    }
}
