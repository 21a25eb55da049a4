//! The pole of inaccessibility: the point of a polygon that is farthest from its boundary.
//!
//! The search is that of Mapbox's polylabel. Square cells that cover the polygon go into a priority queue, ordered by
//! the greatest distance that any of their points can have. The first cell is quartered until no cell can exceed the
//! best center by more than the precision.
//!
//! It is implemented here because the `polylabel` crate took a third of the time of a whole trace: it compares each
//! cell with every edge. Here an edge needs neither a root nor a division, and four edges are evaluated at once. A
//! quarter of a cell is compared with the edges nearest to the cell first: when these rule it out, it is not compared
//! with the others. Consecutive edges lie close together, so sixteen of them are left out where their bounding box is
//! further away than the nearest edge so far. A quarter whose center is nearer to that of its cell than every edge lies
//! on the same side.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::f64::consts::SQRT_2;

use wide::{CmpGt, CmpLe, CmpLt, f32x4};

use crate::geometry::{Point, Rect, edges};

/// Finds a point of the polygon (outer ring first, then its holes) whose distance from the boundary is less than
/// `precision` below the maximum. `None` for a polygon without interior.
///
/// The first cells are as large as the shorter side of the bounding box. Their number is the ratio of its sides, which
/// the caller bounds.
pub(super) fn find_pole<'a>(
    rings: impl Iterator<Item = &'a [Point]> + Clone,
    precision: f64,
) -> Option<Point> {
    let mut sides = Vec::with_capacity(rings.clone().map(<[Point]>::len).sum());
    rings.for_each(|ring| sides.extend(edges(ring)));
    let bounds = Rect::around(sides.iter().map(|side| side.0))?;
    let edges = PolygonEdges::new(&sides, Point::new(bounds.x0, bounds.y0));
    let mut queue = cover_with_cells(&edges, bounds);
    let middle = Point::new((bounds.x0 + bounds.x1) / 2.0, (bounds.y0 + bounds.y1) / 2.0);
    let mut best = SearchCell::new(&edges, middle, 0.0);
    while let Some(cell) = queue.pop() {
        if cell.distance > best.distance {
            best = cell;
        }
        // The first cell of the queue has the greatest bound: no other cell can exceed the best center either.
        if cell.max_distance - best.distance <= precision {
            break;
        }
        let half_size = cell.half_size / 2.0;
        let quarters = [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)];
        for (x, y) in quarters {
            let center = cell.center + Point::new(x * half_size, y * half_size);
            // A cell whose center is nearer to an edge than this cannot exceed the best center by the precision.
            let required = best.distance + precision - half_size * SQRT_2;
            let is_same_side = half_size * SQRT_2 < cell.distance;
            if let Some(found) = edges.find_nearest(center, required, cell.nearest) {
                let is_inside = is_same_side || edges.contains(center);
                queue.push(SearchCell::at(center, half_size, found, is_inside));
            }
        }
    }
    (best.distance > 0.0).then_some(best.center)
}

/// Cells as large as the shorter side, from corner to corner of the bounding box.
fn cover_with_cells(edges: &PolygonEdges, bounds: Rect) -> BinaryHeap<SearchCell> {
    let size = bounds.width().min(bounds.height());
    if size <= 0.0 {
        return BinaryHeap::new();
    }
    let count = |length: f64| (length / size).ceil() as usize;
    let (columns, rows) = (count(bounds.width()), count(bounds.height()));
    let center = |i: usize| (i as f64 + 0.5) * size;
    (0..columns * rows)
        .map(|i| Point::new(bounds.x0 + center(i % columns), bounds.y0 + center(i / columns)))
        .map(|center| SearchCell::new(edges, center, size / 2.0))
        .collect()
}

const LANES: usize = 4;
/// The edges of a block that has a bounding box of its own.
const EDGES_OF_BLOCK: usize = LANES * LANES;
/// Covers the rounding of squared distances to boxes.
const ROUNDING_SLACK: f32 = 1.001;
/// The coordinate of unused lanes: an edge there is nearest to no point.
const PADDING_COORDINATE: f32 = 1e18;

/// Two coordinates of four lanes each.
#[derive(Clone, Copy)]
struct PointX4 {
    x: f32x4,
    y: f32x4,
}

