//! Landmarks and label maps that belong together, and those that do not.
#![allow(clippy::unwrap_used, reason = "a test ends where its input is broken")]

mod face_support;

use face_support::{Dice, drawn, pixel_mirrored, turned, viewed};
use facemask_core::face::{LandmarkScheme, LandmarkUnits};
use facemask_core::geometry::{Point, Polygons};
use facemask_core::raster::Size;
use facemask_core::regions::{LabelScheme, LabelStat, Registration};
use facemask_core::trace::{TraceOptions, compute_placement};

const SIZE: Size = Size::new(800, 1000);

/// A face in eye distances around the middle of the eyes, and how it is seen.
#[derive(Clone, Copy, Debug)]
struct Shape {
    /// Factors of the lower face: mouth and nose further down, and everything broader.
    length: f64,
    width: f64,
    brow_height: f64,
    /// How far the mouth is open, and the eyes: 1 for an open eye, 0.1 for a closed one.
    mouth: f64,
    eyes: f64,
    yaw: f64,
    pitch: f64,
    has_brows: bool,
    /// Glasses hide the eyes of a label map.
    has_eyes: bool,
}

impl Shape {
    const PLAIN: Self = Self {
        length: 1.0,
        width: 1.0,
        brow_height: 1.0,
        mouth: 0.0,
        eyes: 1.0,
        yaw: 0.0,
        pitch: 0.0,
        has_brows: true,
        has_eyes: true,
    };

    fn any(dice: &mut Dice) -> Self {
        Self {
            length: dice.between(0.85, 1.2),
            width: dice.between(0.85, 1.15),
            brow_height: dice.between(0.8, 1.3),
            mouth: if dice.unit() < 0.3 { dice.between(0.1, 0.5) } else { 0.0 },
            eyes: if dice.unit() < 0.3 { 0.15 } else { dice.between(0.6, 1.3) },
            yaw: dice.between(-45.0, 45.0),
            pitch: dice.between(-25.0, 25.0),
            has_brows: dice.unit() > 0.2,
            has_eyes: dice.unit() > 0.1,
        }
    }

    fn shaped(&self, points: &[Point]) -> Vec<Point> {
        let shape = |p: &Point| {
            let y = if p.y > 0.0 { p.y * self.length } else { p.y * self.brow_height };
            // The eyes keep their distance, which is the unit.
            let x = if p.y.abs() < 0.2 { p.x } else { p.x * self.width };
            Point::new(x, y)
        };
        viewed(&points.iter().map(shape).collect::<Vec<_>>(), self.yaw, self.pitch)
    }

    fn landmarks(&self, scheme: &LandmarkScheme) -> Vec<Point> {
        self.shaped(&drawn(scheme, self.mouth))
    }

    /// Statistics of the regions of the face in a scheme's ids, each point moved by `place`.
    fn stats(&self, scheme: &LabelScheme, place: impl Fn(Vec<Point>) -> Vec<Point>) -> Vec<LabelStat> {
        let ellipse = |x: f64, y: f64, w: f64, h: f64| -> Vec<Point> {
            let step = std::f64::consts::TAU / 32.0;
            (0..32)
                .map(|i| f64::from(i) * step)
                .map(|t| Point::new(x + w * t.cos(), y + h * t.sin()))
                .collect()
        };
        let (open, lid) = (self.mouth, 0.09 * self.eyes);
        let nose = [(-0.06, 0.05), (0.06, 0.05), (0.27, 0.55), (0.15, 0.65), (-0.15, 0.65), (-0.27, 0.55)];
        let mut regions = vec![
            ("skin", ellipse(0.0, 0.4, 1.1, 1.5)),
            ("eye_r", ellipse(-0.5, 0.0, 0.23, lid)),
            ("eye_l", ellipse(0.5, 0.0, 0.23, lid)),
            ("nose", nose.map(|(x, y)| Point::new(x, y)).to_vec()),
            ("lip_upper", ellipse(0.0, 0.84, 0.4, 0.08)),
            ("lip_lower", ellipse(0.0, 0.98 + open, 0.36, 0.1)),
        ];
        if open > 0.0 {
            regions.push(("mouth_inner", ellipse(0.0, 0.9 + open / 2.0, 0.3, open / 2.0)));
        }
        if self.has_brows {
            regions.push(("brow_r", ellipse(-0.53, -0.3, 0.35, 0.08)));
            regions.push(("brow_l", ellipse(0.53, -0.3, 0.35, 0.08)));
        }
        // A map without both has nothing to compare.
        regions.retain(|(name, _)| !name.starts_with("eye") || self.has_eyes || !self.has_brows);
        let measured = regions.into_iter().filter_map(|(name, ring)| {
            let mut polygons = Polygons::default();
            let mut ring = place(self.shaped(&ring));
            let area: f64 = (0..ring.len()).map(|i| ring[i].cross(ring[(i + 1) % ring.len()])).sum();
            if area < 0.0 {
                ring.reverse();
            }
            polygons.push_ring(&ring);
            LabelStat::measure(scheme.id(name)?, &polygons)
        });
        measured.collect()
    }
}

