//! A label map in 64 x 64 cells: the label that most pixels of each cell have.

/// Cells along a side.
pub const SIGNATURE_SIDE: usize = 64;

/// The most frequent label of each cell, the smaller one where two are as frequent; rows from the top. `labels` holds
/// `width * height` ids; a side of less than 64 pixels repeats them.
#[must_use]
pub fn signature(labels: &[u8], width: usize, height: usize) -> Vec<u8> {
    let place = |n: usize, side: usize| n * side / SIGNATURE_SIDE;
    let mut cells = Vec::with_capacity(SIGNATURE_SIDE * SIGNATURE_SIDE);
    for row in 0..SIGNATURE_SIDE {
        let (top, bottom) = (place(row, height), place(row + 1, height).max(place(row, height) + 1));
        for column in 0..SIGNATURE_SIDE {
            let left = place(column, width);
            let right = place(column + 1, width).max(left + 1);
            cells.push(majority((top..bottom).map(|y| &labels[y * width + left..y * width + right])));
        }
    }
    cells
}

/// Most cells lie within a region: they are told by a look.
fn majority<'a>(rows: impl Iterator<Item = &'a [u8]> + Clone) -> u8 {
    let first = rows.clone().flatten().next().copied().unwrap_or(0);
    if rows.clone().all(|row| row.iter().all(|&label| label == first)) {
        return first;
    }
    let mut counts = [0_u32; 256];
    for row in rows {
        for &label in row {
            counts[usize::from(label)] += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    counts.iter().position(|&count| count == most).unwrap_or(0) as u8
}

/// Cells in which two signatures differ.
#[must_use]
pub fn differing_cells(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).filter(|(a, b)| a != b).count() + one.len().abs_diff(other.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_majority_wins_and_the_smaller_label_a_tie() {
        assert_eq!(majority([&[3_u8, 7, 7][..], &[3, 7]].into_iter()), 7);
        assert_eq!(majority([&[9_u8, 4][..]].into_iter()), 4);
    }

    #[test]
    fn cells_stand_where_their_pixels_are() {
        let labels: Vec<u8> =
            (0..100 * 150).map(|n| u8::from(n % 100 >= 50) + 2 * u8::from(n / 100 >= 75)).collect();
        let cells = signature(&labels, 100, 150);
        assert_eq!(cells.len(), SIGNATURE_SIDE * SIGNATURE_SIDE);
        assert_eq!([cells[0], cells[63], cells[64 * 63], cells[64 * 64 - 1]], [0, 1, 2, 3]);
        assert_eq!(differing_cells(&cells, &cells), 0);
        assert!(differing_cells(&cells, &signature(&labels, 150, 100)) > 0);
    }

    #[test]
    fn a_tiny_map_is_repeated() {
        let cells = signature(&[1, 2], 2, 1);
        assert_eq!((cells[0], cells[63], cells[64 * 63]), (1, 2, 1));
    }
}
