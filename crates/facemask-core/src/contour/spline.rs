//! A piecewise cubic along a stretch of border: one that crosses every link where it may, of few pieces.
//!
//! The stretch is cut at *knots*, nodes of the lattice. Between two knots the curve is the cubic with given points and
//! slopes at both (Hermite form, the length along the smoothed arc as parameter), so it is smooth across knots.
//!
//! Where a smooth line crosses a link between two pixel centres is known to one pixel along the link, whatever the
//! angle. So the measure of a curve is how far from the middle of each link it crosses, *along the link*: a border that all but
//! follows a row of pixels crosses the few upright links at such a small angle that each of them says where it runs to
//! a few hundredths of a pixel. The curve sought is the one with the least largest offset. It is found as the limit of curves with the
//! least p-norm of offsets for growing p, each by least squares with weights from the last one (iteratively reweighted
//! least squares; the damped homotopy of Burrus, Barreto & Selesnick, "Iterative reweighted least-squares design of FIR
//! filters", 1994). The equations are block tridiagonal. Pieces that cross a link where they may not are cut in two.

use super::links::{Links, Piece, Wish};
use crate::geometry::Point;

/// The powers of the offsets that links are weighed with, round by round: first for a whole stretch, then around pieces
/// that were cut.
const FIRST_POWERS: [i32; 4] = [0, 1, 2, 4];
const NEXT_POWERS: [i32; 3] = [2, 4, 8];
/// Shorter pieces are not cut.
const SHORTEST_CUT: usize = 6;
/// If more than one in so many links are crossed too far out after the first round, more rounds will not help.
const HOPELESS: usize = 8;
/// Of a closed stretch, how many pieces before and after it take part: their influence falls tenfold with each.
const OVERLAP: usize = 3;
/// A stiffness that has no say but where there are too few links.
const LIMP: f64 = 1e-3;
/// A weight that holds a value where it is.
const HELD: f64 = 1e9;

/// A knot: the node it belongs to, where the curve is there, and its slope.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Knot {
    pub(super) node: usize,
    pub(super) at: Point,
    pub(super) slope: Point,
}

/// A stretch of an arc between two corners or ends, or a whole closed arc.
#[derive(Clone, Copy)]
pub(super) struct Stretch<'a> {
    /// Its first node. A closed stretch ends at its first node, one round later.
    pub(super) from: usize,
    pub(super) closed: bool,
    /// The length of the smoothed arc up to each of its nodes.
    pub(super) along: &'a [f64],
}

impl Stretch<'_> {
    /// The length up to a node.
    pub(super) fn along(&self, node: usize) -> f64 {
        self.along[node - self.from]
    }

    fn piece<'k>(&self, knots: &'k [Knot]) -> Piece<'k> {
        let (from, to) = (knots[0].node, knots[1].node);
        let start = self.along(from);
        Piece { links: from - self.from..to - self.from, start, long: self.along(to) - start, knots }
    }
}

/// Fits stretches, one after the other; holds what memory that needs.
#[derive(Default)]
pub(super) struct Spline {
    pub(super) knots: Vec<Knot>,
    pub(super) links: Links,
    /// Of each piece, how many links it crosses too far out, and whether it is to be fitted again.
    bad: Vec<usize>,
    again: Vec<bool>,
    shares: Vec<Share>,
    blocks: Vec<Block>,
    /// The knots before some pieces were cut.
    before: Vec<Knot>,
}

impl Spline {
    /// Fits a stretch whose knots and links are set, its ends free. `stiffness` says for two nodes what stiffness the piece
    /// between them bears.
    pub(super) fn fit(&mut self, stretch: &Stretch<'_>, stiffness: &dyn Fn(usize, usize) -> f64) {
        let pieces = self.knots.len() - 1;
        self.bad.clear();
        self.bad.resize(pieces, 0);
        self.shares.clear();
        for knots in self.knots.windows(2) {
            let piece = stretch.piece(knots);
            let mut share = Share::of_bending(&piece, stiffness(knots[0].node, knots[1].node));
            self.links.ask(&piece, Wish::Near, &mut share);
            self.shares.push(share);
        }
        self.solve(stretch, 0..pieces, 1.0);
        self.rounds(stretch, 0..pieces, &FIRST_POWERS);
        self.fit_again(stretch);
    }

    /// Marks pieces that are to be cut. Says whether any is long enough.
    pub(super) fn cut(&mut self, fails: impl Iterator<Item = bool>) -> bool {
        self.bad.clear();
        self.bad.extend(fails.map(|fails| if fails { usize::MAX } else { 0 }));
        let long = |knots: &[Knot]| knots[1].node - knots[0].node >= SHORTEST_CUT;
        self.knots.windows(2).zip(&self.bad).any(|(knots, &bad)| bad > 0 && long(knots))
    }

