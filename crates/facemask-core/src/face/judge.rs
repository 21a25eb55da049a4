//! Whether points form a face in a scheme: the fit, and what a fit alone would let pass.

use super::fit::Fit;
use super::pose::{Features, Pose, angle_between};
use super::scheme::LandmarkScheme;
use super::sparse::in_order;
use crate::geometry::Point;

/// Fewer points than this are too few for strict limits; the order of their parts is checked instead.
const SPARSE: usize = 19;

/// The least share of the spread that a face of so many points must explain.
///
/// Measured on faces drawn independently of the mean faces, seen from near: with 19 points or more, heads turned by up
/// to 55 and nodding by 40 degrees with open mouths keep 0.92; with five or six, 40 and 25 degrees keep 0.64. The best
/// of 20,000 shuffles reaches 0.03 with 478 points, 0.17 with 106, 0.25 with 68; of a million 0.54 with 29 and 0.72 with
/// 19. insightface-106 read as lapa-106 or back reaches 0.35, a list shifted by one 0.81, one sorted by y 0.83.
fn least_share(count: usize) -> f64 {
    if count < SPARSE { 0.6 } else { 0.88 }
}

/// The face's plane is never seen flatter than this (smaller by larger stretch).
const FLATTEST: f64 = 0.15;
/// No part's middle lies further from its place than this, in eye distances of the view.
const FARTHEST_PART: f64 = 0.55;
/// The eyes and the whole face agree about the roll within this angle.
const EYES_OFF_RAD: f64 = 0.5;

/// What a scheme makes of points that form a face in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    /// Share of the points' spread that the view explains.
    pub(super) share: f64,
    pub(super) features: Features,
    pub(super) pose: Pose,
}

/// How well the points form a face in the scheme and its pose, or what is wrong with them.
pub(super) fn judge(scheme: &LandmarkScheme, points: &[Point]) -> Result<Verdict, String> {
    let features = features_of(scheme, points).ok_or("they have no eyes")?;
    let pose = Pose::from_features(&features).ok_or("the eyes coincide")?;
    let fit = Fit::new(scheme, points).ok_or("they lie on a line or a point")?;
    let least = least_share(points.len());
    if fit.explained < least {
        return Err(format!(
            "a face explains only {:.0} % of where they lie ({:.0} % is the least)",
            100.0 * fit.explained,
            100.0 * least
        ));
    }
    let (larger, smaller) = fit.stretches();
    if smaller < FLATTEST * larger {
        return Err("the face would be flattened to a line".into());
    }
    let eye_line = fit.eye_line() * if fit.mirrored() { -1.0 } else { 1.0 };
    let off = angle_between(eye_line.y.atan2(eye_line.x), pose.roll_rad).abs();
    if pose.mirrored != fit.mirrored() || off > EYES_OFF_RAD {
        return Err("eyes and mouth do not agree with the rest about what is up".into());
    }
    if points.len() < SPARSE {
        if !in_order(scheme, points, &features) {
            return Err("the parts are not in the order a face has".into());
        }
    } else if let Some(part) = misplaced(scheme, points, &fit, FARTHEST_PART * larger) {
        return Err(format!("{part} is not where it belongs"));
    }
    Ok(Verdict { share: fit.explained, features, pose })
}

/// The first part whose middle lies further than `limit` pixels from where the view puts it.
fn misplaced(scheme: &LandmarkScheme, points: &[Point], fit: &Fit, limit: f64) -> Option<&'static str> {
    let expected: Vec<_> = (0..points.len()).filter_map(|index| fit.expected(scheme, index)).collect();
    scheme.groups().map(|(part, _)| part).find(|part| {
        let middles = (mean(&part_of(scheme, points, part)), mean(&part_of(scheme, &expected, part)));
        matches!(middles, (Some(is), Some(should)) if (is - should).length() > limit)
    })
}

/// The points of a part that this face has.
pub(super) fn part_of(scheme: &LandmarkScheme, points: &[Point], name: &str) -> Vec<Point> {
    let indices = scheme.part(name).unwrap_or_default();
    indices.iter().filter_map(|&i| points.get(usize::from(i)).copied()).collect()
}

fn mean(points: &[Point]) -> Option<Point> {
    let sum = points.iter().copied().reduce(|a, b| a + b)?;
    Some(sum * (1.0 / points.len() as f64))
}

fn features_of(scheme: &LandmarkScheme, points: &[Point]) -> Option<Features> {
    let part = |name: &str| mean(&part_of(scheme, points, name));
    let corners = part("mouth_r").zip(part("mouth_l")).map(|(r, l)| r.midpoint(l));
    Some(Features {
        eye_r: part("eye_r_corners").or_else(|| part("pupil_r"))?,
        eye_l: part("eye_l_corners").or_else(|| part("pupil_l"))?,
        mouth: corners.or_else(|| part("mouth_centre")),
        nose: part("nose_tip").or_else(|| part("nose_base")),
    })
}
