//! Marker segments of a JPEG file, in file order (ITU-T T.81, annex B).

use facemask_core::error::{Error, Result};

use super::corrupt;

/// A marker and its content, without the length field; empty for a marker without content.
pub(super) struct Segment<'a> {
    pub(super) marker: u8,
    /// Offset of the marker in the file, in bytes.
    pub(super) offset: usize,
    pub(super) content: &'a [u8],
}

/// Iterator over the marker segments of a file.
pub(super) struct MarkerReader<'a> {
    data: &'a [u8],
    /// Offset of the next unread byte.
    pub(super) offset: usize,
}

impl<'a> MarkerReader<'a> {
    /// Starts after the start-of-image marker, which the caller has checked.
    pub(super) const fn new(data: &'a [u8]) -> Self {
        Self { data, offset: 2 }
    }

    /// Error for a file that ends too early; `inside` is the place in words.
    fn truncated_error(&self, inside: &str) -> Error {
        corrupt(format!("the JPEG ends {inside}, after byte {}", self.data.len()))
    }

    /// Reads the next segment. Coded data after a scan header has to be skipped first.
    pub(super) fn read_segment(&mut self) -> Result<Segment<'a>> {
        let start = self.offset;
        let Some(&first) = self.data.get(start) else {
            return Err(self.truncated_error("without an end-of-image marker"));
        };
        if first != 0xff {
            return Err(corrupt(format!(
                "the JPEG has the byte {first:02x} at {start}, expected a marker (ff)"
            )));
        }
        // Any number of fill bytes may precede a marker.
        while self.data.get(self.offset) == Some(&0xff) {
            self.offset += 1;
        }
        let Some(&marker) = self.data.get(self.offset) else {
            return Err(self.truncated_error("in the middle of a marker"));
        };
        self.offset += 1;
        let mut content = &[][..];
        match marker {
            0xd9 => {}
            0x00..=0x02 | 0xd0..=0xd8 => {
                return Err(corrupt(format!(
                    "the JPEG has a marker ff{marker:02x} at byte {start}, where it makes no sense"
                )));
            }
            _ => content = self.read_content(marker, start)?,
        }
        Ok(Segment { marker, offset: start, content })
    }

    fn read_content(&mut self, marker: u8, start: usize) -> Result<&'a [u8]> {
        let inside = format!("in the middle of the segment ff{marker:02x} at byte {start}");
        let Some(&length) = self.data.get(self.offset..).and_then(|rest| rest.first_chunk::<2>()) else {
            return Err(self.truncated_error(&inside));
        };
        let length = usize::from(u16::from_be_bytes(length));
        if length < 2 {
            return Err(corrupt(format!(
                "the JPEG's segment ff{marker:02x} at byte {start} says it is {length} bytes long, expected at least 2"
            )));
        }
        let Some(content) = self.data.get(self.offset + 2..self.offset + length) else {
            return Err(self.truncated_error(&inside));
        };
        self.offset += length;
        Ok(content)
    }

    /// Skips the entropy-coded data of a scan, with its restart markers if the file has `has_restarts` set.
    pub(super) fn skip_entropy_data(&mut self, has_restarts: bool) -> Result<()> {
        let start = self.offset;
        let mut expected_restart = 0;
        loop {
            let rest = self.data.get(self.offset..).unwrap_or_default();
            let Some(offset) = rest.iter().position(|&byte| byte == 0xff) else {
                return Err(self.truncated_error("in the middle of the coded pixels"));
            };
            let at = self.offset + offset;
            match self.data.get(at + 1) {
                None => return Err(self.truncated_error("in the middle of the coded pixels")),
                Some(0x00) => self.offset = at + 2,
                Some(&restart @ 0xd0..=0xd7) => {
                    if !has_restarts || restart - 0xd0 != expected_restart {
                        return Err(corrupt(format!(
                            "the JPEG has a restart marker ff{restart:02x} out of turn at byte {at}"
                        )));
                    }
                    expected_restart = (expected_restart + 1) % 8;
                    self.offset = at + 2;
                }
                Some(_) if at == start => {
                    return Err(corrupt(format!("the JPEG's scan at byte {start} holds no coded pixels")));
                }
                Some(_) => {
                    self.offset = at;
                    return Ok(());
                }
            }
        }
    }
}
