//! How well points fit the mean face of a scheme, whatever their roll, scale and hand.
//!
//! The mean face gets a rough depth and is seen by a camera far away: image = A (x, y, z) + t, the eight numbers by
//! least squares. That takes in any turn, scale, mirror and a strong three-quarter view. Shuffled points leave almost
//! all of their spread unexplained, because eight numbers cannot place hundreds of points.

use super::scheme::LandmarkScheme;
use crate::geometry::Point;

/// Fewer points than this cannot pay for a depth column: it would explain anything.
const POINTS_FOR_DEPTH: usize = 19;

/// The best view of a scheme's mean face through given points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    /// Columns of A: where one eye distance right, down and forward goes, in pixels.
    columns: [Point; 3],
    template_centre: [f64; 3],
    centre: Point,
    /// Share of the points' spread that the view explains, at most 1.
    pub(super) explained: f64,
}

impl Fit {
    /// Fits the first `points.len()` points of the scheme's mean face. `None` when the points have no spread.
    pub(super) fn new(scheme: &LandmarkScheme, points: &[Point]) -> Option<Self> {
        let deep = points.len() >= POINTS_FOR_DEPTH;
        let template: Vec<_> = scheme.template.chunks_exact(2).map(|p| in_depth(p, deep)).collect();
        let template = template.get(..points.len())?;
        let n = points.len() as f64;
        let centre = points.iter().fold(Point::default(), |sum, &p| sum + p) * (1.0 / n);
        let template_centre = [0, 1, 2].map(|axis| template.iter().map(|t| t[axis]).sum::<f64>() / n);
        let (mut normal, mut right, mut spread) = ([[0.0; 3]; 3], [Point::default(); 3], 0.0);
        for (t, &p) in template.iter().zip(points) {
            let (t, p) = (difference(t, &template_centre), p - centre);
            for row in 0..3 {
                right[row] = right[row] + p * t[row];
                for column in 0..3 {
                    normal[row][column] += t[row] * t[column];
                }
            }
            spread += p.dot(p);
        }
        if !deep {
            normal[2][2] = 1.0;
        }
        let columns = solve(&normal, &right)?;
        let mut fit = Self { columns, template_centre, centre, explained: 0.0 };
        let rest: f64 = template.iter().zip(points).map(|(t, &p)| square(p - fit.place(t))).sum();
        fit.explained = 1.0 - rest / spread;
        // Also false for no spread, where the share is not a number.
        (fit.explained > 0.0).then_some(fit)
    }

    /// Where point (x, y, z) of the mean face lies in the image.
    fn place(&self, t: &[f64; 3]) -> Point {
        let d = difference(t, &self.template_centre);
        self.columns.iter().zip(d).fold(self.centre, |sum, (&column, x)| sum + column * x)
    }

    /// Where the view puts point `index` of the scheme.
    pub(super) fn expected(&self, scheme: &LandmarkScheme, index: usize) -> Option<Point> {
        let deep = self.columns[2] != Point::default();
        scheme.template.get(2 * index..2 * index + 2).map(|p| self.place(&in_depth(p, deep)))
    }

    /// The direction of the eye line in the view.
    pub(super) fn eye_line(&self) -> Point {
        self.columns[0]
    }

    /// Whether the view shows the mean face from behind, that is mirrored.
    pub(super) fn mirrored(&self) -> bool {
        self.columns[0].cross(self.columns[1]) < 0.0
    }

    /// The larger and the smaller stretch of the face's plane, pixels per eye distance.
    pub(super) fn stretches(&self) -> (f64, f64) {
        let [x, y, _] = self.columns;
        let (sum, product) = (square(x) + square(y), x.cross(y).abs());
        // Singular values of a 2 x 2 matrix from its Frobenius norm and determinant.
        let (plus, minus) = ((sum + 2.0 * product).sqrt(), (sum - 2.0 * product).max(0.0).sqrt());
        ((plus + minus) / 2.0, (plus - minus) / 2.0)
    }
}

fn square(p: Point) -> f64 {
    p.dot(p)
}

fn difference(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

/// A template point in eye distances, with a rough depth towards the viewer: a round head with a nose on it.
fn in_depth(p: &[i16], deep: bool) -> [f64; 3] {
    let (x, y) = (f64::from(p[0]) / 1000.0, f64::from(p[1]) / 1000.0);
    if !deep {
        return [x, y, 0.0];
    }
    let nose = (-(x / 0.22).powi(2) - ((y - 0.5) / 0.25).powi(2)).exp();
    [x, y, 0.4 * nose - 0.6 * x * x - 0.15 * (y - 0.4).powi(2)]
}

/// Solves the symmetric system by Cramer's rule, for x and y at once; `None` when it has no single solution.
fn solve(m: &[[f64; 3]; 3], right: &[Point; 3]) -> Option<[Point; 3]> {
    let minor = |r: usize, c: usize| {
        let (r1, r2, c1, c2) = ((r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3);
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    let det: f64 = (0..3).map(|c| m[0][c] * minor(0, c)).sum();
    let scale = m[0][0] * m[1][1] * m[2][2];
    if det.abs() <= 1e-12 * scale {
        return None;
    }
    let column = |i: usize| (0..3).fold(Point::default(), |sum, r| sum + right[r] * (minor(r, i) / det));
    Some([column(0), column(1), column(2)])
}
