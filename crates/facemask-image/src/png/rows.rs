//! Unfiltered rows of a PNG with their samples as stored: no scaling, no palette expansion, interlaced rows
//! one by one.

use facemask_core::error::Result;

use super::chunks::{PngHeader, PngLayout};
use super::filter::{PAETH, unfilter};
use super::inflate::for_each_filtered_row;
use super::paeth_simd::unfilter_four_rows;
use crate::catch_panic::catch_panic;
use crate::input_kind::InputKind;

/// One Adam7 pass, or the whole picture if it is not interlaced. Positions and sizes are in pixels.
#[derive(Clone, Copy)]
struct InterlacePass {
    x: usize,
    y: usize,
    step_x: usize,
    step_y: usize,
    width: usize,
    height: usize,
}

/// The non-empty passes in file order.
fn passes(header: &PngHeader) -> impl Iterator<Item = InterlacePass> + Clone + use<> {
    // (x, y, step_x, step_y) of Adam7, PNG specification, section 8.
    const ADAM7: [(usize, usize, usize, usize); 7] =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
    const NOT_INTERLACED: [(usize, usize, usize, usize); 1] = [(0, 0, 1, 1)];
    let (w, h) = (header.width as usize, header.height as usize);
    let table: &[_] = if header.interlaced { &ADAM7 } else { &NOT_INTERLACED };
    table
        .iter()
        .map(move |&(x, y, step_x, step_y)| InterlacePass {
            x,
            y,
            step_x,
            step_y,
            width: w.saturating_sub(x).div_ceil(step_x),
            height: h.saturating_sub(y).div_ceil(step_y),
        })
        .filter(|pass| pass.width > 0 && pass.height > 0)
}

/// One unfiltered row of a pass: pixel i belongs to column `x + i * step` of row `y` of the picture.
pub(crate) struct PixelRow<'a> {
    pub(crate) bytes: &'a [u8],
    /// Number of pixels in `bytes`.
    pub(crate) width: usize,
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) step: usize,
}

/// Lengths in bytes of the filtered rows in file order, filter bytes included.
fn filtered_lengths(header: &PngHeader) -> impl Iterator<Item = usize> + Clone + use<> {
    let header = *header;
    passes(&header).flat_map(move |pass| std::iter::repeat_n(1 + header.row_bytes(pass.width), pass.height))
}

/// Distance in bytes between a sample and that of the pixel to its left, at least 1.
const fn pixel_bytes(header: &PngHeader) -> usize {
    (header.channels() * header.depth as usize).div_ceil(8)
}

/// The part of a picture that is decoded: the first `rows` rows in file order, and the first `columns` pixels of
/// each. In an interlaced picture these are rows of the passes.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

impl Extent {
    /// The whole picture, whatever its size.
    pub(crate) const FULL: Self = Self { columns: usize::MAX, rows: usize::MAX };
}

/// Calls `sink` with each row inside `extent`, in file order.
///
/// # Errors
///
/// Those of `sink`, and the "corrupt" error of `kind` for damaged pixel data, possibly after the last row.
/// Data beyond `extent` is not checked.
pub(crate) fn for_each_row(
    kind: InputKind,
    data: &[u8],
    layout: &PngLayout,
    extent: Extent,
    mut sink: impl FnMut(&PixelRow) -> Result<()>,
) -> Result<()> {
    let header = &layout.header;
    let mut batch = RowBatch::new(kind, header, extent.columns);
    let mut rows =
        passes(header).flat_map(|pass| (0..pass.height).map(move |index| RowPosition { pass, index }));
    catch_panic(kind, "PNG", || {
        for_each_filtered_row(kind, data, layout, filtered_lengths(header), extent.rows, |filtered| {
            let Some(position) = rows.next() else { return Ok(()) };
            batch.push(filtered, position, &mut sink)
        })?;
        batch.flush(&mut sink)
    })
}

/// A row by its pass and its index within the pass.
#[derive(Clone, Copy)]
struct RowPosition {
    pass: InterlacePass,
    index: usize,
}

/// A row of the batch: its filter type and its position.
struct PendingRow {
    filter: u8,
    position: RowPosition,
}

