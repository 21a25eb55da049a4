//! Cells: what the four pixels around a lattice node say about the border there.
//!
//! A *node* is a corner of pixels; the *cell* around it is the square between the four neighbouring pixel centres.
//! A *spoke* leaves the node between two pixels of different labels; it crosses the cell's side midway between two
//! pixel centres. Two spokes are a border passing through (marching squares joins the two crossings directly); three
//! or four are a *junction*, where borders meet in the node itself:
//!
//! ```text
//!  A A   A A   A B   A B   A B   A A   A B   A B   A B
//!  A B   B B   A B   B B   B A   B C   C C   A C   C D
//!   2     2     2     2     4     3     3     3     4    spokes
//! ```
//!
//! The saddle rule: a checkerboard cell (four spokes) joins no diagonal, so every region is 4-connected, the same for
//! all labels and for the background, and each of the four pixels keeps its own quarter of the cell.
//!
//! The picture's frame is a border too: outside lies a label of its own.

use crate::error::{Error, ErrorKind, Result};
use crate::raster::LabelMap;

/// A direction along the lattice, in turning order: the next one is a right turn on screen.
pub(super) const NORTH: u8 = 0;
pub(super) const EAST: u8 = 1;
pub(super) const SOUTH: u8 = 2;
pub(super) const WEST: u8 = 3;

/// The direction as a step (x, y) between nodes.
pub(super) const STEP: [(i32, i32); 4] = [(0, -1), (1, 0), (0, 1), (-1, 0)];

/// Flag of a node with three or four spokes.
pub(super) const JUNCTION: u8 = 1 << 4;
/// Flag of a crack that somebody wants to find again (see `rings`).
pub(super) const WANTED: u8 = 1 << 5;

/// The bit of the spoke that leaves in `direction`.
pub(super) const fn spoke(direction: u8) -> u8 {
    1 << direction
}

/// The direction that goes back.
pub(super) const fn opposite(direction: u8) -> u8 {
    direction ^ 2
}

/// All nodes of a map, `(width + 1) x (height + 1)`, and where walks along the borders begin.
pub(super) struct Lattice {
    /// Nodes in a row: width + 1.
    pub(super) stride: usize,
    /// The spokes of each node, a bit per direction, and the flags above.
    pub(super) nodes: Vec<u8>,
    /// The nodes with three or four spokes, in row order.
    pub(super) junctions: Vec<u32>,
    /// Nodes with an east and a south spoke: each closed border has one, its first node in row order.
    pub(super) corners: Vec<u32>,
    /// Steps of border between pixels, the frame not counted.
    pub(super) border: usize,
}

impl Lattice {
    /// Looks at every cell of the map once.
    ///
    /// # Errors
    /// [`ErrorKind::MapTooComplex`] when there are more than `max_border` steps of border.
    pub(super) fn scan(map: &LabelMap<'_>, max_border: usize) -> Result<Self> {
        let (width, height, stride) = (map.width(), map.height(), map.width() + 1);
        let mut lattice = Self {
            stride,
            nodes: vec![0; stride * (height + 1)],
            junctions: Vec::new(),
            corners: Vec::new(),
            border: 0,
        };
        for y in 0..=height {
            let row = &mut lattice.nodes[y * stride..(y + 1) * stride];
            match (y.checked_sub(1).map(|above| map.row(above)), (y < height).then(|| map.row(y))) {
                (Some(above), Some(below)) => inner_row(row, above, below),
                (None, Some(below)) => frame_row(row, below, SOUTH),
                (Some(above), None) => frame_row(row, above, NORTH),
                (None, None) => {}
            }
            lattice.note_row(y);
            if lattice.border > 2 * (max_border + 2 * (width + height)) {
                return Err(Error::new(
                    ErrorKind::MapTooComplex,
                    "labels",
                    format!(
                        "the label map has more than {max_border} steps of border between regions, as noise has; the limit guards memory"
                    ),
                ));
            }
        }
        lattice.border = (lattice.border / 2).saturating_sub(2 * (width + height));
        Ok(lattice)
    }

    /// Notes where walks begin in row `y`, and adds its spokes to the border.
    fn note_row(&mut self, y: usize) {
        let first = y * self.stride;
        let row = &mut self.nodes[first..first + self.stride];
        let mut note = |x: usize, node: &mut u8| {
            let spokes = *node;
            self.border += spokes.count_ones() as usize;
            if spokes.count_ones() > 2 {
                *node |= JUNCTION;
                self.junctions.push((first + x) as u32);
            } else if spokes == spoke(EAST) | spoke(SOUTH) {
                self.corners.push((first + x) as u32);
            }
        };
        let mut chunks = row.chunks_exact_mut(8);
        let mut x = 0;
        for chunk in &mut chunks {
            // Most of a map is the inside of regions: eight nodes without a spoke are passed over at once.
            if chunk.iter().fold(0, |any, &node| any | node) != 0 {
                for (i, node) in chunk.iter_mut().enumerate().filter(|(_, node)| **node != 0) {
                    note(x + i, node);
                }
            }
            x += 8;
        }
        for (i, node) in chunks.into_remainder().iter_mut().enumerate().filter(|(_, node)| **node != 0) {
            note(x + i, node);
        }
    }

