//! A first look at an arc: its staircase smoothed, to see where the border turns and has corners.
//!
//! The smoothed arc has one vertex for each node of the lattice that the arc passes. It is the minimum of
//!
//! ```text
//! sum of |z(i) - middle(i)|^2  +  stiffness * sum of |z(i-1) - 2 z(i) + z(i+1)|^2
//! ```
//!
//! where `middle` is the middle of the traced border's chord through the node's cell: Whittaker, "On a new method of
//! graduation" (1922), in the penalised form of Eilers, "A perfect smoother" (2003), for both coordinates of a closed or
//! an open curve. The equations have five diagonals, so they are solved in time proportional to the arc's length.
//! Vertices that end up too far away are moved back, so that every one lies in its own cell within reach of the border.

use super::walk::Way;
use crate::geometry::Point;

/// The stiffness of an arc that is long enough for it. It halves waves of 35 nodes.
const STIFFNESS: f64 = 1000.0;
/// A weight that holds a vertex where it is.
const HELD: f64 = 1e9;

/// Smooths arcs, one after the other; holds what memory that needs.
#[derive(Default)]
pub(super) struct Smoother {
    /// The right side of the equations, and then their solution.
    solution: Vec<Point>,
    /// The factors of the equations: one over the diagonal, and the two diagonals below it.
    factors: Vec<[f64; 3]>,
}

impl Smoother {
    /// The smoothed vertices of an arc, one for each node, and by how much each had to be moved back, in pixels.
    pub(super) fn smooth(&mut self, way: &Way, smoothed: &mut Vec<Point>, strayed: &mut Vec<f64>) {
        let count = way.nodes.len();
        let around = count as f64 / (4.0 * std::f64::consts::PI);
        // A closed arc of few nodes would shrink to a point under the full stiffness.
        let stiffness = if way.closed { around.powi(4).min(STIFFNESS) } else { STIFFNESS };
        // A closed arc is unrolled, with more of itself at both ends: what lies two waves away has no influence to speak of.
        let wave = 2.0 * std::f64::consts::PI * stiffness.powf(0.25);
        let overlap = if way.closed { (2.0 * wave) as usize + 2 } else { 0 };
        self.solve(way, stiffness, overlap);
        smoothed.clear();
        strayed.clear();
        for (i, &vertex) in (0..count).zip(&self.solution[overlap..]) {
            let back = way.pulled_back(i, vertex);
            smoothed.push(back);
            let off = vertex - back;
            strayed.push(off.x.abs().max(off.y.abs()));
        }
        if !way.closed {
            smoothed[0] = way.nodes[0];
            smoothed[count - 1] = way.nodes[count - 1];
        }
    }

    fn solve(&mut self, way: &Way, stiffness: f64, overlap: usize) {
        let count = way.nodes.len();
        let all = count + 2 * overlap;
        self.factors.clear();
        self.solution.clear();
        // No second difference is taken at the ends.
        let stiff = |i: usize| if i == 0 || i + 1 >= all { 0.0 } else { stiffness };
        let (mut d1, mut d2, mut l1_before) = (1.0, 1.0, 0.0);
        let (mut y1, mut y2) = (Point::default(), Point::default());
        let mut node = (count - overlap % count) % count;
        for i in 0..all {
            let held = !way.closed && (i == 0 || i + 1 == all);
            let weight = if held { HELD } else { 1.0 };
            let (before, here, after) = (stiff(i.wrapping_sub(1).min(all)), stiff(i), stiff(i + 1));
            let beside = -2.0 * (before + here);
            let (l1, l2) = match i {
                0 => (0.0, 0.0),
                1 => (beside / d1, 0.0),
                _ => ((beside - before * l1_before) / d1, before / d2),
            };
            let d = weight + before + 4.0 * here + after - l1 * l1 * d1 - l2 * l2 * d2;
            let y = way.middle(node) * weight - y1 * l1 - y2 * l2;
            self.factors.push([1.0 / d, l1, l2]);
            self.solution.push(y);
            (d2, d1, l1_before, y2, y1) = (d1, d, l1, y1, y);
            node = if node + 1 == count { 0 } else { node + 1 };
        }
        // l1 of the node behind and l2 of the one behind that are the factors of their z.
        let (mut z1, mut z2, mut l1_behind, mut l2_behind, mut l2_next) =
            (Point::default(), Point::default(), 0.0, 0.0, 0.0);
        for (z, &[over_d, l1, l2]) in self.solution.iter_mut().zip(&self.factors).rev() {
            *z = *z * over_d - z1 * l1_behind - z2 * l2_behind;
            (z2, z1) = (z1, *z);
            (l1_behind, l2_behind, l2_next) = (l1, l2_next, l2);
        }
    }
}
