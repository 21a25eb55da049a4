//! A label of the map with its connected parts, which the rings of its polygons give.

use std::cell::OnceCell;
use std::ops::Range;

use super::scheme::LabelStat;
use crate::geometry::{Point, Polygons, Rect, edges, signed_area};

/// The largest parts of a label that are kept: noise has thousands.
const MAX_PARTS: usize = 64;
/// A part whose area is a smaller fraction of the part that it is near is a stray part.
const MIN_PART_FRACTION: f64 = 0.15;
/// The least area of a feature of another face, as a fraction of the largest of its label.
const MIN_LIKE_FRACTION: f64 = 0.3;
/// Parts belong to one feature when the gap between their boxes is at most this fraction of the longer side.
const MAX_GAP: f64 = 0.5;

/// The central second moments of an area: the integrals of xx, xy and yy about its centroid.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SecondMoments {
    /// The integral of x squared.
    pub xx: f64,
    /// The integral of x times y.
    pub xy: f64,
    /// The integral of y squared.
    pub yy: f64,
}

/// The direction in which an area is longest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PrincipalAxis {
    /// The direction in (-pi/2, pi/2], clockwise on screen.
    pub(super) angle: f64,
    /// The spread along the axis divided by that across it, at least 1.
    pub(super) elongation: f64,
}

impl SecondMoments {
    /// The moments of both areas about their common centroid.
    fn union(self, other: Self, weight: f64, offset: Point) -> Self {
        Self {
            xx: self.xx + other.xx + weight * offset.x * offset.x,
            xy: self.xy + other.xy + weight * offset.x * offset.y,
            yy: self.yy + other.yy + weight * offset.y * offset.y,
        }
    }

    /// The principal axis; `None` when the moments are not usable numbers.
    pub(super) fn principal_axis(self) -> Option<PrincipalAxis> {
        let (half_sum, half_difference) = ((self.xx + self.yy) / 2.0, (self.xx - self.yy) / 2.0);
        let radius = half_difference.hypot(self.xy);
        let (largest, smallest) = (half_sum + radius, half_sum - radius);
        if !(largest.is_finite() && smallest > 0.0) {
            return None;
        }
        let angle = self.xy.atan2(half_difference) / 2.0;
        Some(PrincipalAxis { angle, elongation: (largest / smallest).sqrt() })
    }
}

/// A connected part of a label, or several of one facial feature, in the image frame, pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelPart {
    /// The area without holes.
    pub area: f64,
    /// The centroid of the area.
    pub centroid: Point,
    /// The bounding box.
    pub bounds: Rect,
    /// The second moments; zero for a part that was given as a [`LabelStat`].
    pub moments: SecondMoments,
    /// Its outer rings: the label, and the range of their points in the label's [`Polygons`].
    pub rings: Vec<(u8, Range<u32>)>,
}

impl LabelPart {
    /// Both parts as one.
    pub(super) fn union(&self, other: &Self) -> Self {
        let area = self.area + other.area;
        let offset = other.centroid - self.centroid;
        let weight = self.area * other.area / area;
        Self {
            area,
            centroid: self.centroid + offset * (other.area / area),
            bounds: self.bounds.union(other.bounds),
            moments: self.moments.union(other.moments, weight, offset),
            rings: [self.rings.as_slice(), &other.rings].concat(),
        }
    }

    /// Whether the boxes of both parts are as near to each other as those of one feature.
    fn is_near(&self, other: &Self) -> bool {
        let (a, b) = (&self.bounds, &other.bounds);
        let longest = [a, b].iter().fold(0.0_f64, |side, rect| side.max(rect.width()).max(rect.height()));
        let gap_x = (a.x0.max(b.x0) - a.x1.min(b.x1)).max(0.0);
        let gap_y = (a.y0.max(b.y0) - a.y1.min(b.y1)).max(0.0);
        gap_x.hypot(gap_y) <= MAX_GAP * longest
    }
}

/// A label of a map: its statistics, and its parts when they are needed.
pub struct MapLabel<'a> {
    /// The statistics of all parts together.
    pub stat: LabelStat,
    polygons: Option<&'a Polygons>,
    parts: OnceCell<Vec<LabelPart>>,
    main: OnceCell<LabelStat>,
}

impl<'a> MapLabel<'a> {
    /// Measures the multipolygon of a label; `None` when its area is zero.
    #[must_use]
    pub fn measure(id: u8, polygons: &'a Polygons) -> Option<Self> {
        Some(Self::new(LabelStat::measure(id, polygons)?, polygons))
    }

    /// A label whose statistics are known already.
    #[must_use]
    pub const fn new(stat: LabelStat, polygons: &'a Polygons) -> Self {
        Self { stat, polygons: Some(polygons), parts: OnceCell::new(), main: OnceCell::new() }
    }

    /// A label whose parts are unknown: it counts as one part.
    #[must_use]
    pub const fn from_stat(stat: LabelStat) -> Self {
        Self { stat, polygons: None, parts: OnceCell::new(), main: OnceCell::new() }
    }

