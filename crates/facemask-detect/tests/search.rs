//! The search on a drawn face, with networks that read its three colors in place of the real ones.
#![allow(clippy::unwrap_used, reason = "a test ends where its input is broken")]

use std::f64::consts::TAU;

use facemask_core::error::{Error, ErrorKind, Result};
use facemask_core::geometry::{Affine, Point};
use facemask_core::raster::{RgbView, Size};
use facemask_detect::{
    BOX_COUNT, BOX_LENGTH, DETECTOR_SIDE, DetectedFace, DetectorOutput, MESH_SIDE, MeshOutput, Networks,
    POINT_COUNT, SearchOptions, Tiles, detect_faces,
};

/// Eyes and mouth of a drawn face, in its own frame: red, green and blue.
const DOTS: [Point; 3] = [Point::new(-0.4, -0.3), Point::new(0.4, -0.3), Point::new(0.0, 0.5)];

/// Draws a black photo with faces of that affine.
fn draw(size: Size, faces: &[Affine]) -> Vec<u8> {
    let mut pixels = vec![0; 3 * size.width as usize * size.height as usize];
    for image_from_face in faces {
        let face_from_image = image_from_face.inverse().unwrap();
        for (i, pixel) in pixels.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let (x, y) = (i as u32 % size.width, i as u32 / size.width);
            let p = face_from_image.apply(Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5));
            for (channel, dot) in DOTS.iter().enumerate() {
                if (p - *dot).length() < 0.2 {
                    pixel[channel] = 255;
                }
            }
        }
    }
    pixels
}

/// The middles of the three colors in a picture; `None` when one of them is missing or white surrounds it.
fn dots(picture: &[f32], side: usize, dark: f32) -> Option<[Point; 3]> {
    let mut sums = [(Point::default(), 0.0); 3];
    for (i, pixel) in picture.as_chunks::<3>().0.iter().enumerate() {
        let at = Point::new((i % side) as f64 + 0.5, (i / side) as f64 + 0.5);
        let levels = pixel.map(|level| f64::from(level - dark));
        let strongest = levels.iter().copied().fold(0.0, f64::max);
        for (channel, (sum, weight)) in sums.iter_mut().enumerate() {
            if levels[channel] == strongest && levels.iter().sum::<f64>() < 1.2 * strongest {
                *sum = *sum + at * strongest;
                *weight += strongest;
            }
        }
    }
    sums.iter().all(|&(_, weight)| weight > 1.0).then(|| sums.map(|(sum, weight)| sum * (1.0 / weight)))
}

/// Networks that see the drawn face; `presence_logit` is what the mesh says of it.
struct Drawn {
    presence_logit: f32,
    detector_runs: usize,
    mesh_runs: usize,
    /// By how much the detector's eyes err, in pixels of its input.
    eye_error: f64,
    /// By how much the first mesh at a place errs, in pixels of its input.
    first_error: f32,
}

const DRAWN: Drawn =
    Drawn { presence_logit: 5.0, detector_runs: 0, mesh_runs: 0, eye_error: 0.0, first_error: 0.0 };

impl Networks for Drawn {
    fn detect(&mut self, picture: Vec<f32>) -> Result<DetectorOutput> {
        self.detector_runs += 1;
        let mut output =
            DetectorOutput { boxes: vec![0.0; BOX_COUNT * BOX_LENGTH], logits: vec![-9.0; BOX_COUNT] };
        let Some([eye_r, eye_l, mouth]) = dots(&picture, DETECTOR_SIDE, -1.0) else { return Ok(output) };
        let tilt = (eye_l.y - eye_r.y).atan2(eye_l.x - eye_r.x).abs();
        let side = 2.0 * (eye_l - eye_r).length();
        if tilt < TAU / 6.0 && side > 12.0 {
            let center = (eye_r.midpoint(eye_l)).midpoint(mouth);
            let error = Point::new(self.eye_error, 0.0);
            let (eye_r, eye_l) = (eye_r - error, eye_l + error);
            // The first box belongs to the anchor at (4, 4).
            let numbers =
                [center, Point::new(side + 4.0, side + 4.0), eye_r, eye_l, mouth, mouth, eye_r, eye_l];
            for (i, p) in numbers.into_iter().enumerate() {
                output.boxes[2 * i..][..2].copy_from_slice(&[p.x as f32 - 4.0, p.y as f32 - 4.0]);
            }
            output.logits[0] = 4.0 - tilt as f32;
        }
        Ok(output)
    }

