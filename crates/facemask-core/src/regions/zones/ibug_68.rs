//! Outlines of the zones for schemes with a jaw line: 68, 98 and 106 points, all read in the order of `ibug-68`.
//!
//! These schemes have no points on cheeks and forehead. Lengths are taken from the face itself: 33 - 27, from the root of
//! the nose to its base, is "down"; 36 - 39, an eye's width, is "outwards".

use super::outline::{Outline, Vertex, mix, on};
use crate::face::Landmarks;
use crate::geometry::Point;

/// Outwards from the tip of the nose: the skin label, not the landmarks, says where the jaw ends.
const fn out(i: u16) -> Vertex {
    on(i).moved(8, 30, i)
}

/// `percent` of the nose's length above a point. The hairline lies about one such length above the brows.
const fn above(vertex: Vertex, percent: i32) -> Vertex {
    vertex.moved(percent, 33, 27)
}

const fn below(vertex: Vertex, percent: i32) -> Vertex {
    vertex.moved(percent, 27, 33)
}

/// `percent` of the right eye's width away from the nose.
const fn outward(vertex: Vertex, percent: i32) -> Vertex {
    vertex.moved(percent, 39, 36)
}

pub(super) const FOREHEAD: Outline = Outline::Half(&[
    above(mix(21, 22, 50), 108),
    above(on(20), 96),
    above(on(18), 72),
    outward(above(on(17), 32), 5),
    below(on(17), 3).corner(),
    below(on(18), 7),
    below(on(19), 7),
    below(on(20), 7),
    below(on(21), 7),
    below(mix(21, 22, 50), 14),
]);

pub(super) const UNDER_EYE: Outline = Outline::Side(&[
    on(36).corner(),
    on(39).corner(),
    outward(below(on(39), 3), -12).corner(),
    below(on(39), 9),
    below(mix(36, 39, 75), 16),
    below(mix(36, 39, 50), 20),
    below(mix(36, 39, 25), 18),
    outward(below(on(36), 12), 15),
    outward(on(36), 22).corner(),
]);

pub(super) const CHEEK: Outline = Outline::Side(&[
    outward(on(36), 22).corner(),
    mix(36, 0, 60),
    on(0).corner(),
    on(1),
    on(2),
    on(3),
    on(4).moved(4, 30, 4),
    out(5),
    out(6),
    out(7).corner(),
    on(58).corner(),
    on(48).corner(),
    on(50).corner(),
    on(32).corner(),
    on(30).corner(),
    on(28).corner(),
    mix(27, 39, 35).corner(),
    on(39).corner(),
    on(36).corner(),
]);

pub(super) const UPPER_LIP_AREA: Outline = Outline::Half(&[
    on(30).corner(),
    on(31).corner(),
    above(on(31).moved(50, 33, 31), 15).corner(),
    above(on(31).moved(80, 33, 31), 6),
    above(outward(mix(48, 31, 50), 40), 10),
    above(outward(on(48), 28), 15),
    outward(on(48), 18),
    on(48).corner(),
    on(61),
    on(62),
]);

pub(super) const CHIN: Outline = Outline::Half(&[
    on(66),
    on(67),
    on(48).corner(),
    mix(48, 6, 25),
    mix(48, 6, 50),
    mix(48, 6, 75),
    out(6).corner(),
    out(7),
    out(8),
]);

pub(super) const NOSE: Outline = Outline::Half(&[
    on(27),
    outward(on(27), 28),
    outward(on(28), 36),
    outward(on(29), 60),
    above(on(31).moved(50, 33, 31), 15),
    on(31).moved(38, 33, 31),
    on(31),
    on(32),
    on(33),
]);

/// A band below the upper edge of the brow, which is all that 68 points mark.
pub(super) const BROW: Outline = Outline::Side(&[
    on(17).corner(),
    on(18),
    on(19),
    on(20),
    on(21),
    below(on(21), 12),
    below(on(20), 14),
    below(on(19), 14),
    below(on(18), 12),
]);

pub(super) const EYE: Outline =
    Outline::Side(&[on(36).corner(), on(37), on(38), on(39).corner(), on(40), on(41)]);

pub(super) const LIPS: Outline =
    Outline::Half(&[on(51), on(50), on(49), on(48).corner(), on(59), on(58), on(57)]);

pub(super) const MOUTH_INNER: Outline = Outline::Half(&[on(62), on(61), on(60).corner(), on(67), on(66)]);

/// The landmark on the other side of the face; those on the middle line stay.
pub(super) fn mirror(i: u16) -> u16 {
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

/// The face in the order of `ibug-68`; `None` for a scheme without a jaw line.
pub(super) fn read(landmarks: &Landmarks) -> Option<Vec<Point>> {
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
        points.extend(thinned(&landmarks.part(name), count)?);
    }
    Some(points)
}

/// Of a part with more points those that 68-point faces have.
fn thinned(part: &[Point], count: usize) -> Option<Vec<Point>> {
    let pick = |indices: &[usize]| indices.iter().map(|&i| part[i]).collect();
    match (part.len(), count) {
        (have, want) if have == want => Some(part.to_vec()),
        (33, 17) => Some(part.iter().copied().step_by(2).collect()),
        // A brow's outline begins with its upper edge, which is what 68 points mark.
        (9, 5) => Some(part[..5].to_vec()),
        // Two points on each lid, without those in their middles.
        (8, 6) => Some(pick(&[0, 1, 3, 4, 5, 7])),
        _ => None,
    }
}
