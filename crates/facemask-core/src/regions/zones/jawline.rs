//! Zone outlines for schemes with a jaw line: 68, 98 and 106 points, all reduced to the 68 of `ibug-68`.
//!
//! These schemes have no points on cheeks and forehead, so the face itself is the measure. The vector from landmark 27
//! to 33, from the root of the nose to its base, points down. The vector from landmark 39 to 36, the width of an eye,
//! points outward.

use super::super::outline::{OutlineVertex, ZoneOutline, landmark, lerp};
use crate::face::Landmarks;
use crate::geometry::Point;

/// Landmark `i` moved away from the tip of the nose: the skin label, not the landmarks, bounds the jaw.
const fn outset(i: u16) -> OutlineVertex {
    landmark(i).offset(8, 30, i)
}

/// The vertex moved up by `percent` of the length of the nose. The hairline lies about one such length above the brows.
const fn above(vertex: OutlineVertex, percent: i32) -> OutlineVertex {
    vertex.offset(percent, 33, 27)
}

/// The vertex moved down by `percent` of the length of the nose.
const fn below(vertex: OutlineVertex, percent: i32) -> OutlineVertex {
    vertex.offset(percent, 27, 33)
}

/// The vertex moved away from the nose by `percent` of the width of the right eye.
const fn outward(vertex: OutlineVertex, percent: i32) -> OutlineVertex {
    vertex.offset(percent, 39, 36)
}

pub(super) const FOREHEAD: ZoneOutline = ZoneOutline::Half(&[
    above(lerp(21, 22, 50), 108),
    above(landmark(20), 96),
    above(landmark(18), 72),
    outward(above(landmark(17), 32), 5),
    below(landmark(17), 3).corner(),
    below(landmark(18), 7),
    below(landmark(19), 7),
    below(landmark(20), 7),
    below(landmark(21), 7),
    below(lerp(21, 22, 50), 14),
]);

pub(super) const UNDER_EYE: ZoneOutline = ZoneOutline::Side(&[
    landmark(36).corner(),
    landmark(39).corner(),
    outward(below(landmark(39), 3), -12).corner(),
    below(landmark(39), 9),
    below(lerp(36, 39, 75), 16),
    below(lerp(36, 39, 50), 20),
    below(lerp(36, 39, 25), 18),
    outward(below(landmark(36), 12), 15),
    outward(landmark(36), 22).corner(),
]);

pub(super) const CHEEK: ZoneOutline = ZoneOutline::Side(&[
    outward(landmark(36), 22).corner(),
    lerp(36, 0, 60),
    landmark(0).corner(),
    landmark(1),
    landmark(2),
    landmark(3),
    landmark(4).offset(4, 30, 4),
    outset(5),
    outset(6),
    outset(7).corner(),
    landmark(58).corner(),
    landmark(48).corner(),
    landmark(50).corner(),
    landmark(32).corner(),
    landmark(30).corner(),
    landmark(28).corner(),
    lerp(27, 39, 35).corner(),
    landmark(39).corner(),
    landmark(36).corner(),
]);

pub(super) const UPPER_LIP_AREA: ZoneOutline = ZoneOutline::Half(&[
    landmark(30).corner(),
    landmark(31).corner(),
    above(landmark(31).offset(50, 33, 31), 15).corner(),
    above(landmark(31).offset(80, 33, 31), 6),
    above(outward(lerp(48, 31, 50), 40), 10),
    above(outward(landmark(48), 28), 15),
    outward(landmark(48), 18),
    landmark(48).corner(),
    landmark(61),
    landmark(62),
]);

pub(super) const CHIN: ZoneOutline = ZoneOutline::Half(&[
    landmark(66),
    landmark(67),
    landmark(48).corner(),
    lerp(48, 6, 25),
    lerp(48, 6, 50),
    lerp(48, 6, 75),
    outset(6).corner(),
    outset(7),
    outset(8),
]);

pub(super) const NOSE: ZoneOutline = ZoneOutline::Half(&[
    landmark(27),
    outward(landmark(27), 28),
    outward(landmark(28), 36),
    outward(landmark(29), 60),
    above(landmark(31).offset(50, 33, 31), 15),
    landmark(31).offset(38, 33, 31),
    landmark(31),
    landmark(32),
    landmark(33),
]);

/// A band below the upper edge of the brow: 68 points mark no lower edge.
pub(super) const BROW: ZoneOutline = ZoneOutline::Side(&[
    landmark(17).corner(),
    landmark(18),
    landmark(19),
    landmark(20),
    landmark(21),
    below(landmark(21), 12),
    below(landmark(20), 14),
    below(landmark(19), 14),
    below(landmark(18), 12),
]);

pub(super) const EYE: ZoneOutline = ZoneOutline::Side(&[
    landmark(36).corner(),
    landmark(37),
    landmark(38),
    landmark(39).corner(),
    landmark(40),
    landmark(41),
]);

pub(super) const LIPS: ZoneOutline = ZoneOutline::Half(&[
    landmark(51),
    landmark(50),
    landmark(49),
    landmark(48).corner(),
    landmark(59),
    landmark(58),
    landmark(57),
]);

pub(super) const MOUTH_INNER: ZoneOutline =
    ZoneOutline::Half(&[landmark(62), landmark(61), landmark(60).corner(), landmark(67), landmark(66)]);

/// The corresponding landmark on the other side of the face; a landmark on the midline is its own mirror image.
pub(super) fn mirror_landmark(i: u16) -> u16 {
    match i {
        0..=16 => 16 - i,
        17..=26 => 43 - i,
        31..=35 => 66 - i,
        36..=39 => 81 - i,
        42..=45 => 81 - i,
        40 | 41 | 46 | 47 => 87 - i,
        48..=54 => 102 - i,
        55..=59 => 114 - i,
        60..=64 => 124 - i,
        65..=67 => 132 - i,
        _ => i,
    }
}

/// Selects the 68 points of `ibug-68` from landmarks; `None` for a scheme without a jaw line.
pub(super) fn select_68_points(landmarks: &Landmarks) -> Option<Vec<Point>> {
    let parts = [
        ("jaw_r_to_l", 17),
        ("brow_r", 5),
        ("brow_l", 5),
        ("nose_ridge", 4),
        ("nose_base", 5),
        ("eye_r", 6),
        ("eye_l", 6),
        ("lips_outer", 12),
        ("lips_inner", 8),
    ];
    let mut points = Vec::with_capacity(68);
    for (name, count) in parts {
        points.extend(subsample_part(&landmarks.part(name), count)?);
    }
    Some(points)
}

/// Selects the points of a part that faces of 68 points have.
fn subsample_part(part: &[Point], count: usize) -> Option<Vec<Point>> {
    let pick = |indices: &[usize]| indices.iter().map(|&i| part[i]).collect();
    match (part.len(), count) {
        (have, want) if have == want => Some(part.to_vec()),
        (33, 17) => Some(part.iter().copied().step_by(2).collect()),
        // The outline of a brow begins with its upper edge, the part that 68 points mark.
        (9, 5) => Some(part[..5].to_vec()),
        // Two points on each lid, without the one in the middle.
        (8, 6) => Some(pick(&[0, 1, 3, 4, 5, 7])),
        _ => None,
    }
}
