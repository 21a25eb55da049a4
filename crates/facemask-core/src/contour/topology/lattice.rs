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

use super::heap_bytes::room;
use super::row_diff::{BLOCK, Differences, Seer, differences};
use crate::error::{Error, ErrorKind, Result};
use crate::raster::LabelMap;

/// A direction along the lattice, in turning order: the next one is a right turn on screen.
pub(crate) const NORTH: u8 = 0;
pub(crate) const EAST: u8 = 1;
pub(crate) const SOUTH: u8 = 2;
pub(crate) const WEST: u8 = 3;

/// The direction as a step (x, y) between nodes.
pub(crate) const STEP: [(i32, i32); 4] = [(0, -1), (1, 0), (0, 1), (-1, 0)];

/// No node, no junction, no half-arc.
pub(crate) const NONE: u32 = u32::MAX;

/// The bit of the spoke that leaves in `direction`.
pub(crate) const fn spoke(direction: u8) -> u8 {
    1 << direction
}

/// The direction that goes back.
pub(crate) const fn opposite(direction: u8) -> u8 {
    direction ^ 2
}

/// A node of the border. Its neighbours to the east and to the west, where it has spokes to them, are the nodes that
/// follow and precede it in row order.
///
/// Of the frame, which is half of the border of many a map, only corners and junctions are nodes; on its left side each
/// is, since the runs of a row are counted from there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// The node above, if there is a spoke to it.
    north: u32,
    /// The node below, if there is a spoke to it. The walk puts something else here, see [`Lattice::pass`].
    south: u32,
    /// The number of the junction that the node is, or [`NONE`] where a border passes through.
    pub(crate) junction: u32,
    /// Its spokes, a bit per direction.
    spokes: u8,
    /// Those of them that nobody has walked yet.
    pub(crate) open: u8,
}

impl Node {
    /// Whether it passes a border on between north and south.
    pub(crate) fn is_upright(&self) -> bool {
        self.spokes == spoke(NORTH) | spoke(SOUTH)
    }
}

/// A node where walks begin, and its place (x, y).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) node: u32,
    pub(crate) at: (u32, u32),
}

/// The nodes of a map that the border runs through, in row order: the memory they take grows with the border, not with
/// the map.
#[derive(Default)]
pub(crate) struct Lattice {
    pub(crate) nodes: Vec<Node>,
    /// The nodes with three or four spokes, in row order.
    pub(crate) junctions: Vec<Start>,
    /// Nodes with an east and a south spoke: each closed border has one, its first node in row order.
    pub(crate) corners: Vec<Start>,
    /// Steps of border between pixels, the frame not counted.
    pub(crate) border: usize,
}

impl Lattice {
    /// Looks at every pixel of the map once, and notes its nodes in place of what was noted before.
    ///
    /// # Errors
    /// [`ErrorKind::MapTooComplex`] when there are more than `max_border` steps of border.
    pub(crate) fn scan(&mut self, map: &LabelMap<'_>, max_border: usize) -> Result<()> {
        self.nodes.clear();
        self.junctions.clear();
        self.corners.clear();
        self.border = 0;
        let mut rows = Rows::new(self, map.width());
        for y in 0..=map.height() {
            rows.row(map, y);
            if rows.lattice.border > max_border {
                return Err(Error::new(
                    ErrorKind::MapTooComplex,
                    "labels",
                    format!(
                        "the label map has more than {max_border} steps of border between regions, as noise has; the limit guards memory"
                    ),
                ));
            }
        }
        Ok(())
    }

    /// The bytes it has room for.
    pub(crate) fn bytes(&self) -> usize {
        room(&self.nodes) + room(&self.junctions) + room(&self.corners)
    }

    /// Whether nobody has walked the spoke of a node in this direction, if there is one.
    pub(crate) fn is_open(&self, node: u32, direction: u8) -> bool {
        self.nodes[node as usize].open & spoke(direction) != 0
    }

    /// Goes from a node along the spoke in `direction`, which nobody goes again, and says where that leads. What is known
    /// of a vertical step, `northward`, is noted for [`Self::run_start`].
    pub(crate) fn pass(&mut self, node: u32, direction: u8, northward: u32) -> u32 {
        let here = &mut self.nodes[node as usize];
        here.open &= !spoke(direction);
        let next = match direction {
            NORTH => here.north,
            EAST => node + 1,
            SOUTH => std::mem::replace(&mut here.south, northward),
            _ => node - 1,
        };
        let there = &mut self.nodes[next as usize];
        there.open &= !spoke(opposite(direction));
        if direction == NORTH {
            there.south = northward;
        }
        next
    }

