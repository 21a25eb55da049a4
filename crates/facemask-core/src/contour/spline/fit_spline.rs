//! A piecewise cubic along a stretch of border: one that passes every pixel centre on its own side, of few pieces.
//!
//! The stretch is cut at *knots*, nodes of the lattice. Between two knots the curve is the cubic with given points and
//! slopes at both (Hermite form, roughly the length along the smoothed arc as parameter), so it is smooth across knots.
//! Where neighbours are of like length the slope is taken over the same length by both, so that their handles mirror each
//! other: such curves take fewer numbers to write.
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
//!    push in it (Chapelle, "Training a support vector machine in the primal", 2007). Only posts nearby can ever push.
//! 3. Pieces that still pass a post on the wrong side are cut in two and fitted anew with their neighbours.
//! 4. Cutting in the middle leaves more pieces than are needed: neighbours are put together where one piece does as well, pushed
//!    if need be.
//!
//! The equations of both steps form a band (see `equations`).

mod merge;

use std::ops::Range;

use super::segment::{Knot, Stretch, spans};
use super::subdivide::knot_at;

use super::normal_equations::{Equations, Share};
use super::residuals::{Links, Near, ROUGH};
use crate::contour::corridor::arc_steps::ArcCorridor;

/// How strongly posts push, round by round, in parts of a link's weight; the last is repeated.
const PUSHES: [f64; 6] = [10.0, 100.0, 100.0, 1e3, 1e3, 1e4];
/// After how many rounds a curve is cut instead, and a straight line given up: that has fewer ways to give in.
const ROUNDS: usize = 4;
const LINE_ROUNDS: usize = 6;
/// What is left of the least squares' weight then.
const REST: f64 = 0.01;
/// How far off its posts a curve is sought, and has to stay, in pixels: rounded to hundredths, few come to lie beyond one.
const MARGIN: f64 = 0.0045;
const LEAST: f64 = 0.004;
/// The same for a straight line, which has fewer ways to give in.
const MARGIN_LINE: f64 = 0.001;
const LEAST_LINE: f64 = -0.8 * ROUGH;
/// Posts that are further away than this after the least squares are not looked at any more, in pixels.
const NEARBY: f64 = 0.15;
/// Pieces that pass one as far as this on the wrong side after the least squares are cut at once, in pixels.
const FAR_OUT: f64 = 0.08;
/// How strongly an even pace is asked for, in parts of a link's weight for each link.
const EVEN: f64 = 0.25;
/// How much the area beside a piece weighs, in parts of what a link weighs, for each link.
const AREA: f64 = 8.0;
/// How stiff a straight line is, in parts of what its links weigh.
const RIGID: f64 = 1e4;
/// How far a knot moves in one go, in pixels, at most.
const FARTHEST: f64 = 1.0;
/// Shorter pieces are not cut.
const SHORTEST_CUT: usize = 8;
/// How many neighbours on each side give way to a piece.
const NEIGHBOURS: usize = 1;

/// How a piece passes its posts, as far as that is known.
#[derive(Clone, Copy, PartialEq)]
enum Passes {
    /// It has not been fitted yet.
    Unknown,
    /// It has been fitted, but has to give way to others.
    Beside,
    /// All of them on the right side.
    Well,
    /// Some on the wrong side, but it may be pushed back.
    Nearly,
    /// So many on the wrong side, whatever pushes it.
    Badly(usize),
    /// There is a bend that it cannot follow.
    Not,
}

/// The least squares of a piece, and the knots that they were made with; and the posts that it came near to when it was last
/// looked at: it may have been pushed a little since.
#[derive(Clone, Default)]
struct Asked {
    share: Share,
    knots: [Knot; 2],
    near: Range<usize>,
}

/// Pieces in a row, as a spline has them.
#[derive(Default)]
struct Pieces {
    knots: Vec<Knot>,
    passes: Vec<Passes>,
    places: Vec<usize>,
}

impl Pieces {
    fn clear(&mut self) {
        self.knots.clear();
        self.passes.clear();
        self.places.clear();
    }

    /// Adds a piece behind the last knot.
    fn push(&mut self, end: Knot, passes: Passes, place: usize) {
        self.knots.push(end);
        self.passes.push(passes);
        self.places.push(place);
    }
}

