//! The borders of regions: each segment once, with the regions on both sides of it, and the outline of all regions
//! together.

use super::path::{FixedPoint, PathSegment, for_each_ring};
use crate::geometry::{CurveSpan, Point, Polygons};

/// A border: everything that separates one pair of regions, or one region from what is outside of all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Border {
    /// The index of the region whose rings give the direction, the smaller one of two.
    pub(super) region: usize,
    /// The index of the region on the other side; `None` for the outside.
    pub(super) neighbor: Option<usize>,
    /// Connected segments. A closed line ends where it starts.
    pub(super) lines: Vec<Vec<PathSegment>>,
    /// The index of a region whose rings are this border and nothing else.
    pub(super) whole_region: Option<usize>,
}

/// The segments of regions that share their borders, as they are written.
///
/// Every ring runs around its region, so the two regions beside a border traverse its segments in opposite directions.
pub(super) struct BorderSegments {
    /// Each segment between two regions, or between one and the outside.
    segments: Vec<BorderSegment>,
    /// The segments that no opposite one cancels, sorted.
    uncancelled: Vec<PathSegment>,
    /// The number of segments of each region's rings.
    ring_segments: Vec<usize>,
}

impl BorderSegments {
    /// Collects the segments of regions in ascending order of their indices.
    #[must_use]
    pub(super) fn new<'a>(regions: impl Iterator<Item = &'a Polygons>) -> Self {
        let (mut directed, mut ring_segments) = (Vec::new(), Vec::new());
        for (region, polygons) in regions.enumerate() {
            let before = directed.len();
            let region = region as u32;
            for_each_ring(polygons, |ring| {
                directed.extend(ring.iter().map(|&segment| DirectedSegment { segment, region }));
            });
            ring_segments.push(directed.len() - before);
        }
        let mut pairs = Self { segments: Vec::new(), uncancelled: Vec::new(), ring_segments };
        pairs.pair(&directed);
        pairs.uncancelled.sort_unstable();
        pairs
    }

    /// The outline of the union of regions; `None` when no two of them touch.
    ///
    /// At each point as many of the remaining segments end as start, so they form rings.
    #[must_use]
    pub(super) fn union_outline(&self) -> Option<Polygons> {
        let total: usize = self.ring_segments.iter().sum();
        (self.uncancelled.len() < total).then(|| connect_rings(&self.uncancelled))
    }

    /// The borders in ascending order of their regions; those with the outside come first.
    #[must_use]
    pub(super) fn borders(mut self) -> Vec<Border> {
        self.segments.sort_unstable();
        let between = |a: &BorderSegment, b: &BorderSegment| a.sides == b.sides;
        self.segments
            .chunk_by(between)
            .map(|segments| {
                let Sides { region, neighbor } = segments[0].sides;
                let (region, neighbor) = (region as usize, neighbor.map(|index| index as usize));
                let is_whole = |&index: &usize| self.ring_segments[index] == segments.len();
                Border {
                    region,
                    neighbor,
                    lines: connect_lines(segments),
                    whole_region: Some(region).into_iter().chain(neighbor).find(is_whole),
                }
            })
            .collect()
    }

    /// Groups the segments by their end points, and pairs those in opposite directions.
    fn pair(&mut self, directed: &[DirectedSegment]) {
        let key = |DirectedSegment { segment, .. }: &DirectedSegment| {
            let (start, end) = (key_of_point(segment.start), key_of_point(segment.end));
            start.min(end) << 64 | start.max(end)
        };
        let mut keys: Vec<(u128, u32)> = directed.iter().map(key).zip(0..).collect();
        keys.sort_unstable();
        let mut group = Vec::new();
        for same_ends in keys.chunk_by(|a, b| a.0 == b.0) {
            group.clear();
            group.extend(same_ends.iter().map(|&(_, index)| directed[index as usize]));
            match group[..] {
                [single] => {
                    self.uncancelled.push(single.segment);
                    self.push_border(Some(single), None);
                }
                [a, b] if a.is_opposite_of(&b) && a.region != b.region => self.push_border(Some(a), Some(b)),
                _ => self.pair_group(&mut group),
            }
        }
    }

    /// Pairs a group with common end points: curves and lines beside each other, or more than two of the same.
    fn pair_group(&mut self, group: &mut [DirectedSegment]) {
        group.sort_unstable_by_key(|directed| (UndirectedSegment::new(&directed.segment), directed.region));
        let undirected = |directed: &DirectedSegment| UndirectedSegment::new(&directed.segment).segment;
        for parallel in group.chunk_by(|a, b| undirected(a) == undirected(b)) {
            let forward_count = parallel.partition_point(|other| other.segment == parallel[0].segment);
            let (forward, backward) = parallel.split_at(forward_count);
            let (more, fewer) =
                if forward.len() < backward.len() { (backward, forward) } else { (forward, backward) };
            self.uncancelled.extend(more[fewer.len()..].iter().map(|surplus| surplus.segment));
            // Rounding may fold a region onto itself. A segment with one region on both sides is no border.
            let only_in = |side: &[DirectedSegment], other: &[DirectedSegment]| {
                let is_elsewhere = |region: u32| other.iter().any(|opposite| opposite.region == region);
                side.iter().copied().find(|directed| !is_elsewhere(directed.region))
            };
            self.push_border(only_in(forward, backward), only_in(backward, forward));
        }
    }

    /// Adds a segment between the regions of one or two directed ones.
    fn push_border(&mut self, a: Option<DirectedSegment>, b: Option<DirectedSegment>) {
        let Some(one) = a.or(b) else { return };
        let other = b.filter(|_| a.is_some());
        let first = other.filter(|other| other.region < one.region).unwrap_or(one);
        let neighbor = other.map(|other| other.region.max(one.region));
        let sides = Sides { region: first.region, neighbor };
        self.segments.push(BorderSegment { sides, segment: first.segment });
    }
}

