//! The borders of regions: each segment once, with the regions on both sides of it, and the outline of all regions
//! together.
//!
//! Every ring runs around its region, so the two regions beside a border traverse its segments in opposite directions.
//! Consecutive segments of a ring with the same region on the other side are one run. So runs are the arcs of the
//! subdivision, after the cuts of the crop box and after rounding. Only their ends are searched for what goes on there.

use super::path::{FixedPoint, PathSegment, PathWriter};
use super::rounded_rings::RoundedRings;
use crate::geometry::PointIds;

/// A border: everything that separates one pair of regions, or one region from what is outside of all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Border {
    /// The index of the region whose rings give the direction, the smaller one of two.
    pub(super) region: usize,
    /// The index of the region on the other side; `None` for the outside.
    pub(super) neighbor: Option<usize>,
    /// Connected runs. A closed line ends where it starts.
    lines: Vec<Vec<SegmentRun>>,
    /// The index of a region whose rings are this border and nothing else.
    pub(super) whole_region: Option<usize>,
}

/// The segments of regions that share their borders, as they are written.
pub(super) struct BorderSegments<'a> {
    rings: &'a RoundedRings,
    /// What lies on the other side of each segment.
    beside: Vec<Beside>,
    /// Whether no opposite segment cancels each one.
    is_outline: Vec<bool>,
}

/// What lies on the other side of a segment, seen from its region.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Beside {
    /// Nothing: the outside of all regions.
    Outside,
    /// The region with that index.
    Region(u32),
    /// The segment is no border: its region lies on both sides, or another segment stands for it.
    NoBorder,
    /// Not known yet.
    Unpaired,
}

/// Consecutive segments of a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SegmentRun {
    /// The ring as a range of segments.
    ring: (u32, u32),
    /// The first segment, and the number of segments from there, past the end of the ring too.
    first: u32,
    count: u32,
}

/// A run of the border between a region and what is beside it.
struct BorderRun {
    region: u32,
    beside: Beside,
    run: SegmentRun,
}

impl<'a> BorderSegments<'a> {
    /// Pairs the segments of all regions.
    #[must_use]
    pub(super) fn new(rings: &'a RoundedRings) -> Self {
        let count = rings.len();
        let mut pairs = Self { rings, beside: vec![Beside::Unpaired; count], is_outline: vec![false; count] };
        pairs.pair();
        pairs
    }

    /// The path data of the outline of the union of regions; `None` when no two of them touch. Where `is_merged`,
    /// consecutive collinear lines become one.
    ///
    /// At each point as many of the remaining segments end as start, so they form rings.
    #[must_use]
    pub(super) fn union_outline(&self, is_merged: bool) -> Option<Vec<u8>> {
        if self.is_outline.iter().all(|&is_outline| is_outline) {
            return None;
        }
        let mut runs = Vec::new();
        self.for_each_ring(|_, ring| {
            split_ring(
                ring,
                |segment| self.is_outline[segment],
                |run, is_outline| {
                    runs.extend(is_outline.then_some(run));
                },
            );
        });
        Some(self.line_data(&self.connect(runs), is_merged))
    }

    /// The borders in ascending order of their regions; those with the outside come first.
    #[must_use]
    pub(super) fn borders(&self) -> Vec<Border> {
        let mut ring_segments = vec![0; self.rings.region_count()];
        let mut runs = Vec::new();
        self.for_each_ring(|region, ring| {
            ring_segments[region] += ring.len();
            let region = region as u32;
            split_ring(
                ring,
                |segment| self.beside[segment],
                |run, beside| {
                    let is_first = match beside {
                        Beside::Outside => true,
                        Beside::Region(other) => region < other,
                        Beside::NoBorder | Beside::Unpaired => false,
                    };
                    runs.extend(is_first.then_some(BorderRun { region, beside, run }));
                },
            );
        });
        // Stable: the runs of a border stay in the order of their rings.
        runs.sort_by_key(|run| (run.region, run.beside));
        runs.chunk_by(|a, b| (a.region, a.beside) == (b.region, b.beside))
            .map(|runs| {
                let region = runs[0].region as usize;
                let neighbor = match runs[0].beside {
                    Beside::Region(other) => Some(other as usize),
                    Beside::Outside | Beside::NoBorder | Beside::Unpaired => None,
                };
                let count: usize = runs.iter().map(|border| border.run.count as usize).sum();
                let is_whole = |&index: &usize| ring_segments[index] == count;
                Border {
                    region,
                    neighbor,
                    lines: self.connect(runs.iter().map(|border| border.run).collect()),
                    whole_region: Some(region).into_iter().chain(neighbor).find(is_whole),
                }
            })
            .collect()
    }

