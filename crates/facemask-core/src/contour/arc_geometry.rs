//! The geometry of arcs: each border once, as points and as the curves that they approximate.

use super::corridor::arc_steps::ArcCorridor;
use super::options::{ContourOptions, CurveKind};
use super::polyline::arc_lines::ArcLines;
use super::polyline::area_restoration::restore_areas;
use super::polyline::min_link::{MAX_OFFSET, push_vertices, simplify, single_step_line};
use super::polyline::vertex_removal::{ArcPolyline, remove_vertices};
use super::spline::fit_arc::{ArcFitter, SmoothArc};
use super::spline::path::arc_path::ArcPathBuilder;
use super::spline::tuning::{MIN_CLOSED_CURVE_STEPS, MIN_CURVE_OFFSET, MIN_CURVE_STEPS};
use super::spline::whittaker::WhittakerSmoother;
use super::topology::arcs::{Arc, Arcs};
use super::topology::canonical::{CanonicalForm, CanonicalFrame};
use super::topology::heap_bytes::heap_bytes;
use super::topology::ids::{ArcId, HalfArc};
use super::topology::lattice::NodeBits;
use crate::geometry::{CurveSpan, Point, Polygons};

/// The points and curves of every arc, one arc after the other.
#[derive(Default)]
pub(crate) struct ArcGeometry {
    /// Ends included. A closed arc does not repeat its first point.
    points: Vec<Point>,
    /// Points count from the first one of the arc.
    curves: Vec<CurveSpan>,
    /// The offsets behind each arc, and zeros before the first.
    offsets: Vec<ArcOffsets>,
    scratch: CurveScratch,
    polyline: PolylineScratch,
}

/// The offsets in the lists of points and curves behind an arc.
#[derive(Clone, Copy, Default)]
struct ArcOffsets {
    points: u32,
    curves: u32,
    is_closed: bool,
}

/// The memory of the curve fit, reused from arc to arc.
#[derive(Default)]
struct CurveScratch {
    form: CanonicalForm,
    corridor: ArcCorridor,
    smoother: WhittakerSmoother,
    /// The smoothed arc, see [`SmoothArc`].
    vertices: Vec<Point>,
    clamp_distances: Vec<f64>,
    fitter: ArcFitter,
    path: ArcPathBuilder,
    /// The steps of the longest arc so far.
    max_steps: usize,
}

/// The bytes of scratch memory for each step of the longest arc, at most about.
const SCRATCH_BYTES_PER_STEP: usize = 1500;
/// The most bytes of scratch memory that are kept for the next map: 22,000 steps' worth. A face of 1024 pixels a side
/// has arcs of up to 2,000 steps.
const MAX_CACHED_SCRATCH: usize = 32 << 20;

impl CurveScratch {
    fn heap_bytes(&self) -> usize {
        SCRATCH_BYTES_PER_STEP * self.max_steps
    }
}

/// The memory of straight lines, reused from arc to arc.
#[derive(Default)]
struct PolylineScratch {
    /// The vertices of an arc and the indices of those that are kept.
    vertices: Vec<Point>,
    kept: Vec<u32>,
    lines: ArcLines,
}

impl PolylineScratch {
    fn kept_points(&self) -> impl Iterator<Item = Point> {
        self.kept.iter().map(|&i| self.vertices[i as usize])
    }
}

impl ArcGeometry {
    /// Computes the geometry of every arc. It replaces that of the map before.
    pub(crate) fn compute(&mut self, nodes: &NodeBits, arcs: &Arcs, options: &ContourOptions) {
        self.points.clear();
        self.curves.clear();
        self.offsets.clear();
        self.offsets.push(ArcOffsets::default());
        let max_offset = max_offset(options, 0.5);
        if options.curve == CurveKind::Smooth && max_offset.x.min(max_offset.y) >= MIN_CURVE_OFFSET {
            self.compute_curves(nodes, arcs, options);
        } else {
            self.compute_polylines(nodes, arcs, options);
        }
    }