    /// The id of the label.
    #[must_use]
    pub const fn id(&self) -> u8 {
        self.stat.id
    }

    /// Whether the label is one connected part.
    #[must_use]
    pub fn has_one_part(&self) -> bool {
        self.polygons
            .is_none_or(|p| p.ends.len() == 1 || p.rings().skip(1).all(|ring| signed_area(ring) <= 0.0))
    }

    /// The largest parts, largest first: at most 64.
    #[must_use]
    pub fn parts(&self) -> &[LabelPart] {
        self.parts.get_or_init(|| match self.polygons {
            Some(polygons) => measure_parts(self.stat.id, polygons),
            None => {
                let LabelStat { area, centroid, bounds, .. } = self.stat;
                vec![LabelPart {
                    area,
                    centroid,
                    bounds,
                    moments: SecondMoments::default(),
                    rings: Vec::new(),
                }]
            }
        })
    }

    /// The points of a part's outer rings, in the image frame.
    pub(super) fn points_of<'s>(&'s self, part: &'s LabelPart) -> impl Iterator<Item = Point> + 's {
        self.rings_of(part).flatten().copied()
    }

    /// The outer rings of a part that are of this label, in the image frame.
    pub(super) fn rings_of<'s>(&'s self, part: &'s LabelPart) -> impl Iterator<Item = &'a [Point]> + 's {
        let points = self.points();
        let own = part.rings.iter().filter(|(id, _)| *id == self.stat.id);
        own.map(move |(_, range)| &points[range.start as usize..range.end as usize])
    }

    /// All rings of the label, in the image frame.
    pub(super) fn rings(&self) -> impl Iterator<Item = &'a [Point]> + use<'a> {
        self.polygons.into_iter().flat_map(Polygons::rings)
    }

    /// All points of the label, in the image frame.
    pub(super) fn points(&self) -> &'a [Point] {
        self.polygons.map_or(&[], |polygons| &polygons.points)
    }

    /// The statistics of the largest part, together with other large parts near it. Those of the whole label when it
    /// is one part.
    pub(super) fn main_stat(&self) -> LabelStat {
        *self.main.get_or_init(|| {
            let largest = self.clusters().into_iter().max_by(|a, b| a.area.total_cmp(&b.area));
            largest.map_or(self.stat, |part| self.stat_of(&part))
        })
    }

    /// The statistics of the part nearest to a point, of those about as large as the largest, together with other large
    /// parts near it.
    pub(super) fn stat_near(&self, point: Point) -> LabelStat {
        let distance = |part: &LabelPart| (part.centroid - point).length();
        let nearest = self.large_clusters().into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        nearest.map_or(self.stat, |part| self.stat_of(&part))
    }

    /// The parts, with those near each other as one, that are about as large as the largest.
    pub(super) fn large_clusters(&self) -> Vec<LabelPart> {
        let mut clusters = self.clusters();
        let largest = clusters.iter().map(|part| part.area).fold(0.0, f64::max);
        clusters.retain(|part| part.area >= MIN_LIKE_FRACTION * largest);
        clusters
    }

    /// The parts, with those near each other as one; none of a label that is one part.
    fn clusters(&self) -> Vec<LabelPart> {
        if self.has_one_part() { Vec::new() } else { cluster_parts(self.parts().iter(), 0.0) }
    }

    fn stat_of(&self, part: &LabelPart) -> LabelStat {
        LabelStat { id: self.stat.id, area: part.area, centroid: part.centroid, bounds: part.bounds }
    }
}

/// The number of clusters that are kept of a feature.
const MAX_CLUSTERS: usize = 6;

/// Joins parts that are near each other. Parts come the largest first; one below `min_area`, or below a fraction of the
/// part that it is near, joins none.
pub(super) fn cluster_parts<'p>(parts: impl Iterator<Item = &'p LabelPart>, min_area: f64) -> Vec<LabelPart> {
    let mut clusters: Vec<LabelPart> = Vec::new();
    for part in parts.take(MAX_PARTS) {
        let mut grown = part.clone();
        let joins = |cluster: &LabelPart, grown: &LabelPart| {
            let (smaller, larger) = (cluster.area.min(grown.area), cluster.area.max(grown.area));
            smaller >= min_area.max(MIN_PART_FRACTION * larger) && cluster.is_near(grown)
        };
        // A part may join two clusters into one.
        while let Some(index) = clusters.iter().position(|cluster| joins(cluster, &grown)) {
            grown = clusters.swap_remove(index).union(&grown);
        }
        clusters.push(grown);
    }
    clusters.sort_by(|a, b| b.area.total_cmp(&a.area));
    clusters.truncate(MAX_CLUSTERS);
    clusters
}

/// Area, first and second moments of rings about one origin.
#[derive(Default)]
struct RingMoments {
    area: f64,
    first: Point,
    second: SecondMoments,
}

