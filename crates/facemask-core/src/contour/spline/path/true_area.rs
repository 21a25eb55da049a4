//! The area of a path: its curves move along their normals until the path encloses with the border's pixels no area.
//!
//! The signed area between path and staircase, the border along the sides of pixels, is then 0. So every region has the
//! area of its pixels. One joint after the other moves a little, spread over the path, until no area is left: the fewer
//! move, the fewer curves are tested again. Joints with lines stay, except for those lines that lead to a junction.

use super::element::{CellCrossings, PathElement};
use crate::contour::corridor::arc_steps::ArcCorridor;
use crate::contour::spline::area::{AREA_TOLERANCE, AreaOfMove};
use crate::contour::spline::tuning::{AREA_MOVES, MIN_CLEARANCE};
use crate::contour::topology::canonical::Staircase;
use crate::geometry::Point;

/// How the end of a path or of its domain goes on.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum PathEnd {
    /// It stays where it is: at a junction or at a center.
    Fixed,
    /// In its own mirror image.
    Mirrored,
    /// At the start of the path, or at the image of that.
    Joined,
}

/// What moves by one unit to the right of the path: consecutive elements, with the velocities of their control points.
struct Move {
    /// The first element.
    first: usize,
    /// The velocities of start, handles and end, of one or two elements.
    velocities: Vec<[Point; 4]>,
}

/// Corrects the area of a path, and fills in where its curves cross the grid edges.
///
/// `is_checked` says that the corridor is known to contain the path, and that the crossings are known. Returns the area
/// that is left, or `None` if the corridor does not contain all elements.
pub(super) fn correct(
    elements: &mut [PathElement],
    corridor: &ArcCorridor,
    staircase: &Staircase,
    (ends, is_checked): ([PathEnd; 2], bool),
    crossings: &mut CellCrossings,
) -> Option<f64> {
    if !is_checked && !elements.iter().all(|element| element.is_contained(corridor, crossings)) {
        return None;
    }
    let mut defect = defect(elements, staircase);
    let moves = moves_of(elements, ends);
    // Neighbors do not move one after the other: a step of the golden ratio spreads the moves.
    let step = (moves.len() as f64 * (5.0_f64.sqrt() - 1.0) / 2.0) as usize;
    let step = (step.max(1)..).find(|&step| are_coprime(step, moves.len())).unwrap_or(1);
    for limit in AREA_MOVES {
        for i in 0..moves.len() {
            if defect.abs() < AREA_TOLERANCE {
                return Some(defect);
            }
            defect = try_move(
                elements,
                corridor,
                &moves[(i + 1) * step % moves.len()],
                (defect, limit),
                crossings,
            );
        }
    }
    Some(defect)
}

/// Makes a move of at most `limit` px that leaves the least defect, if the corridor contains what moves. Returns the
/// defect that is left.
fn try_move(
    elements: &mut [PathElement],
    corridor: &ArcCorridor,
    Move { first, velocities }: &Move,
    (defect, limit): (f64, f64),
    crossings: &mut CellCrossings,
) -> f64 {
    let range = *first..first + velocities.len();
    let mut area = AreaOfMove::default();
    for (element, &velocity) in elements[range.clone()].iter().zip(velocities) {
        element.add_to(&mut area, velocity);
    }
    area.add(defect - area.constant());
    let Some(amount) = area.root(limit) else { return defect };
    let before = elements[range.clone()].to_vec();
    let cells = [before[0].cells[0], before[before.len() - 1].cells[1]];
    let crossings_before = crossings.between(cells).to_vec();
    for (element, velocity) in elements[range.clone()].iter_mut().zip(velocities) {
        *element = element.moved(velocity.map(|velocity| velocity * amount));
    }
    if let [one, other] = &mut elements[range.clone()] {
        let at = corridor.locate(other.cells[0], other.ends[0]);
        // A joint may leave the cells of both elements, at a cut of a symmetric arc. The test below then decides.
        if at.point == other.ends[0] && (cells[0]..=cells[1]).contains(&at.cell) {
            (one.cells[1], other.cells[0]) = (at.cell, at.cell);
        }
    }
    let is_contained = elements[range.clone()].iter().all(|element| {
        element.is_contained(corridor, crossings)
            && (!element.is_curve() || {
                let skipped = element.cells[0] - cells[0];
                keeps_clear(
                    corridor,
                    element.cells,
                    crossings.between(element.cells),
                    &crossings_before[skipped..],
                )
            })
    });
    if is_contained {
        return area.at(amount);
    }
    elements[range].copy_from_slice(&before);
    crossings.between(cells).copy_from_slice(&crossings_before);
    defect
}