/// Fits stretches, one after the other; holds what memory that needs.
#[derive(Default)]
pub(crate) struct Spline {
    pub(crate) knots: Vec<Knot>,
    pub(crate) links: Links,
    near: Near,
    /// Of each piece, how it passes its posts, and the place of what its links asked.
    passes: Vec<Passes>,
    places: Vec<usize>,
    asked: Vec<Asked>,
    /// What the posts of a piece wish for.
    pushing: Share,
    /// Which pieces are fitted next.
    marked: Vec<bool>,
    /// How many posts pieces pass on the wrong side in a round, and in the best, and the knots of that.
    now: Vec<usize>,
    fewest: Vec<usize>,
    best: Vec<Knot>,
    equations: Equations,
    /// Whether the pieces are all of a ring, and whether the first and the last knot are free ends of the stretch.
    ring: bool,
    loose: [bool; 2],
    /// Whether pieces have to be straight.
    rigid: bool,
    /// The knots and pieces before some were cut.
    before: Vec<Knot>,
    passed: Vec<Passes>,
    placed: Vec<usize>,
    /// All pieces while some are put together, and those that are done.
    all: Pieces,
    done: Pieces,
}

impl Spline {
    /// Fits a stretch whose knots and links are set, its ends free.
    pub(crate) fn fit(&mut self, way: &ArcCorridor, stretch: &Stretch<'_>) {
        self.begin(stretch);
        self.settle(way, stretch);
    }

    /// Fits a stretch whose only piece is a straight line, and has to stay one. Says whether that passes all posts.
    pub(crate) fn fit_line(&mut self, stretch: &Stretch<'_>) -> bool {
        self.begin(stretch);
        self.rigid = true;
        self.ask(stretch, 0..1);
        if self.passes[0] == Passes::Nearly {
            self.push(stretch, 0..1);
        }
        self.rigid = false;
        self.passes[0] == Passes::Well
    }

    fn begin(&mut self, stretch: &Stretch<'_>) {
        (self.ring, self.loose) = (stretch.closed, [!stretch.closed; 2]);
        let pieces = self.knots.len() - 1;
        self.passes.clear();
        self.passes.resize(pieces, Passes::Unknown);
        self.places.clear();
        self.places.extend(0..pieces);
        self.near.clear(self.links.origin);
        self.asked.clear();
        self.asked.resize(pieces, Asked::default());
        self.span(stretch);
    }

    /// Sets the spans of all knots. Pieces that are known keep their shape.
    fn span(&mut self, stretch: &Stretch<'_>) {
        let last = self.knots.len() - 1;
        let long = |knots: &[Knot], piece: usize| stretch.between(knots[piece].node, knots[piece + 1].node);
        let mut arriving = if self.ring { long(&self.knots, last - 1) } else { 0.0 };
        for i in 0..=last {
            let leaving = if i == last && !self.ring { 0.0 } else { long(&self.knots, i % last) };
            let around = [i.checked_sub(1).or(self.ring.then(|| last - 1)), (i < last).then_some(i)];
            let known = around.map(|piece| piece.is_some_and(|piece| self.passes[piece] != Passes::Unknown));
            self.knots[i].span(spans([arriving, leaving]), known);
            arriving = leaving;
        }
        if self.ring {
            let first = self.knots[0];
            (self.knots[last].slope, self.knots[last].spans) = (first.slope, first.spans);
        }
    }

    /// Cuts pieces that fail the walk, and fits anew. Says whether any was long enough.
    pub(crate) fn fit_again(
        &mut self,
        way: &ArcCorridor,
        stretch: &Stretch<'_>,
        fails: impl Iterator<Item = bool>,
    ) -> bool {
        for (passes, _) in self.passes.iter_mut().zip(fails).filter(|&(_, fails)| fails) {
            *passes = Passes::Not;
        }
        let any = self.cut(way, stretch);
        if any {
            self.settle(way, stretch);
        }
        any
    }

    /// Fits all pieces that are not known, and cuts what does not fit, until all fits or nothing is long enough to be cut.
    fn settle(&mut self, way: &ArcCorridor, stretch: &Stretch<'_>) {
        loop {
            self.mark(stretch, 0, |passes| matches!(passes, Passes::Unknown | Passes::Beside));
            self.each_marked(stretch, Self::ask);
            if self.cut(way, stretch) {
                continue;
            }
            self.mark(stretch, NEIGHBOURS, |passes| passes == Passes::Nearly);
            self.each_marked(stretch, Self::push);
            if !self.cut(way, stretch) {
                return;
            }
        }
    }

