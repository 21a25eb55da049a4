//! The pose of a face in the image plane: roll and mirroring, from its eyes and its mouth.

use std::f64::consts::{PI, TAU};

use crate::geometry::Point;

/// The facial features that determine a pose, in the image frame, pixels. Sides are the subject's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FacialFeatures {
    /// Center of the right eye.
    pub eye_r: Point,
    /// Center of the left eye.
    pub eye_l: Point,
    /// Center of the mouth.
    pub mouth: Option<Point>,
    /// Tip or base of the nose: indicates down when there is no mouth.
    pub nose: Option<Point>,
    /// Center of the brows, where the eyes are not brows themselves: indicates up when there is neither mouth nor nose.
    pub brows: Option<Point>,
}

/// The pose of a face in the image plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// The angle of the eye line in (-pi, pi], positive clockwise on screen. Rotating the image by its negative puts
    /// the face upright.
    pub roll_rad: f64,
    /// Whether the image or the naming of its sides is mirrored: the subject's right eye lies on the viewer's right.
    pub mirrored: bool,
}

impl Pose {
    /// The pose, or `None` when a coordinate is not finite or the eyes coincide.
    ///
    /// The mouth (else the nose) decides which side of the eye line is down, else the brows which side is up. Without any
    /// of them the face counts as not mirrored.
    #[must_use]
    pub fn from_features(features: &FacialFeatures) -> Option<Self> {
        let FacialFeatures { eye_r, eye_l, mouth, nose, brows } = *features;
        let eye_line = eye_l - eye_r;
        let extent = [eye_r, eye_l].iter().fold(0.0_f64, |max, p| max.max(p.x.abs()).max(p.y.abs()));
        // Below this length the direction is rounding noise of the coordinates.
        if !eye_line.is_finite() || eye_line.length() <= extent * 1e-12 {
            return None;
        }
        let middle = eye_r.midpoint(eye_l);
        let down = mouth.or(nose).map(|lower| lower - middle).or_else(|| brows.map(|upper| middle - upper));
        if down.is_some_and(|down| !down.is_finite()) {
            return None;
        }
        let mirrored = down.is_some_and(|down| eye_line.cross(down) < 0.0);
        let rightward = if mirrored { eye_line * -1.0 } else { eye_line };
        Some(Self { roll_rad: normalize_half_turn(rightward.y.atan2(rightward.x)), mirrored })
    }
}

/// The angle `a - b` wrapped into (-pi, pi], in radians.
#[must_use]
pub fn angle_difference(a: f64, b: f64) -> f64 {
    let angle = (a - b).rem_euclid(TAU);
    normalize_half_turn(if angle > PI { angle - TAU } else { angle })
}

/// Replaces -pi by pi: `atan2` returns -pi for a half turn with a negative zero, and the interval of angles is open
/// there.
fn normalize_half_turn(angle: f64) -> f64 {
    if angle <= -PI { PI } else { angle }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(eye_r: (f64, f64), eye_l: (f64, f64), mouth: Option<(f64, f64)>) -> FacialFeatures {
        let point = |(x, y)| Point::new(x, y);
        FacialFeatures {
            eye_r: point(eye_r),
            eye_l: point(eye_l),
            mouth: mouth.map(point),
            nose: None,
            brows: None,
        }
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
        let brows = Some(Point::new(1.0, -0.5));
        let masked = FacialFeatures { brows, ..features((2.0, 0.0), (0.0, 0.0), None) };
        assert!(Pose::from_features(&masked).unwrap().mirrored);
        assert!(
            !Pose::from_features(&FacialFeatures { eye_r: masked.eye_l, eye_l: masked.eye_r, ..masked })
                .unwrap()
                .mirrored
        );
        let pose = Pose::from_features(&FacialFeatures { nose, ..features((2.0, 0.0), (0.0, 0.0), None) });
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
        assert!((angle_difference(3.0, -3.0) - (6.0 - TAU)).abs() < 1e-12);
        assert_eq!(angle_difference(-PI, 0.0), PI);
        assert_eq!(angle_difference(0.25, 0.25), 0.0);
    }
}
