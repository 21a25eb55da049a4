//! Assembly: rings of arcs become the rings of points of each label.

use super::arc_geometry::ArcGeometry;
use super::topology::arcs::{Arcs, OUTSIDE};
use super::topology::ids::{ArcId, HalfArc, RingId};
use super::topology::rings::{Ring, Rings};
use crate::geometry::Polygons;

/// The label and the part of a ring.
#[derive(Clone, Copy)]
pub(crate) struct RingOwner {
    pub(crate) label: u16,
    /// The part, which is below the number of all parts.
    pub(crate) part: RingId,
}

/// The position of a ring in the output: its label, and its order among the rings of that label.
#[derive(Clone, Copy)]
struct RingKey {
    label: u16,
    /// Twice the number of the part, and one more for a hole: an outer ring precedes its holes. [`OMITTED`] for a ring
    /// of a label without output.
    order: u32,
}

/// The order of a ring that is left out.
const OMITTED: u32 = u32::MAX;

/// Assembles rings by label. `owner_of` yields the owner of a ring from its number and its first half-arc.
pub(crate) fn assemble(
    arcs: &Arcs,
    geometry: &ArcGeometry,
    rings: &Rings,
    has_background: bool,
    owner_of: &dyn Fn(RingId, HalfArc) -> RingOwner,
) -> Vec<(u8, Polygons)> {
    let key_of = |(i, ring): (usize, &Ring)| {
        let ring_id = RingId::new(i);
        let RingOwner { label, part } = owner_of(ring_id, rings.first_half_arc(ring_id));
        let has_output = label != OUTSIDE && (label != 0 || has_background);
        let order = if has_output { 2 * part.index() as u32 + u32::from(ring.area < 0) } else { OMITTED };
        RingKey { label, order }
    };
    let keys: Vec<RingKey> = rings.rings.iter().enumerate().map(key_of).collect();
    // All labels at once, from the top of the map to its bottom: neighboring rings share arcs, which are then still in
    // the processor's cache.
    let mut by_label = with_capacities(arcs, geometry, &keys);
    for ring in counting_sort(&keys) {
        let polygons = &mut by_label[usize::from(keys[ring as usize].label)];
        let half_arcs = rings.half_arcs_of(&rings.rings[ring as usize]);
        half_arcs.iter().for_each(|&half_arc| geometry.append_to(half_arc, polygons));
        polygons.ends.push(polygons.points.len() as u32);
    }
    let labels = by_label.into_iter().enumerate().map(|(label, polygons)| (label as u8, polygons));
    labels.filter(|(_, polygons)| !polygons.ends.is_empty()).collect()
}

/// The rings with output, by number.
fn with_output(keys: &[RingKey]) -> impl Iterator<Item = (u32, &RingKey)> + Clone {
    (0..).zip(keys).filter(|(_, key)| key.order != OMITTED)
}

/// Empty polygons for each label, with capacities for the rings to come. After a sieve these are estimates.
fn with_capacities(arcs: &Arcs, geometry: &ArcGeometry, keys: &[RingKey]) -> Vec<Polygons> {
    /// The numbers of points and of rings of a label.
    #[derive(Clone, Copy, Default)]
    struct Capacity {
        points: usize,
        rings: usize,
    }
    let mut capacities = vec![Capacity::default(); usize::from(OUTSIDE) + 1];
    for (i, arc) in arcs.arcs.iter().enumerate() {
        // Two arcs that meet share a point.
        let edges = geometry.edge_count(ArcId::new(i));
        arc.labels.iter().for_each(|&label| capacities[usize::from(label)].points += edges);
    }
    with_output(keys).for_each(|(_, key)| capacities[usize::from(key.label)].rings += 1);
    let allocate = |Capacity { points, rings }| {
        let points = if rings > 0 { points } else { 0 };
        Polygons { points: Vec::with_capacity(points), ends: Vec::with_capacity(rings), curves: Vec::new() }
    };
    capacities.into_iter().map(allocate).collect()
}

/// The numbers of the rings with output, by their order and then by number: a counting sort.
fn counting_sort(keys: &[RingKey]) -> Vec<u32> {
    let orders = with_output(keys).map(|(_, key)| key.order as usize);
    let mut starts = vec![0_u32; orders.clone().max().map_or(0, |last| last + 2)];
    orders.for_each(|order| starts[order + 1] += 1);
    let mut count = 0;
    for start in &mut starts {
        count += *start;
        *start = count;
    }
    let mut sorted = vec![0; count as usize];
    for (ring, key) in with_output(keys) {
        let start = &mut starts[key.order as usize];
        sorted[*start as usize] = ring;
        *start += 1;
    }
    sorted
}