fn lapa() -> &'static LabelScheme {
    LabelScheme::from_name("lapa-11").unwrap()
}

/// Into a picture of [`SIZE`]: the eye distance and the middle of the eyes, then a turn about the latter.
fn placed(points: &[Point], size: f64, at: (f64, f64), degrees: f64) -> Vec<Point> {
    let pixels: Vec<_> = points.iter().map(|&p| p * size + Point::new(at.0, at.1)).collect();
    turned(&pixels, degrees, at)
}

fn jittered(points: &[Point], amount: f64, dice: &mut Dice) -> Vec<Point> {
    // The sum of three is nearly normal, with that standard deviation.
    let mut noise = || (0..3).map(|_| dice.between(-1.0, 1.0)).sum::<f64>() * amount;
    points.iter().map(|&p| p + Point::new(noise(), noise())).collect()
}

fn check(scheme: &LandmarkScheme, points: &[Point], stats: &[LabelStat]) -> Registration {
    let options = TraceOptions {
        landmark_scheme: scheme.name.to_owned(),
        landmark_units: LandmarkUnits::Pixel,
        ..TraceOptions::default()
    };
    let placement = compute_placement(Some(points), SIZE, &options).unwrap();
    let features = lapa().locate_features(stats);
    Registration::check(placement.as_ref(), Some(lapa()), stats, features.as_ref(), SIZE)
}

/// A face somewhere in the picture: its landmarks and its regions, which belong together.
struct Pair {
    points: Vec<Point>,
    stats: Vec<LabelStat>,
    size: f64,
    at: (f64, f64),
}

impl Pair {
    fn new(scheme: &LandmarkScheme, shape: Shape, size: f64, at: (f64, f64), degrees: f64) -> Self {
        let points = placed(&shape.landmarks(scheme), size, at, degrees);
        let stats = shape.stats(lapa(), |ring| placed(&ring, size, at, degrees));
        Self { points, stats, size, at }
    }

    /// A face of any shape and view. Every third detector puts a plain face there, and all of them jitter by 5 % of the
    /// eye distance.
    fn any(scheme: &LandmarkScheme, round: usize, dice: &mut Dice) -> Self {
        let shape = Shape::any(dice);
        let size = dice.between(40.0, 150.0);
        let at = (dice.between(200.0, 600.0), dice.between(200.0, 700.0));
        let degrees = dice.between(-180.0, 180.0);
        let plain = Shape { length: 1.0, width: 1.0, brow_height: 1.0, ..shape };
        let detected = if round.is_multiple_of(3) { plain } else { shape };
        let Self { points, .. } = Self::new(scheme, detected, size, at, degrees);
        let points = jittered(&points, 0.05 * size, dice);
        Self { points, ..Self::new(scheme, shape, size, at, degrees) }
    }
}

/// Whether the points count as a face at all: jitter may end that for five points seen from the side.
fn is_face(scheme: &LandmarkScheme, points: &[Point]) -> bool {
    let options = TraceOptions { landmark_scheme: scheme.name.to_owned(), ..TraceOptions::default() };
    compute_placement(Some(points), SIZE, &options).is_ok()
}

