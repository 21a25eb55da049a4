//! The regions of a result: every label or zone by itself, or those of a selection.

use crate::contour::{clip, merge};
use crate::face::Crop;
use crate::geometry::{Polygons, Rect};
use crate::regions::{Region, RegionSet, RegionVocabulary, SelectedRegion};
use crate::warning::Warning;

/// Which regions a result has, with their names.
pub(super) struct ChosenRegions<'a> {
    vocabulary: RegionVocabulary<'a>,
    /// `None` for every label or zone.
    selected: Option<Vec<SelectedRegion>>,
    /// The ids that have a contour.
    present: Vec<u8>,
    /// Whether small parts of the map are merged into others.
    is_sieved: bool,
}

impl<'a> ChosenRegions<'a> {
    pub(super) fn new(
        vocabulary: RegionVocabulary<'a>,
        selected: Option<Vec<SelectedRegion>>,
        is_sieved: bool,
    ) -> Self {
        Self { vocabulary, selected, present: Vec::new(), is_sieved }
    }

    /// The name of a region of the result.
    pub(super) fn name(&self, id: u8) -> String {
        let selected = self.find(id).map(|region| region.name.clone());
        selected.unwrap_or_else(|| self.vocabulary.name_of(id))
    }

    /// Merges the contours of each selected region, by ascending id. Without a selection they stay as they are.
    pub(super) fn merge_members(&mut self, contours: Vec<(u8, Polygons)>) -> Vec<(u8, Polygons)> {
        self.present = contours.iter().map(|(id, _)| *id).collect();
        let Some(selected) = &self.selected else { return contours };
        let merge_members = |region: &SelectedRegion| {
            let members = contours.iter().filter(|(id, _)| region.ids.contains(id));
            let members: Vec<&Polygons> = members.map(|(_, polygons)| polygons).collect();
            let id = region.id().filter(|_| !members.is_empty())?;
            Some((id, merge(&members)))
        };
        selected.iter().filter_map(merge_members).collect()
    }

    /// Measures a region of the result; `None` when its area is zero.
    pub(super) fn measure(&self, id: u8, polygons: &Polygons) -> Option<Region> {
        let members = |region: &SelectedRegion| {
            self.present.iter().copied().filter(|member| region.ids.contains(member)).collect()
        };
        let region = Region::measure(id, self.name(id), polygons)?;
        Some(Region { members: self.find(id).map(members), ..region })
    }

    /// The warning that selected regions are not in the result, each with the reason.
    pub(super) fn missing_warning(&self, regions: &[Region]) -> Option<Warning> {
        let selected = self.selected.as_deref().unwrap_or_default();
        let is_missing = |region: &&SelectedRegion| regions.iter().all(|own| Some(own.id) != region.id());
        let reason = |region: &SelectedRegion| {
            let scheme = self.vocabulary.scheme.map_or("the label map", |scheme| scheme.name);
            let reason = if region.ids.is_empty() {
                format!("{scheme} has no label for it")
            } else if region.ids.iter().any(|id| self.present.contains(id)) {
                "none of it is inside the crop".to_owned()
            } else if self.vocabulary.set == RegionSet::Labels {
                let merged = if self.is_sieved { ", or min_area merged it" } else { "" };
                format!("the label map shows none{merged}")
            } else {
                "see zones_incomplete".to_owned()
            };
            format!("{} ({reason})", region.name)
        };
        let texts: Vec<_> = selected.iter().filter(is_missing).map(reason).collect();
        let detail = format!("selected and not in the result: {}", texts.join(", "));
        (!texts.is_empty()).then(|| Warning::new("regions_missing", detail))
    }

    fn find(&self, id: u8) -> Option<&SelectedRegion> {
        self.selected.as_ref()?.iter().find(|region| region.id() == Some(id))
    }
}

/// The areas of contours in the image frame that lie inside the crop, in square pixels of the photo. They are rounded as
/// those of regions.
pub(super) fn areas_inside(contours: &[(u8, Polygons)], crop: &Crop) -> Vec<(u8, f64)> {
    let bounds = Rect::new(0.0, 0.0, f64::from(crop.size.width), f64::from(crop.size.height));
    let area = |polygons: &Polygons| {
        let mut polygons = polygons.clone();
        polygons.transform(&crop.crop_from_image);
        (clip(&polygons, &bounds).area() * 100.0).round() / 100.0 / (crop.scale * crop.scale)
    };
    contours.iter().map(|(id, polygons)| (*id, area(polygons))).collect()
}
