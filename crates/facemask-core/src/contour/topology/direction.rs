//! Directions along the pixel lattice, and sets of them.

use crate::geometry::Point;

/// A direction between neighboring lattice nodes, in clockwise order on screen: the next one is a right turn.
///
/// A sequence of directions is a Freeman chain code with four directions (Freeman, "On the encoding of arbitrary
/// geometric configurations", 1961).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Direction {
    North,
    East,
    South,
    West,
}

impl Direction {
    /// All directions, by number.
    pub(crate) const ALL: [Self; 4] = [Self::North, Self::East, Self::South, Self::West];

    /// The step (x, y) from a node to its neighbor.
    pub(crate) const fn step(self) -> (i32, i32) {
        const STEPS: [(i32, i32); 4] = [(0, -1), (1, 0), (0, 1), (-1, 0)];
        STEPS[self as usize]
    }

    /// The step as a vector of unit length.
    pub(crate) const fn vector(self) -> Point {
        const VECTORS: [Point; 4] =
            [Point::new(0.0, -1.0), Point::new(1.0, 0.0), Point::new(0.0, 1.0), Point::new(-1.0, 0.0)];
        VECTORS[self as usize]
    }

    /// The direction after so many right turns.
    pub(crate) const fn turned_right(self, turns: u8) -> Self {
        Self::ALL[((self as u8 + turns) & 3) as usize]
    }

    /// The reverse direction.
    pub(crate) const fn opposite(self) -> Self {
        self.turned_right(2)
    }
}

/// The cracks that leave a node, a bit per direction. A crack is the edge shared by two neighboring pixels; it belongs
/// to the border where their labels differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct CrackSet(u8);

impl CrackSet {
    /// A crack to the north and one to the south.
    pub(crate) const VERTICAL: Self = Self(1 << Direction::North as u8 | 1 << Direction::South as u8);
    /// A crack to the east and one to the south: the first corner, in row order, of a closed border.
    pub(crate) const EAST_SOUTH: Self = Self(1 << Direction::East as u8 | 1 << Direction::South as u8);
    /// Bit i is set where the set with bits i has three or four cracks.
    const IS_JUNCTION: u16 = 1 << 0b0111 | 1 << 0b1011 | 1 << 0b1101 | 1 << 0b1110 | 1 << 0b1111;

    /// The set with these bits, of which bit d stands for direction d.
    pub(crate) const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// Whether there is a crack in this direction.
    pub(crate) const fn contains(self, direction: Direction) -> bool {
        self.0 & 1 << direction as u8 != 0
    }

    /// Removes the crack in this direction.
    pub(crate) const fn remove(&mut self, direction: Direction) {
        self.0 &= !(1 << direction as u8);
    }

    /// The number of cracks.
    pub(crate) const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The first direction with a crack, from north clockwise. A set without one yields north.
    pub(crate) const fn first(self) -> Direction {
        Direction::ALL[(self.0.trailing_zeros() & 3) as usize]
    }

    /// Whether three or four borders meet at a node with these cracks.
    pub(crate) const fn is_junction(self) -> bool {
        Self::IS_JUNCTION >> self.0 & 1 == 1
    }
}
