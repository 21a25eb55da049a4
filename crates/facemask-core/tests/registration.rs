//! Landmarks and label maps that belong together, and those that do not.
#![allow(clippy::unwrap_used, reason = "a test ends where its input is broken")]

mod face_support;

use face_support::{Dice, drawn, pixel_mirrored, turned, viewed};
use facemask_core::face::{LandmarkScheme, LandmarkUnits};
use facemask_core::geometry::{Point, Polygons};
use facemask_core::raster::Size;
use facemask_core::regions::{LabelScheme, LabelStat, Registration, RegistrationFrame};
use facemask_core::trace::{TraceOptions, Warning, compute_placement};

const SIZE: Size = Size::new(800, 1000);

/// A face in eye distances around the middle of the eyes, and how it is seen.
#[derive(Clone, Copy, Debug)]
struct Shape {
    /// Factors of the lower face: mouth and nose further down, and everything broader.
    length: f64,
    width: f64,
    brow_height: f64,
    /// How far the mouth is open, and the eyes: 1 for an open eye, 0.35 for a narrow one.
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
            eyes: if dice.unit() < 0.3 { 0.35 } else { dice.between(0.6, 1.3) },
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
            // A region on the far side may fold over itself, and is hidden there.
            LabelStat::measure(scheme.id(name)?, &polygons).filter(|stat| {
                let (p, b) = (stat.centroid, stat.bounds);
                b.x0 < p.x && p.x < b.x1 && b.y0 < p.y && p.y < b.y1
            })
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
    let placement = compute_placement(&[points.to_vec()], SIZE, &options).unwrap();
    let features = lapa().locate_features(stats);
    Registration::check(
        placement.as_ref(),
        Some(lapa()),
        stats,
        features.as_ref(),
        &RegistrationFrame::new(SIZE),
    )
}

/// A face somewhere in the picture: its landmarks and its regions, which belong together.
struct Pair {
    shape: Shape,
    points: Vec<Point>,
    stats: Vec<LabelStat>,
    size: f64,
    at: (f64, f64),
}

