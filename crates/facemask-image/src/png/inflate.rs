//! The compressed pixel data of a PNG, inflated once, split into rows, and checked against the size in the
//! header.

use facemask_core::error::Result;
use fdeflate::Decompressor;

use super::chunks::PngLayout;
use crate::input_kind::InputKind;

/// The largest distance of a deflate back-reference, in bytes (RFC 1951).
const WINDOW: usize = 32_768;

/// Inflates the pixel data and calls `sink` with every filtered row, filter byte first. `lengths` are the
/// lengths of all rows, filter bytes included. Inflation stops after the first `row_count` rows if there are
/// more.
///
/// Inflation stops at the first byte too many, so a decompression bomb costs no more than the picture in its
/// header. Memory is that of the longest row and a few windows, whatever the size of the picture.
///
/// # Errors
///
/// Those of `sink`, and the "corrupt" error of `kind` for a damaged stream, or one with fewer or more bytes
/// than the rows. `sink` may have received rows before.
pub(super) fn for_each_filtered_row(
    kind: InputKind,
    data: &[u8],
    layout: &PngLayout,
    lengths: impl Iterator<Item = usize> + Clone,
    row_count: usize,
    sink: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let add = |(longest, sum, count): (usize, u64, usize), length: usize| {
        (length.max(longest), sum + length as u64, count + 1)
    };
    let (longest, expected, count) = lengths.clone().fold((0, 0, 0), add);
    let mut splitter =
        RowSplitter { lengths: lengths.take(row_count), sink, next_length: 0, has_all: row_count >= count };
    splitter.next_length = splitter.lengths.next().unwrap_or(0);
    let mut inflater = Inflater {
        decompressor: Decompressor::new(),
        buffer: vec![0; WINDOW + longest + 4 * WINDOW],
        consumed: 0,
        filled: 0,
        total: 0,
    };
    for (index, range) in layout.image_data.iter().enumerate() {
        let mut input = &data[range.clone()];
        while !input.is_empty() {
            if inflater.decompressor.is_done() {
                let detail =
                    format!("the PNG's chunk IDAT {} holds data after the end of the pixels", index + 1);
                return Err(kind.corrupt(detail));
            }
            let used = inflater.inflate(kind, input, expected)?;
            inflater.flush_rows(&mut splitter)?;
            if splitter.is_finished() {
                return Ok(());
            }
            input = &input[used..];
        }
    }
    while !inflater.decompressor.is_done() {
        let before = inflater.total;
        inflater.inflate(kind, &[], expected)?;
        inflater.flush_rows(&mut splitter)?;
        if splitter.is_finished() {
            return Ok(());
        }
        if inflater.total == before {
            break;
        }
    }
    let got = inflater.total;
    if !inflater.decompressor.is_done() || got != expected {
        return Err(kind.corrupt(format!(
            "the PNG's pixel data ends after {got} bytes, its header promises {expected}"
        )));
    }
    Ok(())
}

/// Splits the inflated bytes into rows for a sink.
struct RowSplitter<L, S> {
    lengths: L,
    sink: S,
    /// Length of the next row; 0 after the last one.
    next_length: usize,
    /// Whether the sink gets all rows of the picture: then the stream is checked to its end.
    has_all: bool,
}

impl<L, S> RowSplitter<L, S> {
    /// Whether the rest of the stream is not needed.
    const fn is_finished(&self) -> bool {
        self.next_length == 0 && !self.has_all
    }
}

/// A decompressor with its output buffer, which keeps the last [`WINDOW`] bytes.
struct Inflater {
    decompressor: Decompressor,
    buffer: Vec<u8>,
    /// Start of the first row that the sink has not received.
    consumed: usize,
    /// End of the inflated bytes.
    filled: usize,
    /// Number of bytes inflated since the start of the stream.
    total: u64,
}

impl Inflater {
    /// Inflates some input and returns the number of input bytes used.
    fn inflate(&mut self, kind: InputKind, input: &[u8], expected: u64) -> Result<usize> {
        if self.filled == self.buffer.len() {
            let from = self.consumed.min(self.filled - WINDOW);
            self.buffer.copy_within(from.., 0);
            self.consumed -= from;
            self.filled -= from;
        }
        let (used, produced) =
            self.decompressor.read(input, &mut self.buffer, self.filled, false).map_err(|error| {
                kind.corrupt(format!("the PNG's compressed pixel data is damaged: {error:?}"))
            })?;
        self.filled += produced;
        self.total += produced as u64;
        if self.total > expected {
            return Err(kind.corrupt(format!(
                "the PNG holds more pixel data than the {expected} bytes its header promises"
            )));
        }
        Ok(used)
    }

    /// Passes the complete rows to the sink.
    fn flush_rows(
        &mut self,
        splitter: &mut RowSplitter<impl Iterator<Item = usize>, impl FnMut(&[u8]) -> Result<()>>,
    ) -> Result<()> {
        while splitter.next_length > 0 && self.filled - self.consumed >= splitter.next_length {
            (splitter.sink)(&self.buffer[self.consumed..self.consumed + splitter.next_length])?;
            self.consumed += splitter.next_length;
            splitter.next_length = splitter.lengths.next().unwrap_or(0);
        }
        Ok(())
    }
}
