//! Room for the net of borders, used again by the next map of the same thread.
//!
//! A map of noise asks for tens of megabytes. To get them anew from the system for each map, page by page, takes longer
//! than to fill them.

use std::cell::Cell;

use super::arc_geometry::Outlines;
use super::topology::arcs::Arcs;
use super::topology::lattice::Lattice;
use super::topology::rings::Rings;

/// The borders of a map, from nodes to rings and drawn arcs.
#[derive(Default)]
pub(crate) struct Net {
    pub(crate) lattice: Lattice,
    pub(crate) arcs: Arcs,
    pub(crate) rings: Rings,
    pub(crate) outlines: Outlines,
}

/// The most bytes that a thread keeps: 512 x 512 pixels of pure noise. A face takes a fiftieth of it.
const MOST: usize = 80 << 20;

thread_local! {
    static SPARE: Cell<Option<Net>> = const { Cell::new(None) };
}

/// Works on a net whose content is of an earlier map: only its room is of use.
pub(crate) fn with_net<T>(work: impl FnOnce(&mut Net) -> T) -> T {
    let mut net = SPARE.take().unwrap_or_default();
    let answer = work(&mut net);
    let Net { lattice, arcs, rings, outlines } = &net;
    if lattice.bytes() + arcs.bytes() + rings.bytes() + outlines.bytes() <= MOST {
        SPARE.set(Some(net));
    }
    answer
}
