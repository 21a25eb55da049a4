//! Differences between neighboring pixels of two rows, sixty-four pixels at a time.
//!
//! Most blocks of a map lie inside one region. A block whose pixels equal each other and the row above costs a few
//! comparisons of sixteen pixels each. Only the other blocks need bit masks of where pixels differ.

use wide::u8x16;

/// The pixels of a block: one bit each in a word.
pub(crate) const BLOCK: usize = 64;

/// The differences in a block of pixels of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BlockDiff {
    /// Bit i: pixel i of the block differs from the next one to the right. The last pixel of a row differs from none.
    pub(crate) right: u64,
    /// Bit i: pixel i of the block differs from the one above it.
    pub(crate) above: u64,
}

/// A consumer of the differences of a row, block by block from the left.
pub(crate) trait DiffVisitor {
    /// A word for each block from the next one on: zero where the pixels above the block are known to equal each other
    /// and the pixel to their left. Empty where the next block has to be visited even if nothing differs in it.
    fn cracks_above(&self) -> &[u64];
    /// Passes over blocks in which nothing differs. The word of each in [`Self::cracks_above`] is zero.
    fn skip_blocks(&mut self, count: usize);
    /// Takes the differences in the next block.
    fn visit_block(&mut self, diff: BlockDiff);
}

/// Compares a row with itself and with the row above, and passes the differences to a visitor.
pub(crate) fn diff_rows(above: &[u8], row: &[u8], visitor: &mut impl DiffVisitor) {
    let Some((_, after_first)) = row.split_first() else { return };
    // A full block has a pixel to its right. The block that ends with the row has none and comes last.
    let shifted = after_first.as_chunks::<BLOCK>().0;
    let (above_blocks, blocks) = (above.as_chunks::<BLOCK>().0, row.as_chunks::<BLOCK>().0);
    let mut next = 0;
    while next < shifted.len() {
        let uniform = count_uniform_blocks(
            visitor.cracks_above(),
            above_blocks[next][0],
            &blocks[next..shifted.len()],
            row[shifted.len() * BLOCK],
        );
        if uniform > 0 {
            visitor.skip_blocks(uniform);
            next += uniform;
        } else {
            visitor.visit_block(diff_block(&above_blocks[next], &blocks[next], &shifted[next]));
            next += 1;
        }
    }
    let rest = shifted.len() * BLOCK;
    let ends = above.last_chunk().zip(row.last_chunk()).zip(row[..row.len() - 1].last_chunk());
    visitor.visit_block(ends.map_or_else(
        || diff_short_block(&above[rest..], &row[rest..]),
        |((above_end, row_end), before)| {
            // The last 64 pixels of the row. The shift drops those that belong to the block before.
            let BlockDiff { right, above } = diff_block(above_end, row_end, before);
            let others = BLOCK - (row.len() - rest);
            BlockDiff { right: right >> 1 >> others, above: above >> others }
        },
    ));
}

/// The number of blocks before the first in which something may differ.
///
/// `cracks_above` is that of the visitor, `above` the first pixel above the blocks, `end` the pixel behind the last
/// one.
fn count_uniform_blocks(cracks_above: &[u64], above: u8, blocks: &[[u8; BLOCK]], end: u8) -> usize {
    // Where nothing differs above the blocks, one pixel above is the label of all.
    let label = u8x16::splat(above);
    let is_uniform_below = |&(cracks, block): &(&u64, &[u8; BLOCK])| *cracks == 0 && is_uniform(block, label);
    let count = cracks_above.iter().zip(blocks).take_while(is_uniform_below).count();
    // The last pixel of the last block has a neighbor to its right, too.
    let after = blocks.get(count).map_or(end, |block| block[0]);
    count - usize::from(count > 0 && after != above)
}

