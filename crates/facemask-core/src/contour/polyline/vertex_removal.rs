//! Simplification beyond half a pixel of the map: vertices are removed one by one, where that moves no border over
//! another vertex.
//!
//! The removal of vertex b between a and c sweeps the triangle abc. If no other vertex lies in it, no other border
//! does: an edge through the triangle would have to cross ab or bc, or end inside. So no two borders come to cross, and
//! no part or hole changes sides. The least deviation goes first, as in Visvalingam & Whyatt, "Line generalisation by
//! repeated elimination of points" (1993), with the distance in place of the area.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

use super::point_grid::PointGrid;
use crate::contour::topology::ids::JunctionId;
use crate::geometry::{Point, Rect};

/// An arc as a polyline: its traced vertices and the indices of those that are kept.
pub(crate) struct ArcPolyline {
    /// All traced vertices. An open arc begins and ends in a junction.
    pub(crate) vertices: Vec<Point>,
    /// The indices of the kept vertices, in order.
    pub(crate) kept: Vec<u32>,
    /// Where the kept vertices have moved to; empty if none has.
    moved: Vec<Point>,
    /// Whether the last vertex joins the first.
    pub(crate) is_closed: bool,
    /// Whether all kept vertices stay, as along the frame.
    pub(crate) is_fixed: bool,
    /// The junctions at the ends of an open arc.
    pub(crate) junctions: [JunctionId; 2],
}

impl ArcPolyline {
    pub(crate) fn new(
        vertices: Vec<Point>,
        kept: Vec<u32>,
        is_closed: bool,
        is_fixed: bool,
        junctions: [JunctionId; 2],
    ) -> Self {
        Self { vertices, kept, moved: Vec::new(), is_closed, is_fixed, junctions }
    }

    /// The place of a kept vertex, by its position among them.
    pub(super) fn point(&self, position: usize) -> Point {
        self.moved.get(position).copied().unwrap_or_else(|| self.vertices[self.kept[position] as usize])
    }

    /// Moves a kept vertex.
    pub(super) fn set_point(&mut self, position: usize, point: Point) {
        if self.moved.is_empty() {
            self.moved.extend(self.kept.iter().map(|&i| self.vertices[i as usize]));
        }
        self.moved[position] = point;
    }

    /// Keeps the middle one of the traced vertices of a line, and moves it onto the line.
    pub(super) fn divide_line(&mut self) {
        let [a, b] = self.edge(0);
        let middle = self.vertices.len() / 2;
        let (line, offset) = (b - a, self.vertices[middle] - a);
        self.kept.insert(1, middle as u32);
        self.set_point(1, a + line * (offset.dot(line) / line.dot(line)).clamp(0.0, 1.0));
    }

    /// The places of the kept vertices.
    pub(crate) fn points(&self) -> impl Iterator<Item = Point> + '_ {
        (0..self.kept.len()).map(|position| self.point(position))
    }

    /// The number of edges between kept vertices.
    pub(super) fn edge_count(&self) -> usize {
        self.kept.len() - usize::from(!self.is_closed)
    }

    /// The edge from a kept vertex to the next.
    pub(super) fn edge(&self, position: usize) -> [Point; 2] {
        let next = if position + 1 == self.kept.len() { 0 } else { position + 1 };
        [self.point(position), self.point(next)]
    }

    /// The traced vertices from a kept one to the next, that included, in two parts.
    pub(super) fn traced_beside(&self, position: usize) -> [&[Point]; 2] {
        let from = self.kept[position] as usize;
        match self.kept.get(position + 1) {
            Some(&to) => [&self.vertices[from..=to as usize], &[]],
            None => [&self.vertices[from..], &self.vertices[..=self.kept[0] as usize]],
        }
    }

    /// The integral of x dy along the edges.
    pub(super) fn integral(&self) -> f64 {
        let edges = (0..self.edge_count()).map(|position| self.edge(position));
        edges.map(|[a, b]| (a.x + b.x) * 0.5 * (b.y - a.y)).sum()
    }
}

