//! One block of a JPEG scan after the other, its codes counted and nothing computed from them.

use super::Component;
use super::huffman::{Bits, Huffman, Stop};

/// One component's blocks.
pub(super) struct Plane {
    pub(super) component: Component,
    /// Blocks that cover the picture, across and down: what a scan of this component alone holds.
    pub(super) own: (usize, usize),
    /// Blocks in a row, with those that fill the last unit.
    pub(super) stride: usize,
    /// For each block, which of its 64 coefficients are not zero; only progressive refinement asks.
    pub(super) set: Vec<u64>,
}

/// A component within a scan: its plane and its tables.
pub(super) struct Part<'a> {
    pub(super) plane: usize,
    pub(super) dc: Option<&'a Huffman>,
    pub(super) ac: Option<&'a Huffman>,
}

/// The part of the coefficients a scan is about.
#[derive(Clone, Copy)]
pub(super) struct Band {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) refines: bool,
}

/// Steps through the blocks of one scan.
pub(super) struct Walk<'a> {
    pub(super) bits: Bits<'a>,
    pub(super) band: Band,
    /// Blocks still covered by an end-of-band run.
    pub(super) skip_blocks: u32,
}

impl Walk<'_> {
    /// Steps over the block at column `x`, row `y` of its plane.
    pub(super) fn block(&mut self, part: &Part, plane: &mut Plane, x: usize, y: usize) -> Result<(), Stop> {
        let band = self.band;
        if band.first == 0 {
            if band.refines {
                return self.bits.skip(1);
            }
            let size = self.bits.symbol(part.dc.ok_or(Stop::NoCode)?)?;
            if size > 15 {
                return Err(Stop::NoCode);
            }
            self.bits.skip(u32::from(size))?;
        }
        if band.last == 0 {
            return Ok(());
        }
        let ac = part.ac.ok_or(Stop::NoCode)?;
        match plane.set.get_mut(y * plane.stride + x) {
            Some(set) if band.refines => self.refine(ac, set),
            Some(set) => self.first_pass(ac, set),
            None => self.sequential(ac),
        }
    }

    /// The 63 coefficients of a block in one go.
    fn sequential(&mut self, ac: &Huffman) -> Result<(), Stop> {
        let mut k = 1;
        while k < 64 {
            let code = self.bits.symbol(ac)?;
            let (run, size) = (u32::from(code >> 4), u32::from(code & 15));
            if size == 0 && run < 15 {
                break;
            }
            k += run + 1;
            if k > 64 {
                return Err(Stop::NoCode);
            }
            self.bits.skip(size)?;
        }
        Ok(())
    }

    /// A band's first appearance; remembers which coefficients came.
    fn first_pass(&mut self, ac: &Huffman, set: &mut u64) -> Result<(), Stop> {
        if self.skip_blocks > 0 {
            self.skip_blocks -= 1;
            return Ok(());
        }
        let mut k = self.band.first;
        while k <= self.band.last {
            let code = self.bits.symbol(ac)?;
            let (run, size) = (u32::from(code >> 4), u32::from(code & 15));
            if size == 0 && run < 15 {
                self.skip_blocks = self.run_length(run)? - 1;
                break;
            }
            k += run;
            if k > self.band.last {
                return Err(Stop::NoCode);
            }
            if size > 0 {
                self.bits.skip(size)?;
                *set |= 1 << k;
            }
            k += 1;
        }
        Ok(())
    }

    /// One more bit for a band: for every coefficient that came before, and some that come now.
    fn refine(&mut self, ac: &Huffman, set: &mut u64) -> Result<(), Stop> {
        let (mut k, last) = (self.band.first, self.band.last);
        while self.skip_blocks == 0 && k <= last {
            let code = self.bits.symbol(ac)?;
            let (mut run, size) = (u32::from(code >> 4), u32::from(code & 15));
            if size == 0 && run < 15 {
                self.skip_blocks = self.run_length(run)?;
                break;
            }
            // The sign of the new coefficient.
            self.bits.skip(u32::from(size > 0))?;
            while k <= last {
                if *set >> k & 1 == 1 {
                    self.bits.skip(1)?;
                } else if run == 0 {
                    break;
                } else {
                    run -= 1;
                }
                k += 1;
            }
            if size > 0 && k <= last {
                *set |= 1 << k;
            }
            k += 1;
        }
        if self.skip_blocks > 0 {
            self.skip_blocks -= 1;
            if k <= last {
                let rest = u64::MAX >> (63 - last) & u64::MAX << k;
                (0..(*set & rest).count_ones()).try_for_each(|_| self.bits.skip(1))?;
            }
        }
        Ok(())
    }

    /// How many blocks an end-of-band code covers, this one included.
    fn run_length(&mut self, bits: u32) -> Result<u32, Stop> {
        Ok((1 << bits) + if bits > 0 { self.bits.take(bits)? } else { 0 })
    }
}
