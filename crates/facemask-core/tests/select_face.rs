//! The choice of one face among several.
#![allow(clippy::unwrap_used, reason = "a test ends where its input is broken")]

mod face_support;

use face_support::astronaut;
use facemask_core::error::ErrorKind;
use facemask_core::face::{
    FacialFeatures, LandmarkOptions, LandmarkUnits, Landmarks, SelectedFace, check_faces, select_face,
};
use facemask_core::geometry::Point;
use facemask_core::raster::Size;

const SIZE: Size = Size::new(4000, 3000);

/// The sample's face, scaled and moved.
fn face(scale: f64, x: f64, y: f64) -> Vec<Point> {
    astronaut().into_iter().map(|p| p * scale + Point::new(x, y)).collect()
}

fn features(points: &[Point]) -> FacialFeatures {
    Landmarks::identify(points, &LandmarkOptions::default(), SIZE).unwrap().features()
}

fn select(faces: &[Vec<Point>], named: Option<usize>, map: Option<&FacialFeatures>) -> Option<SelectedFace> {
    select_face(faces, named, &LandmarkOptions::default(), SIZE, map).unwrap()
}

#[test]
fn the_face_of_the_map_is_selected_even_when_it_is_small() {
    let faces = [face(1.0, 0.0, 0.0), face(0.3, 900.0, 40.0), face(1.1, 1500.0, 200.0)];
    for (index, points) in faces.iter().enumerate() {
        let map = features(points);
        // A map's eyes are a little off those of the landmarks.
        let map = FacialFeatures { eye_r: map.eye_r + Point::new(3.0, -2.0), ..map };
        let selected = select(&faces, None, Some(&map)).unwrap();
        assert_eq!(&selected.landmarks.points, points);
        let notice = selected.notice.unwrap();
        assert!(notice.starts_with(&format!("3 faces were given, face {index} was taken")), "{notice}");
        assert!(notice.contains("eyes are nearest"), "{notice}");
    }
}

#[test]
fn of_two_faces_around_one_midpoint_the_size_decides() {
    let (small, large) = (face(0.5, 0.0, 0.0), face(1.0, 0.0, 0.0));
    let (a, b) = (features(&small), features(&large));
    let shift = a.eye_r.midpoint(a.eye_l) - b.eye_r.midpoint(b.eye_l);
    let large: Vec<Point> = large.into_iter().map(|p| p + shift).collect();
    for own in [&small, &large] {
        let selected = select(&[small.clone(), large.clone()], None, Some(&features(own))).unwrap();
        assert_eq!(&selected.landmarks.points, own);
    }
}

#[test]
fn without_a_known_map_the_largest_face_is_selected() {
    let faces = [face(0.5, 0.0, 0.0), face(1.0, 600.0, 0.0), face(0.7, 1500.0, 0.0)];
    let selected = select(&faces, None, None).unwrap();
    assert_eq!(selected.landmarks.points, faces[1]);
    assert!(selected.notice.unwrap().contains("it is the largest"));
}

#[test]
fn a_named_face_is_taken_without_a_word() {
    let faces = [face(0.5, 0.0, 0.0), face(1.0, 600.0, 0.0)];
    let selected = select(&faces, Some(0), Some(&features(&faces[1]))).unwrap();
    assert_eq!(selected.landmarks.points, faces[0]);
    assert_eq!(selected.notice, None);
    for (faces, named) in [(&faces[..], 2), (&faces[..1], 1), (&[], 0), (&[Vec::new(), faces[0].clone()], 0)]
    {
        let error = select_face(faces, Some(named), &LandmarkOptions::default(), SIZE, None).unwrap_err();
        assert_eq!((error.kind, &*error.field), (ErrorKind::OptionInvalid, "face"));
    }
}

#[test]
fn one_face_has_no_notice_and_no_face_is_none() {
    assert_eq!(select(&[face(1.0, 0.0, 0.0)], None, None).unwrap().notice, None);
    assert_eq!(select(&[Vec::new(), face(1.0, 0.0, 0.0)], None, None).unwrap().notice, None);
    assert!(select(&[], None, None).is_none());
    assert!(select(&[Vec::new(), Vec::new()], None, None).is_none());
}

#[test]
fn points_that_form_no_face_are_passed_over_unless_there_are_no_others() {
    let (good, scatter) = (face(1.0, 0.0, 0.0), vec![Point::new(1.0, 2.0); 478]);
    let broken: Vec<Point> = good.iter().map(|p| Point::new(p.x, f64::NAN)).collect();
    let faces = [scatter.clone(), broken.clone(), good.clone()];
    let selected = select(&faces, None, None).unwrap();
    assert_eq!(selected.landmarks.points, good);
    assert!(selected.notice.unwrap().contains("it alone forms a face"));
    assert!(check_faces(&faces).is_ok());
    let error = |faces: &[Vec<Point>]| {
        select_face(faces, None, &LandmarkOptions::default(), SIZE, None).unwrap_err().kind
    };
    assert_eq!(error(&[scatter.clone(), broken.clone()]), ErrorKind::LandmarksImplausible);
    assert_eq!(check_faces(&[broken.clone(), broken]).unwrap_err().kind, ErrorKind::LandmarksInvalid);
}

#[test]
fn faces_share_their_units() {
    // A face within two pixels of the corner would be ratios, were it alone.
    let faces = [face(0.002, 0.0, 0.0), face(1.0, 600.0, 0.0)];
    assert!(faces[0].iter().all(|p| p.x <= 2.0 && p.y <= 2.0));
    assert_eq!(select(&faces, Some(0), None).unwrap().landmarks.points, faces[0]);
    let ratios: Vec<_> = faces[1].iter().map(|p| Point::new(p.x / 4000.0, p.y / 3000.0)).collect();
    let selected = select(&[ratios.clone(), ratios], None, None).unwrap();
    assert!((selected.landmarks.points[0] - faces[1][0]).length() < 1e-6);
    let options = LandmarkOptions { units: LandmarkUnits::Pixel, ..LandmarkOptions::default() };
    assert!(select_face(&faces, Some(1), &options, SIZE, None).is_ok());
}

#[test]
fn the_number_of_faces_is_bounded() {
    let faces = vec![Vec::new(); 1001];
    let error = select_face(&faces, None, &LandmarkOptions::default(), SIZE, None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::LandmarksInvalid);
    assert_eq!(check_faces(&faces).unwrap_err().kind, ErrorKind::LandmarksInvalid);
    assert!(check_faces(&faces[..1000]).is_ok());
}
