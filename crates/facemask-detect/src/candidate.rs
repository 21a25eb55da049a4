//! A place where the detector saw a face.

use facemask_core::geometry::{Affine, Point, Rect};

use super::roi::Roi;

/// Key points of BlazeFace: the subject's right eye, the left eye, nose tip, mouth, right ear and left ear.
pub(crate) const KEY_POINTS: usize = 6;

/// Side of the mesh's region of interest, in sides of the detector's box. With 1.64 it is in the median that of the mesh
/// itself, over 264 turned pictures. With 1.5, of MediaPipe's graph `face_detection_front_detection_to_roi`, it is 0.91
/// of it, and the roll of the first mesh 0.3 degrees off.
const ROI_FACTOR: f64 = 1.64;

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
    /// Quarter turns, clockwise, of the picture's region of interest.
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

    /// The region of interest in which the mesh sees this face upright.
    pub(crate) fn mesh_roi(&self) -> Roi {
        Roi { center: self.center, side: ROI_FACTOR * self.side(), turn_rad: self.roll_rad() }
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

    /// The box as a square of its longer side.
    pub(crate) fn square(&self) -> Rect {
        let [x, y] = [self.center.x, self.center.y];
        let half = self.side() / 2.0;
        Rect::new(x - half, y - half, x + half, y + half)
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
    fn a_square_has_the_longer_side() {
        let a = Candidate { extent: Point::new(2.0, 4.0), ..candidate(10.0, 10.0, 4.0) };
        assert_eq!(a.square(), Rect::new(8.0, 8.0, 12.0, 12.0));
    }

    #[test]
    fn a_quarter_turn_turns_the_roll() {
        let turn = Affine::rotate(FRAC_PI_2) * Affine::scale(2.0, 2.0);
        let turned = candidate(10.0, 3.0, 4.0).transform(&turn, 1);
        assert!((turned.roll_rad() - FRAC_PI_2).abs() < 1e-12);
        assert_eq!((turned.center, turned.side()), (Point::new(-6.0, 20.0), 8.0));
        assert!((turned.mesh_roi().side - 8.0 * ROI_FACTOR).abs() < 1e-12);
    }
}
