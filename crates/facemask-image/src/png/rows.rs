//! The rows of a PNG as they are stored: no scaling, no palette expansion, interlaced rows one by one.

use facemask_core::error::Result;

use super::chunks::{Header, Layout};
use super::filter::unfilter;
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

/// Hands every row to `sink`, in the order of the file. That the file is damaged may be told only behind the last row.
pub(crate) fn for_each_row(
    role: Role,
    data: &[u8],
    layout: &Layout,
    mut sink: impl FnMut(&Row) -> Result<()>,
) -> Result<()> {
    let header = &layout.header;
    let longest = header.row_bytes(header.width as usize);
    let (mut above, mut bytes) = (vec![0; longest], vec![0; longest]);
    let mut places = passes(header).flat_map(|pass| (0..pass.height).map(move |line| (pass, line)));
    guarded(role, "PNG", || {
        for_each_stored_row(role, data, layout, stored_lengths(header), |stored| {
            let Some((pass, line)) = places.next() else { return Ok(()) };
            if line == 0 {
                above.fill(0);
            }
            let length = stored.len() - 1;
            bytes[..length].copy_from_slice(&stored[1..]);
            unfilter(role, stored[0], pixel_bytes(header), &above[..length], &mut bytes[..length])?;
            std::mem::swap(&mut above, &mut bytes);
            let y = pass.y + line * pass.step_y;
            sink(&Row { bytes: &above[..length], width: pass.width, x: pass.x, y, step: pass.step_x })
        })
    })
}

/// The pixels of a picture with one byte per pixel that is not interlaced, with no copy in between.
pub(crate) fn read_bytes(role: Role, data: &[u8], layout: &Layout) -> Result<Vec<u8>> {
    let (width, height) = (layout.header.width as usize, layout.header.height as usize);
    let mut pixels = vec![0; width * height];
    let zeros = vec![0; width];
    let mut y = 0;
    guarded(role, "PNG", || {
        for_each_stored_row(role, data, layout, stored_lengths(&layout.header), |stored| {
            let (done, rest) = pixels.split_at_mut(y * width);
            let above = done.rchunks_exact(width).next().unwrap_or(&zeros);
            let Some(row) = rest.get_mut(..width) else { return Ok(()) };
            row.copy_from_slice(&stored[1..]);
            y += 1;
            unfilter(role, stored[0], 1, above, row)
        })
    })?;
    Ok(pixels)
}
