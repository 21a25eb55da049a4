//! The path of one arc under construction: curves, and lines where no curve is contained.

use super::element::{CellCrossings, PathElement, transform_controls};
use super::flatten::Flattener;
use super::fundamental_domain::cut_domain;
use super::points::PointBuilder;
use super::true_area::{PathEnd, correct};
use crate::contour::corridor::arc_steps::{ArcCorridor, CellPoint};
use crate::contour::spline::crossings::{Crossings, CurveInCorridor};
use crate::contour::spline::residuals::CrossingTargets;
use crate::contour::spline::segment::{ArcRun, Knot};
use crate::contour::topology::canonical::{ArcSymmetry, CanonicalForm, DomainImage};
use crate::geometry::{CubicBezier, CubicPolynomial, CurveSpan, Point};

/// The steps of an arc up to which it is drawn with lines where curves cannot have its true area, or its symmetry.
const MAX_STEPS_WITHOUT_DEFECT: usize = 48;
/// The area in px² that such curves may lack.
const MAX_DEFECT: f64 = 0.02;

/// A builder of arc paths, which reuses its memory. All of it is in the canonical frame of the arc.
#[derive(Default)]
pub(crate) struct ArcPathBuilder {
    /// The points of the path, ends included. A closed arc does not repeat its first point.
    pub(crate) points: Vec<Point>,
    /// The curves that some of the points approximate. The last curve of a closed arc ends at its first point.
    pub(crate) curves: Vec<CurveSpan>,
    elements: Vec<PathElement>,
    /// The point and the cell of each knot.
    joints: Vec<CellPoint>,
    /// The segments of the run that was checked last, and those of the check before: a segment that is the same is not
    /// checked again.
    checked: Vec<CheckedSegment>,
    checked_before: Vec<CheckedSegment>,
    /// The points where curves cross grid edges. `has_crossings` says whether those of this arc are there.
    crossings: CellCrossings,
    has_crossings: bool,
    /// Where the path begins, if it does so with a curve.
    start: Joint,
    /// Where the path has come to.
    end: Option<Joint>,
    flattener: Flattener,
    line_points: Vec<CellPoint>,
    curve_crossings: Crossings,
    point_builder: PointBuilder,
}

/// The start or end of a curve or of an arc: a point in a cell, and the tangent of the curve there.
#[derive(Clone, Copy, Default)]
struct Joint {
    at: CellPoint,
    tangent: Option<Point>,
}

/// A segment and the result of its containment test.
#[derive(Clone, Copy)]
pub(in crate::contour::spline) struct CheckedSegment {
    knots: [Knot; 2],
    pub(in crate::contour::spline) is_contained: bool,
}

impl ArcPathBuilder {
    /// Starts a path: at the first node of an arc, or, if it is closed, where its first curve begins.
    pub(in crate::contour::spline) fn start(&mut self, corridor: &ArcCorridor) {
        self.elements.clear();
        self.checked.clear();
        self.has_crossings = false;
        (self.end, self.start) = (None, Joint::default());
        if !corridor.is_closed {
            let at = CellPoint { cell: 0, point: corridor.node(0) };
            self.end = Some(Joint { at, tangent: None });
        }
    }

    /// The segments of the run that was checked last.
    pub(in crate::contour::spline) fn checked(&self) -> &[CheckedSegment] {
        &self.checked
    }

