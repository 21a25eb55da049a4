//! Merging of regions that share their borders: the borders between them vanish, and all others stay as they are.
//!
//! Every ring has its region on the right. So the two regions beside a border traverse its edges in opposite
//! directions, and these edges cancel (the boundary of a sum of chains is the sum of the boundaries; Hatcher,
//! "Algebraic Topology", section 2.1). What remains is linked into rings by the rule of tracing.

use std::collections::HashMap;

use super::clip::restore_curves::{CurveIndex, PointBits};
use super::clip::split_touching::split_at_touching_points;
use crate::geometry::{CurveSpan, Point, Polygons, Rect, edges, signed_area};

/// The union of regions of one coverage: their shared borders vanish, and the others keep their points and curves, bit
/// for bit. The regions must not overlap, and neighbors must have equal points along their border.
///
/// ```
/// use facemask_core::contour::{ContourOptions, find_contours, merge};
/// use facemask_core::raster::LabelMap;
///
/// // A lone pixel inside a hole: the merged region has neither part nor hole there.
/// let ids = [1, 1, 1, 1, 2, 1, 1, 1, 1];
/// let contours = find_contours(&LabelMap::new(3, 3, &ids)?, &ContourOptions::default())?;
/// let members: Vec<_> = contours.iter().map(|(_, polygons)| polygons).collect();
/// assert_eq!(merge(&members).area(), 9.0);
/// assert_eq!(merge(&members).ends.len(), 1);
/// # Ok::<(), facemask_core::error::Error>(())
/// ```
#[must_use]
pub fn merge(members: &[&Polygons]) -> Polygons {
    if let [single] = members {
        return (*single).clone();
    }
    let all = concatenate(members);
    let linked = LinkedEdges::new(&all);
    let is_cancelled = linked.cancel_opposite();
    if !is_cancelled.contains(&true) {
        return all;
    }
    let mut rings = split_at_touching_points(linked.connect_rings(is_cancelled));
    rings.retain(|ring| ring.len() >= 3 && signed_area(ring) != 0.0);
    let curves = CurveIndex::new(&all);
    let mut merged = Polygons::default();
    for part in group_into_parts(&rings) {
        part.into_iter().for_each(|ring| curves.push_ring(&rings[ring], &mut merged));
    }
    merged
}

/// All rings of all members, one member after the other.
fn concatenate(members: &[&Polygons]) -> Polygons {
    let mut all = Polygons::default();
    for polygons in members {
        let base = all.points.len() as u32;
        all.points.extend_from_slice(&polygons.points);
        all.ends.extend(polygons.ends.iter().map(|end| base + end));
        all.curves.extend(polygons.curves.iter().map(|c| CurveSpan { first: base + c.first, ..*c }));
    }
    all
}

fn bits(p: Point) -> PointBits {
    // Adding zero turns a negative zero into a positive one.
    ((p.x + 0.0).to_bits(), (p.y + 0.0).to_bits())
}

/// The edges of all rings; edge i begins at point i.
struct LinkedEdges<'a> {
    points: &'a [Point],
    /// The point, and so the edge, that follows in the ring.
    next: Vec<u32>,
}

impl<'a> LinkedEdges<'a> {
    fn new(polygons: &'a Polygons) -> Self {
        let mut next: Vec<u32> = (1..=polygons.points.len() as u32).collect();
        let mut start = 0;
        for &end in &polygons.ends {
            next[end as usize - 1] = start;
            start = end;
        }
        Self { points: &polygons.points, next }
    }

    /// The start and the end of an edge.
    fn ends_of(&self, edge: usize) -> (PointBits, PointBits) {
        (bits(self.points[edge]), bits(self.points[self.next[edge] as usize]))
    }

