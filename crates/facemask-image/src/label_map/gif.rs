//! Label maps in GIF files. Writers sort the palette anew, so colors count, not indices.

use std::num::NonZeroU64;

use facemask_core::error::{Error, Result};
use gif::{ColorOutput, DecodeOptions, DecodingError, MemoryLimit};

use super::colors::{ColorTable, pack_color};
use super::encoding::{MapEncoding, invalid};
use crate::catch_panic::catch_panic;
use crate::input_kind::InputKind;
use crate::limits::Limits;

const KIND: InputKind = InputKind::LabelMap;

/// Width and height of the canvas, in pixels.
pub(super) fn read_size(data: &[u8]) -> Result<(u32, u32)> {
    let side = |at: usize| Some(u32::from(u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?)));
    side(6).zip(side(8)).ok_or_else(|| KIND.corrupt("the label map's GIF ends in its header"))
}

/// Decodes the first frame, which must cover the canvas.
///
/// # Errors
///
/// `map_corrupt` for a file that is cut or damaged, `map_unsupported` for a first frame that covers only a part of the
/// canvas, `map_invalid` for colors without an id, `map_too_large` above a limit.
pub(super) fn decode(
    data: &[u8],
    limits: &Limits,
    palette: Option<&[[u8; 3]]>,
) -> Result<(Vec<u8>, MapEncoding)> {
    let (width, height) = read_size(data)?;
    limits.check_size(KIND, width, height)?;
    catch_panic(KIND, "GIF", || {
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::Indexed);
        options.check_frame_consistency(true);
        options.set_memory_limit(MemoryLimit::Bytes(
            NonZeroU64::new(limits.max_pixels).unwrap_or(NonZeroU64::MIN),
        ));
        let mut decoder = options.read_info(data).map_err(|error| to_error(&error))?;
        let global = decoder.global_palette().map(<[u8]>::to_vec);
        let frame = decoder.read_next_frame().map_err(|error| to_error(&error))?;
        let frame = frame.ok_or_else(|| KIND.corrupt("the label map's GIF has no picture"))?;
        let pixels = width as usize * height as usize;
        if (frame.left, frame.top) != (0, 0) || frame.buffer.len() != pixels {
            return Err(KIND.unsupported(
                "the label map is a GIF whose first frame covers a part of its canvas; save it as PNG",
            ));
        }
        let table = frame.palette.as_deref().or(global.as_deref()).unwrap_or_default();
        let mut colors = ColorTable::new(false);
        let mut labels = Vec::with_capacity(pixels);
        for (i, &index) in frame.buffer.iter().enumerate() {
            let (x, y) = (i % width as usize, i / width as usize);
            let at = usize::from(index) * 3;
            let color = table.get(at..at + 3).ok_or_else(|| {
                invalid(format!(
                    "the label map's pixel ({x}, {y}) has the palette index {index}, which its palette does not have"
                ))
            })?;
            labels.push(colors.index_of(pack_color(color, false), x, y)?);
        }
        let encoding = colors.resolve_labels(&mut labels, palette)?;
        Ok((labels, encoding))
    })
}

fn to_error(error: &DecodingError) -> Error {
    KIND.corrupt(format!("the label map's GIF is cut or damaged: {error}"))
}
