//! JSON of the service's response, serialized by the thread that traced the face, with the GIL released.

use std::collections::BTreeMap;

use facemask_core::contour::CONNECTIVITY;
use facemask_core::contours_json::contours_json;
use facemask_core::error::{Error, ErrorKind, Result};
use facemask_core::raster::Enlargement;
use facemask_core::regions::{Region, Symmetry};
use facemask_core::trace::{Schemes, TraceOutput, Warning};
use facemask_image::base64;
use serde::Serialize;

/// The part of a response that depends on the input only, not on the job.
pub(crate) struct ResponseTail {
    /// The JSON object from `svg` to its closing brace. The last field, `file`, is null. The service writes
    /// the fields before it.
    pub(crate) json: Vec<u8>,
    /// Digest of the SVG, 32 hexadecimal digits.
    pub(crate) svg_digest: String,
}

/// The fields after the contours, in their order.
#[derive(Serialize)]
struct ResponseFields<'a> {
    regions: &'a [Region],
    colors: BTreeMap<String, &'a str>,
    symmetry: &'a [Symmetry],
    connectivity: u8,
    frame: &'a str,
    crop_from_image: [f64; 6],
    size: (u32, u32),
    roll_degrees: f64,
    roll_from: &'a str,
    roll_confidence: f64,
    mirrored: bool,
    schemes: &'a Schemes,
    /// Absent where a label map was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    labels_from: Option<&'a str>,
    /// Absent where they were not asked for, and where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    landmarks: Option<Vec<[f64; 2]>>,
    native_resolution: Option<&'a Enlargement>,
    warnings: &'a [Warning],
    /// The result in an export format, which only the service can render.
    file: Option<()>,
}

/// The color of each region in the drawing, by its id.
pub(crate) fn colors_by_region(mask: &TraceOutput) -> BTreeMap<String, &str> {
    let colors = mask.regions.iter().zip(&mask.colors);
    colors.map(|(region, color)| (region.id.to_string(), color.as_str())).collect()
}

/// As `numpy.round(2)`, which the library's own result uses.
fn round_to_hundredths(coordinate: f64) -> f64 {
    (coordinate * 100.0).round_ties_even() / 100.0
}

impl ResponseTail {
    /// Serializes a trace, with its landmarks if `with_landmarks` is set.
    ///
    /// # Errors
    ///
    /// `internal_error` if a value has no JSON form.
    pub(crate) fn serialize(mask: &TraceOutput, with_landmarks: bool) -> Result<Self> {
        let has_landmarks = with_landmarks && !mask.landmarks.is_empty();
        let landmarks = || mask.landmarks.iter().map(|p| [p.x, p.y].map(round_to_hundredths)).collect();
        let fields = serde_json::to_vec(&ResponseFields {
            regions: &mask.regions,
            colors: colors_by_region(mask),
            symmetry: &mask.symmetry,
            connectivity: CONNECTIVITY,
            frame: mask.frame.name(),
            crop_from_image: mask.crop_from_image.0,
            size: mask.size.into(),
            roll_degrees: mask.roll_degrees,
            roll_from: mask.roll_from,
            roll_confidence: mask.roll_confidence,
            mirrored: mask.mirrored,
            schemes: &mask.schemes,
            labels_from: Some(mask.labels_from).filter(|source| *source != "map"),
            landmarks: has_landmarks.then(landmarks),
            native_resolution: mask.native_resolution.as_ref(),
            warnings: &mask.warnings,
            file: None,
        });
        let fields = fields.map_err(|error| Error::new(ErrorKind::Internal, "", error.to_string()))?;
        let svg = base64::encode(mask.svg.as_bytes());
        let contours = contours_json(&mask.contours);
        // The object in `fields` continues after the contours: a comma replaces its opening brace.
        let json =
            [br#""svg":""#, svg.as_bytes(), br#"","mask_contours":"#, &contours, b",", &fields[1..]].concat();
        let digest = blake3::hash(mask.svg.as_bytes()).to_hex();
        Ok(Self { json, svg_digest: digest[..32].to_owned() })
    }
}
