//! The border lattice: the pixel corners that borders pass, and the cracks between them.
//!
//! A *node* is a pixel corner. The *cell* around it is the square between the four neighboring pixel centers. A *crack*
//! leaves the node between two pixels of different labels, and crosses the side of the cell midway between two centers.
//! Two cracks are a border that passes through, as in marching squares. Three or four are a *junction*: the borders
//! meet in the node itself.
//!
//! ```text
//!  A A   A A   A B   A B   A B   A A   A B   A B   A B
//!  A B   B B   A B   B B   B A   B C   C C   A C   C D
//!   2     2     2     2     4     3     3     3     4    cracks
//! ```
//!
//! The saddle rule: a checkerboard cell (four cracks) joins no diagonal. So every region is 4-connected, the background
//! too, and each of the four pixels keeps its own quarter of the cell.
//!
//! The frame of the map is a border as well: the outside has a label of its own.

use super::direction::{CrackSet, Direction};
use super::heap_bytes::heap_bytes;
use super::ids::{HalfArc, JunctionId, NodeId};
use super::row_diff::{BLOCK, BlockDiff, DiffVisitor, diff_rows};
use crate::error::{Error, ErrorKind, Result};
use crate::raster::LabelMap;

/// A pixel corner: so many pixels right of the left upper corner of the map, and so many below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LatticePoint {
    pub(crate) x: u32,
    pub(crate) y: u32,
}

/// A node of the border. Its neighbors to the east and to the west, where it has cracks to them, follow and precede it
/// in row order.
///
/// The frame is half of the border of many a map. Of its pixel corners only those with a junction or a turn are nodes.
/// On the left side of the frame every one is a node, since each row of pixels begins with a crack there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// The node above, if a crack leads to it.
    north: NodeId,
    south: SouthCrack,
    /// The junction at this node, or [`JunctionId::NONE`] where a border passes through.
    pub(crate) junction: JunctionId,
    cracks: CrackSet,
    /// The cracks that no arc has traversed yet.
    pub(crate) untraversed: CrackSet,
}

impl Node {
    /// Whether a border passes through from north to south.
    pub(crate) fn is_vertical(&self) -> bool {
        self.cracks == CrackSet::VERTICAL
    }
}

/// The crack to the south of a node: the node at its other end, and once an arc has traversed the crack, the half-arc
/// that runs north along it. Both take the same four bytes, since the nodes of a noisy map are the largest list of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
struct SouthCrack(u32);

impl SouthCrack {
    const NONE: Self = Self(u32::MAX);

    const fn to_node(node: NodeId) -> Self {
        Self(node.index() as u32)
    }

    const fn traversed(northbound: HalfArc) -> Self {
        Self(northbound.index() as u32)
    }

    /// The node to the south, before the crack is traversed.
    const fn node(self) -> NodeId {
        NodeId::new(self.0 as usize)
    }

    /// The half-arc northwards, after the crack is traversed.
    const fn northbound(self) -> HalfArc {
        HalfArc::new(self.0 as usize)
    }
}

/// A node where arcs may start, and its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeAt {
    pub(crate) node: NodeId,
    pub(crate) at: LatticePoint,
}

/// A bit for each pixel corner of a map: whether a border passes it, the frame included.
#[derive(Default)]
pub(crate) struct NodeBits {
    words: Vec<u64>,
    words_per_row: usize,
}

impl NodeBits {
    /// The index of a pixel corner.
    pub(crate) fn index(&self, at: LatticePoint) -> usize {
        at.y as usize * self.words_per_row * BLOCK + at.x as usize
    }

    /// The differences of the indices of neighbors, by direction.
    pub(crate) fn strides(&self) -> [isize; 4] {
        let row = (self.words_per_row * BLOCK) as isize;
        [-row, 1, row, -1]
    }

    /// Whether a border passes the pixel corner with this index.
    pub(crate) fn contains(&self, index: usize) -> bool {
        self.words[index / BLOCK] >> (index % BLOCK) & 1 == 1
    }

