//! The first polyline of an arc: few lines that pass all windows, as symmetric as the arc itself.
//!
//! From a vertex the next line goes on as long as one direction passes all windows, and ends where the cone of such
//! directions meets the last window. This is a greedy minimum-link path through ordered windows (Guibas et al.,
//! "Approximating polygons and subdivisions with minimum-link paths", 1993; Imai & Iri, "An optimal algorithm for
//! approximating a piecewise linear function", 1986).
//!
//! Of a symmetric arc only a fundamental domain is partitioned, and the isometries of the arc map it to the rest. Where
//! an axis of reflection crosses the arc, the outline has a vertex on the axis, or a line at right angles to it.

use super::arc_cells::{ArcCells, CellVertex};
use crate::contour::topology::canonical::ArcSymmetry;
use crate::geometry::{Affine, Point};

/// The distance of a vertex from the ends of its window and from the outermost directions of its line, at most. It lets the
/// vertex move.
const VERTEX_MARGIN: f64 = 0.01;
/// The number of windows behind the last stop after which a search gives up, besides twice the way to that stop. It bounds
/// the search along a line none of whose further windows has a stop in view.
const MAX_BLIND_WINDOWS: usize = 64;
/// The distance from a window in which an axis lies to the two vertices beside it, at most.
const AXIS_GAP: f64 = 0.25;

/// The vertices of a polyline along an arc, and how the isometries of the arc exchange them.
#[derive(Default)]
pub(super) struct Polyline {
    /// In the order of the arc. Those of a closed arc begin at any node, and their cells go on into the next round.
    pub(super) vertices: Vec<CellVertex>,
    /// Of each vertex of a symmetric arc, the orbit and the image in which it lies.
    pub(super) members: Vec<OrbitMember>,
    /// The reflection that maps a vertex of the orbit to itself, by orbit.
    pub(super) mirrors: Vec<Option<Affine>>,
}

/// A vertex as an image of the first one of its orbit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct OrbitMember {
    pub(super) orbit: usize,
    pub(super) image: usize,
}

impl Polyline {
    /// Partitions an arc without symmetry.
    pub(super) fn partition(&mut self, cells: &ArcCells, reach: f64) {
        self.members.clear();
        self.mirrors.clear();
        self.vertices.clear();
        let count = cells.len();
        if !cells.is_closed {
            let [start, end] = [0, count].map(|cell| CellVertex { cell, point: cells.node(cell) });
            self.vertices.push(start);
            push_stops(cells, reach, start.point, 0, &end, &mut self.vertices);
            self.vertices.push(end);
            return;
        }
        // The corner at the start may be needless as a vertex. So the path starts where a line from the corner ends.
        let corner = CellVertex { cell: count, point: cells.corner(0) };
        let first = farthest_stop(cells, reach, corner.point, 0, &corner)
            .map_or(corner, |stop| CellVertex { cell: (stop.window + 1).min(count - 1), point: stop.point });
        self.vertices.push(first);
        // A vertex in a window lies in the cells on both sides of it. No other vertex may lie in the same window.
        let end = CellVertex { cell: first.cell + count - 1, point: first.point };
        push_stops(cells, reach, first.point, first.cell, &end, &mut self.vertices);
    }

