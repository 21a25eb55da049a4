//! The inner steps on a drawn face of 1024 x 1023 pixels and on noise: `cargo bench --package facemask-core`.
//!
//! The modules of `contour` are private, so options isolate its steps: at tolerance 0 an arc is only followed, at 0.5 it is
//! simplified as well, and a map without borders costs the scan alone.

#![expect(clippy::unwrap_used, reason = "a bench stops at what should not be")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use facemask_core::contour::{ContourOptions, clip, find_contours};
use facemask_core::contours_json::contours_json;
use facemask_core::geometry::{Polygons, Rect};
use facemask_core::raster::{LabelMap, Size};
use facemask_core::regions::Region;
use facemask_core::svg::{Shape, Style, path_data, render_document};

const SIZE: (usize, usize) = (1024, 1023);

/// A face of ellipses: labels 1 to 10 in the places of skin, brows, eyes, nose, lips, mouth and hair.
fn face() -> Vec<u8> {
    const PARTS: [(f64, f64, f64, f64, u8); 10] = [
        (0.50, 0.40, 0.36, 0.38, 10),
        (0.50, 0.52, 0.27, 0.36, 1),
        (0.40, 0.40, 0.08, 0.02, 2),
        (0.60, 0.40, 0.08, 0.02, 3),
        (0.40, 0.46, 0.06, 0.03, 4),
        (0.60, 0.46, 0.06, 0.03, 5),
        (0.50, 0.56, 0.05, 0.09, 6),
        (0.50, 0.70, 0.11, 0.045, 7),
        (0.50, 0.71, 0.10, 0.030, 9),
        (0.50, 0.705, 0.09, 0.012, 8),
    ];
    let (width, height) = (SIZE.0 as f64, SIZE.1 as f64);
    let label = |i: usize| {
        let (x, y) = ((i % SIZE.0) as f64 / width, (i / SIZE.0) as f64 / height);
        let inside = |&&(cx, cy, rx, ry, _): &&(f64, f64, f64, f64, u8)| {
            ((x - cx) / rx).powi(2) + ((y - cy) / ry).powi(2) < 1.0
        };
        PARTS.iter().rev().find(inside).map_or(0, |part| part.4)
    };
    (0..SIZE.0 * SIZE.1).map(label).collect()
}

/// Independent noise of eleven labels, 512 x 512, from a linear congruential generator.
fn noise() -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8 % 11
    };
    (0..512 * 512).map(|_| next()).collect()
}

fn traced(labels: &[u8], tolerance: f64) -> Vec<(u8, Polygons)> {
    let map = LabelMap::new(SIZE.0, SIZE.1, labels).unwrap();
    find_contours(&map, &ContourOptions { tolerance, ..ContourOptions::default() }).unwrap()
}

fn contours(criterion: &mut Criterion) {
    let (face, flat, noise) = (face(), vec![1; SIZE.0 * SIZE.1], noise());
    let mut group = criterion.benchmark_group("contours");
    group.throughput(Throughput::Elements(face.len() as u64));
    group.bench_function("scan alone", |b| b.iter(|| traced(black_box(&flat), 0.0)));
    group.bench_function("scan, arcs, rings", |b| b.iter(|| traced(black_box(&face), 0.0)));
    group.bench_function("and simplify", |b| b.iter(|| traced(black_box(&face), 0.5)));
    group.bench_function("and coarsen", |b| b.iter(|| traced(black_box(&face), 2.0)));
    group.throughput(Throughput::Elements(noise.len() as u64));
    group.sample_size(10).bench_function("noise", |b| {
        let map = LabelMap::new(512, 512, &noise).unwrap();
        b.iter(|| find_contours(black_box(&map), &ContourOptions::default()).unwrap());
    });
    group.finish();
}

fn answers(criterion: &mut Criterion) {
    let contours = traced(&face(), 0.5);
    let exact = traced(&face(), 0.0);
    let regions: Vec<Region> =
        contours.iter().filter_map(|(id, p)| Region::measure(*id, id.to_string(), p)).collect();
    let shapes: Vec<Shape<'_>> = contours
        .iter()
        .zip(&regions)
        .map(|((_, polygons), region)| Shape {
            key: &region.name,
            name: &region.name,
            color: "#e9c46a".to_owned(),
            polygons,
            label_point: facemask_core::geometry::Point::new(region.label_point[0], region.label_point[1]),
        })
        .collect();
    let mut group = criterion.benchmark_group("answers");
    group.bench_function("measures", |b| {
        b.iter(|| contours.iter().filter_map(|(id, p)| Region::measure(*id, String::new(), p)).count());
    });
    group.bench_function("clip", |b| {
        let window = Rect::new(200.0, 150.0, 800.0, 900.0);
        b.iter(|| contours.iter().map(|(_, p)| clip(black_box(p), &window).points.len()).sum::<usize>());
    });
    group.bench_function("path data, exact", |b| {
        b.iter(|| exact.iter().map(|(_, p)| path_data(black_box(p)).len()).sum::<usize>());
    });
    group.bench_function("SVG document", |b| {
        b.iter(|| render_document(Size::new(1024, 1023), black_box(&shapes), Style::Default, None, None, ""));
    });
    group.bench_function("JSON", |b| b.iter(|| contours_json(black_box(&contours))));
    group.finish();
}

criterion_group!(steps, contours, answers);
criterion_main!(steps);
