//! What must hold for outlines up to half a pixel, straight and smooth: regions have the area of their pixels, and
//! outlines of a flipped, transposed or turned map are the flipped, transposed or turned outlines.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use facemask_core::contour::{ContourOptions, CurveKind, find_contours};
use facemask_core::geometry::{Point, Polygons};
use facemask_core::raster::LabelMap;
use proptest::prelude::*;

const CURVES: [CurveKind; 2] = [CurveKind::Straight, CurveKind::Smooth];

#[derive(Clone, Debug)]
struct Map {
    width: usize,
    height: usize,
    ids: Vec<u8>,
}

impl Map {
    fn new(width: usize, height: usize, id: impl Fn(usize, usize) -> u8) -> Self {
        Self { width, height, ids: (0..width * height).map(|i| id(i % width, i / width)).collect() }
    }

    /// A region of label 1 with a margin of two pixels.
    fn shape(width: usize, height: usize, is_inside: impl Fn(f64, f64) -> bool) -> Self {
        Self::new(width, height, |x, y| u8::from(is_inside(x as f64 + 0.5, y as f64 + 0.5)))
    }

    fn contours(&self, curve: CurveKind, tolerance: f64) -> Vec<(u8, Polygons)> {
        let options = ContourOptions { curve, tolerance, background: true, ..ContourOptions::default() };
        find_contours(&LabelMap::new(self.width, self.height, &self.ids).unwrap(), &options).unwrap()
    }

    fn pixel_count(&self, label: u8) -> f64 {
        self.ids.iter().filter(|&&id| id == label).count() as f64
    }

    /// The image under one of the eight symmetries of the square: mirrored, flipped and then transposed.
    fn image(&self, symmetry: u8) -> Self {
        let (width, height) =
            if symmetry & 4 == 0 { (self.width, self.height) } else { (self.height, self.width) };
        Self::new(width, height, |x, y| {
            let (x, y) = if symmetry & 4 == 0 { (x, y) } else { (y, x) };
            let x = if symmetry & 1 == 0 { x } else { self.width - 1 - x };
            let y = if symmetry & 2 == 0 { y } else { self.height - 1 - y };
            self.ids[y * self.width + x]
        })
    }

    /// A point of this map in its image.
    fn image_of_point(&self, symmetry: u8, p: Point) -> Point {
        let x = if symmetry & 1 == 0 { p.x } else { self.width as f64 - p.x };
        let y = if symmetry & 2 == 0 { p.y } else { self.height as f64 - p.y };
        if symmetry & 4 == 0 { Point::new(x, y) } else { Point::new(y, x) }
    }
}

/// A small generator, for maps that are the same on every machine.
fn random(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1_u64 << 53) as f64
}

/// The cells nearest to random places.
fn voronoi(side: usize, labels: usize, mut seed: u64) -> Map {
    let places: Vec<Point> = (0..labels)
        .map(|_| Point::new(random(&mut seed) * side as f64, random(&mut seed) * side as f64))
        .collect();
    Map::new(side, side, |x, y| {
        let p = Point::new(x as f64 + 0.5, y as f64 + 0.5);
        let distance = |&i: &usize| (places[i] - p).length();
        (0..labels).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap() as u8
    })
}

fn noise(side: usize, labels: f64, mut seed: u64) -> Map {
    let ids: Vec<u8> = (0..side * side).map(|_| (random(&mut seed) * labels) as u8).collect();
    Map { width: side, height: side, ids }
}

/// Regions of at least nine pixels have their area.
fn assert_areas(map: &Map) {
    for (label, polygons) in CURVES.into_iter().flat_map(|curve| map.contours(curve, 0.5)) {
        let count = map.pixel_count(label);
        let limit = (0.0005 * count).max(0.25);
        assert!(
            count < 9.0 || (polygons.area() - count).abs() <= limit,
            "label {label} of {count} pixels has the area {}",
            polygons.area()
        );
    }
}

fn sorted_points(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut points: Vec<Point> = points.collect();
    let order = |p: &Point| (p.x * 1e6).round() * 1e12 + (p.y * 1e6).round();
    points.sort_by(|a, b| order(a).total_cmp(&order(b)));
    points
}

/// The outlines of the eight images of a map are the images of its outlines.
fn assert_equivariant(map: &Map, tolerance: f64) {
    for (curve, symmetry) in
        CURVES.into_iter().flat_map(|curve| (1..8).map(move |symmetry| (curve, symmetry)))
    {
        let contours = map.contours(curve, tolerance);
        let images = map.image(symmetry).contours(curve, tolerance);
        assert_eq!(contours.len(), images.len());
        for ((label, polygons), (_, image)) in contours.iter().zip(&images) {
            let expected = polygons.points.iter().map(|&p| map.image_of_point(symmetry, p));
            let (expected, found) = (sorted_points(expected), sorted_points(image.points.iter().copied()));
            assert_eq!(expected.len(), found.len(), "label {label}, symmetry {symmetry}, {curve:?}");
            let pairs = expected.iter().zip(&found);
            let distance = pairs.map(|(a, b)| (*a - *b).length()).fold(0.0, f64::max);
            assert!(distance < 1e-6, "label {label}, symmetry {symmetry}, {curve:?}: {distance} px");
            assert!((polygons.area() - image.area()).abs() < 1e-6);
            assert_eq!(polygons.curves.len(), image.curves.len());
        }
    }
}

