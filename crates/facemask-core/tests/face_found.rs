//! Real faces are found: the right scheme, roll and hand, whatever was done to the picture.
#![allow(clippy::unwrap_used, reason = "clippy sees no test in a test's own functions")]

mod face_support;

use face_support::{Dice, astronaut, drawn, in_pixels, mediapipe_pairs, pixel_mirrored, turned, viewed};
use facemask_core::face::{LandmarkOptions, LandmarkScheme, LandmarkUnits, Landmarks, angle_difference};
use facemask_core::geometry::{Point, Rect};
use facemask_core::raster::Size;

const SIZE: Size = Size::new(1200, 800);

fn identify(points: &[Point]) -> Landmarks {
    Landmarks::identify(points, &LandmarkOptions::default(), SIZE).unwrap()
}

/// Every scheme with each of its counts, and its drawn face.
fn faces(open: f64) -> impl Iterator<Item = (&'static LandmarkScheme, Vec<Point>)> {
    LandmarkScheme::ALL.iter().flat_map(move |scheme| {
        scheme.counts.iter().map(move |&count| (scheme, drawn(scheme, open)[..count].to_vec()))
    })
}

fn check(found: &Landmarks, scheme: &LandmarkScheme, degrees: f64, mirrored: bool) {
    assert_eq!(found.scheme, scheme, "{degrees} degrees, mirrored {mirrored}");
    assert_eq!(found.mirrored, mirrored, "{} at {degrees} degrees", scheme.name);
    let off = angle_difference(found.pose().roll_rad, degrees.to_radians()).abs();
    assert!(off < 1e-6, "{} at {degrees} degrees: off by {off} rad", scheme.name);
    assert!(found.confidence > 0.9 && found.confidence <= 1.0);
}

#[test]
fn every_scheme_at_every_angle_hand_scale_and_unit() {
    for (scheme, face) in faces(0.0) {
        for angle in (-175..=180).step_by(5).map(f64::from) {
            for size in [0.9, 25.0, 210.0, 9000.0] {
                let upright = in_pixels(&face, size, 600.0, 400.0);
                let there = turned(&upright, angle, (600.0, 400.0));
                check(&identify(&there), scheme, angle, false);
                let flipped = turned(&pixel_mirrored(&upright, 1200.0), angle, (600.0, 400.0));
                check(&identify(&flipped), scheme, angle, true);
                if size < 500.0 {
                    let ratios: Vec<_> = there
                        .iter()
                        .map(|p| Point::new(p.x / f64::from(SIZE.width), p.y / f64::from(SIZE.height)))
                        .collect();
                    let found = identify(&ratios);
                    check(&found, scheme, angle, false);
                    assert!((found.points[0] - there[0]).length() < 1e-6);
                }
            }
        }
    }
}

#[test]
fn a_named_scheme_is_believed() {
    for (scheme, face) in faces(0.0) {
        let options = LandmarkOptions { scheme: scheme.name, units: LandmarkUnits::Pixel };
        let found = Landmarks::identify(&in_pixels(&face, 100.0, 500.0, 300.0), &options, SIZE).unwrap();
        check(&found, scheme, 0.0, false);
    }
}

#[test]
fn noise_turned_heads_squeezes_and_open_mouths_stay_faces() {
    for open in [0.0, 0.5] {
        for (scheme, face) in faces(open) {
            for seed in 0..20 {
                let mut dice = Dice(seed);
                let mut views = vec![face.clone()];
                views.push(face.iter().map(|p| Point::new(0.55 * p.x, p.y)).collect());
                views.extend([-50.0, -30.0, 30.0, 50.0].map(|yaw| viewed(&face, yaw, 0.0)));
                for view in views {
                    let noisy: Vec<_> = view
                        .iter()
                        .map(|&p| p + Point::new(dice.between(-0.02, 0.02), dice.between(-0.02, 0.02)))
                        .collect();
                    let angle = dice.between(-180.0, 180.0);
                    let there = turned(&in_pixels(&noisy, 120.0, 600.0, 400.0), angle, (600.0, 400.0));
                    let found = identify(&there);
                    assert_eq!((found.scheme, found.mirrored), (scheme, false));
                    let off = angle_difference(found.pose().roll_rad, angle.to_radians()).abs();
                    assert!(off < 0.12, "{}: off by {off} rad", scheme.name);
                }
            }
        }
    }
}

#[test]
fn nodding_and_turning_together_stay_faces() {
    for open in [0.0, 0.5] {
        for (scheme, face) in faces(open) {
            // Five or six points say less: beyond this a nose leaves the triangle of eyes and mouth.
            let (most_yaw, most_pitch) = if face.len() < 19 { (40.0, 25.0) } else { (55.0, 40.0) };
            for yaw in [-1.0, -0.5, 0.0, 0.5, 1.0].map(|part| part * most_yaw) {
                for pitch in [-1.0, 0.0, 1.0].map(|part| part * most_pitch) {
                    let there = in_pixels(&viewed(&face, yaw, pitch), 120.0, 600.0, 400.0);
                    let found = identify(&there);
                    assert_eq!((found.scheme, found.mirrored), (scheme, false), "{yaw} {pitch} {open}");
                }
            }
        }
    }
}

