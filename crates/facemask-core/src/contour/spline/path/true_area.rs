//! The area of a path: its curves move along their normals until the path encloses with the border's pixels no area.
//!
//! The signed area between path and staircase, the border along the sides of pixels, is then 0. So every region has the
//! area of its pixels. The move is the same for all curves: that changes their shape least. Joints with lines stay,
//! except for those lines that lead to a junction.

use super::area::solve_area;
use super::element::PathElement;
use crate::contour::corridor::arc_steps::ArcCorridor;
use crate::contour::topology::canonical::Staircase;
use crate::geometry::Point;

/// The largest move of a curve in px.
const MAX_SHIFT: f64 = 0.3;
/// The rounds in which curves that would leave the corridor are held back.
const MAX_ROUNDS: usize = 4;
/// How the end of a path or of its piece goes on.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum PathEnd {
    /// It stays where it is: at a junction or at a center.
    Fixed,
    /// In its own mirror image.
    Mirrored,
    /// At the start of the path, or at the image of that.
    Joined,
}

/// The move of one element: at its start and at its end, and whether only its handles move.
#[derive(Clone, Copy, Default)]
struct Shift {
    offsets: [Point; 2],
    is_bulge: bool,
}

/// Corrects the area of a path. Fills in where its curves cross the grid edges behind the cell of its start.
///
/// Returns whether the corridor contains all elements.
pub(super) fn correct(
    elements: &mut Vec<PathElement>,
    corridor: &ArcCorridor,
    staircase: &Staircase,
    ends: [PathEnd; 2],
    crossings: &mut Vec<Point>,
) -> bool {
    let first_cell = elements[0].cells[0];
    crossings.clear();
    crossings.resize(elements[elements.len() - 1].cells[1] - first_cell, Point::default());
    let mut is_contained = |element: &PathElement| {
        let [from, to] = element.cells;
        from <= to && element.is_contained(corridor, &mut crossings[from - first_cell..to - first_cell])
    };
    let defect = |elements: &[PathElement]| {
        let [from, to] = [elements[0].ends[0], elements[elements.len() - 1].ends[1]];
        let closing = to.cross(staircase.ends[1]) + staircase.ends[0].cross(from);
        elements.iter().map(PathElement::area).sum::<f64>() + closing * 0.5 - staircase.area
    };
    let mut is_free = vec![true; elements.len() + 1];
    for _ in 0..MAX_ROUNDS {
        let shifts = shifts_of(elements, &is_free, ends);
        let at = |amount: f64| defect(&apply(elements, &shifts, amount));
        let Some(amount) = solve_area(at, MAX_SHIFT) else { break };
        let mut moved = apply(elements, &shifts, amount);
        relocate_joints(&mut moved, corridor, &is_free);
        let mut is_valid = true;
        for (i, element) in moved.iter().enumerate() {
            if !is_contained(element) {
                is_valid = false;
                is_free[i..=i + 1].fill(false);
            }
        }
        if is_valid {
            *elements = moved;
            return true;
        }
    }
    elements.iter().all(is_contained)
}

/// The moves of all elements by one unit to the right of the path.
fn shifts_of(elements: &[PathElement], is_free: &[bool], ends: [PathEnd; 2]) -> Vec<Shift> {
    let last = elements.len() - 1;
    let is_closed = ends == [PathEnd::Joined; 2];
    let is_junction_line = |i: usize| {
        !elements[i].is_curve()
            && (i == 0 && ends[0] == PathEnd::Fixed || i == last && ends[1] == PathEnd::Fixed)
    };
    let end_moves = |side: usize, i: usize| match ends[side] {
        PathEnd::Fixed => false,
        PathEnd::Mirrored => elements[i].is_curve(),
        PathEnd::Joined => elements[0].is_curve() && elements[last].is_curve(),
    };
    let joint_moves: Vec<bool> = (0..=last + 1)
        .map(|joint| {
            let moves = match joint {
                0 => end_moves(0, 0),
                joint if joint > last => end_moves(1, last),
                joint => {
                    let around = [joint - 1, joint];
                    around.iter().any(|&i| elements[i].is_curve())
                        && around.iter().all(|&i| elements[i].is_curve() || is_junction_line(i))
                }
            };
            moves
                && is_free[joint]
                && (!is_closed || (1..=last).contains(&joint) || is_free[0] && is_free[last + 1])
        })
        .collect();
    let normal = |joint: usize| {
        let tangent = match joint {
            joint if joint <= last && elements[joint].is_curve() => elements[joint].tangent(0),
            joint => elements[joint - 1].tangent(1),
        };
        Point::new(-tangent.y, tangent.x)
    };
    let bulges = !joint_moves.contains(&true);
    let shift = |(i, element): (usize, &PathElement)| {
        if bulges {
            let is_held = !element.is_curve() || !(is_free[i] || is_free[i + 1]);
            let offset = |side| {
                let tangent = element.tangent(side);
                Point::new(-tangent.y, tangent.x)
            };
            let offsets = if is_held { [Point::default(); 2] } else { [offset(0), offset(1)] };
            return Shift { offsets, is_bulge: true };
        }
        let offset = |joint: usize| if joint_moves[joint] { normal(joint) } else { Point::default() };
        Shift { offsets: [offset(i), offset(i + 1)], is_bulge: false }
    };
    elements.iter().enumerate().map(shift).collect()
}

fn apply(elements: &[PathElement], shifts: &[Shift], amount: f64) -> Vec<PathElement> {
    let moved = |(element, shift): (&PathElement, &Shift)| {
        let offsets = shift.offsets.map(|offset| offset * amount);
        if shift.is_bulge { element.bulged(offsets) } else { element.moved(offsets) }
    };
    elements.iter().zip(shifts).map(moved).collect()
}

/// Finds the cells of the joints that moved.
fn relocate_joints(elements: &mut [PathElement], corridor: &ArcCorridor, is_free: &[bool]) {
    for joint in 1..elements.len() {
        if !is_free[joint] {
            continue;
        }
        let point = elements[joint].ends[0];
        let at = corridor.locate(elements[joint].cells[0], point);
        if at.point == point {
            elements[joint - 1].cells[1] = at.cell;
            elements[joint].cells[0] = at.cell;
        }
    }
}
