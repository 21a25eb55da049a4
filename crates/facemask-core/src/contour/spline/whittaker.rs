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

use crate::contour::corridor::arc_steps::ArcCorridor;
use crate::geometry::Point;

/// The stiffness of an arc that is long enough for it. It halves waves of 35 nodes.
const STIFFNESS: f64 = 1000.0;
/// A weight that holds a vertex where it is.
const HELD: f64 = 1e9;
/// How little a factor changes, in parts of itself, where it is taken for settled.
const SETTLED: f64 = 1e-15;

/// Smooths arcs, one after the other; holds what memory that needs.
#[derive(Default)]
pub(crate) struct Smoother {
    /// The right side of the equations, and then their solution.
    solution: Vec<Point>,
    /// The factors of the equations, row by row.
    factors: Vec<Factor>,
    /// The factors under the full stiffness up to where they stay the same: of open arcs, and of closed ones.
    known: [Vec<Factor>; 2],
}

/// A row of the factors: its diagonal, one over it, and the two entries before it.
#[derive(Clone, Copy, Default)]
struct Factor {
    own: f64,
    over: f64,
    one: f64,
    two: f64,
}

impl Factor {
    /// The factor after `last`: of row `i` with a weight, and the stiffness of the second differences about the rows before,
    /// here, and after.
    fn after(last: &[Self], weight: f64, [before, here, after]: [f64; 3]) -> Self {
        let beside = -2.0 * (before + here);
        let (one, two, less) = match last {
            [] => (0.0, 0.0, 0.0),
            [first] => (beside * first.over, 0.0, 0.0),
            [.., other, last] => {
                let (one, two) = ((beside - before * last.one) * last.over, before * other.over);
                (one, two, two * two * other.own)
            }
        };
        let own = weight + before + 4.0 * here + after
            - last.last().map_or(0.0, |last| one * one * last.own)
            - less;
        Self { own, over: 1.0 / own, one, two }
    }
}

impl Smoother {
    /// The smoothed vertices of an arc, one for each node, and by how much each had to be moved back, in pixels.
    pub(crate) fn smooth(&mut self, way: &ArcCorridor, smoothed: &mut Vec<Point>, strayed: &mut Vec<f64>) {
        let count = way.nodes.len();
        let around = count as f64 / (4.0 * std::f64::consts::PI);
        // A closed arc of few nodes would shrink to a point under the full stiffness.
        let stiffness = if way.is_closed { around.powi(4).min(STIFFNESS) } else { STIFFNESS };
        // A closed arc is unrolled, with more of itself at both ends: what lies two waves away has no influence to speak of.
        let wave = 2.0 * std::f64::consts::PI * stiffness.powf(0.25);
        let overlap = if way.is_closed { (2.0 * wave) as usize + 2 } else { 0 };
        self.factor(way.is_closed, stiffness, count + 2 * overlap);
        self.solve(way, overlap);
        smoothed.clear();
        strayed.clear();
        for (i, &vertex) in (0..count).zip(&self.solution[overlap..]) {
            let back = way.clamp_to_cell(i, vertex);
            smoothed.push(back);
            let off = vertex - back;
            strayed.push(off.x.abs().max(off.y.abs()));
        }
        if !way.is_closed {
            smoothed[0] = way.nodes[0];
            smoothed[count - 1] = way.nodes[count - 1];
        }
    }

    /// Factors the equations of so many rows. Most of them are the same for all arcs.
    fn factor(&mut self, closed: bool, stiffness: f64, rows: usize) {
        // No second difference is taken at the ends; those of an open arc are held.
        let held = |i: usize| if !closed && (i == 0 || i + 1 == rows) { HELD } else { 1.0 };
        let stiff = |i: usize| if i == 0 || i + 1 >= rows { 0.0 } else { stiffness };
        self.factors.clear();
        if stiffness == STIFFNESS {
            let known = &mut self.known[usize::from(closed)];
            while known.len() < 3
                || (known[known.len() - 1].own / known[known.len() - 2].own - 1.0).abs() > SETTLED
            {
                let at = known.len();
                let stiff = |i: usize| if i == 0 { 0.0 } else { stiffness };
                let around = [if at == 0 { 0.0 } else { stiff(at - 1) }, stiff(at), stiff(at + 1)];
                known.push(Factor::after(known, if at == 0 { held(0) } else { 1.0 }, around));
            }
            let alike = rows.saturating_sub(2);
            self.factors.extend(known.iter().take(alike));
            self.factors.resize(alike, known[known.len() - 1]);
        }
        for i in self.factors.len()..rows {
            let around = [if i == 0 { 0.0 } else { stiff(i - 1) }, stiff(i), stiff(i + 1)];
            self.factors.push(Factor::after(&self.factors, held(i), around));
        }
    }

    /// Solves the factored equations, of which `overlap` belong to the other end of a closed arc on either side.
    fn solve(&mut self, way: &ArcCorridor, overlap: usize) {
        let (count, rows) = (way.nodes.len(), self.factors.len());
        let (mut one, mut two) = (Point::default(), Point::default());
        let mut node = (count - overlap % count) % count;
        self.solution.clear();
        for (i, factor) in self.factors.iter().enumerate() {
            let held = !way.is_closed && (i == 0 || i + 1 == rows);
            let middle = if held { way.nodes[node] * HELD } else { way.chord_midpoint(node) };
            (two, one) = (one, middle - two * factor.two - one * factor.one);
            self.solution.push(one);
            node = if node + 1 == count { 0 } else { node + 1 };
        }
        // A row's entries stand in the two rows behind it.
        let (mut one, mut two) = (Point::default(), Point::default());
        let (mut behind, mut next) = (Factor::default(), Factor::default());
        for (value, &factor) in self.solution.iter_mut().zip(&self.factors).rev() {
            (two, one) = (one, *value * factor.over - two * next.two - one * behind.one);
            *value = one;
            (next, behind) = (behind, factor);
        }
    }
}
