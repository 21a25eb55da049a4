//! The frame header of a JPEG (SOF segment): size, components and sampling factors.

use facemask_core::error::Result;

use super::markers::{Segment, corrupt};
use crate::input_kind::InputKind;

/// The frame header (SOF segment), and the EXIF block before it.
pub(crate) struct FrameHeader<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Content of the first APP1 segment with an EXIF block.
    pub(crate) exif: Option<&'a [u8]>,
    pub(super) is_progressive: bool,
    pub(super) components: Vec<FrameComponent>,
}

/// One color component of the frame.
#[derive(Clone, Copy)]
pub(super) struct FrameComponent {
    pub(super) id: u8,
    /// Horizontal and vertical sampling factor: columns and rows of blocks in one coding unit.
    pub(super) horizontal: usize,
    pub(super) vertical: usize,
}

/// Parses an SOF segment. The caller adds the EXIF block.
pub(super) fn parse_frame<'a>(segment: &Segment<'a>) -> Result<FrameHeader<'a>> {
    let content = segment.content;
    let count = content.get(5).copied().map_or(0, usize::from);
    if content.len() < 6 || content.len() != 6 + 3 * count {
        return Err(corrupt(format!(
            "the JPEG's frame header at byte {} has a wrong length",
            segment.offset
        )));
    }
    let unsupported = |what: String| InputKind::Photo.unsupported(format!("the JPEG {what}"));
    if content[0] != 8 {
        return Err(unsupported(format!("has {} bits per sample, expected 8", content[0])));
    }
    if !matches!(count, 1 | 3 | 4) {
        return Err(unsupported(format!("has {count} colour components, expected 1, 3 or 4")));
    }
    let side = |at: usize| u32::from(u16::from_be_bytes([content[at], content[at + 1]]));
    let components: Vec<FrameComponent> = content[6..].chunks(3).map(parse_component).collect();
    if components.iter().any(|c| !(1..=4).contains(&c.horizontal) || !(1..=4).contains(&c.vertical)) {
        return Err(corrupt("the JPEG's frame header has a sampling factor outside 1 to 4"));
    }
    let is_progressive = segment.marker == 0xc2;
    Ok(FrameHeader { height: side(1), width: side(3), exif: None, is_progressive, components })
}

fn parse_component(bytes: &[u8]) -> FrameComponent {
    FrameComponent {
        id: bytes[0],
        horizontal: usize::from(bytes[1] >> 4),
        vertical: usize::from(bytes[1] & 15),
    }
}