    /// The (x, y) of a node.
    pub(super) fn position(&self, node: usize) -> (i32, i32) {
        ((node % self.stride) as i32, (node / self.stride) as i32)
    }
}

/// The spokes of a row of nodes between two rows of pixels. Written so that the compiler compares many pixels at once.
fn inner_row(row: &mut [u8], above: &[u8], below: &[u8]) {
    let width = above.len();
    let pairs = above.windows(2).zip(below.windows(2));
    for (node, (a, b)) in row[1..width].iter_mut().zip(pairs) {
        *node = cell([a[0], a[1], b[0], b[1]]);
    }
    let upright = spoke(NORTH) | spoke(SOUTH);
    row[0] = upright | (u8::from(above[0] != below[0]) << EAST);
    row[width] = upright | (u8::from(above[width - 1] != below[width - 1]) << WEST);
}

/// The spokes of the node between pixels `[top left, top right, bottom left, bottom right]`.
pub(super) fn cell([tl, tr, bl, br]: [u8; 4]) -> u8 {
    u8::from(tl != tr) << NORTH
        | u8::from(tr != br) << EAST
        | u8::from(bl != br) << SOUTH
        | u8::from(tl != bl) << WEST
}

/// The spokes of the top or bottom row of nodes, whose pixels lie in direction `inward`.
fn frame_row(row: &mut [u8], pixels: &[u8], inward: u8) {
    let width = pixels.len();
    for (node, pair) in row[1..width].iter_mut().zip(pixels.windows(2)) {
        *node = spoke(EAST) | spoke(WEST) | (u8::from(pair[0] != pair[1]) << inward);
    }
    row[0] = spoke(EAST) | spoke(inward);
    row[width] = spoke(WEST) | spoke(inward);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The spokes around one cell as a picture: the letters are the labels.
    fn draw(pixels: &str) -> String {
        let ids: Vec<u8> = pixels.bytes().filter(u8::is_ascii_alphabetic).collect();
        let spokes = cell([ids[0], ids[1], ids[2], ids[3]]);
        let has = |direction: u8, mark: char| if spokes & spoke(direction) != 0 { mark } else { ' ' };
        format!("{} {}{}", has(WEST, '-'), has(NORTH, '|'), has(EAST, '-')) + &format!(" {}", has(SOUTH, '|'))
    }

    #[test]
    fn a_scan_counts_the_border_and_finds_junctions() {
        let map = LabelMap::new(3, 2, &[1, 1, 2, 1, 3, 3]).unwrap();
        let lattice = Lattice::scan(&map, 100).unwrap();
        // Between pixels: 1|2 above, 1|3 below, and under the second and third pixel of the first row.
        assert_eq!(lattice.border, 4);
        // On the frame: above 1|2, right of 2/3, below 1|3. Inside: node (2, 1) where 1, 2 and 3 meet.
        assert_eq!(
            lattice.junctions.iter().map(|&n| lattice.position(n as usize)).collect::<Vec<_>>(),
            [(2, 0), (2, 1), (3, 1), (1, 2)]
        );
    }

    #[test]
    fn noise_is_refused_beyond_the_limit() {
        let ids: Vec<u8> = (0..64 * 64).map(|i| ((i % 64 + i / 64) % 2) as u8).collect();
        let map = LabelMap::new(64, 64, &ids).unwrap();
        assert_eq!(Lattice::scan(&map, 100).err().map(|e| e.kind), Some(ErrorKind::MapTooComplex));
        assert_eq!(Lattice::scan(&map, 2 * 63 * 64).map(|l| l.border).ok(), Some(2 * 63 * 64));
    }

    #[test]
    fn two_labels_make_sixteen_cells() {
        let spokes = |bits: u8| cell([bits & 1, bits >> 1 & 1, bits >> 2 & 1, bits >> 3 & 1]).count_ones();
        let counts: Vec<_> = (0..16).map(spokes).collect();
        assert_eq!(counts, [0, 2, 2, 2, 2, 2, 4, 2, 2, 4, 2, 2, 2, 2, 2, 0]);
        assert_eq!(draw("AA AB"), "   - |");
    }
}
