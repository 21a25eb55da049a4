//! What must hold for the contours of any map: they give the map back, they tile the picture, nothing crosses.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;

use facemask_core::contour::{ContourOptions, CurveKind, clip, find_contours};
use facemask_core::geometry::{Affine, CurveSpan, Point, Polygons, Rect, RingCounts, edges, signed_area};
use facemask_core::raster::LabelMap;
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Map {
    width: usize,
    height: usize,
    ids: Vec<u8>,
}

impl Map {
    fn contours(&self, options: &ContourOptions) -> Vec<(u8, Polygons)> {
        let options = ContourOptions { background: true, ..options.clone() };
        find_contours(&LabelMap::new(self.width, self.height, &self.ids).unwrap(), &options).unwrap()
    }
}

/// Noise of few or many labels, and noise in blocks, whose borders are longer.
fn maps() -> impl Strategy<Value = Map> {
    (1_usize..14, 1_usize..14, prop_oneof![Just(2_u16), Just(3), Just(5), Just(256)], 1_usize..5)
        .prop_flat_map(|(width, height, labels, block)| {
            let count = width.div_ceil(block) * height.div_ceil(block);
            proptest::collection::vec(0..labels, count).prop_map(move |blocks| {
                let across = width.div_ceil(block);
                let id = |i: usize| blocks[i / width / block * across + i % width / block] as u8;
                Map { width, height, ids: (0..width * height).map(id).collect() }
            })
        })
}

/// Places along a curve.
fn along(curve: &CurveSpan) -> Vec<Point> {
    let [a, b, c, d] = curve.controls;
    let place = |t: f64| {
        let v = 1.0 - t;
        a * (v * v * v) + b * (3.0 * v * v * t) + c * (3.0 * v * t * t) + d * (t * t * t)
    };
    (0..=64).map(|i| place(f64::from(i) / 64.0)).collect()
}

/// The map that the contours give when each pixel takes the label whose rings go round its centre.
fn rasterise(contours: &[(u8, Polygons)], map: &Map) -> Vec<Option<u8>> {
    let mut found = vec![None; map.ids.len()];
    for (label, polygons) in contours {
        for row in 0..map.height {
            let y = row as f64 + 0.5;
            let all_edges = polygons.rings().flat_map(edges);
            let mut xs: Vec<f64> = all_edges
                .filter(|(a, b)| (a.y > y) != (b.y > y))
                .map(|(a, b)| a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x))
                .collect();
            xs.sort_by(f64::total_cmp);
            for run in xs.chunks_exact(2) {
                for column in (0..map.width).filter(|&c| run[0] < c as f64 + 0.5 && c as f64 + 0.5 < run[1]) {
                    assert_eq!(
                        found[row * map.width + column].replace(*label),
                        None,
                        "two regions on one pixel"
                    );
                }
            }
        }
    }
    found
}

/// The area of a label by marching squares, cell by cell: an oracle that knows nothing of arcs.
fn marching_squares_area(map: &Map, label: u8) -> f64 {
    let id = |c: i64, r: i64| {
        let (c, r) = (c.clamp(0, map.width as i64 - 1), r.clamp(0, map.height as i64 - 1));
        map.ids[r as usize * map.width + c as usize]
    };
    let mut area = 0.0;
    for y in 0..=map.height as i64 {
        for x in 0..=map.width as i64 {
            let on_frame = x == 0 || y == 0 || x == map.width as i64 || y == map.height as i64;
            let cell = [id(x - 1, y - 1), id(x, y - 1), id(x, y), id(x - 1, y)];
            let mine = cell.map(|other| other == label);
            let count = mine.iter().filter(|&&m| m).count() as f64;
            let labels = {
                let mut l = cell.to_vec();
                l.sort_unstable();
                l.dedup();
                l.len()
            };
            let saddle = cell[0] == cell[2] && cell[1] == cell[3];
            // The frame cuts cells: of those there are only the quarters inside the picture.
            area += if on_frame {
                let inside = [
                    x > 0 && y > 0,
                    x < map.width as i64 && y > 0,
                    x < map.width as i64 && y < map.height as i64,
                    x > 0 && y < map.height as i64,
                ];
                (0..4).filter(|&i| inside[i] && mine[i]).count() as f64 / 4.0
            } else if labels == 2 && !saddle {
                [0.0, 0.125, 0.5, 0.875, 1.0][count as usize]
            } else {
                count / 4.0
            };
        }
    }
    area
}