    /// The path data of a border. Where `is_merged`, consecutive collinear lines become one.
    #[must_use]
    pub(super) fn border_data(&self, border: &Border, is_merged: bool) -> Vec<u8> {
        self.line_data(&border.lines, is_merged)
    }

    fn line_data(&self, lines: &[Vec<SegmentRun>], is_merged: bool) -> Vec<u8> {
        let count: usize = lines.iter().flatten().map(|run| run.count as usize).sum();
        let mut writer = PathWriter::with_capacity(count * 8);
        for line in lines {
            let (Some(first), Some(last)) = (line.first(), line.last()) else { continue };
            let is_closed = self.start_of(first) == self.end_of(last);
            let segments = line.iter().flat_map(|run| run.segments(self.rings));
            if is_merged {
                writer.write_merged(segments, is_closed);
            } else {
                writer.write_connected(segments, is_closed);
            }
        }
        writer.out
    }

    fn for_each_ring(&self, mut visit: impl FnMut(usize, std::ops::Range<usize>)) {
        for region in 0..self.rings.region_count() {
            self.rings.rings_of(region).for_each(|ring| visit(region, ring));
        }
    }

    /// Pairs segments in opposite directions.
    fn pair(&mut self) {
        let ends = SegmentEnds::new(self.rings);
        for segment in 0..self.rings.len() {
            if self.beside[segment] != Beside::Unpaired {
                continue;
            }
            let mut opposite = ends.opposite_of(segment, self.rings);
            let mut parallel = ends.parallel_to(segment, self.rings);
            match (opposite.next(), opposite.next(), parallel.nth(1)) {
                (None, None, None) => {
                    self.is_outline[segment] = true;
                    self.beside[segment] = Beside::Outside;
                }
                (Some(other), None, None) if ends.region(other) != ends.region(segment) => {
                    self.beside[segment] = Beside::Region(ends.region(other));
                    self.beside[other] = Beside::Region(ends.region(segment));
                }
                _ => self.pair_group(segment, &ends),
            }
        }
    }

    /// Pairs more than two segments with common ends, or two of one region.
    fn pair_group(&mut self, segment: usize, ends: &SegmentEnds) {
        // Both in ascending order of their regions.
        let forward: Vec<usize> = ends.parallel_to(segment, self.rings).collect();
        let backward: Vec<usize> = ends.opposite_of(segment, self.rings).collect();
        for &each in forward.iter().chain(&backward) {
            self.beside[each] = Beside::NoBorder;
        }
        let (more, fewer) =
            if forward.len() < backward.len() { (&backward, &forward) } else { (&forward, &backward) };
        more[fewer.len()..].iter().for_each(|&surplus| self.is_outline[surplus] = true);
        // Rounding may fold a region onto itself. A segment with one region on both sides is no border.
        let only_in = |side: &[usize], other: &[usize]| {
            let is_elsewhere = |region| other.iter().any(|&opposite| ends.region(opposite) == region);
            side.iter().copied().find(|&each| !is_elsewhere(ends.region(each)))
        };
        match (only_in(&forward, &backward), only_in(&backward, &forward)) {
            (Some(one), Some(other)) => {
                let (a, b) = if ends.region(one) < ends.region(other) { (one, other) } else { (other, one) };
                self.beside[a] = Beside::Region(ends.region(b));
            }
            (Some(one), None) | (None, Some(one)) => self.beside[one] = Beside::Outside,
            (None, None) => {}
        }
    }

