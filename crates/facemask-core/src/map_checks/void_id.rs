//! Void pixels: those that data sets exclude from evaluation, and that stand for no label.
//!
//! Pascal VOC (`VOCdevkit`), Cityscapes (`ignoreInEval`) and mmsegmentation (`ignore_index`) store them as 255.

use crate::error::{Error, Result, quote};
use crate::raster::LabelMap;
use crate::regions::{LabelScheme, LabelStat};
use crate::warning::Warning;

/// A map's ids with void pixels as background.
pub(super) struct ClearedMap {
    /// One id per pixel.
    pub(super) ids: Vec<u8>,
    /// What was taken for void.
    pub(super) warning: Warning,
}

/// Which id stands for pixels without a label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VoidId {
    /// 255, where the other ids belong to a label scheme.
    #[default]
    Auto,
    /// None: every id above 0 is a region.
    None,
    /// This id.
    Id(u8),
}

impl VoidId {
    /// The id that common data sets use.
    pub const COMMON: u8 = 255;

    /// The value of the option `void` from a word.
    ///
    /// # Errors
    /// `option_invalid` for another word than `auto` and `none`.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "auto" => Ok(Self::Auto),
            "none" => Ok(Self::None),
            _ => Err(Self::invalid(&quote(name))),
        }
    }

    /// The value of the option `void` from a number.
    ///
    /// # Errors
    /// `option_invalid` for a number that is no id.
    pub fn from_number(number: i64) -> Result<Self> {
        u8::try_from(number).map(Self::Id).map_err(|_| Self::invalid(&number.to_string()))
    }

    fn invalid(given: &str) -> Error {
        Error::option("void", format!("must be auto or none or an id from 0 to 255, got {given}"))
    }

    /// The option where the caller has named 255: a named id is a label.
    #[must_use]
    pub(crate) fn unless_named(self) -> Self {
        if self == Self::Auto { Self::None } else { self }
    }

    /// The map's ids with the named id as background. `None` where no id was named, or the map does not have it.
    pub(super) fn clear_named(self, map: &LabelMap<'_>) -> Option<Vec<u8>> {
        match self {
            Self::Id(id) if id > 0 && map.ids().contains(&id) => Some(clear(map, id)),
            _ => None,
        }
    }

    /// The map's ids with 255 as background, where the option is `auto` and 255 stands for no label.
    ///
    /// `stats` are those of the traced labels. `label_scheme` is the option: with `auto` the other ids must form a head,
    /// with a name they must be ids of that scheme, and `custom` has no ids of its own. `is_sieved` tells that parts of
    /// the map were merged, so that an id may be in the map and not in `stats`.
    pub(super) fn clear_detected(
        self,
        map: &LabelMap<'_>,
        stats: &[LabelStat],
        label_scheme: &str,
        is_sieved: bool,
    ) -> Option<ClearedMap> {
        let labels: Vec<LabelStat> = stats.iter().copied().filter(|stat| stat.id != Self::COMMON).collect();
        let is_present = || labels.len() < stats.len() || is_sieved && map.ids().contains(&Self::COMMON);
        if self != Self::Auto || labels.is_empty() || !is_present() {
            return None;
        }
        let is_known = if label_scheme == "auto" {
            LabelScheme::detect(&labels).is_some()
        } else {
            let scheme = LabelScheme::from_name(label_scheme);
            scheme.is_some_and(|scheme| labels.iter().all(|stat| usize::from(stat.id) < scheme.names.len()))
        };
        is_known.then(|| ClearedMap { ids: clear(map, Self::COMMON), warning: ignored_warning(map) })
    }
}

/// Copies the ids of a map, with one of them as background.
fn clear(map: &LabelMap<'_>, void: u8) -> Vec<u8> {
    map.ids().iter().map(|&id| if id == void { 0 } else { id }).collect()
}

fn ignored_warning(map: &LabelMap<'_>) -> Warning {
    let count = map.ids().iter().filter(|&&id| id == VoidId::COMMON).count();
    let pixels = if count == 1 { "pixel has" } else { "pixels have" };
    let detail = format!(
        "{count} {pixels} the id 255, which many data sets give to pixels without a label, and count as background; \
         void \"none\" makes them a region"
    );
    Warning { code: "map_void_ignored", detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_void_id_is_a_word_or_an_id() {
        assert_eq!(VoidId::from_name("none"), Ok(VoidId::None));
        assert_eq!(VoidId::from_number(255), Ok(VoidId::Id(255)));
        for error in [VoidId::from_name("255"), VoidId::from_number(-1), VoidId::from_number(256)] {
            assert_eq!(error.unwrap_err().field, "void");
        }
    }

    #[test]
    fn a_named_id_becomes_background_whatever_the_others_are() {
        let map = LabelMap::new(3, 1, &[7, 0, 255]).unwrap();
        assert_eq!(VoidId::Id(7).clear_named(&map), Some(vec![0, 0, 255]));
        for void in [VoidId::Id(0), VoidId::Id(8), VoidId::None, VoidId::Auto] {
            assert_eq!(void.clear_named(&map), None);
        }
        assert!(VoidId::Auto.clear_detected(&map, &[], "auto", true).is_none(), "no labels");
    }
}