    /// What [`Self::pass`] noted of the border in which the run of pixels left of `node` begins, in the row below the
    /// node.
    pub(crate) fn run_start(&self, node: u32) -> u32 {
        // Of the nodes to the left, those without a spoke to the south part nothing in this row. The frame has one.
        let left = self.nodes[..node as usize].iter().rev();
        left.copied().find(|other| other.spokes & spoke(SOUTH) != 0).map_or(NONE, |crack| crack.south)
    }
}

/// The lattice while it grows, row by row.
struct Rows<'a> {
    lattice: &'a mut Lattice,
    width: usize,
    /// Of each pixel of the row above that is unlike the one to its right, the bit at their node; the frame counts.
    cracks_above: Vec<u64>,
    /// The nodes of the row above that have a spoke to the south, in order.
    hanging: Vec<u32>,
    /// Those of the row before it, and how many of them have their node to the south.
    hung: Vec<u32>,
    hung_taken: usize,
}

impl<'a> Rows<'a> {
    fn new(lattice: &'a mut Lattice, width: usize) -> Self {
        Self {
            lattice,
            width,
            cracks_above: vec![0; width / BLOCK + 1],
            hanging: Vec::new(),
            hung: Vec::new(),
            hung_taken: 0,
        }
    }

    /// Adds the nodes above row `y` of the map; those below the last row come last.
    fn row(&mut self, map: &LabelMap<'_>, y: usize) {
        std::mem::swap(&mut self.hung, &mut self.hanging);
        self.hanging.clear();
        self.hung_taken = 0;
        let (last, width) = (map.height() - 1, self.width);
        let (above, row) = (map.row(y.saturating_sub(1)), map.row(y.min(last)));
        let mut line = Line {
            y: y as u32,
            block: 0,
            // Beyond the frame lies a label of its own: its nodes have spokes along it, and to the pixels inside.
            frame: if y == 0 || y > last { !0 } else { 0 },
            inside: if y > last { 0 } else { !0 },
            right: u64::from(y <= last),
            above: 0,
        };
        differences(above, row, &mut Seeing { rows: self, line: &mut line });
        if width.is_multiple_of(BLOCK) {
            self.block(&mut line, Differences::default());
        }
        // Two of those that hang lie on the frame.
        self.lattice.border += self.hanging.len().saturating_sub(2);
    }

    /// Adds the nodes at the left upper corners of a block of pixels, and on the right of the last one that at its corner.
    #[inline]
    fn block(&mut self, line: &mut Line, found: Differences) {
        let block = line.block;
        line.block += 1;
        let ends_here = block == self.width / BLOCK;
        if found.right | found.above | line.pending() == 0 && !ends_here {
            // Where two pixels of the row above differ and nothing else does, those below them would have to differ too.
            self.cracks_above[block] = 0;
            return;
        }
        self.full_block(line, (block, ends_here), found);
    }

    fn full_block(&mut self, line: &mut Line, (block, ends_here): (usize, bool), found: Differences) {
        let columns = if ends_here { (1 << (self.width % BLOCK)) - 1 } else { !0 };
        let east = found.above | (line.frame & columns);
        let right = found.right & line.inside;
        let mut south = right << 1 | line.right;
        if ends_here {
            south |= (line.inside & 1) << (self.width % BLOCK);
        }
        let west = east << 1 | line.above;
        (line.right, line.above) = (right >> (BLOCK - 1), east >> (BLOCK - 1));
        let north = std::mem::replace(&mut self.cracks_above[block], south);
        let mut nodes = if line.frame == 0 { east | south | west | north } else { south | north };
        let right_side = if ends_here { 1 << (self.width % BLOCK) & north & south & !west } else { 0 };
        nodes &= !right_side;
        self.lattice.border += (found.above & !line.frame).count_ones() as usize;
        while nodes != 0 {
            let i = nodes.trailing_zeros();
            nodes &= nodes - 1;
            let spoke = |word: u64, direction: u8| ((word >> i & 1) as u8) << direction;
            let spokes = spoke(north, NORTH) | spoke(east, EAST) | spoke(south, SOUTH) | spoke(west, WEST);
            self.node(spokes, ((block * BLOCK) as u32 + i, line.y));
        }
        if right_side != 0 {
            // What hangs there hangs on.
            self.hanging.push(self.hung[self.hung_taken]);
        }
    }

