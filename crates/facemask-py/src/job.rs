//! One job from bytes to a traced face: decode what is needed, trace. Runs with the interpreter released.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use facemask_core::error::Result;
use facemask_core::face::LandmarkUnits;
use facemask_core::geometry::Point;
use facemask_core::raster::{LabelMap, Size};
use facemask_core::trace::TraceInput;
use facemask_image::{ImageInfo, LabelImage, decode_label_map};

use crate::answer::Answer;
use crate::mask::FaceMask;
use crate::options::{Limits, Options};
use crate::photo::{File, Source};

/// A job's input, decoded as far as every trace needs it; map and landmarks are in the image frame.
pub(crate) struct Prepared {
    pub(crate) info: ImageInfo,
    pub(crate) map: LabelImage,
    pub(crate) landmarks: Option<Vec<Point>>,
    milliseconds: f64,
}

/// Looks through the photo's file and decodes the label map.
pub(crate) fn prepare(
    photo: Source<'_>,
    label_map: &[u8],
    landmarks: Option<Vec<Point>>,
    options: &Options,
    limits: &Limits,
) -> Result<Prepared> {
    let start = Instant::now();
    let info = photo.inspect(&limits.image)?;
    let mut map = decode_label_map(label_map, &limits.image, options.palette.as_deref())?;
    let landmarks = if options.raw_frame {
        map = turn_map(map, &info);
        landmarks.map(|points| turn_points(points, &info, options.trace.landmark_units))
    } else {
        landmarks
    };
    Ok(Prepared { info, map, landmarks, milliseconds: milliseconds(start.elapsed()) })
}

/// Traces the face, and makes what the service sends of it if it is to be `answered`. The photo's pixels are only decoded
/// if they are embedded.
pub(crate) fn trace(
    prepared: &Prepared,
    photo: Source<'_>,
    (options, limits): (&Options, &Limits),
    answered: bool,
) -> Result<FaceMask> {
    let start = Instant::now();
    let (map, info) = (&prepared.map, &prepared.info);
    if options.embed {
        // Its pixels come last: a photo that is too large is told before anything is traced.
        limits.image.check_decode(info.width, info.height)?;
    }
    let data = if options.embed { photo.file()? } else { &[] };
    let photo = File { size: info.oriented_size(), data, limits: &limits.image, spent: Cell::default() };
    let input = TraceInput {
        labels: LabelMap::new(map.width as usize, map.height as usize, &map.labels)?,
        landmarks: prepared.landmarks.as_deref(),
        image_size: info.oriented_size().into(),
        photo: options.embed.then_some(&photo as _),
    };
    let mask = facemask_core::trace::trace_face(&input, &options.limited(limits))?;
    let answer = if answered { Some(Answer::of(&mask)?) } else { None };
    let decoding = photo.spent.get();
    let timings = [
        ("decode", prepared.milliseconds + milliseconds(decoding)),
        ("trace", milliseconds(start.elapsed().saturating_sub(decoding))),
    ];
    Ok(FaceMask { mask, timings_ms: BTreeMap::from(timings), answer })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A map in the frame of the stored photo, turned as the photo is.
fn turn_map(map: LabelImage, info: &ImageInfo) -> LabelImage {
    let (width, height) = info.orientation.apply_to_size(map.width, map.height);
    let labels = info.orientation.apply_to_pixels::<1>(map.width, map.height, map.labels);
    LabelImage { labels, width, height, ..map }
}

/// Landmarks in the frame of the stored photo, moved as the photo is.
fn turn_points(points: Vec<Point>, info: &ImageInfo, units: LandmarkUnits) -> Vec<Point> {
    let is_normalized = units.is_normalized(&points, Size::new(info.width, info.height));
    let (width, height) = if is_normalized { (1, 1) } else { (info.width, info.height) };
    let turn = info.orientation.affine(width, height);
    points.into_iter().map(|p| turn.apply(p)).collect()
}