    fn compute_polylines(&mut self, nodes: &NodeBits, arcs: &Arcs, options: &ContourOptions) {
        let scale = options.pixel_bounds();
        let is_beyond_windows = options.tolerance / scale.0.max(scale.1) > MAX_OFFSET + 0.05;
        let max_offset = max_offset(options, if is_beyond_windows { MAX_OFFSET } else { 0.5 });
        let mut polylines: Vec<ArcPolyline> = Vec::new();
        let mut scratch = std::mem::take(&mut self.polyline);
        for arc in &arcs.arcs {
            if !is_beyond_windows {
                self.push_polyline(nodes, arcs, arc, max_offset, &mut scratch);
                continue;
            }
            simplify_arc(arcs, arc, max_offset, &mut scratch);
            let (vertices, kept) = (scratch.vertices.clone(), scratch.kept.clone());
            let (is_closed, is_fixed) = (arc.is_closed(), arc.is_frame());
            polylines.push(ArcPolyline::new(vertices, kept, is_closed, is_fixed, arc.junctions()));
        }
        self.keep_polyline_scratch(scratch, arcs);
        if !is_beyond_windows {
            return;
        }
        remove_vertices(&mut polylines, scale, options.tolerance);
        let areas: Vec<f64> = arcs.arcs.iter().map(|arc| arc.area as f64).collect();
        restore_areas(&mut polylines, &areas, scale, options.tolerance);
        for arc in &polylines {
            self.push(arc.is_closed, arc.points(), &[]);
        }
    }

    /// Adds an arc in straight lines.
    fn push_polyline(
        &mut self,
        nodes: &NodeBits,
        arcs: &Arcs,
        arc: &Arc,
        max_offset: Point,
        scratch: &mut PolylineScratch,
    ) {
        if max_offset.x > 0.0
            && let Some(line) = single_step_line(arc, arcs.steps_of(arc))
        {
            self.push(false, line.into_iter(), &[]);
            return;
        }
        if max_offset.x > 0.0 && !arc.is_frame() {
            let points = scratch.lines.simplify(nodes, arc, arcs.steps_of(arc), max_offset);
            self.push(arc.is_closed(), points.iter().copied(), &[]);
            return;
        }
        simplify_arc(arcs, arc, max_offset, scratch);
        self.push(arc.is_closed(), scratch.kept_points(), &[]);
    }

    fn compute_curves(&mut self, nodes: &NodeBits, arcs: &Arcs, options: &ContourOptions) {
        let mut polyline = std::mem::take(&mut self.polyline);
        let max_offset = max_offset(options, 0.5);
        let mut scratch = std::mem::take(&mut self.scratch);
        let CurveScratch { form, corridor, smoother, vertices, clamp_distances, fitter, path, max_steps } =
            &mut scratch;
        for arc in &arcs.arcs {
            let min_steps = if arc.is_closed() { MIN_CLOSED_CURVE_STEPS } else { MIN_CURVE_STEPS };
            if !arc.is_frame() && arc.len() >= min_steps {
                corridor.build(nodes, arc, arcs.steps_of(arc), max_offset, form);
                *max_steps = arc.len().max(*max_steps);
                smoother.smooth(corridor, vertices, clamp_distances);
                if fitter.try_fit(&SmoothArc { corridor, vertices, clamp_distances }, form, path) {
                    self.push_canonical(arc, &form.frame, path);
                    continue;
                }
            }
            self.push_polyline(nodes, arcs, arc, max_offset, &mut polyline);
        }
        if scratch.heap_bytes() <= MAX_CACHED_SCRATCH {
            self.scratch = scratch;
        }
        self.keep_polyline_scratch(polyline, arcs);
    }

    /// Keeps the memory of straight lines for the next map, unless this one has very long arcs.
    fn keep_polyline_scratch(&mut self, polyline: PolylineScratch, arcs: &Arcs) {
        let longest = arcs.arcs.iter().map(Arc::len).max().unwrap_or_default();
        if SCRATCH_BYTES_PER_STEP * longest <= MAX_CACHED_SCRATCH {
            self.polyline = polyline;
        }
    }

    /// The bytes of heap memory that its lists have allocated.
    pub(crate) fn heap_bytes(&self) -> usize {
        let lists = heap_bytes(&self.points) + heap_bytes(&self.curves) + heap_bytes(&self.offsets);
        lists + self.scratch.heap_bytes() + self.polyline.lines.heap_bytes()
    }

