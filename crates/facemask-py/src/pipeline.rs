//! From file bytes to a traced face in two steps: decode the input, trace it. Runs with the GIL released.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use facemask_core::error::Result;
use facemask_core::face::LandmarkUnits;
use facemask_core::geometry::{Affine, Point};
use facemask_core::raster::{LabelMap, MapExtent, Size};
use facemask_core::svg::cut_photo;
use facemask_core::trace::TraceInput;
use facemask_image::{LabelImage, decode_label_map_of, explain_exchange};

use crate::mask::{FaceMask, crop_window};
use crate::options::{Limits, Options};
use crate::photo::{PhotoFile, PhotoFrame, PhotoSource, encode_crop};
use crate::response_json::ResponseTail;

/// A decoded input, without the pixels of the photo. Label map and landmarks are in the image frame.
pub(crate) struct DecodedInput {
    pub(crate) frame: PhotoFrame,
    /// The label map; without it the landmarks outline the regions.
    pub(crate) map: Option<LabelImage>,
    pub(crate) faces: Vec<Vec<Point>>,
    /// Where the map lies, for options in the raw frame that the trace cannot evaluate.
    pub(crate) image_from_labels: Option<Affine>,
    decode_ms: f64,
}

/// The files and the landmarks of each face of an input, as sent.
pub(crate) struct EncodedInput<'a> {
    pub(crate) photo: PhotoSource<'a>,
    /// Content of the label map's file, if there is one.
    pub(crate) label_map: Option<&'a [u8]>,
    pub(crate) faces: Vec<Vec<Point>>,
}

/// Options and limits of a trace.
#[derive(Clone, Copy)]
pub(crate) struct Settings<'a> {
    pub(crate) options: &'a Options,
    pub(crate) limits: &'a Limits,
}

/// Inspects the photo and decodes the label map. Label map, its extent and landmarks in the raw frame are oriented
/// like the photo.
///
/// # Errors
///
/// Those of `inspect_image` and `decode_label_map`, and of an extent in the raw frame.
pub(crate) fn decode_input(input: EncodedInput<'_>, settings: Settings<'_>) -> Result<DecodedInput> {
    let Settings { options, limits } = settings;
    let start = Instant::now();
    let explain = |error| match (input.photo, input.label_map) {
        (PhotoSource::File(photo), Some(map)) => explain_exchange(error, photo, map, &limits.image),
        _ => error,
    };
    let frame = input.photo.inspect(&limits.image).map_err(explain)?;
    options.check_image_size(frame.oriented_size().into())?;
    let photo_size = if options.is_raw_frame { frame.stored_size } else { frame.oriented_size() };
    let (mut map, mut image_from_labels) = (None, None);
    if let Some(file) = input.label_map {
        // A document of another extent has its own size.
        let photo_size = options.trace.map_extent.is_default().then_some(photo_size);
        let palette = options.palette.as_deref();
        let decoded = decode_label_map_of(file, &limits.image, palette, photo_size).map_err(explain)?;
        if options.is_raw_frame {
            image_from_labels = orient_extent(&decoded, &frame, &options.trace.map_extent)?;
            map = Some(orient_map(decoded, &frame));
        } else {
            map = Some(decoded);
        }
    } else {
        options.check_without_map()?;
    }
    let faces = if options.is_raw_frame {
        let orient = |points| orient_points(points, &frame, options.trace.landmark_units);
        input.faces.into_iter().map(orient).collect()
    } else {
        input.faces
    };
    Ok(DecodedInput { frame, map, faces, image_from_labels, decode_ms: milliseconds(start.elapsed()) })
}