/// A segment in the direction of a ring of its region.
#[derive(Clone, Copy)]
struct DirectedSegment {
    segment: PathSegment,
    region: u32,
}

impl DirectedSegment {
    fn is_opposite_of(&self, other: &Self) -> bool {
        let (a, b) = (UndirectedSegment::new(&self.segment), UndirectedSegment::new(&other.segment));
        a.segment == b.segment && a.is_reversed != b.is_reversed
    }
}

/// The regions beside a segment, the smaller index first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sides {
    region: u32,
    neighbor: Option<u32>,
}

/// A segment of a border, in the direction of the first region's ring.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct BorderSegment {
    sides: Sides,
    segment: PathSegment,
}

/// A segment in the direction from the smaller end point to the larger one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct UndirectedSegment {
    segment: PathSegment,
    is_reversed: bool,
}

impl UndirectedSegment {
    fn new(segment: &PathSegment) -> Self {
        if segment.start <= segment.end {
            return Self { segment: *segment, is_reversed: false };
        }
        let controls = segment.controls.map(|[a, b]| [b, a]);
        Self { segment: PathSegment { start: segment.end, end: segment.start, controls }, is_reversed: true }
    }
}

/// Orders points by x and y with one comparison. A coordinate is at most a million.
fn key_of_point(p: FixedPoint) -> u128 {
    let key_of_coordinate = |value: i64| u128::from((value as i32).cast_unsigned() ^ 1 << 31);
    key_of_coordinate(p.x) << 32 | key_of_coordinate(p.y)
}

/// Connects the segments of one border, sorted by their start, to as few lines as possible, and uses each once.
///
/// Lines that are not closed start at the points where more segments start than end (Hierholzer's condition for trails).
fn connect_lines(segments: &[BorderSegment]) -> Vec<Vec<PathSegment>> {
    let mut ends: Vec<FixedPoint> = segments.iter().map(|border| border.segment.end).collect();
    ends.sort_unstable();
    let mut ends = ends.into_iter().peekable();
    let mut first_indices = Vec::new();
    for (index, border) in segments.iter().enumerate() {
        let start = border.segment.start;
        while ends.next_if(|&end| end < start).is_some() {}
        if ends.next_if_eq(&start).is_none() {
            first_indices.push(index);
        }
    }
    let mut is_used = vec![false; segments.len()];
    let mut lines = Vec::new();
    // What remains after the open lines is closed.
    for first_index in first_indices.into_iter().chain(0..segments.len()) {
        let mut line: Vec<PathSegment> = Vec::new();
        let mut next = Some(first_index).filter(|&index| !is_used[index]);
        while let Some(index) = next {
            is_used[index] = true;
            let segment = segments[index].segment;
            line.push(segment);
            let first_match = segments.partition_point(|other| other.segment.start < segment.end);
            next = (first_match..segments.len())
                .take_while(|&i| segments[i].segment.start == segment.end)
                .find(|&i| !is_used[i]);
        }
        if !line.is_empty() {
            lines.push(line);
        }
    }
    lines
}

