//! Cubic Bezier curves along an arc, as few as go its way.
//!
//! The smoothed arc (see `smooth`) shows where the border has corners and how much it bends. It is cut at its corners;
//! between them a spline (see `spline`) of few pieces is fitted to the border itself. Pieces share their slopes, so only
//! corners show.
//!
//! A piece must pass the walk from cell to cell (see `walk`). Where it does not, lines along the traced border take its
//! place (see `drawn`).

use super::arc_path::Drawn;
use super::fit_spline::Spline;
use super::segment::{Knot, LONGEST, Stretch};
use crate::contour::corridor::arc_steps::{ArcCorridor, wrap};
use crate::geometry::Point;

/// How much a piece turns, in radians, and over how many nodes it reaches, at most.
const TURN: f64 = 0.5;
/// How many nodes a piece reaches over, at most, times the square of how far the smoothed arc strays from the border there:
/// what a stiff smoother cannot follow, a long piece cannot either. So most of the cutting is done beforehand.
const UNEVEN: f64 = 6.0;
/// The least curvature that counts, in parts of a pixel: what is less is a straight line.
const STRAIGHT: f64 = 3e-4;
/// The cosine of the turn over three nodes to each side from which a vertex is a corner.
const CORNER: f64 = 0.6;
const ASIDE: usize = 3;
/// Closed arcs of fewer nodes have no corners: everything about them is round.
const ROUND: usize = 16;
/// How far, in pixels, the smoothed arc is from its chord where it may stand for a straight line, and at which nodes that is
/// looked at.
const NEARLY_STRAIGHT: f64 = 0.75;
const STRIDE: usize = 4;
/// How many nodes before a junction and before a corner a curve ends, and how many it needs.
const AT_JUNCTION: usize = 1;
const AT_CORNER: usize = 2;
const SHORTEST_STRETCH: usize = 4;
/// The first knot of a closed arc without corners.
const FIRST: usize = 1;
/// How often pieces that fail the walk are cut.
const TRIES: usize = 3;
/// Over how many nodes a turn is measured.
const WINDOW: usize = 16;

/// Fits arcs, one after the other; holds what memory that needs.
#[derive(Default)]
pub(crate) struct Fitter {
    /// By how much the arc has turned before each node, in radians; a closed arc goes round twice.
    turned: Vec<f64>,
    /// The corners of the arc, by node.
    corners: Vec<usize>,
    cosines: Vec<f64>,
    along: Vec<f64>,
    spline: Spline,
}

/// What is fitted.
#[derive(Clone, Copy)]
pub(crate) struct Smoothed<'a> {
    pub(crate) way: &'a ArcCorridor,
    /// One vertex for each node.
    pub(crate) vertices: &'a [Point],
    /// By how much each vertex had to be moved back, in pixels.
    pub(crate) strayed: &'a [f64],
}

impl Smoothed<'_> {
    fn count(&self) -> usize {
        self.vertices.len()
    }

    fn vertex(&self, i: usize) -> Point {
        self.vertices[wrap(i, self.count())]
    }
}

impl Fitter {
    /// Draws an arc with curves and lines. Says how many of its steps are not part of a curve.
    fn draw(&mut self, arc: &Smoothed<'_>, drawn: &mut Drawn) -> usize {
        drawn.start(arc.way);
        self.look(arc);
        let (steps, closed) = (arc.way.step_count(), arc.way.is_closed);
        if closed && self.corners.is_empty() {
            // Its first knot may end up in a cell before its own.
            let straight = self.stretch(arc, (FIRST, FIRST + steps), true, drawn);
            drawn.close();
            return straight;
        }
        // Where borders meet in a node and where one has a corner, the curve ends a little before.
        let corners = std::mem::take(&mut self.corners);
        let (start, end) = if closed { (corners[0], corners[0] + steps) } else { (0, steps) };
        let aside =
            |node: usize| if !closed && (node == 0 || node == steps) { AT_JUNCTION } else { AT_CORNER };
        let mut straight = 0;
        let mut from = start;
        for to in corners.iter().copied().filter(|&corner| corner > start).chain([end]) {
            let (first, last) = (from + aside(from), to - aside(to).min(to));
            if last >= first + SHORTEST_STRETCH {
                straight += self.stretch(arc, (first, last), false, drawn);
            }
            from = to;
        }
        self.corners = corners;
        straight + drawn.finish(arc.way)
    }

    /// Draws an arc, if it can be done with curves for the most part.
    pub(crate) fn draws(&mut self, arc: &Smoothed<'_>, drawn: &mut Drawn) -> bool {
        self.draw(arc, drawn) * 2 < arc.way.step_count() && drawn.is_simple(arc.way)
    }

