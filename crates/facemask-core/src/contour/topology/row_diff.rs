//! Where neighbouring pixels of two rows differ, sixty-four at a time.
//!
//! Most of a map is the inside of regions. A block of pixels that are all alike, and like those above them, costs a few
//! comparisons of sixteen pixels each; only where something differs is it asked where.

use wide::u8x16;

/// Pixels in a block: one bit each in a word.
pub(crate) const BLOCK: usize = 64;

/// What differs in a block of pixels of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Differences {
    /// Bit i: pixel i of the block is unlike the next one to the right. The last pixel of a row is unlike nothing.
    pub(crate) right: u64,
    /// Bit i: pixel i of the block is unlike the one above it.
    pub(crate) above: u64,
}

/// Who looks at the differences of a row, block by block.
pub(crate) trait Seer {
    /// Of each block from the next one on, zero where the pixels above it are known to be alike, and like the one to
    /// their left. Empty where the next block has to be seen even if nothing differs in it.
    fn above(&self) -> &[u64];
    /// In so many blocks, all of them with a zero above, nothing differs.
    fn skip(&mut self, blocks: usize);
    /// The differences in the next block.
    fn see(&mut self, found: Differences);
}

/// Shows the differences of a row to itself and to the row above it, block by block from the left.
pub(crate) fn differences(above: &[u8], row: &[u8], seer: &mut impl Seer) {
    let Some((_, after_first)) = row.split_first() else { return };
    // A whole block has a pixel to its right; the block that ends with the row has none and is looked at last.
    let shifted = after_first.as_chunks::<BLOCK>().0;
    let (above_blocks, blocks) = (above.as_chunks::<BLOCK>().0, row.as_chunks::<BLOCK>().0);
    let mut next = 0;
    while next < shifted.len() {
        let calm = calm(
            seer.above(),
            above_blocks[next][0],
            &blocks[next..shifted.len()],
            row[shifted.len() * BLOCK],
        );
        if calm > 0 {
            seer.skip(calm);
            next += calm;
        } else {
            seer.see(block(&above_blocks[next], &blocks[next], &shifted[next]));
            next += 1;
        }
    }
    let rest = shifted.len() * BLOCK;
    let ends = above.last_chunk().zip(row.last_chunk()).zip(row[..row.len() - 1].last_chunk());
    seer.see(ends.map_or_else(
        || short_block(&above[rest..], &row[rest..]),
        |((above_end, row_end), before)| {
            // The last 64 pixels; those of them that belong to the block before are pushed out.
            let Differences { right, above } = block(above_end, row_end, before);
            let others = BLOCK - (row.len() - rest);
            Differences { right: right >> 1 >> others, above: above >> others }
        },
    ));
}

/// How many blocks there are before the first in which something differs, as far as that is known of the row above them,
/// of which `above` is the first pixel; `end` is the pixel after the last block.
fn calm(known: &[u64], above: u8, blocks: &[[u8; BLOCK]], end: u8) -> usize {
    // Below pixels that are all alike, one of them stands for all.
    let label = u8x16::splat(above);
    let is_calm = |&(known, block): &(&u64, &[u8; BLOCK])| *known == 0 && is_all(block, label);
    let count = known.iter().zip(blocks).take_while(is_calm).count();
    // The last has a pixel to its right, too.
    let after = blocks.get(count).map_or(end, |block| block[0]);
    count - usize::from(count > 0 && after != above)
}

/// The block of a row that is shorter than a block and a pixel.
fn short_block(above: &[u8], row: &[u8]) -> Differences {
    let last = row[row.len() - 1];
    let (mut above_end, mut row_end) = ([last; BLOCK], [last; BLOCK + 1]);
    above_end[..above.len()].copy_from_slice(above);
    row_end[..row.len()].copy_from_slice(row);
    let [row @ .., _] = &row_end;
    let [_, shifted @ ..] = &row_end;
    block(&above_end, row, shifted)
}

fn block(above: &[u8; BLOCK], row: &[u8; BLOCK], shifted: &[u8; BLOCK]) -> Differences {
    if unlike(row, above) | unlike(row, shifted) == 0 {
        return Differences::default();
    }
    Differences { right: places(row, shifted), above: places(row, above) }
}

/// Zero where two blocks are alike. Written so that the compiler compares many pixels at once.
fn unlike(a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u8 {
    a.iter().zip(b).fold(0, |any, (a, b)| any | (a ^ b))
}

/// Whether a block is of one label.
fn is_all(block: &[u8; BLOCK], label: u8x16) -> bool {
    let alike = |i: usize| u8x16::new(block.as_chunks().0[i]).cmp_eq(label);
    (alike(0) & alike(1) & (alike(2) & alike(3))).move_mask() == 0xffff
}

/// The places where two blocks differ.
fn places(a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u64 {
    let sixteens = a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0).enumerate();
    let alike = |(a, b): (&[u8; 16], &[u8; 16])| u8x16::new(*a).cmp_eq(u8x16::new(*b)).move_mask() as u16;
    !sixteens.fold(0, |bits, (i, pair)| bits | (u64::from(alike(pair)) << (16 * i)))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct All {
        /// What is known of the blocks of the row above.
        known: Vec<u64>,
        seen: Vec<Differences>,
    }

    impl Seer for All {
        fn above(&self) -> &[u64] {
            &self.known[self.seen.len()..]
        }

        fn skip(&mut self, blocks: usize) {
            self.seen.resize(self.seen.len() + blocks, Differences::default());
        }

        fn see(&mut self, found: Differences) {
            self.seen.push(found);
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
            // Once as if nothing were known, and once with all that can be.
            let seen = [false, true].map(|knows| {
                let is_like_left = |x: usize| x == 0 || above[x] == above[x - 1];
                let is_known = |block: usize| knows && (block..length.min(block + BLOCK)).all(is_like_left);
                let known = (0..length).step_by(BLOCK).map(|block| u64::from(!is_known(block))).collect();
                let mut all = All { known, seen: Vec::new() };
                differences(&above, &row, &mut all);
                all.seen
            });
            assert_eq!(seen[0], seen[1]);
            let seen = &seen[0];
            assert_eq!(seen.len(), length.div_ceil(BLOCK));
            for x in 0..seen.len() * BLOCK {
                let bit = |word: u64| word >> (x % BLOCK) & 1 == 1;
                let Differences { right, above: up } = seen[x / BLOCK];
                assert_eq!(bit(right), x + 1 < length && row[x] != row[x + 1], "{x} of {length}");
                assert_eq!(bit(up), x < length && row[x] != above[x], "{x} of {length}");
            }
        }
    }
}
