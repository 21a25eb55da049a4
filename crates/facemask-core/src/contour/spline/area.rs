//! The area that a path encloses, as a function of how far its parts move.

use crate::geometry::Point;

/// The difference of areas in px² that counts as none.
pub(super) const AREA_TOLERANCE: f64 = 1e-9;
/// The least change of the area in px² per px of the move at which a move can correct it.
const MIN_SLOPE: f64 = 1e-2;
/// The most Newton steps to the move.
const MAX_NEWTON_STEPS: usize = 8;

/// The integral of (x dy - y dx) / 2 along a path whose control points move at constant velocities: a quadratic function
/// of the move, the constant first.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AreaOfMove([f64; 3]);

impl AreaOfMove {
    /// Adds a constant.
    pub(super) fn add(&mut self, area: f64) {
        self.0[0] += area;
    }

    /// Adds a line, by its ends and their velocities.
    pub(super) fn add_line(&mut self, [a, b]: [Point; 2], [va, vb]: [Point; 2]) {
        self.0[0] += 0.5 * a.cross(b);
        self.0[1] += 0.5 * (a.cross(vb) + va.cross(b));
        self.0[2] += 0.5 * va.cross(vb);
    }

    /// Adds a cubic Bezier curve, by its control points and their velocities.
    pub(super) fn add_curve(&mut self, points: [Point; 4], velocities: [Point; 4]) {
        self.0[0] += bezier_area(points, points);
        self.0[1] += bezier_area(points, velocities) + bezier_area(velocities, points);
        self.0[2] += bezier_area(velocities, velocities);
    }

    /// The area without a move.
    pub(super) fn constant(&self) -> f64 {
        self.0[0]
    }

    /// The area after a move.
    pub(super) fn at(&self, amount: f64) -> f64 {
        let [constant, slope, square] = self.0;
        constant + (slope + square * amount) * amount
    }

    /// The move, at most `limit` in either direction, after which the area is 0 or nearest to it. `None` if it is 0 without
    /// one, or if moves hardly change it.
    pub(super) fn root(&self, limit: f64) -> Option<f64> {
        let [constant, slope, square] = self.0;
        if constant.abs() < AREA_TOLERANCE || slope.abs() < MIN_SLOPE {
            return None;
        }
        let mut amount: f64 = 0.0;
        for _ in 0..MAX_NEWTON_STEPS {
            let step = self.at(amount) / (slope + 2.0 * square * amount);
            amount = (amount - step).clamp(-limit, limit);
        }
        amount.is_finite().then_some(amount)
    }
}

/// The bilinear form of the area of a cubic Bezier curve: that of a curve is the form of its control points with
/// themselves.
fn bezier_area([p0, p1, p2, _]: [Point; 4], [_, q1, q2, q3]: [Point; 4]) -> f64 {
    let near = p0.cross(q1) + p2.cross(q3);
    let middle = p0.cross(q2) + p1.cross(q2) + p1.cross(q3);
    (6.0 * near + 3.0 * middle + p0.cross(q3)) / 20.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURVE: [Point; 4] =
        [Point::new(0.0, 0.0), Point::new(1.0, 2.0), Point::new(4.0, 3.0), Point::new(5.0, -1.0)];

    #[test]
    fn the_area_of_a_curve_is_that_of_many_lines() {
        let at = |t: f64| {
            let v = 1.0 - t;
            let [a, b, c, d] = CURVE;
            a * (v * v * v) + b * (3.0 * v * v * t) + c * (3.0 * v * t * t) + d * (t * t * t)
        };
        let lines: f64 =
            (0..10_000).map(|i| at(f64::from(i) / 1e4).cross(at(f64::from(i + 1) / 1e4)) / 2.0).sum();
        assert!((bezier_area(CURVE, CURVE) - lines).abs() < 1e-6);
    }

    #[test]
    fn the_root_is_where_a_moved_path_encloses_nothing() {
        let velocities =
            [Point::new(0.0, 0.0), Point::new(0.0, 1.0), Point::new(-0.5, 1.0), Point::new(0.0, 0.0)];
        let mut area = AreaOfMove::default();
        area.add_curve(CURVE, velocities);
        area.add_line([CURVE[3], CURVE[0]], [Point::default(); 2]);
        area.add(2.0);
        let amount = area.root(10.0).unwrap();
        let moved: Vec<Point> = CURVE.iter().zip(velocities).map(|(&p, v)| p + v * amount).collect();
        let moved: [Point; 4] = moved.try_into().unwrap();
        assert!((bezier_area(moved, moved) + 0.5 * moved[3].cross(moved[0]) + 2.0).abs() < AREA_TOLERANCE);
        assert_eq!(area.root(0.01).unwrap().abs(), 0.01);
        assert_eq!(AreaOfMove::default().root(1.0), None);
    }
}