/// The edges of a polygon in groups of four, with the precomputed terms of point-segment distances.
///
/// Single precision, relative to a corner of the bounding box, is more exact than any precision of the search.
struct PolygonEdges {
    origin: Point,
    groups: Vec<EdgeX4>,
    /// The bounding boxes of blocks of [`LANES`] groups, four in each.
    bounds: Vec<BoundsX4>,
}

/// Four bounding boxes.
struct BoundsX4 {
    low: PointX4,
    high: PointX4,
}

impl BoundsX4 {
    /// The boxes of blocks of edges.
    fn new(blocks: &[(Point, Point)], origin: Point) -> Self {
        let mut lanes = [[PADDING_COORDINATE; LANES]; 4];
        for (lane, block) in blocks.chunks(EDGES_OF_BLOCK).take(LANES).enumerate() {
            let corners = block.iter().flat_map(|&(a, b)| [a - origin, b - origin]);
            let [x0, y0, x1, y1] = corners.fold([f32::INFINITY, f32::INFINITY, 0.0, 0.0], |around, p| {
                let (x, y) = (p.x as f32, p.y as f32);
                [around[0].min(x), around[1].min(y), around[2].max(x), around[3].max(y)]
            });
            for (side, value) in lanes.iter_mut().zip([x0, y0, x1, y1]) {
                side[lane] = value;
            }
        }
        let [x0, y0, x1, y1] = lanes.map(f32x4::new);
        Self { low: PointX4 { x: x0, y: y0 }, high: PointX4 { x: x1, y: y1 } }
    }

    fn squared_distances(&self, p: PointX4) -> f32x4 {
        let x = (self.low.x - p.x).fast_max(p.x - self.high.x).fast_max(f32x4::ZERO);
        let y = (self.low.y - p.y).fast_max(p.y - self.high.y).fast_max(f32x4::ZERO);
        x * x + y * y
    }

    /// The mask of the boxes that a horizontal line through the point meets.
    fn spans_y(&self, p: PointX4) -> f32x4 {
        self.low.y.cmp_le(p.y) & p.y.cmp_le(self.high.y)
    }
}

struct EdgeX4 {
    start: PointX4,
    direction: PointX4,
    /// The reciprocal of the squared length; 0 for an edge without length.
    inverse_squared_length: f32x4,
    /// The y of the end, equal to the last bit to the start of the next edge.
    end_y: f32x4,
    /// The change of x per y; not used for a horizontal edge.
    inverse_slope: f32x4,
}

impl EdgeX4 {
    fn new(edges: &[(Point, Point)], origin: Point) -> Self {
        let mut lanes = [[PADDING_COORDINATE; LANES]; 4];
        for (lane, &(a, b)) in edges.iter().take(LANES).enumerate() {
            let (a, b) = (a - origin, b - origin);
            for (coordinate, value) in lanes.iter_mut().zip([a.x, a.y, b.x, b.y]) {
                coordinate[lane] = value as f32;
            }
        }
        let [start_x, start_y, end_x, end_y] = lanes.map(f32x4::new);
        let (x, y) = (end_x - start_x, end_y - start_y);
        let squared_length = x * x + y * y;
        Self {
            start: PointX4 { x: start_x, y: start_y },
            direction: PointX4 { x, y },
            inverse_squared_length: squared_length.cmp_gt(f32x4::ZERO) & (f32x4::ONE / squared_length),
            end_y,
            inverse_slope: x / y,
        }
    }

    fn squared_distances(&self, p: PointX4) -> f32x4 {
        let (x, y) = (p.x - self.start.x, p.y - self.start.y);
        let t = (x * self.direction.x + y * self.direction.y) * self.inverse_squared_length;
        let t = t.fast_max(f32x4::ZERO).fast_min(f32x4::ONE);
        let (x, y) = (x - t * self.direction.x, y - t * self.direction.y);
        x * x + y * y
    }

    /// The mask of the edges that cross the ray from the point to the right.
    fn ray_crossings(&self, p: PointX4) -> f32x4 {
        let spans_y = self.start.y.cmp_gt(p.y) ^ self.end_y.cmp_gt(p.y);
        spans_y & p.x.cmp_lt(self.start.x + (p.y - self.start.y) * self.inverse_slope)
    }
}

