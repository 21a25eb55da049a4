//! The drawing of one arc in the making: curves, the points that stand for them, and lines where no curve goes.

use std::ops::Range;

use super::crossings::Crossings;
use super::flatten::Chords;
use super::residuals::Links;
use super::segment::{Knot, Stretch};
use crate::contour::corridor::arc_steps::{ArcCorridor, CellPoint};
use crate::geometry::{CubicBezier, CubicPolynomial, CurveSpan, Point};

/// How many pieces in a row share points at most. It bounds the work where some cannot.
const TOGETHER: usize = 12;

/// A drawn arc.
#[derive(Default)]
pub(crate) struct Drawn {
    /// Its points, ends included; of a closed arc without the first again.
    pub(crate) points: Vec<Point>,
    /// Which of them stand for curves; the last curve of a closed arc ends at its first point.
    pub(crate) pieces: Vec<CurveSpan>,
    /// The cell and the place of each knot.
    ends: Vec<(usize, Point)>,
    /// The pieces of the stretch that were walked last, and before: one that is as it was is not walked again.
    walked: Vec<Walked>,
    before: Vec<Walked>,
    /// Where the stretch crosses each of its links.
    crossings: Vec<Point>,
    /// The number of the point before each inner end of some pieces, counted from where they begin.
    before_ends: Vec<u32>,
    /// Where the drawing begins, unless it does with a node, and where it has come to.
    begin: Place,
    at: Option<Place>,
    chords: Chords,
    places: Crossings,
}

impl Drawn {
    /// Begins an arc: at its first node, or, where it is closed, where its first curve begins.
    pub(crate) fn start(&mut self, way: &ArcCorridor) {
        self.points.clear();
        self.pieces.clear();
        self.walked.clear();
        (self.at, self.begin) = (None, Place::default());
        if !way.is_closed {
            self.points.push(way.node(0));
            self.at = Some((0, way.node(0), None));
        }
    }

    /// Ends a closed arc whose last point is its first.
    pub(crate) fn close(&mut self) {
        self.points.pop();
    }

    /// The pieces of the stretch that was walked last.
    pub(crate) fn walked(&self) -> &[Walked] {
        &self.walked
    }

    /// Whether the drawing does not meet itself.
    pub(crate) fn is_simple(&self, way: &ArcCorridor) -> bool {
        way.is_simple(self.begin.0, &self.points)
    }

    /// Walks along every piece that has changed. Says whether all go the arc's way.
    pub(crate) fn walk(
        &mut self,
        way: &ArcCorridor,
        stretch: &Stretch<'_>,
        knots: &[Knot],
        links: &Links,
    ) -> bool {
        let last = knots.len() - 1;
        self.ends.clear();
        self.ends
            .extend(knots.iter().map(|knot| way.locate(knot.node, knot.at)).map(|end| (end.cell, end.point)));
        if stretch.closed {
            self.ends[last] = (self.ends[0].0 + way.step_count(), self.ends[0].1);
        }
        std::mem::swap(&mut self.walked, &mut self.before);
        self.walked.clear();
        if self.before.first().is_some_and(|piece| piece.knots[0] != knots[0]) {
            self.before.clear();
        }
        let start = self.ends[0].0;
        self.crossings.resize(self.ends[last].0 - start, Point::default());
        let mut known = 0;
        for piece in 0..last {
            let (ends, pair) =
                ([self.ends[piece].0, self.ends[piece + 1].0], [knots[piece], knots[piece + 1]]);
            while self.before.get(known).is_some_and(|old| old.knots[0].node < pair[0].node) {
                known += 1;
            }
            let as_before = self.before.get(known).filter(|old| old.knots == pair).map(|old| old.holds);
            let holds = as_before.unwrap_or_else(|| {
                let polynomial = self.cubic(knots, piece).to_polynomial();
                let crossings = &mut self.crossings[ends[0] - start..ends[1] - start];
                // Most curves are simple.
                let lengths = (stretch.along(pair[0].node), stretch.along(pair[1].node));
                let follows = ends[0] >= stretch.from && {
                    let numbers = ends[0] - stretch.from..ends[1] - stretch.from;
                    self.places.follow((way, ends[0]), (links, numbers), lengths, &polynomial, crossings)
                };
                follows || cross(way, ends, &polynomial, crossings)
            });
            self.walked.push(Walked { knots: pair, holds });
        }
        self.walked.iter().all(|piece| piece.holds)
    }

    fn cubic(&self, knots: &[Knot], piece: usize) -> CubicBezier {
        let ([(_, from), (_, to)], [a, b]) =
            ([self.ends[piece], self.ends[piece + 1]], [knots[piece], knots[piece + 1]]);
        let [out, onwards] = [a.spans[1] / 3.0, b.spans[0] / 3.0];
        CubicBezier([from, from + a.slope * out, to - b.slope * onwards, to])
    }

