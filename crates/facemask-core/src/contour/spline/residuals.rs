//! The residuals of a spline: offsets from the grid edges that a run crosses, and clearances from obstacles beside it.
//!
//! A *crossing target* is the middle of a grid edge: a smooth border crosses the edge somewhere, and the middle is the
//! best estimate. An *obstacle* is an end of the window of an edge: the spline has to pass it on the right side. Both
//! are stored as columns of `f32`, and eight of them are measured at a time.

use std::ops::Range;

use wide::{CmpGt, CmpLt, f32x4, f32x8};

use super::normal_equations::{BlockAccumulator, SegmentBlocks};
use super::segment::HermiteSegment;
use super::simd::{F32_LANES, chunks8, horner_with_derivative, load_f32x8, map4, mask_f32};
use super::tuning::{F32_SLACK, MAX_T, MIN_SQUARED_SPEED, MIN_T, SHALLOW_SINE, SHARED_CENTER_DISTANCE};
use crate::contour::corridor::arc_steps::ArcCorridor;
use crate::contour::corridor::tolerances::MIN_CROSSING_SINE;
use crate::geometry::Point;

const MIN_T_X8: f32x8 = f32x8::new([MIN_T; F32_LANES]);
const MAX_T_X8: f32x8 = f32x8::new([MAX_T; F32_LANES]);

/// The area in px² by which the traced border cuts a corner of the staircase.
const CORNER_AREA: f32 = 0.125;

/// Points along a run, as columns.
#[derive(Default)]
pub(super) struct PointColumns {
    /// Positions, relative to the origin of the run.
    pub(super) x: Vec<f32>,
    pub(super) y: Vec<f32>,
    /// The arc length of the smoothed arc.
    pub(super) arc_length: Vec<f32>,
}

impl PointColumns {
    fn clear(&mut self, capacity: usize) {
        for list in [&mut self.x, &mut self.y, &mut self.arc_length] {
            list.clear();
            list.reserve(capacity + F32_LANES);
        }
    }

    fn push(&mut self, point: Point, arc_length: f64) {
        self.x.push(point.x as f32);
        self.y.push(point.y as f32);
        self.arc_length.push(arc_length as f32);
    }

    /// The positions of eight points from `i` on.
    fn load(&self, i: usize) -> (f32x8, f32x8) {
        (load_f32x8(&self.x, i), load_f32x8(&self.y, i))
    }

    /// Appends padding, so that eight can be loaded at the last point.
    fn pad(&mut self) {
        for list in [&mut self.x, &mut self.y, &mut self.arc_length] {
            list.extend_from_slice(&[0.0; F32_LANES - 1]);
        }
    }
}

/// The grid edges that a run crosses, and the obstacles at the ends of their windows.
#[derive(Default)]
pub(super) struct CrossingTargets {
    /// The node in the middle of the run, to which positions are relative: so an `f32` is exact to `F32_SLACK` over
    /// 16,384 px. On longer runs more curves fail the containment test, which is exact everywhere.
    pub(super) origin: Point,
    /// The middles of the edges.
    pub(super) middles: PointColumns,
    /// The steps across them, of unit length.
    pub(super) direction_x: Vec<f32>,
    pub(super) direction_y: Vec<f32>,
    /// The largest distances from the middles at which the edges may be crossed.
    pub(super) half_widths: Vec<f32>,
    obstacles: PointColumns,
    /// The side of the border on which each obstacle lies: 1 on the right, -1 on the left.
    side: Vec<f32>,
    /// The first obstacle of each edge, and the number of all.
    first_obstacle: Vec<u32>,
    /// The area between the traced border and the staircase up to each node, in px²: the traced border cuts every corner
    /// by an eighth. Positive on the right.
    corner_areas: Vec<f32>,
}

/// The obstacles near the segments of a spline: only these can become active.
#[derive(Default)]
pub(super) struct WorkingSet {
    origin: Point,
    /// Of each obstacle its position, x and y, the parameter of its segment from 0 to 1, and its side.
    obstacles: Vec<[f32; 4]>,
}

/// The obstacles of a segment in the working set, and the clearance from the nearest.
pub(super) struct NearObstacles {
    /// In px, with a linear estimate of the distance; below zero on the wrong side. At most the distance of the query.
    pub(super) clearance: f64,
    pub(super) range: Range<usize>,
}

/// The clearance that the penalty aims at, and the least that is feasible, in px.
#[derive(Clone, Copy)]
pub(super) struct ClearanceBounds {
    pub(super) target: f64,
    pub(super) min: f64,
}