impl RingMoments {
    /// Adds a ring by Green's theorem (Steger 1996, "On the calculation of arbitrary moments of polygons").
    fn add(&mut self, ring: &[Point], origin: Point) {
        for (a, b) in edges(ring) {
            let (a, b) = (a - origin, b - origin);
            let weight = a.cross(b);
            self.area += weight / 2.0;
            self.first = self.first + (a + b) * (weight / 6.0);
            self.second.xx += weight * (a.x * a.x + a.x * b.x + b.x * b.x) / 12.0;
            self.second.yy += weight * (a.y * a.y + a.y * b.y + b.y * b.y) / 12.0;
            self.second.xy += weight * (2.0 * (a.x * a.y + b.x * b.y) + a.x * b.y + b.x * a.y) / 24.0;
        }
    }

    /// The moments about the centroid; `None` without area.
    fn into_part(self, origin: Point, bounds: Rect, rings: Vec<(u8, Range<u32>)>) -> Option<LabelPart> {
        let Self { area, first, second } = self;
        let offset = first * (1.0 / area);
        let centroid = origin + offset;
        let moments = SecondMoments {
            xx: second.xx - area * offset.x * offset.x,
            xy: second.xy - area * offset.x * offset.y,
            yy: second.yy - area * offset.y * offset.y,
        };
        (area > 0.0 && centroid.is_finite()).then_some(LabelPart { area, centroid, bounds, moments, rings })
    }
}

/// The parts of a label, the largest first.
fn measure_parts(id: u8, polygons: &Polygons) -> Vec<LabelPart> {
    let mut start = 0;
    let mut parts: Vec<LabelPart> = polygons
        .parts()
        .filter_map(|rings| {
            let outer = start..start + rings[0].len() as u32;
            start += rings.iter().map(|ring| ring.len() as u32).sum::<u32>();
            let origin = *rings[0].first()?;
            let mut moments = RingMoments::default();
            rings.iter().for_each(|ring| moments.add(ring, origin));
            moments.into_part(origin, Rect::around(rings[0].iter().copied())?, vec![(id, outer)])
        })
        .collect();
    if let [part] = parts.as_mut_slice()
        && let Some((area, centroid)) = Some(polygons.area()).zip(polygons.centroid())
    {
        // A label of one part is its part, to the last bit.
        (part.area, part.centroid) = (area, centroid);
    }
    parts.sort_by(|a, b| b.area.total_cmp(&a.area));
    parts.truncate(MAX_PARTS);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polygons(rects: &[Rect]) -> Polygons {
        let mut polygons = Polygons::default();
        rects.iter().for_each(|rect| polygons.push_ring(&rect.corners()));
        polygons
    }

    #[test]
    fn parts_are_the_outer_rings_without_their_holes() {
        let mut shape = polygons(&[Rect::new(0.0, 0.0, 4.0, 2.0), Rect::new(50.0, 0.0, 60.0, 10.0)]);
        let mut hole = Rect::new(52.0, 2.0, 54.0, 4.0).corners();
        hole.reverse();
        shape.push_ring(&hole);
        let label = MapLabel::measure(4, &shape).unwrap();
        assert!(!label.has_one_part());
        let areas: Vec<_> = label.parts().iter().map(|part| part.area).collect();
        assert_eq!(areas, [96.0, 8.0]);
        assert_eq!(label.parts()[1].centroid, Point::new(2.0, 1.0));
        assert_eq!(label.points_of(&label.parts()[0]).count(), 4);
        // 8 of 96 is a stray part.
        assert_eq!(label.main_stat().area, 96.0);
    }

    #[test]
    fn moments_of_a_rectangle_in_two_parts_are_those_of_the_whole() {
        let halves = polygons(&[Rect::new(10.0, 0.0, 14.0, 4.0), Rect::new(14.0, 0.0, 22.0, 4.0)]);
        let label = MapLabel::measure(4, &halves).unwrap();
        let whole = &cluster_parts(label.parts().iter(), 0.0)[0];
        let (w, h) = (12.0_f64, 4.0_f64);
        assert_eq!((whole.area, whole.centroid), (48.0, Point::new(16.0, 2.0)));
        assert!((whole.moments.xx - w.powi(3) * h / 12.0).abs() < 1e-9);
        assert!((whole.moments.yy - w * h.powi(3) / 12.0).abs() < 1e-9);
        let axis = whole.moments.principal_axis().unwrap();
        assert!(axis.angle.abs() < 1e-12 && (axis.elongation - 3.0).abs() < 1e-9);
    }

    #[test]
    fn near_parts_are_one_feature_and_far_parts_are_two() {
        let near = polygons(&[Rect::new(0.0, 0.0, 10.0, 4.0), Rect::new(14.0, 0.0, 20.0, 4.0)]);
        assert_eq!(cluster_parts(MapLabel::measure(4, &near).unwrap().parts().iter(), 0.0).len(), 1);
        let far = polygons(&[Rect::new(0.0, 0.0, 10.0, 4.0), Rect::new(16.0, 0.0, 22.0, 4.0)]);
        assert_eq!(cluster_parts(MapLabel::measure(4, &far).unwrap().parts().iter(), 0.0).len(), 2);
    }
}
