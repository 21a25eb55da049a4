//! The mesh's output in the frame of the photo, and the region of interest that it implies.

use facemask_core::face::{FacialFeatures, Pose};
use facemask_core::geometry::Point;

use super::candidate::KEY_POINTS;
use super::detector::sigmoid;
use super::networks::{MESH_SIDE, MeshOutput, POINT_COUNT};
use super::roi::Roi;

/// Corners of the subject's right eye, of the left eye, and of the mouth, as MediaPipe's mesh numbers them.
const RIGHT_EYE: [usize; 2] = [33, 133];
const LEFT_EYE: [usize; 2] = [362, 263];
const MOUTH: [usize; 2] = [61, 291];
/// Tip of the nose, and the middles of the lips.
const NOSE_TIP: usize = 1;
const LIPS: [usize; 2] = [13, 14];

/// The part of a face that the second region of interest shows beside its points, as MediaPipe's graph
/// `face_landmarks_to_roi`.
const ROI_FACTOR: f64 = 1.5;

/// The points of a face.
#[derive(Clone, Debug)]
pub(crate) struct Mesh {
    /// `POINT_COUNT` points in the image frame.
    pub(crate) points: Vec<Point>,
    /// Probability that the region of interest shows a face.
    pub(crate) presence: f64,
    /// Roll and mirroring of the face.
    pub(crate) pose: Pose,
}

impl Mesh {
    /// The mesh in a region of interest; `None` when the output is no face at all, such as points in one place.
    pub(crate) fn read(output: &MeshOutput, roi: &Roi) -> Option<Self> {
        if output.points.len() != 3 * POINT_COUNT {
            return None;
        }
        let image_from_picture = roi.image_from_picture(MESH_SIDE);
        let (triples, _) = output.points.as_chunks::<3>();
        let place = |&[x, y, _]: &[f32; 3]| image_from_picture.apply(Point::new(x.into(), y.into()));
        let points: Vec<Point> = triples.iter().map(place).collect();
        let features = FacialFeatures {
            eye_r: middle(&points, RIGHT_EYE),
            eye_l: middle(&points, LEFT_EYE),
            mouth: Some(middle(&points, MOUTH)),
            nose: None,
            brows: None,
        };
        let pose = Pose::from_features(&features).filter(|_| points.iter().all(|p| p.is_finite()))?;
        Some(Self { points, presence: sigmoid(output.presence_logit), pose })
    }

    /// The region of interest in which the mesh sees this face upright, independent of the region of interest before.
    pub(crate) fn roi(&self) -> Option<Roi> {
        Roi::around(&self.points, self.pose.roll_rad, ROI_FACTOR)
    }

    /// 1 less the root mean square distance by which this mesh moves when the region of interest in which it was found
    /// becomes its own one, in eye distances; at least 0.
    pub(crate) fn region_agreement(&self, found_in: &Roi, own: &Roi) -> f64 {
        let affine = found_in.transform_to(own);
        let moved = self.points.iter().map(|&p| affine.apply(p)).collect();
        self.agreement(&Self { points: moved, ..*self })
    }

    /// 1 less the root mean square distance of the points of two meshes, in eye distances of this one; at least 0.
    pub(crate) fn agreement(&self, other: &Self) -> f64 {
        let squares = self.points.iter().zip(&other.points).map(|(&p, &q)| (p - q).dot(p - q));
        let mean = squares.sum::<f64>() / self.points.len() as f64;
        (1.0 - mean.sqrt() / self.eye_distance()).max(0.0)
    }

    /// The root mean square distance to the detector's eyes, nose and mouth, in eye distances of this mesh.
    pub(crate) fn key_point_distance(&self, key_points: &[Point; KEY_POINTS]) -> f64 {
        let [eye_r, eye_l, lips] = [RIGHT_EYE, LEFT_EYE, LIPS].map(|pair| middle(&self.points, pair));
        let own = [eye_r, eye_l, self.points[NOSE_TIP], lips];
        let squares = own.iter().zip(key_points).map(|(&p, &q)| (p - q).dot(p - q));
        (squares.sum::<f64>() / own.len() as f64).sqrt() / self.eye_distance()
    }