    fn node(&mut self, spokes: u8, at: (u32, u32)) {
        let lattice = &mut *self.lattice;
        let node = lattice.nodes.len() as u32;
        let mut north = NONE;
        if spokes & spoke(NORTH) != 0 {
            north = self.hung[self.hung_taken];
            self.hung_taken += 1;
            lattice.nodes[north as usize].south = node;
        }
        if spokes & spoke(SOUTH) != 0 {
            self.hanging.push(node);
        }
        let mut junction = NONE;
        if MANY >> spokes & 1 == 1 {
            junction = lattice.junctions.len() as u32;
            lattice.junctions.push(Start { node, at });
        } else if spokes == spoke(EAST) | spoke(SOUTH) {
            lattice.corners.push(Start { node, at });
        }
        lattice.nodes.push(Node { north, south: NONE, junction, spokes, open: spokes });
    }
}

/// The rows as they are seen, block by block.
struct Seeing<'a, 'b> {
    rows: &'a mut Rows<'b>,
    line: &'a mut Line,
}

impl Seer for Seeing<'_, '_> {
    fn above(&self) -> &[u64] {
        if self.line.pending() == 0 { &self.rows.cracks_above[self.line.block..] } else { &[] }
    }

    fn skip(&mut self, blocks: usize) {
        self.line.block += blocks;
    }

    #[inline]
    fn see(&mut self, found: Differences) {
        self.rows.block(self.line, found);
    }
}

/// Bit i: i has three or four bits, as the spokes of a junction have.
const MANY: u16 = 1 << 0b0111 | 1 << 0b1011 | 1 << 0b1101 | 1 << 0b1110 | 1 << 0b1111;

/// A row of nodes, from the left as far as it has been seen.
struct Line {
    y: u32,
    /// How many blocks have been seen.
    block: usize,
    /// All bits where the row lies on the frame.
    frame: u64,
    /// All bits but where the row lies below the map.
    inside: u64,
    /// Whether the last pixel seen is unlike the next one, and whether it is unlike the one above it.
    right: u64,
    above: u64,
}

