//! The recipe: label map, landmarks and photo in, upright contours and their SVG out. The only file that calls all rooms.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::contour::{ContourOptions, CurveKind, clip, find_contours};
use crate::error::{Error, ErrorKind, Result};
use crate::face::{
    CropBox, CropPreset, LandmarkOptions, LandmarkScheme, LandmarkUnits, Landmarks, Placement, Pose,
    UprightCanvas, angle_difference,
};
use crate::geometry::{Affine, Point, Polygons, Rect};
use crate::raster::{LabelMap, Size};
pub use crate::regions::RegionSet;
use crate::regions::{LabelScheme, LabelStat, Region, Symmetry, Zone, ZoneMap};
pub use crate::svg::Photo;
use crate::svg::{Backdrop, PALETTE, Shape, Style, document, embed, opaque_color};

/// What [`trace_face`] works on.
#[derive(Clone, Copy)]
pub struct TraceInput<'a> {
    /// The label map.
    pub labels: LabelMap<'a>,
    /// Landmarks in the image frame (pixels, or ratios of its size); none or empty leaves the pose to the label map.
    pub landmarks: Option<&'a [Point]>,
    /// Width and height of the photo after its EXIF orientation, pixels.
    pub image_size: Size,
    /// The photo to put under the regions.
    pub photo: Option<&'a dyn Photo>,
}

/// How to trace. Lengths are pixels of the image frame.
#[derive(Clone, Debug)]
pub struct TraceOptions {
    /// What a region is.
    pub regions: RegionSet,
    /// `auto` or the name of a landmark scheme.
    pub landmark_scheme: String,
    /// What the landmarks' numbers mean.
    pub landmark_units: LandmarkUnits,
    /// `auto`, `custom` (names from [`Self::label_names`] only) or the name of a label scheme.
    pub label_scheme: String,
    /// Names that go before those of the scheme, by id.
    pub label_names: BTreeMap<u8, String>,
    /// What of the upright canvas is kept.
    pub crop: CropPreset,
    /// See [`ContourOptions::tolerance`].
    pub tolerance: f64,
    /// See [`ContourOptions::curve`].
    pub curve: CurveKind,
    /// See [`ContourOptions::min_area`].
    pub min_area: f64,
    /// How regions are painted.
    pub style: Style,
    /// Colours as `#rrggbb` by region id or by name.
    pub colors: BTreeMap<String, String>,
    /// See [`ContourOptions::max_border`].
    pub max_border: usize,
    /// The most pixels an embedded crop may have: a long photo, turned, makes a canvas of many times its size.
    pub max_embed_pixels: u64,
}

impl Default for TraceOptions {
    fn default() -> Self {
        Self {
            regions: RegionSet::Labels,
            landmark_scheme: "auto".to_owned(),
            landmark_units: LandmarkUnits::Auto,
            label_scheme: "auto".to_owned(),
            label_names: BTreeMap::new(),
            crop: CropPreset::Face,
            tolerance: 0.5,
            curve: CurveKind::Smooth,
            min_area: 0.0,
            style: Style::Default,
            colors: BTreeMap::new(),
            max_border: ContourOptions::MAX_BORDER,
            max_embed_pixels: 24_000_000,
        }
    }
}

impl TraceOptions {
    /// The longest name of a region, in characters.
    pub const MAX_NAME: usize = 100;

    /// Refuses what no input could make right, and writes colours as `#rrggbb`.
    ///
    /// # Errors
    /// `option_invalid` naming the option, the value and the rule.
    pub fn checked(mut self) -> Result<Self> {
        contour_options(&self, (1.0, 1.0)).check()?;
        known_scheme(
            "landmark_scheme",
            &self.landmark_scheme,
            &["auto"],
            LandmarkScheme::ALL.iter().map(|s| s.name),
        )?;
        known_scheme(
            "label_scheme",
            &self.label_scheme,
            &["auto", "custom"],
            LabelScheme::ALL.iter().map(|s| s.name),
        )?;
        for (id, name) in &self.label_names {
            let length = name.chars().count();
            if length == 0 || length > Self::MAX_NAME {
                let rule =
                    format!("a name has 1 to {} characters, that of {id} has {length}", Self::MAX_NAME);
                return Err(Error::option("label_names", rule));
            }
        }
        for (key, value) in &mut self.colors {
            *value = opaque_color(value).ok_or_else(|| {
                Error::option(
                    "colors",
                    format!("{key:?} must be an opaque colour such as #e64980 or teal, got {value:?}"),
                )
            })?;
        }
        Ok(self)
    }
}

