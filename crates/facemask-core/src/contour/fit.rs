//! Cubic Bezier curves along an arc, as few as go its way.
//!
//! The smoothed arc (see `smooth`) shows where the border has corners and how much it bends. It is cut at its corners;
//! between them a spline (see `spline`) of few pieces is fitted to the border itself. Pieces share their slopes, so only
//! corners show.
//!
//! A piece must pass the walk from cell to cell (see `walk`), as a curve and as the points that stand for it. Where it does
//! not, lines along the smoothed arc take its place.

use super::simplify::Stops;
use super::spline::{Knot, Spline, Stretch};
use super::walk::{Way, wrapped};
use crate::geometry::{Curve, Point};

/// How much a piece turns, in radians, and over how many nodes it reaches, at most.
const TURN: f64 = 0.5;
const LONGEST: usize = 256;
/// The cosine of the turn over three nodes to each side from which a vertex is a corner.
const CORNER: f64 = 0.6;
const ASIDE: usize = 3;
/// Closed arcs of fewer nodes have no corners: everything about them is round.
const ROUND: usize = 16;
/// How far from the curve the line may be that is walked in its place, in pixels. It is less than what is kept from pixel
/// centres.
const FLAT: f64 = 0.0005;
/// How far, in pixels, the stiffness may pull a circle inwards, and its bounds.
const BIAS: f64 = 0.01;
const STIFFNESS: (f64, f64) = (0.05, 3e5);
/// How far from a curve the lines that stand for it may be, in pixels.
const ROOM: f64 = 0.15;
/// How many nodes before a junction and before a corner a curve ends, and how many it needs.
const AT_JUNCTION: usize = 1;
const AT_CORNER: usize = 2;
const SHORTEST_STRETCH: usize = 4;
/// How often pieces that fail the walk are cut.
const TRIES: usize = 3;
/// Over how many nodes a turn is measured.
const WINDOW: usize = 16;

/// A drawn arc.
#[derive(Default)]
pub(super) struct Drawn {
    /// Its points, ends included; of a closed arc without the first again.
    pub(super) points: Vec<Point>,
    /// Which of them stand for curves; the last curve of a closed arc ends at its first point.
    pub(super) pieces: Vec<Curve>,
    /// The cell and the place of each knot.
    ends: Vec<(usize, Point)>,
    /// Which pieces do not go the arc's way.
    fails: Vec<bool>,
    /// Where the stretch crosses each of its links, and which of the crossings of a piece are kept as points.
    crossings: Vec<Point>,
    kept: Vec<u32>,
    /// Where the drawing begins, unless it does with a node, and where it has come to.
    begin: Place,
    at: Option<Place>,
    /// Where lines between curves cross links.
    joints: Vec<Point>,
}

/// Fits arcs, one after the other; holds what memory that needs.
#[derive(Default)]
pub(super) struct Fitter {
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
pub(super) struct Smoothed<'a> {
    pub(super) way: &'a Way,
    /// One vertex for each node.
    pub(super) vertices: &'a [Point],
}

impl Smoothed<'_> {
    fn count(&self) -> usize {
        self.vertices.len()
    }

    fn vertex(&self, i: usize) -> Point {
        self.vertices[wrapped(i, self.count())]
    }
}