/// No two edges of different arcs have a point in common but for shared ends; shared arcs appear once in each direction.
fn assert_planar(contours: &[(u8, Polygons)]) {
    let key = |p: Point| (p.x.to_bits(), p.y.to_bits());
    let mut directed: HashMap<_, usize> = HashMap::new();
    for (a, b) in contours.iter().flat_map(|(_, polygons)| polygons.rings().flat_map(edges)) {
        assert_ne!(a, b, "an edge without length");
        *directed.entry((key(a), key(b))).or_default() += 1;
    }
    assert!(directed.values().all(|&count| count == 1), "an edge is walked twice in one direction");
    let point = |(x, y): (u64, u64)| Point::new(f64::from_bits(x), f64::from_bits(y));
    let once: Vec<_> = directed
        .keys()
        .filter(|(a, b)| a < b || !directed.contains_key(&(*b, *a)))
        .map(|&(a, b)| (point(a), point(b)))
        .collect();
    for (i, &(a, b)) in once.iter().enumerate() {
        for &(c, d) in &once[i + 1..] {
            assert!(!cross(a, b, c, d), "{a:?}-{b:?} meets {c:?}-{d:?}");
        }
    }
}

fn cross(a: Point, b: Point, c: Point, d: Point) -> bool {
    let side = |p: Point, q: Point, r: Point| (q - p).cross(r - p);
    let on = |p: Point, q: Point, r: Point| side(p, q, r) == 0.0 && (r - p).dot(r - q) <= 0.0;
    if [c, d].contains(&a) || [c, d].contains(&b) {
        // They share an end: wrong only where one lies along the other.
        return [c, d].iter().any(|&p| p != a && p != b && on(a, b, p))
            || [a, b].iter().any(|&p| p != c && p != d && on(c, d, p));
    }
    let proper = side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0;
    proper || on(a, b, c) || on(a, b, d) || on(c, d, a) || on(c, d, b)
}

fn total_area(contours: &[(u8, Polygons)]) -> f64 {
    contours.iter().map(|(_, polygons)| polygons.area()).sum()
}

fn counts(contours: &[(u8, Polygons)]) -> Vec<(u8, RingCounts)> {
    contours.iter().map(|(label, polygons)| (*label, polygons.count_rings())).collect()
}

/// The 4-connected parts of each label.
fn parts(map: &Map) -> HashMap<u8, usize> {
    let (mut seen, mut parts) = (vec![false; map.ids.len()], HashMap::new());
    for start in 0..map.ids.len() {
        if seen[start] {
            continue;
        }
        *parts.entry(map.ids[start]).or_default() += 1;
        let mut stack = vec![start];
        while let Some(i) = stack.pop() {
            if std::mem::replace(&mut seen[i], true) {
                continue;
            }
            let (x, y) = (i % map.width, i / map.width);
            let mut go = |ok: bool, j: usize| {
                if ok && map.ids[j] == map.ids[start] && !seen[j] {
                    stack.push(j)
                }
            };
            go(x > 0, i.wrapping_sub(1));
            go(x + 1 < map.width, i + 1);
            go(y > 0, i.wrapping_sub(map.width));
            go(y + 1 < map.height, i + map.width);
        }
    }
    parts
}

fn ring_touches_itself(polygons: &Polygons) -> bool {
    polygons.rings().any(|ring| (1..ring.len()).any(|i| ring[..i].contains(&ring[i])))
}

