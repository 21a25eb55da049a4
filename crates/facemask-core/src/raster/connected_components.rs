//! Connected components of a map of ids, by flood fill.

/// A 4-connected component of pixels with one id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    /// The id of its pixels.
    pub id: u8,
    /// The index of its first pixel in row order.
    pub start: usize,
    /// The number of its pixels.
    pub pixel_count: usize,
}

/// Finds the 4-connected components of the ids that `is_wanted` selects, in the order of their first pixels.
pub fn find_components(ids: &[u8], width: usize, is_wanted: impl Fn(u8) -> bool) -> Vec<Component> {
    let grid = PixelGrid { width, pixel_count: ids.len() };
    let mut visited = vec![false; ids.len()];
    let (mut components, mut stack) = (Vec::new(), Vec::new());
    for start in 0..ids.len() {
        let id = ids[start];
        if !visited[start] && is_wanted(id) {
            let visit = |pixel: usize| ids[pixel] == id && !std::mem::replace(&mut visited[pixel], true);
            components.push(Component { id, start, pixel_count: grid.flood(start, &mut stack, visit) });
        }
    }
    components
}

/// Replaces the id of the 4-connected component that contains pixel `start`.
pub fn flood_fill(ids: &mut [u8], width: usize, start: usize, new_id: u8) {
    let (id, grid) = (ids[start], PixelGrid { width, pixel_count: ids.len() });
    if id != new_id {
        grid.flood(start, &mut Vec::new(), |pixel| {
            let is_member = ids[pixel] == id;
            if is_member {
                ids[pixel] = new_id;
            }
            is_member
        });
    }
}

/// A pixel grid with 4-connectivity.
#[derive(Clone, Copy)]
struct PixelGrid {
    width: usize,
    pixel_count: usize,
}

impl PixelGrid {
    /// Visits the pixels that are connected to `start`, and counts them. `visit` returns whether a pixel belongs to the
    /// component, and must return true only once per pixel. `stack` is empty before and after the call.
    fn flood(self, start: usize, stack: &mut Vec<usize>, mut visit: impl FnMut(usize) -> bool) -> usize {
        let mut visited_count = 0;
        if visit(start) {
            stack.push(start);
        }
        while let Some(pixel) = stack.pop() {
            visited_count += 1;
            stack.extend(self.neighbors(pixel).into_iter().flatten().filter(|&neighbor| visit(neighbor)));
        }
        visited_count
    }

    /// The neighbors to the left, to the right, above and below, where the grid has them.
    fn neighbors(self, pixel: usize) -> [Option<usize>; 4] {
        let column = pixel % self.width;
        [
            (column > 0).then(|| pixel - 1),
            (column + 1 < self.width).then_some(pixel + 1),
            pixel.checked_sub(self.width),
            Some(pixel + self.width).filter(|&below| below < self.pixel_count),
        ]
    }
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
        let found: Vec<_> = find_components(&IDS, 3, |id| id == 1)
            .iter()
            .map(|part| (part.start, part.pixel_count))
            .collect();
        assert_eq!(found, [(0, 2), (2, 1), (7, 2)]);
        assert_eq!(find_components(&IDS, 3, |id| id > 0).len(), 4);
        assert!(find_components(&[], 3, |_| true).is_empty());
    }

    #[test]
    fn refilling_stays_within_the_part() {
        let mut ids = IDS;
        flood_fill(&mut ids, 3, 7, 2);
        assert_eq!(ids, [1, 0, 1, 1, 2, 0, 0, 2, 2]);
        flood_fill(&mut ids, 3, 4, 2);
        assert_eq!(ids, [1, 0, 1, 1, 2, 0, 0, 2, 2]);
    }
}