/// The obstacles of a segment that are too near.
pub(super) struct PenaltyCount {
    /// Whether any obstacle is nearer than the target.
    pub(super) is_active: bool,
    /// The number that are nearer than the least clearance.
    pub(super) violated: usize,
}

/// The grid edge before the present one, while obstacles are placed.
#[derive(Clone, Copy)]
struct PreviousEdge {
    direction: Point,
    /// The distance of its obstacles from the pixel centers.
    center_distance: f64,
    arc_length: f64,
}

impl CrossingTargets {
    /// The number of edges.
    pub(super) fn len(&self) -> usize {
        self.first_obstacle.len() - 1
    }

    /// Gathers the grid edges of the steps `nodes` of an arc, in place of the run before. `arc_lengths` are those at
    /// each of the nodes.
    pub(super) fn gather(&mut self, corridor: &ArcCorridor, nodes: Range<usize>, arc_lengths: &[f64]) {
        let (from, to) = (nodes.start, nodes.end);
        let count = to - from;
        self.origin = corridor.node(from.midpoint(to));
        self.gather_corner_areas(corridor, nodes.clone());
        self.middles.clear(count);
        self.obstacles.clear(2 * count);
        for list in [&mut self.direction_x, &mut self.direction_y, &mut self.half_widths, &mut self.side] {
            list.clear();
            list.reserve(2 * count + F32_LANES);
        }
        self.first_obstacle.clear();
        let (edges, origin) = (corridor.edges(from, to), self.origin);
        self.middles.x.extend(edges.clone().map(|edge| (edge.middle.x - origin.x) as f32));
        self.middles.y.extend(edges.clone().map(|edge| (edge.middle.y - origin.y) as f32));
        self.middles.arc_length.extend(arc_lengths.windows(2).map(|ends| ((ends[0] + ends[1]) * 0.5) as f32));
        self.direction_x.extend(edges.clone().map(|edge| edge.direction.x as f32));
        self.direction_y.extend(edges.clone().map(|edge| edge.direction.y as f32));
        self.half_widths.extend(edges.clone().map(|edge| edge.half_width as f32));
        let mut previous: Option<PreviousEdge> = None;
        // The last obstacle on each side, left and right.
        let mut last = [0, 0];
        for (edge, ends) in edges.zip(arc_lengths.windows(2)) {
            let arc_length = (ends[0] + ends[1]) * 0.5;
            let middle = edge.middle - self.origin;
            self.first_obstacle.push(self.side.len() as u32);
            let half_width = edge.half_width - F32_SLACK;
            let (right, center_distance) = (edge.right(), 0.5 - half_width);
            // Where the border turns, two edges share the pixel center inside the turn: one obstacle stands for both.
            let turn = previous.map_or(0.0, |previous| {
                let are_both_near = previous.center_distance < SHARED_CENTER_DISTANCE
                    && center_distance < SHARED_CENTER_DISTANCE;
                if are_both_near { previous.direction.cross(edge.direction) } else { 0.0 }
            });
            for (side, last) in [-1.0, 1.0].into_iter().zip(&mut last) {
                if let Some(previous) = previous
                    && turn * side > 0.0
                {
                    let previous_right = Point::new(-previous.direction.y, previous.direction.x);
                    let from_center = right * (-side * center_distance)
                        + previous_right * (-side * previous.center_distance);
                    let obstacle = middle + right * (side * 0.5) + from_center;
                    (self.obstacles.x[*last], self.obstacles.y[*last]) =
                        (obstacle.x as f32, obstacle.y as f32);
                    self.obstacles.arc_length[*last] = ((previous.arc_length + arc_length) * 0.5) as f32;
                } else {
                    *last = self.side.len();
                    self.obstacles.push(middle + right * (side * half_width), arc_length);
                    self.side.push(side as f32);
                }
            }
            previous = Some(PreviousEdge { direction: edge.direction, center_distance, arc_length });
        }
        self.first_obstacle.push(self.side.len() as u32);
        self.middles.pad();
        self.obstacles.pad();
        for list in [&mut self.direction_x, &mut self.direction_y, &mut self.half_widths, &mut self.side] {
            list.extend_from_slice(&[0.0; F32_LANES - 1]);
        }
    }

