//! The markers of a JPEG file, one after the other.

use facemask_core::error::{Error, Result};

use super::corrupt;

/// A marker and, for those that carry one, its content without the length.
pub(super) struct Segment<'a> {
    pub(super) marker: u8,
    pub(super) at: usize,
    pub(super) content: &'a [u8],
}

/// Steps through the markers.
pub(super) struct Markers<'a> {
    data: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Markers<'a> {
    /// Behind the start-of-image marker, which the signature has shown.
    pub(super) const fn new(data: &'a [u8]) -> Self {
        Self { data, at: 2 }
    }

    fn cut(&self, inside: &str) -> Error {
        corrupt(format!("the JPEG ends {inside}, after byte {}", self.data.len()))
    }

    pub(super) fn next(&mut self) -> Result<Segment<'a>> {
        let start = self.at;
        let Some(&first) = self.data.get(start) else {
            return Err(self.cut("without an end-of-image marker"));
        };
        if first != 0xff {
            return Err(corrupt(format!(
                "the JPEG has the byte {first:02x} at {start}, expected a marker (ff)"
            )));
        }
        // A marker may be led in by any number of fill bytes.
        while self.data.get(self.at) == Some(&0xff) {
            self.at += 1;
        }
        let Some(&marker) = self.data.get(self.at) else {
            return Err(self.cut("in the middle of a marker"));
        };
        self.at += 1;
        let mut content = &[][..];
        match marker {
            0xd9 => {}
            0x00..=0x02 | 0xd0..=0xd8 => {
                return Err(corrupt(format!(
                    "the JPEG has a marker ff{marker:02x} at byte {start}, where it makes no sense"
                )));
            }
            _ => content = self.content(marker, start)?,
        }
        Ok(Segment { marker, at: start, content })
    }

    fn content(&mut self, marker: u8, start: usize) -> Result<&'a [u8]> {
        let inside = format!("in the middle of the segment ff{marker:02x} at byte {start}");
        let Some(&length) = self.data.get(self.at..).and_then(|rest| rest.first_chunk::<2>()) else {
            return Err(self.cut(&inside));
        };
        let length = usize::from(u16::from_be_bytes(length));
        if length < 2 {
            return Err(corrupt(format!(
                "the JPEG's segment ff{marker:02x} at byte {start} says it is {length} bytes long, expected at least 2"
            )));
        }
        let Some(content) = self.data.get(self.at + 2..self.at + length) else {
            return Err(self.cut(&inside));
        };
        self.at += length;
        Ok(content)
    }

    /// Skips the coded data of a scan up to the next marker that is not part of it.
    pub(super) fn skip_coded(&mut self, restarts: bool) -> Result<()> {
        let start = self.at;
        let mut expected_restart = 0;
        loop {
            let rest = self.data.get(self.at..).unwrap_or_default();
            let Some(offset) = rest.iter().position(|&byte| byte == 0xff) else {
                return Err(self.cut("in the middle of the coded pixels"));
            };
            let at = self.at + offset;
            match self.data.get(at + 1) {
                None => return Err(self.cut("in the middle of the coded pixels")),
                Some(0x00) => self.at = at + 2,
                Some(&restart @ 0xd0..=0xd7) => {
                    if !restarts || restart - 0xd0 != expected_restart {
                        return Err(corrupt(format!(
                            "the JPEG has a restart marker ff{restart:02x} out of turn at byte {at}"
                        )));
                    }
                    expected_restart = (expected_restart + 1) % 8;
                    self.at = at + 2;
                }
                Some(_) if at == start => {
                    return Err(corrupt(format!("the JPEG's scan at byte {start} holds no coded pixels")));
                }
                Some(_) => {
                    self.at = at;
                    return Ok(());
                }
            }
        }
    }
}