    /// Takes the size of a map. The bits are those of an earlier map, until their row is cleared.
    fn resize(&mut self, map: &LabelMap<'_>) {
        self.words_per_row = map.width() / BLOCK + 1;
        self.words.resize(self.words_per_row * (map.height() + 1), 0);
    }

    /// The words of a row of pixel corners, a bit each.
    fn row_mut(&mut self, y: usize) -> &mut [u64] {
        &mut self.words[y * self.words_per_row..][..self.words_per_row]
    }
}

/// The nodes of a map that borders pass, in row order. Memory grows with the length of the border, but for a bit per
/// pixel.
#[derive(Default)]
pub(crate) struct Lattice {
    /// All pixel corners that borders pass.
    pub(crate) node_bits: NodeBits,
    pub(crate) nodes: Vec<Node>,
    /// The nodes with three or four cracks, in row order.
    pub(crate) junctions: Vec<NodeAt>,
    /// The nodes with just an east and a south crack. The first node of each closed border, in row order, is one of
    /// them.
    pub(crate) corners: Vec<NodeAt>,
    /// The number of cracks between pixels of the map, the frame not counted.
    pub(crate) border_length: usize,
}

impl Lattice {
    /// Finds the nodes of a map in one pass over its pixels. They replace those of the map before.
    ///
    /// # Errors
    /// [`ErrorKind::MapTooComplex`] for more than `max_border` cracks.
    pub(crate) fn scan(&mut self, map: &LabelMap<'_>, max_border: usize) -> Result<()> {
        self.node_bits.resize(map);
        self.nodes.clear();
        self.junctions.clear();
        self.corners.clear();
        self.border_length = 0;
        let mut builder = LatticeBuilder::new(self, map.width());
        for y in 0..=map.height() {
            builder.add_row(map, y);
            if builder.lattice.border_length > max_border {
                return Err(Error::new(
                    ErrorKind::MapTooComplex,
                    "labels",
                    format!(
                        "the label map has more than {max_border} steps of border between regions, as noise has; \
                         the limit guards memory"
                    ),
                ));
            }
        }
        Ok(())
    }

    /// The bytes of heap memory that its lists have allocated.
    pub(crate) fn heap_bytes(&self) -> usize {
        let lists = heap_bytes(&self.nodes) + heap_bytes(&self.junctions) + heap_bytes(&self.corners);
        lists + heap_bytes(&self.node_bits.words)
    }

    /// A node by its index.
    pub(crate) fn node(&self, node: NodeId) -> &Node {
        &self.nodes[node.index()]
    }

    /// Whether a node has a crack in this direction that no arc has traversed.
    pub(crate) fn is_untraversed(&self, node: NodeId, direction: Direction) -> bool {
        self.node(node).untraversed.contains(direction)
    }

    /// Traverses the crack from a node in `direction`, and returns the node at its other end.
    ///
    /// `northbound` is the half-arc that runs north along the crack, if it is a vertical one.
    pub(crate) fn traverse(&mut self, node: NodeId, direction: Direction, northbound: HalfArc) -> NodeId {
        let from = &mut self.nodes[node.index()];
        from.untraversed.remove(direction);
        let next = match direction {
            Direction::North => from.north,
            Direction::East => node.next(),
            Direction::South => std::mem::replace(&mut from.south, SouthCrack::traversed(northbound)).node(),
            Direction::West => node.previous(),
        };
        let to = &mut self.nodes[next.index()];
        to.untraversed.remove(direction.opposite());
        if direction == Direction::North {
            to.south = SouthCrack::traversed(northbound);
        }
        next
    }

    /// The half-arc along the left side of the run of equal pixels that ends at `node`, in the pixel row below the
    /// node.
    pub(crate) fn half_arc_west_of(&self, node: NodeId) -> HalfArc {
        // A node without a south crack separates no pixels of this row. The left side of the frame always has one.
        let west = self.nodes[..node.index()].iter().rev();
        west.copied()
            .find(|other| other.cracks.contains(Direction::South))
            .map_or(HalfArc::NONE, |other| other.south.northbound())
    }
}

