//! One job from bytes to a traced face: decode what is needed, trace. Runs with the interpreter released.

use std::collections::BTreeMap;
use std::time::Instant;

use facemask_core::error::Result;
use facemask_core::face::LandmarkUnits;
use facemask_core::geometry::Point;
use facemask_core::raster::{LabelMap, RgbView};
use facemask_core::trace::TraceInput;
use facemask_image::{
    ImageInfo, LabelImage, base64, decode_image, decode_label_map, encode_jpeg, inspect_image,
};

use crate::answer::Answer;
use crate::mask::FaceMask;
use crate::options::{Limits, Options};

/// The quality of an embedded crop: no artefacts to the eye; the sample's crop is a sixth of the size of its PNG.
const EMBED_QUALITY: u8 = 90;

/// Encodes a crop for the SVG.
pub(crate) fn encode_crop(width: u32, height: u32, rgb: &[u8]) -> Result<(&'static str, String)> {
    Ok(("image/jpeg", base64::encode(&encode_jpeg(width, height, rgb, EMBED_QUALITY)?)))
}

/// A job's input, decoded as far as every trace needs it; map and landmarks are in the image frame.
pub(crate) struct Prepared {
    pub(crate) info: ImageInfo,
    pub(crate) map: LabelImage,
    pub(crate) landmarks: Option<Vec<Point>>,
    pub(crate) units: LandmarkUnits,
    milliseconds: f64,
}

/// Looks through the photo's file and decodes the label map.
pub(crate) fn prepare(
    image: &[u8],
    label_map: &[u8],
    landmarks: Option<Vec<Point>>,
    options: &Options,
    limits: &Limits,
) -> Result<Prepared> {
    let start = Instant::now();
    let info = inspect_image(image, &limits.image)?;
    let mut map = decode_label_map(label_map, &limits.image, options.palette.as_deref())?;
    let units = options.trace.landmark_units;
    let landmarks = if options.raw_frame {
        map = turn_map(map, &info);
        landmarks.map(|points| turn_points(points, &info, units))
    } else {
        landmarks
    };
    Ok(Prepared { info, map, landmarks, units, milliseconds: milliseconds(start, Instant::now()) })
}

/// Traces the face, after the photo's pixels are decoded if they are embedded, and makes what the service sends of it if
/// it is to be `answered`.
pub(crate) fn trace(
    prepared: &Prepared,
    image: &[u8],
    (options, limits): (&Options, &Limits),
    answered: bool,
) -> Result<FaceMask> {
    let start = Instant::now();
    let photo = if options.embed { Some(decode_image(image, &limits.image)?) } else { None };
    let decoded = Instant::now();
    let (map, info) = (&prepared.map, &prepared.info);
    let view = photo.as_ref().map(|p| RgbView { width: p.width, height: p.height, pixels: &p.pixels });
    let input = TraceInput {
        labels: LabelMap::new(map.width as usize, map.height as usize, &map.labels)?,
        landmarks: prepared.landmarks.as_deref(),
        image_size: info.oriented_size(),
        photo: view.map(|view| (view, &encode_crop as _)),
    };
    let mask = facemask_core::trace::trace_face(&input, &options.limited(limits))?;
    let answer = if answered { Some(Answer::of(&mask)?) } else { None };
    let timings = [
        ("decode", prepared.milliseconds + milliseconds(start, decoded)),
        ("trace", milliseconds(decoded, Instant::now())),
    ];
    Ok(FaceMask { mask, timings_ms: BTreeMap::from(timings), answer })
}

fn milliseconds(from: Instant, to: Instant) -> f64 {
    (to - from).as_secs_f64() * 1e3
}

/// A map in the frame of the stored photo, turned as the photo is.
fn turn_map(map: LabelImage, info: &ImageInfo) -> LabelImage {
    let (width, height) = info.orientation.apply_to_size(map.width, map.height);
    let labels = info.orientation.apply_to_pixels::<1>(map.width, map.height, map.labels);
    LabelImage { labels, width, height, ..map }
}

/// Landmarks in the frame of the stored photo, moved as the photo is.
fn turn_points(points: Vec<Point>, info: &ImageInfo, units: LandmarkUnits) -> Vec<Point> {
    let ratios = units.are_ratios(&points, (f64::from(info.width), f64::from(info.height)));
    let (width, height) = if ratios { (1, 1) } else { (info.width, info.height) };
    let turn = info.orientation.affine(width, height);
    points.into_iter().map(|p| turn.apply(p)).collect()
}
