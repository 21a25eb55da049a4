//! A piecewise cubic along a stretch of border: one that passes every pixel centre on its own side, of few pieces.
//!
//! The stretch is cut at *knots*, nodes of the lattice. Between two knots the curve is the cubic with given points and
//! slopes at both (Hermite form, the length along the smoothed arc as parameter), so it is smooth across knots.
//!
//! 1. Least squares. Where a smooth line crosses a link between two pixel centres is known to one pixel along the link,
//!    whatever the angle. So a link pulls the curve towards its middle, and weighs more the smaller the angle: a border
//!    that all but follows a row of pixels crosses the few upright links where each of them says where it runs to a few
//!    hundredths of a pixel. What a link asks is asked across the curve. Along it a knot stays where it is, and only its
//!    pace is pulled towards an even one, a little: so a piece has all the shapes of a cubic. The area between curve and
//!    border counts too.
//! 2. Posts. The ends of each link's window are posts that the curve has to pass on the right side. Those that it does not,
//!    or by less than a hair, push it away with the square of what is missing, more strongly from round to round, while the
//!    least squares of before hold it where it was with a small part of their weight. This is the primal problem of a
//!    support vector machine with squared hinge loss, solved by Newton's method: each round is exact for the posts that
//!    push in it (Chapelle, "Training a support vector machine in the primal", 2007). Only posts nearby can ever push, a
//!    quarter of all.
//! 3. Pieces that still pass a post on the wrong side are cut in two and fitted anew with their neighbours.
//!
//! The equations of both steps form a band (see `equations`).

use std::ops::Range;

use super::equations::{Equations, Share};
use super::links::{Links, Near, Piece};
use super::walk::Way;
use crate::geometry::Point;

/// How strongly posts push, round by round, in parts of a link's weight; the last is repeated.
const PUSHES: [f64; 6] = [10.0, 100.0, 100.0, 1e3, 1e3, 1e4];
const ROUNDS: usize = 6;
/// What is left of the least squares' weight then.
const REST: f64 = 0.01;
/// How far off its posts a curve is sought, and has to stay, in pixels.
const MARGIN: f64 = 0.001;
const LEAST: f64 = 0.0;
/// Posts that are further away than this after the least squares are not looked at any more, in pixels.
const NEARBY: f64 = 0.25;
/// Pieces that pass one as far as this on the wrong side after the least squares are cut at once, in pixels.
const FAR_OUT: f64 = 0.15;
/// What is noted of a piece that cannot follow a bend, in place of a number of posts.
const BENT: usize = usize::MAX;
/// How strongly an even pace is asked for, in parts of a link's weight for each link.
const EVEN: f64 = 0.25;
/// How much the area beside a piece weighs, in parts of what a link weighs, for each link.
const AREA: f64 = 8.0;
/// How stiff a straight line is, in parts of what its links weigh.
const RIGID: f64 = 1e4;
/// How far a knot moves in one go, in pixels, at most.
const FARTHEST: f64 = 1.0;
/// Shorter pieces are not cut.
const SHORTEST_CUT: usize = 6;
/// Newton's steps to the place where a piece is cut.
const STEPS: usize = 3;
/// How many neighbours on each side are fitted with a piece that was cut.
const NEIGHBOURS: usize = 2;

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
    near: Near,
    /// Of each piece, how many posts it passes on the wrong side, and whether it is to be fitted again.
    bad: Vec<usize>,
    again: Vec<bool>,
    /// The same of a round, and the knots of the best.
    now: Vec<usize>,
    best: Vec<Knot>,
    /// The least squares of pieces, and the knots that they were made with.
    shares: Vec<Share>,
    asked: Vec<Knot>,
    equations: Equations,
    /// Whether pieces have to be straight.
    rigid: bool,
    /// The knots before some pieces were cut.
    before: Vec<Knot>,
}

impl Spline {
    /// Fits a stretch whose knots and links are set, its ends free.
    pub(super) fn fit(&mut self, way: &Way, stretch: &Stretch<'_>) {
        let pieces = self.knots.len() - 1;
        self.bad.clear();
        self.bad.resize(pieces, 0);
        self.settle(stretch, 0..pieces);
        self.fit_again(way, stretch);
    }

    /// Fits a stretch whose only piece is a straight line, and has to stay one. Says whether that passes all posts.
    pub(super) fn fit_line(&mut self, stretch: &Stretch<'_>) -> bool {
        self.bad.clear();
        self.bad.push(0);
        self.rigid = true;
        self.settle(stretch, 0..1);
        self.rigid = false;
        self.bad[0] == 0
    }

