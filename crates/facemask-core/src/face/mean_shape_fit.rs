//! Weak-perspective fit of the mean shape of a scheme to points, independent of roll, scale and mirroring.
//!
//! The mean shape gets an approximate depth and is viewed by a distant camera: image = A (x, y, z) + t. Least squares
//! yields the eight parameters. They cover any rotation, scale and reflection, and a strong three-quarter view.
//! Shuffled points leave nearly all of their variance unexplained, because eight parameters cannot place hundreds of
//! points.

use super::scheme::LandmarkScheme;
use crate::geometry::Point;

/// The number of points from which depth is fitted. With fewer points a depth column would explain any arrangement.
const MIN_POINTS_FOR_DEPTH: usize = 19;

/// A vector of the mean shape's frame, in eye distances: x to the subject's left, y down, z towards the camera.
type Vector3 = [f64; 3];

/// The view of a scheme's mean shape that fits given points best in the least-squares sense.
#[derive(Clone, Debug)]
pub(super) struct MeanShapeFit {
    /// The columns of A: the image, in pixels, of one eye distance along x, y and z.
    columns: [Point; 3],
    shape_centroid: Vector3,
    image_centroid: Point,
    /// The explained variance: the fraction of the points' variance that the view accounts for, at most 1.
    pub(super) explained_variance: f64,
    /// The images of the scheme's points, one for each given point.
    pub(super) fitted: Vec<Point>,
}

impl MeanShapeFit {
    /// Fits the first `points.len()` points of the scheme's mean shape. `None` when the points have no variance.
    pub(super) fn new(scheme: &LandmarkScheme, points: &[Point]) -> Option<Self> {
        let has_depth = points.len() >= MIN_POINTS_FOR_DEPTH;
        let shape: Vec<_> = scheme.mean_shape.chunks_exact(2).map(|p| shape_point(p, has_depth)).collect();
        let shape = shape.get(..points.len())?;
        let n = points.len() as f64;
        let image_centroid = points.iter().fold(Point::default(), |sum, &p| sum + p) * (1.0 / n);
        let shape_centroid = [0, 1, 2].map(|axis| shape.iter().map(|s| s[axis]).sum::<f64>() / n);
        let (mut normal, mut right, mut variance) = ([[0.0; 3]; 3], [Point::default(); 3], 0.0);
        for (s, &p) in shape.iter().zip(points) {
            let (s, p) = (subtract(s, &shape_centroid), p - image_centroid);
            for row in 0..3 {
                right[row] = right[row] + p * s[row];
                for column in 0..3 {
                    normal[row][column] += s[row] * s[column];
                }
            }
            variance += p.dot(p);
        }
        if !has_depth {
            normal[2][2] = 1.0;
        }
        let columns = solve_normal_equations(&normal, &right)?;
        let mut fit =
            Self { columns, shape_centroid, image_centroid, explained_variance: 0.0, fitted: Vec::new() };
        fit.fitted = shape.iter().map(|s| fit.project(s)).collect();
        let residual: f64 = fit.fitted.iter().zip(points).map(|(&image, &p)| squared_norm(p - image)).sum();
        fit.explained_variance = 1.0 - residual / variance;
        // Also false for points without variance, where the quotient is NaN.
        (fit.explained_variance > 0.0).then_some(fit)
    }

    /// The image of a point of the mean shape.
    fn project(&self, s: &Vector3) -> Point {
        let d = subtract(s, &self.shape_centroid);
        self.columns.iter().zip(d).fold(self.image_centroid, |sum, (&column, x)| sum + column * x)
    }

    /// The image of point `index` of the scheme.
    pub(super) fn project_landmark(&self, scheme: &LandmarkScheme, index: usize) -> Option<Point> {
        let has_depth = self.columns[2] != Point::default();
        scheme.mean_shape.get(2 * index..2 * index + 2).map(|p| self.project(&shape_point(p, has_depth)))
    }

    /// The direction of the eye line in the image.
    pub(super) fn eye_line(&self) -> Point {
        self.columns[0]
    }

    /// Whether the view is a reflection of the mean shape.
    pub(super) fn is_mirrored(&self) -> bool {
        self.columns[0].cross(self.columns[1]) < 0.0
    }

    /// The scale factors of the face's plane.
    pub(super) fn singular_values(&self) -> SingularValues {
        let [x, y, _] = self.columns;
        let (sum, product) = (squared_norm(x) + squared_norm(y), x.cross(y).abs());
        // Of a 2 x 2 matrix, from its Frobenius norm and its determinant.
        let (plus, minus) = ((sum + 2.0 * product).sqrt(), (sum - 2.0 * product).max(0.0).sqrt());
        SingularValues { largest: (plus + minus) / 2.0, smallest: (plus - minus) / 2.0 }
    }
}

/// The singular values of the x and y columns of a fit, in pixels per eye distance.
#[derive(Clone, Copy)]
pub(super) struct SingularValues {
    pub(super) largest: f64,
    pub(super) smallest: f64,
}

fn squared_norm(p: Point) -> f64 {
    p.dot(p)
}

fn subtract(a: &Vector3, b: &Vector3) -> Vector3 {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

/// A mean shape point in eye distances, with an approximate depth towards the camera: an ellipsoidal head with a nose.
fn shape_point(p: &[i16], has_depth: bool) -> Vector3 {
    let (x, y) = (f64::from(p[0]) / 1000.0, f64::from(p[1]) / 1000.0);
    if !has_depth {
        return [x, y, 0.0];
    }
    let nose = (-(x / 0.22).powi(2) - ((y - 0.5) / 0.25).powi(2)).exp();
    [x, y, 0.4 * nose - 0.6 * x * x - 0.15 * (y - 0.4).powi(2)]
}

/// Solves a symmetric system by Cramer's rule, for x and y at once. `None` when the system is singular.
fn solve_normal_equations(m: &[[f64; 3]; 3], right: &[Point; 3]) -> Option<[Point; 3]> {
    let cofactor = |r: usize, c: usize| {
        let (r1, r2, c1, c2) = ((r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3);
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    let det: f64 = (0..3).map(|c| m[0][c] * cofactor(0, c)).sum();
    let scale = m[0][0] * m[1][1] * m[2][2];
    if det.abs() <= 1e-12 * scale {
        return None;
    }
    let column = |i: usize| (0..3).fold(Point::default(), |sum, r| sum + right[r] * (cofactor(r, i) / det));
    Some([column(0), column(1), column(2)])
}