impl Pair {
    fn new(scheme: &LandmarkScheme, shape: Shape, size: f64, at: (f64, f64), degrees: f64) -> Self {
        let points = placed(&shape.landmarks(scheme), size, at, degrees);
        let stats = shape.stats(lapa(), |ring| placed(&ring, size, at, degrees));
        Self { shape, points, stats, size, at }
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
    compute_placement(&[points.to_vec()], SIZE, &options).is_ok()
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures that docs/design.md repeats")]
fn right_pairs_have_no_warning() {
    for scheme in LandmarkScheme::ALL {
        let mut dice = Dice(3);
        let pairs: Vec<_> = (0..400).map(|round| Pair::any(scheme, round, &mut dice)).collect();
        let is_usable =
            |pair: &Pair| is_face(scheme, &pair.points) && lapa().locate_features(&pair.stats).is_some();
        let pairs: Vec<_> = pairs.into_iter().filter(is_usable).collect();
        assert!(pairs.len() > 380, "{}", scheme.name);
        let (mut rms, mut offsets): (Vec<f64>, Vec<f64>) = Default::default();
        for pair in &pairs {
            let found = check(scheme, &pair.points, &pair.stats);
            assert_eq!(found.warning, None, "{}: {:?} {:?}", scheme.name, found.distance, pair.shape);
            let distance = found.distance.unwrap();
            rms.push(distance.rms);
            offsets.push(distance.mean_offset);
        }
        // `--nocapture` shows the figures beside the thresholds in `registration/mod.rs`.
        let largest = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
        println!("{:16} rms {:.3} mean offset {:.3}", scheme.name, largest(&rms), largest(&offsets));
        assert!(largest(&rms) < 0.36 && largest(&offsets) < 0.21, "{}: the margin is gone", scheme.name);
    }
}

type Displacement = fn(&Pair, Point) -> Point;

/// What happens to landmarks, and words of the warning. The picture is 800 x 1000.
const DISPLACEMENTS: [(&str, Displacement, &str); 20] = [
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
fn wrong_pairs_have_a_warning_that_says_how() {
    for scheme in LandmarkScheme::ALL {
        for (name, displace, words) in DISPLACEMENTS {
            let mut dice = Dice(11);
            let mut named = 0;
            for _ in 0..40 {
                let view = (dice.between(-20.0, 20.0), dice.between(-10.0, 10.0));
                let shape = Shape { yaw: view.0, pitch: view.1, has_eyes: true, ..Shape::any(&mut dice) };
                let (size, degrees) = (dice.between(60.0, 90.0), dice.between(-25.0, 25.0));
                let at = (dice.between(150.0, 300.0), dice.between(550.0, 700.0));
                let pair = Pair::new(scheme, shape, size, at, degrees);
                let points: Vec<_> = pair.points.iter().map(|&p| displace(&pair, p)).collect();
                let Warning { code, detail } = check(scheme, &points, &pair.stats).warning.unwrap();
                assert_eq!(code, "landmarks_do_not_match_map", "{} {name}: {detail}", scheme.name);
                named += usize::from(detail.contains(words));
            }
            // With noise and few points another displacement explains a face as well now and then.
            assert!(named >= 35, "{} {name}: {named} of 40 are named", scheme.name);
        }
    }
}

fn renamed(stats: &[LabelStat], pairs: &[(&str, &str)]) -> Vec<LabelStat> {
    let id = |name| lapa().id(name).unwrap();
    let rename = |stat: &LabelStat| {
        let found = pairs.iter().find_map(|&(a, b)| match stat.id {
            own if own == id(a) => Some(id(b)),
            own if own == id(b) => Some(id(a)),
            _ => None,
        });
        LabelStat { id: found.unwrap_or(stat.id), ..*stat }
    };
    stats.iter().map(rename).collect()
}

#[test]
fn sides_exchanged_in_the_map_are_named_and_a_mirrored_pair_is_right() {
    let exchanges: [(&[(&str, &str)], &str); 3] = [
        (&[("eye_r", "eye_l"), ("brow_r", "brow_l")], "right and left eyes and brows of"),
        (&[("eye_r", "eye_l")], "right and left eyes"),
        (&[("brow_r", "brow_l")], "right and left brows"),
    ];
    for scheme in LandmarkScheme::ALL {
        let has_brows = ["brow_r", "brow_r_upper"].iter().any(|part| scheme.part(part).is_some());
        let pair = Pair::new(scheme, Shape::PLAIN, 90.0, (300.0, 450.0), 12.0);
        for (ids, words) in exchanges {
            let found = check(scheme, &pair.points, &renamed(&pair.stats, ids)).warning;
            if !has_brows && ids[0].0 == "brow_r" {
                assert_eq!(found, None, "{}", scheme.name);
                continue;
            }
            let Warning { code, detail } = found.unwrap();
            assert_eq!(code, "map_sides_exchanged", "{}: {detail}", scheme.name);
            // Of brows that the landmarks lack nothing is known.
            let words = if has_brows { words } else { "right and left eyes" };
            assert!(detail.contains(words), "{}: {detail}", scheme.name);
        }
        let mirrored = pixel_mirrored(&pair.points, 800.0);
        let stats = Shape::PLAIN
            .stats(lapa(), |ring| pixel_mirrored(&placed(&ring, 90.0, (300.0, 450.0), 12.0), 800.0));
        assert_eq!(check(scheme, &mirrored, &stats).warning, None, "{}", scheme.name);
        // The map's own sides are right here, and the points are numbered the other way.
        let Warning { code, detail } =
            check(scheme, &mirrored, &renamed(&stats, exchanges[0].0)).warning.unwrap();
        assert_eq!(code, "landmarks_do_not_match_map");
        assert!(
            detail.contains("right and left of the landmarks are exchanged"),
            "{}: {detail}",
            scheme.name
        );
    }
}

#[test]
fn an_upright_mesh_on_a_face_upside_down_leaves_the_pose_to_the_map() {
    for scheme in LandmarkScheme::ALL {
        for degrees in [-30.0, 0.0, 20.0] {
            let (at, mouth) = ((400.0, 600.0), 0.9 * 90.0);
            let face = Pair::new(scheme, Shape::PLAIN, 90.0, at, 180.0);
            // The mesh's eyes lie on the mouth, which is above the eyes in the picture.
            let mesh = Pair::new(scheme, Shape::PLAIN, 90.0, (400.0, 600.0 - mouth), degrees);
            let found = check(scheme, &mesh.points, &face.stats);
            assert!(found.prefers_map, "{} {degrees}", scheme.name);
            let Warning { code, detail } = found.warning.unwrap();
            assert_eq!(code, "landmarks_do_not_match_map");
            assert!(detail.contains("the label map alone gives roll, crop and zones"), "{detail}");
            // A quarter turn is no such case: who is right is open.
            let aside = Pair::new(scheme, Shape::PLAIN, 90.0, (400.0, 600.0), 95.0);
            assert!(!check(scheme, &aside.points, &face.stats).prefers_map, "{}", scheme.name);
        }
    }
}

#[test]
fn a_map_of_skin_alone_is_compared_by_its_box() {
    let scheme = LandmarkScheme::from_name("ibug-68").unwrap();
    let pair = Pair::new(scheme, Shape::PLAIN, 90.0, (300.0, 450.0), 12.0);
    let skin: Vec<_> = pair.stats.iter().copied().filter(|stat| stat.id == 1).collect();
    assert_eq!(check(scheme, &pair.points, &skin).warning, None);
    let halved: Vec<_> = pair.points.iter().map(|&p| p * 0.5).collect();
    let Warning { code, detail } = check(scheme, &halved, &skin).warning.unwrap();
    assert_eq!(code, "landmarks_do_not_match_map");
    assert!(detail.contains("outside the skin"), "{detail}");
    assert_eq!(check(scheme, &halved, &[]), Registration::default());
}

#[test]
fn a_warning_shows_no_landmark() {
    let scheme = LandmarkScheme::from_name("ibug-68").unwrap();
    let pair = Pair::new(scheme, Shape::PLAIN, 90.0, (312.0, 437.0), 0.0);
    for (_, displace, _) in DISPLACEMENTS {
        let points: Vec<_> = pair.points.iter().map(|&p| displace(&pair, p)).collect();
        let Warning { detail, .. } = check(scheme, &points, &pair.stats).warning.unwrap();
        for value in
            points.iter().chain(&pair.points).flat_map(|p| [p.x, p.y]).filter(|value| value.abs() > 20.0)
        {
            let text = format!("{value:.1}");
            assert!(!detail.contains(&text), "{detail} shows {text}");
        }
    }
}