impl Fitter {
    /// Draws an arc with curves and lines. Says how many of its steps are not part of a curve.
    fn draw(&mut self, arc: &Smoothed<'_>, drawn: &mut Drawn) -> usize {
        drawn.points.clear();
        drawn.pieces.clear();
        (drawn.at, drawn.begin) = (None, Place::default());
        self.look(arc);
        let (steps, closed) = (arc.way.steps(), arc.way.closed);
        if closed && self.corners.is_empty() {
            let straight = self.stretch(arc, (0, steps), true, drawn);
            // The last point is the first.
            drawn.points.pop();
            return straight;
        }
        // Where borders meet in a node and where one has a corner, the curve ends a little before.
        let corners = std::mem::take(&mut self.corners);
        let (start, end) = if closed { (corners[0], corners[0] + steps) } else { (0, steps) };
        let aside =
            |node: usize| if !closed && (node == 0 || node == steps) { AT_JUNCTION } else { AT_CORNER };
        let mut straight = 0;
        if !closed {
            drawn.points.push(arc.way.node(0));
            drawn.at = Some((0, arc.way.node(0), None));
        }
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
    pub(super) fn draws(&mut self, arc: &Smoothed<'_>, drawn: &mut Drawn) -> bool {
        self.draw(arc, drawn) * 2 < arc.way.steps() && arc.way.is_simple(drawn.begin.0, &drawn.points)
    }

    /// Measures how the arc turns, and finds its corners.
    fn look(&mut self, arc: &Smoothed<'_>) {
        let (count, closed) = (arc.count(), arc.way.closed);
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
        spline.knots.push(Knot { node: from, at: arc.vertex(from), ..Knot::default() });
        let mut at = from;
        while at < to {
            at = self.next_knot(at, to);
            spline.knots.push(Knot { node: at, at: arc.vertex(at), ..Knot::default() });
        }
        let stretch = Stretch { from, closed, along: &along };
        spline.fit(arc.way, &stretch, &|a, b| self.stiffness(a, b));
        let mut tries = 0;
        while !drawn.walk(arc.way, &stretch, &spline.knots) && tries < TRIES && spline.cut(&drawn.fails) {
            spline.fit_again(arc.way, &stretch);
            tries += 1;
        }
        let straight = drawn.add_stretch(arc.way, &stretch, &spline.knots);
        (self.spline, self.along) = (spline, along);
        straight
    }

    /// Where the piece from `at` should end.
    fn next_knot(&self, at: usize, stop: usize) -> usize {
        let (mut to, mut turned) = (at, 0.0);
        while to < stop && to - at < LONGEST {
            let next = (to + WINDOW / 2).min(stop);
            turned += self.turn(to, next);
            if turned > TURN && to > at {
                break;
            }
            to = next;
        }
        // Two pieces of like length are better than one and a rest.
        if to < stop && stop - to < (to - at) / 2 { at.midpoint(stop) } else { to }
    }

    /// The stiffness that a piece bears: it pulls a circle of the radius R, with nodes h apart, inwards by
    /// stiffness h^4 / R^3, and the circle turns by h / R from node to node.
    fn stiffness(&self, from: usize, to: usize) -> f64 {
        let window = |i: usize| self.turn(i.saturating_sub(WINDOW / 2), i + WINDOW / 2) / WINDOW as f64;
        let bend = (from..=to).step_by(WINDOW / 2).map(window).fold(0.0, f64::max);
        (BIAS / (0.8 * bend * bend * bend)).clamp(STIFFNESS.0, STIFFNESS.1)
    }
}

impl Drawn {
    /// Walks along every piece. Says whether all go the arc's way.
    fn walk(&mut self, way: &Way, stretch: &Stretch<'_>, knots: &[Knot]) -> bool {
        let last = knots.len() - 1;
        self.ends.clear();
        self.ends.extend(knots.iter().map(|knot| way.settled(knot.node, knot.at)));
        if stretch.closed {
            self.ends[last] = (self.ends[0].0 + way.steps(), self.ends[0].1);
        }
        self.fails.clear();
        self.crossings.clear();
        for piece in 0..last {
            let cubic = self.cubic(stretch, knots, piece);
            let steps = cubic.steps(FLAT);
            let along = (0..=steps).map(|i| cubic.at(i as f64 / steps as f64));
            let (from, to, before) = (self.ends[piece].0, self.ends[piece + 1].0, self.crossings.len());
            let holds = way.holds((from, to, true), along, &mut self.crossings);
            if !holds {
                self.crossings.truncate(before);
                self.crossings.extend((from..to).map(|i| way.link(i)));
            }
            self.fails.push(!holds);
        }
        !self.fails.contains(&true)
    }

    fn cubic(&self, stretch: &Stretch<'_>, knots: &[Knot], piece: usize) -> Cubic {
        let ([(_, from), (_, to)], [a, b]) =
            ([self.ends[piece], self.ends[piece + 1]], [knots[piece], knots[piece + 1]]);
        let third = (stretch.along(b.node) - stretch.along(a.node)) / 3.0;
        Cubic([from, from + a.slope * third, to - b.slope * third, to])
    }

    /// Adds the pieces of a stretch that was walked, after lines to its begin. Says how many steps are not part of a curve.
    fn add_stretch(&mut self, way: &Way, stretch: &Stretch<'_>, knots: &[Knot]) -> usize {
        let (first, last) = (0, knots.len() - 1);
        let mut straight = 0;
        let begin = (self.ends[first].0, self.ends[first].1, Some(knots[first].slope));
        match self.at {
            None => {
                self.points.push(begin.1);
                self.begin = begin;
            }
            Some(at) => straight += self.join(way, at, begin),
        }
        for piece in 0..last {
            let (from, to) = (self.ends[piece], self.ends[piece + 1]);
            let count = self.points.len() as u32 - 1;
            let room = if self.fails[piece] { f64::INFINITY } else { ROOM };
            let lines = Lines {
                way,
                crossings: &self.crossings,
                start: self.ends[0].0,
                first: from.0,
                end: to,
                room,
            };
            lines.add((from.1, from.0), &mut self.kept, &mut self.points);
            if self.fails[piece] {
                straight += to.0 - from.0;
            } else {
                let cubic = self.cubic(stretch, knots, piece);
                let steps = self.points.len() as u32 - 1 - count;
                self.pieces.push(Curve { first: count, steps, controls: [cubic.0[1], cubic.0[2]] });
            }
        }
        self.at = Some((self.ends[last].0, self.ends[last].1, Some(knots[last].slope)));
        straight
    }

    /// Adds lines to the end of the arc. Says over how many steps.
    fn finish(&mut self, way: &Way) -> usize {
        let Some(at) = self.at else { return way.steps() };
        if !way.closed {
            return self.join(way, at, (way.steps(), way.node(way.steps()), None));
        }
        let (cell, point, slope) = self.begin;
        let straight = self.join(way, at, (cell + way.steps(), point, slope));
        self.points.pop();
        straight
    }

