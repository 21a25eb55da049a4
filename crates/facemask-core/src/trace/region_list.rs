//! The regions of a result: every label or zone by itself, or those of a selection.

use crate::contour::{clip, merge};
use crate::geometry::{Polygons, Rect};
use crate::regions::{LabelScheme, Region, RegionSet, RegionVocabulary, SelectedRegion};
use crate::warning::Warning;

/// A region before it is measured.
pub(super) struct RegionOutline {
    id: u8,
    pub(super) name: String,
    /// The ids that it merges, of a selection.
    members: Option<Vec<u8>>,
    pub(super) polygons: Polygons,
}

impl RegionOutline {
    /// The region with its contour; `None` when its area is zero.
    pub(super) fn measure(self) -> Option<(Region, (u8, Polygons))> {
        let region = Region::measure(self.id, self.name, &self.polygons)?;
        Some((Region { members: self.members, ..region }, (self.id, self.polygons)))
    }
}

/// The regions of a result by ascending id. The members of a selected region are merged.
pub(super) fn list_regions(
    contours: Vec<(u8, Polygons)>,
    selected: Option<&[SelectedRegion]>,
    vocabulary: &RegionVocabulary<'_>,
) -> Vec<RegionOutline> {
    let Some(selected) = selected else {
        let outline =
            |(id, polygons)| RegionOutline { id, name: vocabulary.name_of(id), members: None, polygons };
        return contours.into_iter().map(outline).collect();
    };
    let merge_members = |region: &SelectedRegion| {
        let present: Vec<_> = contours.iter().filter(|(id, _)| region.ids.contains(id)).collect();
        let members: Vec<&Polygons> = present.iter().map(|(_, polygons)| polygons).collect();
        let name = region.name.clone();
        let ids = present.iter().map(|(id, _)| *id).collect();
        let id = region.id().filter(|_| !members.is_empty())?;
        Some(RegionOutline { id, name, members: Some(ids), polygons: merge(&members) })
    };
    selected.iter().filter_map(merge_members).collect()
}

/// The areas inside the crop box, in square pixels with two decimals as those of regions.
pub(super) fn areas_inside(contours: &[(u8, Polygons)], bounds: &Rect) -> Vec<(u8, f64)> {
    let area = |polygons| (clip(polygons, bounds).area() * 100.0).round() / 100.0;
    contours.iter().map(|(id, polygons)| (*id, area(polygons))).collect()
}

/// The warning that selected regions are not in the result, each with the reason.
pub(super) fn missing_warning(
    selected: Option<&[SelectedRegion]>,
    regions: &[Region],
    labeled: &[(u8, f64)],
    vocabulary: &RegionVocabulary<'_>,
) -> Option<Warning> {
    let missing =
        |region: &&SelectedRegion| region.id().is_none_or(|id| regions.iter().all(|own| own.id != id));
    let reason = |region: &SelectedRegion| {
        let reason = if labeled.iter().any(|(id, _)| region.ids.contains(id)) {
            "none of it is inside the crop".to_owned()
        } else if region.ids.is_empty() {
            format!(
                "{} has no label for it",
                vocabulary.scheme.map_or("the label map", |scheme: &LabelScheme| scheme.name)
            )
        } else if vocabulary.set == RegionSet::Labels {
            "the label map shows none".to_owned()
        } else {
            "the zone is not found".to_owned()
        };
        format!("{} ({reason})", region.name)
    };
    let texts: Vec<_> = selected.unwrap_or_default().iter().filter(missing).map(reason).collect();
    let detail = format!("selected and not in the result: {}", texts.join(", "));
    (!texts.is_empty()).then(|| Warning::new("regions_missing", detail))
}
