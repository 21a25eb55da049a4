//! Rings put together by label.

use super::arc_geometry::Outlines;
use super::topology::arcs::{Arcs, NONE, OUTSIDE};
use super::topology::rings::Rings;
use crate::geometry::Polygons;

/// Where a ring belongs: its label, and its place among the rings of that label.
#[derive(Clone, Copy)]
struct Place {
    label: u16,
    /// Twice the number of its part, and one more for a hole: the outer ring goes before its holes. [`NONE`] for a ring
    /// that nobody wants.
    order: u32,
}

/// Puts rings together by label: `place` gives a ring's label and the number of its part, which is below the number of
/// all parts, from the ring's number and its first half-arc.
pub(crate) fn assemble(
    (arcs, outlines): (&Arcs, &Outlines),
    rings: &Rings,
    background: bool,
    place: &dyn Fn(u32, u32) -> (u16, u32),
) -> Vec<(u8, Polygons)> {
    let parts = rings.rings.iter().enumerate().map(|(number, ring)| {
        let (label, part) = place(number as u32, rings.halves[ring.first as usize]);
        let wanted = label != OUTSIDE && (label != 0 || background);
        let order = if wanted { 2 * part + u32::from(ring.area < 0) } else { NONE };
        Place { label, order }
    });
    let places: Vec<Place> = parts.collect();
    // All labels at once, from the top of the map to its bottom: rings that lie beside each other share their arcs, so
    // label by label the arcs would be fetched from afar again for each.
    let mut found = empty(arcs, outlines, &places);
    for number in sorted(&places) {
        let label = usize::from(places[number as usize].label);
        let polygons = &mut found[label];
        halves(rings, number).iter().for_each(|&half| outlines.append(half, polygons));
        polygons.ends.push(polygons.points.len() as u32);
    }
    let labels = found.into_iter().enumerate().map(|(label, polygons)| (label as u8, polygons));
    labels.filter(|(_, polygons)| !polygons.ends.is_empty()).collect()
}

fn halves(rings: &Rings, number: u32) -> &[u32] {
    &rings.halves[rings.rings[number as usize].halves()]
}

/// The rings that somebody wants, with their numbers.
fn wanted(places: &[Place]) -> impl Iterator<Item = (u32, &Place)> + Clone {
    (0..).zip(places).filter(|(_, place)| place.order != NONE)
}

/// By label, polygons without rings and room for those to come. (Where small parts were given away, a guess.)
fn empty(arcs: &Arcs, outlines: &Outlines, places: &[Place]) -> Vec<Polygons> {
    let mut sizes = vec![(0, 0); usize::from(OUTSIDE) + 1];
    for (number, arc) in arcs.arcs.iter().enumerate() {
        // Where two arcs meet, their point is written once.
        let points = outlines.steps(number);
        arc.labels.iter().for_each(|&label| sizes[usize::from(label)].0 += points);
    }
    wanted(places).for_each(|(_, place)| sizes[usize::from(place.label)].1 += 1);
    let room = |(points, ends): (usize, usize)| {
        let points = if ends > 0 { points } else { 0 };
        Polygons { points: Vec::with_capacity(points), ends: Vec::with_capacity(ends), curves: Vec::new() }
    };
    sizes.into_iter().map(room).collect()
}

/// The numbers of the rings that have a place, by part, holes last, else in order: counted, not compared.
fn sorted(places: &[Place]) -> Vec<u32> {
    let orders = wanted(places).map(|(_, place)| place.order as usize);
    let mut starts = vec![0_u32; orders.clone().max().map_or(0, |last| last + 2)];
    orders.for_each(|order| starts[order + 1] += 1);
    let mut count = 0;
    for start in &mut starts {
        count += *start;
        *start = count;
    }
    let mut sorted = vec![NONE; count as usize];
    for (number, place) in wanted(places) {
        let start = &mut starts[place.order as usize];
        sorted[*start as usize] = number;
        *start += 1;
    }
    sorted
}