    /// Adds the pieces of a stretch that was walked, after lines to its begin. Says how many steps are not part of a curve.
    pub(crate) fn add_stretch(&mut self, way: &ArcCorridor, knots: &[Knot]) -> usize {
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
        let mut piece = first;
        while piece < last {
            let holds = self.walked[piece].holds;
            let end = (piece..last).find(|&i| self.walked[i].holds != holds).unwrap_or(last);
            let (from, to) = (self.ends[piece], self.ends[end]);
            if holds {
                self.add_pieces(way, knots, piece..end);
            } else {
                straight += to.0 - from.0;
                self.chords.open(way, from.0..to.0);
                self.chords.add(from, to, &mut self.points);
            }
            piece = end;
        }
        self.walked.clear();
        self.at = Some((self.ends[last].0, self.ends[last].1, Some(knots[last].slope)));
        straight
    }

    /// Adds pieces in a row that hold, and the points that stand for them.
    fn add_pieces(&mut self, way: &ArcCorridor, knots: &[Knot], pieces: Range<usize>) {
        let Range { mut start, end } = pieces;
        let links = self.ends[start].0..self.ends[end].0;
        self.chords.beside(way, (&self.crossings, self.ends[0].0), links);
        while start < end {
            let from = self.points.len() - 1;
            let mut stop = end.min(start + TOGETHER);
            // Where the end of a piece needs a point of its own, the row ends.
            loop {
                self.points.truncate(from + 1);
                self.chords.add(self.ends[start], self.ends[stop], &mut self.points);
                let (ends, points) = (&self.ends[start..=stop], &self.points[from..]);
                let Some(apart) = self.chords.place(way, ends, points, &mut self.before_ends) else { break };
                stop = start + apart;
            }
            let (mut first, last) = (from as u32, self.points.len() as u32 - 1);
            for piece in start..stop {
                let before = self.before_ends.get(piece - start).map(|&number| from as u32 + number);
                let end = before.map_or(last, |before| before + 1);
                let controls = self.cubic(knots, piece).0;
                self.pieces.push(CurveSpan { first, steps: end - first, controls });
                first = end - 1;
            }
            start = stop;
        }
    }

    /// Adds lines to the end of the arc. Says over how many steps.
    pub(crate) fn finish(&mut self, way: &ArcCorridor) -> usize {
        let Some(at) = self.at else { return way.step_count() };
        if !way.is_closed {
            return self.join(way, at, (way.step_count(), way.node(way.step_count()), None));
        }
        let (cell, point, slope) = self.begin;
        let straight = self.join(way, at, (cell + way.step_count(), point, slope));
        self.close();
        straight
    }

    /// Adds lines from the end of one curve to the begin of the next: by the corner where they would meet, or along the
    /// traced border. Says over how many steps.
    fn join(&mut self, way: &ArcCorridor, from: Place, to: Place) -> usize {
        let corner = from.2.zip(to.2).and_then(|slopes| meeting((from.1, slopes.0), (to.1, slopes.1)));
        let allowed = corner.and_then(|corner| {
            let near = (from.0..=to.0).map(|cell| way.clamp_to_cell(cell, corner));
            let mut places: Vec<Point> = std::iter::once(corner).chain(near).collect();
            places.sort_by(|p, q| (*p - corner).length().total_cmp(&(*q - corner).length()));
            places.into_iter().find(|&place| {
                way.contains_corner(
                    CellPoint { cell: from.0, point: from.1 },
                    place,
                    CellPoint { cell: to.0, point: to.1 },
                )
            })
        });
        if let Some(corner) = allowed {
            self.points.extend([corner, to.1]);
        } else {
            self.chords.open(way, from.0..to.0);
            self.chords.add((from.0, from.1), (to.0, to.1), &mut self.points);
        }
        to.0 - from.0
    }
}

/// A piece that was walked.
#[derive(Clone, Copy)]
pub(crate) struct Walked {
    knots: [Knot; 2],
    /// Whether it goes the arc's way.
    pub(crate) holds: bool,
}

/// Walks along a curve from cell to cell and notes where it crosses each link. If it does not go the arc's way, the links'
/// middles stand for it.
fn cross(
    way: &ArcCorridor,
    [from, to]: [usize; 2],
    curve: &CubicPolynomial,
    crossings: &mut [Point],
) -> bool {
    let holds = way.contains_curve([from, to], curve, crossings);
    if !holds {
        crossings.iter_mut().zip(from..).for_each(|(crossing, i)| *crossing = way.edge(i).middle);
    }
    holds
}

/// The node in whose cell a curve begins or ends, the point, and the slope there.
type Place = (usize, Point, Option<Point>);

/// Where the end of one curve and the begin of another, drawn out, meet ahead of the one and before the other.
fn meeting((from, out): (Point, Point), (to, onwards): (Point, Point)) -> Option<Point> {
    let turn = out.cross(onwards);
    let (ahead, behind) = ((to - from).cross(onwards) / turn, out.cross(to - from) / turn);
    (turn != 0.0 && ahead > 0.0 && behind > 0.0 && ahead.is_finite()).then(|| from + out * ahead)
}