impl PolygonEdges {
    fn new(edges: &[(Point, Point)], origin: Point) -> Self {
        Self {
            origin,
            groups: edges.chunks(LANES).map(|group| EdgeX4::new(group, origin)).collect(),
            bounds: edges
                .chunks(LANES * EDGES_OF_BLOCK)
                .map(|blocks| BoundsX4::new(blocks, origin))
                .collect(),
        }
    }

    /// The groups of the blocks whose boxes a mask selects, each with the index of its first group.
    fn blocks(&self, boxes: usize, mask: f32x4) -> impl Iterator<Item = (usize, &[EdgeX4])> {
        let mut mask = mask.move_mask();
        std::iter::from_fn(move || {
            let lane = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
            mask &= mask - 1;
            let first = (boxes * LANES + lane) * LANES;
            Some((first, &self.groups[first..self.groups.len().min(first + LANES)]))
        })
    }

    fn broadcast(&self, p: Point) -> PointX4 {
        PointX4 {
            x: f32x4::splat((p.x - self.origin.x) as f32),
            y: f32x4::splat((p.y - self.origin.y) as f32),
        }
    }

    /// The nearest edges to a point and their distance, or `None` where that is at most `required`. `first` is the group
    /// of edges that is compared first.
    fn find_nearest(&self, p: Point, required: f64, first: usize) -> Option<NearestEdges> {
        let p = self.broadcast(p);
        let limit = f32x4::splat(if required > 0.0 { (required * required) as f32 } else { -1.0 });
        let distances = self.groups.get(first)?.squared_distances(p);
        if distances.cmp_le(limit).any() {
            return None;
        }
        let least = |distances: f32x4| distances.to_array().into_iter().fold(f32::INFINITY, f32::min);
        let (mut square, mut group_of_nearest) = (least(distances), first);
        for (boxes, bounds) in self.bounds.iter().enumerate() {
            let is_near = bounds.squared_distances(p).cmp_le(f32x4::splat(square * ROUNDING_SLACK));
            for (first, groups) in self.blocks(boxes, is_near) {
                for (index, group) in (first..).zip(groups) {
                    let distances = group.squared_distances(p);
                    if distances.cmp_lt(f32x4::splat(square)).any() {
                        if distances.cmp_le(limit).any() {
                            return None;
                        }
                        (square, group_of_nearest) = (least(distances), index);
                    }
                }
            }
        }
        Some(NearestEdges { distance: f64::from(square).sqrt(), group: group_of_nearest })
    }

    /// Whether a point lies inside, by the even-odd rule.
    fn contains(&self, p: Point) -> bool {
        let p = self.broadcast(p);
        let mut crossings = f32x4::ZERO;
        for (boxes, bounds) in self.bounds.iter().enumerate() {
            for (_, groups) in self.blocks(boxes, bounds.spans_y(p)) {
                crossings = groups.iter().fold(crossings, |odd, group| odd ^ group.ray_crossings(p));
            }
        }
        crossings.move_mask().count_ones() % 2 == 1
    }
}

/// The edges nearest to a point.
#[derive(Clone, Copy)]
struct NearestEdges {
    distance: f64,
    /// A group of four edges that is nearest in one lane.
    group: usize,
}

/// A square cell of the search, ordered by its bound.
#[derive(Clone, Copy)]
struct SearchCell {
    center: Point,
    half_size: f64,
    /// The signed distance of the center.
    distance: f64,
    /// An upper bound on the signed distance of any point of the cell.
    max_distance: f64,
    /// The group of edges nearest to the center.
    nearest: usize,
}

impl SearchCell {
    fn new(edges: &PolygonEdges, center: Point, half_size: f64) -> Self {
        let none = NearestEdges { distance: 0.0, group: 0 };
        let nearest = edges.find_nearest(center, 0.0, 0).unwrap_or(none);
        Self::at(center, half_size, nearest, edges.contains(center))
    }

    fn at(center: Point, half_size: f64, nearest: NearestEdges, is_inside: bool) -> Self {
        let distance = if is_inside { nearest.distance } else { -nearest.distance };
        Self {
            center,
            half_size,
            distance,
            max_distance: distance + half_size * SQRT_2,
            nearest: nearest.group,
        }
    }
}

