//! The compressed pixels of a PNG, unpacked once, row by row, and held against what its header says.

use facemask_core::error::Result;
use fdeflate::Decompressor;

use super::chunks::Layout;
use crate::input_kind::InputKind;

/// How far back a deflate stream may refer.
const WINDOW: usize = 32_768;

/// Unpacks the pixel data and hands over every row as it is stored, its filter byte first. `lengths` are those of the
/// rows, filter bytes included. Refuses a stream that is damaged, or holds fewer or more bytes than these rows; then some
/// rows have been handed over already. Nothing is looked at behind the first `wanted` rows, if they are not all.
///
/// Work ends with the first byte too many: a bomb costs no more than the picture it claims to be. Memory is that of the
/// longest row and a window, whatever the picture's size.
pub(crate) fn for_each_stored_row(
    kind: InputKind,
    data: &[u8],
    layout: &Layout,
    lengths: impl Iterator<Item = usize> + Clone,
    wanted: usize,
    sink: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let add = |(longest, sum, count): (usize, u64, usize), length: usize| {
        (length.max(longest), sum + length as u64, count + 1)
    };
    let (longest, expected, count) = lengths.clone().fold((0, 0, 0), add);
    let mut rows = Rows { lengths: lengths.take(wanted), sink, next: 0, are_all: wanted >= count };
    rows.next = rows.lengths.next().unwrap_or(0);
    let mut stream = Stream {
        inflate: Decompressor::new(),
        buffer: vec![0; WINDOW + longest + 4 * WINDOW],
        taken: 0,
        filled: 0,
        total: 0,
    };
    for (index, range) in layout.pixels.iter().enumerate() {
        let mut input = &data[range.clone()];
        while !input.is_empty() {
            if stream.inflate.is_done() {
                let detail =
                    format!("the PNG's chunk IDAT {} holds data after the end of the pixels", index + 1);
                return Err(kind.corrupt(detail));
            }
            let used = stream.feed(kind, input, expected)?;
            stream.hand_over(&mut rows)?;
            if rows.are_enough() {
                return Ok(());
            }
            input = &input[used..];
        }
    }
    while !stream.inflate.is_done() {
        let before = stream.total;
        stream.feed(kind, &[], expected)?;
        stream.hand_over(&mut rows)?;
        if rows.are_enough() {
            return Ok(());
        }
        if stream.total == before {
            break;
        }
    }
    let got = stream.total;
    if !stream.inflate.is_done() || got != expected {
        return Err(kind.corrupt(format!(
            "the PNG's pixel data ends after {got} bytes, its header promises {expected}"
        )));
    }
    Ok(())
}

/// Where rows go, and how long the next one is; 0 behind the last.
struct Rows<L, S> {
    lengths: L,
    sink: S,
    next: usize,
    /// Whether these are all of the picture's: then the stream is looked at to its end.
    are_all: bool,
}

impl<L, S> Rows<L, S> {
    /// Whether nothing more need be looked at.
    const fn are_enough(&self) -> bool {
        self.next == 0 && !self.are_all
    }
}

struct Stream {
    inflate: Decompressor,
    buffer: Vec<u8>,
    /// Where the first row begins that was not handed over.
    taken: usize,
    /// Where the next unpacked byte goes.
    filled: usize,
    total: u64,
}

impl Stream {
    /// Hands some input to the decompressor and answers how much of it was used.
    fn feed(&mut self, kind: InputKind, input: &[u8], expected: u64) -> Result<usize> {
        if self.filled == self.buffer.len() {
            let from = self.taken.min(self.filled - WINDOW);
            self.buffer.copy_within(from.., 0);
            self.taken -= from;
            self.filled -= from;
        }
        let (used, made) =
            self.inflate.read(input, &mut self.buffer, self.filled, false).map_err(|error| {
                kind.corrupt(format!("the PNG's compressed pixel data is damaged: {error:?}"))
            })?;
        self.filled += made;
        self.total += made as u64;
        if self.total > expected {
            return Err(kind.corrupt(format!(
                "the PNG holds more pixel data than the {expected} bytes its header promises"
            )));
        }
        Ok(used)
    }

    /// Hands over the rows that are complete.
    fn hand_over(
        &mut self,
        rows: &mut Rows<impl Iterator<Item = usize>, impl FnMut(&[u8]) -> Result<()>>,
    ) -> Result<()> {
        while rows.next > 0 && self.filled - self.taken >= rows.next {
            (rows.sink)(&self.buffer[self.taken..self.taken + rows.next])?;
            self.taken += rows.next;
            rows.next = rows.lengths.next().unwrap_or(0);
        }
        Ok(())
    }
}
