//! Simplification beyond half a pixel of the map: vertices are taken away one by one where that moves no border over
//! another vertex.
//!
//! Taking away vertex b between a and c sweeps the triangle abc. If no other vertex lies in it, no other border can:
//! an edge through the triangle would have to cross ab or bc, or end inside. So no two borders come to cross, and no part
//! or hole changes sides. The least deviation goes first, as in Visvalingam & Whyatt, "Line generalisation by repeated
//! elimination of points" (1993), with the distance in place of the area.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

use super::point_grid::Grid;
use crate::geometry::{Point, Rect};

/// An arc to coarsen: its traced vertices and the numbers of those that are kept.
pub(crate) struct Outline {
    /// All vertices; an open arc begins and ends in a junction.
    pub(crate) points: Vec<Point>,
    /// The numbers of the kept vertices, in order.
    pub(crate) kept: Vec<u32>,
    /// Whether the last vertex joins the first.
    pub(crate) closed: bool,
    /// Whether the arc may lose vertices; those along the frame may not.
    pub(crate) fixed: bool,
    /// The junctions at the ends of an open arc.
    pub(crate) ends: (u32, u32),
}

/// Takes away vertices of all arcs while every traced vertex stays within `tolerance` of its arc, both measured after
/// scaling x and y by `scale`.
pub(crate) fn coarsen(outlines: &mut [Outline], scale: (f64, f64), tolerance: f64) {
    let mut work = Work::new(outlines, scale, tolerance);
    while let Some(candidate) = work.heap.pop() {
        work.try_remove(&candidate);
    }
    let Work { chains, .. } = work;
    for (outline, chain) in outlines.iter_mut().zip(chains) {
        outline.kept = chain.into_iter().filter(|link| link.alive).map(|link| link.vertex).collect();
    }
}

/// A kept vertex and its kept neighbours along the arc.
#[derive(Clone, Copy)]
struct Link {
    vertex: u32,
    before: u32,
    after: u32,
    alive: bool,
    /// Counts the changes of its neighbours: an older candidate in the heap is void.
    age: u32,
}

struct Candidate {
    deviation: f64,
    arc: u32,
    link: u32,
    age: u32,
}

impl Ord for Candidate {
    /// The smallest deviation is the greatest, for the heap; then by place, so that the order never depends on chance.
    fn cmp(&self, other: &Self) -> Ordering {
        other.deviation.total_cmp(&self.deviation).then((other.arc, other.link).cmp(&(self.arc, self.link)))
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

struct Work<'a> {
    outlines: &'a [Outline],
    scale: (f64, f64),
    tolerance: f64,
    chains: Vec<Vec<Link>>,
    alive: Vec<usize>,
    /// Of each link, the hull of the traced vertices between it and the next one: the farthest from any line is a corner of
    /// it, and a hull has few corners however long the border is. (Looking at all of them again for each vertex that goes
    /// takes time with the square of a border's length.)
    hulls: Vec<Vec<Vec<Point>>>,
    grid: Grid,
    /// The arcs between each pair of junctions.
    between: HashMap<(u32, u32), Vec<u32>>,
    heap: BinaryHeap<Candidate>,
}

impl<'a> Work<'a> {
    fn new(outlines: &'a [Outline], scale: (f64, f64), tolerance: f64) -> Self {
        let far = Rect::around(outlines.iter().flat_map(|outline| &outline.points).copied())
            .map_or(Point::default(), |bounds| Point::new(bounds.x1, bounds.y1));
        let mut work = Self {
            outlines,
            scale,
            tolerance,
            chains: outlines.iter().map(chain).collect(),
            alive: outlines.iter().map(|outline| outline.kept.len()).collect(),
            hulls: outlines.iter().map(hulls).collect(),
            grid: Grid::new(far),
            between: HashMap::new(),
            heap: BinaryHeap::new(),
        };
        for (number, outline) in outlines.iter().enumerate() {
            outline.kept.iter().for_each(|&vertex| work.grid.add(outline.points[vertex as usize]));
            if !outline.closed {
                work.between.entry(pair(outline.ends)).or_default().push(number as u32);
            }
            if !outline.fixed {
                (0..outline.kept.len() as u32).for_each(|link| work.consider(number as u32, link));
            }
        }
        work
    }

    fn at(&self, arc: u32, link: u32) -> Point {
        self.outlines[arc as usize].points[self.chains[arc as usize][link as usize].vertex as usize]
    }

    /// Puts a vertex into the heap if its removal keeps the tolerance.
    fn consider(&mut self, arc: u32, link: u32) {
        let outline = &self.outlines[arc as usize];
        let count = self.chains[arc as usize].len() as u32;
        if !outline.closed && (link == 0 || link + 1 == count) {
            return;
        }
        let Link { before, after, age, .. } = self.chains[arc as usize][link as usize];
        if let Some(deviation) = self.deviation(arc, link, (before, after)) {
            self.heap.push(Candidate { deviation, arc, link, age });
        }
    }

    /// How far the traced vertices between a link's neighbours are from the line that joins these, or `None` if too far.
    fn deviation(&self, arc: u32, link: u32, (before, after): (u32, u32)) -> Option<f64> {
        let scaled = |p: Point| Point::new(p.x * self.scale.0, p.y * self.scale.1);
        let (a, c) = (scaled(self.at(arc, before)), scaled(self.at(arc, after)));
        let hulls = &self.hulls[arc as usize];
        let between = hulls[before as usize].iter().chain(&hulls[link as usize]).copied();
        let mut farthest: f64 = 0.0;
        for p in between.chain([self.at(arc, link)]) {
            farthest = farthest.max(scaled(p).distance_to_segment(a, c));
            if farthest > self.tolerance {
                return None;
            }
        }
        Some(farthest)
    }

