//! True areas beyond half a pixel of the map: the vertices that a simplification has kept move across their arc until
//! the arc encloses no area with the pixels' edges.
//!
//! A vertex moves only if no other vertex lies in the two triangles that its edges sweep, and its new edges keep clear
//! of all others. So no two borders come to cross, and no part or hole changes sides. Every traced vertex stays within
//! the tolerance of its edge.

use std::ops::Range;

use super::point_grid::triangle_contains;
use super::vertex_removal::ArcPolyline;
use crate::geometry::{Point, Rect};

/// The area in px² that counts as none.
const AREA_TOLERANCE: f64 = 1e-9;
/// The least steps of a border of one line that gets a vertex for its area.
const MIN_DIVIDED_STEPS: usize = 8;
/// The largest distance to which a vertex moves, in pixels of the map. It bounds the edges that have to be looked at.
const MAX_MOVE: f64 = 4.0;
/// The most rounds over the vertices of an arc.
const MAX_ROUNDS: usize = 4;
/// The fraction of the missing area after a round beyond which no further round is tried.
const MIN_PROGRESS: f64 = 0.7;
/// The fractions of a move that are tried until one is valid.
const MOVE_FRACTIONS: [f64; 3] = [1.0, 0.5, 0.2];
/// The least distance between a moved edge and another, in pixels of the map: more than coordinates with two decimals
/// are off.
const MIN_CLEARANCE: f64 = 0.02;
/// The side of the squares by which edges are found, in pixels of the map.
const SQUARE_SIDE: f64 = 4.0;

/// Moves the kept vertices of all arcs. `areas` are the integrals of x dy along the pixels' edges, by arc.
///
/// `tolerance` is measured after scaling x and y by `scale`.
pub(crate) fn restore_areas(arcs: &mut [ArcPolyline], areas: &[f64], scale: (f64, f64), tolerance: f64) {
    let max_move = (tolerance / scale.0.min(scale.1)).min(MAX_MOVE);
    for (arc, &area) in arcs.iter_mut().zip(areas) {
        let is_line = !arc.is_closed && arc.kept.len() == 2 && arc.vertices.len() > MIN_DIVIDED_STEPS;
        if is_line && !arc.is_fixed && (arc.integral() - area).abs() > AREA_TOLERANCE {
            arc.divide_line();
        }
    }
    let edges = EdgeIndex::new(arcs, max_move);
    for (arc, &area) in areas.iter().enumerate() {
        if !arcs[arc].is_fixed {
            let starts: Vec<Point> = arcs[arc].points().collect();
            ArcRestoration { arcs, arc, edges: &edges, starts: &starts, scale, tolerance, max_move }
                .run(area);
        }
    }
}

/// The edges of all arcs by the squares that they may come to pass, one square after the other.
struct EdgeIndex {
    columns: i64,
    rows: i64,
    edges: Vec<EdgeId>,
    /// The first edge of each square, and the number of all.
    first: Vec<u32>,
}

/// An edge: its arc, and the position of its first vertex among the kept ones.
type EdgeId = (u32, u32);

impl EdgeIndex {
    /// Takes the edges of arcs whose vertices will move by `max_move` at most.
    fn new(arcs: &[ArcPolyline], max_move: f64) -> Self {
        let vertices = arcs.iter().flat_map(|arc| &arc.vertices);
        let [columns, rows] = [|p: &Point| p.x, |p: &Point| p.y]
            .map(|axis| square(vertices.clone().map(axis).fold(0.0, f64::max)) + 1);
        let mut index = Self { columns, rows, edges: Vec::new(), first: Vec::new() };
        let squares_of = |index: &Self, arc: &ArcPolyline, position: usize| {
            let reach = if arc.is_fixed { 0.0 } else { max_move };
            let (columns, rows) = (index.columns, index.rows);
            squares_along(arc.edge(position), reach)
                .filter(move |&(column, row)| (0..columns).contains(&column) && (0..rows).contains(&row))
                .map(move |(column, row)| (row * columns + column) as usize)
        };
        // A counting sort: the ends of the squares first, from which the edges are filled in backward.
        let mut ends = vec![0_u32; (columns * rows) as usize + 1];
        for arc in arcs {
            for square in (0..arc.edge_count()).flat_map(|position| squares_of(&index, arc, position)) {
                ends[square] += 1;
            }
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        index.edges.resize(sum as usize, (0, 0));
        for (number, arc) in arcs.iter().enumerate() {
            for position in 0..arc.edge_count() {
                for square in squares_of(&index, arc, position) {
                    ends[square] -= 1;
                    index.edges[ends[square] as usize] = (number as u32, position as u32);
                }
            }
        }
        index.first = ends;
        index
    }

    /// The edges that may pass a box, several times perhaps.
    fn near(&self, bounds: &Rect) -> impl Iterator<Item = EdgeId> + '_ {
        let clip = |from: f64, to: f64, count: i64| square(from).max(0)..square(to).min(count - 1) + 1;
        let Range { start, end } = clip(bounds.x0, bounds.x1, self.columns);
        let rows = if start < end { clip(bounds.y0, bounds.y1, self.rows) } else { 0..0 };
        let of_row = move |row: i64| {
            let [from, to] = [start, end].map(|column| self.first[(row * self.columns + column) as usize]);
            &self.edges[from as usize..to as usize]
        };
        rows.flat_map(of_row).copied()
    }
}

