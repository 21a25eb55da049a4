//! The pipeline: label map, landmarks and photo in, upright contours and their SVG out. The only file that uses every
//! module.

mod chosen_regions;
mod crop_selection;
mod drawing;
mod label_scheme_match;
mod landmark_labels;
mod map_source;
mod options;
mod parsed_labels;
mod result_frame;
mod whole_map;

use std::borrow::Cow;

use serde::Serialize;

use crate::contour::{clip, find_contours};
use crate::error::{Error, ErrorKind, Result};
use crate::face::{CropPreset, LandmarkOptions, Placement, Pose, SelectedFace, UprightCanvas, select_face};
use crate::geometry::{Affine, Point, Polygons, Rect};
pub use crate::map_checks::VoidId;
use crate::map_checks::{CheckedLabels, MapChecks, check_padding, check_scaled_ids};
use crate::raster::{Enlargement, LabelMap, MapExtent, MapTransform, Size, source_rect};
use crate::regions::{
    CropCoverage, LandmarkMap, LocatedFace, MapLabel, PhotoColors, Region, RegionVocabulary, Registration,
    RegistrationFrame, Symmetry, ZoneMap,
};
pub use crate::regions::{RegionSelection, RegionSet};
pub use crate::svg::Photo;
pub use crate::warning::Warning;
use crate::warning::explain_error;
use chosen_regions::{ChosenRegions, areas_inside};
use crop_selection::select_crop;
use drawing::{RenderFrame, drawing_color, render_svg};
use label_scheme_match::LabelSchemeMatch;
use landmark_labels::LandmarkLabels;
use map_source::MapSource;
pub use options::TraceOptions;
use parsed_labels::ParsedLabels;
pub use parsed_labels::{FaceParser, ParsedMap, ParserInput};
use result_frame::CropFrame;
pub use result_frame::ResultFrame;
use whole_map::whole_map;

/// The input of [`trace_face`].
#[derive(Clone, Copy)]
pub struct TraceInput<'a> {
    /// The label map. Without it the parser makes one, or the landmarks outline the regions.
    pub labels: Option<LabelMap<'a>>,
    /// The parser that labels the face where there is no label map.
    pub parser: Option<ParserInput<'a>>,
    /// The landmarks of each face in the image frame (pixels, or fractions of its size). Without any the pose comes
    /// from the label map.
    pub faces: &'a [Vec<Point>],
    /// Width and height of the photo after its EXIF orientation.
    pub image_size: Size,
    /// The affine from the labels frame to the image frame, of a caller that has already evaluated
    /// [`TraceOptions::map_extent`] in another frame.
    pub image_from_labels: Option<Affine>,
    /// The photo to embed below the regions.
    pub photo: Option<&'a dyn Photo>,
    /// The photo in which the colors of regions are measured.
    pub color_photo: Option<&'a dyn Photo>,
}

/// The schemes of a result, each with a confidence from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Schemes {
    /// The landmark scheme.
    pub landmarks: Option<&'static str>,
    /// How well the landmarks fit it.
    pub landmarks_confidence: Option<f64>,
    /// The label scheme; `None` when unknown, and regions are named by their number.
    pub labels: Option<&'static str>,
    /// How well the labels fit it; 1 when the caller named it.
    pub labels_confidence: Option<f64>,
}

impl Schemes {
    fn new(placement: Option<&Placement>, labels: &LabelSchemeMatch) -> Self {
        Self {
            landmarks: placement.map(|placement| placement.scheme),
            landmarks_confidence: placement.map(|placement| placement.confidence),
            labels: labels.scheme.map(|scheme| scheme.name),
            labels_confidence: labels.scheme.map(|_| (labels.confidence * 1000.0).round() / 1000.0),
        }
    }
}