impl Line {
    /// Not zero where the next block has nodes even if nothing differs in it.
    fn pending(&self) -> u64 {
        self.right | self.above | self.frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The spokes of the node between pixels `[top left, top right, bottom left, bottom right]`.
    fn cell([tl, tr, bl, br]: [u16; 4]) -> u8 {
        u8::from(tl != tr) << NORTH
            | u8::from(tr != br) << EAST
            | u8::from(bl != br) << SOUTH
            | u8::from(tl != bl) << WEST
    }

    /// The spokes around one cell as a picture: the letters are the labels.
    fn draw(pixels: &str) -> String {
        let ids: Vec<u16> = pixels.bytes().filter(u8::is_ascii_alphabetic).map(u16::from).collect();
        let spokes = cell([ids[0], ids[1], ids[2], ids[3]]);
        let has = |direction: u8, mark: char| if spokes & spoke(direction) != 0 { mark } else { ' ' };
        format!("{} {}{}", has(WEST, '-'), has(NORTH, '|'), has(EAST, '-')) + &format!(" {}", has(SOUTH, '|'))
    }

    /// Every node of a map that has spokes, cell by cell: its place and its spokes.
    fn cell_by_cell(map: &LabelMap<'_>) -> Vec<((u32, u32), u8)> {
        let id = |x: usize, y: usize| {
            // Places are counted from 1: row and column 0 lie outside, and wrap.
            let inside = x.wrapping_sub(1) < map.width() && y.wrapping_sub(1) < map.height();
            if inside { u16::from(map.get(x - 1, y - 1)) } else { 256 }
        };
        let places = (0..=map.height()).flat_map(|y| (0..=map.width()).map(move |x| (x, y)));
        let spokes = |(x, y): (usize, usize)| cell([id(x, y), id(x + 1, y), id(x, y + 1), id(x + 1, y + 1)]);
        places.map(|at| ((at.0 as u32, at.1 as u32), spokes(at))).filter(|&(_, spokes)| spokes != 0).collect()
    }

    #[test]
    fn the_lattice_is_what_looking_at_every_cell_finds() {
        // A small generator: the same maps on every machine, blocks of one label and noise.
        let mut state = 5_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        // One for all, as a thread has it.
        let mut lattice = Lattice::default();
        for (width, height) in
            [(1, 1), (1, 9), (9, 1), (63, 5), (64, 7), (65, 6), (66, 3), (128, 9), (200, 11)]
        {
            for side in [1, 2, 5, 40] {
                let blocks: Vec<u8> = (0..300 * 20).map(|_| random(3) as u8).collect();
                let id = |i: usize| blocks[i / width / side * 300 + i % width / side];
                let ids: Vec<u8> = (0..width * height).map(id).collect();
                let map = LabelMap::new(width, height, &ids).unwrap();
                let mut expected = cell_by_cell(&map);
                let steps: u32 = expected.iter().map(|(_, spokes)| spokes.count_ones()).sum();
                let (right, bottom) = (width as u32, height as u32);
                expected.retain(|&((x, y), spokes)| match spokes {
                    0b1010 => y != 0 && y != bottom,
                    0b0101 => x != right,
                    _ => true,
                });
                lattice.scan(&map, usize::MAX).unwrap();
                let spokes: Vec<u8> = lattice.nodes.iter().map(|node| node.spokes).collect();
                assert_eq!(spokes, expected.iter().map(|&(_, spokes)| spokes).collect::<Vec<_>>());
                let found =
                    |(x, y): (u32, u32)| expected.binary_search_by_key(&(y, x), |&((x, y), _)| (y, x));
                for (node, &((x, y), spokes)) in lattice.nodes.iter().zip(&expected) {
                    let rows = if x == right { y + 1..bottom + 1 } else { y + 1..y + 2 };
                    let below = rows.filter(|_| spokes & spoke(SOUTH) != 0).find_map(|y| found((x, y)).ok());
                    assert_eq!(node.south, below.map_or(NONE, |node| node as u32));
                    assert_eq!(node.north == NONE, spokes & spoke(NORTH) == 0);
                }
                let starts = |wanted: &dyn Fn(u8) -> bool| -> Vec<Start> {
                    let wanted = expected.iter().enumerate().filter(|(_, found)| wanted(found.1));
                    wanted.map(|(node, &(at, _))| Start { node: node as u32, at }).collect()
                };
                assert_eq!(lattice.junctions, starts(&|spokes| spokes.count_ones() > 2));
                assert_eq!(lattice.corners, starts(&|spokes| spokes == spoke(EAST) | spoke(SOUTH)));
                assert_eq!(lattice.border + 2 * (width + height), steps as usize / 2);
            }
        }
    }

    #[test]
    fn a_scan_counts_the_border_and_finds_junctions() {
        let map = LabelMap::new(3, 2, &[1, 1, 2, 1, 3, 3]).unwrap();
        let mut lattice = Lattice::default();
        lattice.scan(&map, 100).unwrap();
        // Between pixels: 1|2 above, 1|3 below, and under the second and third pixel of the first row.
        assert_eq!(lattice.border, 4);
        // On the frame: above 1|2, right of 2/3, below 1|3. Inside: node (2, 1) where 1, 2 and 3 meet.
        assert_eq!(
            lattice.junctions.iter().map(|start| start.at).collect::<Vec<_>>(),
            [(2, 0), (2, 1), (3, 1), (1, 2)]
        );
    }

    #[test]
    fn noise_is_refused_beyond_the_limit() {
        let ids: Vec<u8> = (0..64 * 64).map(|i| ((i % 64 + i / 64) % 2) as u8).collect();
        let map = LabelMap::new(64, 64, &ids).unwrap();
        let mut lattice = Lattice::default();
        assert_eq!(lattice.scan(&map, 100).err().map(|e| e.kind), Some(ErrorKind::MapTooComplex));
        assert!(lattice.scan(&map, 2 * 63 * 64).is_ok());
        assert_eq!(lattice.border, 2 * 63 * 64);
    }

    #[test]
    fn two_labels_make_sixteen_cells() {
        let spokes = |bits: u16| cell([bits & 1, bits >> 1 & 1, bits >> 2 & 1, bits >> 3 & 1]).count_ones();
        let counts: Vec<_> = (0..16).map(spokes).collect();
        assert_eq!(counts, [0, 2, 2, 2, 2, 2, 4, 2, 2, 4, 2, 2, 2, 2, 2, 0]);
        assert_eq!(draw("AA AB"), "   - |");
    }
}
