//! The compressed pixels of a PNG, held against what its header says.

use facemask_core::error::Result;
use fdeflate::Decompressor;

use super::chunks::Layout;
use super::rows::passes;
use crate::role::Role;

/// How far back a deflate stream may refer.
const WINDOW: usize = 32_768;

/// Unpacks the pixel data once without keeping it and refuses a stream that is damaged, or holds fewer or
/// more bytes than the header's rows.
///
/// The `png` crate stops reading at the last row, so too much data and a missing checksum pass it unseen. Work
/// ends with the first byte too many: a bomb costs no more than the picture it claims to be.
pub(crate) fn check_stream(role: Role, data: &[u8], layout: &Layout) -> Result<()> {
    let expected: u64 = passes(&layout.header)
        .map(|pass| pass.height as u64 * (1 + layout.header.row_bytes(pass.width) as u64))
        .sum();
    let mut counter = Counter { inflate: Decompressor::new(), buffer: vec![0; 4 * WINDOW], at: 0, total: 0 };
    for (index, range) in layout.pixels.iter().enumerate() {
        let mut input = &data[range.clone()];
        while !input.is_empty() {
            if counter.inflate.is_done() {
                let detail =
                    format!("the PNG's chunk IDAT {} holds data after the end of the pixels", index + 1);
                return Err(role.corrupt(detail));
            }
            let used = counter.feed(role, input, expected)?;
            input = &input[used..];
        }
    }
    while !counter.inflate.is_done() {
        let before = counter.total;
        counter.feed(role, &[], expected)?;
        if counter.total == before {
            break;
        }
    }
    let got = counter.total;
    if !counter.inflate.is_done() || got != expected {
        return Err(role.corrupt(format!(
            "the PNG's pixel data ends after {got} bytes, its header promises {expected}"
        )));
    }
    Ok(())
}

struct Counter {
    inflate: Decompressor,
    buffer: Vec<u8>,
    at: usize,
    total: u64,
}

impl Counter {
    /// Hands over some input and answers how much of it was used.
    fn feed(&mut self, role: Role, input: &[u8], expected: u64) -> Result<usize> {
        if self.at == self.buffer.len() {
            self.buffer.copy_within(self.at - WINDOW.., 0);
            self.at = WINDOW;
        }
        let (used, made) = self.inflate.read(input, &mut self.buffer, self.at, false).map_err(|error| {
            role.corrupt(format!("the PNG's compressed pixel data is damaged: {error:?}"))
        })?;
        self.at += made;
        self.total += made as u64;
        if self.total > expected {
            return Err(role.corrupt(format!(
                "the PNG holds more pixel data than the {expected} bytes its header promises"
            )));
        }
        Ok(used)
    }
}