/// The output of [`trace_face`]. Coordinates are pixels of the frame that [`TraceOutput::frame`] names.
#[derive(Clone, Debug)]
pub struct TraceOutput {
    /// The SVG document.
    pub svg: String,
    /// The frame of all coordinates.
    pub frame: ResultFrame,
    /// The regions inside the crop box, by ascending id.
    pub regions: Vec<Region>,
    /// The pairs of regions on both sides, compared across the midline of the face before the crop box cuts them.
    pub symmetry: Vec<Symmetry>,
    /// The contour of each region, in the order of `regions`.
    pub contours: Vec<(u8, Polygons)>,
    /// The color of each region in the drawing, `#rrggbb`, in the order of `regions`.
    pub colors: Vec<String>,
    /// Width and height of the frame: of the crop, or of the photo.
    pub size: Size,
    /// Width and height of the crop.
    pub crop_size: Size,
    /// The transformation from the image frame to the crop frame.
    pub crop_from_image: Affine,
    /// The roll of the face in (-180, 180], positive clockwise on screen; the image is rotated by its negative.
    pub roll_degrees: f64,
    /// The source of the roll: `landmarks` or `labels`.
    pub roll_from: &'static str,
    /// How sure the roll is, 0 to 1: 1 from landmarks, else [`LocatedFace::roll_confidence`].
    pub roll_confidence: f64,
    /// Whether the image or the naming of its sides is mirrored.
    pub mirrored: bool,
    /// The schemes of landmarks and labels.
    pub schemes: Schemes,
    /// The source of the labels: `map`, `parser`, or `landmarks` without either.
    pub labels_from: &'static str,
    /// How the label map had been enlarged, where it was traced at its own resolution.
    pub native_resolution: Option<Enlargement>,
    /// The landmarks of the traced face in the order of their scheme; empty when the label map gives roll and crop.
    pub landmarks: Vec<Point>,
    /// Suspicious properties of the input.
    pub warnings: Vec<Warning>,
}

/// Rotates the face upright, crops it, and renders its regions.
///
/// # Errors
/// * `map_aspect_mismatch` when the label map does not have the shape of the photo, and no option says why.
/// * `landmarks_invalid` and `landmarks_implausible` for points that do not form a face.
/// * `no_face` when neither landmarks nor labels locate a face.
/// * `map_required` without a label map, when the landmarks outline no face.
/// * `option_invalid` for a label map beside a parser, and `landmarks_invalid` for a parser without landmarks.
/// * `crop_empty` when the crop around the landmarks holds next to nothing of the labeled face, and when the face of the
///   landmarks lies outside the photo.
/// * `option_invalid`, `map_too_complex`, and the errors of the photo.
pub fn trace_face(input: &TraceInput<'_>, options: &TraceOptions) -> Result<TraceOutput> {
    let options = options.clone().validate()?;
    if let Some(labels) = input.labels {
        if input.parser.is_some() {
            return Err(Error::option(
                "parser",
                "makes the label map, and one was given; leave one of them out",
            ));
        }
        return trace_map(&labels, input, options, MapSource::Caller);
    }
    let face = select_landmarks(input.faces, input.image_size, &options, &[])?;
    if let Some(parser) = input.parser {
        let face = face.ok_or_else(|| {
            let detail = "are missing, and a parser needs them to see the face upright: detect the face or send landmarks";
            Error::new(ErrorKind::LandmarksInvalid, "landmarks", detail)
        })?;
        let parsed = ParsedLabels::parse(face, input.image_size, &parser, &options)?;
        let input = TraceInput { image_from_labels: Some(parsed.image_from_labels), ..*input };
        let options = parsed_labels::complete_options(parser.parser, options);
        return trace_map(&parsed.label_map()?, &input, options, MapSource::Parser(&parsed));
    }
    let painted =
        LandmarkLabels::paint(face.ok_or_else(LandmarkMap::without_landmarks)?, input.image_size, &options)?;
    let input = TraceInput { image_from_labels: Some(painted.image_from_labels()), ..*input };
    trace_map(&painted.label_map()?, &input, painted.complete(options), MapSource::Landmarks(&painted))
}