/// Removes vertices of all arcs, while every traced vertex stays within `tolerance` of its arc. Both lengths are
/// measured after scaling x and y by `scale`.
pub(crate) fn remove_vertices(arcs: &mut [ArcPolyline], scale: (f64, f64), tolerance: f64) {
    let mut decimation = Decimation::new(arcs, scale, tolerance);
    while let Some(candidate) = decimation.heap.pop() {
        decimation.try_remove(&candidate);
    }
    let Decimation { chains, .. } = decimation;
    for (arc, chain) in arcs.iter_mut().zip(chains) {
        arc.kept = chain.into_iter().filter(|vertex| vertex.is_kept).map(|vertex| vertex.index).collect();
    }
}

/// A vertex in the linked list of the kept vertices of an arc.
#[derive(Clone, Copy)]
struct ChainVertex {
    /// Its index among the traced vertices.
    index: u32,
    /// The positions in the chain of the kept vertices before and after it.
    before: u32,
    after: u32,
    is_kept: bool,
    /// The number of changes of its neighbors. A candidate of an older version is void.
    version: u32,
}

/// A vertex that may be removed, by arc and position in its chain.
struct Candidate {
    deviation: f64,
    arc: u32,
    position: u32,
    version: u32,
}

impl Ord for Candidate {
    /// The smallest deviation is the greatest, for the heap; then by position, so that the order is deterministic.
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .deviation
            .total_cmp(&self.deviation)
            .then((other.arc, other.position).cmp(&(self.arc, self.position)))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

/// The removal of vertices in progress.
struct Decimation<'a> {
    arcs: &'a [ArcPolyline],
    scale: (f64, f64),
    tolerance: f64,
    chains: Vec<Vec<ChainVertex>>,
    /// The number of kept vertices of each arc.
    kept_counts: Vec<usize>,
    /// Of each chain vertex, the convex hull of the traced vertices between it and the next kept one. The farthest of
    /// them from a line is a corner of the hull. Hulls have few corners: to measure all vertices again for each removal
    /// would take time quadratic in the length of the border.
    hulls: Vec<Vec<Vec<Point>>>,
    grid: PointGrid,
    /// The open arcs between each pair of junctions.
    arcs_between: HashMap<(JunctionId, JunctionId), Vec<u32>>,
    heap: BinaryHeap<Candidate>,
}

impl<'a> Decimation<'a> {
    fn new(arcs: &'a [ArcPolyline], scale: (f64, f64), tolerance: f64) -> Self {
        let max = Rect::around(arcs.iter().flat_map(|arc| &arc.vertices).copied())
            .map_or(Point::default(), |bounds| Point::new(bounds.x1, bounds.y1));
        let mut decimation = Self {
            arcs,
            scale,
            tolerance,
            chains: arcs.iter().map(link_chain).collect(),
            kept_counts: arcs.iter().map(|arc| arc.kept.len()).collect(),
            hulls: arcs.iter().map(hulls_between).collect(),
            grid: PointGrid::new(max),
            arcs_between: HashMap::new(),
            heap: BinaryHeap::new(),
        };
        for (i, arc) in arcs.iter().enumerate() {
            arc.kept.iter().for_each(|&vertex| decimation.grid.add(arc.vertices[vertex as usize]));
            if !arc.is_closed {
                decimation.arcs_between.entry(unordered(arc.junctions)).or_default().push(i as u32);
            }
            if !arc.is_fixed {
                (0..arc.kept.len() as u32).for_each(|position| decimation.push_candidate(i as u32, position));
            }
        }
        decimation
    }

    fn chain_vertex(&self, arc: u32, position: u32) -> ChainVertex {
        self.chains[arc as usize][position as usize]
    }

    fn point(&self, arc: u32, position: u32) -> Point {
        self.arcs[arc as usize].vertices[self.chain_vertex(arc, position).index as usize]
    }

