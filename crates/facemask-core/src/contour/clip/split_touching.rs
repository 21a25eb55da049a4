//! Rings that touch themselves or each other, joined anew.
//!
//! Where a hole touches its outer ring in a junction, cutting the hole open makes one ring that passes the junction
//! twice; where it touches a second hole that is cut too, the ring falls into two parts there. So at every point that is
//! passed more than once the ways through it are chosen again, by the rule of the tracing: keep to the region's own
//! corner. Then rings are split where they come back to a point.

use std::collections::HashMap;
use std::f64::consts::TAU;

use crate::geometry::Point;

/// The rings of one region, none of which touches itself. Only points can be told to touch, not a point and an edge.
pub(crate) fn untangle(rings: Vec<Vec<Point>>) -> Vec<Vec<Point>> {
    let mut visits: HashMap<(u64, u64), Vec<usize>> = HashMap::new();
    for (number, p) in rings.iter().flatten().enumerate() {
        // Adding zero makes one zero of the two.
        visits.entry(((p.x + 0.0).to_bits(), (p.y + 0.0).to_bits())).or_default().push(number);
    }
    visits.retain(|_, visits| visits.len() > 1);
    if visits.is_empty() {
        return rings;
    }
    let mut walk = Walk::new(&rings);
    for visits in visits.values() {
        visits.iter().for_each(|&visit| walk.place[visit] = visits[0]);
        walk.turn(visits);
    }
    walk.rings()
}

struct Walk {
    points: Vec<Point>,
    /// The points before and after each one.
    before: Vec<usize>,
    after: Vec<usize>,
    /// Where the way goes on that arrives at a point: the number of that point, or of another in its place.
    through: Vec<usize>,
    /// One number for all points in one place.
    place: Vec<usize>,
}

impl Walk {
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
        Self { points, before, after, through: itself.clone(), place: itself }
    }

    /// Chooses the ways through one place: whoever arrives takes the first way out, counterclockwise on screen from where
    /// it came, since the region lies to its right.
    fn turn(&mut self, visits: &[usize]) {
        let angle = |from: usize, to: usize| {
            let way = self.points[to] - self.points[from];
            way.y.atan2(way.x)
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
        let mut each_once = chosen.clone();
        each_once.sort_unstable();
        each_once.dedup();
        // Edges that lie on each other, which only rounding can make, leave the ways as they were.
        if each_once.len() == visits.len() {
            visits.iter().zip(chosen).for_each(|(&visit, out)| self.through[visit] = out);
        }
    }

    /// Walks all ways, and splits off a ring whenever the walk comes back to a place.
    fn rings(&self) -> Vec<Vec<Point>> {
        let count = self.points.len();
        let (mut used, mut depth) = (vec![false; count], vec![usize::MAX; count]);
        let (mut stack, mut rings): (Vec<usize>, _) = (Vec::new(), Vec::new());
        for start in 0..count {
            let mut at = start;
            while !used[at] {
                used[at] = true;
                depth[self.place[at]] = stack.len();
                stack.push(at);
                let arrived = self.after[at];
                let first = depth[self.place[arrived]];
                if first < stack.len() {
                    rings.push(
                        stack
                            .drain(first..)
                            .map(|i| {
                                depth[self.place[i]] = usize::MAX;
                                self.points[i]
                            })
                            .collect(),
                    );
                }
                at = self.through[arrived];
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
        let mut areas: Vec<f64> = untangle(rings).iter().map(|ring| signed_area(ring)).collect();
        areas.sort_by(f64::total_cmp);
        areas
    }

    #[test]
    fn rings_that_do_not_touch_stay() {
        let rings =
            vec![ring(&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0)]), ring(&[(9.0, 0.0), (9.5, 0.0), (9.0, 1.0)])];
        assert_eq!(untangle(rings.clone()), rings);
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
