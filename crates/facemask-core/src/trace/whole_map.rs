//! The map before small parts were merged: its labels tell the scheme and the face, even where `min_area` has removed
//! all parts of one.

use super::options::TraceOptions;
use crate::error::Result;
use crate::geometry::Polygons;
use crate::map_checks::{CheckedLabels, MapChecks, VoidId};
use crate::raster::LabelMap;
use crate::regions::LabelStat;

/// Traces a map without its void pixels by `trace` as if nothing was merged. `None` where every label of the map has
/// kept a part; `stats` are those after merging.
///
/// # Errors
/// Those of `trace`.
pub(super) fn whole_map(
    map: &LabelMap<'_>,
    stats: &[LabelStat],
    options: &TraceOptions,
    trace: impl Fn(&LabelMap<'_>, &TraceOptions) -> Result<Vec<(u8, Polygons)>>,
) -> Result<Option<CheckedLabels>> {
    if options.min_area == 0.0 || !lacks_label(map, stats) {
        return Ok(None);
    }
    let options = TraceOptions { min_area: 0.0, ..options.clone() };
    let checks = MapChecks::new(VoidId::None, &options.label_scheme, options.min_area);
    checks.trace(map, &|map| trace(map, &options)).map(Some)
}

fn lacks_label(map: &LabelMap<'_>, stats: &[LabelStat]) -> bool {
    let mut is_missing = [false; 256];
    map.ids().iter().for_each(|&id| is_missing[usize::from(id)] = true);
    stats.iter().for_each(|stat| is_missing[usize::from(stat.id)] = false);
    is_missing[1..].contains(&true)
}