    /// Measures how the arc turns, and finds its corners.
    fn look(&mut self, arc: &Smoothed<'_>) {
        let (count, closed) = (arc.count(), arc.way.is_closed);
        let aside = if closed { ASIDE.min(count / 4).max(1) } else { ASIDE };
        let neighbours = |i: usize| {
            if closed {
                (i + count - aside, i + aside)
            } else {
                (i.saturating_sub(aside), (i + aside).min(count - 1))
            }
        };
        self.cosines.clear();
        self.turned.clear();
        let mut turned = 0.0;
        for i in 0..count {
            let (before, after) = neighbours(i);
            let (u, v) = (arc.vertex(i) - arc.vertex(before), arc.vertex(after) - arc.vertex(i));
            let lengths = (u.dot(u) * v.dot(v)).sqrt();
            let (sine, cosine) =
                if lengths > 0.0 { (u.cross(v) / lengths, u.dot(v) / lengths) } else { (0.0, 1.0) };
            self.turned.push(turned);
            turned += sine / aside as f64;
            self.cosines.push(cosine);
        }
        if closed {
            self.turned.extend_from_within(..);
            self.turned[count..].iter_mut().for_each(|more| *more += turned);
        }
        self.turned.push(2.0 * turned);
        self.corners.clear();
        if closed && count < ROUND {
            return;
        }
        let cosines = &self.cosines;
        let sharpest = |i: usize| {
            (1..=aside).all(|off| {
                let before = if closed { Some((i + count - off) % count) } else { i.checked_sub(off) };
                let after =
                    if closed { Some((i + off) % count) } else { Some(i + off).filter(|&j| j < count) };
                // Of two that are equally sharp the first is the corner.
                before.is_none_or(|j| cosines[j] > cosines[i])
                    && after.is_none_or(|j| cosines[j] >= cosines[i])
            })
        };
        self.corners.extend((0..count).filter(|&i| cosines[i] < CORNER && sharpest(i)));
    }

    /// By how much the arc turns between two nodes.
    fn turn(&self, from: usize, to: usize) -> f64 {
        let last = self.turned.len() - 1;
        (self.turned[to.min(last)] - self.turned[from.min(last)]).abs()
    }

    /// Draws a curve from one node to another, and lines to where it begins. Says how many steps are not part of a curve.
    fn stretch(
        &mut self,
        arc: &Smoothed<'_>,
        (from, to): (usize, usize),
        closed: bool,
        drawn: &mut Drawn,
    ) -> usize {
        let (mut spline, mut along) = (std::mem::take(&mut self.spline), std::mem::take(&mut self.along));
        along.clear();
        along.push(0.0);
        for i in from..to {
            along.push(along[i - from] + (arc.vertex(i + 1) - arc.vertex(i)).length());
        }
        spline.knots.clear();
        let knot = |node: usize| {
            let onwards = arc.vertex(node + 1) - arc.vertex(node);
            Knot {
                node,
                at: arc.vertex(node),
                slope: onwards * (1.0 / onwards.dot(onwards).max(f64::MIN_POSITIVE).sqrt()),
                ..Knot::default()
            }
        };
        spline.links.gather(arc.way, (from, to), &along);
        let stretch = Stretch { from, closed, along: &along };
        let chord = [arc.vertex(from), arc.vertex(to)];
        let near = |node: usize| arc.vertex(node).distance_to_segment(chord[0], chord[1]) < NEARLY_STRAIGHT;
        let mut straight = !closed && (from..to).step_by(STRIDE).all(near);
        if straight {
            let slope = (chord[1] - chord[0]) * (1.0 / along[to - from]);
            spline.knots.extend([from, to].map(|node| Knot {
                node,
                at: arc.vertex(node),
                slope,
                ..Knot::default()
            }));
            straight = spline.fit_line(&stretch);
        }
        if !straight {
            spline.knots.clear();
            spline.knots.push(knot(from));
            let mut at = from;
            while at < to {
                at = self.next_knot(arc, &stretch, at, to);
                spline.knots.push(knot(at));
            }
            spline.fit(arc.way, &stretch);
            spline.merge(&stretch);
        }
        let mut tries = 0;
        while !drawn.walk(arc.way, &stretch, &spline.knots, &spline.links)
            && tries < TRIES
            && spline.fit_again(arc.way, &stretch, drawn.walked().iter().map(|piece| !piece.holds))
        {
            tries += 1;
        }
        let straight = drawn.add_stretch(arc.way, &spline.knots);
        (self.spline, self.along) = (spline, along);
        straight
    }

    /// Where the piece from `at` should end: the more it bends, and the less evenly, the sooner.
    ///
    /// A cubic keeps equally near to a curve over pieces of equal affine length, the integral of the cube root of its
    /// curvature. In parts of that of a circle of the same length and turn it is the turn itself, in radians.
    fn next_knot(&self, arc: &Smoothed<'_>, stretch: &Stretch<'_>, at: usize, stop: usize) -> usize {
        // A ring has three pieces at least.
        let longest = if stretch.closed { (stop - stretch.from).div_ceil(3) } else { LONGEST };
        let last = stop.min(at + longest.min(LONGEST));
        let (mut to, mut affine, mut turned, mut stray) = (at, 0.0, 0.0, 0.0);
        while to < last {
            let next = (to + WINDOW / 2).min(last);
            let long = stretch.along(next) - stretch.along(to);
            let turn = self.turn(to.saturating_sub(WINDOW / 4), next + WINDOW / 4) * 0.5;
            affine += f64::from(((turn / long).max(STRAIGHT) as f32).cbrt()) * long;
            turned += turn;
            stray = (to..next).map(|i| arc.strayed[wrap(i, arc.count())]).fold(stray, f64::max);
            let whole = stretch.along(next) - stretch.along(at);
            let bent = affine.powi(3) * (turned / whole).powi(2) > TURN.powi(3);
            if to > at && (bent || (next - at) as f64 * stray.powi(2) > UNEVEN) {
                break;
            }
            to = next;
        }
        // Two pieces of like length are better than one and a rest.
        if to < stop && stop - to < (to - at) / 2 { at.midpoint(stop) } else { to }
    }
}
