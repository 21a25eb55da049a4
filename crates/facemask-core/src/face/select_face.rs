//! The choice of one face among several: the one that fits the label map best, else the largest.

use super::landmarks::{LandmarkOptions, LandmarkUnits, Landmarks, check_points};
use super::pose::FacialFeatures;
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Point, Rect};
use crate::raster::Size;

/// The maximum number of faces. More in one photo is no detection result, and each costs a fit.
const MAX_FACES: usize = 1000;

/// The face that a trace uses.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectedFace {
    /// Its landmarks.
    pub landmarks: Landmarks,
    /// A sentence for the user where other faces were given and the caller named none.
    pub notice: Option<String>,
}

/// Selects a face, or returns `None` when no face has points.
///
/// `named` is the index of the caller's choice. Without it, the face whose eyes lie nearest to those of the label map
/// is selected; `map_features` are `None` where its label scheme is unknown. Then the largest face is selected. Faces
/// without points, or whose points do not form a face, are selected only by name.
///
/// # Errors
/// `option_invalid` for an index without a face; those of [`Landmarks::identify`] when no face can be used, for the
/// first one with points.
pub fn select_face(
    faces: &[Vec<Point>],
    named: Option<usize>,
    options: &LandmarkOptions<'_>,
    image_size: Size,
    map_features: Option<&FacialFeatures>,
) -> Result<Option<SelectedFace>> {
    check_face_count(faces.len())?;
    let options = &LandmarkOptions { units: common_units(faces, options.units, image_size), ..*options };
    if let Some(index) = named {
        let landmarks = Landmarks::identify(named_face(faces, index)?, options, image_size)?;
        return Ok(Some(SelectedFace { landmarks, notice: None }));
    }
    let given = faces.iter().filter(|points| !points.is_empty()).count();
    let mut candidates = Vec::new();
    let mut first_error = None;
    for (index, points) in faces.iter().enumerate().filter(|(_, points)| !points.is_empty()) {
        match Landmarks::identify(points, options, image_size) {
            Ok(landmarks) => candidates.push((index, landmarks)),
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
    }
    let is_only_face = candidates.len() == 1;
    let best = candidates.into_iter().min_by(|(_, a), (_, b)| {
        let cost = |landmarks| map_features.map_or_else(|| -size(landmarks), |map| mismatch(landmarks, map));
        cost(a).total_cmp(&cost(b))
    });
    let Some((index, landmarks)) = best else { return first_error.map_or(Ok(None), Err) };
    let reason = if is_only_face {
        "it alone forms a face"
    } else if map_features.is_some() {
        "its eyes are nearest to those of the label map"
    } else {
        "it is the largest"
    };
    let notice = (given > 1).then(|| {
        format!(
            "{given} faces were given, face {index} was taken because {reason}; the option face names another"
        )
    });
    Ok(Some(SelectedFace { landmarks, notice }))
}

/// The points of the face that the caller named, which are at least one.
///
/// # Errors
/// `option_invalid` for an index without a face, and for a face without points.
pub fn named_face(faces: &[Vec<Point>], index: usize) -> Result<&[Point]> {
    let Some(points) = faces.get(index) else {
        let rule = match faces.len() {
            0 => "no landmarks were given".to_owned(),
            1 => "one face was given, face 0".to_owned(),
            count => format!("{count} faces were given, 0 to {}", count - 1),
        };
        return Err(Error::option("face", format!("there is no face {index}: {rule}")));
    };
    if points.is_empty() {
        return Err(Error::option("face", format!("face {index} has no points")));
    }
    Ok(points)
}

/// Checks the coordinates of all faces. A detector's failure in one face spares the others.
///
/// # Errors
/// [`ErrorKind::LandmarksInvalid`] for too many faces, and when every face has a coordinate out of range.
pub fn check_faces(faces: &[Vec<Point>]) -> Result<()> {
    check_face_count(faces.len())?;
    let mut checks = faces.iter().filter(|points| !points.is_empty()).map(|points| check_points(points));
    let Some(first) = checks.next() else { return Ok(()) };
    if first.is_ok() || checks.any(|check| check.is_ok()) { Ok(()) } else { first }
}

fn check_face_count(count: usize) -> Result<()> {
    if count <= MAX_FACES {
        return Ok(());
    }
    let detail = format!("must hold at most {MAX_FACES} faces, got {count}");
    Err(Error::new(ErrorKind::LandmarksInvalid, "landmarks", detail))
}

/// The units of all faces: they come from one detector, so one coordinate in pixels tells those of all.
fn common_units(faces: &[Vec<Point>], units: LandmarkUnits, image_size: Size) -> LandmarkUnits {
    if faces.len() < 2 {
        return units;
    }
    let is_normalized = faces.iter().all(|points| units.is_normalized(points, image_size));
    if is_normalized { LandmarkUnits::Normalized } else { LandmarkUnits::Pixel }
}

/// How far the eyes lie from those of the label map: the distance of the midpoints in eye distances of the map, plus
/// the ratio of the two eye distances as a logarithm.
fn mismatch(landmarks: &Landmarks, map: &FacialFeatures) -> f64 {
    let face = landmarks.features();
    let eye_distance = |features: &FacialFeatures| (features.eye_l - features.eye_r).length().max(1e-9);
    let offset = face.eye_r.midpoint(face.eye_l) - map.eye_r.midpoint(map.eye_l);
    offset.length() / eye_distance(map) + (eye_distance(&face) / eye_distance(map)).ln().abs()
}

/// The area of the bounding box of the face, in square pixels.
fn size(landmarks: &Landmarks) -> f64 {
    Rect::around(landmarks.face_extent()).map_or(0.0, |rect| rect.width() * rect.height())
}
