//! The photo of an input: its file or its inspection, and the pixels of an embedded crop.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::time::{Duration, Instant};

use facemask_core::error::{Error, ErrorKind, Result};
use facemask_core::raster::{PixelRect, Size};
use facemask_core::svg::EmbeddedImage;
use facemask_core::trace::Photo;
use facemask_image::{
    ImageInfo, Limits, Orientation, base64, decode_image_region, encode_jpeg, inspect_image,
};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::options::Options;

/// Result of inspecting a photo's file, in place of the file: sufficient for a trace without an embedded
/// crop. An error is kept and raised by the trace.
#[pyclass(frozen, module = "facemask._core")]
pub(crate) struct InspectedPhoto(Result<ImageInfo>);

impl InspectedPhoto {
    pub(crate) fn inspect(file: &[u8], limits: &Limits) -> Self {
        Self(inspect_image(file, limits))
    }
}

/// Size and orientation of a photo.
#[derive(Clone, Copy)]
pub(crate) struct PhotoFrame {
    /// Width and height in pixels as stored, before the EXIF orientation is applied.
    pub(crate) stored_size: (u32, u32),
    pub(crate) orientation: Orientation,
}

impl PhotoFrame {
    /// (width, height) in pixels after the EXIF orientation: the size of the image frame.
    pub(crate) const fn oriented_size(&self) -> (u32, u32) {
        self.orientation.apply_to_size(self.stored_size.0, self.stored_size.1)
    }
}

impl From<ImageInfo> for PhotoFrame {
    fn from(info: ImageInfo) -> Self {
        Self { stored_size: (info.width, info.height), orientation: info.orientation }
    }
}

/// A photo as Python argument: the bytes of its file, or its inspection.
#[derive(FromPyObject)]
pub(crate) enum PhotoArgument<'py> {
    File(Bound<'py, PyBytes>),
    Inspected(Bound<'py, InspectedPhoto>),
}

impl PhotoArgument<'_> {
    /// The photo, or its size in the options where there is none.
    ///
    /// # Errors
    ///
    /// `option_invalid` without a photo for options that need one, and without its size.
    pub(crate) fn source<'a>(photo: Option<&'a Self>, options: &Options) -> Result<PhotoSource<'a>> {
        match photo {
            Some(Self::File(file)) => Ok(PhotoSource::File(file.as_bytes())),
            Some(Self::Inspected(photo)) => Ok(PhotoSource::Inspected(&photo.get().0)),
            None => options.size_without_photo().map(PhotoSource::Absent),
        }
    }
}

/// A photo without references to Python, for use with the GIL released.
#[derive(Clone, Copy)]
pub(crate) enum PhotoSource<'a> {
    File(&'a [u8]),
    Inspected(&'a Result<ImageInfo>),
    /// No photo, of that size.
    Absent(Size),
}

impl<'a> PhotoSource<'a> {
    /// Returns size and orientation of the photo after a check of its whole file.
    ///
    /// # Errors
    ///
    /// Those of [`inspect_image`].
    pub(crate) fn inspect(self, limits: &Limits) -> Result<PhotoFrame> {
        match self {
            PhotoSource::File(file) => inspect_image(file, limits).map(PhotoFrame::from),
            PhotoSource::Inspected(info) => info.clone().map(PhotoFrame::from),
            PhotoSource::Absent(size) => {
                Ok(PhotoFrame { stored_size: size.into(), orientation: Orientation::Upright })
            }
        }
    }

    /// Returns the bytes of the file.
    ///
    /// # Errors
    ///
    /// `internal_error` if only the inspection was kept.
    pub(crate) fn file(self) -> Result<&'a [u8]> {
        match self {
            PhotoSource::File(file) => Ok(file),
            PhotoSource::Inspected(_) | PhotoSource::Absent(_) => {
                Err(Error::new(ErrorKind::Internal, "image", "a photo that is embedded was not kept"))
            }
        }
    }
}

/// JPEG quality of an embedded crop: without visible artifacts, at a sixth of the size of a PNG.
const EMBED_QUALITY: u8 = 90;

/// Encodes an RGB crop as a JPEG file.
pub(crate) fn encode_crop(size: Size, rgb: &[u8]) -> Result<Vec<u8>> {
    encode_jpeg(size.width, size.height, rgb, EMBED_QUALITY)
}

/// Encodes an RGB crop as a JPEG file in base64.
fn encode_embedded(size: Size, rgb: &[u8]) -> Result<EmbeddedImage> {
    Ok(EmbeddedImage { media_type: "image/jpeg", base64: base64::encode(&encode_crop(size, rgb)?) })
}

/// A photo from an array of RGB pixels.
pub(crate) struct PhotoPixels<'a> {
    /// (width, height) in pixels.
    pub(crate) size: (u32, u32),
    pub(crate) pixels: Cow<'a, [u8]>,
}

impl Photo for PhotoPixels<'_> {
    fn size(&self) -> Size {
        self.size.into()
    }

    fn decode(&self, _: &PixelRect) -> Result<Cow<'_, [u8]>> {
        Ok(Cow::Borrowed(&self.pixels))
    }

    fn encode(&self, size: Size, rgb: &[u8]) -> Result<EmbeddedImage> {
        encode_embedded(size, rgb)
    }
}

/// A photo from its file, decoded on demand.
pub(crate) struct PhotoFile<'a> {
    /// (width, height) in pixels, after the EXIF orientation.
    size: (u32, u32),
    data: &'a [u8],
    limits: &'a Limits,
    /// The pixels of the first region that was asked for: embedding and measuring need the same one.
    decoded: OnceCell<(PixelRect, Vec<u8>)>,
    decode_time: Cell<Duration>,
}

impl<'a> PhotoFile<'a> {
    pub(crate) fn new(size: (u32, u32), data: &'a [u8], limits: &'a Limits) -> Self {
        Self { size, data, limits, decoded: OnceCell::new(), decode_time: Cell::default() }
    }

    /// Time spent decoding.
    pub(crate) fn decode_time(&self) -> Duration {
        self.decode_time.get()
    }
}

impl Photo for PhotoFile<'_> {
    fn size(&self) -> Size {
        self.size.into()
    }

    fn decode(&self, region: &PixelRect) -> Result<Cow<'_, [u8]>> {
        if let Some((_, pixels)) = self.decoded.get().filter(|(own, _)| own == region) {
            return Ok(Cow::Borrowed(pixels));
        }
        let start = Instant::now();
        let pixels = decode_image_region(self.data, self.limits, region)?.pixels;
        self.decode_time.set(self.decode_time.get() + start.elapsed());
        if self.decoded.get().is_some() {
            return Ok(Cow::Owned(pixels));
        }
        let (_, pixels) = self.decoded.get_or_init(|| (region.clone(), pixels));
        Ok(Cow::Borrowed(pixels))
    }

    fn encode(&self, size: Size, rgb: &[u8]) -> Result<EmbeddedImage> {
        encode_embedded(size, rgb)
    }
}
