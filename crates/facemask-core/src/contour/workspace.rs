//! The memory of a trace, reused by the next map of the same thread.
//!
//! A map of noise takes tens of megabytes. To get them anew from the system for each map, page by page, takes longer
//! than to fill them.

use std::cell::Cell;

use super::arc_geometry::ArcGeometry;
use super::topology::arcs::Arcs;
use super::topology::lattice::Lattice;
use super::topology::rings::Rings;

/// The stages of a map, from nodes to the geometry of arcs.
#[derive(Default)]
pub(crate) struct Workspace {
    pub(crate) lattice: Lattice,
    pub(crate) arcs: Arcs,
    pub(crate) rings: Rings,
    pub(crate) geometry: ArcGeometry,
}

/// The most bytes that a thread keeps: enough for 512 x 512 pixels of pure noise. A face takes a fiftieth of it.
const MAX_CACHED_BYTES: usize = 80 << 20;

thread_local! {
    static CACHED: Cell<Option<Workspace>> = const { Cell::new(None) };
}

/// Calls `work` with the workspace of the thread. Its contents are those of an earlier map, to be overwritten.
pub(crate) fn with_workspace<T>(work: impl FnOnce(&mut Workspace) -> T) -> T {
    let mut workspace = CACHED.take().unwrap_or_default();
    let result = work(&mut workspace);
    let Workspace { lattice, arcs, rings, geometry } = &workspace;
    let bytes = lattice.heap_bytes() + arcs.heap_bytes() + rings.heap_bytes() + geometry.heap_bytes();
    if bytes <= MAX_CACHED_BYTES {
        CACHED.set(Some(workspace));
    }
    result
}