fn known_scheme<'a>(
    option: &str,
    given: &str,
    words: &[&'a str],
    schemes: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let known: Vec<_> = words.iter().copied().chain(schemes).collect();
    if known.contains(&given) {
        return Ok(());
    }
    Err(Error::option(option, format!("{given:?} is not known; known are {}", known.join(", "))))
}

/// Which schemes were used, and how sure that is (0 to 1).
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Schemes {
    /// The landmark scheme.
    pub landmarks: Option<&'static str>,
    /// How well the landmarks fit it.
    pub landmarks_confidence: Option<f64>,
    /// The label scheme; `None` when unknown: regions are then just numbered.
    pub labels: Option<&'static str>,
    /// How well the labels fit it; 1 when the caller named it.
    pub labels_confidence: Option<f64>,
}

impl Schemes {
    fn used(placement: Option<&Placement>, labels: Option<&'static LabelScheme>, sure: f64) -> Self {
        Self {
            landmarks: placement.map(|face| face.scheme),
            landmarks_confidence: placement.map(|face| face.confidence),
            labels: labels.map(|scheme| scheme.name),
            labels_confidence: labels.map(|_| (sure * 1000.0).round() / 1000.0),
        }
    }
}

/// Something odd that did not stop the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// A stable slug.
    pub code: &'static str,
    /// A sentence for a person.
    pub detail: String,
}

/// What came out. Coordinates are in the crop frame.
#[derive(Clone, Debug)]
pub struct FaceMask {
    /// The document.
    pub svg: String,
    /// The regions inside the crop box, by ascending id.
    pub regions: Vec<Region>,
    /// The pairs of sides among them, compared over the face's midline, uncut.
    pub symmetry: Vec<Symmetry>,
    /// The outline of each of them, in the same order.
    pub contours: Vec<(u8, Polygons)>,
    /// Width and height of the crop box.
    pub size: Size,
    /// From the image frame to the crop frame.
    pub crop_from_image: Affine,
    /// The face's roll in (-180, 180], positive clockwise on screen; the picture was turned by its negative.
    pub roll_degrees: f64,
    /// `landmarks` or `labels`.
    pub roll_from: &'static str,
    /// Whether the picture or the naming of its sides is mirrored.
    pub mirrored: bool,
    /// Which schemes were used.
    pub schemes: Schemes,
    /// What was odd.
    pub warnings: Vec<Warning>,
}

