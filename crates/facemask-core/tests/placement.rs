//! Landmarks that put a face in the same place lead to the same answer, whatever else they say.
#![allow(clippy::unwrap_used, reason = "a test ends where its input is broken")]

mod face_support;

use face_support::{Dice, astronaut};
use facemask_core::face::{CropPreset, Placement};
use facemask_core::geometry::Point;
use facemask_core::raster::{LabelMap, Size};
use facemask_core::trace::{TraceInput, TraceOptions, TraceOutput, compute_placement, trace_face};

const SIZE: Size = Size::new(900, 900);
/// The corners of both eyes: the roll is theirs.
const EYE_CORNERS: [usize; 4] = [33, 133, 263, 362];

/// Bars, so that every crop box cuts something.
fn bars() -> Vec<u8> {
    (0..90 * 90).map(|n| (n % 90 / 7 % 4) as u8).collect()
}

fn traced(labels: &[u8], points: &[Point], options: &TraceOptions) -> String {
    let labels = LabelMap::new(90, 90, labels).unwrap();
    let input = TraceInput {
        labels: Some(labels),
        parser: None,
        faces: &[points.to_vec()],
        image_size: SIZE,
        image_from_labels: None,
        photo: None,
        color_photo: None,
    };
    // Of a result only its landmarks are those of the input.
    let result = TraceOutput { landmarks: Vec::new(), ..trace_face(&input, options).unwrap() };
    format!("{result:?}")
}

fn placed(points: &[Point], options: &TraceOptions) -> Placement {
    compute_placement(&[points.to_vec()], SIZE, options).unwrap().unwrap()
}

#[test]
fn equal_placements_are_traced_alike_and_others_are_not() {
    let (labels, first) = (bars(), astronaut());
    let sized = Some(Size::new(300, 200));
    for (crop, crop_size) in [
        (CropPreset::Face, None),
        (CropPreset::Face, sized),
        (CropPreset::Head, None),
        (CropPreset::None, None),
        (CropPreset::None, sized),
    ] {
        let options = TraceOptions { crop, crop_size, ..TraceOptions::default() };
        let (place, answer) = (placed(&first, &options), traced(&labels, &first, &options));
        let (mut dice, mut equal, mut other) = (Dice(7), 0, 0);
        for round in 0..60 {
            let mut points = first.clone();
            let inner = (dice.next() % 478) as usize;
            let index = if round % 4 == 0 { EYE_CORNERS[round / 4 % 4] } else { inner };
            points[index] = points[index] + Point::new(dice.between(-0.5, 0.5), dice.between(-0.5, 0.5));
            let (moved, again) = (placed(&points, &options), traced(&labels, &points, &options));
            assert_eq!(moved == place, moved.to_bytes() == place.to_bytes());
            assert_eq!(moved == place, again == answer, "landmark {index}, crop {crop:?}");
            equal += usize::from(moved == place);
            other += usize::from(moved != place);
        }
        assert!(equal >= 20 && other >= 15, "{equal} equal, {other} other");
    }
}

#[test]
fn only_the_face_crop_looks_at_the_outermost_landmarks() {
    let (mut points, first) = (astronaut(), astronaut());
    let lowest = (0..478).max_by(|&a, &b| first[a].y.total_cmp(&first[b].y)).unwrap();
    points[lowest].y += 3.0;
    let with = |crop| TraceOptions { crop, ..TraceOptions::default() };
    for (crop, is_same) in [
        (CropPreset::Face, false),
        (CropPreset::Head, true),
        (CropPreset::None, true),
        (CropPreset::Ffhq, true),
        (CropPreset::ArcFace, true),
    ] {
        let (one, two) = (placed(&first, &with(crop)), placed(&points, &with(crop)));
        // Three pixels of one landmark are no thousandth of the fit.
        assert_eq!(one.confidence, two.confidence);
        assert_eq!(one == two, is_same, "{crop:?}");
    }
}

#[test]
fn templates_look_at_eyes_mouth_and_nose() {
    let first = astronaut();
    for (crop, landmark, is_same) in [
        // A corner of the mouth, a point of the ring of an eye, the tip of the nose.
        (CropPreset::Ffhq, 61, false),
        (CropPreset::Ffhq, 145, false),
        (CropPreset::Ffhq, 1, true),
        (CropPreset::ArcFace, 61, false),
        (CropPreset::ArcFace, 1, false),
    ] {
        let options = TraceOptions { crop, ..TraceOptions::default() };
        let mut points = first.clone();
        points[landmark].x += 0.01;
        let (one, two) = (placed(&first, &options).face_crop, placed(&points, &options).face_crop);
        assert_eq!(one == two, is_same, "{crop:?}, {landmark}");
    }
}

#[test]
fn without_landmarks_there_is_no_placement_and_a_scatter_is_refused() {
    let options = TraceOptions::default();
    assert_eq!(compute_placement(&[], SIZE, &options), Ok(None));
    assert_eq!(compute_placement(&[vec![]], SIZE, &options), Ok(None));
    let scatter = vec![Point::new(1.0, 2.0); 478];
    assert!(compute_placement(&[scatter], SIZE, &options).is_err());
}

#[test]
fn several_faces_are_placed_only_by_name() {
    let (first, moved) = (astronaut(), astronaut().into_iter().map(|p| p + Point::new(5.0, 0.0)).collect());
    let faces = [first.clone(), moved];
    assert_eq!(compute_placement(&faces, SIZE, &TraceOptions::default()), Ok(None));
    let by_name = TraceOptions { face: Some(0), ..TraceOptions::default() };
    assert_eq!(compute_placement(&faces, SIZE, &by_name).unwrap().unwrap(), placed(&first, &by_name));
}