/// Traces the face of a label map.
fn trace_map(
    labels: &LabelMap<'_>,
    input: &TraceInput<'_>,
    mut options: TraceOptions,
    source: MapSource<'_>,
) -> Result<TraceOutput> {
    let painted = source.painted();
    let mut transform = map_transform(labels, input, &options)?;
    let registration_frame = registration_frame(labels, input, &options, &transform);
    // Padding is no part of the photo.
    let mut ids = labels.ids_within(transform.columns.clone(), transform.rows.clone());
    let [mut width, mut height] = [transform.columns.len(), transform.rows.len()];
    let given_map = LabelMap::new(width, height, &ids)?;
    let enlargement = Enlargement::find(&given_map, options.native_resolution, options.tolerance);
    if let Some(enlargement) = &enlargement {
        [width, height] = enlargement.size();
        ids = Cow::Owned(enlargement.reduce(&given_map));
        transform = transform.at_resolution(&enlargement.enlarged_from_native())?;
        options.tolerance = enlargement.enlarge_tolerance(options.tolerance);
    }
    let (options, label_map) = (&options, LabelMap::new(width, height, &ids)?);
    let checks = MapChecks::new(options.void, &options.label_scheme, options.min_area);
    let CheckedLabels { mut contours, stats, ids, mut warnings } =
        checks.trace(&label_map, &|map| trace_labels(map, options, &transform, input.image_size))?;
    let MapTransform { columns, rows, .. } = &transform;
    warnings.extend(check_padding(labels, &options.map_extent, columns, rows));
    let is_beside = !transform.shows_all(labels) && labels.ids().iter().any(|&id| id > 0);
    let map = label_map.with_ids(ids.as_deref())?;
    // Names, roll and crop are those of the whole map, though `min_area` has merged all parts of a label.
    let trace_whole =
        |map: &LabelMap<'_>, options: &TraceOptions| trace_labels(map, options, &transform, input.image_size);
    let whole = whole_map(&map, &stats, options, trace_whole)?;
    let (whole_contours, whole_stats) =
        whole.as_ref().map_or((&contours, &stats), |whole| (&whole.contours, &whole.stats));
    let polygons_of =
        |id| whole_contours.iter().find(|(other, _)| *other == id).map(|(_, polygons)| polygons);
    let map_labels: Vec<MapLabel<'_>> =
        whole_stats.iter().filter_map(|stat| Some(MapLabel::new(*stat, polygons_of(stat.id)?))).collect();

    let selected_face = match source.face() {
        Some(face) => Some(face.clone()),
        None => select_landmarks(input.faces, input.image_size, options, &map_labels)?,
    };
    let landmarks = selected_face.as_ref().map(|selected| &selected.landmarks);
    let placement =
        landmarks.map(|landmarks| Placement::new(landmarks, input.image_size, &options.crop_options()));
    let labels = LabelSchemeMatch::find(options, &map_labels, placement.as_ref());
    if options.label_scheme == "auto" && labels.scheme.is_none() {
        warnings.extend(check_scaled_ids(whole_stats));
    }
    if matches!(source, MapSource::Parser(_)) {
        warnings.extend(labels.check_arrangement(&map_labels, placement.as_ref()));
    }
    let vocabulary =
        RegionVocabulary { set: options.regions, scheme: labels.scheme, names: &options.label_names };
    let selected = options.selection.as_ref().map(|selection| selection.resolve(&vocabulary)).transpose()?;
    // A painted map says nothing that the landmarks do not.
    let described = labels.scheme.filter(|_| painted.is_none());
    let face = described.and_then(|scheme| scheme.locate_face(&map_labels, placement.as_ref()));
    let several_faces = selected_face.as_ref().and_then(|selected| selected.notice.clone());
    warnings.extend(several_faces.map(|detail| Warning::new("several_faces", detail)));
    let mut registration = described.map_or_else(Registration::default, |scheme| {
        Registration::check_face(placement.as_ref(), scheme, &map_labels, face.as_ref(), &registration_frame)
    });
    if let Some(warning) =
        registration.warning.as_mut().filter(|warning| warning.code == Registration::MISMATCH)
    {
        warning.detail.push_str(&options.describe_placement());
    }
    // What gives roll, crop and zones: not landmarks that lie on the face of the map upside down.
    let trusted = placement.as_ref().filter(|_| !registration.prefers_map);
    let PoseEstimate { pose, source: roll_from, confidence } =
        estimate_pose(trusted, face.as_ref()).map_err(|error| explain_error(error, &warnings))?;
    let description = if is_beside { DESCRIPTION_OF_BESIDE } else { DESCRIPTION_OF_EMPTY };
    warnings.extend(stats.is_empty().then(|| Warning::new("map_empty", description.to_owned())));
    warnings.extend(painted.map(|painted| painted.warning(options.regions)));
    warnings.extend(registration.warning.clone());
    let others = face.as_ref().and_then(|face| face.describe_others(placement.is_some()));
    warnings.extend(others.map(|detail| Warning::new("map_has_several_faces", detail)));
    let canvas = UprightCanvas::new(input.image_size, pose.roll_rad);
    let face_extent = || {
        let (scheme, face) = labels.scheme.zip(face.as_ref())?;
        Some(face.extent(scheme, &map_labels))
    };
    let features = face.as_ref().map(|face| (&face.features, pose.mirrored));
    let crop = select_crop(&options.crop_options(), &canvas, trusted, features, &contours, face_extent)?;
    let crop_from_image = crop.crop_from_image;
    let frame = CropFrame {
        kind: options.frame,
        crop,
        image_size: input.image_size,
        is_whole: options.crop == CropPreset::None,
    };

    if options.regions == RegionSet::Zones {
        let labels_from_image = &transform.labels_from_image;
        let outlining = landmarks.filter(|_| trusted.is_some());
        let zones = ZoneMap::paint(&map, labels.scheme, outlining, labels_from_image)?;
        warnings.extend(incomplete_zones_warning(&zones));
        let zone_map = map.with_ids(Some(&zones.ids))?;
        contours = trace_labels(&zone_map, options, &transform, input.image_size)?;
    }
    let labeled: Vec<(u8, f64)> = match options.regions {
        RegionSet::Labels => stats.iter().map(|stat| (stat.id, stat.area)).collect(),
        RegionSet::Zones => contours.iter().map(|(id, polygons)| (*id, polygons.area())).collect(),
    };
    // A selection changes nothing of what the whole map says.
    let whole_inside = selected.as_ref().map(|_| areas_inside(&contours, &crop));
    let mut chosen = ChosenRegions::new(vocabulary, selected, options.min_area > 0.0);
    let mut contours = chosen.merge_members(contours);
    let is_aligned = options.crop.is_aligned();
    let originals = (options.frame == ResultFrame::Image || is_aligned).then(|| contours.clone());
    contours.iter_mut().for_each(|(_, polygons)| polygons.transform(&crop_from_image));
    // Before clipping, which may cut one side and not the other.
    // A template's crop is not quite upright.
    let turned = originals.as_ref().filter(|_| is_aligned).map(|originals| {
        let mut upright = originals.clone();
        upright.iter_mut().for_each(|(_, polygons)| polygons.transform(&canvas.upright_from_image));
        upright
    });
    let upright_from_image = if is_aligned { &canvas.upright_from_image } else { &crop_from_image };
    let midline = midline_x(trusted, face.as_ref(), upright_from_image);
    let mut symmetry = midline.map_or_else(Vec::new, |midline| {
        let upright = turned.as_ref().unwrap_or(&contours);
        let named: Vec<_> = upright.iter().map(|(id, polygons)| (chosen.name(*id), polygons)).collect();
        Symmetry::compare_pairs(&named, midline)
    });
    for (index, (_, polygons)) in contours.iter_mut().enumerate() {
        let original = originals.as_ref().filter(|_| options.frame == ResultFrame::Image);
        let original = original.map(|originals| &originals[index].1);
        *polygons = frame.cut(polygons, original);
    }
    let measured = contours.into_iter().filter_map(|(id, p)| Some((chosen.measure(id, &p)?, (id, p))));
    let (mut regions, contours): (Vec<_>, Vec<_>) = measured.unzip();
    let is_face = |id| match options.regions {
        RegionSet::Labels => labels.scheme.is_some_and(|scheme| scheme.is_face(id)),
        RegionSet::Zones => true,
    };
    if let Some(painted) = painted {
        painted.mark_guesses(&mut regions, options.regions);
    }
    let reason = registration.warning.as_ref().map(|warning| warning.detail.as_str());
    let area_in_image = |region: &Region| (region.id, region.area / frame.pixel_area());
    let inside = whole_inside.unwrap_or_else(|| regions.iter().map(area_in_image).collect());
    CropCoverage::measure(&labeled, &inside, is_face).check(crop.size_in_image(), reason)?;
    warnings.extend(chosen.missing_warning(&regions));
    symmetry.retain(|entry| entry.pair.iter().all(|name| regions.iter().any(|region| region.name == *name)));
    if let Some(photo) = input.color_photo {
        measure_colors(photo, &mut regions, &contours, &frame)?;
    }
    let colors: Vec<String> = regions.iter().map(|region| drawing_color(region, options)).collect();
    let svg =
        render_svg(input.photo, options, &RenderFrame { frame, transform }, &regions, &contours, &colors)?;
    let traced_points = landmarks.filter(|_| trusted.is_some()).map_or(&[][..], |traced| &traced.points);
    Ok(TraceOutput {
        svg,
        frame: frame.kind,
        regions,
        symmetry,
        contours,
        colors,
        size: frame.size(),
        crop_size: crop.size,
        crop_from_image,
        roll_degrees: pose.roll_rad.to_degrees(),
        roll_from,
        roll_confidence: confidence,
        mirrored: pose.mirrored,
        schemes: Schemes::new(placement.as_ref(), &labels),
        labels_from: source.name(),
        native_resolution: enlargement,
        landmarks: traced_points.iter().map(|&point| frame.frame_from_image().apply(point)).collect(),
        warnings,
    })
}