/// Connects the sorted segments to rings, and uses each segment once.
fn connect_rings(segments: &[PathSegment]) -> Polygons {
    let to_point = |p: FixedPoint| Point::new(p.x as f64 / 100.0, p.y as f64 / 100.0);
    let mut is_used = vec![false; segments.len()];
    let mut rings = Polygons::default();
    for first_index in 0..segments.len() {
        let (mut ring, mut curves) = (Vec::new(), Vec::new());
        let mut next = Some(first_index).filter(|&index| !is_used[index]);
        while let Some(index) = next {
            is_used[index] = true;
            let PathSegment { start, end, controls } = segments[index];
            let first = ring.len() as u32;
            ring.push(to_point(start));
            if let Some([a, b]) = controls {
                let controls = [start, a, b, end].map(to_point);
                // With the two inner control points even a ring of two curves has more than two points.
                ring.extend(&controls[1..3]);
                curves.push(CurveSpan { first, steps: 3, controls });
            }
            let first_match = segments.partition_point(|segment| segment.start < end);
            next = (first_match..segments.len())
                .take_while(|&i| segments[i].start == end)
                .find(|&i| !is_used[i]);
        }
        rings.push_curved_ring(&ring, &curves);
    }
    rings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;

    fn union_of(regions: &[&Polygons]) -> Option<Polygons> {
        BorderSegments::new(regions.iter().copied()).union_outline()
    }

    fn rectangle(rect: Rect) -> Polygons {
        let mut polygons = Polygons::default();
        polygons.push_ring(&rect.corners());
        polygons
    }

    #[test]
    fn neighbours_become_one() {
        let (a, b) = (rectangle(Rect::new(0.0, 0.0, 2.0, 1.0)), rectangle(Rect::new(2.0, 0.0, 3.5, 1.0)));
        let both = union_of(&[&a, &b]).unwrap();
        assert_eq!((both.ends.len(), both.area(), both.points.len()), (1, 3.5, 6));
    }

    #[test]
    fn a_filled_hole_is_no_hole() {
        let hole = rectangle(Rect::new(1.0, 1.0, 2.0, 2.0));
        let mut skin = rectangle(Rect::new(0.0, 0.0, 3.0, 3.0));
        let mut inner = Rect::new(1.0, 1.0, 2.0, 2.0).corners().to_vec();
        inner.reverse();
        skin.push_ring(&inner);
        assert_eq!(union_of(&[&skin, &hole]).unwrap(), rectangle(Rect::new(0.0, 0.0, 3.0, 3.0)));
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
        let both = union_of(&[&upper, &lower]).unwrap();
        assert_eq!((both.ends.len(), both.curves.len()), (1, 2));
        // The upper half's own mirror image fills the hole that it leaves.
        let mut hole = upper.clone();
        hole.points.reverse();
        hole.curves[0].controls.reverse();
        assert_eq!(union_of(&[&upper, &hole]).unwrap().ends.len(), 0);
    }

    fn borders_of(regions: &[&Polygons]) -> Vec<Border> {
        BorderSegments::new(regions.iter().copied()).borders()
    }

    /// The regions beside each border, its number of lines, and their length in hundredths along the axes.
    fn summarize(borders: &[Border]) -> Vec<(usize, Option<usize>, usize, i64)> {
        let length = |segment: &PathSegment| {
            (segment.end.x - segment.start.x).abs() + (segment.end.y - segment.start.y).abs()
        };
        let total = |border: &Border| border.lines.iter().flatten().map(length).sum();
        borders.iter().map(|b| (b.region, b.neighbor, b.lines.len(), total(b))).collect()
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
        let borders = borders_of(&[&black, &white]);
        let lengths: Vec<_> = summarize(&borders).iter().map(|&(a, b, _, length)| (a, b, length)).collect();
        assert_eq!(lengths, [(0, None, 800), (0, Some(1), 2400), (1, None, 800)]);
        for line in borders.iter().flat_map(|border| &border.lines) {
            assert!(line.windows(2).all(|pair| pair[0].end == pair[1].start));
        }
        // From twelve points of the edge on, all of odd degree: six lines, and no more.
        assert_eq!(borders[1].lines.len(), 6);
    }

    #[test]
    fn a_region_alone_is_its_border() {
        let square = rectangle(Rect::new(0.0, 0.0, 2.0, 2.0));
        let [border] = &borders_of(&[&square])[..] else { panic!("one border") };
        assert_eq!((border.neighbor, border.whole_region, border.lines.len()), (None, Some(0), 1));
        assert_eq!(borders_of(&[]), []);
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
        assert_eq!(union_of(&boxes.each_ref()).unwrap().area(), 4.0);
    }
}