    fn mesh(&mut self, picture: Vec<f32>) -> Result<MeshOutput> {
        self.mesh_runs += 1;
        let Some([eye_r, eye_l, mouth]) = dots(&picture, MESH_SIDE, 0.0) else {
            return Ok(MeshOutput { points: vec![0.0; 3 * POINT_COUNT], presence_logit: -9.0 });
        };
        let error = if self.mesh_runs % 2 == 1 { self.first_error } else { 0.0 };
        let middle = (eye_r.midpoint(eye_l)).midpoint(mouth);
        let radius = (eye_l - eye_r).length();
        let points = (0..POINT_COUNT).flat_map(|index| {
            let angle = index as f64;
            let p = match index {
                33 | 133 => eye_r,
                362 | 263 => eye_l,
                1 | 13 | 14 | 61 | 291 => mouth,
                _ => middle + Point::new(angle.cos(), angle.sin()) * radius,
            };
            [p.x as f32 + error, p.y as f32, 0.0]
        });
        Ok(MeshOutput { points: points.collect(), presence_logit: self.presence_logit })
    }
}

fn find(size: Size, faces: &[Affine], networks: &mut Drawn) -> Vec<DetectedFace> {
    let pixels = draw(size, faces);
    let options = SearchOptions { max_faces: 9, min_size: None, tiles: Tiles::Auto };
    detect_faces(RgbView { size, pixels: &pixels }, &options, networks).unwrap()
}

fn placed(x: f64, y: f64, scale: f64, roll_degrees: f64) -> Affine {
    Affine::translate(x, y) * Affine::rotate(roll_degrees.to_radians()) * Affine::scale(scale, scale)
}

#[test]
fn a_face_is_found_at_every_tilt() {
    for roll in (-180..180).step_by(30) {
        let face = placed(160.0, 110.0, 50.0, f64::from(roll));
        let mut networks = DRAWN;
        let found = find(Size::new(320, 240), &[face], &mut networks);
        let [found] = &found[..] else { panic!("{roll}: {}", found.len()) };
        let difference = (found.pose.unwrap().roll_rad.to_degrees() - f64::from(roll)).rem_euclid(360.0);
        assert!(difference.min(360.0 - difference) < 0.5, "{roll}: {difference}");
        for (index, dot) in [(33, DOTS[0]), (263, DOTS[1]), (61, DOTS[2])] {
            assert!(
                (found.points[index] - face.apply(dot)).length() < 0.5,
                "{roll}: {:?}",
                found.points[index]
            );
        }
        assert!(found.is_certain() && found.agreement > 0.97);
        // Four turns of one picture, and the mesh twice.
        assert_eq!((networks.detector_runs, networks.mesh_runs), (4, 2));
    }
}

#[test]
fn a_small_face_is_found_in_smaller_squares() {
    let face = placed(330.0, 300.0, 14.0, 40.0);
    let mut networks = DRAWN;
    let found = find(Size::new(400, 400), &[face], &mut networks);
    assert_eq!(found.len(), 1);
    assert!((found[0].points[33] - face.apply(DOTS[0])).length() < 0.5);
    // The whole photo shows it too small, one of nine halves large enough; quarters might show smaller ones.
    assert_eq!(networks.detector_runs, 4 * (1 + 9 + 49));
}

#[test]
fn meshes_that_disagree_are_uncertain() {
    let mut networks = Drawn { first_error: 30.0, ..DRAWN };
    let found = find(Size::new(320, 240), &[placed(160.0, 110.0, 50.0, 0.0)], &mut networks);
    assert!(
        !found[0].is_certain() && found[0].presence > 0.9 && found[0].agreement < 0.8,
        "{:?}",
        found[0].agreement
    );
    let mut networks = Drawn { eye_error: 20.0, ..DRAWN };
    let found = find(Size::new(320, 240), &[placed(160.0, 110.0, 50.0, 0.0)], &mut networks);
    assert!(
        !found[0].is_certain() && found[0].presence > 0.9 && found[0].agreement < 0.4,
        "{:?}",
        found[0].agreement
    );
    let mut networks = Drawn { presence_logit: -5.0, ..DRAWN };
    let found = find(Size::new(320, 240), &[placed(160.0, 110.0, 50.0, 0.0)], &mut networks);
    assert!(!found[0].is_certain() && found[0].presence < 0.1 && found[0].agreement > 0.9);
}

#[test]
fn a_photo_without_a_face_has_none() {
    let mut networks = DRAWN;
    assert!(find(Size::new(60, 40), &[], &mut networks).is_empty());
    assert!(find(Size::new(1, 1), &[], &mut networks).is_empty());
    assert_eq!(networks.mesh_runs, 0);
}

#[test]
fn an_error_of_a_network_ends_the_search() {
    struct Broken;
    impl Networks for Broken {
        fn detect(&mut self, _: Vec<f32>) -> Result<DetectorOutput> {
            Err(Error::new(ErrorKind::Internal, "", "broken"))
        }
        fn mesh(&mut self, _: Vec<f32>) -> Result<MeshOutput> {
            unreachable!("nothing was detected")
        }
    }
    let options = SearchOptions { max_faces: 1, min_size: None, tiles: Tiles::Down(8) };
    let photo = RgbView { size: Size::new(2, 2), pixels: &[0; 12] };
    assert_eq!(detect_faces(photo, &options, &mut Broken).unwrap_err().detail, "broken");
}
