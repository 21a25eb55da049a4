//! What the service sends of a traced face, made where the face was traced: with the interpreter released.

use facemask_core::contour::CONNECTIVITY;
use facemask_core::contours_json::contours_json;
use facemask_core::error::{Error, ErrorKind, Result};
use facemask_core::regions::{Region, Symmetry};
use facemask_core::trace::{Schemes, TraceOutput, Warning};
use facemask_image::base64;
use serde::Serialize;

/// The part of an answer that every job with the same input gets.
pub(crate) struct Answer {
    /// JSON from `svg` to `file`, which is null, and the end of the object. Its begin is the job's own.
    pub(crate) json: Vec<u8>,
    /// 32 hexadecimal digits that tell the SVG from every other one.
    pub(crate) svg_digest: String,
}

/// The fields behind the outlines.
#[derive(Serialize)]
struct Told<'a> {
    regions: &'a [Region],
    symmetry: &'a [Symmetry],
    connectivity: u8,
    crop_from_image: [f64; 6],
    size: (u32, u32),
    roll_degrees: f64,
    roll_from: &'a str,
    mirrored: bool,
    schemes: &'a Schemes,
    warnings: &'a [Warning],
    /// The result in another format; only the service knows how to make one.
    file: Option<()>,
}

impl Answer {
    pub(crate) fn of(mask: &TraceOutput) -> Result<Self> {
        let told = serde_json::to_vec(&Told {
            regions: &mask.regions,
            symmetry: &mask.symmetry,
            connectivity: CONNECTIVITY,
            crop_from_image: mask.crop_from_image.0,
            size: mask.size.into(),
            roll_degrees: mask.roll_degrees,
            roll_from: mask.roll_from,
            mirrored: mask.mirrored,
            schemes: &mask.schemes,
            warnings: &mask.warnings,
            file: None,
        });
        let told = told.map_err(|error| Error::new(ErrorKind::Internal, "", error.to_string()))?;
        let svg = base64::encode(mask.svg.as_bytes());
        let contours = contours_json(&mask.contours);
        // The object of `told` goes on where this ends: its brace becomes a comma.
        let json =
            [br#""svg":""#, svg.as_bytes(), br#"","mask_contours":"#, &contours, b",", &told[1..]].concat();
        let digest = blake3::hash(mask.svg.as_bytes()).to_hex();
        Ok(Self { json, svg_digest: digest[..32].to_owned() })
    }
}