#[test]
fn a_box_in_straight_lines_is_its_four_corners() {
    for (width, height) in (2..12).flat_map(|width| (2..12).map(move |height| (width, height))) {
        let is_inside =
            |x: f64, y: f64| 2.0 < x && x < 2.0 + width as f64 && 2.0 < y && y < 2.0 + height as f64;
        let map = Map::shape(width + 4, height + 4, is_inside);
        let contours = map.contours(CurveKind::Straight, 0.5);
        let (right, bottom) = (2.0 + width as f64, 2.0 + height as f64);
        let corners = [(2.0, 2.0), (2.0, bottom), (right, 2.0), (right, bottom)];
        let expected: Vec<Point> = corners.iter().map(|&(x, y)| Point::new(x, y)).collect();
        let found = sorted_points(contours[1].1.points.iter().copied());
        assert_eq!(found.len(), 4, "{width} x {height}: {found:?}");
        assert!(found.iter().zip(&expected).all(|(a, b)| (*a - *b).length() < 1e-9), "{found:?}");
    }
}

#[test]
fn discs_and_ellipses_have_their_area_and_are_equivariant() {
    let mut seed = 3;
    for radius in 3..=60 {
        for offset in [0.0, 0.5] {
            let (side, r) = (2 * radius + 7, f64::from(radius as u32));
            let center = side as f64 / 2.0 + offset;
            let map = Map::shape(side, side, |x, y| (x - center).hypot(y - center) < r);
            assert_areas(&map);
            if radius % 7 == 3 {
                assert_equivariant(&map, 0.5);
            }
        }
        let (a, b) = (3.0 + random(&mut seed) * 50.0, 3.0 + random(&mut seed) * 20.0);
        let (sin, cos) = (random(&mut seed) * 6.0).sin_cos();
        let side = 2 * a.max(b) as usize + 8;
        let (x0, y0) = (side as f64 / 2.0 + random(&mut seed), side as f64 / 2.0 + random(&mut seed));
        let map = Map::shape(side, side, |x, y| {
            let (x, y) = (x - x0, y - y0);
            ((x * cos + y * sin) / a).hypot((y * cos - x * sin) / b) < 1.0
        });
        assert_areas(&map);
        if radius % 5 == 0 {
            assert_equivariant(&map, 0.5);
        }
    }
}

#[test]
fn voronoi_maps_have_their_areas_and_are_equivariant() {
    for (i, labels) in [2, 3, 5, 11, 30, 80, 250].into_iter().enumerate() {
        let map = voronoi(80, labels, i as u64);
        assert_areas(&map);
        assert_equivariant(&map, 0.5);
        assert_equivariant(&map, 0.2);
    }
}

#[test]
fn noise_is_equivariant() {
    for (i, labels) in [2.0, 3.0, 5.0, 11.0, 64.0, 256.0].into_iter().enumerate() {
        let map = noise(40, labels, i as u64);
        assert_equivariant(&map, 0.5);
        assert_equivariant(&map, 0.1);
    }
}

#[test]
fn no_disc_shrinks_on_average() {
    let (mut seed, mut drawn, mut pixels) = (11, 0.0, 0.0);
    for i in 0..2000 {
        let (x0, y0) = (9.0 + random(&mut seed), 9.0 + random(&mut seed));
        let map = Map::shape(19, 19, |x, y| (x - x0).hypot(y - y0) < 6.0);
        drawn += map.contours(CURVES[i % 2], 0.5)[1].1.area();
        pixels += map.pixel_count(1);
    }
    assert!((drawn / pixels - 1.0).abs() < 1e-6, "{drawn} of {pixels}");
}

#[test]
fn beyond_half_a_pixel_regions_have_their_area() {
    for (radius, tolerance) in
        (4..40).step_by(3).flat_map(|radius| [0.7, 1.0, 2.0, 3.5].map(|it| (radius, it)))
    {
        let side = 2 * radius + 9;
        let center = side as f64 / 2.0 + 0.2;
        let map = Map::shape(side, side, |x, y| (x - center).hypot((y - center) * 1.3) < radius as f64);
        let (count, contours) = (map.pixel_count(1), map.contours(CurveKind::Straight, tolerance));
        let area = contours[1].1.area();
        assert!((area - count).abs() < 1e-6, "radius {radius}, tolerance {tolerance}: {area} of {count}");
    }
    for tolerance in [0.7, 1.0, 2.0] {
        let map = voronoi(120, 9, 4);
        let contours = map.contours(CurveKind::Straight, tolerance);
        let errors =
            contours.iter().map(|(label, polygons)| (polygons.area() - map.pixel_count(*label)).abs());
        let largest = errors.fold(0.0, f64::max);
        assert!(largest < 1e-6, "tolerance {tolerance}: {largest} px²");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn maps_of_blocks_are_equivariant(
        width in 1_usize..14, height in 1_usize..14, labels in prop_oneof![Just(2_u16), Just(3), Just(5), Just(256)],
        block in 1_usize..5, seed in 0_u64..1 << 40, tolerance in prop_oneof![Just(0.5), 0.02..0.5_f64],
    ) {
        let across = width.div_ceil(block);
        let mut state = seed;
        let blocks: Vec<u8> =
            (0..across * height.div_ceil(block)).map(|_| (random(&mut state) * f64::from(labels)) as u8).collect();
        let map = Map::new(width, height, |x, y| blocks[y / block * across + x / block]);
        assert_equivariant(&map, tolerance);
        if block > 2 {
            assert_areas(&map);
        }
    }
}
