//! A place where the detector saw a face.

use facemask_core::geometry::{Affine, Point};

use super::window::Window;

/// Key points of BlazeFace: the subject's right eye, the left eye, nose tip, mouth, right ear and left ear.
pub(crate) const KEY_POINTS: usize = 6;

/// The part of a face that the mesh's window shows beside its box: the factor of MediaPipe's graph
/// `face_detection_front_detection_to_roi`.
const WINDOW_FACTOR: f64 = 1.5;

/// A box of the detector, in the frame in which it is square.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    /// The detector's score, from 0 to 1.
    pub(crate) score: f64,
    /// Middle of the box.
    pub(crate) center: Point,
    /// Width and height of the box, along the axes of its turn.
    pub(crate) extent: Point,
    /// The key points.
    pub(crate) key_points: [Point; KEY_POINTS],
    /// Quarter turns, clockwise, of the picture's window.
    pub(crate) quarters: usize,
}

impl Candidate {
    /// The longer side of the box.
    pub(crate) fn side(&self) -> f64 {
        self.extent.x.max(self.extent.y)
    }

    /// The angle of the line between the eyes, in radians.
    pub(crate) fn roll_rad(&self) -> f64 {
        let eye_line = self.key_points[1] - self.key_points[0];
        eye_line.y.atan2(eye_line.x)
    }

    /// The window in which the mesh sees this face upright.
    pub(crate) fn mesh_window(&self) -> Window {
        Window { center: self.center, side: WINDOW_FACTOR * self.side(), turn_rad: self.roll_rad() }
    }

    /// The candidate in another frame. `affine` scales both axes equally and turns by `quarters` quarter turns.
    pub(crate) fn transform(&self, affine: &Affine, quarters: usize) -> Self {
        let [longest, _] = affine.singular_values();
        Self {
            center: affine.apply(self.center),
            extent: self.extent * longest,
            key_points: self.key_points.map(|p| affine.apply(p)),
            quarters,
            ..*self
        }
    }

    /// Intersection over union of the boxes, as squares of their longer side.
    pub(crate) fn overlap(&self, other: &Self) -> f64 {
        let offset = self.center - other.center;
        let (a, b) = (self.side(), other.side());
        let common = |distance: f64| ((a + b) / 2.0 - distance.abs()).clamp(0.0, a.min(b));
        let intersection = common(offset.x) * common(offset.y);
        intersection / (a * a + b * b - intersection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::FRAC_PI_2;

    fn candidate(x: f64, y: f64, side: f64) -> Candidate {
        let center = Point::new(x, y);
        let mut key_points = [center; KEY_POINTS];
        key_points[1].x += side / 3.0;
        Candidate { score: 0.9, center, extent: Point::new(side, side), key_points, quarters: 0 }
    }

    #[test]
    fn overlap_is_intersection_over_union() {
        let a = candidate(10.0, 10.0, 4.0);
        assert_eq!(a.overlap(&a), 1.0);
        assert!((a.overlap(&candidate(12.0, 10.0, 4.0)) - 1.0 / 3.0).abs() < 1e-12);
        assert!((a.overlap(&candidate(10.5, 10.0, 2.0)) - 0.25).abs() < 1e-12);
        assert_eq!(a.overlap(&candidate(15.0, 10.0, 4.0)), 0.0);
    }

    #[test]
    fn a_quarter_turn_turns_the_roll() {
        let turn = Affine::rotate(FRAC_PI_2) * Affine::scale(2.0, 2.0);
        let turned = candidate(10.0, 3.0, 4.0).transform(&turn, 1);
        assert!((turned.roll_rad() - FRAC_PI_2).abs() < 1e-12);
        assert_eq!((turned.center, turned.side()), (Point::new(-6.0, 20.0), 8.0));
        assert_eq!(turned.mesh_window().side, 12.0);
    }
}
