//! Landmark files as data sets and tools write them: bytes in, the points of every face out.
//!
//! The content of a file tells its form, never its name or media type. JSON is only recognized and decoded to text:
//! its many shapes are read in one place, the Python function `landmark_array`.
//!
//! Sizes, counts and depths have limits, which are checked before anything is allocated for them. A file that is
//! truncated, damaged or contradicts its head is an error; no point is guessed or filled in. Errors name the line, never
//! a coordinate: landmarks are biometric data, and errors are logged.
//!
//! ```
//! use facemask_landmarks::{LandmarkContent, LandmarkForm, read_landmark_file};
//!
//! let file = read_landmark_file(b"version: 1\nn_points: 2\n{\n1 1\n11.5 21\n}\n")?;
//! assert_eq!(file.form, LandmarkForm::Pts);
//! let LandmarkContent::Faces(faces) = file.content else { unreachable!() };
//! // The file counts pixels from 1: (1, 1) is the center of the first pixel, which is (0.5, 0.5) here.
//! assert_eq!((faces[0][0].x, faces[0][1].x, faces[0][1].y), (0.5, 11.0, 20.5));
//! # Ok::<(), facemask_core::error::Error>(())
//! ```

mod columns;
mod csv;
mod foreign_file;
mod foreign_text;
mod landmark_file;
mod matrix;
mod matrix_shape;
mod npy;
mod numbers;
mod pts;
mod rows;
mod text;
mod text_form;
mod xml;

use facemask_core::error::Result;
pub use landmark_file::{LandmarkContent, LandmarkFile, LandmarkForm, MAX_BYTES, MAX_LINES, MAX_POINTS};
use landmark_file::{check_size, invalid};

/// Reads a landmark file of any form.
///
/// Coordinates are those of the file, in its units, except that half a pixel is subtracted where a form counts pixels
/// from 1; see [`LandmarkForm::first_pixel`].
///
/// # Errors
///
/// `landmarks_invalid`, field `landmarks`: a file of another kind, with the way to convert it where there is one; an
/// empty, truncated or damaged file; several pictures in one file; more than [`MAX_BYTES`], [`MAX_LINES`] or
/// [`MAX_POINTS`]; numbers that are not finite or exceed a million.
pub fn read_landmark_file(data: &[u8]) -> Result<LandmarkFile> {
    if data.is_empty() {
        return Err(invalid("the file is empty"));
    }
    if data.starts_with(facemask_image::npy::SIGNATURE) {
        check_size(data.len())?;
        return LandmarkFile::from_faces(LandmarkForm::Npy, npy::read(data)?);
    }
    if let Some(detail) = foreign_file::describe(data) {
        return Err(invalid(detail));
    }
    let text = text::decode(data)?;
    if let Some(detail) = foreign_text::describe(&text.text) {
        return Err(invalid(detail));
    }
    if text_form::is_json(&text.text) {
        if !text.is_exact {
            return Err(invalid("is JSON, but not in UTF-8, UTF-16 or UTF-32"));
        }
        let content = LandmarkContent::Json(text.text.into_owned());
        return Ok(LandmarkFile { form: LandmarkForm::Json, content });
    }
    check_size(data.len())?;
    let (form, faces) = text_form::read(&text.text)?;
    LandmarkFile::from_faces(form, faces)
}
