//! Bits and Huffman codes of a JPEG scan (ITU-T T.81, annexes C and F).

use facemask_core::error::Result;

use super::corrupt;

/// Codes of up to this many bits take one table look-up.
const LOOKUP_BITS: usize = 9;

/// A Huffman table of a DHT segment.
pub(super) struct HuffmanTable {
    /// Indexed by the next [`LOOKUP_BITS`] bits: code length (0 if it is longer) and symbol.
    lookup: [(u8, u8); 1 << LOOKUP_BITS],
    /// Indexed by length: one past the last code of that length, and the offset from a code to its symbol.
    ranges: [(u32, i32); 17],
    symbols: Vec<u8>,
}

impl HuffmanTable {
    /// Parses a table: 16 counts of codes by length, then the symbols. Returns the table and its length in
    /// bytes.
    pub(super) fn parse(bytes: &[u8]) -> Result<(Self, usize)> {
        let invalid = || corrupt("the JPEG has a broken Huffman table");
        let counts: &[u8; 16] = bytes.first_chunk().ok_or_else(invalid)?;
        let total = counts.iter().map(|&count| usize::from(count)).sum::<usize>();
        let symbols = bytes.get(16..16 + total).ok_or_else(invalid)?.to_vec();
        let mut table = Self { lookup: [(0, 0); 1 << LOOKUP_BITS], ranges: [(0, 0); 17], symbols };
        let (mut code, mut index) = (0_u32, 0_usize);
        for length in 1..=16_usize {
            let count = u32::from(counts[length - 1]);
            if code + count > 1 << length {
                return Err(invalid());
            }
            table.ranges[length] = (code + count, index as i32 - code as i32);
            for _ in 0..count {
                if length <= LOOKUP_BITS {
                    let first = (code as usize) << (LOOKUP_BITS - length);
                    table.lookup[first..first + (1 << (LOOKUP_BITS - length))]
                        .fill((length as u8, table.symbols[index]));
                }
                code += 1;
                index += 1;
            }
            code <<= 1;
        }
        Ok((table, 16 + total))
    }
}

/// The reason why a scan cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScanError {
    /// A marker or the end of the file follows.
    OutOfData,
    /// The bits are no code of the table, or the code is not allowed here.
    InvalidCode,
}

/// Reader of the bits of a scan, most significant bit first, up to the next marker.
pub(super) struct BitReader<'a> {
    data: &'a [u8],
    /// Offset of the next byte to load.
    pub(super) offset: usize,
    /// Loaded bits, left-aligned.
    buffer: u64,
    /// Number of loaded bits.
    count: u32,
}

impl<'a> BitReader<'a> {
    pub(super) const fn new(data: &'a [u8], offset: usize) -> Self {
        Self { data, offset, buffer: 0, count: 0 }
    }

    /// Fills the buffer, at most up to the next marker. The stuffed pair ff 00 is the byte ff.
    fn fill(&mut self) {
        while self.count <= 48 {
            let Some(&byte) = self.data.get(self.offset) else { return };
            if byte == 0xff {
                if self.data.get(self.offset + 1) != Some(&0) {
                    return;
                }
                self.offset += 1;
            }
            self.offset += 1;
            self.buffer |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// Skips `count` bits, at most 48.
    #[inline]
    pub(super) fn skip(&mut self, count: u32) -> std::result::Result<(), ScanError> {
        if self.count < count {
            self.fill();
            if self.count < count {
                return Err(ScanError::OutOfData);
            }
        }
        self.buffer <<= count;
        self.count -= count;
        Ok(())
    }

    /// Reads the next `count` bits, 1 to 16, as a number.
    pub(super) fn read(&mut self, count: u32) -> std::result::Result<u32, ScanError> {
        if self.count < count {
            self.fill();
        }
        let value = (self.buffer >> (64 - count)) as u32;
        self.skip(count)?;
        Ok(value)
    }

    /// Reads the next code and returns its symbol.
    #[inline]
    pub(super) fn read_symbol(&mut self, table: &HuffmanTable) -> std::result::Result<u8, ScanError> {
        if self.count < 16 {
            self.fill();
        }
        let (length, symbol) = table.lookup[(self.buffer >> (64 - LOOKUP_BITS)) as usize];
        if length > 0 {
            self.skip(u32::from(length))?;
            return Ok(symbol);
        }
        for length in LOOKUP_BITS + 1..=16 {
            let code = (self.buffer >> (64 - length)) as u32;
            let (end, offset) = table.ranges[length];
            if code < end {
                self.skip(length as u32)?;
                let index = usize::try_from(code as i32 + offset).ok();
                return index
                    .and_then(|index| table.symbols.get(index))
                    .copied()
                    .ok_or(ScanError::InvalidCode);
            }
        }
        // Padding before a marker is no code either: then the data has ended.
        Err(if self.count < 16 { ScanError::OutOfData } else { ScanError::InvalidCode })
    }

    /// Skips to the restart marker that has to follow, and over it.
    pub(super) fn skip_restart(&mut self) -> std::result::Result<(), ScanError> {
        (self.buffer, self.count) = (0, 0);
        while let Some(&byte) = self.data.get(self.offset) {
            match (byte, self.data.get(self.offset + 1)) {
                (0xff, Some(0xd0..=0xd7)) => {
                    self.offset += 2;
                    return Ok(());
                }
                (0xff, Some(0)) => self.offset += 2,
                (0xff, _) => return Err(ScanError::OutOfData),
                _ => self.offset += 1,
            }
        }
        Err(ScanError::OutOfData)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes 0, 10, 110 and one of 12 bits, 111000000000.
    fn table() -> HuffmanTable {
        let mut bytes = vec![1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
        bytes.extend([5, 6, 7, 8]);
        HuffmanTable::parse(&bytes).unwrap().0
    }

    #[test]
    fn codes_short_and_long_are_read_to_the_last_bit() {
        let table = table();
        // 0 10 110 111000000000 0 10 and then bits that are no whole code.
        let data = [0b0101_1011, 0b1000_0000, 0b0001_0111, 0xff, 0xd9];
        let mut bits = BitReader::new(&data, 0);
        let read: Vec<_> = std::iter::from_fn(|| bits.read_symbol(&table).ok()).collect();
        assert_eq!(read, [5, 6, 7, 8, 5, 6]);
        assert_eq!(bits.read_symbol(&table), Err(ScanError::OutOfData));
        assert_eq!(bits.read(3), Ok(0b111));
        assert_eq!(bits.read(1), Err(ScanError::OutOfData));
        let mut invalid = BitReader::new(&[0b1110_1010; 9], 0);
        assert_eq!(invalid.read_symbol(&table), Err(ScanError::InvalidCode));
    }

    #[test]
    fn stuffed_bytes_are_one_and_restarts_are_found() {
        let data = [0xff, 0x00, 0xff, 0xd3, 0xa5, 0xff, 0xd9];
        let mut bits = BitReader::new(&data, 0);
        assert_eq!(bits.read(8), Ok(0xff));
        assert_eq!(bits.read(1), Err(ScanError::OutOfData));
        assert_eq!(bits.skip_restart(), Ok(()));
        assert_eq!(bits.read(8), Ok(0xa5));
        assert_eq!(bits.skip_restart(), Err(ScanError::OutOfData));
    }

    #[test]
    fn tables_that_cannot_be_are_refused() {
        let mut too_many = vec![3; 16];
        too_many.extend([0; 48]);
        assert!(HuffmanTable::parse(&too_many).is_err());
        assert!(HuffmanTable::parse(&[0; 15]).is_err());
        assert!(HuffmanTable::parse(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).is_err());
    }
}