    /// Adds lines from the end of one curve to the begin of the next: by the corner where they would meet, or along the
    /// traced border. Says over how many steps.
    fn join(&mut self, way: &Way, from: Place, to: Place) -> usize {
        let corner = from.2.zip(to.2).and_then(|slopes| meeting((from.1, slopes.0), (to.1, slopes.1)));
        self.joints.clear();
        if let Some(corner) = corner
            && way.holds((from.0, to.0, false), [from.1, corner, to.1].into_iter(), &mut self.joints)
        {
            self.points.extend([corner, to.1]);
        } else {
            self.joints.clear();
            self.joints.extend((from.0..to.0).map(|i| way.link(i)));
            let lines = Lines {
                way,
                crossings: &self.joints,
                start: from.0,
                first: from.0,
                end: (to.0, to.1),
                room: f64::INFINITY,
            };
            lines.add((from.1, from.0), &mut self.kept, &mut self.points);
        }
        to.0 - from.0
    }
}

/// The node in whose cell a curve begins or ends, the point, and the slope there.
type Place = (usize, Point, Option<Point>);

/// Where the end of one curve and the begin of another, drawn out, meet ahead of the one and before the other.
fn meeting((from, out): (Point, Point), (to, onwards): (Point, Point)) -> Option<Point> {
    let turn = out.cross(onwards);
    let (ahead, behind) = ((to - from).cross(onwards) / turn, (to - from).cross(out) / turn);
    (turn != 0.0 && ahead > 0.0 && behind > 0.0 && ahead.is_finite()).then(|| from + out * ahead)
}

/// The links of a stretch from node `start` on, and where they are crossed, up to an end in a node's cell.
struct Lines<'a> {
    way: &'a Way,
    crossings: &'a [Point],
    start: usize,
    first: usize,
    end: (usize, Point),
    /// How far from the curve the lines may be, in pixels; infinite where there is none.
    room: f64,
}

impl Lines<'_> {
    /// Adds the fewest lines from a point through the links from `from` on to the end.
    fn add(&self, (point, from): (Point, usize), kept: &mut Vec<u32>, points: &mut Vec<Point>) {
        kept.clear();
        self.keep((point, from), kept);
        // The last is the end.
        kept.pop();
        points.extend(kept.iter().map(|&i| self.stop(i as usize)));
        points.push(self.end.1);
    }

    fn pace(&self, number: usize) -> f64 {
        let i = number - self.start;
        let (before, after) =
            (self.crossings[i.saturating_sub(1)], self.crossings[(i + 1).min(self.crossings.len() - 1)]);
        self.way.pace(number, after - before)
    }
}

impl Stops for Lines<'_> {
    fn end(&self) -> Point {
        self.end.1
    }

    fn last(&self) -> usize {
        self.end.0
    }

    fn stop(&self, number: usize) -> Point {
        let i = number - self.start;
        let at = self.crossings[i];
        let Some((before, after)) =
            i.checked_sub(1).and_then(|j| self.crossings.get(j)).zip(self.crossings.get(i + 1))
        else {
            return at;
        };
        if self.room.is_infinite() || number == self.first || number + 1 >= self.end.0 {
            return at;
        }
        let (left, right) = self.window(number);
        // The chord between two points outside a bend runs inside it: together they keep to the curve and its area.
        let turn = (*after - *before).cross(at - *before);
        if turn > 0.0 {
            right
        } else if turn < 0.0 {
            left
        } else {
            at
        }
    }

    fn window(&self, number: usize) -> (Point, Point) {
        let (window, at) = (self.way.window(number), self.crossings[number - self.start]);
        let aside = (window.1 - window.0) * 0.5;
        let reach = aside.length();
        let (middle, aside) = (window.0 + aside, aside * (1.0 / reach));
        let off = (at - middle).dot(aside);
        let room = self.room / self.pace(number);
        (middle + aside * (off - room).max(-reach), middle + aside * (off + room).min(reach))
    }
}

/// A cubic Bezier curve by its control points.
#[derive(Clone, Copy)]
struct Cubic([Point; 4]);

impl Cubic {
    fn at(&self, u: f64) -> Point {
        let ([p0, p1, p2, p3], v) = (self.0, 1.0 - u);
        p0 * (v * v * v) + p1 * (3.0 * u * v * v) + p2 * (3.0 * u * u * v) + p3 * (u * u * u)
    }

    /// Into how many chords of equal parameters the curve is cut to stay within `flatness` of them.
    ///
    /// A chord over 1/n of the parameter is off by at most max |B''| / (8 n^2), and B'' is 6 times a mean of the second
    /// differences of the control points.
    fn steps(&self, flatness: f64) -> usize {
        let [p0, p1, p2, p3] = self.0;
        let bend = (p0 - p1 * 2.0 + p2).length().max((p1 - p2 * 2.0 + p3).length());
        ((0.75 * bend / flatness).sqrt().ceil() as usize).max(1)
    }
}