/// A lattice under construction, row by row.
struct LatticeBuilder<'a> {
    lattice: &'a mut Lattice,
    width: usize,
    /// The vertical cracks of the pixel row above: bit i of a block is the crack left of its pixel i. The frame counts.
    cracks_above: Vec<u64>,
    /// The nodes of this lattice row that have a crack to the south, in order.
    open_south: Vec<NodeId>,
    /// Those of the lattice row before, and how many of them already have their southern node.
    prev_open_south: Vec<NodeId>,
    prev_next: usize,
}

impl<'a> LatticeBuilder<'a> {
    fn new(lattice: &'a mut Lattice, width: usize) -> Self {
        Self {
            lattice,
            width,
            cracks_above: vec![0; width / BLOCK + 1],
            open_south: Vec::new(),
            prev_open_south: Vec::new(),
            prev_next: 0,
        }
    }

    /// Adds the nodes along the upper side of pixel row `y`. The row behind the last adds those along the lower frame.
    fn add_row(&mut self, map: &LabelMap<'_>, y: usize) {
        std::mem::swap(&mut self.prev_open_south, &mut self.open_south);
        self.open_south.clear();
        self.prev_next = 0;
        self.lattice.node_bits.row_mut(y).fill(0);
        let (last, width) = (map.height() - 1, self.width);
        let (above, row) = (map.row(y.saturating_sub(1)), map.row(y.min(last)));
        let mut state = RowState {
            y: y as u32,
            block: 0,
            // The outside has a label of its own: cracks run along the frame, and from it between the pixels inside.
            frame: if y == 0 || y > last { !0 } else { 0 },
            inside: if y > last { 0 } else { !0 },
            right: u64::from(y <= last),
            above: 0,
        };
        diff_rows(above, row, &mut RowVisitor { builder: self, state: &mut state });
        if width.is_multiple_of(BLOCK) {
            self.add_block(&mut state, BlockDiff::default());
        }
        // Two of the south cracks lie on the frame.
        self.lattice.border_length += self.open_south.len().saturating_sub(2);
    }

    /// Adds the nodes at the left upper corners of a block of pixels. The last block of a row includes the node at the
    /// right side of the frame.
    #[inline]
    fn add_block(&mut self, state: &mut RowState, diff: BlockDiff) {
        let block = state.block;
        state.block += 1;
        let is_last = block == self.width / BLOCK;
        if diff.right | diff.above | state.pending() == 0 && !is_last {
            // Here the row equals the row above, which has no crack between these pixels either.
            self.cracks_above[block] = 0;
            return;
        }
        self.add_nodes(state, block, is_last, diff);
    }

    fn add_nodes(&mut self, state: &mut RowState, block: usize, is_last: bool, diff: BlockDiff) {
        let columns = if is_last { (1 << (self.width % BLOCK)) - 1 } else { !0 };
        let east = diff.above | (state.frame & columns);
        let right = diff.right & state.inside;
        let mut south = right << 1 | state.right;
        if is_last {
            south |= (state.inside & 1) << (self.width % BLOCK);
        }
        let west = east << 1 | state.above;
        (state.right, state.above) = (right >> (BLOCK - 1), east >> (BLOCK - 1));
        let north = std::mem::replace(&mut self.cracks_above[block], south);
        let passed = east | south | west | north;
        self.lattice.node_bits.row_mut(state.y as usize)[block] = passed;
        let mut nodes = if state.frame == 0 { passed } else { south | north };
        // On the right side of the frame only junctions and turns are nodes.
        let right_side = if is_last { 1 << (self.width % BLOCK) & north & south & !west } else { 0 };
        nodes &= !right_side;
        self.lattice.border_length += (diff.above & !state.frame).count_ones() as usize;
        while nodes != 0 {
            let i = nodes.trailing_zeros();
            nodes &= nodes - 1;
            let bit = |word: u64, direction: Direction| ((word >> i & 1) as u8) << direction as u8;
            let cracks = bit(north, Direction::North)
                | bit(east, Direction::East)
                | bit(south, Direction::South)
                | bit(west, Direction::West);
            let at = LatticePoint { x: (block * BLOCK) as u32 + i, y: state.y };
            self.add_node(CrackSet::from_bits(cracks), at);
        }
        if right_side != 0 {
            // The node above is still the upper end of the frame's crack.
            self.open_south.push(self.prev_open_south[self.prev_next]);
        }
    }

