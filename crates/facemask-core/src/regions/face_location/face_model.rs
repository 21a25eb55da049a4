//! The mean face that parts of a map are compared with: where each feature lies, and how large it is.
//!
//! The unit is the eye distance of a frontal view. x grows towards the subject's left, y down, z towards the camera;
//! the origin lies between the eyes.

use crate::geometry::Point;

/// A facial feature that one or several labels of a map form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// The right eye.
    EyeR,
    /// The left eye.
    EyeL,
    /// The right brow.
    BrowR,
    /// The left brow.
    BrowL,
    /// The nose.
    Nose,
    /// Lips and inner mouth together.
    Mouth,
    /// Glasses.
    Glasses,
    /// The right ear.
    EarR,
    /// The left ear.
    EarL,
}

/// A feature of the mean face.
pub(crate) struct MeanFeature {
    pub(crate) feature: Feature,
    /// The names of its labels.
    pub(crate) labels: &'static [&'static str],
    /// The mean position.
    pub(super) position: [f64; 3],
    /// The standard deviations of the position among faces, in x and in y. That in x is larger where a feature may be
    /// covered on one side.
    pub(super) deviation: Point,
    /// The logarithm of the mean area.
    pub(super) log_area: f64,
    /// The most that agreement of the position counts.
    pub(super) weight: f64,
}

const fn mean(
    feature: Feature,
    labels: &'static [&'static str],
    position: [f64; 3],
    deviation: [f64; 2],
    log_area: f64,
    weight: f64,
) -> MeanFeature {
    let deviation = Point::new(deviation[0], deviation[1]);
    MeanFeature { feature, labels, position, deviation, log_area, weight }
}

/// The mean face.
///
/// Positions and areas are those of the sample's map and of the drawn faces in the tests. Depths follow the mean shape
/// of 478 landmarks.
pub(crate) static MEAN_FACE: [MeanFeature; 9] = [
    mean(Feature::EyeR, &["eye_r"], [-0.5, 0.0, 0.0], [0.05, 0.05], -3.0, 3.0),
    mean(Feature::EyeL, &["eye_l"], [0.5, 0.0, 0.0], [0.05, 0.05], -3.0, 3.0),
    mean(Feature::BrowR, &["brow_r"], [-0.55, -0.28, 0.08], [0.1, 0.09], -3.0, 2.5),
    mean(Feature::BrowL, &["brow_l"], [0.55, -0.28, 0.08], [0.1, 0.09], -3.0, 2.5),
    mean(Feature::Nose, &["nose"], [0.0, 0.42, 0.28], [0.13, 0.08], -1.2, 3.0),
    mean(
        Feature::Mouth,
        &["lip_upper", "mouth_inner", "lip_lower"],
        [0.0, 1.03, 0.15],
        [0.08, 0.09],
        -1.5,
        3.0,
    ),
    mean(Feature::Glasses, &["glasses"], [0.0, 0.05, 0.1], [0.1, 0.1], -0.8, 2.5),
    mean(Feature::EarR, &["ear_r"], [-1.2, 0.3, -0.9], [0.25, 0.25], -2.1, 1.0),
    mean(Feature::EarL, &["ear_l"], [1.2, 0.3, -0.9], [0.25, 0.25], -2.1, 1.0),
];

/// The number of features.
pub(super) const COUNT: usize = MEAN_FACE.len();

/// The horizontal turn of a head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Yaw {
    pub(super) cos: f64,
    pub(super) sin: f64,
    /// The number of standard deviations from a frontal view.
    pub(super) deviations: f64,
}

impl Yaw {
    /// The standard deviation of the yaw in photos of faces, degrees.
    const DEVIATION: f64 = 35.0;

    pub(super) fn from_degrees(degrees: f64) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        Self { cos, sin, deviations: degrees / Self::DEVIATION }
    }
}

impl MeanFeature {
    /// The position in the picture of a turned head, in eye distances of a frontal view.
    pub(super) fn project(&self, yaw: Yaw, mirrored: bool) -> Point {
        let [x, y, z] = self.position;
        let x = x * yaw.cos + z * yaw.sin;
        Point::new(if mirrored { -x } else { x }, y)
    }
}

/// The frame of a face: a similarity from eye distances to the image frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FaceFrame {
    /// The point between the eyes, image frame.
    pub(crate) origin: Point,
    /// One eye distance to the viewer's right of the upright face, as a vector of the image frame.
    pub(crate) right: Point,
}

impl FaceFrame {
    /// The eye distance in pixels.
    pub(crate) fn eye_distance(&self) -> f64 {
        self.right.length()
    }

    /// The vector of one eye distance towards the chin.
    pub(crate) fn down(&self) -> Point {
        Point::new(-self.right.y, self.right.x)
    }

    /// A point of the image in eye distances.
    pub(crate) fn to_face(self, p: Point) -> Point {
        let (d, scale) = (p - self.origin, 1.0 / self.right.dot(self.right));
        Point::new(d.dot(self.right) * scale, d.dot(self.down()) * scale)
    }

    /// The frame that takes `a` to `p` and `b` to `q`; `None` when `a` and `b` are too near for a direction.
    pub(super) fn from_two_points(a: Point, b: Point, p: Point, q: Point) -> Option<Self> {
        /// Two features nearer than this leave the direction to chance.
        const MIN_DISTANCE: f64 = 0.25;
        let (from, to) = (b - a, q - p);
        let squared = from.dot(from);
        if squared < MIN_DISTANCE * MIN_DISTANCE {
            return None;
        }
        // A similarity multiplies complex numbers: right = to / from.
        let right = Point::new(from.dot(to), from.cross(to)) * (1.0 / squared);
        let frame = Self { origin: p - rotate(right, a), right };
        (frame.right.dot(frame.right) > 0.0 && frame.origin.is_finite()).then_some(frame)
    }
}

/// The product of two complex numbers.
pub(super) fn rotate(a: Point, b: Point) -> Point {
    Point::new(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_points_give_the_frame() {
        let (p, q) = (Point::new(10.0, 20.0), Point::new(10.0, 70.0));
        let frame = FaceFrame::from_two_points(Point::new(-0.5, 0.0), Point::new(0.5, 0.0), p, q).unwrap();
        assert_eq!((frame.origin, frame.right), (Point::new(10.0, 45.0), Point::new(0.0, 50.0)));
        assert_eq!(frame.to_face(Point::new(-40.0, 45.0)), Point::new(0.0, 1.0));
        assert_eq!(FaceFrame::from_two_points(p, p, p, q), None);
    }

    #[test]
    fn a_turned_head_shows_its_nose_to_the_side() {
        let nose = &MEAN_FACE[4];
        assert_eq!(nose.project(Yaw::from_degrees(0.0), false), Point::new(0.0, 0.42));
        assert!(nose.project(Yaw::from_degrees(60.0), false).x > 0.2);
        assert!(nose.project(Yaw::from_degrees(60.0), true).x < -0.2);
    }
}
