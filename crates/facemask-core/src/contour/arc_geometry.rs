//! The drawn arcs: each border once, as points and as the curves they stand for.

use super::corridor::arc_steps::Way;
use super::options::{ContourOptions, CurveKind};
use super::polyline::min_link::{MAX_REACH, simplify, single_step, trace};
use super::polyline::vertex_removal::{Outline, coarsen};
use super::spline::arc_path::Drawn;
use super::spline::fit_arc::{Fitter, Smoothed};
use super::spline::whittaker::Smoother;
use super::topology::arcs::{Arc, Arcs};
use super::topology::heap_bytes::room;
use crate::geometry::{CurveSpan, Point, Polygons};
use crate::raster::LabelMap;

/// The drawing of every arc, one after the other.
#[derive(Default)]
pub(crate) struct Outlines {
    /// Ends included; a closed arc without its first point again.
    points: Vec<Point>,
    /// Numbers of points count from the arc's first.
    pieces: Vec<CurveSpan>,
    /// Where each arc ends, and a start before the first.
    ends: Vec<End>,
    tools: Tools,
}

/// What draws arcs with curves, one after the other; holds what memory that needs.
#[derive(Default)]
struct Tools {
    way: Way,
    vertices: Vec<Point>,
    strayed: Vec<f64>,
    smoother: Smoother,
    fitter: Fitter,
    drawn: Drawn,
    /// The steps of the longest arc that was drawn with them.
    longest: usize,
}

/// The bytes that tools hold for each step of the longest arc, at most about, and how many of them are kept for the next
/// map: 22,000 steps' worth. A face of 1024 pixels a side has arcs of up to 2,000.
const TOOLS: usize = 1500;
const MOST_TOOLS: usize = 32 << 20;

impl Tools {
    fn bytes(&self) -> usize {
        TOOLS * self.longest
    }
}

#[derive(Clone, Copy, Default)]
struct End {
    points: u32,
    pieces: u32,
    closed: bool,
}

impl Outlines {
    /// Draws every arc, in place of the arcs of before.
    pub(crate) fn draw(&mut self, map: &LabelMap<'_>, arcs: &Arcs, options: &ContourOptions) {
        self.points.clear();
        self.pieces.clear();
        self.ends.clear();
        self.ends.push(End::default());
        let reach = reach(options, 0.5);
        if options.curve == CurveKind::Smooth && reach.0.min(reach.1) >= NARROWEST {
            self.smooth(map, arcs, options);
        } else {
            self.straight(arcs, options);
        }
    }

    fn straight(&mut self, arcs: &Arcs, options: &ContourOptions) {
        let beyond = options.tolerance / options.scale.0.max(options.scale.1) > MAX_REACH + 0.05;
        let reach = reach(options, MAX_REACH);
        let mut coarse: Vec<Outline> = Vec::new();
        let (mut points, mut kept) = (Vec::new(), Vec::new());
        for arc in &arcs.arcs {
            if !beyond {
                self.lines(arcs, arc, reach, (&mut points, &mut kept));
                continue;
            }
            straighten(arcs, arc, reach, (&mut points, &mut kept));
            coarse.push(Outline {
                points: points.clone(),
                kept: kept.clone(),
                closed: arc.is_closed(),
                fixed: arc.is_frame(),
                ends: arc.ends(),
            });
        }
        coarsen(&mut coarse, options.scale, options.tolerance);
        coarse
            .iter()
            .for_each(|arc| self.push(arc.closed, arc.kept.iter().map(|&i| arc.points[i as usize]), &[]));
    }

    /// Adds an arc in straight lines.
    fn lines(
        &mut self,
        arcs: &Arcs,
        arc: &Arc,
        reach: (f64, f64),
        (points, kept): (&mut Vec<Point>, &mut Vec<u32>),
    ) {
        if reach.0 > 0.0
            && let Some(line) = single_step(arc, &arcs.directions[arc.steps()])
        {
            self.push(false, line.into_iter(), &[]);
            return;
        }
        straighten(arcs, arc, reach, (points, kept));
        self.push(arc.is_closed(), kept.iter().map(|&i| points[i as usize]), &[]);
    }

