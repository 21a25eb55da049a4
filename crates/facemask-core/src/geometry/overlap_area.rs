//! The area that two regions have in common.
//!
//! The integral of the common length of horizontal lines. Between the heights of all vertices and crossings that length
//! changes linearly, so the line half way gives the exact area (de Berg et al., "Computational Geometry", section 2.1,
//! sweeps a plane at these heights). No overlay has to be built, and coinciding edges are no special case.
//!
//! A line passes many edges of a large region. So regions of many edges are cut into columns first, of few edges each.
//! What is inside at the left side of a column follows from the edges that cross that side.

use super::{Point, Rect};

/// An edge of a region's rings: start and end.
type RingEdge = (Point, Point);

/// The number of edges for each square of the number of columns: the edges of a line and the columns then grow alike.
const EDGES_PER_SQUARED_COLUMN: usize = 256;

/// The area inside two regions, each given by the edges of all its rings. Inside is by the even-odd rule.
pub(crate) fn overlap_area(a: &[RingEdge], b: &[RingEdge]) -> f64 {
    let bounds = |edges: &[RingEdge]| Rect::around(edges.iter().map(|edge| edge.0));
    let (Some(of_a), Some(of_b)) = (bounds(a), bounds(b)) else { return 0.0 };
    if of_a.is_disjoint(&of_b) {
        return 0.0;
    }
    let (left, right) = (of_a.x0.max(of_b.x0), of_a.x1.min(of_b.x1));
    let rows = [of_a.y0.max(of_b.y0), of_a.y1.min(of_b.y1)];
    let columns = ((a.len() + b.len()) / EDGES_PER_SQUARED_COLUMN).isqrt().max(1);
    let side = |column: usize| left + (right - left) * (column as f64 / columns as f64);
    let mut sweep = ColumnSweep::default();
    (0..columns).map(|column| sweep.measure([a, b], [side(column), side(column + 1)], rows)).sum()
}

/// A part of an edge inside a column.
#[derive(Clone, Copy)]
struct EdgePiece {
    top: Point,
    bottom: Point,
    /// The region of the edge: 0 or 1.
    region: usize,
}

/// An edge along a slab, by its x at the top and at the bottom.
#[derive(Clone, Copy)]
struct SlabEdge {
    top: f64,
    bottom: f64,
    region: usize,
}

impl SlabEdge {
    fn at(&self, t: f64) -> f64 {
        self.top + (self.bottom - self.top) * t
    }
}

/// The lists of a sweep down a column.
#[derive(Default)]
struct ColumnSweep {
    pieces: Vec<EdgePiece>,
    /// Where an edge of each region crosses the left side of the column.
    left_crossings: Vec<(f64, usize)>,
    heights: Vec<f64>,
    active: Vec<EdgePiece>,
    slab: Vec<SlabEdge>,
    /// The edges of the slab in their order at its bottom.
    sorted: Vec<SlabEdge>,
    /// The heights in a slab where edges cross, from 0 at its top to 1 at its bottom.
    crossings: Vec<f64>,
}

impl ColumnSweep {
    /// The common area of two regions inside a column, from the left side to the right one.
    fn measure(
        &mut self,
        regions: [&[RingEdge]; 2],
        [left, right]: [f64; 2],
        [top, bottom]: [f64; 2],
    ) -> f64 {
        self.pieces.clear();
        self.left_crossings.clear();
        for (region, edges) in regions.into_iter().enumerate() {
            edges.iter().for_each(|&edge| self.push_edge(edge, region, left, right));
        }
        self.heights.clear();
        self.heights.extend(self.pieces.iter().flat_map(|piece| [piece.top.y, piece.bottom.y]));
        self.heights.extend(self.left_crossings.iter().map(|crossing| crossing.0));
        self.heights.extend([top, bottom]);
        self.heights.sort_unstable_by(f64::total_cmp);
        self.heights.dedup();
        self.pieces.sort_unstable_by(|a, b| a.top.y.total_cmp(&b.top.y));
        self.left_crossings.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        self.active.clear();
        let (mut next_piece, mut next_crossing, mut is_inside, mut area) = (0, 0, [false; 2], 0.0);
        for i in 1..self.heights.len() {
            let (y0, y1) = (self.heights[i - 1], self.heights[i]);
            while let Some(&(_, region)) = self.left_crossings.get(next_crossing).filter(|at| at.0 <= y0) {
                is_inside[region] = !is_inside[region];
                next_crossing += 1;
            }
            self.active.retain(|piece| piece.bottom.y > y0);
            while let Some(&piece) = self.pieces.get(next_piece).filter(|piece| piece.top.y <= y0) {
                self.active.push(piece);
                next_piece += 1;
            }
            if y0 >= top && y1 <= bottom {
                area += self.measure_slab(y0, y1, is_inside, left, right);
            }
        }
        area
    }