    fn gather_corner_areas(&mut self, corridor: &ArcCorridor, nodes: Range<usize>) {
        self.corner_areas.clear();
        let direction = |i: usize| corridor.edge(i).direction;
        let has_before = corridor.is_closed || nodes.start > 0;
        let mut incoming = has_before.then(|| direction(nodes.start + corridor.step_count() - 1));
        let mut area = 0.0;
        for edge in corridor.edges(nodes.start, nodes.end) {
            // Half of a corner belongs to the part of the border on either side.
            let half =
                incoming.map_or(0.0, |incoming| incoming.cross(edge.direction)) as f32 * -CORNER_AREA * 0.5;
            self.corner_areas.push(area + half);
            area += 2.0 * half;
            incoming = Some(edge.direction);
        }
        self.corner_areas.push(area);
    }

    /// Computes the least-squares blocks of a segment.
    ///
    /// The residual of an edge is the offset along it between its middle and the curve: the offset across the curve,
    /// divided by the sine of the crossing angle. One more residual, with the weight `area_weight` for each edge, is
    /// the mean area between curve and staircase: so regions have nearly the area of their pixels.
    pub(super) fn accumulate(
        &self,
        segment: &HermiteSegment<'_>,
        area_weight: f64,
        blocks: &mut SegmentBlocks,
    ) {
        let (mut sums, curve) = (BlockAccumulator::default(), HermiteX8::new(segment, self.origin));
        let (mut area, mut gradient) = (f32x8::ZERO, [[f32x8::ZERO; 2]; 4]);
        for chunk in chunks8(segment.edges.clone()) {
            let (i, mask) = (chunk.start, mask_f32(chunk.len));
            let t = (load_f32x8(&self.middles.arc_length, i) - curve.start) * curve.inv_length;
            let frame = curve.local_frame(self.middles.load(i), t);
            let sine = frame.tangent.0 * load_f32x8(&self.direction_x, i)
                + frame.tangent.1 * load_f32x8(&self.direction_y, i);
            let sine = sine.fast_max(f32x8::splat(MIN_CROSSING_SINE as f32));
            let weight = mask / (sine * sine + f32x8::splat(SHALLOW_SINE * SHALLOW_SINE));
            let basis = hermite_basis(t);
            sums.add(&basis, frame.weight_matrix(weight), frame.along_normal(weight * frame.normal_offset));
            // A step of unit length advances by the sine along the curve.
            let step_length = mask * sine;
            area += step_length * frame.normal_offset;
            for (sum, value) in gradient.iter_mut().zip(basis) {
                let [x, y] = frame.along_normal(step_length * value);
                sum[0] += x;
                sum[1] += y;
            }
        }
        sums.store(blocks);
        let entry = |k: usize, axis: usize| f64::from(gradient[k][axis].reduce_add());
        let of_knot = |k: usize| [entry(k, 0), entry(k, 1), entry(k + 1, 0), entry(k + 1, 1)];
        let gradient = [of_knot(0), of_knot(2)];
        let corners = self.corner_areas[segment.edges.end] - self.corner_areas[segment.edges.start];
        let area = f64::from(area.reduce_add() + corners);
        blocks.add_row(gradient, area, area_weight / segment.edges.len() as f64);
    }

    /// Adds the obstacles within a distance of a segment to the working set.
    ///
    /// Updates the arc lengths of all obstacles of the segment towards their nearest points on it.
    pub(super) fn collect_near(
        &mut self,
        segment: &HermiteSegment<'_>,
        distance: f64,
        working_set: &mut WorkingSet,
    ) -> NearObstacles {
        let first = working_set.obstacles.len();
        let distance = distance as f32;
        let (curve, mut nearest) = (HermiteX8::new(segment, self.origin), f32x8::splat(distance));
        let range = self.first_obstacle[segment.edges.start] as usize
            ..self.first_obstacle[segment.edges.end] as usize;
        for chunk in chunks8(range) {
            let (i, mask) = (chunk.start, mask_f32(chunk.len));
            let t = (load_f32x8(&self.obstacles.arc_length, i) - curve.start) * curve.inv_length;
            let frame = curve.approximate_frame(self.obstacles.load(i), t);
            let side = load_f32x8(&self.side, i);
            let advance = frame.tangent_offset.fast_max(-f32x8::ONE).fast_min(f32x8::ONE);
            let arc_length = load_f32x8(&self.obstacles.arc_length, i) + mask * advance;
            if let Some(arc_lengths) = self.obstacles.arc_length.get_mut(i..i + F32_LANES) {
                arc_lengths.copy_from_slice(&arc_length.to_array());
            }
            let mask = mask.cmp_gt(f32x8::ZERO);
            let clearance = mask.blend(frame.normal_offset * side, f32x8::splat(distance));
            nearest = nearest.fast_min(clearance);
            let mut near = clearance.cmp_lt(f32x8::splat(distance)).move_mask();
            if near == 0 {
                continue;
            }
            let t = (t + frame.tangent_offset * curve.inv_length).fast_max(MIN_T_X8).fast_min(MAX_T_X8);
            let obstacles =
                to_aos([load_f32x8(&self.obstacles.x, i), load_f32x8(&self.obstacles.y, i), t, side]);
            while near != 0 {
                working_set.obstacles.push(obstacles[near.trailing_zeros() as usize % F32_LANES]);
                near &= near - 1;
            }
        }
        let clearance = f64::from(nearest.to_array().into_iter().fold(distance, f32::min));
        NearObstacles { clearance, range: first..working_set.obstacles.len() }
    }
}

