//! Filling a ring by scan lines.

use std::ops::Range;

use crate::geometry::{Point, edges};

/// Calls `paint` with the row and the columns of every run of pixels whose centres lie inside the ring (its winding number
/// is not zero), within a grid of (width, height) pixels. Touches the ring's own rows only.
///
/// A centre on a left edge is inside, one on a right edge is not: rings that share an edge never share a pixel.
pub fn fill(ring: &[Point], (width, height): (usize, usize), mut paint: impl FnMut(usize, Range<usize>)) {
    let mut crossings = crossings(ring, height);
    crossings.sort_unstable_by(|a, b| {
        (a.row, a.x).partial_cmp(&(b.row, b.x)).unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut winding = 0;
    for pair in crossings.windows(2) {
        winding += pair[0].turn;
        if pair[0].row == pair[1].row && winding != 0 {
            let columns = first_centre(pair[0].x, width)..first_centre(pair[1].x, width);
            if !columns.is_empty() {
                paint(pair[0].row, columns);
            }
        }
    }
}

/// Where an edge crosses the line through the centres of a row.
struct Crossing {
    row: usize,
    x: f64,
    /// 1 for an edge that runs down, -1 for one that runs up.
    turn: i32,
}

fn crossings(ring: &[Point], height: usize) -> Vec<Crossing> {
    let mut found = Vec::new();
    for (a, b) in edges(ring).filter(|(a, b)| a.is_finite() && b.is_finite()) {
        let (top, bottom, turn) = if a.y < b.y { (a, b, 1) } else { (b, a, -1) };
        for row in first_centre(top.y, height)..first_centre(bottom.y, height) {
            let along = (row as f64 + 0.5 - top.y) / (bottom.y - top.y);
            found.push(Crossing { row, x: top.x + (bottom.x - top.x) * along, turn });
        }
    }
    found
}

/// The first pixel whose centre is not before `at`, at most `end`. The cast saturates.
fn first_centre(at: f64, end: usize) -> usize {
    ((at - 0.5).ceil().max(0.0) as usize).min(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Rect, ring_contains};

    fn filled(ring: &[Point], size: (usize, usize)) -> Vec<u8> {
        let mut grid = vec![0; size.0 * size.1];
        fill(ring, size, |row, columns| grid[row * size.0..][columns].iter_mut().for_each(|cell| *cell += 1));
        grid
    }

    #[test]
    fn the_centres_inside_and_no_other() {
        let ring =
            [(1.3, 0.2), (9.1, 3.7), (4.4, 8.8), (5.0, 4.0), (0.6, 6.1)].map(|(x, y)| Point::new(x, y));
        let grid = filled(&ring, (10, 9));
        for (i, &cell) in grid.iter().enumerate() {
            let centre = Point::new((i % 10) as f64 + 0.5, (i / 10) as f64 + 0.5);
            assert_eq!(cell == 1, ring_contains(&ring, centre), "{centre:?}");
        }
    }

    #[test]
    fn neighbours_share_no_pixel_and_leave_none_out() {
        let left = Rect::new(0.5, 0.5, 3.5, 4.5).corners();
        let right = Rect::new(3.5, 0.5, 6.5, 4.5).corners();
        let both: Vec<u8> =
            filled(&left, (8, 5)).iter().zip(filled(&right, (8, 5))).map(|(a, b)| a + b).collect();
        let whole = filled(&Rect::new(0.5, 0.5, 6.5, 4.5).corners(), (8, 5));
        assert_eq!(both, whole);
        assert_eq!(whole.iter().map(|&cell| u32::from(cell)).sum::<u32>(), 24);
    }

    #[test]
    fn a_ring_beyond_the_grid_is_cut() {
        let far = Rect::new(-1e6, -1e6, 1e6, 1e6).corners();
        assert_eq!(filled(&far, (3, 2)), [1; 6]);
        assert_eq!(filled(&Rect::new(5.0, -9.0, 7.0, 9.0).corners(), (3, 2)), [0; 6]);
        assert_eq!(filled(&[Point::new(f64::NAN, 0.0); 3], (3, 2)), [0; 6]);
    }

    #[test]
    fn a_ring_that_overlaps_itself_is_filled_once() {
        let bow =
            [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 4.0), (2.0, 1.0), (6.0, 1.0), (6.0, 3.0), (0.0, 3.0)];
        let grid = filled(&bow.map(|(x, y)| Point::new(x, y)), (6, 4));
        assert!(grid.iter().all(|&cell| cell <= 1));
    }
}