#[test]
fn right_pairs_have_no_warning() {
    for scheme in LandmarkScheme::ALL {
        let mut dice = Dice(3);
        let pairs: Vec<_> = (0..400).map(|round| Pair::any(scheme, round, &mut dice)).collect();
        let pairs: Vec<_> = pairs.into_iter().filter(|pair| is_face(scheme, &pair.points)).collect();
        assert!(pairs.len() > 380, "{}", scheme.name);
        let (mut residuals, mut offsets): (Vec<f64>, Vec<f64>) = Default::default();
        for pair in &pairs {
            let found = check(scheme, &pair.points, &pair.stats);
            assert_eq!(found.warning, None, "{}: {:?}", scheme.name, found.distance);
            residuals.push(found.distance.unwrap().rms);
            offsets.push(found.distance.unwrap().mean_offset);
        }
        residuals.sort_by(f64::total_cmp);
        offsets.sort_by(f64::total_cmp);
        let at = |share: f64| residuals[(share * (residuals.len() - 1) as f64) as usize];
        println!(
            "{:16} median {:.3} p99 {:.3} largest {:.3} offset {:.3}",
            scheme.name,
            at(0.5),
            at(0.99),
            at(1.0),
            offsets[offsets.len() - 1]
        );
    }
}

type Displace = fn(&Pair, Point) -> Point;
const WRONG: [(&str, Displace, &str); 20] = [
    ("x 2", |_, p| p * 2.0, "scaled by about 2,"),
    ("x 4", |_, p| p * 4.0, "scaled by about 4,"),
    ("/ 2", |_, p| p * 0.5, "scaled by about 0.5,"),
    ("/ 10", |_, p| p * 0.1, "scaled by about 0."),
    ("half", |pair, p| p + Point::new(0.5, 0.0) * pair.size, "moved by about"),
    ("half y", |pair, p| p + Point::new(0.0, -0.5) * pair.size, "moved by about"),
    ("one", |pair, p| p + Point::new(0.8, 0.6) * pair.size, "moved by about"),
    ("three", |pair, p| p + Point::new(-3.0, 1.0) * pair.size, "moved by about"),
    ("far outside", |_, p| p + Point::new(5000.0, 5000.0), "moved by about"),
    ("flip x", |_, p| Point::new(800.0 - p.x, p.y), "flipped left-right"),
    ("flip y", |_, p| Point::new(p.x, 1000.0 - p.y), "flipped upside down"),
    ("exchanged", |_, p| Point::new(p.y, p.x), "x and y of the landmarks are exchanged"),
    ("quarter", |_, p| Point::new(1000.0 - p.y, p.x), "90 degrees clockwise"),
    ("quarter back", |_, p| Point::new(p.y, 800.0 - p.x), "90 degrees counterclockwise"),
    ("half turn", |_, p| Point::new(800.0 - p.x, 1000.0 - p.y), "180 degrees"),
    ("ratios", |_, p| Point::new(p.x / 800.0, p.y / 1000.0), "set landmark_units to normalized"),
    ("percent", |_, p| Point::new(p.x / 8.0, p.y / 10.0), "per cent"),
    ("ratios twice", |_, p| Point::new(p.x * 800.0, p.y * 1000.0), "set landmark_units to pixel"),
    ("stretched", |_, p| Point::new(p.x * 0.28, p.y * 0.224), "in x and 0.2"),
    (
        "box",
        |pair, p| (p - Point::new(pair.at.0, pair.at.1)) * (100.0 / pair.size) + Point::new(112.0, 90.0),
        "moved by",
    ),
];

#[test]
fn wrong_pairs_are_named() {
    for scheme in LandmarkScheme::ALL {
        for (name, displace, words) in WRONG {
            let mut dice = Dice(11);
            let (mut least, mut named) = (f64::INFINITY, 0);
            let mut other = String::new();
            for _ in 0..40 {
                let shape = Shape {
                    yaw: dice.between(-20.0, 20.0),
                    pitch: dice.between(-10.0, 10.0),
                    ..Shape::any(&mut dice)
                };
                let (size, degrees) = (dice.between(60.0, 90.0), dice.between(-25.0, 25.0));
                let at = (dice.between(150.0, 300.0), dice.between(550.0, 700.0));
                let pair = Pair::new(scheme, shape, size, at, degrees);
                let points: Vec<_> = pair.points.iter().map(|&p| displace(&pair, p)).collect();
                if points.iter().any(|p| p.x.abs() > 1e6 || p.y.abs() > 1e6) {
                    named += 1;
                    continue;
                }
                let found = check(scheme, &points, &pair.stats);
                let residual = found.distance.unwrap().rms;
                least = least.min(residual);
                match found.warning {
                    Some((code, detail))
                        if code == "landmarks_do_not_match_map" && detail.contains(words) =>
                    {
                        named += 1
                    }
                    warning => other = format!("{warning:?} {residual}"),
                }
            }
            println!("{:16} {name:14} least {least:.3} named {named} of 40 {other}", scheme.name);
        }
    }
}