    fn try_remove(&mut self, candidate: &Candidate) {
        let (arc, link) = (candidate.arc, candidate.link);
        let Link { before, after, alive, age, .. } = self.chains[arc as usize][link as usize];
        if !alive || age != candidate.age || !self.leaves_a_border(arc, before, after) {
            return;
        }
        let (a, b, c) = (self.at(arc, before), self.at(arc, link), self.at(arc, after));
        if self.grid.any_in_triangle(a, b, c) {
            return;
        }
        self.grid.remove(b);
        let hulls = &mut self.hulls[arc as usize];
        let mut between = std::mem::take(&mut hulls[before as usize]);
        between.append(&mut hulls[link as usize]);
        between.push(b);
        hulls[before as usize] = hull(between);
        self.alive[arc as usize] -= 1;
        let chain = &mut self.chains[arc as usize];
        chain[link as usize].alive = false;
        chain[before as usize].after = after;
        chain[after as usize].before = before;
        for neighbour in [before, after] {
            self.chains[arc as usize][neighbour as usize].age += 1;
            self.consider(arc, neighbour);
        }
    }

    /// Whether the arc without this vertex still encloses something together with its neighbours.
    fn leaves_a_border(&self, arc: u32, before: u32, after: u32) -> bool {
        let outline = &self.outlines[arc as usize];
        let left = self.alive[arc as usize] - 1;
        if outline.closed {
            return left >= 3;
        }
        if outline.ends.0 == outline.ends.1 {
            return left >= 4;
        }
        // Two straight arcs between the same junctions would be the same line.
        let straight = |&other: &u32| other != arc && self.alive[other as usize] == 2;
        let last_inner = left == 2 && before != after;
        !last_inner || !self.between.get(&pair(outline.ends)).is_some_and(|arcs| arcs.iter().any(straight))
    }
}

fn pair((a, b): (u32, u32)) -> (u32, u32) {
    (a.min(b), a.max(b))
}

fn chain(outline: &Outline) -> Vec<Link> {
    let count = outline.kept.len() as u32;
    let link = |(i, &vertex): (usize, &u32)| {
        let i = i as u32;
        Link { vertex, before: (i + count - 1) % count, after: (i + 1) % count, alive: true, age: 0 }
    };
    outline.kept.iter().enumerate().map(link).collect()
}

/// Of each kept vertex, the hull of those between it and the next.
fn hulls(outline: &Outline) -> Vec<Vec<Point>> {
    let (points, kept) = (&outline.points, &outline.kept);
    // Most arcs of noise join two junctions by a straight line: nothing to take away, and nothing to keep in memory.
    if outline.fixed || (!outline.closed && kept.len() <= 2) {
        return Vec::new();
    }
    let between = |(i, &from): (usize, &u32)| match kept.get(i + 1) {
        Some(&to) => points[from as usize + 1..to as usize].to_vec(),
        None => [&points[from as usize + 1..], &points[..kept[0] as usize]].concat(),
    };
    kept.iter().enumerate().map(|link| hull(between(link))).collect()
}

/// The corners of the convex hull of some points, in any order.
fn hull(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_unstable_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let mut corners: Vec<Point> = Vec::new();
    let mut chain = |along: &mut dyn Iterator<Item = &Point>| {
        let first = corners.len();
        for &p in along {
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
    chain(&mut points.iter());
    chain(&mut points.iter().rev());
    corners
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(points: &[(f64, f64)], ends: (u32, u32)) -> Outline {
        let points: Vec<_> = points.iter().map(|&(x, y)| Point::new(x, y)).collect();
        let kept = (0..points.len() as u32).collect();
        Outline { points, kept, closed: false, fixed: false, ends }
    }

    #[test]
    fn an_island_is_not_passed_over() {
        let line = outline(&[(0.0, 0.0), (5.0, 2.0), (10.0, 0.0)], (0, 1));
        let mut island = outline(&[(4.8, 0.9), (5.2, 0.9), (5.0, 1.1)], (0, 0));
        island.closed = true;
        let mut alone = [line];
        coarsen(&mut alone, (1.0, 1.0), 3.0);
        assert_eq!(alone[0].kept, [0, 2]);
        let [line] = alone;
        let mut both = [Outline { kept: vec![0, 1, 2], ..line }, island];
        coarsen(&mut both, (1.0, 1.0), 3.0);
        assert_eq!(both[0].kept, [0, 1, 2]);
    }

    #[test]
    fn two_arcs_between_the_same_junctions_never_become_one_line() {
        let mut arcs = [
            outline(&[(0.0, 0.0), (5.0, 1.0), (10.0, 0.0)], (0, 1)),
            outline(&[(10.0, 0.0), (5.0, -1.0), (0.0, 0.0)], (1, 0)),
        ];
        coarsen(&mut arcs, (1.0, 1.0), 5.0);
        assert_eq!(arcs.iter().map(|arc| arc.kept.len()).sum::<usize>(), 5);
    }
    #[test]
    fn a_long_zigzag_takes_no_longer_than_its_length() {
        // Every tooth deviates alike, so the first arc grows tooth by tooth: minutes if all its vertices were looked at each time.
        let teeth: Vec<_> = (0..30_000).map(|i| (f64::from(i), f64::from(i % 2) * 4.0)).collect();
        let mut arcs = [outline(&teeth, (0, 1))];
        coarsen(&mut arcs, (1.0, 1.0), 20.0);
        assert_eq!(arcs[0].kept, [0, 29_999]);
    }
}
