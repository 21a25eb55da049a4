//! The fundamental domain of a symmetric arc: the part of its path between two axes, whose images join smoothly.

use super::element::{CellCrossings, PathElement};
use crate::contour::corridor::arc_steps::ArcCorridor;
use crate::contour::topology::canonical::{ArcSymmetry, CanonicalForm};
use crate::geometry::{Affine, Point};

/// What moves with the start of an element, and with its end: the nearer handle does.
const START: [f64; 4] = [1.0, 1.0, 0.0, 0.0];
const END: [f64; 4] = [0.0, 0.0, 1.0, 1.0];

/// A place to cut a path: across it, at a position of the arc.
struct Cut {
    /// The cells that the parts before and behind the cut end and start in.
    cells: [usize; 2],
    /// A point near the path, and the normal of the line along which it is cut.
    point: Point,
    normal: Point,
}

/// An element and the parameter at which it is cut.
#[derive(Clone, Copy)]
struct CutElement {
    index: usize,
    t: f64,
}

/// Cuts the domain of a symmetric arc out of its path, and bends its ends so that the images of the domain join without a
/// corner. `None` if the path does not cross an axis once.
pub(super) fn cut_domain(
    elements: &[PathElement],
    corridor: &ArcCorridor,
    form: &CanonicalForm,
    symmetry: &ArcSymmetry,
) -> Option<Vec<PathElement>> {
    let [start, end] = symmetry.domain.map(|position| Cut {
        cells: [position / 2, position.div_ceil(2)],
        point: form.point(position),
        normal: form.direction(position),
    });
    let count = corridor.step_count();
    let mut domain = if corridor.is_closed {
        let (from, to) = (find(elements, &start, count)?, find(elements, &end, count)?);
        let mut domain = between(elements, from, to, [&start, &end]);
        // The cells of a closed path count from anywhere, and on beyond its start; those of a cut count from the start of
        // the arc. Those of the domain count on from its start.
        let mut cell = start.cells[1];
        for (i, element) in domain.iter_mut().enumerate() {
            let from = if i == 0 { cell } else { element.cells[0] };
            let steps = (element.cells[1] + 2 * count - from) % count;
            element.cells = [cell, cell + steps];
            cell += steps;
        }
        let last = domain.len() - 1;
        domain[last].cells[1] = end.cells[0];
        domain
    } else {
        let to = find(elements, &end, 0)?;
        let mut domain = elements[..=to.index].to_vec();
        domain[to.index] = elements[to.index].split(to.t, end.cells)[0];
        domain
    };
    if domain.iter().any(|element| element.cells[0] > element.cells[1]) {
        return None;
    }
    join_ends(&mut domain, symmetry, [&start, &end]);
    merge_parts(&mut domain, corridor);
    Some(domain)
}

/// Merges the curves at the ends of a domain, which are parts of curves, with their neighbors, where one curve is
/// contained.
fn merge_parts(domain: &mut Vec<PathElement>, corridor: &ArcCorridor) {
    let mut crossings = CellCrossings::default();
    for at_end in [true, false] {
        let Some(second_last) = domain.len().checked_sub(2) else { return };
        let first = if at_end { second_last } else { 0 };
        let Some(merged) = PathElement::merged(&domain[first], &domain[first + 1]) else { continue };
        crossings.reset(merged.cells[0], merged.cells[1] - merged.cells[0]);
        if merged.is_contained(corridor, &mut crossings) {
            domain.splice(first..=first + 1, [merged]);
        }
    }
}

/// The element that crosses a cut. In a closed path of so many steps the cells count from anywhere.
fn find(elements: &[PathElement], cut: &Cut, count: usize) -> Option<CutElement> {
    let [before, after] = cut.cells;
    let from = if count == 0 { before } else { before % count };
    let rounds = if count == 0 { 0..1 } else { 0..3 };
    rounds.map(|round| from + round * count).find_map(|from| {
        let cells = [from, from + after - before];
        elements.iter().enumerate().find_map(|(index, element)| {
            let [first, last] = element.cells;
            let is_near = first <= cells[1] && last >= cells[0];
            let t = is_near.then(|| element.cut_parameter(cut.point, cut.normal)).flatten()?;
            Some(CutElement { index, t })
        })
    })
}

/// The elements of a closed path from one cut to another.
fn between(elements: &[PathElement], from: CutElement, to: CutElement, cuts: [&Cut; 2]) -> Vec<PathElement> {
    let first = elements[from.index].split(from.t, cuts[0].cells)[1];
    if from.index == to.index && from.t < to.t {
        let t = (to.t - from.t) / (1.0 - from.t);
        return vec![first.split(t, cuts[1].cells)[0]];
    }
    let mut domain = vec![first];
    let mut index = (from.index + 1) % elements.len();
    while index != to.index {
        domain.push(elements[index]);
        index = (index + 1) % elements.len();
    }
    domain.push(elements[to.index].split(to.t, cuts[1].cells)[0]);
    domain
}

/// Moves and bends the ends of a domain: they cross an axis at right angles, meet their images, or pass the center.
fn join_ends(domain: &mut [PathElement], symmetry: &ArcSymmetry, cuts: [&Cut; 2]) {
    let last = domain.len() - 1;
    for (side, index) in [0, last].into_iter().enumerate() {
        if symmetry.has_axis[side] {
            cross_axis(&mut domain[index], side, cuts[side]);
        }
    }
    let Some(next) = symmetry.images.get(1).filter(|_| symmetry.has_axis == [false, false]) else { return };
    if next.is_reversed {
        // An open arc is turned half about the middle of the domain's end.
        let offset = cuts[1].point - domain[last].ends[1];
        domain[last] = domain[last].moved(END.map(|weight| offset * weight));
        return;
    }
    let turn = next.isometry;
    let Some(back) = turn.inverse() else { return };
    let point = domain[0].ends[0].midpoint(back.apply(domain[last].ends[1]));
    let tangent = domain[0].tangent(0) + linear(&back, domain[last].tangent(1));
    let tangent = tangent * (1.0 / tangent.length().max(f64::MIN_POSITIVE));
    let (offset, end) = (point - domain[0].ends[0], turn.apply(point));
    domain[0] = domain[0].moved(START.map(|weight| offset * weight));
    let offset = end - domain[last].ends[1];
    domain[last] = domain[last].moved(END.map(|weight| offset * weight));
    domain[last].ends[1] = end;
    if !(domain[0].is_curve() && domain[last].is_curve()) {
        return;
    }
    if let Some([p, _]) = &mut domain[0].handles {
        *p = point + tangent * (*p - point).length();
    }
    if let Some([_, q]) = &mut domain[last].handles {
        *q = end - linear(&turn, tangent) * (end - *q).length();
    }
}

/// Puts an end of an element on its axis, and bends a curve so that it crosses the axis at a right angle.
fn cross_axis(element: &mut PathElement, side: usize, cut: &Cut) {
    let inv_square = 1.0 / cut.normal.dot(cut.normal);
    let end = element.ends[side];
    let on_axis = end - cut.normal * ((end - cut.point).dot(cut.normal) * inv_square);
    element.ends[side] = on_axis;
    if let Some(handles) = &mut element.handles {
        let along = cut.normal * ((handles[side] - on_axis).dot(cut.normal) * inv_square);
        handles[side] = on_axis + along;
    }
}

/// The image of a vector.
fn linear(affine: &Affine, vector: Point) -> Point {
    affine.apply(vector) - affine.apply(Point::default())
}
