//! A trace without a label map: the map that is painted through the landmarks takes its place.

use super::options::TraceOptions;
use crate::error::{Error, Result};
use crate::face::SelectedFace;
use crate::geometry::Affine;
use crate::map_checks::VoidId;
use crate::raster::{LabelMap, NativeResolution, Size};
use crate::regions::{Guess, LabelScheme, LandmarkMap, Region, RegionSet, Zone};
use crate::warning::Warning;

/// The label map of a face that has none, painted through its landmarks.
pub(super) struct LandmarkLabels {
    pub(super) face: SelectedFace,
    map: LandmarkMap,
}

impl LandmarkLabels {
    /// Paints the labels of a face.
    ///
    /// # Errors
    /// `map_required` for landmarks that outline no face, `crop_empty` for a face outside the photo, and
    /// `option_invalid` for an option that describes a label map.
    pub(super) fn paint(face: SelectedFace, image_size: Size, options: &TraceOptions) -> Result<Self> {
        let map = LandmarkMap::paint(&face.landmarks, painted_scheme(options)?, image_size)?;
        Ok(Self { face, map })
    }

    pub(super) fn label_map(&self) -> Result<LabelMap<'_>> {
        LabelMap::new(self.map.size.width as usize, self.map.size.height as usize, &self.map.ids)
    }

    pub(super) const fn image_from_labels(&self) -> Affine {
        self.map.image_from_labels
    }

    /// The options with what is known of a painted map.
    pub(super) fn complete(&self, options: TraceOptions) -> TraceOptions {
        TraceOptions {
            label_scheme: self.map.scheme.name.to_owned(),
            void: VoidId::None,
            native_resolution: NativeResolution::Off,
            ..options
        }
    }

    /// Marks the regions of which a part is a guess.
    pub(super) fn mark_guesses(&self, regions: &mut [Region], set: RegionSet) {
        let ids: Vec<u8> = self.map.guesses.iter().filter_map(|guess| self.region_of(guess, set)).collect();
        for region in regions {
            let members = region.members.as_deref().unwrap_or(std::slice::from_ref(&region.id));
            region.guessed = members.iter().any(|member| ids.contains(member));
        }
    }

    /// Says what is a guess, and what landmarks cannot show.
    pub(super) fn warning(&self, set: RegionSet) -> Warning {
        let known = self.map.guesses.iter().filter(|guess| self.region_of(guess, set).is_some());
        let guesses: Vec<_> =
            known.map(|guess| format!("{} ({})", region_name(guess.label, set), guess.reason)).collect();
        let detail = format!(
            "there is no label map, so regions are loops through the {} landmarks; guessed: {}; not shown: hair, ears, \
             neck, glasses, clothes and what covers the face",
            self.face.landmarks.points.len(),
            guesses.join(", ")
        );
        Warning::new("labels_from_landmarks", detail)
    }

    /// The id of the region in which a guess shows.
    fn region_of(&self, guess: &Guess, set: RegionSet) -> Option<u8> {
        match set {
            RegionSet::Labels => self.map.scheme.id(guess.label),
            RegionSet::Zones => Zone::from_name(region_name(guess.label, set)).map(|zone| zone.id),
        }
    }
}

/// The region in which a guess about a label shows: the upper edge of the skin is that of the forehead.
fn region_name(label: &'static str, set: RegionSet) -> &'static str {
    if set == RegionSet::Zones && label == "skin" { "forehead" } else { label }
}

/// The label scheme of the painted map.
///
/// # Errors
/// `option_invalid` for a scheme without labels, and for an option that describes a given map.
fn painted_scheme(options: &TraceOptions) -> Result<&'static LabelScheme> {
    let without_map = |option: &str| {
        Error::option(
            option,
            "describes a label map, and none was given; leave the option out or send the map",
        )
    };
    let extent = &options.map_extent;
    if extent.image_from_labels.is_some() {
        return Err(without_map("image_from_labels"));
    }
    if extent.map_box.is_some() {
        return Err(without_map("map_box"));
    }
    if !extent.is_default() {
        return Err(without_map("map_fit"));
    }
    if matches!(options.void, VoidId::Id(_)) {
        return Err(without_map("void"));
    }
    let name = match options.label_scheme.as_str() {
        "auto" => LandmarkMap::DEFAULT_SCHEME,
        name => name,
    };
    LabelScheme::from_name(name).ok_or_else(|| {
        let detail =
            "custom names no part of a face to paint through the landmarks; leave it out or send a label map";
        Error::option("label_scheme", detail)
    })
}