impl PartialEq for SearchCell {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for SearchCell {}

impl PartialOrd for SearchCell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SearchCell {
    fn cmp(&self, other: &Self) -> Ordering {
        self.max_distance.total_cmp(&other.max_distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The signed distance from the boundary in double precision, edge by edge.
    fn signed_distance(edges: &[(Point, Point)], p: Point) -> f64 {
        let nearest = edges.iter().map(|&(a, b)| p.distance_to_segment(a, b)).fold(f64::INFINITY, f64::min);
        let is_crossed = |&&(a, b): &&(Point, Point)| {
            (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) * (b.x - a.x) / (b.y - a.y)
        };
        if edges.iter().filter(is_crossed).count() % 2 == 1 { nearest } else { -nearest }
    }

    fn pole_of(rings: &[Vec<Point>], precision: f64) -> Option<Point> {
        find_pole(rings.iter().map(Vec::as_slice), precision)
    }

    #[test]
    fn the_middle_of_a_square_and_the_thick_end_of_a_wedge() {
        let square = Rect::new(2.0, 4.0, 12.0, 14.0).corners().to_vec();
        assert_eq!(pole_of(&[square], 0.01), Some(Point::new(7.0, 9.0)));
        // The circle that fits into this triangle has its center at (a b / (a + b + c)) from the right angle.
        let wedge = vec![Point::new(0.0, 0.0), Point::new(40.0, 0.0), Point::new(0.0, 30.0)];
        let p = pole_of(&[wedge], 0.01).unwrap();
        assert!((p - Point::new(10.0, 10.0)).length() < 0.1, "{p:?}");
    }

    #[test]
    fn a_hole_is_kept_away_from() {
        let outer = Rect::new(0.0, 0.0, 100.0, 100.0).corners().to_vec();
        let hole = Rect::new(10.0, 10.0, 70.0, 90.0).corners().to_vec();
        let p = pole_of(&[outer, hole], 0.1).unwrap();
        assert!((84.0..86.0).contains(&p.x), "{p:?}");
    }

    #[test]
    fn nothing_has_no_pole() {
        assert_eq!(pole_of(&[], 1.0), None);
        assert_eq!(pole_of(&[vec![Point::new(1.0, 1.0); 3]], 1.0), None);
        assert_eq!(pole_of(&[vec![Point::new(0.0, 0.0), Point::new(9.0, 0.0)]], 1.0), None);
    }

    proptest! {
        /// Long rings, whose edges lie in many boxes.
        #[test]
        fn boxes_leave_out_no_nearest_edge(
            radii in prop::collection::vec(5.0..40.0_f64, 16..200),
            x in 0.0..80.0_f64,
            y in 0.0..80.0_f64,
        ) {
            let turn = std::f64::consts::TAU / radii.len() as f64;
            let corner = |(i, &radius): (usize, &f64)| {
                let (sine, cosine) = (turn * i as f64).sin_cos();
                Point::new(40.0 + radius * cosine, 40.0 + radius * sine)
            };
            let ring: Vec<Point> = radii.iter().enumerate().map(corner).collect();
            let sides: Vec<_> = edges(&ring).collect();
            let bounds = Rect::around(ring.iter().copied()).unwrap();
            let (searched, p) = (PolygonEdges::new(&sides, Point::new(bounds.x0, bounds.y0)), Point::new(x, y));
            let expected = signed_distance(&sides, p);
            for first in 0..searched.groups.len() {
                let found = searched.find_nearest(p, 0.0, first).unwrap();
                prop_assert!((found.distance - expected.abs()).abs() < 1e-3, "{} {expected}", found.distance);
            }
            prop_assert!(expected.abs() < 1e-3 || searched.contains(p) == (expected > 0.0));
        }

        /// Against every point of a fine grid.
        #[test]
        fn no_grid_point_is_much_better(corners in prop::collection::vec((0.0..40.0_f64, 0.0..40.0_f64), 3..9)) {
            let ring: Vec<Point> = corners.iter().map(|&(x, y)| Point::new(x, y)).collect();
            let bounds = Rect::around(ring.iter().copied()).unwrap();
            prop_assume!(bounds.width() > 5.0 && bounds.height() > 5.0);
            let sides: Vec<_> = edges(&ring).collect();
            let best = (0..1600).map(|i| signed_distance(&sides, Point::new(f64::from(i % 40), f64::from(i / 40))));
            let best = best.fold(0.0, f64::max);
            let ours = pole_of(&[ring], 0.5).map_or(0.0, |p| signed_distance(&sides, p));
            prop_assert!(ours >= best - 0.5, "{ours} {best}");
        }
    }
}