/// Traces the face, and serializes the response if `with_response` is set. The pixels of the photo are
/// decoded only if the options embed or measure them, or ask for the crop.
///
/// # Errors
///
/// Those of `trace_face` of the core, and those of decoding the photo if it is embedded.
pub(crate) fn trace_input(
    input: &DecodedInput,
    photo: PhotoSource<'_>,
    settings: Settings<'_>,
    with_response: bool,
) -> Result<FaceMask> {
    let Settings { options, limits } = settings;
    let start = Instant::now();
    let (map, frame) = (input.map.as_ref(), &input.frame);
    if options.reads_photo() {
        // The pixels are decoded last, but a photo above the limit is an error before anything is traced.
        let (width, height) = frame.stored_size;
        limits.image.check_decode(width, height)?;
    }
    let data = if options.reads_photo() { photo.file()? } else { &[] };
    let photo = PhotoFile::new(frame.oriented_size(), data, &limits.image);
    let trace_input = TraceInput {
        labels: map.map(view_map).transpose()?,
        parser: options.parser_input(&photo),
        faces: &input.faces,
        image_size: frame.oriented_size().into(),
        image_from_labels: input.image_from_labels,
        photo: options.embeds_crop.then_some(&photo as _),
        color_photo: options.measures_color.then_some(&photo as _),
    };
    let trace_options =
        map.map_or_else(|| options.with_limits(limits), |map| options.with_names(&map.names, limits));
    let mut mask = facemask_core::trace::trace_face(&trace_input, &trace_options)?;
    let crop_jpeg = if options.has_crop_image {
        let pixels = cut_photo(&photo, crop_window(&mask), trace_options.max_embed_pixels, "crop_image")?;
        encode_crop(mask.crop_size, &pixels)?
    } else {
        Vec::new()
    };
    mask.warnings.splice(..0, map.into_iter().flat_map(|map| map.warnings.iter().cloned()));
    let response =
        if with_response { Some(ResponseTail::serialize(&mask, options.with_landmarks)?) } else { None };
    let decode_time = photo.decode_time();
    let timings = [
        ("decode", input.decode_ms + milliseconds(decode_time)),
        ("trace", milliseconds(start.elapsed().saturating_sub(decode_time))),
    ];
    Ok(FaceMask { mask, timings_ms: BTreeMap::from(timings), response, crop_jpeg })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn view_map(map: &LabelImage) -> Result<LabelMap<'_>> {
    LabelMap::new(map.width as usize, map.height as usize, &map.labels)
}

/// Applies the photo's EXIF orientation to a label map in the raw frame.
fn orient_map(map: LabelImage, frame: &PhotoFrame) -> LabelImage {
    let (width, height) = frame.orientation.apply_to_size(map.width, map.height);
    let labels = frame.orientation.apply_to_pixels::<1>(map.width, map.height, map.labels);
    LabelImage { labels, width, height, ..map }
}

/// Evaluates the extent of a label map in the raw frame, and orients the result: padding at the bottom of the stored
/// photo is at its top when it is turned by half. `None` for a map of the whole photo, whose extent no orientation
/// changes.
fn orient_extent(map: &LabelImage, frame: &PhotoFrame, extent: &MapExtent) -> Result<Option<Affine>> {
    if extent.is_default() {
        return Ok(None);
    }
    let (width, height) = frame.stored_size;
    let raw_image_from_labels = extent.locate(&view_map(map)?, Size::new(width, height))?;
    let image_from_raw = frame.orientation.affine(width, height);
    let oriented_from_map = frame.orientation.affine(map.width, map.height);
    Ok(oriented_from_map.inverse().map(|back| image_from_raw * raw_image_from_labels * back))
}

/// Applies the photo's EXIF orientation to landmarks in the raw frame, in pixels or normalized.
fn orient_points(points: Vec<Point>, frame: &PhotoFrame, units: LandmarkUnits) -> Vec<Point> {
    let is_normalized = units.is_normalized(&points, frame.stored_size.into());
    let (width, height) = if is_normalized { (1, 1) } else { frame.stored_size };
    let oriented_from_raw = frame.orientation.affine(width, height);
    points.into_iter().map(|p| oriented_from_raw.apply(p)).collect()
}
