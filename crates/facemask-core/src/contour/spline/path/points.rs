//! The points of a path: polylines that approximate its curves, and the ends of its lines.
//!
//! The polyline has the area of the path. Its vertices lie on grid edges, and move along them until it has.

use super::area::{AREA_TOLERANCE, solve_area};
use super::element::PathElement;
use super::flatten::{Flattener, passes_windows};
use crate::contour::corridor::arc_steps::{ArcCorridor, CellPoint};
use crate::contour::spline::tuning::{FLATTEN_TOLERANCES, MAX_SHARED_SEGMENTS};
use crate::contour::topology::canonical::Staircase;
use crate::geometry::{CurveSpan, Point};

/// The largest move of a vertex across the path, in px.
const MAX_VERTEX_SHIFT: f64 = 0.1;
/// The rounds in which vertices whose lines would leave the corridor are held back.
const MAX_ROUNDS: usize = 3;

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
        crossings: &[Point],
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
        crossings: &[Point],
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
                let crossings = &crossings[from - first_cell..end.cell - first_cell];
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

    /// Moves vertices along their grid edges until the polyline encloses no area with the staircase. It stays in the
    /// corridor: vertices whose lines would leave it are held back. Returns whether no area is left.
    fn correct_area(&mut self, corridor: &ArcCorridor, staircase: &Staircase) -> bool {
        let points = &self.points;
        let last = points.len() - 1;
        let closing = points[last].cross(staircase.ends[1]) + staircase.ends[0].cross(points[0]);
        let defect = |points: &[Point]| {
            let sum: f64 = points.windows(2).map(|line| line[0].cross(line[1])).sum();
            (sum + closing) * 0.5 - staircase.area
        };
        let mut directions: Vec<Point> = (0..=last)
            .map(|i| {
                let PointPlace { cell, is_on_edge } = self.places[i];
                if !is_on_edge {
                    return Point::default();
                }
                let edge = corridor.edge(cell);
                edge.right() * (1.0 / edge.crossing_sine(points[i + 1] - points[i - 1]))
            })
            .collect();
        if defect(points).abs() < AREA_TOLERANCE {
            return true;
        }
        let moved = |directions: &[Point], amount: f64| -> Vec<Point> {
            points.iter().zip(directions).map(|(&p, &direction)| p + direction * amount).collect()
        };
        for _ in 0..MAX_ROUNDS {
            let at = |amount: f64| defect(&moved(&directions, amount));
            let Some(amount) = solve_area(at, MAX_VERTEX_SHIFT) else { break };
            let candidate = moved(&directions, amount);
            let held = self.lines_outside(corridor, points, &candidate);
            if held.is_empty() {
                let is_true = defect(&candidate).abs() < AREA_TOLERANCE;
                self.points = candidate;
                return is_true;
            }
            held.iter().for_each(|&line| directions[line..=line + 1].fill(Point::default()));
        }
        false
    }

    /// The lines that moved and leave the corridor, by the number of their first point.
    fn lines_outside(&self, corridor: &ArcCorridor, before: &[Point], points: &[Point]) -> Vec<usize> {
        let has_moved = |i: usize| points[i..=i + 1] != before[i..=i + 1];
        let is_outside = |&i: &usize| {
            let (from, to) = (self.places[i], self.places[i + 1]);
            let is_beyond = to.is_on_edge && {
                let edge = corridor.edge(to.cell);
                (points[i + 1] - edge.middle).length() > edge.line_half_width()
            };
            is_beyond || !passes_windows(corridor, points[i], points[i + 1], from.next_edge()..to.cell)
        };
        let joint_is_outside = |&(i, joint): &(usize, CellPoint)| {
            let (from, to) = (self.places[i], self.places[i + 1]);
            let passes = passes_windows(corridor, points[i], joint.point, from.next_edge()..joint.cell)
                && passes_windows(corridor, joint.point, points[i + 1], joint.cell..to.cell);
            (!passes).then_some(i)
        };
        let lines = (0..points.len() - 1).filter(|&i| has_moved(i)).filter(is_outside);
        let joints = self.hidden_joints.iter().filter(|(i, _)| has_moved(*i));
        lines.chain(joints.filter_map(joint_is_outside)).collect()
    }
}