    /// Marks pieces that are to be cut. Says whether any is long enough.
    pub(super) fn cut(&mut self, fails: impl Iterator<Item = bool>) -> bool {
        self.bad.clear();
        self.bad.extend(fails.map(|fails| if fails { usize::MAX } else { 0 }));
        let long = |knots: &[Knot]| knots[1].node - knots[0].node >= SHORTEST_CUT;
        self.knots.windows(2).zip(&self.bad).any(|(knots, &bad)| bad > 0 && long(knots))
    }

    /// Cuts what does not fit and fits it again, until all fits or nothing is long enough to be cut.
    pub(super) fn fit_again(&mut self, way: &Way, stretch: &Stretch<'_>) {
        while self.change(way, stretch) {
            let mut first = 0;
            while let Some(start) = (first..self.again.len()).find(|&i| self.again[i]) {
                let end = (start..self.again.len()).find(|&i| !self.again[i]).unwrap_or(self.again.len());
                self.settle(stretch, start..end);
                first = end;
            }
        }
    }

    /// Fits some pieces: least squares, and then the posts.
    fn settle(&mut self, stretch: &Stretch<'_>, pieces: Range<usize>) {
        self.asked.clear();
        self.asked.extend_from_slice(&self.knots[pieces.start..=pieces.end]);
        self.shares.clear();
        self.clear(stretch, &pieces);
        for (number, knots) in self.asked.windows(2).enumerate() {
            let piece = stretch.piece(knots);
            let mut share = self.links.ask(&piece, if self.rigid { 0.0 } else { AREA });
            if self.rigid {
                share.stiffen(piece.long, RIGID * piece.links.len() as f64 * piece.long.powi(3));
            }
            self.equations.add(number, &share, 1.0);
            self.shares.push(share);
        }
        self.solve(stretch, &pieces, 1.0);
        if !self.look_around(stretch, &pieces, FAR_OUT) {
            // There is a bend that so few pieces cannot follow.
            let bent = self.now.iter().map(|&far| if far > 0 { BENT } else { 0 });
            self.bad[pieces].iter_mut().zip(bent).for_each(|(bad, bent)| *bad = bent);
            return;
        }
        let mut fewest = usize::MAX;
        let mut sure = false;
        for round in 0..=ROUNDS {
            let push = PUSHES[round.min(PUSHES.len() - 1)];
            let mut all = 0;
            self.now.clear();
            self.clear(stretch, &pieces);
            for (number, knots) in self.knots[pieces.start..=pieces.end].windows(2).enumerate() {
                let (share, bad) = self.near.ask(number, &stretch.piece(knots), (MARGIN, LEAST));
                self.equations.add(number, &share, push);
                self.now.push(bad);
                all += bad;
            }
            if all < fewest {
                fewest = all;
                self.bad[pieces.clone()].copy_from_slice(&self.now);
                self.best.clear();
                self.best.extend_from_slice(&self.knots[pieces.start..=pieces.end]);
            }
            if all == 0 && !sure {
                // The curve may have come near to others meanwhile.
                sure = true;
                if self.look_around(stretch, &pieces, -LEAST) {
                    return;
                }
                fewest = usize::MAX;
                continue;
            }
            if all == 0 || round == ROUNDS || (round >= 2 && all > fewest.saturating_add(fewest / 2)) {
                self.knots[pieces.start..=pieces.end].copy_from_slice(&self.best);
                return;
            }
            for (number, share) in self.shares.iter().enumerate() {
                let (before, now) = (&self.asked[number..], &self.knots[pieces.start + number..]);
                self.equations.add(number, &share.after(before, now), REST);
            }
            self.solve(stretch, &pieces, REST);
        }
    }

    /// Notes the posts that pieces come near to. Says whether they pass none by more than `far` on the wrong side.
    fn look_around(&mut self, stretch: &Stretch<'_>, pieces: &Range<usize>, far: f64) -> bool {
        self.near.clear();
        self.now.clear();
        for knots in self.knots[pieces.start..=pieces.end].windows(2) {
            let beyond = self.links.find_near(&stretch.piece(knots), (NEARBY, far), &mut self.near);
            self.now.push(beyond);
        }
        self.near.close();
        self.now.iter().all(|&beyond| beyond == 0)
    }

    /// Whether some pieces are all of a closed stretch.
    fn is_round(&self, stretch: &Stretch<'_>, pieces: &Range<usize>) -> bool {
        stretch.closed && pieces.len() + 1 == self.knots.len()
    }

    fn clear(&mut self, stretch: &Stretch<'_>, pieces: &Range<usize>) {
        self.equations.clear(pieces.len(), self.is_round(stretch, pieces));
    }