    /// Partitions a domain of a symmetric arc, and maps it to the others.
    pub(super) fn partition_symmetric(&mut self, cells: &ArcCells, reach: f64, symmetry: &ArcSymmetry) {
        self.partition_domain(cells, reach, symmetry);
        let [from, to] = symmetry.domain;
        let domain = std::mem::take(&mut self.vertices);
        let count = 2 * cells.len();
        self.members.clear();
        // A closed arc starts one round later, so that no cell is negative.
        let first = from + if cells.is_closed { count } else { 0 };
        for (image, DomainImageAt { isometry, start, is_reversed }) in images_at(symmetry, first).enumerate()
        {
            let mut push = |orbit: usize| {
                let vertex: &CellVertex = &domain[orbit];
                let offset = 2 * vertex.cell - from;
                let position = if is_reversed { start + (to - from) - offset } else { start + offset };
                let point = isometry.apply(vertex.point);
                self.vertices.push(CellVertex { cell: position / 2, point });
                self.members.push(OrbitMember { orbit, image });
            };
            // A vertex at an end of the domain, which two images share, counts once.
            let is_at_start = |vertex: &CellVertex| 2 * vertex.cell == from;
            let is_at_end = |vertex: &CellVertex| 2 * vertex.cell == to;
            if is_reversed {
                (0..domain.len())
                    .rev()
                    .filter(|&i| !is_at_end(&domain[i]) && (!is_at_start(&domain[i]) || !cells.is_closed))
                    .for_each(&mut push);
            } else {
                (0..domain.len())
                    .filter(|&i| !is_at_end(&domain[i]) || symmetry.has_axis[1])
                    .for_each(&mut push);
            }
        }
        let mirror_of = |vertex: &CellVertex| match (2 * vertex.cell, &symmetry.images[..]) {
            (at, [.., last]) if at == from && symmetry.has_axis[0] => Some(last.isometry),
            (at, [_, second, ..]) if at == to && symmetry.has_axis[1] => Some(second.isometry),
            _ => None,
        };
        self.mirrors = domain.iter().map(mirror_of).collect();
    }

    /// Inserts a vertex and its images. Returns whether their cells have no vertex yet.
    pub(super) fn insert_orbit(
        &mut self,
        vertex: CellVertex,
        symmetry: &ArcSymmetry,
        cells: &ArcCells,
    ) -> bool {
        let [from, to] = symmetry.domain;
        let round = if cells.is_closed { cells.len() } else { 0 };
        let (from, to) = (from + 2 * round, to + 2 * round);
        let mut vertex = vertex;
        // The last line of a closed arc leads over the start of the domain.
        if cells.is_closed && 2 * vertex.cell > to {
            vertex.cell -= round;
            let beyond = 2 * vertex.cell < from;
            if let ([true, _], true, [.., last]) = (symmetry.has_axis, beyond, &symmetry.images[..]) {
                vertex = CellVertex { cell: from - vertex.cell, point: last.isometry.apply(vertex.point) };
            }
        }
        let position = 2 * vertex.cell;
        let mirror = match &symmetry.images[..] {
            [.., last] if position == from && symmetry.has_axis[0] => Some(last.isometry),
            [_, second, ..] if position == to && symmetry.has_axis[1] => Some(second.isometry),
            _ => None,
        };
        if let Some(mirror) = &mirror {
            vertex.point = vertex.point.midpoint(mirror.apply(vertex.point));
        }
        let orbit = self.mirrors.len();
        let mut images: Vec<(CellVertex, OrbitMember)> = Vec::with_capacity(symmetry.images.len());
        let Some(offset) = position.checked_sub(from).filter(|&offset| offset <= to - from) else {
            return false;
        };
        for (image, DomainImageAt { isometry, start, is_reversed }) in images_at(symmetry, from).enumerate() {
            let position = if is_reversed { start + (to - from) - offset } else { start + offset };
            let mut cell = position / 2;
            let first = self.vertices.first().map_or(0, |first| first.cell);
            if cells.is_closed && cell >= first + round {
                cell -= round;
            } else if cells.is_closed && cell < first {
                cell += round;
            }
            if images.iter().all(|(other, _)| other.cell != cell) {
                images.push((
                    CellVertex { cell, point: isometry.apply(vertex.point) },
                    OrbitMember { orbit, image },
                ));
            }
        }
        if images.iter().any(|(image, _)| self.vertices.iter().any(|other| other.cell == image.cell)) {
            return false;
        }
        self.mirrors.push(mirror);
        for (image, member) in images {
            let i = self.vertices.partition_point(|other| other.cell < image.cell);
            self.vertices.insert(i, image);
            self.members.insert(i, member);
        }
        true
    }

