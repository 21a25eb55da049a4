//! What is not a face is refused with a reason, and nothing panics.
#![allow(clippy::expect_used, reason = "clippy sees no test in a test's own functions")]

mod face_support;

use face_support::{Dice, astronaut, drawn, in_pixels};
use facemask_core::error::{Error, ErrorKind};
use facemask_core::face::{LandmarkOptions, LandmarkScheme, LandmarkUnits, Landmarks};
use facemask_core::geometry::Point;
use facemask_core::raster::Size;
use proptest::prelude::*;

const SIZE: Size = Size::new(900, 900);

fn refusal(points: &[Point], scheme: &str) -> Error {
    let options = LandmarkOptions { scheme, units: LandmarkUnits::Auto };
    Landmarks::identify(points, &options, SIZE).expect_err("these points are not a face")
}

fn rich_faces() -> impl Iterator<Item = Vec<Point>> {
    let rich = LandmarkScheme::ALL.iter().filter(|scheme| scheme.counts[0] >= 19);
    rich.flat_map(|scheme| scheme.counts.iter().map(|&n| drawn(scheme, 0.0)[..n].to_vec()))
}

#[test]
fn shuffled_faces_are_implausible() {
    let faces = rich_faces().map(|face| in_pixels(&face, 130.0, 450.0, 350.0));
    for face in faces.chain([astronaut()]) {
        for seed in 0..2000 {
            let mut shuffled = face.clone();
            Dice(seed).shuffle(&mut shuffled);
            assert_eq!(refusal(&shuffled, "auto").kind, ErrorKind::LandmarksImplausible, "seed {seed}");
        }
    }
}

#[test]
fn orders_gone_wrong_are_implausible() {
    for face in rich_faces().map(|face| in_pixels(&face, 130.0, 450.0, 350.0)) {
        let mut wrong = [face.clone(), face.clone(), face.clone(), face.clone(), face];
        wrong[0].rotate_left(1);
        wrong[1].rotate_right(1);
        wrong[2].reverse();
        wrong[3].sort_by(|a, b| a.x.total_cmp(&b.x));
        wrong[4].sort_by(|a, b| a.y.total_cmp(&b.y));
        for points in wrong {
            assert_eq!(refusal(&points, "auto").kind, ErrorKind::LandmarksImplausible);
        }
    }
}

#[test]
fn clouds_of_points_are_implausible() {
    for count in [19, 29, 68, 98, 106, 468, 478] {
        for seed in 0..2000 {
            let mut dice = Dice(seed);
            // From round clouds to almost straight ones.
            let height = 900.0 * dice.unit();
            let mut point = || Point::new(dice.between(0.0, 900.0), dice.between(0.0, height));
            let cloud: Vec<_> = (0..count).map(|_| point()).collect();
            assert_eq!(refusal(&cloud, "auto").kind, ErrorKind::LandmarksImplausible, "seed {seed}");
        }
    }
}

#[test]
fn the_wrong_scheme_of_the_right_count_is_implausible() {
    for (is, said) in [
        ("lapa-106", "insightface-106"),
        ("insightface-106", "lapa-106"),
        ("arcface-5", "dlib-5"),
        ("dlib-5", "arcface-5"),
    ] {
        let face = in_pixels(&drawn(LandmarkScheme::from_name(is).unwrap(), 0.0), 130.0, 450.0, 350.0);
        let error = refusal(&face, said);
        assert_eq!(error.kind, ErrorKind::LandmarksImplausible);
        assert!(error.detail.contains(said), "{error}");
    }
}

#[test]
fn the_wrong_count_is_implausible_and_says_the_right_one() {
    let few = in_pixels(&drawn(LandmarkScheme::from_name("ibug-68").unwrap(), 0.0), 130.0, 450.0, 350.0);
    let error = refusal(&few, "mediapipe-478");
    assert_eq!((error.kind, error.field.as_str()), (ErrorKind::LandmarksImplausible, "landmarks"));
    assert!(error.detail.contains("478 or 468") && error.detail.contains("68"), "{error}");
    assert!(refusal(&astronaut(), "ibug-68").detail.contains("has 68 points, got 478"));
    assert!(refusal(&astronaut()[..7], "auto").detail.contains("no known scheme has 7 points"));
    assert_eq!(refusal(&astronaut(), "MediaPipe").field, "landmark_scheme");
}

#[test]
fn sides_that_disagree_are_implausible() {
    // The eyes and brows of the other side, everything else in its place: no roll to be had from these.
    let scheme = LandmarkScheme::from_name("ibug-68").unwrap();
    let mut face = in_pixels(&drawn(scheme, 0.0), 130.0, 450.0, 350.0);
    for (part, other) in [("eye_r", "eye_l"), ("brow_r", "brow_l")] {
        for (&a, &b) in scheme.part(part).unwrap().iter().zip(scheme.part(other).unwrap()) {
            face.swap(usize::from(a), usize::from(b));
        }
    }
    assert_eq!(refusal(&face, "auto").kind, ErrorKind::LandmarksImplausible);
}

#[test]
fn no_points_and_bad_numbers_are_invalid() {
    assert_eq!(refusal(&[], "auto").kind, ErrorKind::LandmarksInvalid);
    for bad in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e308, -1.1e6] {
        let mut points = astronaut();
        points[17].y = bad;
        let error = refusal(&points, "auto");
        assert_eq!((error.kind, error.field.as_str()), (ErrorKind::LandmarksInvalid, "landmarks[17]"));
    }
    let options = LandmarkOptions { units: LandmarkUnits::Normalized, ..Default::default() };
    let error = Landmarks::identify(&[Point::new(9e5, 0.0); 5], &options, SIZE).unwrap_err();
    assert_eq!(error.kind, ErrorKind::LandmarksInvalid);
}

#[test]
fn points_without_a_shape_are_implausible() {
    for count in [5, 6, 19, 68, 478] {
        let same = vec![Point::new(100.0, 100.0); count];
        assert_eq!(refusal(&same, "auto").kind, ErrorKind::LandmarksImplausible);
        let line: Vec<_> = (0..count).map(|i| Point::new(10.0 + i as f64, 5.0)).collect();
        assert_eq!(refusal(&line, "auto").kind, ErrorKind::LandmarksImplausible);
    }
    let mut face = astronaut();
    (face[263], face[362]) = (face[33], face[133]);
    assert_eq!(refusal(&face, "auto").kind, ErrorKind::LandmarksImplausible);
}

proptest! {
    #[test]
    fn nothing_panics(
        count in prop::sample::select(vec![0_usize, 1, 5, 6, 7, 19, 29, 68, 98, 106, 468, 478]),
        numbers in prop::collection::vec(prop::num::f64::ANY, 1..12),
        ordinary in any::<bool>(),
        image_size in (any::<u32>(), any::<u32>()),
        units in prop::sample::select(vec![LandmarkUnits::Auto, LandmarkUnits::Pixel, LandmarkUnits::Normalized]),
    ) {
        // Few distinct numbers, or numbers of very different sizes that pass the first check.
        let number = |i: usize| {
            let n = numbers[i % numbers.len()];
            if ordinary { n % 1e6 } else { n }
        };
        let points: Vec<_> = (0..count).map(|i| Point::new(number(i), number(3 * i + 1))).collect();
        let options = LandmarkOptions { scheme: "auto", units };
        for size in [SIZE, Size::from(image_size)] {
            if let Ok(found) = Landmarks::identify(&points, &options, size) {
                prop_assert!(found.pose().roll_rad.is_finite());
                prop_assert!((0.0..=1.0).contains(&found.confidence));
            }
        }
    }
}
