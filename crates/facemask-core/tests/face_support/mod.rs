//! One face drawn in every landmark scheme, and what may happen to it.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a broken fixture fails the test")]

use facemask_core::face::LandmarkScheme;
use facemask_core::geometry::{Affine, Point};

/// A small generator, so that every run shuffles the same way (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// In [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, (self.next() % (i as u64 + 1)) as usize);
        }
    }
}

fn numbers(text: &str) -> Vec<Vec<f64>> {
    text.lines().map(|line| line.split(' ').map(|n| n.parse().unwrap()).collect()).collect()
}

/// The 478 MediaPipe points of the astronaut sample, pixels of a 900 x 900 picture.
pub(crate) fn astronaut() -> Vec<Point> {
    let rows = numbers(include_str!("../data/astronaut_landmarks.txt"));
    rows.iter().map(|row| Point::new(row[0], row[1])).collect()
}

/// MediaPipe indices that change places in a renumbered mirror.
pub(crate) fn mediapipe_pairs() -> Vec<(usize, usize)> {
    let rows = numbers(include_str!("../data/mediapipe_mirror_pairs.txt"));
    rows.iter().map(|row| (row[0] as usize, row[1] as usize)).collect()
}

/// A face drawn by hand with ellipses and arcs, exactly symmetric; the eye distance is 1, the eyes' middle the origin.
/// `open` opens the mouth by so many eye distances.
pub(crate) fn drawn(scheme: &LandmarkScheme, open: f64) -> Vec<Point> {
    if scheme.name == "mediapipe-478" {
        return symmetric_astronaut(open);
    }
    let mut points = vec![Point::new(f64::NAN, f64::NAN); scheme.counts[0]];
    for &(part, indices) in scheme.parts {
        for (k, &index) in indices.iter().enumerate() {
            let t = k as f64 / (indices.len() as f64 - 1.0).max(1.0);
            if let Some(p) = place(scheme, part, t, k, indices.len(), open) {
                points[usize::from(index)] = p;
            }
        }
    }
    assert!(points.iter().all(|p| p.is_finite()), "{}: a point is in no part", scheme.name);
    points
}

/// The sample's points levelled and made symmetric, in eye distances.
fn symmetric_astronaut(open: f64) -> Vec<Point> {
    let points = astronaut();
    let (r, l) = (points[33].midpoint(points[133]), points[263].midpoint(points[362]));
    let (middle, u) = (r.midpoint(l), (l - r) * (1.0 / (l - r).length()));
    let size = (l - r).length();
    let level: Vec<_> =
        points.iter().map(|&p| Point::new((p - middle).dot(u) / size, u.cross(p - middle) / size)).collect();
    let mut other: Vec<_> = (0..points.len()).collect();
    for (a, b) in mediapipe_pairs() {
        (other[a], other[b]) = (b, a);
    }
    let even = |i: usize| {
        let (p, q) = (level[i], level[other[i]]);
        Point::new((p.x - q.x) / 2.0, (p.y + q.y) / 2.0)
    };
    let lip_line = even(61).y;
    (0..points.len())
        .map(even)
        .map(
            |p| {
                if p.y > lip_line { Point::new(p.x, p.y + open * (p.y - lip_line).min(0.2) / 0.2) } else { p }
            },
        )
        .collect()
}

fn arc(cx: f64, cy: f64, rx: f64, ry: f64, degrees: f64) -> Point {
    let (sin, cos) = degrees.to_radians().sin_cos();
    Point::new(cx + rx * cos, cy + ry * sin)
}