    /// Marks pieces, and as many neighbours on each side, which give way.
    fn mark(&mut self, stretch: &Stretch<'_>, neighbours: usize, is_meant: impl Fn(Passes) -> bool) {
        let count = self.passes.len();
        self.marked.clear();
        self.marked.resize(count, false);
        for i in (0..count).filter(|&i| is_meant(self.passes[i])) {
            self.marked[i.saturating_sub(neighbours)..(i + neighbours + 1).min(count)].fill(true);
        }
        // What happens at the seam of a ring concerns both its sides.
        if stretch.closed && (self.marked[0] || self.marked[count - 1]) {
            self.marked.fill(true);
        }
    }

    fn each_marked(&mut self, stretch: &Stretch<'_>, fit: impl Fn(&mut Self, &Stretch<'_>, Range<usize>)) {
        let mut first = 0;
        while let Some(start) = (first..self.marked.len()).find(|&i| self.marked[i]) {
            let end = (start..self.marked.len()).find(|&i| !self.marked[i]).unwrap_or(self.marked.len());
            fit(self, stretch, start..end);
            first = end;
        }
    }

    /// Fits some pieces by least squares.
    fn ask(&mut self, stretch: &Stretch<'_>, pieces: Range<usize>) {
        self.clear(&pieces);
        for (number, i) in pieces.clone().enumerate() {
            let knots = [self.knots[i], self.knots[i + 1]];
            if self.passes[i] != Passes::Unknown {
                // What its links asked is still true.
                let Asked { share, knots: before, .. } = &self.asked[self.places[i]];
                self.equations.add_after(number, share, (before, &knots), 1.0);
                continue;
            }
            let piece = stretch.piece(&knots);
            let asked = &mut self.asked[self.places[i]];
            asked.knots = knots;
            self.links.ask(&piece, if self.rigid { 0.0 } else { AREA }, &mut asked.share);
            if self.rigid {
                asked.share.stiffen(RIGID * piece.links.len() as f64);
            }
            self.equations.add(number, &asked.share, &knots, 1.0);
        }
        self.solve(&pieces, 1.0);
        self.look_around(stretch, pieces);
    }

    /// Pushes some pieces away from the posts that they pass on the wrong side.
    fn push(&mut self, stretch: &Stretch<'_>, pieces: Range<usize>) {
        let last = if self.rigid { LINE_ROUNDS } else { ROUNDS };
        let mut fewest = usize::MAX;
        let mut sure = false;
        for round in 0..=last {
            let push = PUSHES[round.min(PUSHES.len() - 1)];
            let mut all = 0;
            self.now.clear();
            self.clear(&pieces);
            for (number, knots) in self.knots[pieces.start..=pieces.end].windows(2).enumerate() {
                let near = self.asked[self.places[pieces.start + number]].near.clone();
                let (pushed, bad) =
                    self.near.ask(near, &stretch.piece(knots), self.margins(), &mut self.pushing);
                if pushed {
                    self.equations.add(number, &self.pushing, knots, push);
                }
                self.now.push(bad);
                all += bad;
            }
            if all < fewest {
                fewest = all;
                self.fewest.clone_from(&self.now);
                self.best.clear();
                self.best.extend_from_slice(&self.knots[pieces.start..=pieces.end]);
            }
            if all == 0 && !sure {
                // The curve may have come near to others meanwhile.
                sure = true;
                if self.look_around(stretch, pieces.clone()) || round == last {
                    return;
                }
                fewest = usize::MAX;
                continue;
            }
            if all == 0 || round == last || (round >= 2 && all > fewest.saturating_add(fewest / 2)) {
                break;
            }
            for (number, i) in pieces.clone().enumerate() {
                let Asked { share, knots, .. } = &self.asked[self.places[i]];
                self.equations.add_after(number, share, (knots, &self.knots[i..]), REST);
            }
            self.solve(&pieces, REST);
        }
        self.knots[pieces.start..=pieces.end].copy_from_slice(&self.best);
        for (passes, &bad) in self.passes[pieces].iter_mut().zip(&self.fewest) {
            *passes = if bad > 0 { Passes::Badly(bad) } else { Passes::Well };
        }
    }

    /// Notes how pieces pass their posts, and the posts that they come near to. Says whether they pass all on the right
    /// side.
    fn look_around(&mut self, stretch: &Stretch<'_>, pieces: Range<usize>) -> bool {
        let (mut well, (_, least)) = (true, self.margins());
        for i in pieces {
            let piece = stretch.piece(&self.knots[i..=i + 1]);
            let (nearest, near) = self.links.find_near(&piece, NEARBY, &mut self.near);
            self.asked[self.places[i]].near = near;
            self.passes[i] = match nearest {
                _ if nearest < -FAR_OUT => Passes::Not,
                _ if nearest < least => Passes::Nearly,
                _ => Passes::Well,
            };
            well &= nearest >= least;
        }
        well
    }

    /// How far off its posts a piece is sought, and has to stay.
    fn margins(&self) -> (f64, f64) {
        if self.rigid { (MARGIN_LINE, LEAST_LINE) } else { (MARGIN, LEAST) }
    }

    /// Whether some pieces are all of a ring.
    fn is_round(&self, pieces: &Range<usize>) -> bool {
        self.ring && pieces.len() + 1 == self.knots.len()
    }

    fn clear(&mut self, pieces: &Range<usize>) {
        self.equations.clear(pieces.len(), self.is_round(pieces));
    }

    /// Solves for the change of some pieces' knots, and makes it.
    fn solve(&mut self, pieces: &Range<usize>, part: f64) {
        let round = self.is_round(pieces);
        // The ends of an open stretch are free, those of a group of pieces belong to their neighbours too.
        let is_end = [pieces.start == 0, pieces.end + 1 == self.knots.len()];
        let held = [0, 1].map(|side| !(round || self.loose[side] && is_end[side]));
        let knots = &self.knots[pieces.start..=pieces.end];
        for (place, knot) in knots.iter().enumerate().take(knots.len() - usize::from(round)) {
            let (before, after) =
                (knots[place.saturating_sub(1)].node, knots[(place + 1).min(pieces.len())].node);
            self.equations.steady(place, knot.slope, part * EVEN * (after - before) as f64);
        }
        self.equations.solve(held);
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

    /// Cuts pieces that do not fit in two, if they are long enough. Says whether there were any.
    ///
    /// They and their neighbours, which give way, are to be fitted anew.
    fn cut(&mut self, way: &ArcCorridor, stretch: &Stretch<'_>) -> bool {
        // Of neighbours that fit badly the worst is cut: it may be the cause.
        let badness = |i: usize| {
            let long = self.knots[i + 1].node - self.knots[i].node >= SHORTEST_CUT;
            match self.passes[i] {
                Passes::Not if long => usize::MAX,
                Passes::Badly(posts) if long => posts,
                _ => 0,
            }
        };
        let count = self.passes.len();
        self.now.clear();
        self.now.extend((0..count).map(badness));
        if self.now.iter().all(|&bad| bad == 0) {
            for passes in &mut self.passes {
                if *passes == Passes::Not {
                    *passes = Passes::Nearly;
                }
            }
            return false;
        }
        self.marked.clear();
        for i in 0..count {
            // Of a row of equals every second one.
            let after_worse = i > 0
                && (self.now[i - 1] > self.now[i] || (self.now[i - 1] == self.now[i] && self.marked[i - 1]));
            let before_worse = i + 1 < count && self.now[i + 1] > self.now[i];
            let worst = self.now[i] > 0 && !after_worse && !before_worse;
            self.marked.push(worst || self.now[i] == usize::MAX);
        }
        let beside = |i: usize| {
            self.marked[i.saturating_sub(NEIGHBOURS)..(i + NEIGHBOURS + 1).min(count)].contains(&true)
        };
        let knots = std::mem::take(&mut self.knots);
        self.before.clear();
        self.passed.clear();
        self.placed.clear();
        for i in 0..count {
            let piece = stretch.piece(&knots[i..=i + 1]);
            let passes = match self.passes[i] {
                _ if self.marked[i] => Passes::Unknown,
                _ if beside(i) => Passes::Beside,
                passes => passes,
            };
            if self.marked[i] {
                self.before.push(knots[i]);
                self.passed.push(passes);
                self.placed.push(self.asked.len());
                self.asked.push(Asked::default());
                self.before.push(knot_at(way, stretch, &piece, knots[i].node.midpoint(knots[i + 1].node)));
            } else {
                self.before.push(knots[i]);
            }
            self.passed.push(passes);
            self.placed.push(self.places[i]);
        }
        self.before.push(knots[count]);
        self.knots = knots;
        std::mem::swap(&mut self.knots, &mut self.before);
        std::mem::swap(&mut self.passes, &mut self.passed);
        std::mem::swap(&mut self.places, &mut self.placed);
        self.span(stretch);
        true
    }
}
