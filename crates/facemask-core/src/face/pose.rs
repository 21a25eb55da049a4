//! Roll and hand of a face from its eyes and mouth.

use std::f64::consts::{PI, TAU};

use crate::geometry::Point;

/// The points a pose is read from, in the image frame, pixels. Sides are the subject's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features {
    /// Centre of the right eye.
    pub eye_r: Point,
    /// Centre of the left eye.
    pub eye_l: Point,
    /// Middle of the mouth.
    pub mouth: Option<Point>,
    /// Tip or base of the nose; says where down is when there is no mouth.
    pub nose: Option<Point>,
}

/// How a face lies in the image frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Angle of the eye line in (-pi, pi], positive clockwise on screen: turning the picture by its negative puts the
    /// face upright.
    pub roll_rad: f64,
    /// Whether the picture, or the naming of its sides, is mirrored: the subject's right eye lies on the viewer's right.
    pub mirrored: bool,
}

impl Pose {
    /// The pose, or `None` when a coordinate is not finite or the eyes coincide.
    ///
    /// The mouth (else the nose) says which side of the eye line is down. Without either the sides are believed.
    #[must_use]
    pub fn from_features(features: &Features) -> Option<Self> {
        let Features { eye_r, eye_l, mouth, nose } = *features;
        let eye_line = eye_l - eye_r;
        let extent = [eye_r, eye_l].iter().fold(0.0_f64, |most, p| most.max(p.x.abs()).max(p.y.abs()));
        // Below this length the direction is rounding noise of the coordinates.
        if !eye_line.is_finite() || eye_line.length() <= extent * 1e-12 {
            return None;
        }
        let down = mouth.or(nose).map(|low| low - eye_r.midpoint(eye_l));
        if down.is_some_and(|down| !down.is_finite()) {
            return None;
        }
        let mirrored = down.is_some_and(|down| eye_line.cross(down) < 0.0);
        let level = if mirrored { eye_line * -1.0 } else { eye_line };
        Some(Self { roll_rad: half_open(level.y.atan2(level.x)), mirrored })
    }
}

/// `a - b` wrapped into (-pi, pi], in radians.
#[must_use]
pub fn angle_between(a: f64, b: f64) -> f64 {
    let turns = (a - b).rem_euclid(TAU);
    half_open(if turns > PI { turns - TAU } else { turns })
}

/// atan2 answers -pi for a half turn with a negative zero; the contract's interval is open there.
fn half_open(angle: f64) -> f64 {
    if angle <= -PI { PI } else { angle }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(eye_r: (f64, f64), eye_l: (f64, f64), mouth: Option<(f64, f64)>) -> Features {
        let point = |(x, y)| Point::new(x, y);
        Features { eye_r: point(eye_r), eye_l: point(eye_l), mouth: mouth.map(point), nose: None }
    }

    #[test]
    fn the_mouth_tells_a_half_turn_from_a_mirror() {
        let upright = features((0.0, 0.0), (2.0, 0.0), Some((1.0, 2.0)));
        assert_eq!(Pose::from_features(&upright), Some(Pose { roll_rad: 0.0, mirrored: false }));
        let upside_down = features((2.0, -0.0), (0.0, -0.0), Some((1.0, -2.0)));
        assert_eq!(Pose::from_features(&upside_down), Some(Pose { roll_rad: PI, mirrored: false }));
        let mirrored = features((2.0, 0.0), (0.0, 0.0), Some((1.0, 2.0)));
        assert_eq!(Pose::from_features(&mirrored), Some(Pose { roll_rad: 0.0, mirrored: true }));
    }

    #[test]
    fn the_nose_stands_in_for_the_mouth() {
        let nose = Some(Point::new(1.0, 1.0));
        let pose = Pose::from_features(&Features { nose, ..features((2.0, 0.0), (0.0, 0.0), None) });
        assert_eq!(pose, Some(Pose { roll_rad: 0.0, mirrored: true }));
    }

    #[test]
    fn eyes_in_one_place_have_no_roll() {
        assert_eq!(Pose::from_features(&features((5.0, 5.0), (5.0, 5.0), None)), None);
        assert_eq!(Pose::from_features(&features((f64::NAN, 5.0), (5.0, 5.0), None)), None);
        assert_eq!(Pose::from_features(&features((-1e308, 0.0), (1e308, 0.0), None)), None);
        assert_eq!(Pose::from_features(&features((0.0, 0.0), (1.0, 0.0), Some((f64::INFINITY, 0.0)))), None);
    }

    #[test]
    fn differences_of_angles_wrap() {
        assert!((angle_between(3.0, -3.0) - (6.0 - TAU)).abs() < 1e-12);
        assert_eq!(angle_between(-PI, 0.0), PI);
        assert_eq!(angle_between(0.25, 0.25), 0.0);
    }
}