    fn smooth(&mut self, map: &LabelMap<'_>, arcs: &Arcs, options: &ContourOptions) {
        let (mut points, mut kept) = (Vec::new(), Vec::new());
        let mut tools = std::mem::take(&mut self.tools);
        let Tools { way, vertices, strayed, smoother, fitter, drawn, longest } = &mut tools;
        for arc in &arcs.arcs {
            let steps = (arc.last - arc.first) as usize;
            if !arc.is_frame() && steps >= if arc.is_closed() { SHORTEST_CLOSED } else { SHORTEST } {
                way.follow(
                    map,
                    &arcs.directions[arc.steps()],
                    (arc.at, arc.is_closed()),
                    reach(options, 0.5),
                );
                *longest = steps.max(*longest);
                smoother.smooth(way, vertices, strayed);
                if fitter.draws(&Smoothed { way, vertices, strayed }, drawn) {
                    self.push(arc.is_closed(), drawn.points.iter().copied(), &drawn.pieces);
                    continue;
                }
            }
            self.lines(arcs, arc, reach(options, MAX_REACH), (&mut points, &mut kept));
        }
        if tools.bytes() <= MOST_TOOLS {
            self.tools = tools;
        }
    }

    /// The bytes it has room for.
    pub(crate) fn bytes(&self) -> usize {
        room(&self.points) + room(&self.pieces) + room(&self.ends) + self.tools.bytes()
    }

    fn push(&mut self, closed: bool, points: impl Iterator<Item = Point>, pieces: &[CurveSpan]) {
        self.points.extend(points);
        self.pieces.extend_from_slice(pieces);
        self.ends.push(End { points: self.points.len() as u32, pieces: self.pieces.len() as u32, closed });
    }

    /// How many lines arc `number` is drawn with, whatever they stand for.
    pub(crate) fn steps(&self, number: usize) -> usize {
        let (start, end) = (self.ends[number], self.ends[number + 1]);
        (end.points - start.points) as usize - usize::from(!end.closed)
    }

    /// Appends half-arc `half` to the ring in the making, up to its last point: that is the first of the next half-arc.
    pub(crate) fn append(&self, half: u32, polygons: &mut Polygons) {
        let arc = half as usize / 2;
        let (start, end) = (self.ends[arc], self.ends[arc + 1]);
        let points = &self.points[start.points as usize..end.points as usize];
        let pieces = &self.pieces[start.pieces as usize..end.pieces as usize];
        let first = polygons.points.len() as u32;
        // A closed arc does not repeat the point it started from.
        let steps = points.len() as u32 - u32::from(!end.closed);
        if half.is_multiple_of(2) {
            polygons.points.extend_from_slice(&points[..steps as usize]);
            polygons
                .curves
                .extend(pieces.iter().map(|piece| CurveSpan { first: first + piece.first, ..*piece }));
        } else {
            polygons.points.push(points[steps as usize % points.len()]);
            polygons.points.extend(points[1..steps as usize].iter().rev());
            polygons.curves.extend(pieces.iter().rev().map(|piece| {
                let [a, b, c, d] = piece.controls;
                let first = first + steps - (piece.first + piece.steps);
                CurveSpan { first, controls: [d, c, b, a], ..*piece }
            }));
        }
    }
}

/// Arcs of fewer steps than this are drawn with lines: from one junction to the next there is no room for a curve, and a
/// speck is no circle.
const SHORTEST: usize = 4;
const SHORTEST_CLOSED: usize = 8;

/// Where a border may stray less than this, in pixels of the map, no curve differs from lines.
const NARROWEST: f64 = 0.002;

/// How far from the middle of a link a border may cross it, x and y, in pixels of the map.
fn reach(options: &ContourOptions, most: f64) -> (f64, f64) {
    let along = |scale: f64| (options.tolerance / scale).min(most);
    (along(options.scale.0), along(options.scale.1))
}

/// Traces an arc, and chooses which of its points to keep.
fn straighten(arcs: &Arcs, arc: &Arc, reach: (f64, f64), (points, kept): (&mut Vec<Point>, &mut Vec<u32>)) {
    let directions = &arcs.directions[arc.steps()];
    points.clear();
    kept.clear();
    trace(arc, directions, points);
    if arc.is_frame() || reach.0 == 0.0 {
        kept.extend(0..points.len() as u32);
    } else {
        simplify(arc, directions, points, reach, kept);
    }
}