/// The differences of a row that is shorter than a block and a pixel.
fn diff_short_block(above: &[u8], row: &[u8]) -> BlockDiff {
    let last = row[row.len() - 1];
    let (mut above_end, mut row_end) = ([last; BLOCK], [last; BLOCK + 1]);
    above_end[..above.len()].copy_from_slice(above);
    row_end[..row.len()].copy_from_slice(row);
    let [row @ .., _] = &row_end;
    let [_, shifted @ ..] = &row_end;
    diff_block(&above_end, row, shifted)
}

/// The differences of a block from the block above, and from itself shifted by a pixel.
fn diff_block(above: &[u8; BLOCK], row: &[u8; BLOCK], shifted: &[u8; BLOCK]) -> BlockDiff {
    if xor_any(row, above) | xor_any(row, shifted) == 0 {
        return BlockDiff::default();
    }
    BlockDiff { right: diff_mask(row, shifted), above: diff_mask(row, above) }
}

/// Zero where two blocks are equal. The form lets the compiler compare many pixels at once.
fn xor_any(a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u8 {
    a.iter().zip(b).fold(0, |any, (a, b)| any | (a ^ b))
}

/// Whether all pixels of a block have one label.
fn is_uniform(block: &[u8; BLOCK], label: u8x16) -> bool {
    let equals = |i: usize| u8x16::new(block.as_chunks().0[i]).cmp_eq(label);
    (equals(0) & equals(1) & (equals(2) & equals(3))).move_mask() == 0xffff
}

/// Bit i: pixel i of two blocks differs.
fn diff_mask(a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u64 {
    let sixteens = a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0).enumerate();
    let equal = |(a, b): (&[u8; 16], &[u8; 16])| u8x16::new(*a).cmp_eq(u8x16::new(*b)).move_mask() as u16;
    !sixteens.fold(0, |bits, (i, pair)| bits | (u64::from(equal(pair)) << (16 * i)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A visitor that keeps all differences.
    struct DiffRecorder {
        cracks_above: Vec<u64>,
        diffs: Vec<BlockDiff>,
    }

    impl DiffVisitor for DiffRecorder {
        fn cracks_above(&self) -> &[u64] {
            &self.cracks_above[self.diffs.len()..]
        }

        fn skip_blocks(&mut self, count: usize) {
            self.diffs.resize(self.diffs.len() + count, BlockDiff::default());
        }

        fn visit_block(&mut self, diff: BlockDiff) {
            self.diffs.push(diff);
        }
    }

    #[test]
    fn every_difference_is_seen_whatever_the_length() {
        // A small generator: the same pixels on every machine, long runs among them.
        let mut state = 11_u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for length in (1..70).chain(126..132).chain(190..195) {
            let (mut above, mut row): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
            while row.len() < length {
                let (a, b, run) = (random(3) as u8 * 100, random(3) as u8 * 100, random(80) as usize);
                above.resize((row.len() + run).min(length), a);
                row.resize(above.len(), b);
            }
            // Once with nothing known of the row above, and once with all that can be.
            let recorded = [false, true].map(|is_row_above_known| {
                let equals_left = |x: usize| x == 0 || above[x] == above[x - 1];
                let is_known =
                    |block: usize| is_row_above_known && (block..length.min(block + BLOCK)).all(equals_left);
                let cracks_above =
                    (0..length).step_by(BLOCK).map(|block| u64::from(!is_known(block))).collect();
                let mut recorder = DiffRecorder { cracks_above, diffs: Vec::new() };
                diff_rows(&above, &row, &mut recorder);
                recorder.diffs
            });
            assert_eq!(recorded[0], recorded[1]);
            let diffs = &recorded[0];
            assert_eq!(diffs.len(), length.div_ceil(BLOCK));
            for x in 0..diffs.len() * BLOCK {
                let bit = |word: u64| word >> (x % BLOCK) & 1 == 1;
                let BlockDiff { right, above: up } = diffs[x / BLOCK];
                assert_eq!(bit(right), x + 1 < length && row[x] != row[x + 1], "{x} of {length}");
                assert_eq!(bit(up), x < length && row[x] != above[x], "{x} of {length}");
            }
        }
    }
}
