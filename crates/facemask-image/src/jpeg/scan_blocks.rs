//! Entropy-coded blocks of a JPEG scan, read code by code without computing coefficients (ITU-T T.81,
//! sections F and G).

use super::FrameComponent;
use super::huffman::{BitReader, HuffmanTable, ScanError};

/// The blocks of one component, in the frame's block grid.
pub(super) struct ComponentPlane {
    pub(super) component: FrameComponent,
    /// Columns and rows of blocks that cover the picture: the blocks of a scan of this component alone.
    pub(super) size: BlockGrid,
    /// Blocks per row, including those that fill the last coding unit.
    pub(super) stride: usize,
    /// One bit mask per block of its nonzero coefficients; empty for a sequential JPEG, because only
    /// progressive refinement depends on them.
    pub(super) nonzero: Vec<u64>,
}

/// A number of columns and rows, of blocks or of coding units.
#[derive(Clone, Copy)]
pub(super) struct BlockGrid {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// A component of a scan: the index of its plane, and its Huffman tables.
pub(super) struct ScanComponent<'a> {
    pub(super) plane: usize,
    pub(super) dc: Option<&'a HuffmanTable>,
    pub(super) ac: Option<&'a HuffmanTable>,
}

/// Coefficients of a scan in zigzag order (spectral selection), and whether the scan refines them (successive
/// approximation).
#[derive(Clone, Copy)]
pub(super) struct SpectralBand {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) is_refinement: bool,
}

/// Reader of the blocks of one scan.
pub(super) struct ScanReader<'a> {
    pub(super) bits: BitReader<'a>,
    pub(super) band: SpectralBand,
    /// Blocks left in the current end-of-band run.
    pub(super) end_of_band_run: u32,
}

impl ScanReader<'_> {
    /// Skips the block at column `x`, row `y` of its plane.
    pub(super) fn skip_block(
        &mut self,
        component: &ScanComponent,
        plane: &mut ComponentPlane,
        x: usize,
        y: usize,
    ) -> Result<(), ScanError> {
        let band = self.band;
        if band.first == 0 {
            if band.is_refinement {
                return self.bits.skip(1);
            }
            let size = self.bits.read_symbol(component.dc.ok_or(ScanError::InvalidCode)?)?;
            if size > 15 {
                return Err(ScanError::InvalidCode);
            }
            self.bits.skip(u32::from(size))?;
        }
        if band.last == 0 {
            return Ok(());
        }
        let ac = component.ac.ok_or(ScanError::InvalidCode)?;
        match plane.nonzero.get_mut(y * plane.stride + x) {
            Some(nonzero) if band.is_refinement => self.skip_refinement(ac, nonzero),
            Some(nonzero) => self.skip_first_pass(ac, nonzero),
            None => self.skip_sequential(ac),
        }
    }

    /// Skips the 63 AC coefficients of a sequential block.
    fn skip_sequential(&mut self, ac: &HuffmanTable) -> Result<(), ScanError> {
        let mut k = 1;
        while k < 64 {
            let code = self.bits.read_symbol(ac)?;
            let (run, size) = (u32::from(code >> 4), u32::from(code & 15));
            if size == 0 && run < 15 {
                break;
            }
            k += run + 1;
            if k > 64 {
                return Err(ScanError::InvalidCode);
            }
            self.bits.skip(size)?;
        }
        Ok(())
    }

    /// Skips the first scan of a band and records the nonzero coefficients.
    fn skip_first_pass(&mut self, ac: &HuffmanTable, nonzero: &mut u64) -> Result<(), ScanError> {
        if self.end_of_band_run > 0 {
            self.end_of_band_run -= 1;
            return Ok(());
        }
        let mut k = self.band.first;
        while k <= self.band.last {
            let code = self.bits.read_symbol(ac)?;
            let (run, size) = (u32::from(code >> 4), u32::from(code & 15));
            if size == 0 && run < 15 {
                self.end_of_band_run = self.read_end_of_band_run(run)? - 1;
                break;
            }
            k += run;
            if k > self.band.last {
                return Err(ScanError::InvalidCode);
            }
            if size > 0 {
                self.bits.skip(size)?;
                *nonzero |= 1 << k;
            }
            k += 1;
        }
        Ok(())
    }

    /// Skips a refinement scan of a band: one bit per nonzero coefficient, and the coefficients that become
    /// nonzero.
    fn skip_refinement(&mut self, ac: &HuffmanTable, nonzero: &mut u64) -> Result<(), ScanError> {
        let (mut k, last) = (self.band.first, self.band.last);
        while self.end_of_band_run == 0 && k <= last {
            let code = self.bits.read_symbol(ac)?;
            let (mut run, size) = (u32::from(code >> 4), u32::from(code & 15));
            if size == 0 && run < 15 {
                self.end_of_band_run = self.read_end_of_band_run(run)?;
                break;
            }
            // The sign of the new coefficient.
            self.bits.skip(u32::from(size > 0))?;
            while k <= last {
                if *nonzero >> k & 1 == 1 {
                    self.bits.skip(1)?;
                } else if run == 0 {
                    break;
                } else {
                    run -= 1;
                }
                k += 1;
            }
            if size > 0 && k <= last {
                *nonzero |= 1 << k;
            }
            k += 1;
        }
        if self.end_of_band_run > 0 {
            self.end_of_band_run -= 1;
            if k <= last {
                let rest = u64::MAX >> (63 - last) & u64::MAX << k;
                (0..(*nonzero & rest).count_ones()).try_for_each(|_| self.bits.skip(1))?;
            }
        }
        Ok(())
    }

    /// Reads the length of an end-of-band run in blocks, the current block included.
    fn read_end_of_band_run(&mut self, bits: u32) -> Result<u32, ScanError> {
        Ok((1 << bits) + if bits > 0 { self.bits.read(bits)? } else { 0 })
    }
}
