//! Faces without a label map: the labels are painted through the landmarks.
#![allow(clippy::unwrap_used, reason = "a test ends where its input is broken")]

mod face_support;

use face_support::{astronaut, drawn};
use facemask_core::error::Error;
use facemask_core::face::{CropPreset, LandmarkOptions, LandmarkScheme, Landmarks};
use facemask_core::geometry::{Affine, Point};
use facemask_core::raster::{LabelMap, MapExtent, MapFit, Size};
use facemask_core::regions::{LabelScheme, LandmarkMap, Region};
use facemask_core::trace::{
    RegionSet, ResultFrame, TraceInput, TraceOptions, TraceOutput, VoidId, trace_face,
};

const SIZE: Size = Size::new(900, 900);
const DENSE: [&str; 5] = ["mediapipe-478", "ibug-68", "wflw-98", "lapa-106", "insightface-106"];
const LABELS: [&str; 9] =
    ["skin", "brow_r", "brow_l", "eye_r", "eye_l", "nose", "lip_upper", "mouth_inner", "lip_lower"];

fn trace(faces: &[Vec<Point>], size: Size, options: &TraceOptions) -> Result<TraceOutput, Error> {
    let input = TraceInput {
        labels: None,
        parser: None,
        faces,
        image_size: size,
        image_from_labels: None,
        photo: None,
        color_photo: None,
    };
    trace_face(&input, options)
}

/// Options by which nothing is cut or turned.
fn whole() -> TraceOptions {
    TraceOptions { crop: CropPreset::None, frame: ResultFrame::Image, ..TraceOptions::default() }
}

fn find<'a>(result: &'a TraceOutput, name: &str) -> &'a Region {
    result.regions.iter().find(|region| region.name == name).unwrap()
}

fn areas(result: &TraceOutput) -> Vec<(String, f64)> {
    result.regions.iter().map(|region| (region.name.clone(), region.area)).collect()
}

/// A symmetric face of a scheme with an open mouth; 100 pixels between the eyes.
fn face_of(scheme: &str) -> Vec<Point> {
    let points = drawn(LandmarkScheme::from_name(scheme).unwrap(), 0.3);
    points.into_iter().map(|p| p * 100.0 + Point::new(450.0, 400.0)).collect()
}

fn named(scheme: &str) -> TraceOptions {
    TraceOptions { landmark_scheme: scheme.to_owned(), ..whole() }
}

#[test]
fn every_dense_scheme_paints_every_label_on_its_side() {
    for scheme in DENSE {
        let result = trace(&[face_of(scheme)], SIZE, &named(scheme)).unwrap();
        let names: Vec<_> = result.regions.iter().map(|region| region.name.as_str()).collect();
        assert_eq!(names, LABELS, "{scheme}");
        assert_eq!((result.labels_from, result.roll_from), ("landmarks", "landmarks"));
        assert_eq!(result.schemes.labels, Some("lapa-11"));
        for part in ["brow", "eye"] {
            let [right, left] = ["r", "l"].map(|side| find(&result, &format!("{part}_{side}")));
            // The face is symmetric about x = 450; the subject's right is on the left.
            assert!(right.bbox[2] < 450.0 && left.bbox[0] > 450.0, "{scheme} {part}");
            assert!((right.area / left.area - 1.0).abs() < 0.05, "{scheme} {part}");
        }
        for middle in ["skin", "nose", "lip_upper", "mouth_inner", "lip_lower"] {
            let region = find(&result, middle);
            assert!((region.centroid[0] - 450.0).abs() < 1.5, "{scheme} {middle} {:?}", region.centroid);
            assert_eq!(region.parts, 1, "{scheme} {middle}");
        }
        let heights = ["brow_r", "eye_r", "nose", "lip_upper", "mouth_inner", "lip_lower"];
        let heights = heights.map(|name| find(&result, name).centroid[1]);
        assert!(heights.is_sorted(), "{scheme} {heights:?}");
        // The skin surrounds all of it: from above the brows to the chin.
        let skin = find(&result, "skin").bbox;
        assert!(skin[1] < find(&result, "brow_r").bbox[1] - 20.0, "{scheme}");
        assert!(result.regions.iter().all(|r| r.bbox[0] >= skin[0] && r.bbox[2] <= skin[2]), "{scheme}");
    }
}

