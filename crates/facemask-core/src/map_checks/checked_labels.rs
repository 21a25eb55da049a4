//! Traces the labels of a map without its void pixels, and collects what is suspicious about the map.

use super::in_between::check_in_between;
use super::void_id::{ClearedMap, VoidId};
use crate::error::Result;
use crate::geometry::Polygons;
use crate::raster::LabelMap;
use crate::regions::LabelStat;
use crate::warning::Warning;

/// The polygons of every label, by ascending id.
type Contours = Vec<(u8, Polygons)>;

/// The options that decide which pixels of a map count.
#[derive(Clone, Copy, Debug)]
pub struct MapChecks<'a> {
    void: VoidId,
    /// `auto`, `custom` or a name.
    label_scheme: &'a str,
    /// Whether small parts are merged, so that an id may be in the map and not in its contours.
    is_sieved: bool,
}

/// The traced labels of a map.
#[derive(Clone, Debug)]
pub struct CheckedLabels {
    /// The polygons of every label.
    pub contours: Vec<(u8, Polygons)>,
    /// The statistics of every label that has an area.
    pub stats: Vec<LabelStat>,
    /// The ids of the map, if it had void pixels: they are background here.
    pub ids: Option<Vec<u8>>,
    /// What is suspicious about the map.
    pub warnings: Vec<Warning>,
}

impl<'a> MapChecks<'a> {
    /// Takes the options of a trace of these names.
    #[must_use]
    pub fn new(void: VoidId, label_scheme: &'a str, min_area: f64) -> Self {
        Self { void, label_scheme, is_sieved: min_area > 0.0 }
    }

    /// Traces a map by `trace`. A map whose void pixels are found by its contours is traced twice.
    ///
    /// # Errors
    /// Those of `trace`.
    pub fn trace(
        &self,
        map: &LabelMap<'_>,
        trace: &dyn Fn(&LabelMap<'_>) -> Result<Contours>,
    ) -> Result<CheckedLabels> {
        let named = self.void.clear_named(map);
        let map = map.with_ids(named.as_deref())?;
        let contours = trace(&map)?;
        let stats = measure_labels(&contours);
        let Some(cleared) = self.void.clear_detected(&map, &stats, self.label_scheme, self.is_sieved) else {
            let warnings = check_in_between(&map, &contours, self.is_sieved).into_iter().collect();
            return Ok(CheckedLabels { contours, stats, ids: named, warnings });
        };
        let ClearedMap { ids, warning } = cleared;
        let map = map.with_ids(Some(&ids))?;
        let contours = trace(&map)?;
        let in_between = check_in_between(&map, &contours, self.is_sieved);
        let warnings = std::iter::once(warning).chain(in_between).collect();
        Ok(CheckedLabels { stats: measure_labels(&contours), contours, ids: Some(ids), warnings })
    }
}

fn measure_labels(contours: &[(u8, Polygons)]) -> Vec<LabelStat> {
    contours.iter().filter_map(|(id, polygons)| LabelStat::measure(*id, polygons)).collect()
}
