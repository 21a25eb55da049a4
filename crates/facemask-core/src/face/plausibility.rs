//! Plausibility of landmarks: whether points form a face in a scheme.
//!
//! The fit of the mean shape must explain their variance. Further checks reject what a fit alone would accept.

use super::mean_shape_fit::MeanShapeFit;
use super::part_order::has_plausible_order;
use super::pose::{FacialFeatures, Pose, angle_difference};
use super::scheme::LandmarkScheme;
use crate::geometry::Point;

/// The number of points from which the strict limits apply. With fewer points the order of the parts is checked
/// instead.
const MIN_DENSE_POINTS: usize = 19;

/// The minimum explained variance of a face with that many points.
///
/// Measured on faces drawn independently of the mean shapes and viewed by a near camera. With 19 points or more, heads
/// turned by up to 55 and nodding by up to 40 degrees with open mouths keep 0.92. With five or six points, 40 and 25
/// degrees keep 0.64.
///
/// The best of 20,000 shuffles reaches 0.03 with 478 points, 0.17 with 106, 0.25 with 68. The best of a million reaches
/// 0.54 with 29 points and 0.72 with 19. Points of insightface-106 read as lapa-106, or the reverse, reach 0.35. A list
/// shifted by one reaches 0.81, a list sorted by y 0.83.
fn min_explained_variance(count: usize) -> f64 {
    if count < MIN_DENSE_POINTS { 0.6 } else { 0.88 }
}

/// The minimum ratio of the smallest to the largest singular value: no view of a face is flatter.
const MIN_SINGULAR_VALUE_RATIO: f64 = 0.15;
/// The maximum distance of a part's centroid from its fitted position, in eye distances of the view.
const MAX_PART_OFFSET: f64 = 0.55;
/// The maximum difference between the roll of the eyes and that of the whole face, in radians.
const MAX_ROLL_DIFFERENCE_RAD: f64 = 0.5;

/// The fit of points that form a face in a scheme.
#[derive(Clone, Copy, Debug)]
pub(super) struct FaceFit {
    /// See [`MeanShapeFit::explained_variance`].
    pub(super) explained_variance: f64,
    pub(super) features: FacialFeatures,
    pub(super) pose: Pose,
}

/// Checks that the points form a face in the scheme. The error is a clause for a message to the user.
pub(super) fn check_plausibility(scheme: &LandmarkScheme, points: &[Point]) -> Result<FaceFit, String> {
    let features = locate_features(scheme, points).ok_or("they have no eyes")?;
    let pose = Pose::from_features(&features).ok_or("the eyes coincide")?;
    let fit = MeanShapeFit::new(scheme, points).ok_or("they lie on a line or a point")?;
    let minimum = min_explained_variance(points.len());
    if fit.explained_variance < minimum {
        return Err(format!(
            "a face explains only {:.0} % of where they lie ({:.0} % is the least)",
            100.0 * fit.explained_variance,
            100.0 * minimum
        ));
    }
    let scales = fit.singular_values();
    if scales.smallest < MIN_SINGULAR_VALUE_RATIO * scales.largest {
        return Err("the face would be flattened to a line".into());
    }
    let eye_line = fit.eye_line() * if fit.is_mirrored() { -1.0 } else { 1.0 };
    let roll_difference = angle_difference(eye_line.y.atan2(eye_line.x), pose.roll_rad).abs();
    if pose.mirrored != fit.is_mirrored() || roll_difference > MAX_ROLL_DIFFERENCE_RAD {
        return Err("eyes and mouth do not agree with the rest about what is up".into());
    }
    if points.len() < MIN_DENSE_POINTS {
        if !has_plausible_order(scheme, points, &features) {
            return Err("the parts are not in the order a face has".into());
        }
    } else if let Some(part) =
        find_misplaced_part(scheme, points, &fit.fitted, MAX_PART_OFFSET * scales.largest)
    {
        return Err(format!("{part} is not where it belongs"));
    }
    Ok(FaceFit { explained_variance: fit.explained_variance, features, pose })
}

/// The first part whose centroid lies more than `max_distance` pixels from its fitted position.
fn find_misplaced_part(
    scheme: &LandmarkScheme,
    points: &[Point],
    fitted: &[Point],
    max_distance: f64,
) -> Option<&'static str> {
    let is_misplaced = |indices: &[u16]| {
        let centroids = (centroid(select(points, indices)), centroid(select(fitted, indices)));
        matches!(centroids, (Some(actual), Some(expected)) if (actual - expected).length() > max_distance)
    };
    scheme.parts.iter().find(|(_, indices)| is_misplaced(indices)).map(|&(part, _)| part)
}

/// The points of a part, without those that a face of fewer points lacks.
pub(super) fn select_part(scheme: &LandmarkScheme, points: &[Point], name: &str) -> Vec<Point> {
    select(points, scheme.part(name).unwrap_or_default()).collect()
}

/// The points of those indices, without those that a face of fewer points lacks.
fn select(points: &[Point], indices: &[u16]) -> impl Iterator<Item = Point> {
    indices.iter().filter_map(|&i| points.get(usize::from(i)).copied())
}

fn centroid(points: impl Iterator<Item = Point>) -> Option<Point> {
    let mut count = 0;
    let sum = points.inspect(|_| count += 1).reduce(|a, b| a + b)?;
    Some(sum * (1.0 / f64::from(count)))
}

fn locate_features(scheme: &LandmarkScheme, points: &[Point]) -> Option<FacialFeatures> {
    let part = |name: &str| centroid(select(points, scheme.part(name)?));
    let mouth_corners = part("mouth_r").zip(part("mouth_l")).map(|(r, l)| r.midpoint(l));
    Some(FacialFeatures {
        eye_r: part("eye_r_corners").or_else(|| part("pupil_r"))?,
        eye_l: part("eye_l_corners").or_else(|| part("pupil_l"))?,
        mouth: mouth_corners.or_else(|| part("mouth_centre")),
        nose: part("nose_tip").or_else(|| part("nose_base")),
        brows: None, // every scheme has a mouth or a nose
    })
}