/// Computes the placement of a face from its landmarks, without a label map; `None` without landmarks, and where the
/// label map decides between several faces.
///
/// With [`RegionSet::Labels`] a trace depends on landmarks only through their placement. Two inputs that differ only in
/// their landmarks, and have equal placements, yield identical results but for [`TraceOutput::landmarks`].
///
/// # Errors
/// `landmarks_invalid`, `landmarks_implausible` and `option_invalid`, as [`trace_face`].
pub fn compute_placement(
    faces: &[Vec<Point>],
    image_size: Size,
    options: &TraceOptions,
) -> Result<Option<Placement>> {
    if faces.len() > 1 && options.face.is_none() {
        return Ok(None);
    }
    let selected = select_landmarks(faces, image_size, options, &[])?;
    Ok(selected.map(|selected| Placement::new(&selected.landmarks, image_size, &options.crop_options())))
}

const DESCRIPTION_OF_EMPTY: &str = "the label map has no region: all of its pixels are background, so the drawing is \
    empty; check that it is the map of this photo, and void and min_area";

const DESCRIPTION_OF_BESIDE: &str = "nothing that the label map shows lies within the photo, so the drawing is empty; \
    check map_fit, map_box and image_from_labels";

/// The frame in which landmarks and label map are compared. An extent that only the caller could evaluate has no other
/// fits.
fn registration_frame(
    labels: &LabelMap<'_>,
    input: &TraceInput<'_>,
    options: &TraceOptions,
    transform: &MapTransform,
) -> RegistrationFrame {
    let extent = match input.image_from_labels {
        Some(affine) => MapExtent { image_from_labels: Some(affine.0), ..MapExtent::default() },
        None => options.map_extent,
    };
    let back = Affine::translate(-(transform.columns.start as f64), -(transform.rows.start as f64));
    let whole = transform.image_from_labels * back;
    RegistrationFrame::of_map(labels, input.image_size, &extent, &whole)
}