#[test]
fn closed_lips_leave_no_gap_and_no_inner_mouth() {
    // Upper and lower lip meet where the inner rings coincide, as those of a closed mouth do.
    let mut points = astronaut();
    let upper = [191, 80, 81, 82, 13, 312, 311, 310, 415];
    let lower = [95, 88, 178, 87, 14, 317, 402, 318, 324];
    for (a, b) in upper.into_iter().zip(lower) {
        let middle = points[a].midpoint(points[b]);
        (points[a], points[b]) = (middle, middle);
    }
    let result = trace(&[points], SIZE, &TraceOptions { tolerance: 0.0, ..whole() }).unwrap();
    assert!(result.regions.iter().all(|region| region.name != "mouth_inner" || region.area < 20.0));
    let skin = find(&result, "skin");
    // Its holes are eyes and brows, the nose and the whole mouth: no sliver of skin between the lips.
    assert_eq!((skin.parts, skin.holes), (1, 6));
}

#[test]
fn guesses_are_marked_and_named_and_what_is_hidden_is_said() {
    for (scheme, guessed) in [
        ("mediapipe-478", vec!["skin", "brow_r", "brow_l"]),
        ("ibug-68", vec!["skin", "brow_r", "brow_l", "nose"]),
        ("wflw-98", vec!["skin", "brow_r", "brow_l", "nose"]),
        ("lapa-106", vec!["skin", "brow_r", "brow_l"]),
    ] {
        let result = trace(&[face_of(scheme)], SIZE, &named(scheme)).unwrap();
        let marked: Vec<_> = result.regions.iter().filter(|r| r.guessed).map(|r| r.name.as_str()).collect();
        assert_eq!(marked, guessed, "{scheme}");
        let warning = &result.warnings[0];
        assert_eq!((warning.code, result.warnings.len()), ("labels_from_landmarks", 1));
        for words in guessed.iter().chain(&["hair, ears, neck", "no landmark marks the hairline"]) {
            assert!(warning.detail.contains(words), "{scheme}: {}", warning.detail);
        }
        assert!(!warning.detail.contains("eye_r"), "{}", warning.detail);
    }
    let zones = TraceOptions { regions: RegionSet::Zones, ..whole() };
    let result = trace(&[astronaut()], SIZE, &zones).unwrap();
    let marked: Vec<_> = result.regions.iter().filter(|r| r.guessed).map(|r| r.name.as_str()).collect();
    assert_eq!(marked, ["forehead", "brow_r", "brow_l"]);
    assert!(result.warnings[0].detail.contains("guessed: forehead (the upper edge"));
}

#[test]
fn a_given_map_has_no_mark() {
    let ids: Vec<u8> = (0..90 * 90).map(|n| if n % 90 > 20 && n / 90 > 20 { 1 } else { 0 }).collect();
    let input = TraceInput {
        labels: Some(LabelMap::new(90, 90, &ids).unwrap()),
        parser: None,
        faces: &[astronaut()],
        image_size: SIZE,
        image_from_labels: None,
        photo: None,
        color_photo: None,
    };
    let result = trace_face(&input, &TraceOptions::default()).unwrap();
    assert_eq!(result.labels_from, "map");
    assert!(result.regions.iter().all(|region| !region.guessed));
    assert!(result.warnings.iter().all(|warning| warning.code != "labels_from_landmarks"));
}

#[test]
fn areas_are_those_of_the_face_at_every_roll_and_scale() {
    let upright = areas(&trace(&[astronaut()], SIZE, &whole()).unwrap());
    for (degrees, scale) in [(30.0_f64, 1.0), (90.0, 1.0), (180.0, 2.0), (-135.0, 0.5), (10.0, 5.0)] {
        let side = (scale * 1400.0) as u32;
        let middle = Affine::translate(f64::from(side) / 2.0, f64::from(side) / 2.0);
        let turn = middle
            * Affine::rotate(degrees.to_radians())
            * Affine::scale(scale, scale)
            * Affine::translate(-450.0, -450.0);
        let points: Vec<_> = astronaut().iter().map(|&p| turn.apply(p)).collect();
        let turned = areas(&trace(&[points], Size::new(side, side), &whole()).unwrap());
        for ((name, area), (other, found)) in upright.iter().zip(&turned) {
            let ratio = found / (area * scale * scale);
            assert_eq!(name, other);
            // At half the size an eye has 200 pixels.
            assert!(
                (ratio - 1.0).abs() < if scale < 1.0 { 0.06 } else { 0.03 },
                "{name} at {degrees}: {ratio}"
            );
        }
    }
}