/// The least distance from `p` to any edge.
fn distance(p: Point, edges: &[(Point, Point)]) -> f64 {
    edges.iter().map(|&(a, b)| p.distance_to_segment(a, b)).fold(f64::INFINITY, f64::min)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn exact_contours_are_the_map(map in maps()) {
        let contours = map.contours(&ContourOptions::default());
        prop_assert_eq!(rasterise(&contours, &map), map.ids.iter().map(|&id| Some(id)).collect::<Vec<_>>());
        for (label, polygons) in &contours {
            prop_assert_eq!(polygons.area(), marching_squares_area(&map, *label));
            prop_assert!(!ring_touches_itself(polygons));
            prop_assert_eq!(polygons.count_rings().outer, parts(&map)[label]);
        }
        assert_planar(&contours);
    }

    #[test]
    fn smooth_curves_lose_nothing(map in maps(), tolerance in 0.01..3.0_f64) {
        let options = ContourOptions { tolerance, curve: CurveKind::Smooth, ..ContourOptions::default() };
        let (exact, smooth) = (map.contours(&ContourOptions::default()), map.contours(&options));
        prop_assert_eq!(rasterise(&smooth, &map), map.ids.iter().map(|&id| Some(id)).collect::<Vec<_>>());
        prop_assert_eq!(counts(&smooth), counts(&exact));
        assert_planar(&smooth);
        prop_assert!((total_area(&smooth) - (map.width * map.height) as f64).abs() < 1e-9);
        prop_assert_eq!(&smooth, &map.contours(&options));
        for (_, polygons) in &smooth {
            for curve in &polygons.curves {
                let end = polygons.ends[polygons.ends.partition_point(|&end| end <= curve.first)];
                prop_assert!(curve.steps > 0 && curve.first + curve.steps <= end, "a curve leaves its ring");
            }
        }
    }

    #[test]
    fn a_clipped_curve_is_whole(map in maps(), corner in (0.0..8.0_f64, 0.0..8.0_f64), size in (2.0..9.0_f64, 2.0..9.0_f64)) {
        let options = ContourOptions { tolerance: 0.5, curve: CurveKind::Smooth, ..ContourOptions::default() };
        let bounds = Rect::new(corner.0, corner.1, corner.0 + size.0, corner.1 + size.1);
        let ends = |polygons: &Polygons| -> Vec<[u64; 12]> {
            let start = |end: u32| polygons.ends[..polygons.ends.partition_point(|&e| e < end)].last().copied().unwrap_or(0);
            let spell = |curve: &CurveSpan| {
                let last = curve.first + curve.steps;
                let last = if polygons.ends.contains(&last) { start(last) } else { last };
                let [a, b] = [curve.first, last].map(|i| polygons.points[i as usize]);
                let [c, d, e, f] = curve.controls;
                [a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y, e.x, e.y, f.x, f.y].map(f64::to_bits)
            };
            polygons.curves.iter().map(spell).collect()
        };
        for (_, polygons) in map.contours(&options) {
            let (whole, clipped) = (ends(&polygons), clip(&polygons, &bounds));
            prop_assert!(ends(&clipped).iter().all(|curve| whole.contains(curve)));
            let places = clipped.curves.iter().flat_map(along);
            let around = Rect::around(places).unwrap_or(bounds);
            let beyond = [bounds.x0 - around.x0, bounds.y0 - around.y0, around.x1 - bounds.x1, around.y1 - bounds.y1];
            prop_assert!(beyond.into_iter().all(|beyond| beyond < 1e-9), "{beyond:?}");
        }
    }

    #[test]
    fn half_a_pixel_loses_nothing(map in maps(), tolerance in 0.01..0.5_f64) {
        let exact = map.contours(&ContourOptions::default());
        let contours = map.contours(&ContourOptions { tolerance, ..ContourOptions::default() });
        prop_assert_eq!(rasterise(&contours, &map), map.ids.iter().map(|&id| Some(id)).collect::<Vec<_>>());
        prop_assert_eq!(counts(&contours), counts(&exact));
        prop_assert!((total_area(&contours) - (map.width * map.height) as f64).abs() < 1e-9);
        assert_planar(&contours);
    }

    #[test]
    fn a_coarse_tolerance_keeps_parts_holes_and_distance(
        map in maps(), tolerance in 0.5..6.0_f64, sx in 0.3..3.0_f64, sy in 0.3..3.0_f64,
    ) {
        let exact = map.contours(&ContourOptions::default());
        let contours = map.contours(&ContourOptions { tolerance, target_from_labels: Affine::scale(sx, sy), ..ContourOptions::default() });
        prop_assert_eq!(counts(&contours), counts(&exact));
        prop_assert!((total_area(&contours) - (map.width * map.height) as f64).abs() < 1e-9);
        assert_planar(&contours);
        let scaled = |polygons: &Polygons| -> Vec<_> {
            let mut polygons = polygons.clone();
            polygons.transform(&Affine::scale(sx, sy));
            polygons.rings().flat_map(edges).collect()
        };
        for ((_, exact), (_, found)) in exact.iter().zip(&contours) {
            let (exact, found) = (scaled(exact), scaled(found));
            for &(a, b) in &exact {
                prop_assert!(distance(a, &found).max(distance(a.midpoint(b), &found)) <= tolerance + 1e-9);
            }
            for &(a, b) in &found {
                prop_assert!(distance(a, &exact).max(distance(a.midpoint(b), &exact)) <= tolerance + 1e-9);
            }
        }
    }

    #[test]
    fn the_tolerance_holds_under_any_affine(
        map in maps(), tolerance in 0.05..6.0_f64, turn in -3.2..3.2_f64, sx in 0.3..3.0_f64, sy in 0.3..3.0_f64,
        shear in -2.0..2.0_f64, is_mirrored in proptest::bool::ANY, is_smooth in proptest::bool::ANY,
    ) {
        let sign = if is_mirrored { -1.0 } else { 1.0 };
        let affine = Affine::rotate(turn) * Affine([sx * sign, shear, 5.0, 0.0, sy, -7.0]);
        let curve = if is_smooth { CurveKind::Smooth } else { CurveKind::Straight };
        let options = ContourOptions { tolerance, curve, target_from_labels: affine, ..ContourOptions::default() };
        let moved = |contours: Vec<(u8, Polygons)>| -> Vec<Polygons> {
            let moved = contours.into_iter().map(|(_, mut polygons)| {
                polygons.transform(&affine);
                polygons
            });
            moved.collect()
        };
        let (exact, found) = (moved(map.contours(&ContourOptions::default())), moved(map.contours(&options)));
        for (exact, found) in exact.iter().zip(&found) {
            prop_assert_eq!(found.count_rings(), exact.count_rings());
            prop_assert!(found.parts().all(|part| signed_area(part[0]) > 0.0));
            let border = |polygons: &Polygons| -> Vec<_> { polygons.rings().flat_map(edges).collect() };
            let (exact, found) = (border(exact), border(found));
            let deviation = |from: &[(Point, Point)], to: &[(Point, Point)]| {
                let places = from.iter().flat_map(|&(a, b)| [a, a + (b - a) * 0.25, a.midpoint(b), a + (b - a) * 0.75]);
                places.map(|p| distance(p, to)).fold(0.0, f64::max)
            };
            prop_assert!(deviation(&exact, &found).max(deviation(&found, &exact)) <= tolerance + 1e-9);
        }
    }

    #[test]
    fn small_parts_go_to_neighbours_and_leave_no_gap(map in maps(), min_area in 0.5..12.0_f64, tolerance in 0.0..2.0_f64) {
        let contours = map.contours(&ContourOptions { min_area, tolerance, ..ContourOptions::default() });
        prop_assert!((total_area(&contours) - (map.width * map.height) as f64).abs() < 1e-9);
        assert_planar(&contours);
        let exact = map.contours(&ContourOptions { min_area, ..ContourOptions::default() });
        let sieved: Vec<u8> = rasterise(&exact, &map).into_iter().map(Option::unwrap).collect();
        let sieved = Map { ids: sieved, ..map };
        let whole = sieved.width * sieved.height;
        for (label, polygons) in &exact {
            prop_assert!(!ring_touches_itself(polygons));
            prop_assert_eq!(polygons.count_rings().outer, parts(&sieved)[label], "parts of one label that share a border");
            for part in polygons.parts() {
                let area: f64 = part.iter().map(|ring| signed_area(ring)).sum();
                // A part of n pixels has at least n / 2 by marching squares.
                prop_assert!(area >= min_area.ceil() / 2.0 - 1e-9 || whole < min_area as usize + 1, "{label}: {area}");
            }
        }
    }

    #[test]
    fn clipped_regions_tile_the_box(map in maps(), turn in -3.2..3.2_f64, x in -3.0..12.0_f64, y in -3.0..12.0_f64, side in 1.0..12.0_f64, quarter in proptest::bool::ANY) {
        let (turn, x, y, side) = if quarter {
            (turn.round() * std::f64::consts::FRAC_PI_2, x.round(), y.round(), side.round())
        } else {
            (turn, x, y, side)
        };
        let centre = Point::new(map.width as f64 / 2.0, map.height as f64 / 2.0);
        let place = Affine::translate(centre.x, centre.y) * Affine::rotate(turn) * Affine::translate(-centre.x, -centre.y);
        let bounds = Rect::new(x, y, x + side, y + side);
        let mut contours = map.contours(&ContourOptions { tolerance: 0.5, ..ContourOptions::default() });
        for (_, polygons) in &mut contours {
            polygons.transform(&place);
            *polygons = clip(polygons, &bounds);
            prop_assert!(polygons.bounds().is_none_or(|b| bounds.contains(&b)));
            prop_assert!(polygons.parts().all(|part| signed_area(part[0]) > 0.0));
            prop_assert!(!ring_touches_itself(polygons));
        }
        let mut frame = Polygons::default();
        let corners = Rect::new(0.0, 0.0, map.width as f64, map.height as f64).corners();
        frame.push_ring(&corners.map(|p| place.apply(p)));
        prop_assert!((total_area(&contours) - clip(&frame, &bounds).area()).abs() < 1e-6);
    }
}