#[test]
fn five_points_are_told_apart_when_the_head_turns() {
    for name in ["arcface-5", "dlib-5"] {
        let scheme = LandmarkScheme::from_name(name).unwrap();
        for yaw in (-50..=50).step_by(5).map(f64::from) {
            let view = in_pixels(&viewed(&drawn(scheme, 0.0), yaw, 0.0), 80.0, 600.0, 400.0);
            for angle in (0..360).step_by(15).map(f64::from) {
                let there = turned(&view, angle, (600.0, 400.0));
                assert_eq!(identify(&there).scheme, scheme, "yaw {yaw}, roll {angle}");
                let flipped = identify(&pixel_mirrored(&there, 1200.0));
                assert_eq!((flipped.scheme, flipped.mirrored), (scheme, true), "yaw {yaw}, roll {angle}");
            }
        }
    }
}

#[test]
fn the_astronaut_tilts_by_3_16_degrees_in_every_variant() {
    let points = astronaut();
    let found = identify(&points);
    assert_eq!((found.scheme.name, found.mirrored), ("mediapipe-478", false));
    assert!((found.features().eye_r - Point::new(389.22, 307.97)).length() < 0.01);
    assert!((found.features().eye_l - Point::new(515.58, 314.95)).length() < 0.01);
    assert!((found.pose().roll_rad.to_degrees() - 3.16).abs() < 0.01);
    let mut renumbered = pixel_mirrored(&points, 900.0);
    for (a, b) in mediapipe_pairs() {
        renumbered.swap(a, b);
    }
    let variants = [
        (points.clone(), 3.16, false),
        (pixel_mirrored(&points, 900.0), -3.16, true),
        (renumbered, -3.16, false),
    ];
    for (variant, tilt, mirrored) in variants {
        for angle in [0.0_f64, 30.0, -30.0, 90.0, 180.0, -135.0, 176.84] {
            for count in [478, 468] {
                let found = identify(&turned(&variant[..count], angle, (450.0, 450.0)));
                let off = angle_difference(found.pose().roll_rad, (tilt + angle).to_radians()).to_degrees();
                assert!(off.abs() < 0.01, "turned by {angle}: off by {off} degrees");
                assert_eq!(found.mirrored, mirrored);
            }
        }
    }
}

/// The astronaut's points that lie where another scheme has its own, by the index lists of both.
fn astronaut_as(indices: &[usize]) -> Vec<Point> {
    let points = astronaut();
    indices.iter().map(|&i| points[i]).collect()
}

#[test]
fn the_astronaut_is_a_face_in_other_schemes() {
    let ibug = [
        127, 234, 93, 132, 58, 136, 150, 176, 152, 400, 379, 365, 288, 361, 323, 454, 356, 70, 63, 105, 66,
        107, 336, 296, 334, 293, 300, 168, 197, 5, 4, 98, 97, 2, 326, 327, 33, 160, 158, 133, 153, 144, 362,
        385, 387, 263, 373, 380, 61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308,
        317, 14, 87,
    ];
    let cofw = [
        70, 300, 107, 336, 105, 65, 334, 295, 33, 263, 133, 362, 159, 145, 386, 374, 468, 473, 98, 327, 1, 2,
        61, 291, 0, 13, 14, 17, 152,
    ];
    let aflw = [70, 105, 107, 336, 334, 300, 33, 468, 133, 362, 473, 263, 98, 1, 327, 61, 13, 291, 152];
    let lists: [(&str, &[usize]); 6] = [
        ("ibug-68", &ibug),
        ("cofw-29", &cofw),
        ("aflw-19", &aflw),
        ("arcface-5", &[468, 473, 1, 61, 291]),
        ("dlib-5", &[263, 362, 33, 133, 2]),
        ("blazeface-6", &[468, 473, 1, 13, 234, 454]),
    ];
    for (name, indices) in lists {
        let found = identify(&astronaut_as(indices));
        assert_eq!((found.scheme.name, found.mirrored), (name, false));
        assert!(found.confidence > 0.97, "{name}: {}", found.confidence);
        assert!((found.pose().roll_rad.to_degrees() - 3.16).abs() < 1.0, "{name}");
    }
}

#[test]
fn a_few_points_outline_the_whole_face() {
    let whole = Rect::around(astronaut()).unwrap();
    for indices in [&[468, 473, 1, 61, 291][..], &[263, 362, 33, 133, 2]] {
        let outline = Rect::around(identify(&astronaut_as(indices)).face_extent()).unwrap();
        let off =
            [outline.x0 - whole.x0, outline.y0 - whole.y0, outline.x1 - whole.x1, outline.y1 - whole.y1];
        assert!(off.iter().all(|off| off.abs() < 0.2 * whole.width()), "{off:?}");
    }
    assert_eq!(identify(&astronaut()).face_extent(), astronaut());
}

#[test]
fn points_outside_the_picture_are_normal() {
    let points = in_pixels(&drawn(LandmarkScheme::from_name("ibug-68").unwrap(), 0.0), 300.0, 10.0, -50.0);
    assert!(points.iter().any(|p| p.x < 0.0 && p.y < 0.0));
    assert_eq!(identify(&points).points, points);
}

#[test]
fn a_face_of_468_points_has_no_irises() {
    let found = identify(&astronaut()[..468]);
    assert!(found.part("iris_r").is_empty());
    assert_eq!(found.part("face_oval").len(), 36);
    assert!(found.part("no such part").is_empty());
}
