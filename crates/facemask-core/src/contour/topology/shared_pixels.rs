//! Which grid edges of an arc have a pixel that another border passes: there borders have to keep apart.

use super::arcs::Arc;
use super::direction::Direction;
use super::lattice::NodeBits;

/// Fills in, for each step of an inner arc, 1 if a pixel beside its grid edge is passed by another border or by this one
/// at another time, or if the step ends at a junction; else 0.
pub(crate) fn mark_shared_steps(nodes: &NodeBits, arc: &Arc, steps: &[Direction], marks: &mut Vec<u8>) {
    marks.clear();
    marks.resize(steps.len(), 0);
    let strides = nodes.strides();
    let last = steps.len() - 1;
    let (mut node, mut incoming) = (nodes.index(arc.start), steps[last]);
    for (i, &outgoing) in steps.iter().enumerate() {
        // An inner arc runs between pixels of the map, so a node has neighbors on all sides.
        let is_passed = |stride: isize| nodes.contains(node.wrapping_add_signed(stride));
        let (ahead, right) = (strides[outgoing as usize], strides[(outgoing as usize + 1) & 3]);
        let [before, after] = if i == 0 && !arc.is_closed() {
            [false, true]
        } else if incoming == outgoing {
            [is_passed(right) | is_passed(-right); 2]
        } else {
            // The arc itself passes two of the four nodes beside a turn.
            [is_passed(-ahead), is_passed(strides[incoming as usize])]
        };
        marks[if i == 0 { last } else { i - 1 }] |= u8::from(before);
        marks[i] |= u8::from(after);
        (node, incoming) = (node.wrapping_add_signed(ahead), outgoing);
    }
    if !arc.is_closed() {
        marks[last] = 1;
    }
}