    /// The vertices of a domain of a symmetric arc. Of those at its ends, both are left out or kept.
    fn partition_domain(&mut self, cells: &ArcCells, reach: f64, symmetry: &ArcSymmetry) {
        let [from, to] = symmetry.domain;
        let vertices = &mut self.vertices;
        vertices.clear();
        let at_end = |position: usize| {
            let cell = position / 2;
            let is_end = !cells.is_closed && (cell == 0 || cell == cells.len());
            let point = match position % 2 {
                0 if is_end => cells.node(cell),
                0 => cells.corner(cell),
                _ => cells.window(cell).middle(),
            };
            CellVertex { cell, point }
        };
        let (start, mut end) = (at_end(from), at_end(to));
        // In the middle of a point symmetric arc.
        if !cells.is_closed && !symmetry.has_axis[1] && to % 2 == 0 {
            end.point = cells.node(end.cell);
        }
        push_stops(cells, reach, start.point, from.div_ceil(2), &end, vertices);
        if !cells.is_closed {
            vertices.insert(0, start);
        }
        match (symmetry.has_axis, &symmetry.images[..]) {
            ([false, false], _) if cells.is_closed => vertices.insert(0, start),
            ([false, true], [_, second]) => {
                resolve_axis(cells, vertices, &end, to, &second.isometry, false);
            }
            ([true, true], [_, second, .., last]) | ([true, true], [_, second @ last]) => {
                // A line across the axis is likelier where the arc goes straight on.
                let is_turn = |position: usize| {
                    let [incoming, outgoing] = cells.steps_at(position / 2);
                    position.is_multiple_of(2) && incoming != outgoing
                };
                // The vertex at the other end stands for its neighbor, in case there is no other.
                let ends = [(start, from, last, true), (end, to, second, false)];
                let order = if is_turn(from) && !is_turn(to) { [1, 0] } else { [0, 1] };
                let other = &ends[order[1]];
                if other.3 {
                    vertices.insert(0, other.0)
                } else {
                    vertices.push(other.0)
                }
                let (vertex, position, image, is_first) = &ends[order[0]];
                resolve_axis(cells, vertices, vertex, *position, &image.isometry, *is_first);
                let (vertex, position, image, is_first) = &ends[order[1]];
                if *is_first {
                    vertices.remove(0);
                } else {
                    vertices.pop();
                }
                resolve_axis(cells, vertices, vertex, *position, &image.isometry, *is_first);
            }
            _ => {}
        }
    }
}

/// An image of the domain and the position at which it starts.
struct DomainImageAt {
    isometry: Affine,
    start: usize,
    is_reversed: bool,
}

fn images_at(symmetry: &ArcSymmetry, first: usize) -> impl Iterator<Item = DomainImageAt> + '_ {
    let length = symmetry.domain[1] - symmetry.domain[0];
    symmetry.images.iter().enumerate().map(move |(i, image)| DomainImageAt {
        isometry: image.isometry,
        start: first + i * length,
        is_reversed: image.is_reversed,
    })
}

/// Ends a domain at an axis: with a line across the axis if that passes all windows, else with a vertex on it, or beside
/// it where the axis lies in a window.
fn resolve_axis(
    cells: &ArcCells,
    vertices: &mut Vec<CellVertex>,
    on_axis: &CellVertex,
    position: usize,
    reflection: &Affine,
    is_first: bool,
) {
    let neighbor = if is_first { vertices.first() } else { vertices.last() }.copied();
    if let Some(neighbor) = neighbor {
        // The mirror image may lie before the first node.
        let round = if cells.is_closed { cells.len() } else { 0 };
        let image =
            CellVertex { cell: position + round - neighbor.cell, point: reflection.apply(neighbor.point) };
        let passes = if is_first {
            cells.passes(&image, &CellVertex { cell: neighbor.cell + round, ..neighbor })
        } else {
            cells.passes(&neighbor, &CellVertex { cell: image.cell - round, ..image })
        };
        if neighbor.cell * 2 != position && passes {
            return;
        }
    }
    let mut vertex = *on_axis;
    if position % 2 == 1 {
        let towards = neighbor.map_or(cells.node(vertex.cell), |neighbor| neighbor.point) - vertex.point;
        let [left, right] = cells.window(vertex.cell).ends();
        let gap = ((right - left).length() * 0.5).min(AXIS_GAP);
        vertex.point = vertex.point + towards * (gap / towards.length().max(gap));
        vertex.cell += usize::from(is_first);
        if neighbor.is_some_and(|neighbor| neighbor.cell == vertex.cell) {
            vertex.point = cells.corner(vertex.cell);
            if is_first {
                vertices.remove(0);
            } else {
                vertices.pop();
            }
        }
    }
    if is_first { vertices.insert(0, vertex) } else { vertices.push(vertex) }
}

