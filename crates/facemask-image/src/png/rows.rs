//! The rows of a PNG as they are stored: no scaling, no palette expansion, interlaced rows one by one.

use facemask_core::error::Result;

use super::chunks::{Header, Layout};
use super::filter::{PAETH, unfilter, unfilter_four};
use super::stream::for_each_stored_row;
use crate::guard::guarded;
use crate::role::Role;

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
    role: Role,
    data: &[u8],
    layout: &Layout,
    wanted: (usize, usize),
    mut sink: impl FnMut(&Row) -> Result<()>,
) -> Result<()> {
    let header = &layout.header;
    let mut batch = Batch::new(role, header, wanted.0);
    let mut places = passes(header).flat_map(|pass| (0..pass.height).map(move |line| (pass, line)));
    guarded(role, "PNG", || {
        for_each_stored_row(role, data, layout, stored_lengths(header), wanted.1, |stored| {
            let Some(place) = places.next() else { return Ok(()) };
            batch.add(stored, place, &mut sink)
        })?;
        batch.hand_over(&mut sink)
    })
}

/// Rows that wait for their like: four with the Paeth filter are put back at once.
struct Batch {
    role: Role,
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
    fn new(role: Role, header: &Header, columns: usize) -> Self {
        let longest = header.row_bytes(columns.min(header.width as usize)).max(1);
        let (pixel, bytes) = (pixel_bytes(header), vec![0; (1 + BATCH) * longest]);
        Self {
            role,
            header: *header,
            columns,
            pixel,
            longest,
            bytes,
            waiting: Vec::with_capacity(BATCH),
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
        if stored[0] == PAETH && self.waiting.len() < BATCH { Ok(()) } else { self.hand_over(sink) }
    }

    /// Puts the bytes of all rows that wait back in place, and lets them go.
    fn hand_over(&mut self, sink: &mut impl FnMut(&Row) -> Result<()>) -> Result<()> {
        let (longest, length) = (self.longest, self.length);
        let (above, rooms) = self.bytes.split_at_mut(longest);
        let filters = self.waiting.iter().map(|&(filter, ..)| filter);
        put_back(self.role, filters, self.pixel, &above[..length], (rooms, longest))?;
        let rooms = self.bytes.chunks_exact(longest).skip(1);
        for (&(_, pass, line), room) in self.waiting.iter().zip(rooms) {
            let y = pass.y + line * pass.step_y;
            sink(&Row {
                bytes: &room[..length],
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

/// Undoes the filters of rows that follow each other, as many as there are filters. `above` is the row before them; each
/// row is as long and lies at the start of a room of `room` bytes.
fn put_back<'a>(
    role: Role,
    filters: impl ExactSizeIterator<Item = u8> + Clone,
    pixel: usize,
    mut above: &'a [u8],
    (rooms, room): (&'a mut [u8], usize),
) -> Result<()> {
    let length = above.len();
    if filters.len() == BATCH && filters.clone().all(|filter| filter == PAETH) {
        let mut rows = rooms.chunks_exact_mut(room).map(|room| &mut room[..length]);
        if let [Some(a), Some(b), Some(c), Some(d)] = [rows.next(), rows.next(), rows.next(), rows.next()]
            && unfilter_four(pixel, above, [a, b, c, d])
        {
            return Ok(());
        }
    }
    for (filter, room) in filters.zip(rooms.chunks_exact_mut(room)) {
        unfilter(role, filter, pixel, above, &mut room[..length])?;
        above = &room[..length];
    }
    Ok(())
}

/// How many rows with the Paeth filter are put back at once.
const BATCH: usize = 4;

/// The bytes of all pixels of a picture that is not interlaced and has 8-bit samples, with no copy in between. What is not
/// `wanted`, columns and rows, is zero.
pub(crate) fn read_bytes(
    role: Role,
    data: &[u8],
    layout: &Layout,
    wanted: (usize, usize),
) -> Result<Vec<u8>> {
    let header = &layout.header;
    let (width, pixel) = (header.width as usize, pixel_bytes(header));
    let (stride, length) = (width * pixel, width.min(wanted.0) * pixel);
    // Zeros, and not what is appended row by row: of a large picture the rows behind the last one wanted cost nothing then.
    let mut pixels = vec![0; stride * header.height as usize];
    let zeros = vec![0; length];
    let mut filters = Vec::with_capacity(BATCH);
    let mut done = 0;
    let mut settle = |pixels: &mut [u8], filters: &mut Vec<u8>| {
        let (above, rest) = pixels.split_at_mut(done * stride);
        let above = above.rchunks_exact(stride).next().map_or(&zeros[..], |row| &row[..length]);
        put_back(role, filters.iter().copied(), pixel, above, (rest, stride))?;
        done += filters.len();
        filters.clear();
        Ok(())
    };
    let mut rooms = 0;
    guarded(role, "PNG", || {
        for_each_stored_row(role, data, layout, stored_lengths(header), wanted.1, |stored| {
            let Some(room) = pixels.get_mut(rooms * stride..(rooms + 1) * stride) else { return Ok(()) };
            room[..length].copy_from_slice(&stored[1..][..length]);
            rooms += 1;
            filters.push(stored[0]);
            if stored[0] == PAETH && filters.len() < BATCH {
                return Ok(());
            }
            settle(&mut pixels, &mut filters)
        })?;
        settle(&mut pixels, &mut filters)
    })?;
    Ok(pixels)
}
