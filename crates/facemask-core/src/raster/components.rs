//! The connected parts of a map's ids.

/// The 4-connected parts of the pixels whose id is `wanted`, row by row: of each its id and the places of its pixels.
pub fn components(ids: &[u8], width: usize, wanted: impl Fn(u8) -> bool) -> Vec<(u8, Vec<u32>)> {
    let mut seen = vec![false; ids.len()];
    let mut parts = Vec::new();
    for start in 0..ids.len() {
        if seen[start] || !wanted(ids[start]) {
            continue;
        }
        let id = ids[start];
        let mut pixels = vec![start as u32];
        seen[start] = true;
        let mut next = 0;
        while let Some(&pixel) = pixels.get(next) {
            next += 1;
            for neighbour in neighbours(pixel as usize, width, ids.len()).into_iter().flatten() {
                if ids[neighbour] == id && !seen[neighbour] {
                    seen[neighbour] = true;
                    pixels.push(neighbour as u32);
                }
            }
        }
        parts.push((id, pixels));
    }
    parts
}

/// The pixels left, right, above and below, where the grid has them.
fn neighbours(pixel: usize, width: usize, count: usize) -> [Option<usize>; 4] {
    let column = pixel % width;
    [
        (column > 0).then(|| pixel - 1),
        (column + 1 < width).then_some(pixel + 1),
        pixel.checked_sub(width),
        Some(pixel + width).filter(|&below| below < count),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_join_by_sides_and_not_by_corners_or_round_the_edge() {
        let ids = [
            1, 0, 1, //
            1, 2, 0, //
            0, 1, 1,
        ];
        let parts = components(&ids, 3, |id| id == 1);
        assert_eq!(parts, [(1, vec![0, 3]), (1, vec![2]), (1, vec![7, 8])]);
        assert_eq!(components(&ids, 3, |id| id > 0).len(), 4);
        assert!(components(&[], 3, |_| true).is_empty());
    }
}
