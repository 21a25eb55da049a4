//! Rings that touch themselves or each other, split into rings that do not.
//!
//! A hole may touch its outer ring in a junction. If clipping opens the hole, one ring passes the junction twice; if
//! the hole also touches a second one that is opened, the part falls into two there. So at every point that is passed
//! more than once, the paths through it are chosen again by the rule of tracing: each keeps to the region's own corner.
//! Then rings are split where they come back to a point.

use std::f64::consts::TAU;

use crate::geometry::{Point, PointIds};

/// Splits the rings of one region so that none touches itself. Only common points count, not a point on an edge.
pub(crate) fn split_at_touching_points(rings: Vec<Vec<Point>>) -> Vec<Vec<Point>> {
    let points: usize = rings.iter().map(Vec::len).sum();
    let mut ids = PointIds::with_capacity(points);
    // Adding zero turns a negative zero into a positive one.
    let id_of = |p: &Point| ids.insert([(p.x + 0.0).to_bits(), (p.y + 0.0).to_bits()]);
    let point_ids: Vec<u32> = rings.iter().flatten().map(id_of).collect();
    if ids.len() == points {
        return rings;
    }
    let mut visits: Vec<Vec<usize>> = vec![Vec::new(); ids.len()];
    for (i, &id) in point_ids.iter().enumerate() {
        visits[id as usize].push(i);
    }
    let mut graph = TouchGraph::new(&rings);
    for visits in visits.iter().filter(|visits| visits.len() > 1) {
        visits.iter().for_each(|&visit| graph.position[visit] = visits[0]);
        graph.relink(visits);
    }
    graph.trace_rings()
}

/// The points of all rings, linked into paths.
struct TouchGraph {
    points: Vec<Point>,
    /// The points before and after each one in its ring.
    before: Vec<usize>,
    after: Vec<usize>,
    /// Where a path that arrives at a point goes on: at that point, or at another one in the same position.
    outgoing: Vec<usize>,
    /// One number for all points in the same position.
    position: Vec<usize>,
}

impl TouchGraph {
    fn new(rings: &[Vec<Point>]) -> Self {
        let points: Vec<Point> = rings.iter().flatten().copied().collect();
        let itself: Vec<usize> = (0..points.len()).collect();
        let (mut before, mut after) = (itself.clone(), itself.clone());
        let mut first = 0;
        for ring in rings {
            for i in 0..ring.len() {
                let next = (i + 1) % ring.len();
                after[first + i] = first + next;
                before[first + next] = first + i;
            }
            first += ring.len();
        }
        Self { points, before, after, outgoing: itself.clone(), position: itself }
    }

    /// Links the paths through one position: each takes the first way out, counterclockwise on screen from where it
    /// came, since the region lies to its right.
    fn relink(&mut self, visits: &[usize]) {
        let angle = |from: usize, to: usize| {
            let vector = self.points[to] - self.points[from];
            vector.y.atan2(vector.x)
        };
        let chosen: Vec<usize> = visits
            .iter()
            .map(|&visit| {
                let back = angle(visit, self.before[visit]);
                let turn = |out: usize| match (back - angle(out, self.after[out])).rem_euclid(TAU) {
                    0.0 => TAU,
                    turn => turn,
                };
                visits.iter().copied().min_by(|&a, &b| turn(a).total_cmp(&turn(b))).unwrap_or(visit)
            })
            .collect();
        let mut distinct = chosen.clone();
        distinct.sort_unstable();
        distinct.dedup();
        // Edges that coincide, which only rounding can produce, leave the paths as they were.
        if distinct.len() == visits.len() {
            visits.iter().zip(chosen).for_each(|(&visit, out)| self.outgoing[visit] = out);
        }
    }

    /// Traces all paths, and splits off a ring whenever a path comes back to a position.
    fn trace_rings(&self) -> Vec<Vec<Point>> {
        let count = self.points.len();
        let (mut is_used, mut depth) = (vec![false; count], vec![usize::MAX; count]);
        let (mut stack, mut rings): (Vec<usize>, _) = (Vec::new(), Vec::new());
        for start in 0..count {
            let mut at = start;
            while !is_used[at] {
                is_used[at] = true;
                depth[self.position[at]] = stack.len();
                stack.push(at);
                let arrival = self.after[at];
                let first = depth[self.position[arrival]];
                if first < stack.len() {
                    let ring = stack.drain(first..).map(|i| {
                        depth[self.position[i]] = usize::MAX;
                        self.points[i]
                    });
                    rings.push(ring.collect());
                }
                at = self.outgoing[arrival];
            }
        }
        rings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::signed_area;

    fn ring(points: &[(f64, f64)]) -> Vec<Point> {
        points.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    fn areas(rings: Vec<Vec<Point>>) -> Vec<f64> {
        let mut areas: Vec<f64> =
            split_at_touching_points(rings).iter().map(|ring| signed_area(ring)).collect();
        areas.sort_by(f64::total_cmp);
        areas
    }

    #[test]
    fn rings_that_do_not_touch_stay() {
        let rings =
            vec![ring(&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0)]), ring(&[(9.0, 0.0), (9.5, 0.0), (9.0, 1.0)])];
        assert_eq!(split_at_touching_points(rings.clone()), rings);
    }

    #[test]
    fn a_ring_that_passes_a_point_twice_is_split() {
        // A square with a bite from the top that reaches the bottom in one point.
        let bitten = ring(&[
            (0.0, 0.0),
            (1.0, 0.0),
            (2.0, 4.0),
            (3.0, 0.0),
            (4.0, 0.0),
            (4.0, 4.0),
            (2.0, 4.0),
            (0.0, 4.0),
        ]);
        assert_eq!(areas(vec![bitten]), [6.0, 6.0]);
        // One with a hole that hangs from the top.
        let hung = ring(&[
            (0.0, 0.0),
            (2.0, 0.0),
            (1.0, 2.0),
            (3.0, 2.0),
            (2.0, 0.0),
            (4.0, 0.0),
            (4.0, 4.0),
            (0.0, 4.0),
        ]);
        assert_eq!(areas(vec![hung]), [-2.0, 16.0]);
    }

    #[test]
    fn a_hole_between_two_bites_parts_the_region() {
        let bitten = ring(&[
            (0.0, 0.0),
            (1.0, 0.0),
            (2.0, 1.0),
            (3.0, 0.0),
            (4.0, 0.0),
            (4.0, 4.0),
            (3.0, 4.0),
            (2.0, 3.0),
            (1.0, 4.0),
            (0.0, 4.0),
        ]);
        let hole = ring(&[(2.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 2.0)]);
        assert_eq!(areas(vec![bitten, hole]), [6.0, 6.0]);
    }
}