/// Whether the crossings of a curve stay clear of the ends of their windows, or come no nearer to them than before.
///
/// The corridor alone leaves no room for the two decimals of an SVG.
fn keeps_clear(corridor: &ArcCorridor, [from, to]: [usize; 2], now: &[Point], before: &[Point]) -> bool {
    (from..to).zip(now.iter().zip(before)).all(|(i, (now, before))| {
        let edge = corridor.edge(i);
        let offset = |p: Point| (p - edge.middle).dot(edge.right()).abs();
        offset(*now) <= (edge.half_width - MIN_CLEARANCE).max(offset(*before))
    })
}

/// The area between path and staircase.
fn defect(elements: &[PathElement], staircase: &Staircase) -> f64 {
    let mut area = AreaOfMove::default();
    let still = [Point::default(); 4];
    elements.iter().for_each(|element| element.add_to(&mut area, still));
    let last = elements.len() - 1;
    area.add_line([elements[last].ends[1], staircase.ends[1]], [still[0]; 2]);
    area.add_line([staircase.ends[0], elements[0].ends[0]], [still[0]; 2]);
    area.constant() - staircase.area
}

/// The moves of a path: those of the joints that may move, or if there are none the bulges of its curves.
fn moves_of(elements: &[PathElement], ends: [PathEnd; 2]) -> Vec<Move> {
    let last = elements.len() - 1;
    let is_junction_line = |i: usize| {
        !elements[i].is_curve()
            && (i == 0 && ends[0] == PathEnd::Fixed || i == last && ends[1] == PathEnd::Fixed)
    };
    let fixed = Point::default();
    let start_move = |i: usize| {
        let normal = right_normal(&elements[i], 0);
        [normal, normal, fixed, fixed]
    };
    let end_move = |normal: Point| [fixed, fixed, normal, normal];
    let mut moves = Vec::new();
    if ends[0] == PathEnd::Mirrored && elements[0].is_curve() {
        moves.push(Move { first: 0, velocities: vec![start_move(0)] });
    }
    for joint in 1..=last {
        let [before, after] = [joint - 1, joint];
        let curves = [before, after].map(|i| elements[i].is_curve());
        if !curves.contains(&true)
            || [before, after].iter().any(|&i| !elements[i].is_curve() && !is_junction_line(i))
        {
            continue;
        }
        let normal =
            if curves[1] { right_normal(&elements[after], 0) } else { right_normal(&elements[before], 1) };
        let velocities = vec![end_move(normal), [normal, normal, fixed, fixed]];
        moves.push(Move { first: before, velocities });
    }
    if ends[1] == PathEnd::Mirrored && elements[last].is_curve() {
        moves.push(Move { first: last, velocities: vec![end_move(right_normal(&elements[last], 1))] });
    }
    // A curve between two lines may also bulge: its tangents are its own.
    let is_alone = |i: usize| {
        let is_line = |i: usize| elements.get(i).is_none_or(|element| !element.is_curve());
        elements[i].is_curve()
            && is_line(i + 1)
            && is_line(i.wrapping_sub(1))
            && !ends.contains(&PathEnd::Mirrored)
    };
    for i in (0..=last).filter(|&i| is_alone(i)) {
        let handles = [0, 1].map(|side| right_normal(&elements[i], side));
        moves.push(Move { first: i, velocities: vec![[fixed, handles[0], handles[1], fixed]] });
    }
    moves
}

/// The unit vector to the right of an element at its start (0) or end (1).
fn right_normal(element: &PathElement, side: usize) -> Point {
    let tangent = element.tangent(side);
    Point::new(-tangent.y, tangent.x)
}

fn are_coprime(mut a: usize, mut b: usize) -> bool {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a <= 1
}
