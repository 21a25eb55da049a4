//! Every cell drawn as text: the sixteen of two labels, the six of three, the one of four. `data/cells.txt` is to be
//! looked at; `FACEMASK_RENEW=1 cargo test --test cells` writes it anew and fails, so that nothing is renewed unseen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

use std::fmt::Write as _;
use std::path::Path;

use facemask_core::contour::{ContourOptions, find_contours};
use facemask_core::geometry::{Point, Polygons, edges};
use facemask_core::raster::LabelMap;

/// Steps along a side of the cell; its corners are the four pixel centres.
const STEPS: i32 = 8;

/// The cell between `[top left, top right, bottom left, bottom right]`, traced as a picture of two by two pixels: small
/// letters say which region lies there, large ones stand in the pixel centres.
fn draw(ids: [u8; 4]) -> Vec<String> {
    let map = LabelMap::new(2, 2, &ids).unwrap();
    let contours =
        find_contours(&map, &ContourOptions { background: true, ..ContourOptions::default() }).unwrap();
    let row = |y: i32| (0..=STEPS).map(|x| mark(&contours, x, y)).collect();
    (0..=STEPS).map(row).collect()
}

fn mark(contours: &[(u8, Polygons)], x: i32, y: i32) -> char {
    let place = |n: i32| 0.5 + f64::from(n) / f64::from(STEPS);
    let p = Point::new(place(x), place(y));
    let mut strokes: Vec<char> = contours
        .iter()
        .flat_map(|(_, polygons)| polygons.rings().flat_map(edges))
        .filter(|&(a, b)| p.distance_to_segment(a, b) < 1e-9)
        .map(|(a, b)| stroke(b - a))
        .collect();
    strokes.sort_unstable();
    strokes.dedup();
    let corner = x % STEPS == 0 && y % STEPS == 0;
    match strokes[..] {
        [] => letter(owner(contours, p), corner),
        [one] => one,
        _ => '+',
    }
}

fn stroke(step: Point) -> char {
    match (step.x == 0.0, step.y == 0.0) {
        (true, _) => '|',
        (_, true) => '-',
        _ if step.x * step.y > 0.0 => '\\',
        _ => '/',
    }
}

/// The label whose rings go round the point; `?` where none or two do.
fn owner(contours: &[(u8, Polygons)], p: Point) -> Option<u8> {
    let around = |polygons: &Polygons| {
        let crossed = |&(a, b): &(Point, Point)| {
            (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x)
        };
        polygons.rings().flat_map(edges).filter(crossed).count() % 2 == 1
    };
    let mut owners = contours.iter().filter(|(_, polygons)| around(polygons)).map(|(id, _)| *id);
    owners.next().filter(|_| owners.next().is_none())
}

fn letter(label: Option<u8>, large: bool) -> char {
    let small = label.map_or('?', |id| char::from(b'a' + id));
    if large { small.to_ascii_uppercase() } else { small }
}

fn pictures(title: &str, cells: &[[u8; 4]]) -> String {
    let mut text = format!("{title}\n\n");
    for row in cells.chunks(4) {
        let drawn: Vec<_> = row.iter().map(|&ids| draw(ids)).collect();
        for line in 0..=STEPS as usize {
            let lines: Vec<_> = drawn.iter().map(|picture| picture[line].as_str()).collect();
            writeln!(text, "{}", lines.join("    ")).unwrap();
        }
        text.push('\n');
    }
    text
}

#[test]
fn every_cell_looks_as_it_should() {
    let two: Vec<_> =
        (0..16_u8).map(|bits| [bits & 1, bits >> 1 & 1, bits >> 2 & 1, bits >> 3 & 1]).collect();
    let three = [[0, 0, 1, 2], [0, 1, 0, 2], [0, 1, 1, 2], [0, 1, 2, 0], [0, 1, 2, 1], [0, 1, 2, 2]];
    let found = pictures("Two labels", &two)
        + &pictures("Three labels", &three)
        + pictures("Four labels", &[[0, 1, 2, 3]]).trim_end()
        + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cells.txt");
    if std::env::var_os("FACEMASK_RENEW").is_some() {
        std::fs::write(&path, &found).unwrap();
        panic!("{} was written anew: look at it, then run again without FACEMASK_RENEW", path.display());
    }
    let expected = std::fs::read_to_string(&path).expect("FACEMASK_RENEW=1 writes the file");
    assert!(found == expected, "the cells differ from {}:\n{found}", path.display());
}
