//! The rows of a PNG as they are stored: no scaling, no palette expansion, interlaced rows one by one.

use facemask_core::error::Result;

use super::chunks::{Header, Layout};
use super::filter::{PAETH, unfilter, unfilter_four};
use super::inflate::for_each_stored_row;
use crate::catch_panic::catch_panic;
use crate::input_kind::InputKind;

/// The pixels of one Adam7 pass, or of the whole picture when it is not interlaced.
#[derive(Clone, Copy)]
struct Pass {
    x: usize,
    y: usize,
    step_x: usize,
    step_y: usize,
    width: usize,
    height: usize,
}

/// The non-empty passes in the order of the file.
fn passes(header: &Header) -> impl Iterator<Item = Pass> + Clone + use<> {
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

/// How long the rows are as they are stored: each has a byte for its filter.
fn stored_lengths(header: &Header) -> impl Iterator<Item = usize> + Clone + use<> {
    let header = *header;
    passes(&header).flat_map(move |pass| std::iter::repeat_n(1 + header.row_bytes(pass.width), pass.height))
}

/// The bytes between a byte and that of the pixel to its left.
const fn pixel_bytes(header: &Header) -> usize {
    (header.channels() * header.depth as usize).div_ceil(8)
}

/// All columns and rows of every picture.
pub(crate) const WHOLE: (usize, usize) = (usize::MAX, usize::MAX);

/// Hands the first rows to `sink`, in the order of the file, and of each of them the first pixels: as many of both as
/// `wanted`, columns and rows, says. Of an interlaced picture they are rows and pixels of its passes. That the file is
/// damaged may be told only behind the last row, and is not told when they are not all.
pub(crate) fn for_each_row(
    kind: InputKind,
    data: &[u8],
    layout: &Layout,
    wanted: (usize, usize),
    mut sink: impl FnMut(&Row) -> Result<()>,
) -> Result<()> {
    let header = &layout.header;
    let mut batch = Batch::new(kind, header, wanted.0);
    let mut places = passes(header).flat_map(|pass| (0..pass.height).map(move |line| (pass, line)));
    catch_panic(kind, "PNG", || {
        for_each_stored_row(kind, data, layout, stored_lengths(header), wanted.1, |stored| {
            let Some(place) = places.next() else { return Ok(()) };
            batch.add(stored, place, &mut sink)
        })?;
        batch.hand_over(&mut sink)
    })
}

/// Rows that wait for their like: four with the Paeth filter are put back at once.
struct Batch {
    kind: InputKind,
    header: Header,
    /// How many pixels of a row are wanted. Those behind them say nothing about them.
    columns: usize,
    pixel: usize,
    /// Bytes of a row's room: that of the row above, then those of the rows that wait.
    longest: usize,
    bytes: Vec<u8>,
    waiting: Vec<(u8, Pass, usize)>,
    /// Bytes of each row that waits: they are of the same pass.
    length: usize,
}

impl Batch {
    fn new(kind: InputKind, header: &Header, columns: usize) -> Self {
        let longest = header.row_bytes(columns.min(header.width as usize)).max(1);
        let (pixel, bytes) = (pixel_bytes(header), vec![0; 5 * longest]);
        Self {
            kind,
            header: *header,
            columns,
            pixel,
            longest,
            bytes,
            waiting: Vec::with_capacity(4),
            length: 0,
        }
    }

    fn add(
        &mut self,
        stored: &[u8],
        (pass, line): (Pass, usize),
        sink: &mut impl FnMut(&Row) -> Result<()>,
    ) -> Result<()> {
        if line == 0 {
            self.hand_over(sink)?;
            self.bytes[..self.longest].fill(0);
        }
        self.length = self.header.row_bytes(pass.width.min(self.columns));
        let start = (self.waiting.len() + 1) * self.longest;
        self.bytes[start..start + self.length].copy_from_slice(&stored[1..][..self.length]);
        self.waiting.push((stored[0], pass, line));
        if stored[0] == PAETH && self.waiting.len() < 4 { Ok(()) } else { self.hand_over(sink) }
    }

    /// Puts the bytes of all rows that wait back in place, and lets them go.
    fn hand_over(&mut self, sink: &mut impl FnMut(&Row) -> Result<()>) -> Result<()> {
        let (longest, length) = (self.longest, self.length);
        let mut rooms = self.bytes.chunks_exact_mut(longest).map(|room| &mut room[..length]);
        let all_alike = self.waiting.len() == 4 && self.waiting.iter().all(|&(filter, ..)| filter == PAETH);
        let at_once = match (rooms.next(), rooms.next(), rooms.next(), rooms.next(), rooms.next()) {
            (Some(above), Some(a), Some(b), Some(c), Some(d)) if all_alike => {
                unfilter_four(self.pixel, above, [a, b, c, d])
            }
            _ => false,
        };
        for (index, &(filter, pass, line)) in self.waiting.iter().enumerate() {
            let (done, rest) = self.bytes.split_at_mut((index + 1) * longest);
            if !at_once {
                let above = &done[index * longest..][..length];
                unfilter(self.kind, filter, self.pixel, above, &mut rest[..length])?;
            }
            let y = pass.y + line * pass.step_y;
            sink(&Row {
                bytes: &rest[..length],
                width: pass.width.min(self.columns),
                x: pass.x,
                y,
                step: pass.step_x,
            })?;
        }
        let last = self.waiting.len() * longest;
        self.bytes.copy_within(last..last + length, 0);
        self.waiting.clear();
        Ok(())
    }
}

/// The pixels of a picture with one byte per pixel that is not interlaced, with no copy in between.
pub(crate) fn read_bytes(kind: InputKind, data: &[u8], layout: &Layout) -> Result<Vec<u8>> {
    let (width, height) = (layout.header.width as usize, layout.header.height as usize);
    let mut pixels = vec![0; width * height];
    let zeros = vec![0; width];
    let mut y = 0;
    catch_panic(kind, "PNG", || {
        for_each_stored_row(kind, data, layout, stored_lengths(&layout.header), WHOLE.1, |stored| {
            let (done, rest) = pixels.split_at_mut(y * width);
            let above = done.rchunks_exact(width).next().unwrap_or(&zeros);
            let Some(row) = rest.get_mut(..width) else { return Ok(()) };
            row.copy_from_slice(&stored[1..]);
            y += 1;
            unfilter(kind, stored[0], 1, above, row)
        })
    })?;
    Ok(pixels)
}