    fn eye_distance(&self) -> f64 {
        (middle(&self.points, LEFT_EYE) - middle(&self.points, RIGHT_EYE)).length()
    }
}

/// The middle of two points of a mesh.
fn middle(points: &[Point], [a, b]: [usize; 2]) -> Point {
    points[a].midpoint(points[b])
}

#[cfg(test)]
mod tests {
    use super::*;
    use facemask_core::geometry::Affine;

    /// The output of a mesh that sees a face of its own frame: eyes at y -0.5, mouth at 0.5, other points on a circle.
    fn synthetic_output(image_from_face: &Affine, roi: &Roi, presence_logit: f32) -> MeshOutput {
        let picture_from_image = roi.image_from_picture(MESH_SIDE).inverse().unwrap();
        let mut points = Vec::new();
        for index in 0..POINT_COUNT {
            let angle = index as f64;
            let p = match index {
                33 => Point::new(-0.7, -0.5),
                133 => Point::new(-0.3, -0.5),
                362 => Point::new(0.3, -0.5),
                263 => Point::new(0.7, -0.5),
                1 | 13 | 14 => Point::new(0.0, 0.5),
                61 => Point::new(-0.3, 0.5),
                291 => Point::new(0.3, 0.5),
                _ => Point::new(angle.cos(), angle.sin()),
            };
            let p = picture_from_image.apply(image_from_face.apply(p));
            points.extend([p.x as f32, p.y as f32, 0.0]);
        }
        MeshOutput { points, presence_logit }
    }

    fn roi() -> Roi {
        Roi { center: Point::new(100.0, 80.0), side: 64.0, turn_rad: 0.3 }
    }

    #[test]
    fn a_mesh_lies_where_its_window_lies() {
        let image_from_face =
            Affine::translate(110.0, 75.0) * Affine::rotate(0.9) * Affine::scale(20.0, 20.0);
        let mesh = Mesh::read(&synthetic_output(&image_from_face, &roi(), 0.0), &roi()).unwrap();
        assert!((mesh.pose.roll_rad - 0.9).abs() < 1e-6 && !mesh.pose.mirrored);
        assert_eq!(mesh.presence, 0.5);
        assert!((mesh.eye_distance() - 20.0).abs() < 1e-4);
        let next = mesh.roi().unwrap();
        assert!((next.center - Point::new(110.0, 75.0)).length() < 0.1, "{next:?}");
        assert!((next.side - 60.0).abs() < 0.1 && (next.turn_rad - 0.9).abs() < 1e-6);
        let moved = Affine::translate(0.0, 5.0) * image_from_face;
        let other = Mesh::read(&synthetic_output(&moved, &roi(), 0.0), &roi()).unwrap();
        assert!((mesh.agreement(&other) - 0.75).abs() < 1e-5);
        let shifted = Roi { center: next.center + Point::new(2.0, 0.0), ..next };
        assert!((mesh.region_agreement(&shifted, &next) - 0.9).abs() < 1e-4);
        assert_eq!(mesh.region_agreement(&next, &next), 1.0);
        let [eye_r, eye_l, mouth] =
            [(-0.5, -0.5), (0.5, -0.5), (0.0, 0.5)].map(|(x, y)| moved.apply(Point::new(x, y)));
        let distance = mesh.key_point_distance(&[eye_r, eye_l, mouth, mouth, eye_r, eye_l]);
        assert!((distance - 0.25).abs() < 1e-5, "{distance}");
    }

    #[test]
    fn points_in_one_place_are_no_face() {
        let output = MeshOutput { points: vec![7.0; 3 * POINT_COUNT], presence_logit: 9.0 };
        assert!(Mesh::read(&output, &roi()).is_none());
        let mut output = synthetic_output(&Affine::scale(20.0, 20.0), &roi(), 9.0);
        output.points[300] = f32::NAN;
        assert!(Mesh::read(&output, &roi()).is_none());
        assert!(Mesh::read(&MeshOutput::default(), &roi()).is_none());
    }
}
