//! Crops by the templates of face data sets, so that a network sees a face where its training pictures had one.
//!
//! The published scripts count from the centers of pixels. So do the points here, and the frames of the crops count
//! from the edges as all others: the same numbers give the same picture as the scripts do.

use crate::face::landmarks::Landmarks;
use crate::face::pose::FacialFeatures;
use crate::geometry::{Affine, Point};

/// The points of a face that templates are aligned by; pixels of the photo, counted from the centers of pixels. Sides
/// are the viewer's of the upright face, so a mirrored face is not flipped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlignmentPoints {
    /// The centers of the left and of the right eye.
    pub eyes: [Point; 2],
    /// The tip of the nose.
    pub nose_tip: Option<Point>,
    /// The corners of the mouth, left and right.
    pub mouth_corners: Option<[Point; 2]>,
    /// The center of the mouth: the middle of its corners, where they are known.
    pub mouth: Point,
}

/// The frame of a template.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Template {
    /// The similarity from the image frame to the template's frame.
    pub(super) from_image: Affine,
    /// The side of its square.
    pub(super) side: f64,
}

/// The five points in a picture of 112 x 112: eyes, tip of the nose, corners of the mouth, the viewer's left first.
///
/// Source: `arcface_dst` of insightface, `python-package/insightface/utils/face_align.py`.
const ARCFACE_POINTS: [Point; 5] = [
    Point::new(38.2946, 51.6963),
    Point::new(73.5318, 51.5014),
    Point::new(56.0252, 71.7366),
    Point::new(41.5493, 92.3655),
    Point::new(70.7299, 92.2041),
];
const ARCFACE_SIDE: f64 = 112.0;

/// From a frame that counts from the centers of pixels to one that counts from their edges, and back.
const EDGES_FROM_CENTERS: Affine = Affine::translate(0.5, 0.5);
const CENTERS_FROM_EDGES: Affine = Affine::translate(-0.5, -0.5);

impl AlignmentPoints {
    /// The points of landmarks: the center of an eye is the mean of its ring, else of its corners, else its pupil. `None`
    /// for schemes without a mouth.
    ///
    /// The numbers of the landmarks are taken as those of pixel centers, as the scripts of the templates take them.
    #[must_use]
    pub fn from_landmarks(landmarks: &Landmarks) -> Option<Self> {
        let features = landmarks.features();
        let mean = |part: &str| {
            let points = landmarks.part(part);
            let sum = points.iter().copied().reduce(|a, b| a + b)?;
            Some(sum * (1.0 / points.len() as f64))
        };
        let eyes = [mean("eye_r").unwrap_or(features.eye_r), mean("eye_l").unwrap_or(features.eye_l)];
        let mouth_corners = mean("mouth_r").zip(mean("mouth_l")).map(|(right, left)| [right, left]);
        let mouth = mouth_corners.map(|[right, left]| right.midpoint(left)).or(features.mouth)?;
        let points = Self { eyes, nose_tip: mean("nose_tip"), mouth_corners, mouth };
        Some(if landmarks.mirrored { points.exchange_sides() } else { points })
    }

    /// The points of the features of a label map, which count from the edges of pixels. `None` without a mouth.
    #[must_use]
    pub fn from_features(features: &FacialFeatures, mirrored: bool) -> Option<Self> {
        let to_centers = |p: Point| CENTERS_FROM_EDGES.apply(p);
        let eyes = [features.eye_r, features.eye_l].map(to_centers);
        let mouth = to_centers(features.mouth?);
        let points = Self { eyes, nose_tip: None, mouth_corners: None, mouth };
        Some(if mirrored { points.exchange_sides() } else { points })
    }

    fn exchange_sides(mut self) -> Self {
        self.eyes.reverse();
        self.mouth_corners.iter_mut().for_each(|corners| corners.reverse());
        self
    }

    /// The square of FFHQ, as a unit square.
    ///
    /// Source: Karras, Laine and Aila, "A style-based generator architecture for generative adversarial networks"
    /// (2019), with the script `download_ffhq.py` of NVlabs/ffhq-dataset, `recreate_aligned_images`. The half side is
    /// the direction of the eye line, averaged with that across the line from eyes to mouth. It is as long as twice the
    /// eye distance, or as 1.8 times the way from the eyes to the mouth if that is longer.
    pub(super) fn ffhq_from_image(&self) -> Option<Template> {
        let [left, right] = self.eyes;
        let eye_middle = left.midpoint(right);
        let (eye_line, down) = (right - left, self.mouth - eye_middle);
        let direction = eye_line + Point::new(down.y, -down.x);
        let half_side = (2.0 * eye_line.length()).max(1.8 * down.length());
        let half = direction * (half_side / direction.length());
        let half_down = Point::new(-half.y, half.x);
        let corner = eye_middle + down * 0.1 - half - half_down;
        let image_from_square =
            Affine([2.0 * half.x, 2.0 * half_down.x, corner.x, 2.0 * half.y, 2.0 * half_down.y, corner.y]);
        let from_image = (EDGES_FROM_CENTERS * image_from_square).inverse()?;
        is_usable(&from_image).then_some(Template { from_image, side: 1.0 })
    }

