//! The schemes of five and six points: too few to be told by a fit alone, so the order of their parts decides too.
//!
//! Every rule holds for any roll, scale and hand and up to a strong three-quarter view, because it only compares
//! along and across the eye line.

use super::pose::Features;
use super::scheme::LandmarkScheme;
use crate::geometry::Point;

/// Whether the parts lie in the order a face has; rich schemes are left to the fit.
pub(super) fn in_order(scheme: &LandmarkScheme, points: &[Point], features: &Features) -> bool {
    let Some(frame) = EyeFrame::new(features) else {
        return false;
    };
    let p = |i: usize| points.get(i).map_or(Point::new(f64::NAN, f64::NAN), |&p| frame.see(p));
    match scheme.name {
        "arcface-5" => {
            let (nose, mouth_r, mouth_l) = (p(2), p(3), p(4));
            let tilt = (mouth_l.y - mouth_r.y).abs();
            frame.nose_between(nose, mouth_r.midpoint(mouth_l))
                && mouth_r.x < mouth_l.x
                && tilt < (mouth_l.x - mouth_r.x).max(0.3)
        }
        "dlib-5" => {
            let (outer_l, inner_l, outer_r, inner_r, nose) = (p(0), p(1), p(2), p(3), p(4));
            let line = [outer_r, inner_r, inner_l, outer_l];
            line.windows(2).all(|pair| pair[0].x < pair[1].x)
                && line.iter().all(|p| p.y.abs() < 0.3 && p.y.abs() < 0.5 * nose.y)
                && nose.x.abs() < 1.0
        }
        "blazeface-6" => {
            let (nose, mouth, ear_r, ear_l) = (p(2), p(3), p(4), p(5));
            frame.nose_between(nose, mouth)
                && ear_r.x < ear_l.x
                && [ear_r, ear_l].iter().all(|ear| (-1.5 * mouth.y..1.8 * mouth.y).contains(&ear.y))
        }
        _ => true,
    }
}

/// Coordinates in eye distances: x from the subject's right eye to the left, y towards the mouth (else the nose).
struct EyeFrame {
    origin: Point,
    right: Point,
    down: Point,
}

impl EyeFrame {
    fn new(features: &Features) -> Option<Self> {
        let origin = features.eye_r.midpoint(features.eye_l);
        let line = features.eye_l - features.eye_r;
        let low = features.mouth.or(features.nose)? - origin;
        let side = if line.cross(low) < 0.0 { -1.0 } else { 1.0 };
        let shrink = 1.0 / line.dot(line);
        let down = Point::new(-line.y, line.x) * (side * shrink);
        (shrink.is_finite()).then_some(Self { origin, right: line * shrink, down })
    }

    fn see(&self, p: Point) -> Point {
        let d = p - self.origin;
        Point::new(d.dot(self.right), d.dot(self.down))
    }

    /// A mouth well below the eyes and a nose between, off the middle by no more than a turned head explains. The tip
    /// sticks out: nodding moves it over the eye line or the mouth.
    fn nose_between(&self, nose: Point, mouth: Point) -> bool {
        (0.3..5.0).contains(&mouth.y)
            && (-0.35 * mouth.y..1.25 * mouth.y).contains(&nose.y)
            && mouth.x.abs() < mouth.y
            && nose.x.abs() < 1.0_f64.max(mouth.y)
    }
}
