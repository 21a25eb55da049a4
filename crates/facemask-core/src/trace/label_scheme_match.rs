//! The label scheme of a map: the named one, or the detected one.

use super::options::TraceOptions;
use crate::face::Placement;
use crate::regions::{LabelScheme, MapLabel};
use crate::warning::Warning;

/// The label scheme of a map, if any, and how well it fits.
pub(super) struct LabelSchemeMatch {
    pub(super) scheme: Option<&'static LabelScheme>,
    pub(super) confidence: f64,
}

impl LabelSchemeMatch {
    /// The scheme that the options name, else the one that is detected.
    pub(super) fn find(
        options: &TraceOptions,
        labels: &[MapLabel<'_>],
        placement: Option<&Placement>,
    ) -> Self {
        if options.label_scheme == "auto" {
            let detected = LabelScheme::detect_in_map(labels, placement);
            return Self {
                scheme: detected.map(|(scheme, _)| scheme),
                confidence: detected.map_or(0.0, |(_, confidence)| confidence),
            };
        }
        // `custom` is not in the tables, so it has no scheme.
        Self { scheme: LabelScheme::from_name(&options.label_scheme), confidence: 1.0 }
    }

    /// A warning where the labels of a parser lie as those of another scheme than the named one.
    pub(super) fn check_arrangement(
        &self,
        labels: &[MapLabel<'_>],
        placement: Option<&Placement>,
    ) -> Option<Warning> {
        let named = self.scheme?;
        let (detected, _) = LabelScheme::detect_in_map(labels, placement)?;
        let name_of =
            |scheme: &LabelScheme, id: u8| scheme.names.get(usize::from(id)).copied().unwrap_or("no label");
        let id = labels
            .iter()
            .map(MapLabel::id)
            .find(|&id| id > 0 && name_of(named, id) != name_of(detected, id))?;
        let detail = format!(
            "the parser's description names the label scheme {}, but the labels lie on the face as those of {}, where {id} \
             is {} and not {}; correct labels.scheme in the description",
            named.name,
            detected.name,
            name_of(detected, id),
            name_of(named, id)
        );
        Some(Warning::new("label_scheme_mismatch", detail))
    }
}