    /// Pushes a vertex onto the heap if its removal keeps the tolerance.
    fn push_candidate(&mut self, arc: u32, position: u32) {
        let count = self.chains[arc as usize].len() as u32;
        if !self.arcs[arc as usize].is_closed && (position == 0 || position + 1 == count) {
            return;
        }
        if let Some(deviation) = self.deviation(arc, position) {
            let version = self.chain_vertex(arc, position).version;
            self.heap.push(Candidate { deviation, arc, position, version });
        }
    }

    /// The largest distance of the traced vertices between the neighbors of a vertex from the line that joins these, or
    /// `None` beyond the tolerance.
    fn deviation(&self, arc: u32, position: u32) -> Option<f64> {
        let ChainVertex { before, after, .. } = self.chain_vertex(arc, position);
        let scaled = |p: Point| Point::new(p.x * self.scale.0, p.y * self.scale.1);
        let (a, c) = (scaled(self.point(arc, before)), scaled(self.point(arc, after)));
        let hulls = &self.hulls[arc as usize];
        let between = hulls[before as usize].iter().chain(&hulls[position as usize]).copied();
        let mut farthest: f64 = 0.0;
        for p in between.chain([self.point(arc, position)]) {
            farthest = farthest.max(scaled(p).distance_to_segment(a, c));
            if farthest > self.tolerance {
                return None;
            }
        }
        Some(farthest)
    }

    /// Removes a vertex if its candidate is up to date and no other vertex lies in the triangle that the removal
    /// sweeps.
    fn try_remove(&mut self, candidate: &Candidate) {
        let (arc, position) = (candidate.arc, candidate.position);
        let ChainVertex { before, after, is_kept, version, .. } = self.chain_vertex(arc, position);
        if !is_kept || version != candidate.version || !self.stays_valid(arc, before, after) {
            return;
        }
        let (a, b, c) = (self.point(arc, before), self.point(arc, position), self.point(arc, after));
        if self.grid.has_point_in_triangle(a, b, c) {
            return;
        }
        self.grid.remove(b);
        let hulls = &mut self.hulls[arc as usize];
        let mut between = std::mem::take(&mut hulls[before as usize]);
        between.append(&mut hulls[position as usize]);
        between.push(b);
        hulls[before as usize] = convex_hull(between);
        self.kept_counts[arc as usize] -= 1;
        let chain = &mut self.chains[arc as usize];
        chain[position as usize].is_kept = false;
        chain[before as usize].after = after;
        chain[after as usize].before = before;
        for neighbor in [before, after] {
            self.chains[arc as usize][neighbor as usize].version += 1;
            self.push_candidate(arc, neighbor);
        }
    }

    /// Whether an arc without a vertex between two others still encloses an area together with its neighbors.
    fn stays_valid(&self, arc: u32, before: u32, after: u32) -> bool {
        let polyline = &self.arcs[arc as usize];
        let left = self.kept_counts[arc as usize] - 1;
        if polyline.is_closed {
            return left >= 3;
        }
        if polyline.junctions[0] == polyline.junctions[1] {
            return left >= 4;
        }
        // Two straight arcs between the same junctions would coincide.
        let is_other_line = |&other: &u32| other != arc && self.kept_counts[other as usize] == 2;
        let is_line = left == 2 && before != after;
        let between = self.arcs_between.get(&unordered(polyline.junctions));
        !is_line || !between.is_some_and(|arcs| arcs.iter().any(is_other_line))
    }
}

/// A pair of junctions in ascending order.
fn unordered([a, b]: [JunctionId; 2]) -> (JunctionId, JunctionId) {
    (a.min(b), a.max(b))
}

/// The linked list of the kept vertices of an arc.
fn link_chain(arc: &ArcPolyline) -> Vec<ChainVertex> {
    let count = arc.kept.len() as u32;
    let link = |(i, &index): (usize, &u32)| {
        let i = i as u32;
        let (before, after) = ((i + count - 1) % count, (i + 1) % count);
        ChainVertex { index, before, after, is_kept: true, version: 0 }
    };
    arc.kept.iter().enumerate().map(link).collect()
}