/// Where the k-th of n points of a part lies, `t` from 0 to 1 along it.
fn place(scheme: &LandmarkScheme, part: &str, t: f64, k: usize, n: usize, open: f64) -> Option<Point> {
    let lower = |p: Point| if p.y > 0.9 + 1e-9 { Point::new(p.x, p.y + open) } else { p };
    let turn = 360.0 * k as f64 / n as f64;
    // AFLW and COFW order some parts in their own way.
    let sparse = ["cofw-29", "aflw-19"].contains(&scheme.name);
    Some(match part {
        "jaw_r_to_l" => {
            let p = arc(0.0, 0.1, 1.1, 1.5, 185.0 - 190.0 * t);
            Point::new(p.x, p.y + open * 0.7 * (p.y / 1.5).max(0.0))
        }
        "chin" if n == 1 && sparse => Point::new(0.0, 1.6 + 0.7 * open),
        "eye_r" => arc(-0.5, 0.0, 0.23, 0.09, 180.0 + turn),
        // Rings of the left eye start at the inner corner, over the upper lid.
        "eye_l" => arc(0.5, 0.0, 0.23, 0.09, 180.0 + turn),
        "eye_r_corners" => Point::new(-0.5 + 0.23 * (2.0 * t - 1.0), 0.0),
        "eye_l_corners" => Point::new(0.5 - 0.23 * (2.0 * t - 1.0), 0.0),
        "pupil_r" => Point::new(-0.5, 0.0),
        "pupil_l" => Point::new(0.5, 0.0),
        "brow_r" if n == 9 || scheme.name == "cofw-29" => arc(-0.53, -0.3, 0.35, 0.08, 180.0 + turn),
        "brow_l" if n == 9 || scheme.name == "cofw-29" => arc(0.53, -0.3, 0.35, 0.08, 180.0 + turn),
        "brow_r" => arc(-0.53, -0.25, 0.35, 0.1, 180.0 + 180.0 * t),
        "brow_l" => arc(0.53, -0.25, 0.35, 0.1, 180.0 + 180.0 * t),
        "nose_ridge" => Point::new(0.0, 0.02 + 0.48 * t),
        "nose_tip" => Point::new(0.0, 0.5),
        "nose_base" if n == 1 => Point::new(0.0, 0.63),
        "nose_base" => Point::new(0.24 * (2.0 * t - 1.0), 0.6 + 0.04 * (1.0 - (2.0 * t - 1.0).powi(2))),
        "nose_outline" if scheme.name == "cofw-29" => {
            [Point::new(-0.25, 0.52), Point::new(0.0, 0.46), Point::new(0.25, 0.52), Point::new(0.0, 0.62)]
                [[0, 1, 2, 3][k]]
        }
        "nose_outline" if n == 3 => Point::new(0.25 * (2.0 * t - 1.0), 0.52),
        "nose_outline" => arc(0.0, 0.1, 0.27, 0.53, 195.0 - 210.0 * t),
        "lips_outer" => lower(arc(0.0, 0.9, 0.4, 0.17, 180.0 + turn)),
        "lips_inner" => lower(arc(0.0, 0.9, 0.3, 0.04, 180.0 + turn)),
        "mouth_r" => Point::new(-0.4, 0.9),
        "mouth_l" => Point::new(0.4, 0.9),
        "mouth_centre" => Point::new(0.0, 0.9),
        "ear_r" => Point::new(-1.1, 0.2),
        "ear_l" => Point::new(1.1, 0.2),
        _ => return None,
    })
}

/// The drawn face in pixels: its eye distance and where the middle of its eyes lies.
pub(crate) fn in_pixels(face: &[Point], size: f64, x: f64, y: f64) -> Vec<Point> {
    face.iter().map(|&p| p * size + Point::new(x, y)).collect()
}

/// Turned clockwise on screen about (x, y).
pub(crate) fn turned(points: &[Point], degrees: f64, (x, y): (f64, f64)) -> Vec<Point> {
    let turn = Affine::translate(x, y) * Affine::rotate(degrees.to_radians()) * Affine::translate(-x, -y);
    points.iter().map(|&p| turn.apply(p)).collect()
}

/// The mirror of a picture `width` wide: x goes to width - x, the numbering stays.
pub(crate) fn pixel_mirrored(points: &[Point], width: f64) -> Vec<Point> {
    points.iter().map(|p| Point::new(width - p.x, p.y)).collect()
}

/// The head turned to a side (yaw) and nodding (pitch) before a near camera, four eye distances away. Its depth is
/// not the one the fit assumes: an ellipsoid with a pyramid for a nose.
pub(crate) fn viewed(face: &[Point], yaw: f64, pitch: f64) -> Vec<Point> {
    let (sin, cos) = yaw.to_radians().sin_cos();
    let (sin_pitch, cos_pitch) = pitch.to_radians().sin_cos();
    let depth = |p: &Point| {
        let head = 1.1 * (1.0 - (p.x / 1.25).powi(2)).max(0.0).sqrt() - 0.1 * (p.y - 0.3).powi(2);
        let along = if p.y < 0.5 { p.y / 0.5 } else { (0.65 - p.y) / 0.15 };
        head + 0.4 * along.max(0.0) * (1.0 - p.x.abs() / 0.28).max(0.0)
    };
    face.iter()
        .map(|p| {
            let (x, z) = (cos * p.x + sin * depth(p), cos * depth(p) - sin * p.x);
            let (y, z) = (cos_pitch * p.y - sin_pitch * z, sin_pitch * p.y + cos_pitch * z);
            Point::new(x, y) * (4.0 / (4.0 - z))
        })
        .collect()
}