/// The column or row of the square at a coordinate.
fn square(coordinate: f64) -> i64 {
    (coordinate / SQUARE_SIDE).floor() as i64
}

/// The squares that an edge may pass whose ends move by `reach` at most: some in each column.
fn squares_along([a, b]: [Point; 2], reach: f64) -> impl Iterator<Item = (i64, i64)> {
    let (left, right) = if a.x < b.x { (a, b) } else { (b, a) };
    let slope = (right.y - left.y) / (right.x - left.x);
    (square(left.x - reach)..=square(right.x + reach)).flat_map(move |column| {
        let x = column as f64 * SQUARE_SIDE;
        let row_of = |x: f64| left.y + (x.clamp(left.x, right.x) - left.x) * slope;
        let is_vertical = left.x == right.x;
        let ends = if is_vertical {
            [left.y, right.y]
        } else {
            [row_of(x - reach), row_of(x + SQUARE_SIDE + reach)]
        };
        let (top, bottom) = (ends[0].min(ends[1]) - reach, ends[0].max(ends[1]) + reach);
        (square(top)..=square(bottom)).map(move |row| (column, row))
    })
}

/// The restoration of the area of one arc.
struct ArcRestoration<'a> {
    arcs: &'a mut [ArcPolyline],
    arc: usize,
    edges: &'a EdgeIndex,
    /// Where the vertices of the arc were when the edges were indexed.
    starts: &'a [Point],
    scale: (f64, f64),
    tolerance: f64,
    max_move: f64,
}

impl ArcRestoration<'_> {
    /// Moves vertices until the integral of x dy is `area`, or nothing moves any more.
    fn run(&mut self, area: f64) {
        let mut missing = area - self.polyline().integral();
        for _ in 0..MAX_ROUNDS {
            let mut left: f64 = self.movable().map(|i| self.chord(i).length()).sum();
            let before = missing;
            for i in self.movable() {
                if missing.abs() < AREA_TOLERANCE {
                    return;
                }
                let chord = self.chord(i);
                let length = chord.length();
                if length > 0.0 {
                    let normal = Point::new(chord.y, -chord.x) * (1.0 / length);
                    let distance = (2.0 * missing / left).clamp(-self.max_move, self.max_move);
                    missing -= self.try_move(i, normal * distance);
                }
                left -= length;
            }
            if missing.abs() > MIN_PROGRESS * before.abs() {
                return;
            }
        }
    }

    fn polyline(&self) -> &ArcPolyline {
        &self.arcs[self.arc]
    }

    /// The positions of the vertices that are no junction.
    fn movable(&self) -> Range<usize> {
        let count = self.polyline().kept.len();
        if self.polyline().is_closed { 0..count } else { 1..count - 1 }
    }

    /// The positions of the vertices before and behind one.
    fn neighbors(&self, i: usize) -> [usize; 2] {
        let count = self.polyline().kept.len();
        [(i + count - 1) % count, (i + 1) % count]
    }

    /// The way from the vertex before one to the vertex behind it.
    fn chord(&self, i: usize) -> Point {
        let [before, behind] = self.neighbors(i).map(|neighbor| self.polyline().point(neighbor));
        behind - before
    }

    /// Moves a vertex as far as that is valid. Returns the change of the integral of x dy.
    fn try_move(&mut self, i: usize, change: Point) -> f64 {
        let from = self.polyline().point(i);
        let traced = self.polyline().vertices[self.polyline().kept[i] as usize];
        let chord = self.chord(i);
        for fraction in MOVE_FRACTIONS {
            let step = change * fraction;
            let to = from + step;
            if self.scaled(to - traced).length() <= self.tolerance
                && (to - self.starts[i]).length() <= self.max_move
                && self.is_valid(i, from, to)
            {
                self.arcs[self.arc].set_point(i, to);
                return 0.5 * step.cross(chord);
            }
        }
        0.0
    }

    fn is_valid(&self, i: usize, from: Point, to: Point) -> bool {
        let [before, behind] = self.neighbors(i);
        let [a, c] = [before, behind].map(|neighbor| self.polyline().point(neighbor));
        let (first, second) = ([a, to], [to, c]);
        if !self.is_within_tolerance(before, first) || !self.is_within_tolerance(i, second) {
            return false;
        }
        let own = [(self.arc as u32, before as u32), (self.arc as u32, i as u32)];
        let Some(swept) = Rect::around([a, from, to, c]) else { return false };
        let swept = Rect::new(
            swept.x0 - MIN_CLEARANCE,
            swept.y0 - MIN_CLEARANCE,
            swept.x1 + MIN_CLEARANCE,
            swept.y1 + MIN_CLEARANCE,
        );
        self.edges.near(&swept).filter(|edge| !own.contains(edge)).all(|(arc, position)| {
            let other = self.arcs[arc as usize].edge(position as usize);
            if Rect::around(other).is_some_and(|bounds| bounds.is_disjoint(&swept)) {
                return true;
            }
            let is_outside = |&p: &Point| {
                p == a
                    || p == c
                    || !(triangle_contains([a, from, to], p) || triangle_contains([from, to, c], p))
            };
            other.iter().all(is_outside) && keeps_clear(first, other) && keeps_clear(second, other)
        })
    }

    fn scaled(&self, p: Point) -> Point {
        Point::new(p.x * self.scale.0, p.y * self.scale.1)
    }

    /// Whether the traced vertices behind a kept one, up to the next, are within the tolerance of an edge.
    fn is_within_tolerance(&self, position: usize, edge: [Point; 2]) -> bool {
        let [a, b] = edge.map(|p| self.scaled(p));
        let is_near = |p: &Point| self.scaled(*p).distance_to_segment(a, b) <= self.tolerance;
        self.polyline().traced_beside(position).into_iter().flatten().all(is_near)
    }
}

