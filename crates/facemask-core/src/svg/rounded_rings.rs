//! The rings of regions in hundredths, as path data and JSON show them.

use std::ops::Range;

use super::path::{FixedPoint, PathSegment, PathWriter};
use crate::geometry::{CurveSpan, Point, Polygons};

/// Writes the path data of all rings. Relative coordinates are differences of rounded points, so rounding errors do not
/// accumulate.
#[must_use]
pub fn path_data(polygons: &Polygons) -> Vec<u8> {
    RoundedRings::new([polygons].into_iter()).region_data(0, false)
}

/// The rings of several regions, rounded, without segments that rounding reduces to a point. Rings of fewer than three
/// points are left out.
///
/// Segment i leads from corner i to the next one of its ring.
#[derive(Default)]
pub(super) struct RoundedRings {
    corners: Vec<FixedPoint>,
    /// The inner control points of each segment that is a curve; an empty list where no region has curves.
    controls: Vec<Option<[FixedPoint; 2]>>,
    /// The corner behind the last one of each ring.
    ring_ends: Vec<u32>,
    /// The ring behind the last one of each region.
    region_ends: Vec<u32>,
}

impl RoundedRings {
    /// Rounds the rings of regions.
    pub(super) fn new<'a>(regions: impl Iterator<Item = &'a Polygons> + Clone) -> Self {
        let mut rounded = Self {
            corners: Vec::with_capacity(regions.clone().map(|region| region.points.len()).sum()),
            ring_ends: Vec::with_capacity(regions.clone().map(|region| region.ends.len()).sum()),
            ..Self::default()
        };
        let has_curves = regions.clone().any(|region| !region.curves.is_empty());
        for polygons in regions {
            if polygons.curves.is_empty() {
                polygons.rings().for_each(|ring| rounded.push_straight_ring(ring, has_curves));
            } else {
                rounded.push_curved_rings(polygons);
            }
            rounded.region_ends.push(rounded.ring_ends.len() as u32);
        }
        rounded
    }

    /// The number of segments.
    pub(super) const fn len(&self) -> usize {
        self.corners.len()
    }

    /// The segments of each ring of a region.
    pub(super) fn rings_of(&self, region: usize) -> impl Iterator<Item = Range<usize>> + '_ {
        let first = if region == 0 { 0 } else { self.region_ends[region - 1] };
        (first as usize..self.region_ends[region] as usize).map(|ring| {
            let start = if ring == 0 { 0 } else { self.ring_ends[ring - 1] };
            start as usize..self.ring_ends[ring] as usize
        })
    }

    /// The number of regions.
    pub(super) const fn region_count(&self) -> usize {
        self.region_ends.len()
    }

    /// The corner where a segment begins.
    pub(super) fn corner(&self, segment: usize) -> FixedPoint {
        self.corners[segment]
    }

    /// The inner control points of a segment; `None` for a line.
    pub(super) fn controls(&self, segment: usize) -> Option<[FixedPoint; 2]> {
        self.controls.get(segment).copied().flatten()
    }

    /// A segment.
    #[cfg(test)]
    pub(super) fn segment(&self, segment: usize) -> PathSegment {
        let ring = self.ring_ends.partition_point(|&end| end as usize <= segment);
        let start = if ring == 0 { 0 } else { self.ring_ends[ring - 1] };
        self.segment_of(segment, &(start as usize..self.ring_ends[ring] as usize))
    }

    /// A segment of the given ring.
    pub(super) fn segment_of(&self, segment: usize, ring: &Range<usize>) -> PathSegment {
        let next = if segment + 1 == ring.end { ring.start } else { segment + 1 };
        PathSegment {
            start: self.corners[segment],
            end: self.corners[next],
            controls: self.controls(segment),
        }
    }

    /// The path data of a region. Where `is_merged`, consecutive collinear lines become one.
    pub(super) fn region_data(&self, region: usize, is_merged: bool) -> Vec<u8> {
        let count: usize = self.rings_of(region).map(|ring| ring.len()).sum();
        let mut writer = PathWriter::with_capacity(if is_merged { count * 2 } else { count * 8 });
        for ring in self.rings_of(region) {
            let segments = ring.clone().map(|segment| self.segment_of(segment, &ring));
            if is_merged {
                writer.write_merged(segments, true);
            } else if self.controls.is_empty() {
                writer.write_polygon(&self.corners[ring]);
            } else {
                writer.write_connected(segments, true);
            }
        }
        writer.out
    }

    fn push_straight_ring(&mut self, ring: &[Point], has_curves: bool) {
        let start = self.corners.len();
        round_ring(ring, &mut self.corners);
        if self.corners.len() > start {
            self.ring_ends.push(self.corners.len() as u32);
        }
        if has_curves {
            self.controls.resize(self.corners.len(), None);
        }
    }

    fn push_curved_rings<'a>(&mut self, polygons: &'a Polygons) {
        let (mut start, mut ring, mut rounded, mut sources) = (0, Vec::new(), Vec::new(), Vec::new());
        let mut curves = polygons.curves.iter().peekable();
        for &end in &polygons.ends {
            ring.clear();
            sources.clear();
            rounded.clear();
            rounded
                .extend(polygons.points[start as usize..end as usize].iter().map(|&p| FixedPoint::round(p)));
            let point = |index: u32| rounded[if index < end { (index - start) as usize } else { 0 }];
            let (mut current, mut next) = (point(start), start);
            let mut append = |to: FixedPoint, curve: Option<&'a CurveSpan>| {
                // Rounding may make neighbors coincide.
                if current != to {
                    let controls =
                        curve.map(|curve| [curve.controls[1], curve.controls[2]].map(FixedPoint::round));
                    ring.push(PathSegment { start: current, end: to, controls });
                    sources.push(curve);
                    current = to;
                }
            };
            while let Some(curve) = curves.next_if(|curve| curve.first < end) {
                // Without the points that the curve before replaces.
                (next..=curve.first).for_each(|index| append(point(index), None));
                append(FixedPoint::round(curve.controls[0]), None);
                append(FixedPoint::round(curve.controls[3]), Some(curve));
                next = curve.first + curve.steps;
            }
            (next..=end).for_each(|index| append(point(index), None));
            align_reflected_handles(&mut ring, &sources);
            let corners = (start..end).filter(|&i| point(i) != point(i + 1));
            if corners.take(3).count() == 3 {
                self.corners.extend(ring.iter().map(|segment| segment.start));
                self.controls.extend(ring.iter().map(|segment| segment.controls));
                self.ring_ends.push(self.corners.len() as u32);
            }
            start = end;
        }
    }
}

