//! Scanline polygon fill.

use std::ops::Range;

use super::Size;
use crate::geometry::{Point, edges};

/// Which points lie inside a ring that crosses itself ([SVG 2](https://www.w3.org/TR/SVG2/painting.html#FillRuleProperty)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillRule {
    /// Those with an odd winding number.
    EvenOdd,
    /// Those with a winding number that is not zero.
    NonZero,
}

/// Calls `fill` with the row and the columns of every run of pixels whose centers lie inside the ring by `rule`.
///
/// The grid has `size` pixels. The cost grows with the rows that the ring
/// crosses.
///
/// A center on a left edge is inside, and one on a right edge is outside. So rings that share an edge never share a
/// pixel.
pub fn scanline_fill(ring: &[Point], size: Size, rule: FillRule, mut fill: impl FnMut(usize, Range<usize>)) {
    let (width, height) = (size.width as usize, size.height as usize);
    let mut crossings = find_crossings(ring, height);
    crossings.sort_unstable_by(|a, b| {
        (a.row, a.x).partial_cmp(&(b.row, b.x)).unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut winding_number = 0;
    for pair in crossings.windows(2) {
        winding_number += pair[0].winding;
        let is_inside = match rule {
            FillRule::EvenOdd => winding_number % 2 != 0,
            FillRule::NonZero => winding_number != 0,
        };
        if pair[0].row == pair[1].row && is_inside {
            let columns = first_center_from(pair[0].x, width)..first_center_from(pair[1].x, width);
            if !columns.is_empty() {
                fill(pair[0].row, columns);
            }
        }
    }
}

/// The crossing of an edge and the line through the pixel centers of a row.
struct ScanlineCrossing {
    row: usize,
    x: f64,
    /// 1 for an edge that runs down, -1 for one that runs up.
    winding: i32,
}

fn find_crossings(ring: &[Point], height: usize) -> Vec<ScanlineCrossing> {
    let mut crossings = Vec::new();
    for (a, b) in edges(ring).filter(|(a, b)| a.is_finite() && b.is_finite()) {
        let (top, bottom, winding) = if a.y < b.y { (a, b, 1) } else { (b, a, -1) };
        for row in first_center_from(top.y, height)..first_center_from(bottom.y, height) {
            let t = (row as f64 + 0.5 - top.y) / (bottom.y - top.y);
            crossings.push(ScanlineCrossing { row, x: top.x + (bottom.x - top.x) * t, winding });
        }
    }
    crossings
}

/// The index of the first pixel whose center is at `position` or behind it, at most `end`. The cast saturates.
fn first_center_from(position: f64, end: usize) -> usize {
    ((position - 0.5).ceil().max(0.0) as usize).min(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Rect, ring_contains};

    /// How often each pixel is filled.
    fn count_fills(ring: &[Point], width: u32, height: u32) -> Vec<u8> {
        let mut grid = vec![0; (width * height) as usize];
        scanline_fill(ring, Size::new(width, height), FillRule::NonZero, |row, columns| {
            grid[row * width as usize..][columns].iter_mut().for_each(|count| *count += 1);
        });
        grid
    }

    #[test]
    fn the_centres_inside_and_no_other() {
        let ring =
            [(1.3, 0.2), (9.1, 3.7), (4.4, 8.8), (5.0, 4.0), (0.6, 6.1)].map(|(x, y)| Point::new(x, y));
        let grid = count_fills(&ring, 10, 9);
        for (i, &count) in grid.iter().enumerate() {
            let center = Point::new((i % 10) as f64 + 0.5, (i / 10) as f64 + 0.5);
            assert_eq!(count == 1, ring_contains(&ring, center), "{center:?}");
        }
    }

    #[test]
    fn neighbours_share_no_pixel_and_leave_none_out() {
        let left = Rect::new(0.5, 0.5, 3.5, 4.5).corners();
        let right = Rect::new(3.5, 0.5, 6.5, 4.5).corners();
        let both: Vec<u8> =
            count_fills(&left, 8, 5).iter().zip(count_fills(&right, 8, 5)).map(|(a, b)| a + b).collect();
        let whole = count_fills(&Rect::new(0.5, 0.5, 6.5, 4.5).corners(), 8, 5);
        assert_eq!(both, whole);
        assert_eq!(whole.iter().map(|&count| u32::from(count)).sum::<u32>(), 24);
    }

    #[test]
    fn a_ring_beyond_the_grid_is_cut() {
        let far = Rect::new(-1e6, -1e6, 1e6, 1e6).corners();
        assert_eq!(count_fills(&far, 3, 2), [1; 6]);
        assert_eq!(count_fills(&Rect::new(5.0, -9.0, 7.0, 9.0).corners(), 3, 2), [0; 6]);
        assert_eq!(count_fills(&[Point::new(f64::NAN, 0.0); 3], 3, 2), [0; 6]);
    }

    #[test]
    fn a_ring_that_overlaps_itself_is_filled_once() {
        let bow =
            [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 4.0), (2.0, 1.0), (6.0, 1.0), (6.0, 3.0), (0.0, 3.0)];
        let grid = count_fills(&bow.map(|(x, y)| Point::new(x, y)), 6, 4);
        assert!(grid.iter().all(|&count| count <= 1));
    }

    #[test]
    fn what_a_ring_surrounds_twice_is_inside_by_one_rule_only() {
        let square = [(0.0, 0.0), (3.0, 0.0), (3.0, 3.0), (0.0, 3.0)];
        let twice: Vec<Point> = square.iter().chain(&square).map(|&(x, y)| Point::new(x, y)).collect();
        let mut counts = [0, 0];
        for (rule, count) in [FillRule::EvenOdd, FillRule::NonZero].into_iter().zip(&mut counts) {
            scanline_fill(&twice, Size::new(4, 4), rule, |_, columns| *count += columns.len());
        }
        assert_eq!(counts, [0, 9]);
    }
}