    fn start_of(&self, run: &SegmentRun) -> FixedPoint {
        self.rings.corner(run.first as usize)
    }

    fn end_of(&self, run: &SegmentRun) -> FixedPoint {
        self.rings.corner(run.wrap(run.first + run.count) as usize)
    }

    /// Connects runs to lines, as few as possible where they meet at their ends, and uses each once.
    ///
    /// Lines that are not closed start at the points where more runs start than end (Hierholzer's condition for
    /// trails).
    fn connect(&self, mut runs: Vec<SegmentRun>) -> Vec<Vec<SegmentRun>> {
        // A ring with one region on the other side starts at its first point in the order of the coordinates.
        for run in runs.iter_mut().filter(|run| run.count == run.ring.1 - run.ring.0) {
            let corner = |&segment: &u32| self.rings.corner(segment as usize);
            run.first = (run.ring.0..run.ring.1).min_by_key(corner).unwrap_or(run.first);
        }
        runs.sort_by_key(|run| self.start_of(run));
        let mut ends: Vec<FixedPoint> = runs.iter().map(|run| self.end_of(run)).collect();
        ends.sort_unstable();
        let mut ends = ends.into_iter().peekable();
        let mut first_indices = Vec::new();
        for (index, run) in runs.iter().enumerate() {
            let start = self.start_of(run);
            while ends.next_if(|&end| end < start).is_some() {}
            if ends.next_if_eq(&start).is_none() {
                first_indices.push(index);
            }
        }
        let mut is_used = vec![false; runs.len()];
        let mut lines = Vec::new();
        // What remains after the open lines is closed.
        for first_index in first_indices.into_iter().chain(0..runs.len()) {
            let mut line: Vec<SegmentRun> = Vec::new();
            let mut next = Some(first_index).filter(|&index| !is_used[index]);
            while let Some(index) = next {
                is_used[index] = true;
                line.push(runs[index]);
                let end = self.end_of(&runs[index]);
                let first_match = runs.partition_point(|other| self.start_of(other) < end);
                next = (first_match..runs.len())
                    .take_while(|&i| self.start_of(&runs[i]) == end)
                    .find(|&i| !is_used[i]);
            }
            if !line.is_empty() {
                lines.push(line);
            }
        }
        lines
    }
}

impl SegmentRun {
    /// The segments of the run.
    fn segments(self, rings: &RoundedRings) -> impl Iterator<Item = PathSegment> + '_ {
        let ring = self.ring.0 as usize..self.ring.1 as usize;
        (self.first..self.first + self.count)
            .map(move |segment| rings.segment_of(self.wrap(segment) as usize, &ring))
    }

    /// The segment behind the end of the ring as one from its start.
    const fn wrap(self, segment: u32) -> u32 {
        let (start, end) = self.ring;
        if segment < end { segment } else { segment - (end - start) }
    }
}

/// Calls `visit` with the runs of a ring whose segments have equal keys.
fn split_ring<K: Copy + PartialEq>(
    ring: std::ops::Range<usize>,
    key_of: impl Fn(usize) -> K,
    mut visit: impl FnMut(SegmentRun, K),
) {
    let bounds = (ring.start as u32, ring.end as u32);
    let mut before = key_of(ring.end - 1);
    // Where the keys change, if they do.
    let is_change = |segment: &usize| {
        let key = key_of(*segment);
        std::mem::replace(&mut before, key) != key
    };
    let mut changes = ring.clone().filter(is_change).peekable();
    let Some(&first_change) = changes.peek() else {
        let run = SegmentRun { ring: bounds, first: bounds.0, count: bounds.1 - bounds.0 };
        return visit(run, key_of(ring.start));
    };
    while let Some(first) = changes.next() {
        let end = changes.peek().copied().unwrap_or(first_change + ring.len());
        visit(SegmentRun { ring: bounds, first: first as u32, count: (end - first) as u32 }, key_of(first));
    }
}

