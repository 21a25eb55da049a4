//! The order of the parts in schemes of five and six points, which have too few points for a fit alone to decide.
//!
//! Every rule compares positions along and across the eye line only. So it holds for any roll, scale and mirroring, and
//! up to a strong three-quarter view.

use super::pose::FacialFeatures;
use super::scheme::LandmarkScheme;
use crate::geometry::Point;

/// Whether the parts lie in the order of a face. True for the schemes with more points.
pub(super) fn has_plausible_order(
    scheme: &LandmarkScheme,
    points: &[Point],
    features: &FacialFeatures,
) -> bool {
    let Some(frame) = EyeFrame::new(features) else {
        return false;
    };
    let p = |i: usize| points.get(i).map_or(Point::new(f64::NAN, f64::NAN), |&p| frame.to_eye_frame(p));
    match scheme.name {
        "arcface-5" => {
            let (nose, mouth_r, mouth_l) = (p(2), p(3), p(4));
            let tilt = (mouth_l.y - mouth_r.y).abs();
            is_nose_between(nose, mouth_r.midpoint(mouth_l))
                && mouth_r.x < mouth_l.x
                && tilt < (mouth_l.x - mouth_r.x).max(0.3)
        }
        "dlib-5" => {
            let (outer_l, inner_l, outer_r, inner_r, nose) = (p(0), p(1), p(2), p(3), p(4));
            let corners = [outer_r, inner_r, inner_l, outer_l];
            corners.windows(2).all(|pair| pair[0].x < pair[1].x)
                && corners.iter().all(|p| p.y.abs() < 0.3 && p.y.abs() < 0.5 * nose.y)
                && nose.x.abs() < 1.0
        }
        "blazeface-6" => {
            let (nose, mouth, ear_r, ear_l) = (p(2), p(3), p(4), p(5));
            is_nose_between(nose, mouth)
                && ear_r.x < ear_l.x
                && [ear_r, ear_l].iter().all(|ear| (-1.5 * mouth.y..1.8 * mouth.y).contains(&ear.y))
        }
        _ => true,
    }
}

/// Whether the mouth lies well below the eyes and the nose between them (eye frame), with a lateral offset that a
/// turned head explains. Nodding moves the protruding tip of the nose over the eye line or over the mouth.
fn is_nose_between(nose: Point, mouth: Point) -> bool {
    (0.3..5.0).contains(&mouth.y)
        && (-0.35 * mouth.y..1.25 * mouth.y).contains(&nose.y)
        && mouth.x.abs() < mouth.y
        && nose.x.abs() < 1.0_f64.max(mouth.y)
}

/// A frame in eye distances: origin between the eyes, x from the subject's right eye to the left one, y towards the
/// mouth (else the nose).
struct EyeFrame {
    origin: Point,
    right: Point,
    down: Point,
}

impl EyeFrame {
    fn new(features: &FacialFeatures) -> Option<Self> {
        let origin = features.eye_r.midpoint(features.eye_l);
        let eye_line = features.eye_l - features.eye_r;
        let lower = features.mouth.or(features.nose)? - origin;
        let side = if eye_line.cross(lower) < 0.0 { -1.0 } else { 1.0 };
        let per_square = 1.0 / eye_line.dot(eye_line);
        let down = Point::new(-eye_line.y, eye_line.x) * (side * per_square);
        per_square.is_finite().then_some(Self { origin, right: eye_line * per_square, down })
    }

    /// The position of a point of the image frame in this frame.
    fn to_eye_frame(&self, p: Point) -> Point {
        let d = p - self.origin;
        Point::new(d.dot(self.right), d.dot(self.down))
    }
}