    /// Pairs edges of opposite directions; returns whether each edge has a partner.
    fn cancel_opposite(&self) -> Vec<bool> {
        let mut is_cancelled = vec![false; self.next.len()];
        // Edges by their ends in one order; of each, the ones in that order and the others cancel in pairs.
        let key = |edge: u32| {
            let (start, end) = self.ends_of(edge as usize);
            (start.min(end), start.max(end), start > end, edge)
        };
        let mut keys: Vec<_> = (0..self.next.len() as u32).map(key).collect();
        keys.sort_unstable();
        for same_ends in keys.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let (forward, backward) =
                same_ends.split_at(same_ends.partition_point(|(_, _, is_back, _)| !is_back));
            for (a, b) in forward.iter().zip(backward) {
                is_cancelled[a.3 as usize] = true;
                is_cancelled[b.3 as usize] = true;
            }
        }
        is_cancelled
    }

    /// Connects the edges that are not used yet to rings. At each point as many of them end as start, so every walk
    /// closes. It stays in its ring while it can; where several edges start, any serves, since the split that follows
    /// links them anew.
    fn connect_rings(&self, mut is_used: Vec<bool>) -> Vec<Vec<Point>> {
        // All other edges follow the one before them.
        let mut starting: HashMap<PointBits, Vec<usize>> = HashMap::new();
        for edge in (0..self.next.len()).rev().filter(|&edge| is_used[edge]) {
            let next = self.next[edge] as usize;
            if !is_used[next] {
                starting.entry(bits(self.points[next])).or_default().push(next);
            }
        }
        let mut rings = Vec::new();
        for first in 0..self.next.len() {
            let mut ring = Vec::new();
            let mut current = Some(first).filter(|&edge| !is_used[edge]);
            while let Some(edge) = current {
                is_used[edge] = true;
                ring.push(self.points[edge]);
                let next = self.next[edge] as usize;
                current = Some(next).filter(|&edge| !is_used[edge]).or_else(|| {
                    let candidates = starting.get_mut(&bits(self.points[next]))?;
                    while candidates.last().is_some_and(|&edge| is_used[edge]) {
                        candidates.pop();
                    }
                    candidates.last().copied()
                });
            }
            if !ring.is_empty() {
                rings.push(ring);
            }
        }
        rings
    }
}

/// Groups rings into parts: the number of each outer ring, and behind it those of its holes.
fn group_into_parts(rings: &[Vec<Point>]) -> Vec<Vec<usize>> {
    let areas: Vec<f64> = rings.iter().map(|ring| signed_area(ring)).collect();
    let (outers, holes): (Vec<usize>, Vec<usize>) = (0..rings.len()).partition(|&ring| areas[ring] > 0.0);
    let mut part_of = vec![0; rings.len()];
    for (part, &outer) in outers.iter().enumerate() {
        part_of[outer] = part;
    }
    let mut parts: Vec<Vec<usize>> = outers.iter().map(|&outer| vec![outer]).collect();
    if holes.is_empty() || outers.is_empty() {
        return parts;
    }
    let index = (outers.len() > 1).then(|| EdgeStrips::new(rings, &outers));
    for hole in holes {
        // A hole may touch its outer ring in a point. The middle of an edge lies inside for certain.
        let inner = rings[hole][0].midpoint(rings[hole][1]);
        let around = index.as_ref().map_or_else(|| outers.clone(), |index| index.rings_around(inner));
        // An island in a hole may have holes itself: the smallest outer ring is the one of the part.
        let outer = around.into_iter().min_by(|&a, &b| areas[a].total_cmp(&areas[b]));
        if let Some(outer) = outer {
            parts[part_of[outer]].push(hole);
        }
    }
    parts
}

/// The edges of rings by horizontal strips, so that a point is compared with the edges of its strip only. A map of
/// noise has tens of thousands of parts and holes.
struct EdgeStrips {
    top: f64,
    strips_per_pixel: f64,
    strips: Vec<Vec<(Point, Point, usize)>>,
}

impl EdgeStrips {
    /// The most strips, which bounds the memory for long vertical edges.
    const MAX_STRIPS: usize = 4096;

    fn new(rings: &[Vec<Point>], chosen: &[usize]) -> Self {
        let bounds = Rect::around(chosen.iter().flat_map(|&ring| rings[ring].iter().copied()));
        let (top, height) = bounds.map_or((0.0, 0.0), |rect| (rect.y0, rect.height()));
        let count = (height.ceil() as usize).clamp(1, Self::MAX_STRIPS);
        let strips_per_pixel = if height > 0.0 { count as f64 / height } else { 0.0 };
        let mut index = Self { top, strips_per_pixel, strips: vec![Vec::new(); count] };
        for &ring in chosen {
            for (a, b) in edges(&rings[ring]).filter(|(a, b)| a.y != b.y) {
                let strips = index.strip_of(a.y.min(b.y))..=index.strip_of(a.y.max(b.y));
                index.strips[strips].iter_mut().for_each(|strip| strip.push((a, b, ring)));
            }
        }
        index
    }

