//! The photo that is shown under the regions, from an array or from a file.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;
use std::time::{Duration, Instant};

use facemask_core::error::Result;
use facemask_core::trace::Photo;
use facemask_image::{Limits, base64, decode_image_rows, encode_jpeg};

/// The quality of an embedded crop: no artefacts to the eye; the sample's crop is a sixth of the size of its PNG.
const EMBED_QUALITY: u8 = 90;

fn encode(width: u32, height: u32, rgb: &[u8]) -> Result<(&'static str, String)> {
    Ok(("image/jpeg", base64::encode(&encode_jpeg(width, height, rgb, EMBED_QUALITY)?)))
}

/// A photo that is decoded already.
pub(crate) struct Pixels<'a> {
    /// Width and height.
    pub(crate) size: (u32, u32),
    pub(crate) pixels: Cow<'a, [u8]>,
}

impl Photo for Pixels<'_> {
    fn size(&self) -> (u32, u32) {
        self.size
    }

    fn pixels(&self, _: Range<u32>) -> Result<Cow<'_, [u8]>> {
        Ok(Cow::Borrowed(&self.pixels))
    }

    fn encode(&self, width: u32, height: u32, rgb: &[u8]) -> Result<(&'static str, String)> {
        encode(width, height, rgb)
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
    fn size(&self) -> (u32, u32) {
        self.size
    }

    fn pixels(&self, rows: Range<u32>) -> Result<Cow<'_, [u8]>> {
        let start = Instant::now();
        let image = decode_image_rows(self.data, self.limits, rows)?;
        self.spent.set(start.elapsed());
        Ok(Cow::Owned(image.pixels))
    }

    fn encode(&self, width: u32, height: u32, rgb: &[u8]) -> Result<(&'static str, String)> {
        encode(width, height, rgb)
    }
}
