//! Indices into the lists of the subdivision, a type for each list.
//!
//! Each is a `u32`, since these lists grow with the border of the map. `NONE` marks an absent element in the same four
//! bytes.

use super::direction::Direction;

/// An index type with `NONE`, and the conversions from and to a list index.
macro_rules! index_type {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(transparent)]
        pub(crate) struct $name(u32);

        impl $name {
            /// No element.
            pub(crate) const NONE: Self = Self(u32::MAX);

            /// The element at a list index.
            pub(crate) const fn new(index: usize) -> Self {
                Self(index as u32)
            }

            /// The list index.
            pub(crate) const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index_type! {
    /// A node of the lattice, numbered in row order.
    NodeId
}

index_type! {
    /// A node where three or four arcs meet.
    JunctionId
}

index_type! {
    /// An arc in one direction: `2 a` is arc `a` forwards, `2 a + 1` the same arc backwards. It bounds the region to
    /// its right. The field's word for the pair is half-edges, or twins.
    HalfArc
}

index_type! {
    /// A ring. A part, which is a 4-connected piece of a region, is named by its outer ring.
    RingId
}

/// An arc of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct ArcId(u32);

/// The end of an arc at a junction: the junction and the direction in which the arc leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct EndSlot(u32);

impl NodeId {
    /// The next node in row order: the eastern neighbor, where a crack leads to it.
    pub(crate) const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The node before in row order: the western neighbor, where a crack leads to it.
    pub(crate) const fn previous(self) -> Self {
        Self(self.0 - 1)
    }
}

impl ArcId {
    /// The arc at a list index.
    pub(crate) const fn new(index: usize) -> Self {
        Self(index as u32)
    }

    /// The list index.
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    /// The arc in its own direction.
    pub(crate) const fn forward(self) -> HalfArc {
        HalfArc(2 * self.0)
    }
}

impl HalfArc {
    /// The arc of which this is one direction.
    pub(crate) const fn arc(self) -> ArcId {
        ArcId(self.0 / 2)
    }

    /// The same arc in the other direction.
    pub(crate) const fn reversed(self) -> Self {
        Self(self.0 ^ 1)
    }

    /// Whether this is the arc in its own direction.
    pub(crate) const fn is_forward(self) -> bool {
        self.0.is_multiple_of(2)
    }
}

impl EndSlot {
    /// No junction: the end of a closed arc.
    pub(crate) const NONE: Self = Self(u32::MAX);

    /// The slot of a direction at a junction.
    pub(crate) const fn new(junction: JunctionId, direction: Direction) -> Self {
        Self(4 * junction.0 + direction as u32)
    }

    /// The junction. Without a meaning for [`Self::NONE`].
    pub(crate) const fn junction(self) -> JunctionId {
        JunctionId(self.0 / 4)
    }

    /// The direction in which the arc leaves the junction.
    pub(crate) const fn direction(self) -> Direction {
        Direction::ALL[(self.0 % 4) as usize]
    }
}
