//! The photo of a job: its file or what is known of it, and the pixels that are shown under the regions.

use std::borrow::Cow;
use std::cell::Cell;
use std::time::{Duration, Instant};

use facemask_core::error::{Error, ErrorKind, Result};
use facemask_core::raster::{PixelRect, Size};
use facemask_core::svg::EmbeddedImage;
use facemask_core::trace::Photo;
use facemask_image::{ImageInfo, Limits, base64, decode_image_part, encode_jpeg, inspect_image};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// What a look through a photo's file has found, in place of the file: all that a job without an embedded crop needs of
/// it. What is wrong with the file is kept for whoever asks.
#[pyclass(frozen, module = "facemask._core")]
pub(crate) struct SeenPhoto(Result<ImageInfo>);

impl SeenPhoto {
    pub(crate) fn of(file: &[u8], limits: &Limits) -> Self {
        Self(inspect_image(file, limits))
    }
}

/// A job's photo as Python has it.
#[derive(FromPyObject)]
pub(crate) enum JobPhoto<'py> {
    File(Bound<'py, PyBytes>),
    Seen(Bound<'py, SeenPhoto>),
}

impl JobPhoto<'_> {
    pub(crate) fn source(&self) -> Source<'_> {
        match self {
            Self::File(file) => Source::File(file.as_bytes()),
            Self::Seen(seen) => Source::Seen(&seen.get().0),
        }
    }
}

/// The same without the interpreter.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    File(&'a [u8]),
    Seen(&'a Result<ImageInfo>),
}

impl<'a> Source<'a> {
    /// What is known of the photo.
    pub(crate) fn inspect(self, limits: &Limits) -> Result<ImageInfo> {
        match self {
            Source::File(file) => inspect_image(file, limits),
            Source::Seen(found) => found.clone(),
        }
    }

    /// The file. A photo that is shown has to be there.
    pub(crate) fn file(self) -> Result<&'a [u8]> {
        match self {
            Source::File(file) => Ok(file),
            Source::Seen(_) => {
                Err(Error::new(ErrorKind::Internal, "image", "a photo that is embedded was not kept"))
            }
        }
    }
}

/// The quality of an embedded crop: no artefacts to the eye; the sample's crop is a sixth of the size of its PNG.
const EMBED_QUALITY: u8 = 90;

fn encode(size: Size, rgb: &[u8]) -> Result<EmbeddedImage> {
    let file = encode_jpeg(size.width, size.height, rgb, EMBED_QUALITY)?;
    Ok(EmbeddedImage { media_type: "image/jpeg", base64: base64::encode(&file) })
}

/// A photo that is decoded already.
pub(crate) struct Pixels<'a> {
    /// Width and height.
    pub(crate) size: (u32, u32),
    pub(crate) pixels: Cow<'a, [u8]>,
}

impl Photo for Pixels<'_> {
    fn size(&self) -> Size {
        self.size.into()
    }

    fn decode(&self, _: &PixelRect) -> Result<Cow<'_, [u8]>> {
        Ok(Cow::Borrowed(&self.pixels))
    }

    fn encode(&self, size: Size, rgb: &[u8]) -> Result<EmbeddedImage> {
        encode(size, rgb)
    }
}

/// A photo in its file.
pub(crate) struct File<'a> {
    /// Width and height as it is shown.
    pub(crate) size: (u32, u32),
    pub(crate) data: &'a [u8],
    pub(crate) limits: &'a Limits,
    /// How long it took to decode.
    pub(crate) spent: Cell<Duration>,
}

impl Photo for File<'_> {
    fn size(&self) -> Size {
        self.size.into()
    }

    fn decode(&self, needed: &PixelRect) -> Result<Cow<'_, [u8]>> {
        let start = Instant::now();
        let image = decode_image_part(self.data, self.limits, needed)?;
        self.spent.set(start.elapsed());
        Ok(Cow::Owned(image.pixels))
    }

    fn encode(&self, size: Size, rgb: &[u8]) -> Result<EmbeddedImage> {
        encode(size, rgb)
    }
}