    /// The strip of a row. The cast saturates.
    fn strip_of(&self, y: f64) -> usize {
        (((y - self.top) * self.strips_per_pixel) as usize).min(self.strips.len() - 1)
    }

    /// The rings that contain a point, by the even-odd rule of [`crate::geometry::ring_contains`].
    fn rings_around(&self, p: Point) -> Vec<usize> {
        let is_crossed = |(a, b, _): &&(Point, Point, usize)| {
            (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x)
        };
        let crossed = self.strips[self.strip_of(p.y)].iter().filter(is_crossed);
        let mut crossed: Vec<usize> = crossed.map(|&(_, _, ring)| ring).collect();
        crossed.sort_unstable();
        crossed.chunk_by(|a, b| a == b).filter(|group| group.len() % 2 == 1).map(|group| group[0]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ContourOptions, CurveKind, clip, find_contours};
    use super::*;
    use crate::geometry::RingCounts;
    use crate::raster::LabelMap;

    fn trace(width: usize, ids: &[u8], options: &ContourOptions) -> Vec<(u8, Polygons)> {
        find_contours(&LabelMap::new(width, ids.len() / width, ids).unwrap(), options).unwrap()
    }

    fn merge_labels(contours: &[(u8, Polygons)], labels: &[u8]) -> Polygons {
        let members: Vec<_> =
            contours.iter().filter(|(id, _)| labels.contains(id)).map(|(_, polygons)| polygons).collect();
        merge(&members)
    }

    fn directed_edges(polygons: &Polygons) -> Vec<(PointBits, PointBits)> {
        let mut all: Vec<_> = polygons.rings().flat_map(edges).map(|(a, b)| (bits(a), bits(b))).collect();
        all.sort_unstable();
        all
    }

    /// A checkerboard of labels 1 to `count` in pseudo-random order, the same on every machine.
    fn noise(side: usize, count: u32) -> Vec<u8> {
        let mut state = 12345_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (1 + (state >> 16) % count) as u8
        };
        (0..side * side).map(|_| next()).collect()
    }

    #[test]
    fn four_labels_that_meet_leave_no_point_inside() {
        let ids = [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4];
        let contours = trace(4, &ids, &ContourOptions::default());
        let all = merge_labels(&contours, &[1, 2, 3, 4]);
        assert_eq!((all.area(), all.count_rings()), (16.0, RingCounts { outer: 1, holes: 0 }));
        assert!(!all.points.contains(&Point::new(2.0, 2.0)));
        // Three of them pass the junction once, two opposite ones stay apart in it.
        let three = merge_labels(&contours, &[1, 2, 3]);
        assert_eq!((three.area(), three.ends.len()), (12.0, 1));
        assert_eq!(three.points.iter().filter(|p| **p == Point::new(2.0, 2.0)).count(), 1);
        assert_eq!(merge_labels(&contours, &[1, 4]).count_rings(), RingCounts { outer: 2, holes: 0 });
    }

    #[test]
    fn a_junction_where_the_merged_region_touches_itself_splits_its_ring() {
        // Label 3 is surrounded by 1 and 2, and touches the outside in one corner only.
        let ids = [0, 0, 1, 1, 1, 0, 0, 1, 3, 1, 2, 2, 3, 3, 1, 2, 2, 2, 1, 1];
        let contours = trace(5, &ids, &ContourOptions::default());
        let merged = merge_labels(&contours, &[1, 2]);
        for ring in merged.rings() {
            let mut points: Vec<_> = ring.iter().map(|&p| bits(p)).collect();
            points.sort_unstable();
            points.dedup();
            assert_eq!(points.len(), ring.len());
        }
        let area: f64 = contours.iter().filter(|(id, _)| *id < 3).map(|(_, polygons)| polygons.area()).sum();
        assert!((merged.area() - area).abs() < 1e-12);
    }