    fn add_node(&mut self, cracks: CrackSet, at: LatticePoint) {
        let lattice = &mut *self.lattice;
        let node = NodeId::new(lattice.nodes.len());
        let mut north = NodeId::NONE;
        if cracks.contains(Direction::North) {
            north = self.prev_open_south[self.prev_next];
            self.prev_next += 1;
            lattice.nodes[north.index()].south = SouthCrack::to_node(node);
        }
        if cracks.contains(Direction::South) {
            self.open_south.push(node);
        }
        let mut junction = JunctionId::NONE;
        if cracks.is_junction() {
            junction = JunctionId::new(lattice.junctions.len());
            lattice.junctions.push(NodeAt { node, at });
        } else if cracks == CrackSet::EAST_SOUTH {
            lattice.corners.push(NodeAt { node, at });
        }
        lattice.nodes.push(Node { north, south: SouthCrack::NONE, junction, cracks, untraversed: cracks });
    }
}

/// A visitor that adds the nodes of a row to the lattice.
struct RowVisitor<'a, 'b> {
    builder: &'a mut LatticeBuilder<'b>,
    state: &'a mut RowState,
}

impl DiffVisitor for RowVisitor<'_, '_> {
    fn cracks_above(&self) -> &[u64] {
        if self.state.pending() == 0 { &self.builder.cracks_above[self.state.block..] } else { &[] }
    }

    fn skip_blocks(&mut self, count: usize) {
        self.state.block += count;
    }

    #[inline]
    fn visit_block(&mut self, diff: BlockDiff) {
        self.builder.add_block(self.state, diff);
    }
}

/// The state of a scan along a row of nodes, from the left.
struct RowState {
    y: u32,
    /// The next block.
    block: usize,
    /// All bits set where the row lies on the upper or lower frame.
    frame: u64,
    /// All bits set, or none where the row lies below the map.
    inside: u64,
    /// Whether the last visited pixel differs from the next one, and whether it differs from the one above it.
    right: u64,
    above: u64,
}