/// Of each kept vertex, the hull of the vertices between it and the next one.
fn hulls_between(arc: &ArcPolyline) -> Vec<Vec<Point>> {
    let (vertices, kept) = (&arc.vertices, &arc.kept);
    // Most arcs of noise are a straight line between two junctions, which has no vertex to remove.
    if arc.is_fixed || (!arc.is_closed && kept.len() <= 2) {
        return Vec::new();
    }
    let between = |(i, &from): (usize, &u32)| match kept.get(i + 1) {
        Some(&to) => vertices[from as usize + 1..to as usize].to_vec(),
        None => [&vertices[from as usize + 1..], &vertices[..kept[0] as usize]].concat(),
    };
    kept.iter().enumerate().map(|vertex| convex_hull(between(vertex))).collect()
}

/// The corners of the convex hull of some points, in any order. (Andrew, "Another efficient algorithm for convex hulls
/// in two dimensions", 1979.)
fn convex_hull(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_unstable_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let mut corners: Vec<Point> = Vec::new();
    let mut push_chain = |chain: &mut dyn Iterator<Item = &Point>| {
        let first = corners.len();
        for &p in chain {
            while let [.., a, b] = corners[first..]
                && (b - a).cross(p - b) <= 0.0
            {
                corners.pop();
            }
            corners.push(p);
        }
        // The last point begins the other chain.
        corners.pop();
    };
    push_chain(&mut points.iter());
    push_chain(&mut points.iter().rev());
    corners
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polyline(vertices: &[(f64, f64)], junctions: [usize; 2]) -> ArcPolyline {
        let vertices: Vec<_> = vertices.iter().map(|&(x, y)| Point::new(x, y)).collect();
        let kept = (0..vertices.len() as u32).collect();
        let junctions = junctions.map(JunctionId::new);
        ArcPolyline::new(vertices, kept, false, false, junctions)
    }

    #[test]
    fn an_island_is_not_passed_over() {
        let line = polyline(&[(0.0, 0.0), (5.0, 2.0), (10.0, 0.0)], [0, 1]);
        let mut island = polyline(&[(4.8, 0.9), (5.2, 0.9), (5.0, 1.1)], [0, 0]);
        island.is_closed = true;
        let mut alone = [line];
        remove_vertices(&mut alone, (1.0, 1.0), 3.0);
        assert_eq!(alone[0].kept, [0, 2]);
        let [line] = alone;
        let mut both = [ArcPolyline { kept: vec![0, 1, 2], ..line }, island];
        remove_vertices(&mut both, (1.0, 1.0), 3.0);
        assert_eq!(both[0].kept, [0, 1, 2]);
    }

    #[test]
    fn two_arcs_between_the_same_junctions_never_become_one_line() {
        let mut arcs = [
            polyline(&[(0.0, 0.0), (5.0, 1.0), (10.0, 0.0)], [0, 1]),
            polyline(&[(10.0, 0.0), (5.0, -1.0), (0.0, 0.0)], [1, 0]),
        ];
        remove_vertices(&mut arcs, (1.0, 1.0), 5.0);
        assert_eq!(arcs.iter().map(|arc| arc.kept.len()).sum::<usize>(), 5);
    }

    #[test]
    fn a_long_zigzag_takes_no_longer_than_its_length() {
        // Every tooth deviates alike, so the first arc grows tooth by tooth: minutes, if each step measured all
        // vertices.
        let teeth: Vec<_> = (0..30_000).map(|i| (f64::from(i), f64::from(i % 2) * 4.0)).collect();
        let mut arcs = [polyline(&teeth, [0, 1])];
        remove_vertices(&mut arcs, (1.0, 1.0), 20.0);
        assert_eq!(arcs[0].kept, [0, 29_999]);
    }
}