    /// Adds the part of an edge inside a column, and its crossing of the left side.
    fn push_edge(&mut self, (a, b): RingEdge, region: usize, left: f64, right: f64) {
        let (a, b) = if a.x <= b.x { (a, b) } else { (b, a) };
        let at = |x: f64| Point::new(x, a.y + (x - a.x) / (b.x - a.x) * (b.y - a.y));
        let crosses_left = a.x < left && b.x >= left;
        if crosses_left {
            self.left_crossings.push((at(left).y, region));
        }
        if b.x < left || a.x > right {
            return;
        }
        let start = if crosses_left { at(left) } else { a };
        let end = if b.x > right { at(right) } else { b };
        let (top, bottom) = if start.y <= end.y { (start, end) } else { (end, start) };
        if top.y < bottom.y {
            self.pieces.push(EdgePiece { top, bottom, region });
        }
    }

    /// The common area between two heights without a vertex between them. `is_inside` is of the left side.
    fn measure_slab(&mut self, y0: f64, y1: f64, is_inside: [bool; 2], left: f64, right: f64) -> f64 {
        let is_reached = |region: usize| is_inside[region] || self.active.iter().any(|p| p.region == region);
        if !(is_reached(0) && is_reached(1)) {
            return 0.0;
        }
        self.slab.clear();
        self.slab.extend(self.active.iter().map(|&EdgePiece { top, bottom, region }| {
            let slope = (bottom.x - top.x) / (bottom.y - top.y);
            let at = |y: f64| top.x + (y - top.y) * slope;
            SlabEdge { top: at(y0), bottom: at(y1), region }
        }));
        self.slab.sort_unstable_by(|a, b| a.top.total_cmp(&b.top).then(a.bottom.total_cmp(&b.bottom)));
        self.find_crossings();
        let mut length = 0.0;
        for i in 1..self.crossings.len() {
            let (from, to) = (self.crossings[i - 1], self.crossings[i]);
            let middle = f64::midpoint(from, to);
            if self.crossings.len() > 2 {
                self.slab.sort_unstable_by(|a, b| a.at(middle).total_cmp(&b.at(middle)));
            }
            length += (to - from) * self.common_length(middle, is_inside, left, right);
        }
        length * (y1 - y0)
    }

    /// Fills in the heights where edges of the slab cross. These are the exchanges of an insertion sort from their order
    /// at the top to that at the bottom.
    fn find_crossings(&mut self) {
        self.crossings.clear();
        self.crossings.extend([0.0, 1.0]);
        self.sorted.clear();
        for &edge in &self.slab {
            let mut place = self.sorted.len();
            while place > 0 && self.sorted[place - 1].bottom > edge.bottom {
                place -= 1;
                let other = self.sorted[place];
                let (above, below) = (edge.top - other.top, edge.bottom - other.bottom);
                self.crossings.push(above / (above - below));
            }
            self.sorted.insert(place, edge);
        }
        self.crossings.sort_unstable_by(f64::total_cmp);
    }

    /// The length that is inside both regions at one height of the slab.
    fn common_length(&self, t: f64, mut is_inside: [bool; 2], left: f64, right: f64) -> f64 {
        let (mut start, mut length) = (left, 0.0);
        for edge in &self.slab {
            let x = edge.at(t);
            if is_inside == [true; 2] {
                length += x - start;
            }
            is_inside[edge.region] = !is_inside[edge.region];
            start = x;
        }
        if is_inside == [true; 2] { length + (right - start) } else { length }
    }
}

#[cfg(test)]
mod tests {
    use super::super::edges;
    use super::*;
    use proptest::prelude::*;

