//! Run lengths of contours: the pixels whose centers lie inside, column by column from the top left, as COCO has them.
//!
//! Nothing is rasterized: a run ends where an outline crosses a column of pixel centers, so time and memory depend on
//! the length of the outline. `python/facemask/formats/annotation/rle.py` has the same for rings of lists.

use crate::geometry::Polygons;
use crate::raster::Size;
use crate::svg::rounded_rings;

/// Hundredths in a pixel, and in half a pixel.
const UNITS: i64 = 100;
const HALF: i64 = UNITS / 2;

/// The run lengths of one region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLengths {
    /// Runs in pixels, alternately outside and inside, starting outside; without a last run outside of no pixel.
    runs: Vec<i64>,
    height: i64,
}

impl RunLengths {
    /// The runs of the pixels whose centers lie inside the polygons, by the even-odd rule, with coordinates rounded to
    /// hundredths. A center on an outline belongs to what lies to the right of it; on a horizontal one to what lies
    /// below.
    #[must_use]
    pub fn of(polygons: &Polygons, Size { width, height }: Size) -> Self {
        let (width, height) = (i64::from(width), i64::from(height));
        let mut crossed = Vec::new();
        for ring in rounded_rings(polygons) {
            for (i, &end) in ring.iter().enumerate() {
                let start = ring[if i == 0 { ring.len() - 1 } else { i - 1 }];
                let (a, b) = if start.x <= end.x { (start, end) } else { (end, start) };
                push_crossings(&mut crossed, [a.x, a.y], [b.x, b.y], height);
            }
        }
        crossed.sort_unstable();
        // An even number of crossings at one pixel changes nothing.
        let mut runs = Vec::with_capacity(crossed.len() + 1);
        let mut before = 0;
        for same in crossed.chunk_by(|a, b| a == b) {
            if same.len() % 2 == 1 {
                runs.push(same[0] - before);
                before = same[0];
            }
        }
        if width * height > before {
            runs.push(width * height - before);
        }
        Self { runs, height }
    }

    /// The number of pixels inside.
    #[must_use]
    pub fn area(&self) -> i64 {
        self.runs.iter().skip(1).step_by(2).sum()
    }

    /// Left, top, width and height of the box around the pixels inside; zeros without any.
    #[must_use]
    pub fn bounding_box(&self) -> [i64; 4] {
        let (mut left, mut right, mut top, mut bottom) = (i64::MAX, -1, i64::MAX, -1);
        let mut end = 0;
        for (i, &run) in self.runs.iter().enumerate() {
            let start = end;
            end += run;
            if i % 2 == 0 || run == 0 {
                continue;
            }
            let last = end - 1;
            left = left.min(start / self.height);
            right = right.max(last / self.height);
            // A run over several columns reaches the bottom of one and the top of the next.
            let spans_columns = start / self.height != last / self.height;
            top = top.min(if spans_columns { 0 } else { start % self.height });
            bottom = bottom.max(if spans_columns { self.height - 1 } else { last % self.height });
        }
        if right < 0 { [0; 4] } else { [left, top, right - left + 1, bottom - top + 1] }
    }

    /// The runs as COCO's text (`rleToString` of pycocotools): the difference of each run to the last but one, in five
    /// bits a character from `0` on.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(2 * self.runs.len());
        for (i, &run) in self.runs.iter().enumerate() {
            let mut rest = if i > 2 { run - self.runs[i - 2] } else { run };
            loop {
                let bits = rest & 0x1f;
                rest >>= 5;
                let has_more = rest != if bits & 0x10 == 0 { 0 } else { -1 };
                text.push(char::from(48 + (bits | if has_more { 0x20 } else { 0 }) as u8));
                if !has_more {
                    break;
                }
            }
        }
        text
    }
}

/// Appends the index of the first pixel behind each crossing of an edge with a column of pixel centers. Whole hundredths
/// make it exact, whether or not an outline passes through a center. `a` lies left of `b`.
fn push_crossings(crossed: &mut Vec<i64>, [ax, ay]: [i64; 2], [bx, by]: [i64; 2], height: i64) {
    let (dx, dy) = (bx - ax, by - ay);
    // Columns whose center lies in [ax, bx).
    let (first, last) = (-(HALF - ax).div_euclid(UNITS), -(HALF - bx).div_euclid(UNITS));
    let mut crossing = (ay - HALF) * dx + (first * UNITS + HALF - ax) * dy;
    for column in first..last {
        // The center of row r lies behind the crossing where r * UNITS * dx >= crossing.
        let mut row = -(-crossing).div_euclid(UNITS * dx);
        // A center on a falling line, with y down, lies to the right of it and before it.
        row += i64::from(dy > 0 && crossing == row * UNITS * dx);
        crossed.push(column * height + row.clamp(0, height));
        crossing += UNITS * dy;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Point, Rect};

    fn runs_of(rings: &[&[Point]], width: u32, height: u32) -> RunLengths {
        let mut polygons = Polygons::default();
        for ring in rings {
            polygons.push_ring(ring);
        }
        RunLengths::of(&polygons, Size::new(width, height))
    }

    #[test]
    fn a_rectangle_has_a_run_a_column() {
        let found = runs_of(&[&Rect::new(1.0, 1.0, 3.0, 4.0).corners()], 5, 6);
        assert_eq!(found.runs, [7, 3, 3, 3, 14]);
        assert_eq!((found.area(), found.bounding_box()), (6, [1, 1, 2, 3]));
    }

    #[test]
    fn a_hole_is_outside_and_the_whole_picture_is_one_run() {
        let (outer, hole) = (Rect::new(0.0, 0.0, 4.0, 4.0), Rect::new(1.0, 1.0, 3.0, 3.0));
        let found = runs_of(&[&outer.corners(), &hole.corners()], 4, 4);
        assert_eq!((found.area(), found.bounding_box()), (12, [0, 0, 4, 4]));
        assert_eq!(runs_of(&[&outer.corners()], 4, 4).runs, [0, 16]);
        assert_eq!(runs_of(&[], 4, 4).runs, [16]);
        assert_eq!(runs_of(&[], 4, 4).bounding_box(), [0; 4]);
    }

    #[test]
    fn centers_on_outlines_belong_to_the_right_and_to_what_is_below() {
        let found = runs_of(&[&Rect::new(0.5, 0.5, 2.5, 2.5).corners()], 4, 4);
        assert_eq!(found.runs, [0, 2, 2, 2, 10]);
    }

    #[test]
    fn runs_as_text() {
        // By pycocotools: mask.encode of a 100 x 100 picture with [40:60, 10:50] set.
        let found = runs_of(&[&Rect::new(10.0, 40.0, 50.0, 60.0).corners()], 100, 100);
        assert!(found.to_text().starts_with("`P1d0`2000"), "{}", found.to_text());
    }
}