/// Whether two segments neither cross nor come near each other, but for an end that they share.
fn keeps_clear(edge: [Point; 2], other: [Point; 2]) -> bool {
    let side = |[a, b]: [Point; 2], p: Point| (b - a).cross(p - a);
    let do_share = edge.iter().any(|p| other.contains(p));
    let do_cross = side(edge, other[0]) * side(edge, other[1]) < 0.0
        && side(other, edge[0]) * side(other, edge[1]) < 0.0;
    let is_clear =
        |p: &Point, [a, b]: [Point; 2]| p == &a || p == &b || p.distance_to_segment(a, b) >= MIN_CLEARANCE;
    (do_share || !do_cross)
        && edge.iter().all(|p| is_clear(p, other))
        && other.iter().all(|p| is_clear(p, edge))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contour::topology::ids::JunctionId;

    fn closed(vertices: &[(f64, f64)]) -> ArcPolyline {
        let vertices: Vec<_> = vertices.iter().map(|&(x, y)| Point::new(x, y)).collect();
        let kept = (0..vertices.len() as u32).collect();
        ArcPolyline::new(vertices, kept, true, false, [JunctionId::NONE; 2])
    }

    #[test]
    fn a_triangle_takes_the_area_that_it_is_given() {
        let mut arcs = [closed(&[(0.0, 0.0), (20.0, 0.0), (10.0, 20.0)])];
        let area = arcs[0].integral();
        assert_eq!(area, 200.0);
        restore_areas(&mut arcs, &[215.0], (1.0, 1.0), 2.0);
        assert!((arcs[0].integral() - 215.0).abs() < AREA_TOLERANCE);
    }

    #[test]
    fn no_vertex_moves_over_another_border() {
        let outer = closed(&[(0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0)]);
        let inner = closed(&[(0.5, 0.5), (19.5, 0.5), (19.5, 19.5), (0.5, 19.5)]);
        let mut arcs = [outer, inner];
        restore_areas(&mut arcs, &[330.0, 430.0], (1.0, 1.0), 3.0);
        let edges = |arc: &ArcPolyline| (0..arc.edge_count()).map(|i| arc.edge(i)).collect::<Vec<_>>();
        let (outer, inner) = (edges(&arcs[0]), edges(&arcs[1]));
        assert!(outer.iter().all(|&edge| inner.iter().all(|&other| keeps_clear(edge, other))));
        assert!(arcs[0].integral() > arcs[1].integral());
    }

    #[test]
    fn traced_vertices_stay_within_the_tolerance() {
        let mut arcs = [closed(&[(0.0, 0.0), (20.0, 0.0), (10.0, 20.0)])];
        restore_areas(&mut arcs, &[400.0], (1.0, 1.0), 0.7);
        let [arc] = &arcs;
        assert!((0..3).all(|i| (arc.point(i) - arc.vertices[i]).length() <= 0.7 + 1e-9));
        assert!(arc.integral() > 200.0);
    }
}