    fn edges_of(rings: &[Vec<Point>]) -> Vec<RingEdge> {
        rings.iter().flat_map(|ring| edges(ring)).collect()
    }

    fn rectangle(x0: f64, y0: f64, x1: f64, y1: f64) -> Vec<Point> {
        Rect::new(x0, y0, x1, y1).corners().to_vec()
    }

    /// A star of `count` corners around a center: simple, and not convex.
    fn star(center: Point, radii: &[f64]) -> Vec<Point> {
        let corner = |(i, radius): (usize, &f64)| {
            let angle = std::f64::consts::TAU * i as f64 / radii.len() as f64;
            center + Point::new(angle.cos(), angle.sin()) * *radius
        };
        radii.iter().enumerate().map(corner).collect()
    }

    #[test]
    fn of_rectangles_with_holes_and_of_triangles() {
        let a = edges_of(&[rectangle(0.0, 0.0, 4.0, 4.0), rectangle(1.0, 1.0, 3.0, 3.0)]);
        assert_eq!(overlap_area(&a, &a), 12.0);
        assert_eq!(overlap_area(&a, &edges_of(&[rectangle(2.0, -1.0, 9.0, 9.0)])), 6.0);
        assert_eq!(overlap_area(&a, &edges_of(&[rectangle(1.0, 1.0, 3.0, 3.0)])), 0.0);
        assert_eq!(overlap_area(&a, &edges_of(&[rectangle(4.0, 0.0, 5.0, 4.0)])), 0.0);
        assert_eq!(overlap_area(&a, &[]), 0.0);
        let triangle = |points: [(f64, f64); 3]| edges_of(&[points.map(|(x, y)| Point::new(x, y)).to_vec()]);
        let (up, down) =
            (triangle([(0.0, 6.0), (3.0, 0.0), (6.0, 6.0)]), triangle([(0.0, 0.0), (6.0, 0.0), (3.0, 6.0)]));
        // The rhombus between them.
        assert!((overlap_area(&up, &down) - 9.0).abs() < 1e-12);
    }

    proptest! {
        /// Columns change nothing, and a shape overlaps with itself in all of its area.
        #[test]
        fn columns_and_copies(
            a in prop::collection::vec(5.0..40.0_f64, 3..60),
            b in prop::collection::vec(5.0..40.0_f64, 3..60),
            columns in 2_usize..9,
            shift in 0.0..30.0_f64,
        ) {
            let (a, b) = (star(Point::new(50.0, 50.0), &a), star(Point::new(50.0 + shift, 47.0), &b));
            let area = super::super::signed_area(&a).abs();
            let (a, b) = (edges_of(&[a]), edges_of(&[b]));
            prop_assert!((overlap_area(&a, &a) - area).abs() < 1e-9 * area);
            let whole = overlap_area(&a, &b);
            prop_assert!((whole - overlap_area(&b, &a)).abs() < 1e-9 * area);
            let mut sweep = ColumnSweep::default();
            let sides: Vec<f64> = (0..=columns).map(|i| 150.0 * i as f64 / columns as f64).collect();
            let by_columns: f64 =
                sides.windows(2).map(|side| sweep.measure([&a, &b], [side[0], side[1]], [0.0, 100.0])).sum();
            prop_assert!((whole - by_columns).abs() < 1e-9 * area, "{whole} {by_columns}");
        }

        /// Against a count of the points of a fine grid.
        #[test]
        fn grid_points_agree(
            a in prop::collection::vec(5.0..40.0_f64, 3..20), b in prop::collection::vec(5.0..40.0_f64, 3..20),
        ) {
            let (a, b) = (star(Point::new(50.0, 50.0), &a), star(Point::new(60.0, 47.0), &b));
            let is_common = |i: &i32| {
                let p = Point::new(f64::from(i % 400) / 4.0 + 0.121, f64::from(i / 400) / 4.0 + 0.123);
                super::super::ring_contains(&a, p) && super::super::ring_contains(&b, p)
            };
            let counted = (0..160_000).filter(is_common).count() as f64 / 16.0;
            let found = overlap_area(&edges_of(std::slice::from_ref(&a)), &edges_of(std::slice::from_ref(&b)));
            prop_assert!((found - counted).abs() < 12.0, "{found} {counted}");
        }
    }
}