    /// Tests every segment that has changed for containment. Returns whether the corridor contains all.
    pub(in crate::contour::spline) fn check_segments(
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
        if !self.has_crossings {
            // A joint lies in the cell of its node or in one beside it.
            let first =
                if run.is_closed || corridor.is_closed { run.first_node.saturating_sub(1) } else { 0 };
            self.crossings.reset(first, corridor.step_count() + 3);
            self.has_crossings = true;
        }
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
                let crossings = self.crossings.between(cells);
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
    pub(in crate::contour::spline) fn push_run(&mut self, corridor: &ArcCorridor, knots: &[Knot]) -> usize {
        let last = knots.len() - 1;
        let mut straight_steps = 0;
        let start = Joint { at: self.joints[0], tangent: Some(knots[0].tangent) };
        match self.end {
            None => self.start = start,
            Some(end) => straight_steps += self.push_connection(corridor, end, start),
        }
        for segment in 0..last {
            let (from, to) = (self.joints[segment], self.joints[segment + 1]);
            if self.checked[segment].is_contained {
                let element = PathElement::curve([from.cell, to.cell], self.bezier(knots, segment));
                self.elements.push(element);
                continue;
            }
            straight_steps += to.cell - from.cell;
            let is_first = segment == 0 || self.checked[segment - 1].is_contained;
            if is_first {
                let end = (segment..last).find(|&i| self.checked[i].is_contained).unwrap_or(last);
                self.push_border_lines(corridor, from, self.joints[end]);
            }
        }
        self.checked.clear();
        self.end = Some(Joint { at: self.joints[last], tangent: Some(knots[last].tangent) });
        straight_steps
    }

    /// Appends lines to the end of the arc, or to the start of a closed one. Returns their number of steps.
    pub(in crate::contour::spline) fn finish(&mut self, corridor: &ArcCorridor) -> usize {
        let steps = corridor.step_count();
        let Some(end) = self.end else { return steps };
        if !corridor.is_closed {
            let at = CellPoint { cell: steps, point: corridor.node(steps) };
            return self.push_connection(corridor, end, Joint { at, tangent: None });
        }
        let CellPoint { cell, point } = self.start.at;
        let start = Joint { at: CellPoint { cell: cell + steps, point }, ..self.start };
        self.push_connection(corridor, end, start)
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
            candidates.into_iter().find_map(|point| {
                let cell = corridor.locate_corner(from.at, point, to.at)?;
                Some(CellPoint { cell, point })
            })
        });
        if let Some(corner) = corner {
            self.elements.extend([PathElement::line(from.at, corner), PathElement::line(corner, to.at)]);
        } else {
            self.push_border_lines(corridor, from.at, to.at);
        }
        to.at.cell - from.at.cell
    }

    /// Appends lines along the traced border.
    fn push_border_lines(&mut self, corridor: &ArcCorridor, from: CellPoint, to: CellPoint) {
        self.flattener.set_full_windows(corridor, from.cell..to.cell);
        self.line_points.clear();
        self.flattener.push_cell_points(from, to, &mut self.line_points);
        let mut from = from;
        for &to in &self.line_points {
            self.elements.push(PathElement::line(from, to));
            from = to;
        }
    }

    /// Completes the path: gives it the true area and the symmetry of its arc, and fills in points and curves.
    ///
    /// Returns whether the corridor contains the path, and the points do not meet each other.
    pub(in crate::contour::spline) fn complete(
        &mut self,
        corridor: &ArcCorridor,
        form: &CanonicalForm,
    ) -> bool {
        if let Some(symmetry) = form.symmetry(corridor.is_closed) {
            // Images that are turned about a center join anywhere. At a joint of the path they fit best.
            let is_turned = corridor.is_closed && symmetry.has_axis == [false, false];
            let candidates = if is_turned { self.elements.len() } else { 1 };
            for i in 0..candidates {
                let mut symmetry = symmetry.clone();
                if is_turned {
                    let offset = 2 * (self.elements[i].cells[0] % corridor.step_count());
                    symmetry.domain = symmetry.domain.map(|position| position + offset);
                }
                let domain = cut_domain(&self.elements, corridor, form, &symmetry);
                if domain
                    .is_some_and(|mut it| self.complete_elements(corridor, form, &mut it, Some(&symmetry)))
                {
                    return true;
                }
            }
            if corridor.step_count() <= MAX_STEPS_WITHOUT_DEFECT {
                return false;
            }
        }
        let mut elements = std::mem::take(&mut self.elements);
        let is_complete = self.complete_elements(corridor, form, &mut elements, None);
        self.elements = elements;
        is_complete
    }

    fn complete_elements(
        &mut self,
        corridor: &ArcCorridor,
        form: &CanonicalForm,
        elements: &mut [PathElement],
        symmetry: Option<&ArcSymmetry>,
    ) -> bool {
        let staircase = match symmetry {
            Some(symmetry) => form.staircase(symmetry.domain),
            None => corridor.staircase(),
        };
        let is_checked = symmetry.is_none() && self.has_crossings;
        if !is_checked {
            let cells = [elements[0].cells[0], elements[elements.len() - 1].cells[1]];
            self.crossings.reset(cells[0], cells[1] - cells[0]);
            self.has_crossings = false;
        }
        let ends = path_ends(corridor, symmetry);
        let defect = correct(elements, corridor, &staircase, (ends, is_checked), &mut self.crossings);
        let images = symmetry.map_or(1, |symmetry| symmetry.images.len());
        let is_short = corridor.step_count() <= MAX_STEPS_WITHOUT_DEFECT;
        // The lines of a short arc have its true area.
        if defect.is_none_or(|defect| is_short && defect.abs() * images as f64 > MAX_DEFECT) {
            return false;
        }
        self.point_builder.build(corridor, elements, &mut self.crossings, &staircase);
        self.points.clone_from(&self.point_builder.points);
        self.curves.clone_from(&self.point_builder.curves);
        if let Some(symmetry) = symmetry {
            self.push_images(&symmetry.images);
        }
        if corridor.is_closed {
            self.points.pop();
        }
        corridor.is_simple(elements[0].cells[0], &self.points)
    }

    /// Appends the images of a domain to it.
    fn push_images(&mut self, images: &[DomainImage]) {
        let (point_count, curve_count) = (self.points.len(), self.curves.len());
        let edges = point_count as u32 - 1;
        let mut first = edges;
        for DomainImage { isometry, is_reversed } in &images[1..] {
            for i in 1..point_count {
                let point = self.points[if *is_reversed { point_count - 1 - i } else { i }];
                self.points.push(isometry.apply(point));
            }
            for i in 0..curve_count {
                let curve = self.curves[if *is_reversed { curve_count - 1 - i } else { i }];
                let begin = if *is_reversed { edges - (curve.first + curve.steps) } else { curve.first };
                let controls = transform_controls(isometry, curve.controls, *is_reversed);
                self.curves.push(CurveSpan { first: first + begin, controls, ..curve });
            }
            first += edges;
        }
    }
}

/// How the ends of the path of an arc, or of a fundamental domain of it, go on.
fn path_ends(corridor: &ArcCorridor, symmetry: Option<&ArcSymmetry>) -> [PathEnd; 2] {
    let Some(symmetry) = symmetry else {
        return [if corridor.is_closed { PathEnd::Joined } else { PathEnd::Fixed }; 2];
    };
    symmetry.has_axis.map(|has_axis| match has_axis {
        true => PathEnd::Mirrored,
        false if corridor.is_closed => PathEnd::Joined,
        false => PathEnd::Fixed,
    })
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
