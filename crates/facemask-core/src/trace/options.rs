//! The options of a trace, and the checks that need no input.

use std::collections::BTreeMap;

use super::result_frame::ResultFrame;
use crate::contour::{ContourOptions, CurveKind};
use crate::error::{Error, Result, quote};
use crate::face::{CropOptions, CropPreset, LandmarkScheme, LandmarkUnits};
use crate::geometry::Affine;
use crate::map_checks::VoidId;
use crate::raster::{MapExtent, MapFit, NativeResolution, Size};
use crate::regions::{LabelScheme, RegionSelection, RegionSet};
use crate::svg::{Style, check_id_prefix, parse_opaque_color};

/// Options of a trace. Lengths are pixels of the image frame.
#[derive(Clone, Debug)]
pub struct TraceOptions {
    /// What a region represents. A selection decides it where there is one.
    pub regions: RegionSet,
    /// Which regions the result has, and which labels or zones each merges; all of them, one by one, without it.
    pub selection: Option<RegionSelection>,
    /// `auto` or the name of a landmark scheme.
    pub landmark_scheme: String,
    /// The units of the landmarks.
    pub landmark_units: LandmarkUnits,
    /// The index of the face to trace; by default [`select_face`] chooses.
    pub face: Option<usize>,
    /// `auto`, `custom` (only the names of [`Self::label_names`]) or the name of a label scheme.
    pub label_scheme: String,
    /// Region names by id, which take precedence over those of the scheme.
    pub label_names: BTreeMap<u8, String>,
    /// Which id stands for pixels without a label. They become background before anything is traced.
    pub void: VoidId,
    /// Which part of the photo the label map shows.
    pub map_extent: MapExtent,
    /// Whether an enlarged label map is traced at its own resolution; then the tolerance is in its pixels.
    pub native_resolution: NativeResolution,
    /// Which part of the photo is kept.
    pub crop: CropPreset,
    /// See [`CropOptions::margin`].
    pub crop_margin: Option<[f64; 4]>,
    /// See [`CropOptions::size`].
    pub crop_size: Option<Size>,
    /// The frame of the result.
    pub frame: ResultFrame,
    /// See [`ContourOptions::tolerance`].
    pub tolerance: f64,
    /// See [`ContourOptions::curve`].
    pub curve: CurveKind,
    /// See [`ContourOptions::min_area`].
    pub min_area: f64,
    /// The rendering style.
    pub style: Style,
    /// Colors as `#rrggbb` by region id or by name.
    pub colors: BTreeMap<String, String>,
    /// What every id of the SVG begins with; empty for none.
    pub id_prefix: String,
    /// See [`ContourOptions::max_border`].
    pub max_border: usize,
    /// The maximum number of pixels of an embedded crop: the canvas of a long rotated photo is many times larger than
    /// it.
    pub max_embed_pixels: u64,
}

impl Default for TraceOptions {
    fn default() -> Self {
        Self {
            regions: RegionSet::Labels,
            selection: None,
            landmark_scheme: "auto".to_owned(),
            landmark_units: LandmarkUnits::Auto,
            face: None,
            label_scheme: "auto".to_owned(),
            label_names: BTreeMap::new(),
            void: VoidId::Auto,
            map_extent: MapExtent::default(),
            native_resolution: NativeResolution::Auto,
            crop: CropPreset::Face,
            crop_margin: None,
            crop_size: None,
            frame: ResultFrame::Crop,
            tolerance: 0.5,
            curve: CurveKind::Smooth,
            min_area: 0.0,
            style: Style::Default,
            colors: BTreeMap::new(),
            id_prefix: String::new(),
            max_border: ContourOptions::MAX_BORDER,
            max_embed_pixels: 24_000_000,
        }
    }
}

impl TraceOptions {
    /// The maximum length of a region's name, in characters.
    pub const MAX_NAME: usize = 100;

    /// Checks every option that can be checked without input, and normalizes colors to `#rrggbb`.
    ///
    /// # Errors
    /// `option_invalid` with the option, its value and the rule.
    pub fn validate(mut self) -> Result<Self> {
        self.contour_options(Affine::IDENTITY).check()?;
        self.map_extent.validate()?;
        check_id_prefix(&self.id_prefix)?;
        self.crop_options().validate()?;
        let landmark_schemes = LandmarkScheme::ALL.iter().map(|scheme| scheme.name);
        check_scheme_name("landmark_scheme", &self.landmark_scheme, &["auto"], landmark_schemes)?;
        let label_schemes = LabelScheme::ALL.iter().map(|scheme| scheme.name);
        check_scheme_name("label_scheme", &self.label_scheme, &["auto", "custom"], label_schemes)?;
        for (id, name) in &self.label_names {
            let length = name.chars().count();
            if length == 0 || length > Self::MAX_NAME {
                let rule =
                    format!("a name has 1 to {} characters, that of {id} has {length}", Self::MAX_NAME);
                return Err(Error::option("label_names", rule));
            }
        }
        for (key, value) in &mut self.colors {
            *value = parse_opaque_color(value).ok_or_else(|| {
                Error::option(
                    "colors",
                    format!(
                        "{} must be an opaque colour such as #e64980 or teal, got {}",
                        quote(key),
                        quote(value)
                    ),
                )
            })?;
        }
        if let Some(selection) = &self.selection {
            self.regions = selection.region_set(&self.label_names);
        }
        if self.label_names.contains_key(&VoidId::COMMON) && self.regions == RegionSet::Labels {
            self.void = self.void.unless_named();
        }
        Ok(self)
    }

    /// A clause with the options that say where the label map lies and what its ids are, as far as they are set: of a
    /// map that does not match, one of them may be wrong.
    pub(super) fn describe_placement(&self) -> String {
        let MapExtent { map_fit, map_box, image_from_labels } = self.map_extent;
        let given = [
            ("map_fit", map_fit != MapFit::Exact),
            ("map_box", map_box.is_some()),
            ("image_from_labels", image_from_labels.is_some()),
            ("label_scheme", self.label_scheme != "auto"),
        ];
        let names: Vec<_> = given.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name).collect();
        if names.is_empty() { String::new() } else { format!("; check {} too", names.join(" and ")) }
    }

    /// The options of the crop.
    pub(super) const fn crop_options(&self) -> CropOptions {
        CropOptions { preset: self.crop, margin: self.crop_margin, size: self.crop_size }
    }

    /// The options of the contours, for a map with that affine to the image frame.
    pub(super) fn contour_options(&self, image_from_labels: Affine) -> ContourOptions {
        ContourOptions {
            tolerance: self.tolerance,
            curve: self.curve,
            min_area: self.min_area,
            target_from_labels: image_from_labels,
            background: false,
            max_border: self.max_border,
        }
    }
}

fn check_scheme_name<'a>(
    option: &str,
    name: &str,
    keywords: &[&'a str],
    schemes: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let known: Vec<_> = keywords.iter().copied().chain(schemes).collect();
    if known.contains(&name) {
        return Ok(());
    }
    Err(Error::option(option, format!("{} is not known; known are {}", quote(name), known.join(", "))))
}
