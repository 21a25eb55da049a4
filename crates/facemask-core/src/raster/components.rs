//! The connected parts of a map's ids.

/// A 4-connected part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    /// The id of its pixels.
    pub id: u8,
    /// The place of its first pixel, row by row.
    pub start: usize,
    /// How many pixels it has.
    pub pixels: usize,
}

/// The 4-connected parts of the pixels whose id is `wanted`, by their first pixels.
pub fn components(ids: &[u8], width: usize, wanted: impl Fn(u8) -> bool) -> Vec<Component> {
    let mut seen = vec![false; ids.len()];
    let (mut parts, mut open) = (Vec::new(), Vec::new());
    for start in 0..ids.len() {
        let id = ids[start];
        if !seen[start] && wanted(id) {
            let take = |pixel: usize| ids[pixel] == id && !std::mem::replace(&mut seen[pixel], true);
            parts.push(Component { id, start, pixels: flood(start, (width, ids.len()), &mut open, take) });
        }
    }
    parts
}

/// Gives the part at `start` another id.
pub fn refill(ids: &mut [u8], width: usize, start: usize, with: u8) {
    let (id, count) = (ids[start], ids.len());
    if id != with {
        flood(start, (width, count), &mut Vec::new(), |pixel| {
            let same = ids[pixel] == id;
            if same {
                ids[pixel] = with;
            }
            same
        });
    }
}

/// Walks from `start` over the pixels that `take` takes, each once, and counts them. `open` is empty before and after.
fn flood(
    start: usize,
    size: (usize, usize),
    open: &mut Vec<usize>,
    mut take: impl FnMut(usize) -> bool,
) -> usize {
    let mut taken = 0;
    if take(start) {
        open.push(start);
    }
    while let Some(pixel) = open.pop() {
        taken += 1;
        open.extend(neighbours(pixel, size).into_iter().flatten().filter(|&neighbour| take(neighbour)));
    }
    taken
}

/// The pixels left, right, above and below, where the grid of (width, number of pixels) has them.
fn neighbours(pixel: usize, (width, count): (usize, usize)) -> [Option<usize>; 4] {
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

    #[rustfmt::skip]
    const IDS: [u8; 9] = [
        1, 0, 1,
        1, 2, 0,
        0, 1, 1,
    ];

    #[test]
    fn parts_join_by_sides_and_not_by_corners_or_round_the_edge() {
        let found: Vec<_> =
            components(&IDS, 3, |id| id == 1).iter().map(|part| (part.start, part.pixels)).collect();
        assert_eq!(found, [(0, 2), (2, 1), (7, 2)]);
        assert_eq!(components(&IDS, 3, |id| id > 0).len(), 4);
        assert!(components(&[], 3, |_| true).is_empty());
    }

    #[test]
    fn refilling_stays_within_the_part() {
        let mut ids = IDS;
        refill(&mut ids, 3, 7, 2);
        assert_eq!(ids, [1, 0, 1, 1, 2, 0, 0, 2, 2]);
        refill(&mut ids, 3, 4, 2);
        assert_eq!(ids, [1, 0, 1, 1, 2, 0, 0, 2, 2]);
    }
}