    #[test]
    fn a_hole_of_an_island_belongs_to_the_island() {
        // Rings around each other: 1 > 0 > 2 > 0, and one of label 3 that the outer ring swallows.
        let side = 15;
        let ids: Vec<u8> = (0..side * side)
            .map(|i| {
                let (x, y) = (i % side, i / side);
                let depth = x.min(y).min(side - 1 - x).min(side - 1 - y);
                [1, 3, 0, 2, 2, 0, 0, 0][depth]
            })
            .collect();
        let merged = merge_labels(&trace(side, &ids, &ContourOptions::default()), &[1, 2, 3]);
        let parts: Vec<_> = merged.parts().map(|part| part.len()).collect();
        assert_eq!(parts, [2, 2]);
        assert!(merged.parts().all(|part| part.iter().map(|ring| signed_area(ring)).sum::<f64>() > 0.0));
    }

    #[test]
    fn merged_noise_has_the_borders_of_its_members_and_their_curves() {
        let side = 60;
        let ids = noise(side, 5);
        let smooth = ContourOptions { tolerance: 0.5, curve: CurveKind::Smooth, ..Default::default() };
        let coarse = ContourOptions { tolerance: 3.0, ..Default::default() };
        for options in [ContourOptions::default(), smooth, coarse] {
            let contours = trace(side, &ids, &options);
            let merged = merge_labels(&contours, &[1, 2, 5]);
            // Borders to other labels are those of the members, bit for bit.
            let others = merge_labels(&contours, &[3, 4]);
            let inside = Rect::new(0.0, 0.0, side as f64, side as f64);
            let on_frame = |p: PointBits| {
                let (x, y) = (f64::from_bits(p.0), f64::from_bits(p.1));
                x == inside.x0 || x == inside.x1 || y == inside.y0 || y == inside.y1
            };
            let opposite = directed_edges(&others);
            for (a, b) in directed_edges(&merged) {
                let is_shared = opposite.binary_search(&(b, a)).is_ok();
                assert!(is_shared || (on_frame(a) && on_frame(b)));
            }
            let area: f64 = [1, 2, 5]
                .iter()
                .flat_map(|id| contours.iter().find(|(own, _)| own == id))
                .map(|(_, polygons)| polygons.area())
                .sum();
            assert!((merged.area() - area).abs() < 1e-6, "{} {area}", merged.area());
            // Clipping before and after the merge is the same area.
            let bounds = Rect::new(7.3, 11.1, 50.2, 44.4);
            let clipped: f64 = contours
                .iter()
                .filter(|(id, _)| [1, 2, 5].contains(id))
                .map(|(_, polygons)| clip(polygons, &bounds).area())
                .sum();
            assert!((clip(&merged, &bounds).area() - clipped).abs() < 1e-6);
        }
    }

    #[test]
    fn curves_of_remaining_borders_stay() {
        // A disk of two halves: the outer curve remains, the line between them vanishes.
        let side = 64;
        let ids: Vec<u8> = (0..side * side)
            .map(|i| {
                let (x, y) = ((i % side) as f64 - 31.5, (i / side) as f64 - 31.5);
                if x * x + y * y > 600.0 { 0 } else { 1 + u8::from(x + 0.3 * y > 0.0) }
            })
            .collect();
        let options = ContourOptions { tolerance: 0.5, curve: CurveKind::Smooth, ..Default::default() };
        let contours = trace(side, &ids, &options);
        let merged = merge_labels(&contours, &[1, 2]);
        assert_eq!(merged.ends.len(), 1);
        let all: Vec<_> = contours.iter().flat_map(|(_, polygons)| &polygons.curves).collect();
        assert!(merged.curves.len() >= 4 && merged.curves.len() < all.len());
        for curve in &merged.curves {
            assert!(all.iter().any(|own| own.controls == curve.controls && own.steps == curve.steps));
        }
    }

    #[test]
    fn members_that_do_not_touch_and_no_member_at_all() {
        let contours = trace(5, &[1, 0, 2, 0, 2], &ContourOptions::default());
        let merged = merge_labels(&contours, &[1, 2]);
        assert_eq!(merged.count_rings(), RingCounts { outer: 3, holes: 0 });
        assert_eq!(merge(&[]), Polygons::default());
    }
}
