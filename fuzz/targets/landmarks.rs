//! Any points as landmarks, and the sample's with changes: read, or refused with a reason; what is read leads to a crop
//! box within the upright canvas. Every fourth face has no label map.
#![no_main]

use std::sync::LazyLock;

use facemask_core::face::{LandmarkScheme, LandmarkUnits};
use facemask_core::geometry::Point;
use facemask_core::raster::{LabelMap, Size};
use facemask_core::trace::{RegionSet, TraceInput, TraceOptions, trace_face};
use libfuzzer_sys::fuzz_target;

/// The sample's face, pixels.
static FACE: LazyLock<Vec<Point>> = LazyLock::new(|| {
    include_str!("../../crates/facemask-core/tests/data/astronaut_landmarks.txt")
        .lines()
        .filter_map(|line| {
            let (x, y) = line.split_once(' ')?;
            Some(Point::new(x.parse().ok()?, y.parse().ok()?))
        })
        .collect()
});

const SIDE: usize = 24;

// Bytes: what to do, scheme, sides of the photo; then eight bytes a number, or changes of the sample.
fuzz_target!(|data: &[u8]| {
    let [mode, scheme, width, height, rest @ ..] = data else { return };
    let points = if mode & 1 == 0 { numbers(rest) } else { changed(*mode, rest) };
    let schemes = LandmarkScheme::ALL;
    let options = TraceOptions {
        landmark_scheme: schemes.get(usize::from(*scheme)).map_or("auto", |s| s.name).to_owned(),
        landmark_units: LandmarkUnits::NAMES[usize::from(mode >> 1) % 3].1,
        regions: if mode & 0x80 == 0 { RegionSet::Labels } else { RegionSet::Zones },
        label_scheme: "lapa-11".to_owned(),
        ..TraceOptions::default()
    };
    let ids: Vec<u8> = (0..SIDE * SIDE).map(|i| ((i % SIDE) / 5 + (i / SIDE) / 5) as u8 % 11).collect();
    let Ok(labels) = LabelMap::new(SIDE, SIDE, &ids) else { return };
    let image_size = Size::new(u32::from(*width) * 4 + 1, u32::from(*height) * 4 + 1);
    let faces = split_faces(points, *height);
    let labels = Some(labels).filter(|_| width % 4 != 0);
    let input =
        TraceInput { labels, parser: None, faces: &faces, image_size, image_from_labels: None, photo: None, color_photo: None };
    match trace_face(&input, &options) {
        Ok(mask) => {
            assert!(mask.roll_degrees > -180.0 && mask.roll_degrees <= 180.0);
            assert!(mask.size.width >= 1 && mask.size.height >= 1);
            let (w, h) = (f64::from(mask.size.width), f64::from(mask.size.height));
            for (_, polygons) in &mask.contours {
                assert!(polygons.points.iter().all(|p| (0.0..=w).contains(&p.x) && (0.0..=h).contains(&p.y)));
            }
        }
        Err(error) => assert!(!error.detail.is_empty()),
    }
});

/// The points as one face, or as two, one of which may be empty.
fn split_faces(points: Vec<Point>, split: u8) -> Vec<Vec<Point>> {
    if split & 1 == 0 {
        return vec![points];
    }
    let (first, second) = points.split_at(usize::from(split >> 1).min(points.len()));
    let mut faces = vec![first.to_vec(), second.to_vec()];
    faces.push(points);
    faces
}

fn numbers(bytes: &[u8]) -> Vec<Point> {
    let mut all = bytes.chunks_exact(8).filter_map(|eight| Some(f64::from_le_bytes(eight.try_into().ok()?)));
    std::iter::from_fn(|| Some(Point::new(all.next()?, all.next()?))).collect()
}

/// The sample, turned, and single points moved: index and offset in four bytes.
fn changed(mode: u8, bytes: &[u8]) -> Vec<Point> {
    let [turn, changes @ ..] = bytes else { return FACE.clone() };
    let (sin, cos) = (f64::from(*turn) / 256.0 * std::f64::consts::TAU).sin_cos();
    let side = if mode & 0x40 == 0 { 1.0 } else { -1.0 };
    let mut face: Vec<_> = FACE
        .iter()
        .map(|p| (side * (p.x - 450.0), p.y - 450.0))
        .map(|(x, y)| Point::new(450.0 + x * cos - y * sin, 450.0 + x * sin + y * cos))
        .collect();
    for change in changes.chunks_exact(4) {
        let index = usize::from(u16::from_le_bytes([change[0], change[1]])) % face.len();
        face[index].x += f64::from(change[2] as i8) * 4.0;
        face[index].y += f64::from(change[3] as i8) * 4.0;
    }
    face
}
