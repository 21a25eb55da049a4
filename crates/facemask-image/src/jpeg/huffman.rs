//! The bits of a JPEG scan and the codes in them.

use facemask_core::error::Result;

use super::corrupt;

/// Codes up to this length are found in one look.
const SHORT: usize = 9;

/// A Huffman table of a DHT segment.
pub(super) struct Huffman {
    /// By the next [`SHORT`] bits: code length (0 when it is longer) and symbol.
    short: [(u8, u8); 1 << SHORT],
    /// By length: one past the last code of that length, and what to add to a code to find its symbol.
    longer: [(u32, i32); 17],
    symbols: Vec<u8>,
}

impl Huffman {
    /// Reads one table from its 16 counts and the bytes behind them; answers it and its length in bytes.
    pub(super) fn read(bytes: &[u8]) -> Result<(Self, usize)> {
        let wrong = || corrupt("the JPEG has a broken Huffman table");
        let counts: &[u8; 16] = bytes.first_chunk().ok_or_else(wrong)?;
        let total = counts.iter().map(|&count| usize::from(count)).sum::<usize>();
        let symbols = bytes.get(16..16 + total).ok_or_else(wrong)?.to_vec();
        let mut table = Self { short: [(0, 0); 1 << SHORT], longer: [(0, 0); 17], symbols };
        let (mut code, mut index) = (0_u32, 0_usize);
        for length in 1..=16_usize {
            let count = u32::from(counts[length - 1]);
            if code + count > 1 << length {
                return Err(wrong());
            }
            table.longer[length] = (code + count, index as i32 - code as i32);
            for _ in 0..count {
                if length <= SHORT {
                    let first = (code as usize) << (SHORT - length);
                    table.short[first..first + (1 << (SHORT - length))]
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

/// Why no more bits can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// A marker or the end of the file came first.
    Dry,
    /// The bits are no code of the table, or the code makes no sense here.
    NoCode,
}

/// Reads bits up to the next marker.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    /// The next byte to load.
    pub(super) at: usize,
    buffer: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) const fn new(data: &'a [u8], at: usize) -> Self {
        Self { data, at, buffer: 0, count: 0 }
    }

    /// Loads bytes while there is room, stopping in front of a marker; a stuffed ff 00 is an ff.
    fn load(&mut self) {
        while self.count <= 48 {
            let Some(&byte) = self.data.get(self.at) else { return };
            if byte == 0xff {
                if self.data.get(self.at + 1) != Some(&0) {
                    return;
                }
                self.at += 1;
            }
            self.at += 1;
            self.buffer |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// Steps over `count` bits, at most 48.
    #[inline]
    pub(super) fn skip(&mut self, count: u32) -> std::result::Result<(), Stop> {
        if self.count < count {
            self.load();
            if self.count < count {
                return Err(Stop::Dry);
            }
        }
        self.buffer <<= count;
        self.count -= count;
        Ok(())
    }

    /// The next `count` bits, 1 to 16, as a number.
    pub(super) fn take(&mut self, count: u32) -> std::result::Result<u32, Stop> {
        if self.count < count {
            self.load();
        }
        let value = (self.buffer >> (64 - count)) as u32;
        self.skip(count)?;
        Ok(value)
    }

    /// The symbol of the next code.
    #[inline]
    pub(super) fn symbol(&mut self, table: &Huffman) -> std::result::Result<u8, Stop> {
        if self.count < 16 {
            self.load();
        }
        let (length, symbol) = table.short[(self.buffer >> (64 - SHORT)) as usize];
        if length > 0 {
            self.skip(u32::from(length))?;
            return Ok(symbol);
        }
        for length in SHORT + 1..=16 {
            let code = (self.buffer >> (64 - length)) as u32;
            let (end, offset) = table.longer[length];
            if code < end {
                self.skip(length as u32)?;
                let index = usize::try_from(code as i32 + offset).ok();
                return index.and_then(|index| table.symbols.get(index)).copied().ok_or(Stop::NoCode);
            }
        }
        // The padding in front of a marker is no code either: then the marker is the reason.
        Err(if self.count < 16 { Stop::Dry } else { Stop::NoCode })
    }

    /// Steps over the restart marker that has to come next.
    pub(super) fn restart(&mut self) -> std::result::Result<(), Stop> {
        (self.buffer, self.count) = (0, 0);
        while let Some(&byte) = self.data.get(self.at) {
            match (byte, self.data.get(self.at + 1)) {
                (0xff, Some(0xd0..=0xd7)) => {
                    self.at += 2;
                    return Ok(());
                }
                (0xff, Some(0)) => self.at += 2,
                (0xff, _) => return Err(Stop::Dry),
                _ => self.at += 1,
            }
        }
        Err(Stop::Dry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes 0, 10, 110 and one of 12 bits, 111000000000.
    fn table() -> Huffman {
        let mut bytes = vec![1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
        bytes.extend([5, 6, 7, 8]);
        Huffman::read(&bytes).unwrap().0
    }

    #[test]
    fn codes_short_and_long_are_read_to_the_last_bit() {
        let table = table();
        // 0 10 110 111000000000 0 10 and then bits that are no whole code.
        let data = [0b0101_1011, 0b1000_0000, 0b0001_0111, 0xff, 0xd9];
        let mut bits = Bits::new(&data, 0);
        let read: Vec<_> = std::iter::from_fn(|| bits.symbol(&table).ok()).collect();
        assert_eq!(read, [5, 6, 7, 8, 5, 6]);
        assert_eq!(bits.symbol(&table), Err(Stop::Dry));
        assert_eq!(bits.take(3), Ok(0b111));
        assert_eq!(bits.take(1), Err(Stop::Dry));
        let mut wrong = Bits::new(&[0b1110_1010; 9], 0);
        assert_eq!(wrong.symbol(&table), Err(Stop::NoCode));
    }

    #[test]
    fn stuffed_bytes_are_one_and_restarts_are_found() {
        let data = [0xff, 0x00, 0xff, 0xd3, 0xa5, 0xff, 0xd9];
        let mut bits = Bits::new(&data, 0);
        assert_eq!(bits.take(8), Ok(0xff));
        assert_eq!(bits.take(1), Err(Stop::Dry));
        assert_eq!(bits.restart(), Ok(()));
        assert_eq!(bits.take(8), Ok(0xa5));
        assert_eq!(bits.restart(), Err(Stop::Dry));
    }

    #[test]
    fn tables_that_cannot_be_are_refused() {
        let mut too_many = vec![3; 16];
        too_many.extend([0; 48]);
        assert!(Huffman::read(&too_many).is_err());
        assert!(Huffman::read(&[0; 15]).is_err());
        assert!(Huffman::read(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).is_err());
    }
}