/// Filtered rows of one pass that wait to be unfiltered together: four Paeth rows are restored at once.
struct RowBatch {
    kind: InputKind,
    header: PngHeader,
    /// Pixels of a row that are decoded. A row is restored from left to right, so the rest is not needed.
    columns: usize,
    pixel_bytes: usize,
    /// Bytes reserved for each row in `bytes`.
    stride: usize,
    /// The restored row above the batch, then the pending rows.
    bytes: Vec<u8>,
    pending: Vec<PendingRow>,
    /// Bytes of each pending row.
    length: usize,
}

impl RowBatch {
    fn new(kind: InputKind, header: &PngHeader, columns: usize) -> Self {
        let stride = header.row_bytes(columns.min(header.width as usize)).max(1);
        Self {
            kind,
            header: *header,
            columns,
            pixel_bytes: pixel_bytes(header),
            stride,
            bytes: vec![0; 5 * stride],
            pending: Vec::with_capacity(4),
            length: 0,
        }
    }

    /// Adds a filtered row. The batch is flushed when it has four rows, and after any row that is not Paeth.
    fn push(
        &mut self,
        filtered: &[u8],
        position: RowPosition,
        sink: &mut impl FnMut(&PixelRow) -> Result<()>,
    ) -> Result<()> {
        if position.index == 0 {
            self.flush(sink)?;
            self.bytes[..self.stride].fill(0);
        }
        self.length = self.header.row_bytes(position.pass.width.min(self.columns));
        let start = (self.pending.len() + 1) * self.stride;
        self.bytes[start..start + self.length].copy_from_slice(&filtered[1..][..self.length]);
        self.pending.push(PendingRow { filter: filtered[0], position });
        if filtered[0] == PAETH && self.pending.len() < 4 { Ok(()) } else { self.flush(sink) }
    }

    /// Restores all pending rows and passes them to `sink`.
    fn flush(&mut self, sink: &mut impl FnMut(&PixelRow) -> Result<()>) -> Result<()> {
        let (stride, length) = (self.stride, self.length);
        let mut rows = self.bytes.chunks_exact_mut(stride).map(|row| &mut row[..length]);
        let are_four_paeth = self.pending.len() == 4 && self.pending.iter().all(|row| row.filter == PAETH);
        let is_restored = match (rows.next(), rows.next(), rows.next(), rows.next(), rows.next()) {
            (Some(above), Some(a), Some(b), Some(c), Some(d)) if are_four_paeth => {
                unfilter_four_rows(self.pixel_bytes, above, [a, b, c, d])
            }
            _ => false,
        };
        for (index, &PendingRow { filter, position: RowPosition { pass, index: row_index } }) in
            self.pending.iter().enumerate()
        {
            let (done, rest) = self.bytes.split_at_mut((index + 1) * stride);
            if !is_restored {
                let above = &done[index * stride..][..length];
                unfilter(self.kind, filter, self.pixel_bytes, above, &mut rest[..length])?;
            }
            let y = pass.y + row_index * pass.step_y;
            sink(&PixelRow {
                bytes: &rest[..length],
                width: pass.width.min(self.columns),
                x: pass.x,
                y,
                step: pass.step_x,
            })?;
        }
        let last = self.pending.len() * stride;
        self.bytes.copy_within(last..last + length, 0);
        self.pending.clear();
        Ok(())
    }
}

/// Decodes a picture that has one byte per pixel and is not interlaced: `width * height` bytes, unfiltered in
/// place.
pub(crate) fn read_byte_pixels(kind: InputKind, data: &[u8], layout: &PngLayout) -> Result<Vec<u8>> {
    let (width, height) = (layout.header.width as usize, layout.header.height as usize);
    let mut pixels = vec![0; width * height];
    let zeros = vec![0; width];
    let mut y = 0;
    catch_panic(kind, "PNG", || {
        let lengths = filtered_lengths(&layout.header);
        for_each_filtered_row(kind, data, layout, lengths, Extent::FULL.rows, |filtered| {
            let (done, rest) = pixels.split_at_mut(y * width);
            let above = done.rchunks_exact(width).next().unwrap_or(&zeros);
            let Some(row) = rest.get_mut(..width) else { return Ok(()) };
            row.copy_from_slice(&filtered[1..]);
            y += 1;
            unfilter(kind, filtered[0], 1, above, row)
        })
    })?;
    Ok(pixels)
}