/// The end points of segments as ids, and the segments that leave each point.
struct SegmentEnds {
    /// The region of each segment.
    regions: Vec<u32>,
    starts: Vec<u32>,
    ends: Vec<u32>,
    /// The first segment that leaves each point, and the one behind each segment.
    first_leaving: Vec<u32>,
    next_leaving: Vec<u32>,
}

/// The end of a list of segments.
const NO_SEGMENT: u32 = u32::MAX;

impl SegmentEnds {
    fn new(rings: &RoundedRings) -> Self {
        let count = rings.len();
        let mut ids = PointIds::with_capacity(count);
        let key = |p: FixedPoint| [p.x.cast_unsigned(), p.y.cast_unsigned()];
        let starts: Vec<u32> = (0..count).map(|segment| ids.insert(key(rings.corner(segment)))).collect();
        let (mut regions, mut ends) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for region in 0..rings.region_count() {
            for ring in rings.rings_of(region) {
                ends.extend_from_slice(&starts[ring.start + 1..ring.end]);
                ends.push(starts[ring.start]);
                regions.resize(ring.end, region as u32);
            }
        }
        let (mut first_leaving, mut next_leaving) = (vec![NO_SEGMENT; ids.len()], vec![NO_SEGMENT; count]);
        for (segment, &start) in starts.iter().enumerate().rev() {
            next_leaving[segment] = std::mem::replace(&mut first_leaving[start as usize], segment as u32);
        }
        Self { regions, starts, ends, first_leaving, next_leaving }
    }

    fn region(&self, segment: usize) -> u32 {
        self.regions[segment]
    }