    /// Cuts what does not fit and fits it again, until all fits or nothing is long enough to be cut.
    pub(super) fn fit_again(&mut self, stretch: &Stretch<'_>) {
        while self.change(stretch) {
            self.groups(stretch);
        }
    }

    /// Fits the pieces that are marked, one group of neighbours after the other.
    fn groups(&mut self, stretch: &Stretch<'_>) {
        let mut first = 0;
        while let Some(start) = (first..self.again.len()).find(|&i| self.again[i]) {
            let end = (start..self.again.len()).find(|&i| !self.again[i]).unwrap_or(self.again.len());
            self.rounds(stretch, start..end, &NEXT_POWERS);
            first = end;
        }
    }

    /// Fits some pieces with growing powers, until all links are crossed where they may be.
    fn rounds(&mut self, stretch: &Stretch<'_>, pieces: std::ops::Range<usize>, powers: &[i32]) {
        let links = self.knots[pieces.end].node - self.knots[pieces.start].node;
        for (round, &power) in powers.iter().enumerate() {
            let bad = self.weigh(stretch, pieces.clone(), power);
            // A piece that was cut because it failed the walk has no link to show for it, and is fitted once more.
            if round > 0 && (bad == 0 || bad * HOPELESS > links) {
                return;
            }
            self.solve(stretch, pieces.clone(), 1.0 / f64::from(power + 1));
        }
        for number in pieces {
            self.bad[number] = self.links.bad(&stretch.piece(&self.knots[number..number + 2]));
        }
    }

    /// Looks where some pieces cross their links, and weighs each link by its offset. Says how many are crossed too far out.
    fn weigh(&mut self, stretch: &Stretch<'_>, pieces: std::ops::Range<usize>, power: i32) -> usize {
        let mut all = 0;
        self.shares.clear();
        for number in pieces {
            let piece = stretch.piece(&self.knots[number..number + 2]);
            let mut share = Share::of_bending(&piece, LIMP);
            self.bad[number] = self.links.ask(&piece, Wish::Within(power), &mut share);
            self.shares.push(share);
            all += self.bad[number];
        }
        all
    }

    /// Solves for the change of the points and slopes of some pieces' knots, and makes the given part of it.
    fn solve(&mut self, stretch: &Stretch<'_>, pieces: std::ops::Range<usize>, part: f64) {
        let count = pieces.len();
        let whole = count + 1 == self.knots.len();
        let round = whole && stretch.closed;
        let overlap = if round { OVERLAP } else { 0 };
        let chain = count + 2 * overlap;
        self.blocks.clear();
        self.blocks.resize(chain + 1, Block::default());
        for i in 0..chain {
            let share = &self.shares[(i + OVERLAP * count - overlap) % count];
            let [m0, m1, m2, m3, m4, m5, m6, m7, m8, m9] = share.matrix;
            let own = &mut self.blocks[i];
            own.own = [own.own[0] + m0, own.own[1] + m1, own.own[2] + m4];
            own.next = [m2, m3, m5, m6];
            own.right = [own.right[0] + share.right[0], own.right[1] + share.right[1]];
            let after = &mut self.blocks[i + 1];
            after.own = [m7, m8, m9];
            after.right = [share.right[2], share.right[3]];
        }
        if !round {
            // The ends of an open stretch are free, those of a group of pieces belong to their neighbours too.
            let last = self.knots.len() - 1;
            let ends = [(0, pieces.start), (chain, pieces.end)].into_iter();
            for (block, _) in ends.filter(|&(_, number)| stretch.closed || (number > 0 && number < last)) {
                let block = &mut self.blocks[block];
                block.own[0] += HELD;
                block.own[2] += HELD;
            }
        }
        eliminate(&mut self.blocks);
        let solved = self.blocks[overlap..].iter();
        for (knot, block) in self.knots[pieces.start..=pieces.end].iter_mut().zip(solved) {
            knot.at = knot.at + block.right[0] * part;
            knot.slope = knot.slope + block.right[1] * part;
        }
        if round {
            // The end is the start, to the last bit.
            let (first, last) = (self.knots[0], &mut self.knots[pieces.end]);
            (last.at, last.slope) = (first.at, first.slope);
        }
    }