impl WorkingSet {
    /// Starts anew, with positions relative to an origin.
    pub(super) fn reset(&mut self, origin: Point) {
        self.origin = origin;
        self.obstacles.clear();
    }

    /// The number of obstacles.
    pub(super) fn len(&self) -> usize {
        self.obstacles.len()
    }

    /// Drops all but the first `len` obstacles.
    pub(super) fn truncate(&mut self, len: usize) {
        self.obstacles.truncate(len);
    }

    /// Computes the penalty blocks of a segment: one squared residual for each obstacle that is nearer than the target,
    /// the clearance that is missing.
    ///
    /// The blocks stay as they are where no obstacle is active.
    pub(super) fn accumulate_penalties(
        &mut self,
        obstacles: Range<usize>,
        segment: &HermiteSegment<'_>,
        bounds: ClearanceBounds,
        blocks: &mut SegmentBlocks,
    ) -> PenaltyCount {
        let curve = HermiteX8::new(segment, self.origin);
        let mut count = PenaltyCount { is_active: false, violated: 0 };
        let (target, min) = (bounds.target as f32, bounds.min as f32);
        for obstacles in self.obstacles[obstacles].chunks_mut(F32_LANES) {
            let [x, y, t, side] = to_soa(obstacles);
            let frame = curve.local_frame((x, y), t);
            let t = (t + frame.tangent_offset * curve.inv_length).fast_max(MIN_T_X8).fast_min(MAX_T_X8);
            obstacles.iter_mut().zip(t.to_array()).for_each(|(obstacle, t)| obstacle[2] = t);
            let mask = mask_f32(obstacles.len());
            let missing = f32x8::splat(target) - frame.normal_offset * side;
            let mut active = (missing.cmp_gt(f32x8::ZERO) & mask.cmp_gt(f32x8::ZERO)).move_mask();
            if active == 0 {
                continue;
            }
            // Few of eight are active, so each is added by itself.
            let basis = map4(hermite_basis(t), f32x8::to_array);
            let (x, y) = (frame.tangent.0.to_array(), frame.tangent.1.to_array());
            let (missing, side) = (missing.to_array(), side.to_array());
            if !count.is_active {
                *blocks = SegmentBlocks::default();
                count.is_active = true;
            }
            while active != 0 {
                let lane = active.trailing_zeros() as usize;
                active &= active - 1;
                count.violated += usize::from(missing[lane] > target - min);
                let of_knot = |k: usize| {
                    let (point, slope) = (f64::from(basis[k][lane]), f64::from(basis[k + 1][lane]));
                    let (x, y) = (f64::from(x[lane]), f64::from(y[lane]));
                    [-y * point, x * point, -y * slope, x * slope]
                };
                blocks.add_row([of_knot(0), of_knot(2)], f64::from(-side[lane] * missing[lane]), 1.0);
            }
        }
        count
    }
}

/// A segment as a polynomial of its parameter, the coefficient of the highest power first, in eight equal lanes.
/// Positions are relative to an origin of whole pixels, which an `f32` holds exactly.
struct HermiteX8 {
    x: [f32x8; 4],
    y: [f32x8; 4],
    origin: (f32x8, f32x8),
    start: f32x8,
    inv_length: f32x8,
}

impl HermiteX8 {
    /// `run_origin` is the origin of the points that are measured.
    fn new(segment: &HermiteSegment<'_>, run_origin: Point) -> Self {
        let truncate = |value: f64| f64::from(value as i32);
        let origin = Point::new(truncate(segment.knots[0].point.x), truncate(segment.knots[0].point.y));
        let splat = |number: f64| f32x8::splat(number as f32);
        let ([a, b], scales) = ([segment.knots[0], segment.knots[1]], segment.scales());
        let (first, second, chord) = (a.tangent * scales[0], b.tangent * scales[1], b.point - a.point);
        let coefficients =
            [first + second - chord * 2.0, chord * 3.0 - first * 2.0 - second, first, a.point - origin];
        Self {
            x: map4(coefficients, |coefficient| splat(coefficient.x)),
            y: map4(coefficients, |coefficient| splat(coefficient.y)),
            origin: (splat(origin.x - run_origin.x), splat(origin.y - run_origin.y)),
            start: splat(segment.start),
            inv_length: splat(1.0 / segment.length),
        }
    }