/// Sets the face upright, crops it, and draws its regions.
///
/// # Errors
/// `map_aspect_mismatch` when the map's shape does not fit the photo's, `landmarks_invalid` and `landmarks_implausible`
/// for points that are no face, `no_face` when neither landmarks nor labels say where the face is, `option_invalid`,
/// `map_too_complex`, and what `encode` answers.
pub fn trace_face(input: &TraceInput<'_>, options: &TraceOptions) -> Result<FaceMask> {
    let options = &options.clone().checked()?;
    let scale = scale_of(input)?;
    let mut contours = traced(&input.labels, options, scale)?;
    let stats: Vec<LabelStat> =
        contours.iter().filter_map(|(id, polygons)| LabelStat::measure(*id, polygons)).collect();
    let (label_scheme, label_confidence) = label_scheme(options, &stats);

    let landmarks = landmarks(input.landmarks, input.image_size, options)?;
    let placement = landmarks.as_ref().map(|found| Placement::new(found, input.image_size, options.crop));
    let (pose, roll_from, mut warnings) = pose(placement.as_ref(), label_scheme, &stats)?;
    let upright = UprightCanvas::new(input.image_size, pose.roll_rad);
    let crop_box = crop_box(options.crop, &upright, placement.as_ref(), label_scheme, &contours);
    let crop_from_image = crop_box.crop_from_image(&upright);
    let size = crop_box.size();

    if options.regions == RegionSet::Zones {
        let from_image = Affine::scale(1.0 / scale.0, 1.0 / scale.1);
        let zones = ZoneMap::paint(&input.labels, label_scheme, landmarks.as_ref(), &from_image)?;
        warnings.extend(zones_incomplete(&zones));
        contours =
            traced(&LabelMap::new(input.labels.width(), input.labels.height(), &zones.ids)?, options, scale)?;
    }
    let bounds = Rect::new(0.0, 0.0, f64::from(size.width), f64::from(size.height));
    let names = |id: u8| name_of(id, options, label_scheme);
    contours.iter_mut().for_each(|(_, polygons)| polygons.transform(&crop_from_image));
    // Before the crop box cuts one side and not the other.
    let mut symmetry = midline(placement.as_ref(), label_scheme, &stats, &crop_from_image).map_or_else(
        Vec::new,
        |midline| {
            let named: Vec<_> = contours.iter().map(|(id, polygons)| (names(*id), polygons)).collect();
            Symmetry::compare_pairs(&named, midline)
        },
    );
    contours.iter_mut().for_each(|(_, polygons)| *polygons = clip(polygons, &bounds));
    let measured =
        contours.into_iter().filter_map(|(id, p)| Some((Region::measure(id, names(id), &p)?, (id, p))));
    let (regions, contours): (Vec<_>, Vec<_>) = measured.unzip();
    symmetry.retain(|found| found.pair.iter().all(|name| regions.iter().any(|region| region.name == *name)));
    let svg = draw(input, options, (&regions, &contours), size, (&crop_from_image, scale))?;
    Ok(FaceMask {
        svg,
        regions,
        symmetry,
        contours,
        size,
        crop_from_image,
        roll_degrees: pose.roll_rad.to_degrees(),
        roll_from,
        mirrored: pose.mirrored,
        schemes: Schemes::used(placement.as_ref(), label_scheme, label_confidence),
        warnings,
    })
}

/// Where landmarks put a face, without the map; `None` without landmarks.
///
/// With [`RegionSet::Labels`] it is all that [`trace_face`] takes from them, so inputs that are equal but for their
/// landmarks, and have equal placements, are traced alike to the last bit.
///
/// # Errors
/// `landmarks_invalid`, `landmarks_implausible` and `option_invalid`, as [`trace_face`].
pub fn placement(
    points: Option<&[Point]>,
    image_size: Size,
    options: &TraceOptions,
) -> Result<Option<Placement>> {
    let found = landmarks(points, image_size, options)?;
    Ok(found.map(|found| Placement::new(&found, image_size, options.crop)))
}

/// What a pixel of the map measures in the image frame.
fn scale_of(input: &TraceInput<'_>) -> Result<(f64, f64)> {
    let Size { width, height } = input.image_size;
    if width == 0 || height == 0 {
        return Err(Error::option("image_size", "width and height must be at least 1"));
    }
    let (map_width, map_height) = (input.labels.width() as f64, input.labels.height() as f64);
    let expected = map_width * f64::from(height) / f64::from(width);
    let off = (map_height - expected).abs();
    if off > 0.01 * expected && off > 2.0 {
        return Err(Error::new(
            ErrorKind::MapAspectMismatch,
            "labels",
            format!(
                "a label map of {map_width} x {map_height} pixels does not fit a photo of {width} x {height}: \
                 {map_width} x {expected:.0} would; map and photo must show the same picture, whole and unturned"
            ),
        ));
    }
    Ok((f64::from(width) / map_width, f64::from(height) / map_height))
}