    /// The square of ArcFace: the similarity with the least squared distances to its points.
    ///
    /// Its closed form is that of Umeyama, "Least-squares estimation of transformation parameters between two point
    /// patterns" (1991), in the plane and without reflections. Where corners of the mouth or the tip of the nose are
    /// unknown, the middle of the corners counts, or nothing.
    pub(super) fn arcface_from_image(&self) -> Option<Template> {
        let [eye_0, eye_1, nose, corner_0, corner_1] = ARCFACE_POINTS;
        let mut pairs = vec![(self.eyes[0], eye_0), (self.eyes[1], eye_1)];
        pairs.extend(self.nose_tip.map(|tip| (tip, nose)));
        match self.mouth_corners {
            Some([left, right]) => pairs.extend([(left, corner_0), (right, corner_1)]),
            None => pairs.push((self.mouth, corner_0.midpoint(corner_1))),
        }
        let centers = fit_similarity(&pairs);
        let from_image = EDGES_FROM_CENTERS * centers * CENTERS_FROM_EDGES;
        is_usable(&from_image).then_some(Template { from_image, side: ARCFACE_SIDE })
    }
}

/// Whether a template's similarity is finite and shows some of the photo.
fn is_usable(affine: &Affine) -> bool {
    affine.0.iter().all(|number| number.is_finite()) && affine.determinant() > 0.0
}

/// The similarity without reflection that leads the first points of the pairs nearest to the second ones.
fn fit_similarity(pairs: &[(Point, Point)]) -> Affine {
    let weight = 1.0 / pairs.len() as f64;
    let (from, to) = pairs
        .iter()
        .fold((Point::default(), Point::default()), |(a, b), &(p, q)| (a + p * weight, b + q * weight));
    let (mut dot, mut cross, mut spread) = (0.0, 0.0, 0.0);
    for &(p, q) in pairs {
        let (p, q) = (p - from, q - to);
        dot += p.dot(q);
        cross += p.cross(q);
        spread += p.dot(p);
    }
    let (cos, sin) = (dot / spread, cross / spread);
    Affine::translate(to.x, to.y)
        * Affine([cos, -sin, 0.0, sin, cos, 0.0])
        * Affine::translate(-from.x, -from.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points_of(place: &Affine) -> AlignmentPoints {
        let [eye_0, eye_1, nose, corner_0, corner_1] = ARCFACE_POINTS.map(|p| place.apply(p));
        AlignmentPoints {
            eyes: [eye_0, eye_1],
            nose_tip: Some(nose),
            mouth_corners: Some([corner_0, corner_1]),
            mouth: corner_0.midpoint(corner_1),
        }
    }

    fn assert_near(a: Point, b: Point) {
        assert!((a - b).length() < 1e-9, "{a:?}, not {b:?}");
    }

    #[test]
    fn the_template_itself_comes_to_lie_on_itself() {
        for step in 0..12 {
            let turn =
                Affine::translate(300.0, 200.0) * Affine::rotate(f64::from(step)) * Affine::scale(2.5, 2.5);
            let template = points_of(&turn).arcface_from_image().unwrap();
            for p in ARCFACE_POINTS {
                let edge = EDGES_FROM_CENTERS.apply(turn.apply(p));
                assert_near(template.from_image.apply(edge), EDGES_FROM_CENTERS.apply(p));
            }
            let mut coarse = points_of(&turn);
            (coarse.mouth_corners, coarse.nose_tip) = (None, None);
            let coarse = coarse.arcface_from_image().unwrap();
            assert!(template.from_image.0.iter().zip(coarse.from_image.0).all(|(a, b)| (a - b).abs() < 1e-9));
        }
    }

    #[test]
    fn the_square_of_ffhq_is_that_of_its_script() {
        // By hand: eyes 40 apart, the mouth 44 below. 2.0 * 40 is more than 1.8 * 44.
        let face = AlignmentPoints {
            eyes: [Point::new(80.0, 100.0), Point::new(120.0, 100.0)],
            nose_tip: None,
            mouth_corners: None,
            mouth: Point::new(100.0, 144.0),
        };
        let square = face.ffhq_from_image().unwrap();
        assert_near(square.from_image.apply(Point::new(20.5, 24.9)), Point::new(0.0, 0.0));
        assert_near(square.from_image.apply(Point::new(180.5, 184.9)), Point::new(1.0, 1.0));
        // A long face: 1.8 * 50 is more than 2.0 * 40.
        let long = AlignmentPoints { mouth: Point::new(100.0, 150.0), ..face };
        let square = long.ffhq_from_image().unwrap();
        assert_near(square.from_image.apply(Point::new(10.5, 15.5)), Point::new(0.0, 0.0));
    }

    #[test]
    fn points_in_one_place_have_no_template() {
        let nowhere = points_of(&Affine::scale(0.0, 0.0));
        assert_eq!(nowhere.arcface_from_image(), None);
        assert_eq!(nowhere.ffhq_from_image(), None);
    }
}