    /// The positions of eight points in the local frames of the curve at `t`.
    fn local_frame(&self, points: (f32x8, f32x8), t: f32x8) -> LocalFrame {
        self.frame(points, t, |dx, dy| {
            let square = (dx * dx + dy * dy).fast_max(f32x8::splat(MIN_SQUARED_SPEED));
            f32x8::ONE / square.sqrt()
        })
    }

    /// The same with the speed of the curve taken as even. Offsets are estimates, but their signs are right.
    fn approximate_frame(&self, points: (f32x8, f32x8), t: f32x8) -> LocalFrame {
        self.frame(points, t, |_, _| self.inv_length)
    }

    fn frame(
        &self,
        points: (f32x8, f32x8),
        t: f32x8,
        inv_speed: impl Fn(f32x8, f32x8) -> f32x8,
    ) -> LocalFrame {
        let ((x, dx), (y, dy)) = (horner_with_derivative(&self.x, t), horner_with_derivative(&self.y, t));
        let inv_speed = inv_speed(dx, dy);
        let (tangent_x, tangent_y) = (dx * inv_speed, dy * inv_speed);
        let (offset_x, offset_y) = (points.0 - self.origin.0 - x, points.1 - self.origin.1 - y);
        LocalFrame {
            tangent: (tangent_x, tangent_y),
            normal_offset: offset_y * tangent_x - offset_x * tangent_y,
            tangent_offset: offset_x * tangent_x + offset_y * tangent_y,
        }
    }
}

/// Eight points in the local frames of a curve: its unit tangent, and the offsets of the points from the curve along
/// the normal (to the right) and along the tangent (ahead), in px.
struct LocalFrame {
    tangent: (f32x8, f32x8),
    normal_offset: f32x8,
    tangent_offset: f32x8,
}

impl LocalFrame {
    /// The matrix `weight * n n^T` of the unit normal n, by its entries xx, xy, yy.
    fn weight_matrix(&self, weight: f32x8) -> [f32x8; 3] {
        let (x, y) = self.tangent;
        let (wx, wy) = (weight * x, weight * y);
        [wy * y, -(wx * y), wx * x]
    }

    /// The vector of a length along the normal, to the right.
    fn along_normal(&self, length: f32x8) -> [f32x8; 2] {
        [-(self.tangent.1 * length), self.tangent.0 * length]
    }
}

/// The cubic Hermite basis at `t`: the weights of (point, derivative) at both knots.
fn hermite_basis(t: f32x8) -> [f32x8; 4] {
    let (v, square) = (f32x8::ONE - t, t * t);
    let second = square * (f32x8::splat(3.0) - t - t);
    [f32x8::ONE - second, t * v * v, second, -(square * v)]
}

/// Four columns of eight values as eight rows.
fn to_aos(columns: [f32x8; 4]) -> [[f32; 4]; F32_LANES] {
    let half = |is_low: bool| {
        let part = |column: f32x8| {
            let [a, b, c, d, e, f, g, h] = column.to_array();
            f32x4::new(if is_low { [a, b, c, d] } else { [e, f, g, h] })
        };
        map4(f32x4::transpose(map4(columns, part)), f32x4::to_array)
    };
    let ([a, b, c, d], [e, f, g, h]) = (half(true), half(false));
    [a, b, c, d, e, f, g, h]
}

/// Up to eight rows as four columns, padded with zeros.
fn to_soa(rows: &[[f32; 4]]) -> [f32x8; 4] {
    let mut padded = [[0.0; 4]; F32_LANES];
    padded[..rows.len()].copy_from_slice(rows);
    let [a, b, c, d, e, f, g, h] = padded;
    let [low, high] = [[a, b, c, d], [e, f, g, h]]
        .map(|half| f32x4::transpose(map4(half, f32x4::new)).map(f32x4::to_array));
    let join = |k: usize| {
        let ([a, b, c, d], [e, f, g, h]) = (low[k], high[k]);
        f32x8::new([a, b, c, d, e, f, g, h])
    };
    [join(0), join(1), join(2), join(3)]
}
