//! The rows of a PNG as they are stored: no scaling, no palette expansion, interlaced rows one by one.

use std::io::{
    BufRead, Error as IoError, ErrorKind as IoErrorKind, Read, Result as IoResult, Seek, SeekFrom,
};

use facemask_core::error::Result;

use super::chunks::{Header, Layout};
use super::stream::check_stream;
use crate::guard::guarded;
use crate::role::Role;

/// The pixels of one Adam7 pass, or of the whole picture when it is not interlaced.
#[derive(Clone, Copy)]
pub(crate) struct Pass {
    x: usize,
    y: usize,
    step_x: usize,
    step_y: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// The non-empty passes in the order of the file.
pub(crate) fn passes(header: &Header) -> impl Iterator<Item = Pass> + use<> {
    // (x, y, step_x, step_y) of the PNG standard's section on interlacing.
    const ADAM7: [(usize, usize, usize, usize); 7] =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
    const WHOLE: [(usize, usize, usize, usize); 1] = [(0, 0, 1, 1)];
    let (w, h) = (header.width as usize, header.height as usize);
    let table: &[_] = if header.interlaced { &ADAM7 } else { &WHOLE };
    table
        .iter()
        .map(move |&(x, y, step_x, step_y)| Pass {
            x,
            y,
            step_x,
            step_y,
            width: w.saturating_sub(x).div_ceil(step_x),
            height: h.saturating_sub(y).div_ceil(step_y),
        })
        .filter(|pass| pass.width > 0 && pass.height > 0)
}

/// One stored row and where its pixels belong: pixel i at column `x + i * step` of row `y`.
pub(crate) struct Row<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) width: usize,
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) step: usize,
}

type Decoder<'a> = ::png::Reader<Parts<'a>>;

fn open<'a>(role: Role, data: &'a [u8], layout: &Layout) -> Result<Decoder<'a>> {
    let mut options = ::png::DecodeOptions::default();
    // CRCs and the stream's checksum have been checked before: once is enough.
    options.set_ignore_checksums(true);
    let decoder = ::png::Decoder::new_with_options(Parts::new(data, layout), options);
    decoder.read_info().map_err(|error| corrupt(role, &error))
}

fn corrupt(role: Role, error: &::png::DecodingError) -> facemask_core::error::Error {
    role.corrupt(format!("the PNG's pixels cannot be read: {error}"))
}

/// Hands every stored row to `sink`, in the order of the file. The whole stream is checked first.
pub(crate) fn for_each_row(
    role: Role,
    data: &[u8],
    layout: &Layout,
    mut sink: impl FnMut(&Row) -> Result<()>,
) -> Result<()> {
    guarded(role, "PNG", || {
        check_stream(role, data, layout)?;
        let mut reader = open(role, data, layout)?;
        let mut buffer = vec![0; layout.header.row_bytes(layout.header.width as usize)];
        for pass in passes(&layout.header) {
            for line in 0..pass.height {
                reader.read_row(&mut buffer).map_err(|error| corrupt(role, &error))?;
                let bytes = &buffer[..layout.header.row_bytes(pass.width)];
                let y = pass.y + line * pass.step_y;
                sink(&Row { bytes, width: pass.width, x: pass.x, y, step: pass.step_x })?;
            }
        }
        Ok(())
    })
}

/// The pixels of a picture with one byte per pixel that is not interlaced, with no copy in between.
pub(crate) fn read_bytes(role: Role, data: &[u8], layout: &Layout) -> Result<Vec<u8>> {
    let (width, height) = (layout.header.width as usize, layout.header.height as usize);
    guarded(role, "PNG", || {
        check_stream(role, data, layout)?;
        let mut reader = open(role, data, layout)?;
        let mut pixels = vec![0; width * height];
        for row in pixels.chunks_exact_mut(width) {
            reader.read_row(row).map_err(|error| corrupt(role, &error))?;
        }
        Ok(pixels)
    })
}

/// The file without its metadata, as a reader: only the chunks that make pixels reach the decoder, so no
/// compressed comment or profile is ever unpacked and an animation is its first picture.
struct Parts<'a> {
    slices: Vec<&'a [u8]>,
    next: usize,
}

impl<'a> Parts<'a> {
    fn new(data: &'a [u8], layout: &Layout) -> Self {
        let ranges = std::iter::once(&layout.head)
            .chain(&layout.tables)
            .chain([&layout.pixel_chunks, &layout.end])
            .cloned();
        Self { slices: ranges.map(|range| &data[range]).collect(), next: 0 }
    }
}

impl Read for Parts<'_> {
    fn read(&mut self, out: &mut [u8]) -> IoResult<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Parts<'_> {
    fn fill_buf(&mut self) -> IoResult<&[u8]> {
        while self.slices.get(self.next).is_some_and(|slice| slice.is_empty()) {
            self.next += 1;
        }
        Ok(self.slices.get(self.next).copied().unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        if let Some(slice) = self.slices.get_mut(self.next) {
            *slice = &slice[count.min(slice.len())..];
        }
    }
}

impl Seek for Parts<'_> {
    /// The decoder asks for a reader that can seek but reads straight through.
    fn seek(&mut self, _: SeekFrom) -> IoResult<u64> {
        Err(IoError::from(IoErrorKind::Unsupported))
    }
}