    /// The segments from one point to another, in ascending order.
    fn between(&self, start: u32, end: u32) -> impl Iterator<Item = usize> + '_ {
        let mut next = self.first_leaving[start as usize];
        let leaving = std::iter::from_fn(move || {
            let segment = (next != NO_SEGMENT).then_some(next as usize)?;
            next = self.next_leaving[segment];
            Some(segment)
        });
        leaving.filter(move |&segment| self.ends[segment] == end)
    }

    /// The segments equal to one, itself among them.
    fn parallel_to<'a>(
        &'a self,
        segment: usize,
        rings: &'a RoundedRings,
    ) -> impl Iterator<Item = usize> + 'a {
        let controls = rings.controls(segment);
        self.between(self.starts[segment], self.ends[segment])
            .filter(move |&other| rings.controls(other) == controls)
    }

    /// The segments that are one in the opposite direction.
    fn opposite_of<'a>(
        &'a self,
        segment: usize,
        rings: &'a RoundedRings,
    ) -> impl Iterator<Item = usize> + 'a {
        let controls = rings.controls(segment).map(|[a, b]| [b, a]);
        self.between(self.ends[segment], self.starts[segment])
            .filter(move |&other| rings.controls(other) == controls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{CurveSpan, Point, Polygons, Rect};

    /// The path data of the union's outline.
    fn union_of(regions: &[&Polygons]) -> Option<String> {
        let rings = RoundedRings::new(regions.iter().copied());
        BorderSegments::new(&rings).union_outline(false).map(|data| String::from_utf8(data).unwrap())
    }

    fn rectangle(rect: Rect) -> Polygons {
        let mut polygons = Polygons::default();
        polygons.push_ring(&rect.corners());
        polygons
    }

    #[test]
    fn neighbours_become_one() {
        let (a, b) = (rectangle(Rect::new(0.0, 0.0, 2.0, 1.0)), rectangle(Rect::new(2.0, 0.0, 3.5, 1.0)));
        assert_eq!(union_of(&[&a, &b]).unwrap(), "M2 0h1.5v1h-1.5-2v-1z");
    }

    #[test]
    fn a_filled_hole_is_no_hole() {
        let hole = rectangle(Rect::new(1.0, 1.0, 2.0, 2.0));
        let mut skin = rectangle(Rect::new(0.0, 0.0, 3.0, 3.0));
        let mut inner = Rect::new(1.0, 1.0, 2.0, 2.0).corners().to_vec();
        inner.reverse();
        skin.push_ring(&inner);
        assert_eq!(union_of(&[&skin, &hole]).unwrap(), "M0 0h3v3h-3z");
        assert_eq!(union_of(&[&skin]), None);
    }

    #[test]
    fn curves_cancel_whole_and_stay_curves() {
        let (a, b) = (Point::new(0.0, 0.0), Point::new(4.0, 0.0));
        let half = |y: f64, first: u32, back: bool| {
            // A lens of a straight side and a curved one; the halves share the straight side.
            let mut curve =
                CurveSpan { first, steps: 2, controls: [a, Point::new(1.0, y), Point::new(3.0, y), b] };
            let mut ring = [a, Point::new(2.0, 0.75 * y), b];
            if back {
                ring.reverse();
                curve.controls.reverse();
            }
            let mut polygons = Polygons::default();
            polygons.push_curved_ring(&ring, &[curve]);
            polygons
        };
        let (upper, lower) = (half(-2.0, 0, false), half(2.0, 0, true));
        assert_eq!(union_of(&[&upper, &lower]).unwrap(), "M0 0c1-2 3-2 4 0-1 2-3 2-4 0z");
        // The upper half's own mirror image fills the hole that it leaves.
        let mut hole = upper.clone();
        hole.points.reverse();
        hole.curves[0].controls.reverse();
        assert_eq!(union_of(&[&upper, &hole]).unwrap(), "");
    }

    /// The borders of regions, and the segments of each line.
    struct Found {
        borders: Vec<Border>,
        lines: Vec<Vec<Vec<PathSegment>>>,
    }

    fn borders_of(regions: &[&Polygons]) -> Found {
        let rings = RoundedRings::new(regions.iter().copied());
        let borders = BorderSegments::new(&rings).borders();
        let segments = |line: &Vec<SegmentRun>| line.iter().flat_map(|run| run.segments(&rings)).collect();
        let lines = borders.iter().map(|border| border.lines.iter().map(segments).collect()).collect();
        Found { borders, lines }
    }

    /// The regions beside each border, its number of lines, and their length in hundredths along the axes.
    fn summarize(found: &Found) -> Vec<(usize, Option<usize>, usize, i64)> {
        let length = |segment: &PathSegment| {
            (segment.end.x - segment.start.x).abs() + (segment.end.y - segment.start.y).abs()
        };
        let borders = found.borders.iter().zip(&found.lines);
        borders
            .map(|(b, lines)| (b.region, b.neighbor, lines.len(), lines.iter().flatten().map(length).sum()))
            .collect()
    }

    #[test]
    fn four_regions_that_meet_have_a_border_for_each_pair_of_neighbours() {
        let [a, b, c, d] = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]
            .map(|(x, y)| rectangle(Rect::new(x, y, x + 1.0, y + 1.0)));
        let expected = [
            (0, None, 1, 200),
            (0, Some(1), 1, 100),
            (0, Some(2), 1, 100),
            (1, None, 1, 200),
            (1, Some(3), 1, 100),
            (2, None, 1, 200),
            (2, Some(3), 1, 100),
            (3, None, 1, 200),
        ];
        assert_eq!(summarize(&borders_of(&[&a, &b, &c, &d])), expected);
    }

    #[test]
    fn a_checkerboard_of_two_regions_has_every_side_once() {
        let (mut black, mut white) = (Polygons::default(), Polygons::default());
        for i in 0..16 {
            let (x, y) = (f64::from(i % 4), f64::from(i / 4));
            let field = if (i % 4 + i / 4) % 2 == 0 { &mut black } else { &mut white };
            field.push_ring(&Rect::new(x, y, x + 1.0, y + 1.0).corners());
        }
        let found = borders_of(&[&black, &white]);
        let lengths: Vec<_> = summarize(&found).iter().map(|&(a, b, _, length)| (a, b, length)).collect();
        assert_eq!(lengths, [(0, None, 800), (0, Some(1), 2400), (1, None, 800)]);
        for line in found.lines.iter().flatten() {
            assert!(line.windows(2).all(|pair| pair[0].end == pair[1].start));
        }
        // From twelve points of the edge on, all of odd degree: six lines. Two black fields of the middle are lines of
        // their own.
        assert_eq!(found.lines[1].len(), 8);
    }

    #[test]
    fn touching_rings_and_clipped_ones_of_noise_have_every_segment_once() {
        // Pseudo-random labels, the same on every machine: pinch points, holes, islands.
        let mut state = 7_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 28
        };
        let mut regions = vec![Polygons::default(); 4];
        for i in 0..900 {
            let (x, y) = (f64::from(i % 30), f64::from(i / 30));
            if let Some(region) = regions.get_mut(next() as usize) {
                region.push_ring(&Rect::new(x, y, x + 1.0, y + 1.0).corners());
            }
        }
        let regions: Vec<&Polygons> = regions.iter().collect();
        let found = borders_of(&regions);
        let key = |segment: &PathSegment| (segment.start.min(segment.end), segment.start.max(segment.end));
        let mut drawn: Vec<_> = found.lines.iter().flatten().flatten().map(key).collect();
        drawn.sort_unstable();
        let rings = RoundedRings::new(regions.iter().copied());
        let mut sides: Vec<_> = (0..rings.len()).map(|i| (key(&rings.segment(i)), i / 4)).collect();
        sides.sort_unstable();
        let region_of = |square: usize| {
            (0..4).find(|&region| rings.rings_of(region).any(|ring| ring.start == 4 * square))
        };
        // A side inside a region has it on both sides, and is no border.
        let expected: Vec<_> = sides
            .chunk_by(|a, b| a.0 == b.0)
            .filter(|side| side.len() == 1 || region_of(side[0].1) != region_of(side[1].1))
            .map(|side| side[0].0)
            .collect();
        assert_eq!(drawn, expected);
        let outline: usize = sides.chunk_by(|a, b| a.0 == b.0).filter(|side| side.len() == 1).count();
        let segments = BorderSegments::new(&rings);
        assert_eq!(segments.is_outline.iter().filter(|&&is_outline| is_outline).count(), outline);
    }

    #[test]
    fn a_region_alone_is_its_border() {
        let square = rectangle(Rect::new(0.0, 0.0, 2.0, 2.0));
        let [border] = &borders_of(&[&square]).borders[..] else { panic!("one border") };
        assert_eq!((border.neighbor, border.whole_region, border.lines.len()), (None, Some(0), 1));
        assert_eq!(borders_of(&[]).borders, []);
    }

    #[test]
    fn a_region_that_is_folded_onto_itself_has_no_border_there() {
        let mut folded = Polygons::default();
        folded.push_ring(
            &[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (1.0, 2.0), (1.0, 1.0), (0.0, 1.0)]
                .map(|(x, y)| Point::new(x, y)),
        );
        // The spike from (1, 1) to (1, 2) and back.
        assert_eq!(summarize(&borders_of(&[&folded])), [(0, None, 1, 400)]);
    }

    #[test]
    fn corners_that_touch_do_not_confuse_the_walk() {
        let squares = [(0.0, 0.0), (1.0, 1.0), (0.0, 2.0), (1.0, 0.0)];
        let boxes = squares.map(|(x, y)| rectangle(Rect::new(x, y, x + 1.0, y + 1.0)));
        assert_eq!(union_of(&boxes.each_ref()).unwrap(), "M0 2h1v1h-1zM1 0h1v1 1h-1v-1h-1v-1z");
    }
}