/// The outlines of a map's ids in the image frame.
fn traced(map: &LabelMap<'_>, options: &TraceOptions, scale: (f64, f64)) -> Result<Vec<(u8, Polygons)>> {
    let mut contours = find_contours(map, &contour_options(options, scale))?;
    let image_from_labels = Affine::scale(scale.0, scale.1);
    contours.iter_mut().for_each(|(_, polygons)| polygons.transform(&image_from_labels));
    Ok(contours)
}

fn contour_options(options: &TraceOptions, scale: (f64, f64)) -> ContourOptions {
    ContourOptions {
        tolerance: options.tolerance,
        curve: options.curve,
        min_area: options.min_area,
        scale,
        background: false,
        max_border: options.max_border,
    }
}

fn label_scheme(options: &TraceOptions, stats: &[LabelStat]) -> (Option<&'static LabelScheme>, f64) {
    match options.label_scheme.as_str() {
        "auto" => LabelScheme::detect(stats).map_or((None, 0.0), |(scheme, sure)| (Some(scheme), sure)),
        // `custom` is no scheme of the tables.
        name => (LabelScheme::from_name(name), 1.0),
    }
}

fn landmarks(
    points: Option<&[Point]>,
    image_size: Size,
    options: &TraceOptions,
) -> Result<Option<Landmarks>> {
    let Some(points) = points.filter(|points| !points.is_empty()) else { return Ok(None) };
    let asked = LandmarkOptions { scheme: &options.landmark_scheme, units: options.landmark_units };
    Landmarks::identify(points, &asked, image_size).map(Some)
}

/// More than this between the roll of the points and that of the map, and they show two different faces.
const MATCH_DEGREES: f64 = 15.0;

fn pose(
    placement: Option<&Placement>,
    label_scheme: Option<&LabelScheme>,
    stats: &[LabelStat],
) -> Result<(Pose, &'static str, Vec<Warning>)> {
    let by_labels =
        label_scheme.and_then(|scheme| scheme.locate_features(stats)).and_then(|f| Pose::from_features(&f));
    match (placement.map(|face| face.pose), by_labels) {
        (Some(pose), by_labels) => {
            let apart = by_labels.map(|other| angle_difference(pose.roll_rad, other.roll_rad).to_degrees());
            let warnings = apart.filter(|apart| apart.abs() > MATCH_DEGREES).map(|apart| Warning {
                code: "landmarks_do_not_match_map",
                detail: format!(
                    "the landmarks and the label map are turned {:.1} degrees against each other",
                    apart.abs()
                ),
            });
            Ok((pose, "landmarks", warnings.into_iter().collect()))
        }
        (None, Some(pose)) => Ok((pose, "labels", Vec::new())),
        (None, None) => Err(Error::new(
            ErrorKind::NoFace,
            "landmarks",
            "no landmarks were given, and the label map has no eyes or brows of a known label scheme to go by",
        )),
    }
}

fn zones_incomplete(zones: &ZoneMap) -> Option<Warning> {
    let missing: Vec<_> = zones.missing.iter().map(|(zone, why)| format!("{} ({why})", zone.name)).collect();
    let detail = format!("missing: {}", missing.join(", "));
    (!missing.is_empty()).then_some(Warning { code: "zones_incomplete", detail })
}

/// Where the middle between the eyes lies across the crop frame: the eyes of the landmarks, else those of the map.
fn midline(
    placement: Option<&Placement>,
    label_scheme: Option<&LabelScheme>,
    stats: &[LabelStat],
    crop_from_image: &Affine,
) -> Option<f64> {
    let by_labels = || label_scheme.and_then(|scheme| scheme.locate_features(stats));
    let middle = placement
        .map(|face| face.eye_midpoint)
        .or_else(|| by_labels().map(|eyes| eyes.eye_r.midpoint(eyes.eye_l)))?;
    Some(crop_from_image.apply(middle).x)
}