    /// Solves for the change of some pieces' knots, and makes it.
    fn solve(&mut self, stretch: &Stretch<'_>, pieces: &Range<usize>, part: f64) {
        let round = self.is_round(stretch, pieces);
        if !round {
            // The ends of an open stretch are free, those of a group of pieces belong to their neighbours too.
            let last = self.knots.len() - 1;
            let ends = [(0, pieces.start), (pieces.len(), pieces.end)].into_iter();
            for (place, _) in ends.filter(|&(_, number)| stretch.closed || (number > 0 && number < last)) {
                self.equations.hold(place);
            }
        }
        let knots = &self.knots[pieces.start..=pieces.end];
        for (place, knot) in knots.iter().enumerate().take(knots.len() - usize::from(round)) {
            let (before, after) =
                (knots[place.saturating_sub(1)].node, knots[(place + 1).min(pieces.len())].node);
            self.equations.steady(place, knot.slope, part * EVEN * (after - before) as f64);
        }
        self.equations.solve();
        let knots = &mut self.knots[pieces.start..=pieces.end];
        for (place, knot) in knots.iter_mut().enumerate() {
            let [at, slope] = self.equations.change(place);
            let far = at.x.abs().max(at.y.abs()).max(slope.x.abs()).max(slope.y.abs());
            let part = if far > FARTHEST { FARTHEST / far } else { 1.0 };
            knot.at = knot.at + at * part;
            knot.slope = knot.slope + slope * part;
        }
        if round {
            // The end is the start, to the last bit.
            let (first, last) = (self.knots[0], &mut self.knots[pieces.end]);
            (last.at, last.slope) = (first.at, first.slope);
        }
    }

    /// Cuts pieces that do not fit in two. Marks what is to be fitted again, and says whether that is anything.
    fn change(&mut self, way: &Way, stretch: &Stretch<'_>) -> bool {
        let mut any = false;
        self.again.clear();
        self.before.clear();
        std::mem::swap(&mut self.before, &mut self.knots);
        let bad = std::mem::take(&mut self.bad);
        for (number, knots) in self.before.windows(2).enumerate() {
            self.knots.push(knots[0]);
            let piece = stretch.piece(knots);
            // Of neighbours that fit badly the worst is changed: it may be the cause.
            let worst = bad[number] == BENT
                || (bad[number] > 0
                    && bad.get(number + 1).is_none_or(|&next| next <= bad[number])
                    && (number == 0 || bad[number - 1] < bad[number]));
            let cut = worst && piece.links.len() >= SHORTEST_CUT;
            if cut {
                let node = knots[0].node.midpoint(knots[1].node);
                self.knots.push(knot_at(way, stretch, &piece, node));
                self.again.push(true);
            }
            self.again.push(cut);
            any |= cut;
        }
        self.knots.extend(self.before.last());
        self.bad = bad;
        self.bad.clear();
        self.bad.resize(self.again.len(), 0);
        // Their neighbours give way.
        let marked = self.again.clone();
        for i in (0..marked.len()).filter(|&i| marked[i]) {
            let near = i.saturating_sub(NEIGHBOURS)..(i + NEIGHBOURS + 1).min(marked.len());
            self.again[near].fill(true);
        }
        // What happens at the seam of a ring concerns both its sides.
        let count = self.again.len();
        if stretch.closed && (self.again[0] || self.again[count - 1]) {
            self.again.fill(true);
        }
        any
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

/// A new knot on a piece, where it passes a node.
fn knot_at(way: &Way, stretch: &Stretch<'_>, piece: &Piece<'_>, node: usize) -> Knot {
    let whole = stretch.along(node) - piece.start;
    let mut t = whole / piece.long;
    for _ in 0..STEPS {
        let (at, slope) =
            (combine(&values(t, piece.long), piece.knots), combine(&slopes(t, piece.long), piece.knots));
        t += (way.node(node) - at).dot(slope) / slope.dot(slope).max(f64::MIN_POSITIVE) / piece.long;
        t = t.clamp(0.0, 1.0);
    }
    let pace = 0.5 * (t * piece.long / whole + (1.0 - t) * piece.long / (piece.long - whole));
    Knot {
        node,
        at: combine(&values(t, piece.long), piece.knots),
        slope: combine(&slopes(t, piece.long), piece.knots) * pace,
    }
}

fn combine(weights: &[f64; 4], knots: &[Knot]) -> Point {
    knots[0].at * weights[0]
        + knots[0].slope * weights[1]
        + knots[1].at * weights[2]
        + knots[1].slope * weights[3]
}