    fn push(&mut self, is_closed: bool, points: impl Iterator<Item = Point>, curves: &[CurveSpan]) {
        self.points.extend(points);
        self.curves.extend_from_slice(curves);
        let (points, curves) = (self.points.len() as u32, self.curves.len() as u32);
        self.offsets.push(ArcOffsets { points, curves, is_closed });
    }

    /// Adds an arc from its path in the canonical frame.
    fn push_canonical(&mut self, arc: &Arc, frame: &CanonicalFrame, path: &ArcPathBuilder) {
        let start = Point::new(f64::from(arc.start.x), f64::from(arc.start.y));
        let affine = frame.map_from_canonical(start);
        let (points, curves) = (path.points.iter().map(|&p| affine.apply(p)), path.curves.iter());
        let edges = path.points.len() as u32 - u32::from(!arc.is_closed());
        let transformed = |curve: &CurveSpan| {
            let controls = curve.controls.map(|p| affine.apply(p));
            CurveSpan { controls, ..*curve }
        };
        if !frame.is_reversed {
            self.points.extend(points);
            self.curves.extend(curves.map(transformed));
        } else {
            if arc.is_closed() {
                self.points.extend(points.clone().take(1));
                self.points.extend(points.skip(1).rev());
            } else {
                self.points.extend(points.rev());
            }
            self.curves.extend(curves.rev().map(|curve| reversed(&transformed(curve), edges)));
        }
        self.push(arc.is_closed(), std::iter::empty(), &[]);
    }

    /// The number of edges between the points of an arc.
    pub(crate) fn edge_count(&self, arc: ArcId) -> usize {
        let (start, end) = (self.offsets[arc.index()], self.offsets[arc.index() + 1]);
        (end.points - start.points) as usize - usize::from(!end.is_closed)
    }

    /// Appends a half-arc to the ring under construction, without its last point: the next half-arc begins with that.
    pub(crate) fn append_to(&self, half_arc: HalfArc, polygons: &mut Polygons) {
        let arc = half_arc.arc().index();
        let (start, end) = (self.offsets[arc], self.offsets[arc + 1]);
        let points = &self.points[start.points as usize..end.points as usize];
        let curves = &self.curves[start.curves as usize..end.curves as usize];
        let first = polygons.points.len() as u32;
        // A closed arc does not repeat its first point.
        let edges = points.len() as u32 - u32::from(!end.is_closed);
        if half_arc.is_forward() {
            polygons.points.extend_from_slice(&points[..edges as usize]);
            polygons
                .curves
                .extend(curves.iter().map(|curve| CurveSpan { first: first + curve.first, ..*curve }));
        } else {
            polygons.points.push(points[edges as usize % points.len()]);
            polygons.points.extend(points[1..edges as usize].iter().rev());
            polygons.curves.extend(curves.iter().rev().map(|curve| {
                let curve = reversed(curve, edges);
                CurveSpan { first: first + curve.first, ..curve }
            }));
        }
    }
}

/// A curve of an arc with so many edges, seen backward.
fn reversed(curve: &CurveSpan, edges: u32) -> CurveSpan {
    let [a, b, c, d] = curve.controls;
    CurveSpan { first: edges - (curve.first + curve.steps), controls: [d, c, b, a], ..*curve }
}

/// The largest distance, x and y, between a border and the middle of a grid edge that it crosses, in pixels of the map.
fn max_offset(options: &ContourOptions, limit: f64) -> Point {
    let in_pixels = |scale: f64| (options.tolerance / scale).min(limit);
    let (width, height) = options.pixel_bounds();
    Point::new(in_pixels(width), in_pixels(height))
}

/// Fills in the vertices of an arc and the indices of those to keep.
fn simplify_arc(arcs: &Arcs, arc: &Arc, max_offset: Point, scratch: &mut PolylineScratch) {
    let steps = arcs.steps_of(arc);
    let PolylineScratch { vertices, kept, .. } = scratch;
    vertices.clear();
    kept.clear();
    push_vertices(arc, steps, vertices);
    if arc.is_frame() || max_offset.x == 0.0 {
        kept.extend(0..vertices.len() as u32);
    } else {
        simplify(arc, steps, vertices, max_offset, kept);
    }
}