/// Where the label map lies on the photo.
fn map_transform(
    labels: &LabelMap<'_>,
    input: &TraceInput<'_>,
    options: &TraceOptions,
) -> Result<MapTransform> {
    let affine = match input.image_from_labels {
        Some(affine) => affine,
        None => options.map_extent.locate(labels, input.image_size)?,
    };
    MapTransform::new(affine, labels, input.image_size)
}

/// Traces the contours of a label map, in the image frame. What lies beyond the photo, such as padding, is cut off.
fn trace_labels(
    map: &LabelMap<'_>,
    options: &TraceOptions,
    transform: &MapTransform,
    image_size: Size,
) -> Result<Vec<(u8, Polygons)>> {
    let image_from_labels = transform.image_from_labels;
    let mut contours = find_contours(map, &options.contour_options(image_from_labels))?;
    contours.iter_mut().for_each(|(_, polygons)| polygons.transform(&image_from_labels));
    if transform.exceeds_image {
        let image = Rect::new(0.0, 0.0, f64::from(image_size.width), f64::from(image_size.height));
        contours.iter_mut().for_each(|(_, polygons)| *polygons = clip(polygons, &image));
        contours.retain(|(_, polygons)| !polygons.points.is_empty());
    }
    Ok(contours)
}

/// Selects the face to trace. Several faces are compared with the face in the map, which is located without them.
fn select_landmarks(
    faces: &[Vec<Point>],
    image_size: Size,
    options: &TraceOptions,
    labels: &[MapLabel<'_>],
) -> Result<Option<SelectedFace>> {
    let landmark_options =
        LandmarkOptions { scheme: &options.landmark_scheme, units: options.landmark_units };
    let is_open = faces.len() > 1 && options.face.is_none();
    let scheme = is_open.then(|| LabelSchemeMatch::find(options, labels, None).scheme).flatten();
    let features = scheme.and_then(|scheme| scheme.locate_face(labels, None)).map(|face| face.features);
    select_face(faces, options.face, &landmark_options, image_size, features.as_ref())
}

/// The pose of a face, its source, and how sure it is.
struct PoseEstimate {
    pose: Pose,
    source: &'static str,
    confidence: f64,
}

/// Takes the pose from the landmarks, else from the face in the label map.
fn estimate_pose(placement: Option<&Placement>, face: Option<&LocatedFace>) -> Result<PoseEstimate> {
    if let Some(placement) = placement {
        return Ok(PoseEstimate { pose: placement.pose, source: "landmarks", confidence: 1.0 });
    }
    let located = face.and_then(|face| Some((Pose::from_features(&face.features)?, face.roll_confidence)));
    located.map(|(pose, confidence)| PoseEstimate { pose, source: "labels", confidence }).ok_or_else(|| {
        Error::new(
            ErrorKind::NoFace,
            "landmarks",
            "no landmarks were given, and the label map shows too little of a face in a known label scheme: \
             both eyes, both brows, or three of an eye, a brow, glasses, the nose and the mouth",
        )
    })
}

fn incomplete_zones_warning(zones: &ZoneMap) -> Option<Warning> {
    let missing: Vec<_> =
        zones.missing.iter().map(|(zone, reason)| format!("{} ({reason})", zone.name)).collect();
    let detail = format!("missing: {}", missing.join(", "));
    (!missing.is_empty()).then_some(Warning { code: "zones_incomplete", detail })
}

/// The x of the midpoint between the eyes in the crop frame. The eyes are those of the landmarks, else of the label
/// map.
fn midline_x(
    placement: Option<&Placement>,
    face: Option<&LocatedFace>,
    crop_from_image: &Affine,
) -> Option<f64> {
    let midpoint = placement
        .map(|placement| placement.eye_midpoint)
        .or_else(|| face.map(|face| face.features.eye_r.midpoint(face.features.eye_l)))?;
    Some(crop_from_image.apply(midpoint).x)
}

/// Measures the colors of each region in the photo. `contours` are in the order of the regions, in the frame of
/// the result.
fn measure_colors(
    photo: &dyn Photo,
    regions: &mut [Region],
    contours: &[(u8, Polygons)],
    frame: &CropFrame,
) -> Result<()> {
    let image_from_crop = frame.crop.crop_from_image.inverse().unwrap_or(Affine::IDENTITY);
    let image_from_frame = frame.frame_from_image().inverse().unwrap_or(Affine::IDENTITY);
    let pixels = photo.decode(&source_rect(&image_from_crop, frame.crop.size))?;
    let colors = PhotoColors { size: photo.size(), rgb: &pixels };
    for (region, (_, polygons)) in regions.iter_mut().zip(contours) {
        region.color = Some(colors.measure(polygons, &image_from_frame));
    }
    Ok(())
}