/// Rounds handles that are reflections of each other at a joint so that they still are. The result does not depend on
/// the direction of the ring. `sources` has the curve of every segment.
fn align_reflected_handles(ring: &mut [PathSegment], sources: &[Option<&CurveSpan>]) {
    for after in 0..ring.len() {
        let before = if after == 0 { ring.len() } else { after } - 1;
        let (Some(first), Some(second)) = (sources[before], sources[after]) else { continue };
        let (exact_joint, joint) = (second.controls[0], ring[after].start);
        let (arriving, leaving) = (exact_joint - first.controls[2], second.controls[1] - exact_joint);
        let deviation = leaving - arriving;
        let is_bent = deviation.x.abs().max(deviation.y.abs()) > REFLECTION_TOLERANCE;
        if before == after || ring[before].end != joint || is_bent {
            continue;
        }
        let handle = FixedPoint::round((leaving + arriving) * 0.5);
        if let Some([_, control]) = &mut ring[before].controls {
            *control = joint.relative_to(handle);
        }
        if let Some([control, _]) = &mut ring[after].controls {
            *control = FixedPoint { x: joint.x + handle.x, y: joint.y + handle.y };
        }
    }
}

/// The maximum deviation of a handle from the reflection of another one, in pixels: the rounding error of
/// transformations.
const REFLECTION_TOLERANCE: f64 = 1e-6;

/// The rings in hundredths, without consecutive duplicate points. Rings that rounding reduces to fewer than three
/// points are left out. JSON and SVG show these rings.
pub fn rounded_rings(polygons: &Polygons) -> impl Iterator<Item = Vec<FixedPoint>> + '_ {
    polygons.rings().filter_map(|ring| {
        let mut rounded = Vec::with_capacity(ring.len());
        round_ring(ring, &mut rounded);
        (!rounded.is_empty()).then_some(rounded)
    })
}

