//! The equations for a change of a spline: least squares, gathered piece by piece and solved for all knots at once.
//!
//! Each knot has four unknowns: a change of its point and one of its slope, x and y. A piece ties two neighbours together,
//! so the matrix has blocks of four by four on the diagonal and beside it, and is factored block by block in time
//! proportional to the number of knots (George & Liu, "Computer solution of large sparse positive definite systems", 1981).
//! Of a ring the last knot is also tied to the first; what remains of that tie is carried along from knot to knot.

use std::ops::{Mul, Sub};

use wide::{f32x4, f32x8, f64x4};

use super::segment::Knot;
use super::simd::each;
use crate::geometry::Point;

/// The unknowns of a knot.
const UNKNOWNS: usize = 4;
/// Some equations between the unknowns of two knots, row by row.
type Block = [[f64; UNKNOWNS]; UNKNOWNS];
/// The pairs of the four weights of a piece.
const PAIRS: [(usize, usize); 10] =
    [(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (3, 3)];
/// A weight that has no say but where nothing else has, and one that holds a value where it is.
const SLIGHT: f64 = 1e-3;
const PINNED: f64 = 1e5;

/// A piece's share of the equations for (point, slope) at its first and at its second knot, slopes by the piece's parameter
/// from 0 to 1.
#[derive(Clone, Copy, Default)]
pub(crate) struct Share {
    /// The equations of the first knot's unknowns, those of the second's, and those between: rows belong to the second.
    first: Block,
    second: Block,
    between: Block,
    right: [[f64; UNKNOWNS]; 2],
}

/// Sums of a share, eight lanes at a time.
#[derive(Default)]
pub(crate) struct Sums {
    matrix: [[f32x8; 3]; 10],
    right: [[f32x8; 2]; 4],
}

impl Sums {
    /// Adds what eight places ask: `values` are the weights of the unknowns there, `push` the matrix xx, xy, yy that a
    /// change of the place is weighed with, and `wish` that matrix times the change that is wished for.
    pub(crate) fn add(&mut self, values: &[f32x8; 4], push: [f32x8; 3], wish: [f32x8; 2]) {
        for (sums, (i, j)) in self.matrix.iter_mut().zip(PAIRS) {
            let both = values[i] * values[j];
            for (sum, push) in sums.iter_mut().zip(push) {
                *sum += both * push;
            }
        }
        for (sums, &value) in self.right.iter_mut().zip(values) {
            for (sum, wish) in sums.iter_mut().zip(wish) {
                *sum += value * wish;
            }
        }
    }

    /// Makes them a share.
    pub(crate) fn set(&self, share: &mut Share) {
        for (&[xx, xy, yy], pair) in self.matrix.iter().zip(PAIRS) {
            let [xx, xy, yy, _] = each(totals([xx, xy, yy, f32x8::ZERO]), f64::from);
            share.set_pair(pair, [xx, xy, yy]);
        }
        for (right, sums) in share.right.iter_mut().zip(self.right.as_chunks::<2>().0) {
            let [[px, py], [sx, sy]] = *sums;
            *right = each(totals([px, py, sx, sy]), f64::from);
        }
    }
}

/// The sum of the lanes of each of four.
fn totals(sums: [f32x8; 4]) -> [f32; 4] {
    let halves = each(sums, |sum| {
        let [a, b, c, d, e, f, g, h] = sum.to_array();
        f32x4::new([a, b, c, d]) + f32x4::new([e, f, g, h])
    });
    let [a, b, c, d] = f32x4::transpose(halves);
    ((a + b) + (c + d)).to_array()
}

impl Share {
    /// Sets the entries of a pair of weights, and their mirror images.
    fn set_pair(&mut self, (i, j): (usize, usize), [xx, xy, yy]: [f64; 3]) {
        let (row, column) = (i % 2 * 2, j % 2 * 2);
        // Between knots rows belong to the second, that is to j.
        let (block, row, column) = match (i / 2, j / 2) {
            (0, 0) => (&mut self.first, row, column),
            (0, _) => (&mut self.between, column, row),
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

    /// Makes a piece resist bending: as a stiff rod, by the integral of the square of its second derivative.
    pub(crate) fn stiffen(&mut self, stiffness: f64) {
        let [a, b, c, d] = each([12.0, 6.0, 4.0, 2.0], |part| part * stiffness);
        for axis in 0..2 {
            let (point, slope) = (axis, axis + 2);
            let blocks = [
                (&mut self.first, [a, b, b, c]),
                (&mut self.second, [a, -b, -b, c]),
                (&mut self.between, [-a, -b, b, d]),
            ];
            for (block, [pp, ps, sp, ss]) in blocks {
                block[point][point] += pp;
                block[point][slope] += ps;
                block[slope][point] += sp;
                block[slope][slope] += ss;
            }
        }
    }

    /// Adds one equation with a weight: so much of each unknown together should make what is `missing`.
    pub(crate) fn demand(&mut self, parts: [[f64; UNKNOWNS]; 2], missing: f64, weight: f64) {
        let (first, second) = (f64x4::new(parts[0]), f64x4::new(parts[1]));
        for (i, (of_first, of_second)) in parts[0].into_iter().zip(parts[1]).enumerate() {
            let (of_first, of_second) = (f64x4::splat(of_first * weight), f64x4::splat(of_second * weight));
            add_to(&mut self.first[i], of_first * first);
            add_to(&mut self.between[i], of_second * first);
            add_to(&mut self.second[i], of_second * second);
        }
        let wish = f64x4::splat(weight * missing);
        add_to(&mut self.right[0], first * wish);
        add_to(&mut self.right[1], second * wish);
    }

    /// What is left to wish for when the knots have changed from `before` to `now`: the right side.
    fn after(&self, before: &[Knot], now: &[Knot]) -> [f64x4; 2] {
        let change = |knot: usize| {
            let side = 1 - knot;
            let handle = |knot: &Knot| knot.slope * knot.spans[side];
            let (at, handle) = (now[knot].at - before[knot].at, handle(&now[knot]) - handle(&before[knot]));
            [at.x, at.y, handle.x, handle.y]
        };
        let [first, second] = [change(0), change(1)];
        let mut right = [f64x4::new(self.right[0]), f64x4::new(self.right[1])];
        for i in 0..UNKNOWNS {
            // The blocks on the diagonal are their own mirror images.
            right[0] -= f64x4::new(self.first[i]) * first[i] + f64x4::new(self.between[i]) * second[i];
            right[1] -= f64x4::new(self.second[i]) * second[i];
        }
        right[1] -= times(&self.between, first);
        right
    }
}

fn add_to(row: &mut [f64; UNKNOWNS], more: f64x4) {
    *row = (f64x4::new(*row) + more).to_array();
}

/// A block times a vector.
fn times(block: &Block, vector: [f64; UNKNOWNS]) -> f64x4 {
    let column = |j: usize| f64x4::new([block[0][j], block[1][j], block[2][j], block[3][j]]);
    (0..UNKNOWNS).map(|j| column(j) * vector[j]).fold(f64x4::ZERO, |sum, part| sum + part)
}

/// The mirror image of a block.
fn mirrored(block: &Block) -> Block {
    each([0, 1, 2, 3], |i| each([0, 1, 2, 3], |j| block[j][i]))
}

/// A block on the diagonal in factors, by Cholesky without roots.
struct Factors {
    /// Below the diagonal, row by row.
    low: [f64; 6],
    /// One over the diagonal.
    over: [f64; UNKNOWNS],
}

impl Factors {
    fn of(m: &Block) -> Self {
        let (a, b, c) = (m[1][0], m[2][0], m[3][0]);
        let over_0 = 1.0 / m[0][0];
        let (low_10, low_20, low_30) = (a * over_0, b * over_0, c * over_0);
        let over_1 = 1.0 / (m[1][1] - low_10 * a);
        let (d, e) = (m[2][1] - low_20 * a, m[3][1] - low_30 * a);
        let (low_21, low_31) = (d * over_1, e * over_1);
        let over_2 = 1.0 / (m[2][2] - low_20 * b - low_21 * d);
        let f = m[3][2] - low_30 * b - low_31 * d;
        let low_32 = f * over_2;
        let over_3 = 1.0 / (m[3][3] - low_30 * c - low_31 * e - low_32 * f);
        Self { low: [low_10, low_20, low_21, low_30, low_31, low_32], over: [over_0, over_1, over_2, over_3] }
    }

    /// Solves for each column of the right side.
    fn solve<T: Copy + Mul<f64, Output = T> + Sub<Output = T>>(
        &self,
        [a, b, c, d]: [T; UNKNOWNS],
    ) -> [T; UNKNOWNS] {
        let [low_10, low_20, low_21, low_30, low_31, low_32] = self.low;
        let b = b - a * low_10;
        let c = c - a * low_20 - b * low_21;
        let d = d - a * low_30 - b * low_31 - c * low_32;
        let d = d * self.over[3];
        let c = c * self.over[2] - d * low_32;
        let b = b * self.over[1] - c * low_21 - d * low_31;
        let a = a * self.over[0] - b * low_10 - c * low_20 - d * low_30;
        [a, b, c, d]
    }
}

/// The equations of some pieces in a row, or of a ring of them.
#[derive(Default)]
pub(crate) struct Equations {
    /// Of each knot, the block on the diagonal, and the one that ties it to the next: its rows belong to that. When solved,
    /// how the knot follows the next.
    diagonal: Vec<Block>,
    next: Vec<Block>,
    /// The same of the ties to the last knot of a ring.
    last: Vec<Block>,
    /// The right side, and then the solution.
    right: Vec<[f64; UNKNOWNS]>,
    closed: bool,
}

impl Equations {
    /// Begins anew, for so many pieces. A ring needs three.
    pub(crate) fn clear(&mut self, pieces: usize, closed: bool) {
        let knots = if closed { pieces } else { pieces + 1 };
        self.closed = closed;
        let mut slight = Block::default();
        (0..UNKNOWNS).for_each(|i| slight[i][i] = SLIGHT);
        self.diagonal.clear();
        self.diagonal.resize(knots, slight);
        self.next.clear();
        self.next.resize(knots, Block::default());
        self.last.clear();
        self.last.resize(if closed { knots } else { 0 }, Block::default());
        self.right.clear();
        self.right.resize(knots, [0.0; UNKNOWNS]);
    }

    /// The number of a knot: the end of a ring is its first.
    fn knot(&self, number: usize) -> usize {
        if number == self.diagonal.len() { 0 } else { number }
    }

    /// Adds the share of a piece between two knots, `factor` times.
    pub(crate) fn add(&mut self, piece: usize, share: &Share, now: &[Knot], factor: f64) {
        let right = [f64x4::new(share.right[0]), f64x4::new(share.right[1])];
        self.add_with(piece, (share, right), now, factor);
    }

    /// Adds what is left of the share of a piece after its knots have changed from `before` to `now`.
    pub(crate) fn add_after(
        &mut self,
        piece: usize,
        share: &Share,
        (before, now): (&[Knot], &[Knot]),
        factor: f64,
    ) {
        self.add_with(piece, (share, share.after(before, now)), now, factor);
    }

    fn add_with(&mut self, piece: usize, (share, right): (&Share, [f64x4; 2]), now: &[Knot], factor: f64) {
        // The unknowns are slopes by the length.
        let [out, onwards] = [now[0].spans[1], now[1].spans[0]];
        let (first, second) = ([1.0, 1.0, out, out], [1.0, 1.0, onwards, onwards]);
        let [first_factor, second_factor] = [first, second].map(|scale| f64x4::new(scale) * factor);
        let end = self.knot(piece + 1);
        let between = if end > 0 { &mut self.next[piece] } else { &mut self.last[0] };
        add_block(&mut self.diagonal[piece], &share.first, &first, first_factor);
        add_block(&mut self.diagonal[end], &share.second, &second, second_factor);
        if end > 0 {
            add_block(between, &share.between, &second, first_factor);
        } else {
            add_block(between, &mirrored(&share.between), &first, second_factor);
        }
        add_to(&mut self.right[piece], right[0] * first_factor);
        add_to(&mut self.right[end], right[1] * second_factor);
    }

    /// Holds a knot's point along its slope, while across it is free, and pulls the slope's length towards 1.
    pub(crate) fn steady(&mut self, knot: usize, slope: Point, weight: f64) {
        let (block, length) = (&mut self.diagonal[knot], slope.length());
        let along = slope * (1.0 / length.max(f64::MIN_POSITIVE));
        let (xx, xy, yy) = (along.x * along.x, along.x * along.y, along.y * along.y);
        for (row, weight) in [(0, PINNED), (2, weight)] {
            block[row][row] += weight * xx;
            block[row][row + 1] += weight * xy;
            block[row + 1][row] += weight * xy;
            block[row + 1][row + 1] += weight * yy;
        }
        let wish = along * (weight * (1.0 - length));
        self.right[knot][2] += wish.x;
        self.right[knot][3] += wish.y;
    }

    /// Solves for the change of every knot. Of pieces in a row the first knot and the last may be `held` where they are.
    pub(crate) fn solve(&mut self, held: [bool; 2]) {
        let [first, after] = [usize::from(held[0]), self.diagonal.len() - usize::from(held[1])];
        if held[0] {
            self.right[0] = [0.0; UNKNOWNS];
        }
        if held[1] {
            self.right[after] = [0.0; UNKNOWNS];
        }
        if first == after {
            return;
        }
        let end = after - 1;
        for knot in first..end {
            let factors = Factors::of(&self.diagonal[knot]);
            let (_, beyond) = self.diagonal.split_at_mut(knot + 1);
            let right = self.right[knot];
            self.right[knot] = factors.solve(right);
            // What ties the last but one to the last does so only once.
            if self.closed && knot + 1 == end {
                let more = self.last[knot];
                add_block(&mut self.next[knot], &more, &[1.0; UNKNOWNS], f64x4::ONE);
            }
            let next = self.next[knot];
            let follows = factors.solve(each(mirrored(&next), f64x4::new));
            take_away(&mut beyond[0], &mut self.right[knot + 1], &next, (&follows, right));
            self.next[knot] = each(follows, f64x4::to_array);
            if self.closed && knot + 1 < end {
                let last = self.last[knot];
                for (row, tie) in self.last[knot + 1].iter_mut().zip(last) {
                    let carried = (0..UNKNOWNS).map(|i| follows[i] * tie[i]);
                    add_to(row, -carried.fold(f64x4::ZERO, |sum, part| sum + part));
                }
                let follows = factors.solve(each(mirrored(&last), f64x4::new));
                take_away(&mut beyond[end - knot - 1], &mut self.right[end], &last, (&follows, right));
                self.last[knot] = each(follows, f64x4::to_array);
            }
        }
        let last = Factors::of(&self.diagonal[end]).solve(self.right[end]);
        self.right[end] = last;
        for knot in (first..end).rev() {
            let mut value = f64x4::new(self.right[knot]) - times(&self.next[knot], self.right[knot + 1]);
            if self.closed && knot + 1 < end {
                value -= times(&self.last[knot], last);
            }
            self.right[knot] = value.to_array();
        }
    }

    /// The change of a knot's point and slope.
    pub(crate) fn change(&self, knot: usize) -> [Point; 2] {
        let [a, b, c, d] = self.right[self.knot(knot)];
        [Point::new(a, b), Point::new(c, d)]
    }
}

/// Adds a block, its rows and columns so many times.
fn add_block(block: &mut Block, more: &Block, rows: &[f64; UNKNOWNS], columns: f64x4) {
    for ((row, &more), &by) in block.iter_mut().zip(more).zip(rows) {
        add_to(row, f64x4::new(more) * (columns * by));
    }
}

/// Takes a solved knot out of the equations of another that it is tied to.
fn take_away(
    block: &mut Block,
    right: &mut [f64; UNKNOWNS],
    tie: &Block,
    (follows, solved): (&[f64x4; UNKNOWNS], [f64; UNKNOWNS]),
) {
    for (row, tie) in block.iter_mut().zip(tie) {
        let part = (0..UNKNOWNS).map(|i| follows[i] * tie[i]).fold(f64x4::ZERO, |sum, part| sum + part);
        add_to(row, -part);
    }
    let part = (0..UNKNOWNS).map(|i| follows[i] * solved[i]).fold(f64x4::ZERO, |sum, part| sum + part);
    add_to(right, -part);
}