#[test]
fn a_mirrored_photo_keeps_the_subjects_sides() {
    let mirrored: Vec<_> = astronaut().iter().map(|p| Point::new(900.0 - p.x, p.y)).collect();
    let (result, plain) =
        (trace(&[mirrored], SIZE, &whole()).unwrap(), trace(&[astronaut()], SIZE, &whole()).unwrap());
    assert!(result.mirrored && !plain.mirrored);
    for name in LABELS {
        let (found, expected) = (find(&result, name), find(&plain, name));
        assert!((found.area / expected.area - 1.0).abs() < 0.02, "{name}");
        assert!((900.0 - found.centroid[0] - expected.centroid[0]).abs() < 0.5, "{name}");
    }
}

#[test]
fn the_grid_of_a_huge_photo_is_bounded_and_its_outlines_stay_in_place() {
    let lapa = LabelScheme::from_name("lapa-11").unwrap();
    let plain = trace(&[astronaut()], SIZE, &whole()).unwrap();
    for scale in [1.0, 4.0, 40.0, 1000.0] {
        let side = (scale * 900.0) as u32;
        let points: Vec<_> = astronaut().iter().map(|&p| p * scale).collect();
        let size = Size::new(side, side);
        let landmarks = Landmarks::identify(&points, &LandmarkOptions::default(), size).unwrap();
        let map = LandmarkMap::paint(&landmarks, lapa, size).unwrap();
        let [a, _, c, _, e, _] = map.image_from_labels.0;
        assert_eq!((a, map.ids.len()), (e, map.size.width as usize * map.size.height as usize));
        assert!(map.ids.len() <= (LandmarkMap::MAX_PIXELS + map.size.width + map.size.height) as usize);
        assert_eq!(c.fract(), 0.0);
        assert_eq!(a == 1.0, scale <= 4.0, "the photo's own pixels, where the face has not too many of them");
        let result = trace(&[points], size, &whole()).unwrap();
        assert_eq!(result.size, size);
        for name in LABELS {
            let (found, expected) = (find(&result, name), find(&plain, name));
            assert!((found.area / (expected.area * scale * scale) - 1.0).abs() < 0.03, "{name} at {scale}");
            let offset = found.centroid[0] / scale - expected.centroid[0];
            // The upper lip of the smallest photo is six pixels high.
            assert!(offset.abs() < 1.0, "{name} at {scale}: {offset}");
        }
    }
    // Only the face's box counts, not the photo.
    let small = trace(&[astronaut()], Size::new(1_000_000, 1_000_000), &whole()).unwrap();
    assert_eq!(areas(&small), areas(&plain));
}

#[test]
fn a_face_at_the_edge_is_cut_and_one_outside_is_an_error() {
    let moved = |x: f64| -> Vec<Point> { astronaut().iter().map(|&p| p + Point::new(x, 0.0)).collect() };
    // Half of the face: its middle is at 450.
    let half = trace(&[moved(-450.0)], SIZE, &whole()).unwrap();
    let skin = find(&half, "skin");
    let whole_area = find(&trace(&[moved(0.0)], SIZE, &whole()).unwrap(), "skin").area;
    assert!((skin.area / whole_area - 0.5).abs() < 0.1);
    assert_eq!(skin.bbox[0], 0.0);
    for x in [-900.0, 700.0, 5000.0, -590.0] {
        let error = trace(&[moved(x)], SIZE, &whole()).unwrap_err();
        assert_eq!((error.kind.code(), error.field.as_str()), ("crop_empty", "landmarks"), "{x}");
        assert!(error.detail.contains("of the face lies inside the photo of 900 x 900"), "{}", error.detail);
    }
    let ratios: Vec<_> = astronaut().iter().map(|&p| p * (1.0 / 900.0)).collect();
    let options = TraceOptions { landmark_units: facemask_core::face::LandmarkUnits::Pixel, ..whole() };
    let error = trace(&[ratios], SIZE, &options).unwrap_err();
    assert!(error.detail.contains("the face covers 0.1 pixels of the photo"), "{}", error.detail);
}