/// Appends a rounded ring, or nothing where fewer than three points remain.
fn round_ring(ring: &[Point], rounded: &mut Vec<FixedPoint>) {
    let start = rounded.len();
    for &p in ring {
        let corner = FixedPoint::round(p);
        if rounded.len() == start || rounded.last() != Some(&corner) {
            rounded.push(corner);
        }
    }
    if rounded.len() > start + 1 && rounded.last() == Some(&rounded[start]) {
        rounded.pop();
    }
    if rounded.len() < start + 3 {
        rounded.truncate(start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::CurveSpan;

    fn data(points: &[(f64, f64)]) -> String {
        let mut polygons = Polygons::default();
        polygons.push_ring(&points.iter().map(|&(x, y)| Point::new(x, y)).collect::<Vec<_>>());
        String::from_utf8(path_data(&polygons)).unwrap()
    }

    #[test]
    fn steps_are_relative_and_short() {
        assert_eq!(data(&[(1.0, 2.0), (4.0, 2.0), (4.0, 7.5), (0.5, 8.25)]), "M1 2h3v5.5l-3.5.75z");
        assert_eq!(data(&[(0.5, 0.25), (1.25, 1.0), (2.0, 1.75), (2.0, 9.0)]), "M.5.25l.75.75.75.75v7.25z");
    }

    #[test]
    fn lines_that_go_on_straight_become_one() {
        let mut polygons = Polygons::default();
        let steps =
            [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (2.5, 0.5), (3.0, 1.0), (3.0, 4.0), (3.0, 2.0), (0.0, 2.0)];
        polygons.push_ring(&steps.map(|(x, y)| Point::new(x, y)));
        let rings = RoundedRings::new([&polygons].into_iter());
        assert_eq!(rings.region_data(0, true), b"M0 0h2l1 1v3-2h-3z");
    }

    #[test]
    fn handles_that_mirror_each_other_are_said_once() {
        // Rounded one by one, the controls at the joint would be 2.12 before it and 2.13 behind it.
        let (joint, handle) = (Point::new(9.994, 5.0), Point::new(2.1249, -3.0));
        let mut wave = Polygons::default();
        let points = [Point::new(0.0, 0.0), joint, Point::new(20.0, 0.0), Point::new(10.0, 30.0)];
        let curve = |first, controls| CurveSpan { first, steps: 1, controls };
        let curves = [
            curve(0, [points[0], Point::new(3.0, 1.0), joint - handle, joint]),
            curve(1, [joint, joint + handle, Point::new(17.0, 1.0), points[2]]),
        ];
        wave.push_curved_ring(&points, &curves);
        assert_eq!(path_data(&wave), b"M0 0c3 1 7.87 8 9.99 5s7.01-4 10.01-5l-10 30z");
        // The neighbor runs in the opposite direction, and has the same path.
        let mut back = Polygons::default();
        let points = [points[2], joint, points[0], Point::new(10.0, -30.0)];
        let back_again = |first, curve: &CurveSpan| {
            let mut back = CurveSpan { first, ..*curve };
            back.controls.reverse();
            back
        };
        back.push_curved_ring(&points, &[back_again(0, &curves[1]), back_again(1, &curves[0])]);
        assert_eq!(path_data(&back), b"M20 0c-3 1-7.89 2-10.01 5s-6.99-4-9.99-5l10-30z");
        let segments = |polygons: &Polygons| -> Vec<PathSegment> {
            let rings = RoundedRings::new([polygons].into_iter());
            (0..rings.len()).map(|i| rings.segment(i)).collect()
        };
        let (forth, other) = (segments(&wave), segments(&back));
        let turned = |segment: &PathSegment| PathSegment {
            start: segment.end,
            end: segment.start,
            controls: segment.controls.map(|[a, b]| [b, a]),
        };
        assert_eq!((forth[0], forth[1]), (turned(&other[1]), turned(&other[0])));
    }

    #[test]
    fn points_that_round_to_one_are_written_once() {
        assert_eq!(data(&[(0.0, 0.0), (0.001, 0.001), (1.0, 0.0), (1.0, 1.0), (0.0, 0.002)]), "M0 0h1v1z");
        assert_eq!(data(&[(0.0, 0.0), (0.001, 0.0), (0.0, 0.001)]), "");
    }
}