    /// Cuts pieces that do not fit in two. Marks what is to be fitted again, and says whether that is anything.
    fn change(&mut self, stretch: &Stretch<'_>) -> bool {
        let mut any = false;
        self.again.clear();
        self.before.clear();
        std::mem::swap(&mut self.before, &mut self.knots);
        let bad = std::mem::take(&mut self.bad);
        for (number, knots) in self.before.windows(2).enumerate() {
            self.knots.push(knots[0]);
            let piece = stretch.piece(knots);
            // Of neighbours that fit badly the worst is changed: it may be the cause.
            let worst = bad[number] > 0
                && bad.get(number + 1).is_none_or(|&next| next <= bad[number])
                && (number == 0 || bad[number - 1] < bad[number]);
            let cut = worst && piece.links.len() >= SHORTEST_CUT;
            if cut {
                let node = knots[0].node.midpoint(knots[1].node);
                let t = (stretch.along(node) - piece.start) / piece.long;
                let at = combine(&values(t, piece.long), knots);
                self.knots.push(Knot { node, at, slope: combine(&slopes(t, piece.long), knots) });
                self.again.push(true);
            }
            self.again.push(cut);
            any |= cut;
        }
        self.knots.extend(self.before.last());
        self.bad.resize(self.again.len(), 0);
        // Their neighbours give way.
        let marked = self.again.clone();
        for i in (0..marked.len()).filter(|&i| marked[i]) {
            self.again[i.saturating_sub(1)] = true;
            self.again[(i + 1).min(marked.len() - 1)] = true;
        }
        any
    }
}

/// A piece's share of the equations for (point, slope) at its first and at its second knot.
#[derive(Clone, Copy, Default)]
pub(super) struct Share {
    /// The upper triangle, row by row.
    pub(super) matrix: [f64; 10],
    pub(super) right: [Point; 4],
}

impl Share {
    /// The integral of |curve''|^2 over a piece, times `stiffness`.
    fn of_bending(piece: &Piece<'_>, stiffness: f64) -> Self {
        let long = piece.long;
        let (one, two, three) =
            (stiffness / long, stiffness / (long * long), stiffness / (long * long * long));
        let (a, b, c, d) = (12.0 * three, 6.0 * two, 4.0 * one, 2.0 * one);
        // What bends least is a line at an even pace: the ends' own step, less each slope.
        let [from, to] = [piece.knots[0], piece.knots[1]];
        let step = to.at - from.at;
        let pull = step * a - (from.slope + to.slope) * b;
        let right = [
            pull,
            step * b - from.slope * c - to.slope * d,
            pull * -1.0,
            step * b - from.slope * d - to.slope * c,
        ];
        Self { matrix: [a, b, -a, b, c, -b, d, a, -b, c], right }
    }
}

/// The weights of (point, slope) at both knots in the curve's value at `t` of a piece of length `long`.
fn values(t: f64, long: f64) -> [f64; 4] {
    let v = 1.0 - t;
    [v * v * (1.0 + 2.0 * t), long * t * v * v, t * t * (3.0 - 2.0 * t), -long * t * t * v]
}

/// The same for the curve's slope.
fn slopes(t: f64, long: f64) -> [f64; 4] {
    let v = 1.0 - t;
    [-6.0 * t * v / long, v * (v - 2.0 * t), 6.0 * t * v / long, t * (t - 2.0 * v)]
}

fn combine(weights: &[f64; 4], knots: &[Knot]) -> Point {
    knots[0].at * weights[0]
        + knots[0].slope * weights[1]
        + knots[1].at * weights[2]
        + knots[1].slope * weights[3]
}

/// One knot's rows of the equations: its own block, the block that ties it to the next knot, and the right side.
#[derive(Clone, Copy, Default)]
struct Block {
    own: [f64; 3],
    next: [f64; 4],
    right: [Point; 2],
}

/// Solves block tridiagonal equations in place: `right` becomes the solution.
fn eliminate(blocks: &mut [Block]) {
    let inverse = |[pp, pm, mm]: [f64; 3]| {
        let over = 1.0 / (pp * mm - pm * pm);
        [mm * over, -pm * over, pp * over]
    };
    for i in 1..blocks.len() {
        let Block { own, next: [a, b, c, d], right: [r0, r1] } = blocks[i - 1];
        let [i0, i1, i2] = inverse(own);
        // next' * inverse: the rows of this knot as combinations of those before.
        let (f00, f01) = (a * i0 + c * i1, a * i1 + c * i2);
        let (f10, f11) = (b * i0 + d * i1, b * i1 + d * i2);
        let this = &mut blocks[i];
        this.own[0] -= f00 * a + f01 * c;
        this.own[1] -= f00 * b + f01 * d;
        this.own[2] -= f10 * b + f11 * d;
        this.right[0] = this.right[0] - r0 * f00 - r1 * f01;
        this.right[1] = this.right[1] - r0 * f10 - r1 * f11;
    }
    let (mut x0, mut x1) = (Point::default(), Point::default());
    for block in blocks.iter_mut().rev() {
        let [a, b, c, d] = block.next;
        let r0 = block.right[0] - x0 * a - x1 * b;
        let r1 = block.right[1] - x0 * c - x1 * d;
        let [i0, i1, i2] = inverse(block.own);
        (x0, x1) = (r0 * i0 + r1 * i1, r0 * i1 + r1 * i2);
        block.right = [x0, x1];
    }
}