/// Appends the vertices between a point and an end: lines from window `from` on, each as far as possible.
fn push_stops(
    cells: &ArcCells,
    reach: f64,
    mut apex: Point,
    mut from: usize,
    end: &CellVertex,
    vertices: &mut Vec<CellVertex>,
) {
    while let Some(stop) = farthest_stop(cells, reach, apex, from, end) {
        (apex, from) = (stop.point, stop.window + 1);
        // In the cell behind the window, but never in that of the end.
        let cell = from.min(end.cell - 1);
        if let [others @ .., last] = &mut vertices[..]
            && last.cell == cell
            && others.last().is_none_or(|other| other.cell + 1 < cell)
        {
            last.cell -= 1;
        }
        vertices.push(CellVertex { cell, point: apex });
    }
}

/// A point in a window, at which one line may end and the next begin.
struct WindowStop {
    window: usize,
    point: Point,
}

/// The farthest point in a window before the end that one line from `apex` reaches through all windows from `from` on, or
/// `None` if a line reaches the end.
fn farthest_stop(
    cells: &ArcCells,
    reach: f64,
    apex: Point,
    from: usize,
    end: &CellVertex,
) -> Option<WindowStop> {
    if from >= end.cell {
        return None;
    }
    let ends_from_apex = |i: usize| cells.window(i).ends().map(|end| end - apex);
    // The cone of directions through all windows so far.
    let [mut left, mut right] = ends_from_apex(from);
    let (mut stop, mut first, mut second) = (from, left, right);
    if left.cross(right) > 0.0 {
        // The parts of a window, from either end, in which no line ends.
        let (near, far) = ((1.0 - reach) * 0.5, (1.0 + reach) * 0.5);
        let mut last = from + MAX_BLIND_WINDOWS;
        let is_open = (from + 1..end.cell).all(|i| {
            let [l, r] = ends_from_apex(i);
            if i > last || l.cross(r) <= 0.0 || l.cross(right) <= 0.0 || left.cross(r) <= 0.0 {
                return false;
            }
            if left.cross(l) > 0.0 {
                left = l;
            }
            if r.cross(right) > 0.0 {
                right = r;
            }
            if left.cross(l) * near + left.cross(r) * far > 0.0
                && r.cross(right) * near + l.cross(right) * far > 0.0
            {
                (stop, first, second) = (i, left, right);
                last = stop + 2 * (stop - from) + MAX_BLIND_WINDOWS;
            }
            true
        });
        let to_end = end.point - apex;
        if is_open && left.cross(to_end) > 0.0 && to_end.cross(right) > 0.0 {
            return None;
        }
    }
    let [left_end, right_end] = ends_from_apex(stop);
    let across = right_end - left_end;
    // Where a ray meets the window, as a fraction of the way from its left end to its right one.
    let fraction_of = |ray: Point| (left_end.cross(ray) / ray.cross(across)).clamp(0.0, 1.0);
    let width = across.length();
    let (first, second) = (fraction_of(first), fraction_of(second));
    let margin = (VERTEX_MARGIN / width).min((second - first).max(0.0) * 0.5);
    let fraction = 0.5_f64.max(first + margin).min(second - margin);
    Some(WindowStop { window: stop, point: apex + left_end + across * fraction })
}
