//! The normal equations of a spline: least squares, accumulated segment by segment and solved for all knots at once.
//!
//! Each knot has four unknowns: the changes of its point and of its tangent, in x and in y. A segment couples two
//! neighbors, so the matrix is block tridiagonal with blocks of 4 x 4. Its block L D L^T factorization takes time
//! linear in the number of knots (George & Liu, "Computer solution of large sparse positive definite systems", 1981).
//! In a ring the last knot is also coupled to the first. This coupling fills one block column, which is eliminated
//! along with the rest.

use std::ops::{Mul, Sub};

use wide::{f32x4, f32x8, f64x4};

use super::segment::Knot;
use super::simd::map4;
use super::tuning::{RIDGE, TANGENT_PIN_WEIGHT};
use crate::geometry::Point;

/// The unknowns of a knot: x and y of its point, then of its tangent.
const UNKNOWNS: usize = 4;
/// A part of the matrix for the unknowns of two knots, row by row.
type Block = [[f64; UNKNOWNS]; UNKNOWNS];
/// The pairs of the four basis functions of a segment.
const BASIS_PAIRS: [(usize, usize); 10] =
    [(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (3, 3)];

/// The normal equations of one segment, for the changes of (point, derivative) at its first and at its second knot. The
/// derivatives are by the parameter of the segment.
#[derive(Clone, Copy, Default)]
pub(super) struct SegmentBlocks {
    /// The diagonal blocks of both knots, and the block between them, whose rows belong to the second.
    first: Block,
    second: Block,
    coupling: Block,
    rhs: [[f64; UNKNOWNS]; 2],
}

/// The sums of the blocks of a segment, in eight lanes.
#[derive(Default)]
pub(super) struct BlockAccumulator {
    matrix: [[f32x8; 3]; 10],
    rhs: [[f32x8; 2]; 4],
}

impl BlockAccumulator {
    /// Adds the terms of eight places on the curve.
    ///
    /// `basis` are the values of the basis functions there, `weight_matrix` the entries xx, xy, yy that weight a change
    /// of the place, and `rhs` is that matrix times the wanted change.
    pub(super) fn add(&mut self, basis: &[f32x8; 4], weight_matrix: [f32x8; 3], rhs: [f32x8; 2]) {
        for (sums, (i, j)) in self.matrix.iter_mut().zip(BASIS_PAIRS) {
            let product = basis[i] * basis[j];
            for (sum, weight) in sums.iter_mut().zip(weight_matrix) {
                *sum += product * weight;
            }
        }
        for (sums, &value) in self.rhs.iter_mut().zip(basis) {
            for (sum, rhs) in sums.iter_mut().zip(rhs) {
                *sum += value * rhs;
            }
        }
    }

    /// Writes the sums into the blocks of a segment.
    pub(super) fn store(&self, blocks: &mut SegmentBlocks) {
        for (&[xx, xy, yy], pair) in self.matrix.iter().zip(BASIS_PAIRS) {
            let [xx, xy, yy, _] = map4(sum_lanes([xx, xy, yy, f32x8::ZERO]), f64::from);
            blocks.set_pair(pair, [xx, xy, yy]);
        }
        for (rhs, sums) in blocks.rhs.iter_mut().zip(self.rhs.as_chunks::<2>().0) {
            let [[point_x, point_y], [slope_x, slope_y]] = *sums;
            *rhs = map4(sum_lanes([point_x, point_y, slope_x, slope_y]), f64::from);
        }
    }
}

/// The sum of the lanes of each of four vectors.
fn sum_lanes(vectors: [f32x8; 4]) -> [f32; 4] {
    let halves = map4(vectors, |vector| {
        let [a, b, c, d, e, f, g, h] = vector.to_array();
        f32x4::new([a, b, c, d]) + f32x4::new([e, f, g, h])
    });
    let [a, b, c, d] = f32x4::transpose(halves);
    ((a + b) + (c + d)).to_array()
}

impl SegmentBlocks {
    /// Sets the entries of a pair of basis functions, and those across the diagonal.
    fn set_pair(&mut self, (i, j): (usize, usize), [xx, xy, yy]: [f64; 3]) {
        let (row, column) = (i % 2 * 2, j % 2 * 2);
        // The rows of the coupling belong to the second knot, that is to j.
        let (block, row, column) = match (i / 2, j / 2) {
            (0, 0) => (&mut self.first, row, column),
            (0, _) => (&mut self.coupling, column, row),
            _ => (&mut self.second, row, column),
        };
        let mut set = |row: usize, column: usize| {
            block[row][column] = xx;
            block[row][column + 1] = xy;
            block[row + 1][column] = xy;
            block[row + 1][column + 1] = yy;
        };
        set(row, column);
        if i / 2 == j / 2 && i != j {
            set(column, row);
        }
    }

    /// Adds the bending energy of the change: the integral of its squared second derivative, times a stiffness.
    pub(super) fn add_bending_energy(&mut self, stiffness: f64) {
        // The Gram matrix of the second derivatives of the Hermite basis.
        let [a, b, c, d] = map4([12.0, 6.0, 4.0, 2.0], |entry| entry * stiffness);
        for axis in 0..2 {
            let (point, slope) = (axis, axis + 2);
            let blocks = [
                (&mut self.first, [a, b, b, c]),
                (&mut self.second, [a, -b, -b, c]),
                (&mut self.coupling, [-a, -b, b, d]),
            ];
            for (block, [pp, ps, sp, ss]) in blocks {
                block[point][point] += pp;
                block[point][slope] += ps;
                block[slope][point] += sp;
                block[slope][slope] += ss;
            }
        }
    }

    /// Adds one weighted equation: the unknowns of both knots, times their coefficients, add up to `target`.
    pub(super) fn add_row(&mut self, coefficients: [[f64; UNKNOWNS]; 2], target: f64, weight: f64) {
        let (first, second) = (f64x4::new(coefficients[0]), f64x4::new(coefficients[1]));
        for (i, (of_first, of_second)) in coefficients[0].into_iter().zip(coefficients[1]).enumerate() {
            let (of_first, of_second) = (f64x4::splat(of_first * weight), f64x4::splat(of_second * weight));
            add_to(&mut self.first[i], of_first * first);
            add_to(&mut self.coupling[i], of_second * first);
            add_to(&mut self.second[i], of_second * second);
        }
        let rhs = f64x4::splat(weight * target);
        add_to(&mut self.rhs[0], first * rhs);
        add_to(&mut self.rhs[1], second * rhs);
    }

    /// The right-hand side after the knots have changed from `before` to `now`: of the same quadratic objective.
    fn rhs_after(&self, before: &[Knot], now: &[Knot]) -> [f64x4; 2] {
        let change = |knot: usize| {
            let side = 1 - knot;
            let derivative = |knot: &Knot| knot.tangent * knot.tangent_scales[side];
            let (point, slope) =
                (now[knot].point - before[knot].point, derivative(&now[knot]) - derivative(&before[knot]));
            [point.x, point.y, slope.x, slope.y]
        };
        let [first, second] = [change(0), change(1)];
        let mut rhs = [f64x4::new(self.rhs[0]), f64x4::new(self.rhs[1])];
        for i in 0..UNKNOWNS {
            // The diagonal blocks are symmetric: row i is column i.
            rhs[0] -= f64x4::new(self.first[i]) * first[i] + f64x4::new(self.coupling[i]) * second[i];
            rhs[1] -= f64x4::new(self.second[i]) * second[i];
        }
        rhs[1] -= multiply(&self.coupling, first);
        rhs
    }
}

fn add_to(row: &mut [f64; UNKNOWNS], more: f64x4) {
    *row = (f64x4::new(*row) + more).to_array();
}

/// A block times a vector.
fn multiply(block: &Block, vector: [f64; UNKNOWNS]) -> f64x4 {
    let column = |j: usize| f64x4::new([block[0][j], block[1][j], block[2][j], block[3][j]]);
    (0..UNKNOWNS).map(|j| column(j) * vector[j]).fold(f64x4::ZERO, |sum, part| sum + part)
}

fn transposed(block: &Block) -> Block {
    map4([0, 1, 2, 3], |i| map4([0, 1, 2, 3], |j| block[j][i]))
}

/// The L D L^T factorization of a symmetric 4 x 4 block.
struct Ldlt4 {
    /// L below its unit diagonal, row by row.
    l: [f64; 6],
    /// The inverse of D.
    inv_d: [f64; UNKNOWNS],
}

impl Ldlt4 {
    fn factor(m: &Block) -> Self {
        let (a, b, c) = (m[1][0], m[2][0], m[3][0]);
        let inv_0 = 1.0 / m[0][0];
        let (l_10, l_20, l_30) = (a * inv_0, b * inv_0, c * inv_0);
        let inv_1 = 1.0 / (m[1][1] - l_10 * a);
        let (d, e) = (m[2][1] - l_20 * a, m[3][1] - l_30 * a);
        let (l_21, l_31) = (d * inv_1, e * inv_1);
        let inv_2 = 1.0 / (m[2][2] - l_20 * b - l_21 * d);
        let f = m[3][2] - l_30 * b - l_31 * d;
        let l_32 = f * inv_2;
        let inv_3 = 1.0 / (m[3][3] - l_30 * c - l_31 * e - l_32 * f);
        Self { l: [l_10, l_20, l_21, l_30, l_31, l_32], inv_d: [inv_0, inv_1, inv_2, inv_3] }
    }

    /// Solves for a right-hand side of numbers, or of rows with a number for each of several right-hand sides.
    fn solve<T: Copy + Mul<f64, Output = T> + Sub<Output = T>>(
        &self,
        [a, b, c, d]: [T; UNKNOWNS],
    ) -> [T; UNKNOWNS] {
        let [l_10, l_20, l_21, l_30, l_31, l_32] = self.l;
        let b = b - a * l_10;
        let c = c - a * l_20 - b * l_21;
        let d = d - a * l_30 - b * l_31 - c * l_32;
        let d = d * self.inv_d[3];
        let c = c * self.inv_d[2] - d * l_32;
        let b = b * self.inv_d[1] - c * l_21 - d * l_31;
        let a = a * self.inv_d[0] - b * l_10 - c * l_20 - d * l_30;
        [a, b, c, d]
    }
}

/// The change of a knot.
pub(super) struct KnotChange {
    pub(super) point: Point,
    pub(super) tangent: Point,
}

/// The equations of consecutive segments, or of a ring of them.
#[derive(Default)]
pub(super) struct BlockTridiagonal {
    /// The diagonal block of each knot.
    diagonal: Vec<Block>,
    /// The block that couples each knot to the next; its rows belong to the next. After the elimination, the block by
    /// which the knot depends on the next.
    next: Vec<Block>,
    /// The same for the last knot of a ring.
    last: Vec<Block>,
    /// The right-hand side, and then the solution.
    rhs: Vec<[f64; UNKNOWNS]>,
    is_closed: bool,
}

impl BlockTridiagonal {
    /// Starts anew, for so many segments. A ring takes three at least.
    pub(super) fn reset(&mut self, segments: usize, is_closed: bool) {
        let knots = if is_closed { segments } else { segments + 1 };
        self.is_closed = is_closed;
        let mut ridge = Block::default();
        (0..UNKNOWNS).for_each(|i| ridge[i][i] = RIDGE);
        self.diagonal.clear();
        self.diagonal.resize(knots, ridge);
        self.next.clear();
        self.next.resize(knots, Block::default());
        self.last.clear();
        self.last.resize(if is_closed { knots } else { 0 }, Block::default());
        self.rhs.clear();
        self.rhs.resize(knots, [0.0; UNKNOWNS]);
    }

    /// The index of a knot: the end of a ring is its first knot.
    fn wrap(&self, knot: usize) -> usize {
        if knot == self.diagonal.len() { 0 } else { knot }
    }

    /// Adds the blocks of a segment, times a weight.
    pub(super) fn add(&mut self, segment: usize, blocks: &SegmentBlocks, knots: &[Knot], weight: f64) {
        let rhs = [f64x4::new(blocks.rhs[0]), f64x4::new(blocks.rhs[1])];
        self.add_blocks(segment, (blocks, rhs), knots, weight);
    }

    /// Adds the blocks of a segment, accumulated at the knots `before`, for a change of the knots `now`.
    pub(super) fn add_after(
        &mut self,
        segment: usize,
        blocks: &SegmentBlocks,
        (before, now): (&[Knot], &[Knot]),
        weight: f64,
    ) {
        self.add_blocks(segment, (blocks, blocks.rhs_after(before, now)), now, weight);
    }

    fn add_blocks(
        &mut self,
        segment: usize,
        (blocks, rhs): (&SegmentBlocks, [f64x4; 2]),
        knots: &[Knot],
        weight: f64,
    ) {
        // From derivatives by the parameter, in the blocks, to tangents, the unknowns.
        let [first_scale, second_scale] = [knots[0].tangent_scales[1], knots[1].tangent_scales[0]];
        let (first, second) = ([1.0, 1.0, first_scale, first_scale], [1.0, 1.0, second_scale, second_scale]);
        let [first_weight, second_weight] = [first, second].map(|scale| f64x4::new(scale) * weight);
        let end = self.wrap(segment + 1);
        let coupling = if end > 0 { &mut self.next[segment] } else { &mut self.last[0] };
        add_block(&mut self.diagonal[segment], &blocks.first, &first, first_weight);
        add_block(&mut self.diagonal[end], &blocks.second, &second, second_weight);
        if end > 0 {
            add_block(coupling, &blocks.coupling, &second, first_weight);
        } else {
            add_block(coupling, &transposed(&blocks.coupling), &first, second_weight);
        }
        add_to(&mut self.rhs[segment], rhs[0] * first_weight);
        add_to(&mut self.rhs[end], rhs[1] * second_weight);
    }

    /// Pins a knot's point along its tangent, while it stays free across, and adds the squared deviation of the
    /// tangent's length from 1, times a weight.
    pub(super) fn pin_along_tangent(&mut self, knot: usize, tangent: Point, weight: f64) {
        let (block, length) = (&mut self.diagonal[knot], tangent.length());
        let unit = tangent * (1.0 / length.max(f64::MIN_POSITIVE));
        let (xx, xy, yy) = (unit.x * unit.x, unit.x * unit.y, unit.y * unit.y);
        for (row, weight) in [(0, TANGENT_PIN_WEIGHT), (2, weight)] {
            block[row][row] += weight * xx;
            block[row][row + 1] += weight * xy;
            block[row + 1][row] += weight * xy;
            block[row + 1][row + 1] += weight * yy;
        }
        let rhs = unit * (weight * (1.0 - length));
        self.rhs[knot][2] += rhs.x;
        self.rhs[knot][3] += rhs.y;
    }

    /// Solves for the change of every knot. The first and the last knot of consecutive segments may be fixed.
    pub(super) fn solve(&mut self, is_fixed: [bool; 2]) {
        let [first, behind] = [usize::from(is_fixed[0]), self.diagonal.len() - usize::from(is_fixed[1])];
        if is_fixed[0] {
            self.rhs[0] = [0.0; UNKNOWNS];
        }
        if is_fixed[1] {
            self.rhs[behind] = [0.0; UNKNOWNS];
        }
        if first == behind {
            return;
        }
        let end = behind - 1;
        for knot in first..end {
            let factors = Ldlt4::factor(&self.diagonal[knot]);
            let (_, later) = self.diagonal.split_at_mut(knot + 1);
            let rhs = self.rhs[knot];
            self.rhs[knot] = factors.solve(rhs);
            // The last knot but one is coupled to the last in both ways.
            if self.is_closed && knot + 1 == end {
                let more = self.last[knot];
                add_block(&mut self.next[knot], &more, &[1.0; UNKNOWNS], f64x4::ONE);
            }
            let next = self.next[knot];
            let dependence = factors.solve(map4(transposed(&next), f64x4::new));
            schur_update(&mut later[0], &mut self.rhs[knot + 1], &next, (&dependence, rhs));
            self.next[knot] = map4(dependence, f64x4::to_array);
            if self.is_closed && knot + 1 < end {
                let last = self.last[knot];
                // Fill-in: the coupling of the next knot to the last.
                for (row, coupling) in self.last[knot + 1].iter_mut().zip(last) {
                    let fill = (0..UNKNOWNS).map(|i| dependence[i] * coupling[i]);
                    add_to(row, -fill.fold(f64x4::ZERO, |sum, part| sum + part));
                }
                let dependence = factors.solve(map4(transposed(&last), f64x4::new));
                schur_update(&mut later[end - knot - 1], &mut self.rhs[end], &last, (&dependence, rhs));
                self.last[knot] = map4(dependence, f64x4::to_array);
            }
        }
        let last = Ldlt4::factor(&self.diagonal[end]).solve(self.rhs[end]);
        self.rhs[end] = last;
        for knot in (first..end).rev() {
            let mut value = f64x4::new(self.rhs[knot]) - multiply(&self.next[knot], self.rhs[knot + 1]);
            if self.is_closed && knot + 1 < end {
                value -= multiply(&self.last[knot], last);
            }
            self.rhs[knot] = value.to_array();
        }
    }

    /// The solution for a knot.
    pub(super) fn change(&self, knot: usize) -> KnotChange {
        let [a, b, c, d] = self.rhs[self.wrap(knot)];
        KnotChange { point: Point::new(a, b), tangent: Point::new(c, d) }
    }
}

/// Adds a block with its rows and columns scaled.
fn add_block(block: &mut Block, more: &Block, row_scales: &[f64; UNKNOWNS], column_scales: f64x4) {
    for ((row, &more), &scale) in block.iter_mut().zip(more).zip(row_scales) {
        add_to(row, f64x4::new(more) * (column_scales * scale));
    }
}

/// Eliminates a knot from the equations of another one: subtracts `coupling` times the `dependence` of the knot on the
/// other, and of its right-hand side.
fn schur_update(
    block: &mut Block,
    rhs: &mut [f64; UNKNOWNS],
    coupling: &Block,
    (dependence, knot_rhs): (&[f64x4; UNKNOWNS], [f64; UNKNOWNS]),
) {
    for (row, coupling) in block.iter_mut().zip(coupling) {
        let part =
            (0..UNKNOWNS).map(|i| dependence[i] * coupling[i]).fold(f64x4::ZERO, |sum, part| sum + part);
        add_to(row, -part);
    }
    let part = (0..UNKNOWNS).map(|i| dependence[i] * knot_rhs[i]).fold(f64x4::ZERO, |sum, part| sum + part);
    add_to(rhs, -part);
}
