//! Which grid edges of an arc have a pixel that another border passes: there borders have to keep apart.

use super::arcs::Arc;
use super::direction::Direction;
use crate::raster::LabelMap;

/// Fills in, for each step of an inner arc, 1 if a pixel beside its grid edge is passed by another border or by this one
/// at another time, or if the step ends at a junction; else 0.
pub(crate) fn mark_shared_steps(map: &LabelMap<'_>, arc: &Arc, steps: &[Direction], marks: &mut Vec<u8>) {
    marks.clear();
    marks.resize(steps.len(), 0);
    let last = steps.len() - 1;
    let (mut x, mut y) = (i64::from(arc.start.x), i64::from(arc.start.y));
    let mut incoming = if arc.is_closed() { steps.last().copied() } else { None };
    for (i, &outgoing) in steps.iter().enumerate() {
        let Some(direction) = incoming else {
            marks[0] = 1;
            let (dx, dy) = outgoing.step();
            (x, y, incoming) = (x + i64::from(dx), y + i64::from(dy), Some(outgoing));
            continue;
        };
        let SharedPixels { before, after } = SharedPixels::at_node(map, x, y, direction, outgoing);
        marks[if i == 0 { last } else { i - 1 }] |= u8::from(before);
        marks[i] |= u8::from(after);
        let (dx, dy) = outgoing.step();
        (x, y, incoming) = (x + i64::from(dx), y + i64::from(dy), Some(outgoing));
    }
    if !arc.is_closed() {
        marks[last] = 1;
    }
}

/// Whether the grid edges before and after a node have a pixel that another border passes, beside that node.
struct SharedPixels {
    before: bool,
    after: bool,
}

impl SharedPixels {
    fn at_node(map: &LabelMap<'_>, x: i64, y: i64, incoming: Direction, outgoing: Direction) -> Self {
        let ((in_x, in_y), (out_x, out_y)) = (incoming.step(), outgoing.step());
        let is_passed = |dx: i32, dy: i32| !is_uniform_around(map, x + i64::from(dx), y + i64::from(dy));
        if incoming == outgoing {
            let is_shared = is_passed(-out_y, out_x) || is_passed(out_y, -out_x);
            return Self { before: is_shared, after: is_shared };
        }
        // The arc itself passes two of the four nodes beside a turn.
        Self { before: is_passed(-out_x, -out_y), after: is_passed(in_x, in_y) }
    }
}

/// Whether all four pixels around a node have one label. On the edge of the map none has.
fn is_uniform_around(map: &LabelMap<'_>, x: i64, y: i64) -> bool {
    let (width, height) = (map.width(), map.height());
    // Column and row of the first of the four pixels; negative ones wrap.
    let (column, row) = ((x as usize).wrapping_sub(1), (y as usize).wrapping_sub(1));
    if column >= width - 1 || row >= height - 1 {
        return false;
    }
    let above = row * width + column;
    let [Some(&[a, b, ..]), Some(&[c, d, ..])] =
        [map.ids().get(above..above + 2), map.ids().get(above + width..above + width + 2)]
    else {
        return false;
    };
    u16::from_ne_bytes([a, b]) == u16::from_ne_bytes([c, d]) && a == b
}