#[test]
fn what_cannot_be_painted_names_the_input_that_would_help() {
    for scheme in ["arcface-5", "dlib-5", "blazeface-6", "cofw-29", "aflw-19"] {
        let error = trace(&[face_of(scheme)], SIZE, &named(scheme)).unwrap_err();
        assert_eq!((error.kind.code(), error.field.as_str()), ("map_required", "labels"));
        for words in [scheme, "send a label map", "478, 468, 106, 98 or 68 points"] {
            assert!(error.detail.contains(words), "{}", error.detail);
        }
    }
    let error = trace(&[], SIZE, &whole()).unwrap_err();
    assert_eq!((error.kind.code(), error.field.as_str()), ("map_required", "labels"));
    for (points, code, words) in [
        (vec![Point::new(1.0, 2.0); 3], "landmarks_implausible", "has 3 points"),
        (vec![Point::new(100.0, 200.0); 478], "landmarks_implausible", "do not form a face"),
        (vec![Point::new(f64::NAN, 200.0); 478], "landmarks_invalid", "finite"),
        (vec![Point::new(f64::INFINITY, 200.0); 68], "landmarks_invalid", "finite"),
    ] {
        let error = trace(&[points], SIZE, &whole()).unwrap_err();
        assert_eq!(error.kind.code(), code);
        assert!(error.field.starts_with("landmarks") && error.detail.contains(words), "{error}");
    }
}

#[test]
fn options_of_a_label_map_are_refused_without_one() {
    let extent = |map_extent| TraceOptions { map_extent, ..whole() };
    for (options, option) in [
        (extent(MapExtent { map_fit: MapFit::Stretch, ..MapExtent::default() }), "map_fit"),
        (extent(MapExtent { map_box: Some([0.0, 0.0, 9.0, 9.0]), ..MapExtent::default() }), "map_box"),
        (
            extent(MapExtent { image_from_labels: Some(Affine::IDENTITY.0), ..MapExtent::default() }),
            "image_from_labels",
        ),
        (TraceOptions { void: VoidId::Id(4), ..whole() }, "void"),
        (TraceOptions { label_scheme: "custom".to_owned(), ..whole() }, "label_scheme"),
    ] {
        let error = trace(&[astronaut()], SIZE, &options).unwrap_err();
        assert_eq!((error.kind.code(), error.field.as_str()), ("option_invalid", option));
    }
}

#[test]
fn a_named_label_scheme_gives_the_ids() {
    let lapa = areas(&trace(&[astronaut()], SIZE, &whole()).unwrap());
    let scheme = |name: &str| TraceOptions { label_scheme: name.to_owned(), ..whole() };
    let result = trace(&[astronaut()], SIZE, &scheme("celebamask-hq-19")).unwrap();
    assert_eq!((result.schemes.labels, find(&result, "eye_l").id), (Some("celebamask-hq-19"), 4));
    let mut found = areas(&result);
    found.sort_by_key(|(name, _)| LABELS.iter().position(|own| own == name));
    assert_eq!(found, lapa);
    // A scheme without features has the skin of the whole face.
    let result = trace(&[astronaut()], SIZE, &scheme("mediapipe-multiclass-6")).unwrap();
    let names: Vec<_> =
        result.regions.iter().map(|region| (region.id, region.name.as_str(), region.holes)).collect();
    assert_eq!(names, [(3, "skin", 0)]);
}

#[test]
fn of_several_faces_the_largest_is_painted() {
    let small: Vec<_> = astronaut().iter().map(|&p| p * 0.4).collect();
    let faces = [small, astronaut()];
    let result = trace(&faces, SIZE, &whole()).unwrap();
    let codes: Vec<_> = result.warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, ["several_faces", "labels_from_landmarks"]);
    assert!(result.warnings[0].detail.contains("face 1 was taken because it is the largest"));
    let first = trace(&faces, SIZE, &TraceOptions { face: Some(0), ..whole() }).unwrap();
    assert!((find(&first, "skin").area / find(&result, "skin").area - 0.16).abs() < 0.005);
}