impl RowState {
    /// Not zero where the next block has nodes even if nothing differs in it.
    fn pending(&self) -> u64 {
        self.right | self.above | self.frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cracks of the node between pixels `[top left, top right, bottom left, bottom right]`.
    fn cell([tl, tr, bl, br]: [u16; 4]) -> CrackSet {
        let bits = [tl != tr, tr != br, bl != br, tl != bl].map(u8::from);
        CrackSet::from_bits(bits[0] | bits[1] << 1 | bits[2] << 2 | bits[3] << 3)
    }

    /// The cracks around one cell as a picture: the letters are the labels.
    fn draw(pixels: &str) -> String {
        let ids: Vec<u16> = pixels.bytes().filter(u8::is_ascii_alphabetic).map(u16::from).collect();
        let cracks = cell([ids[0], ids[1], ids[2], ids[3]]);
        let mark = |direction, mark: char| if cracks.contains(direction) { mark } else { ' ' };
        let [north, east] = [mark(Direction::North, '|'), mark(Direction::East, '-')];
        let [south, west] = [mark(Direction::South, '|'), mark(Direction::West, '-')];
        format!("{west} {north}{east} {south}")
    }

    /// Every node of a map that has cracks, cell by cell: its position (x, y) and its cracks.
    fn cell_by_cell(map: &LabelMap<'_>) -> Vec<((u32, u32), CrackSet)> {
        let id = |x: usize, y: usize| {
            // Pixels count from 1 here: row and column 0 lie outside, and wrap.
            let inside = x.wrapping_sub(1) < map.width() && y.wrapping_sub(1) < map.height();
            if inside { u16::from(map.get(x - 1, y - 1)) } else { 256 }
        };
        let corners = (0..=map.height()).flat_map(|y| (0..=map.width()).map(move |x| (x, y)));
        let cracks = |(x, y): (usize, usize)| cell([id(x, y), id(x + 1, y), id(x, y + 1), id(x + 1, y + 1)]);
        corners.map(|at| ((at.0 as u32, at.1 as u32), cracks(at))).filter(|(_, set)| set.len() > 0).collect()
    }

    #[test]
    fn the_lattice_is_what_looking_at_every_cell_finds() {
        // A small generator: the same maps on every machine, blocks of one label and noise.
        let mut state = 5_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        // One lattice for all maps, as a thread reuses it.
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
                let crack_ends: usize = expected.iter().map(|(_, cracks)| cracks.len()).sum();
                let (right, bottom) = (width as u32, height as u32);
                expected.retain(|&((x, y), cracks)| {
                    let is_horizontal = cracks == CrackSet::from_bits(0b1010);
                    !(is_horizontal && (y == 0 || y == bottom) || cracks == CrackSet::VERTICAL && x == right)
                });
                lattice.scan(&map, usize::MAX).unwrap();
                let cracks: Vec<CrackSet> = lattice.nodes.iter().map(|node| node.cracks).collect();
                assert_eq!(cracks, expected.iter().map(|&(_, cracks)| cracks).collect::<Vec<_>>());
                let index_of =
                    |(x, y): (u32, u32)| expected.binary_search_by_key(&(y, x), |&((x, y), _)| (y, x));
                for (node, &((x, y), cracks)) in lattice.nodes.iter().zip(&expected) {
                    let rows = if x == right { y + 1..bottom + 1 } else { y + 1..y + 2 };
                    let rows = rows.filter(|_| cracks.contains(Direction::South));
                    let below = rows.map(|y| index_of((x, y))).find_map(|index| index.ok());
                    let south = below.map_or(SouthCrack::NONE, |i| SouthCrack::to_node(NodeId::new(i)));
                    assert_eq!(node.south, south);
                    assert_eq!(node.north == NodeId::NONE, !cracks.contains(Direction::North));
                }
                let nodes_with = |condition: &dyn Fn(CrackSet) -> bool| -> Vec<NodeAt> {
                    let nodes = expected.iter().enumerate().filter(|(_, (_, cracks))| condition(*cracks));
                    let node_at =
                        |(i, &((x, y), _))| NodeAt { node: NodeId::new(i), at: LatticePoint { x, y } };
                    nodes.map(node_at).collect()
                };
                assert_eq!(lattice.junctions, nodes_with(&|cracks| cracks.len() > 2));
                assert_eq!(lattice.corners, nodes_with(&|cracks| cracks == CrackSet::EAST_SOUTH));
                assert_eq!(lattice.border_length + 2 * (width + height), crack_ends / 2);
            }
        }
    }

    #[test]
    fn a_scan_counts_the_border_and_finds_junctions() {
        let map = LabelMap::new(3, 2, &[1, 1, 2, 1, 3, 3]).unwrap();
        let mut lattice = Lattice::default();
        lattice.scan(&map, 100).unwrap();
        // Between pixels: 1|2 above, 1|3 below, and under the second and third pixel of the first row.
        assert_eq!(lattice.border_length, 4);
        // On the frame: above 1|2, right of 2/3, below 1|3. Inside: node (2, 1) where 1, 2 and 3 meet.
        assert_eq!(
            lattice.junctions.iter().map(|junction| (junction.at.x, junction.at.y)).collect::<Vec<_>>(),
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
        assert_eq!(lattice.border_length, 2 * 63 * 64);
    }

    #[test]
    fn two_labels_make_sixteen_cells() {
        let cracks = |bits: u16| cell([bits & 1, bits >> 1 & 1, bits >> 2 & 1, bits >> 3 & 1]).len();
        let counts: Vec<_> = (0..16).map(cracks).collect();
        assert_eq!(counts, [0, 2, 2, 2, 2, 2, 4, 2, 2, 4, 2, 2, 2, 2, 2, 0]);
        assert_eq!(draw("AA AB"), "   - |");
    }
}