fn crop_box(
    preset: CropPreset,
    upright: &UprightCanvas,
    placement: Option<&Placement>,
    label_scheme: Option<&LabelScheme>,
    contours: &[(u8, Polygons)],
) -> CropBox {
    let turned = |keep: &dyn Fn(u8) -> bool| -> Vec<Point> {
        let kept = contours.iter().filter(|(id, _)| keep(*id));
        kept.flat_map(|(_, polygons)| &polygons.points).copied().collect()
    };
    let upright_bounds =
        |points: &[Point]| Rect::around(points.iter().map(|&p| upright.upright_from_image.apply(p)));
    match preset {
        CropPreset::None => CropBox::whole(upright),
        CropPreset::Head => upright_bounds(&turned(&|_| true))
            .map_or(CropBox::whole(upright), |r| CropBox::around_head(upright, r)),
        CropPreset::Face => placement.and_then(|face| face.face_crop).unwrap_or_else(|| {
            CropBox::around_face(
                upright,
                &turned(&|id| label_scheme.is_some_and(|scheme| scheme.is_face(id))),
            )
        }),
    }
}

fn name_of(id: u8, options: &TraceOptions, label_scheme: Option<&LabelScheme>) -> String {
    let given = options.label_names.get(&id).map(String::as_str);
    let known = || match options.regions {
        RegionSet::Labels => label_scheme.and_then(|scheme| scheme.names.get(usize::from(id))).copied(),
        RegionSet::Zones => Zone::name_of(id),
    };
    given.or_else(known).map_or_else(|| id.to_string(), str::to_owned)
}

/// Up to so many pixels of the photo for one of the map exact outlines are written in the map's frame.
const MOST_MAGNIFIED: f64 = 2.0;

fn draw(
    input: &TraceInput<'_>,
    options: &TraceOptions,
    (regions, contours): (&[Region], &[(u8, Polygons)]),
    size: Size,
    (crop_from_image, scale): (&Affine, (f64, f64)),
) -> Result<String> {
    let keys: Vec<String> = regions.iter().map(|region| region.id.to_string()).collect();
    // Borders that are not simplified follow the edges of the map's pixels: they are written in the map's own frame, where
    // their steps are halves, in a quarter of the bytes. Not where such a pixel is large in the picture: what the crop box
    // cuts is rounded to hundredths of it.
    let crop_from_labels = *crop_from_image * Affine::scale(scale.0, scale.1);
    let in_map = options.tolerance == 0.0 && scale.0.max(scale.1) <= MOST_MAGNIFIED;
    let labels_from_crop = crop_from_labels.inverse().filter(|_| in_map);
    let outlines: Vec<Cow<'_, Polygons>> = contours
        .iter()
        .map(|(_, polygons)| match &labels_from_crop {
            Some(labels_from_crop) => {
                let mut polygons = polygons.clone();
                polygons.transform(labels_from_crop);
                Cow::Owned(polygons)
            }
            None => Cow::Borrowed(polygons),
        })
        .collect();
    let shapes: Vec<Shape<'_>> = regions
        .iter()
        .zip(&keys)
        .zip(contours.iter().zip(&outlines))
        .map(|((region, key), ((id, _), polygons))| {
            let own = options.colors.get(key).or_else(|| options.colors.get(&region.name));
            let from_palette = || PALETTE[usize::from(*id).wrapping_sub(1) % PALETTE.len()].to_owned();
            let [x, y] = region.label_point;
            let color = own.cloned().unwrap_or_else(from_palette);
            Shape { key, name: &region.name, color, polygons, label_point: Point::new(x, y) }
        })
        .collect();
    let encoded = input
        .photo
        .map(|photo| embed(photo, size.into(), crop_from_image, options.max_embed_pixels))
        .transpose()?;
    let backdrop = encoded.as_ref().map(|(media_type, base64)| Backdrop { media_type, base64 });
    let frame = labels_from_crop.map(|_| crop_from_labels);
    Ok(document(size.into(), &shapes, options.style, backdrop, frame.as_ref()))
}
