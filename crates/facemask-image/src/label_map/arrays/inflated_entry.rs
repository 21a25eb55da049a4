//! One file of a zip archive as a stream.

use std::io::{Error, ErrorKind, Read, Result};

use flate2::read::DeflateDecoder;

/// The content of an entry, inflated while it is read. Its last read fails where the checksum is wrong.
pub(super) struct InflatedEntry<'a> {
    source: EntrySource<'a>,
    hasher: crc32fast::Hasher,
    expected: u32,
}

enum EntrySource<'a> {
    Stored(&'a [u8]),
    Deflated(DeflateDecoder<&'a [u8]>),
}

impl<'a> InflatedEntry<'a> {
    /// `data` is the compressed content, `checksum` the CRC-32 of the content.
    pub(super) fn new(data: &'a [u8], is_deflated: bool, checksum: u32) -> Self {
        let source = if is_deflated {
            EntrySource::Deflated(DeflateDecoder::new(data))
        } else {
            EntrySource::Stored(data)
        };
        Self { source, hasher: crc32fast::Hasher::new(), expected: checksum }
    }

    /// Checks that the content has been read to its end, and its checksum.
    pub(super) fn finish(&self) -> Result<()> {
        if self.hasher.clone().finalize() == self.expected {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidData, "the checksum of the array is wrong"))
    }
}

impl Read for InflatedEntry<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = match &mut self.source {
            EntrySource::Stored(data) => data.read(buffer)?,
            EntrySource::Deflated(decoder) => decoder.read(buffer)?,
        };
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}
