//! Limit of the Huffman groups (sets of five prefix codes) in a lossless WebP stream.
//!
//! A group takes up to 20 KB of tables and about 60 bytes of the file. The format allows 65,536 groups: 1.4
//! GB from a file of 4 MB. `image-webp` builds all of them, so they are counted here first, by reading the
//! stream up to the groups. Layout and constants are those of the WebP lossless bitstream specification (RFC
//! 9649, section 3).

use facemask_core::error::{Error, Result};

use crate::input_kind::InputKind;

/// Limit of groups: 90 MB of tables. Encoders merge similar groups down to some hundreds.
const MAX_GROUPS: u32 = 4096;

/// Storage order of the lengths of the code length code (kCodeLengthCodeOrder).
const CODE_LENGTH_ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Checks the number of groups of a stream of `width` x `height` pixels. `bytes` begin after the size, with
/// the transforms.
///
/// # Errors
///
/// The "unsupported" error of `kind` for more groups than [`MAX_GROUPS`], and its "corrupt" error for a
/// stream that ends early or has invalid codes.
pub(super) fn check_count(kind: InputKind, bytes: &[u8], width: u32, height: u32) -> Result<()> {
    let groups = LosslessReader { bytes, bit: 0 }
        .count_groups(width, height)
        .ok_or_else(|| kind.corrupt("the WebP's lossless data ends early or holds codes that cannot be"))?;
    if groups > MAX_GROUPS { Err(too_many_groups(kind, groups)) } else { Ok(()) }
}

fn too_many_groups(kind: InputKind, groups: u32) -> Error {
    kind.unsupported(format!("the WebP asks for {groups} sets of codes, expected at most {MAX_GROUPS}"))
}

/// Reader of a lossless bitstream, least significant bit first. Every method returns `None` at the end of the
/// data and for invalid data.
struct LosslessReader<'a> {
    bytes: &'a [u8],
    /// Position of the next bit.
    bit: usize,
}

impl LosslessReader<'_> {
    fn read_bits(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for shift in 0..count {
            let byte = *self.bytes.get(self.bit / 8)?;
            value |= u32::from(byte >> (self.bit % 8) & 1) << shift;
            self.bit += 1;
        }
        Some(value)
    }

    /// Reads transforms and meta prefix codes, and returns the number of groups of the main image.
    fn count_groups(&mut self, width: u32, height: u32) -> Option<u32> {
        let (mut width, mut has_transform) = (width, [false; 4]);
        while self.read_bits(1)? == 1 {
            let kind = self.read_bits(2)? as usize;
            if std::mem::replace(&mut has_transform[kind], true) {
                return None;
            }
            match kind {
                0 | 1 => {
                    let block = self.read_bits(3)? + 2;
                    self.skip_subimage(subsampled(width, block), subsampled(height, block))?;
                }
                2 => {}
                _ => {
                    let colors = self.read_bits(8)? + 1;
                    self.skip_subimage(colors, 1)?;
                    // The color indexing transform bundles several pixels into one for up to 16 colors.
                    width = subsampled(width, bundling_bits(colors));
                }
            }
        }
        self.read_cache_size()?;
        if self.read_bits(1)? == 0 {
            return Some(1);
        }
        let block = self.read_bits(3)? + 2;
        self.skip_subimage(subsampled(width, block), subsampled(height, block)).map(|highest| highest + 1)
    }

    /// Reads the size of the color cache, 0 for none.
    fn read_cache_size(&mut self) -> Option<u32> {
        if self.read_bits(1)? == 0 {
            return Some(0);
        }
        let bits = self.read_bits(4)?;
        (1..=11).contains(&bits).then(|| 1 << bits)
    }

    /// Skips an image that has one group, and returns the highest meta prefix code (red and green) of its
    /// pixels. Only literal pixels count: copies and cached colors repeat those, or are 0.
    fn skip_subimage(&mut self, width: u32, height: u32) -> Option<u32> {
        let cache = self.read_cache_size()?;
        let mut codes = Vec::with_capacity(5);
        for size in [256 + 24 + cache, 256, 256, 256, 40] {
            codes.push(self.read_code(size)?);
        }
        let [green, red, blue, alpha, distance] = &codes[..] else { return None };
        let (mut remaining, mut highest) = (u64::from(width) * u64::from(height), 0);
        while remaining > 0 {
            let symbol = self.read_symbol(green)?;
            let mut count = 1;
            if symbol < 256 {
                highest = highest.max(self.read_symbol(red)? << 8 | symbol);
                self.read_symbol(blue)?;
                self.read_symbol(alpha)?;
            } else if symbol < 256 + 24 {
                count = self.read_lz77_value(symbol - 256)?;
                let code = self.read_symbol(distance)?;
                self.read_lz77_value(code)?;
            }
            remaining = remaining.saturating_sub(u64::from(count));
        }
        Some(highest)
    }

    /// Reads the extra bits of an LZ77 length or distance with this prefix.
    fn read_lz77_value(&mut self, prefix: u32) -> Option<u32> {
        if prefix < 4 {
            return Some(prefix + 1);
        }
        let extra = (prefix - 2) / 2;
        Some(((2 + (prefix & 1)) << extra) + self.read_bits(extra)? + 1)
    }

    /// Reads one symbol of a prefix code.
    fn read_symbol(&mut self, code: &PrefixCode) -> Option<u32> {
        if let PrefixCode::Single(symbol) = code {
            return Some(*symbol);
        }
        let PrefixCode::Table { counts, symbols } = code else { return None };
        // Canonical code, one bit at a time: `first` is the first code of a length, `index` the index of its
        // symbol.
        let (mut value, mut first, mut index) = (0_u32, 0_u32, 0_u32);
        for &count in &counts[1..] {
            value |= self.read_bits(1)?;
            if value < first + count {
                return symbols.get((index + value - first) as usize).copied();
            }
            index += count;
            first = (first + count) << 1;
            value <<= 1;
        }
        None
    }

    /// Reads a prefix code of an alphabet of `size` symbols.
    fn read_code(&mut self, size: u32) -> Option<PrefixCode> {
        if self.read_bits(1)? == 1 {
            let two = self.read_bits(1)? == 1;
            let wide = self.read_bits(1)?;
            let first = self.read_bits(1 + 7 * wide)?;
            let lengths = |second| {
                let mut lengths = vec![0; size as usize];
                *lengths.get_mut(first as usize)? = 1;
                *lengths.get_mut(second as usize)? = 1;
                Some(lengths)
            };
            if two {
                return PrefixCode::new(&lengths(self.read_bits(8)?)?);
            }
            // Eight bits can exceed the alphabet of distances.
            return (first < size).then_some(PrefixCode::Single(first));
        }
        let mut lengths = [0; 19];
        for &symbol in &CODE_LENGTH_ORDER[..4 + self.read_bits(4)? as usize] {
            lengths[symbol] = self.read_bits(3)? as u8;
        }
        let lengths = self.read_code_lengths(&PrefixCode::new(&lengths)?, size as usize)?;
        PrefixCode::new(&lengths)
    }

    /// Reads the code lengths of an alphabet, which are coded with `code` and as runs.
    fn read_code_lengths(&mut self, code: &PrefixCode, size: usize) -> Option<Vec<u8>> {
        let most = if self.read_bits(1)? == 1 {
            let width = 2 + 2 * self.read_bits(3)?;
            2 + self.read_bits(width)? as usize
        } else {
            size
        };
        let (mut lengths, mut previous) = (Vec::with_capacity(size), 8);
        for _ in 0..most {
            if lengths.len() >= size {
                break;
            }
            let (value, repeat) = match self.read_symbol(code)? {
                16 => (previous, 3 + self.read_bits(2)?),
                17 => (0, 3 + self.read_bits(3)?),
                18 => (0, 11 + self.read_bits(7)?),
                length => (length as u8, 1),
            };
            if value != 0 {
                previous = value;
            }
            lengths.resize(lengths.len() + repeat as usize, value);
        }
        (lengths.len() <= size).then_some(lengths)
    }
}

enum PrefixCode {
    /// The only symbol of a code; it takes no bits.
    Single(u32),
    /// Codes by length, and the symbols in the order of their codes.
    Table { counts: [u32; 16], symbols: Vec<u32> },
}

impl PrefixCode {
    fn new(lengths: &[u8]) -> Option<Self> {
        let mut symbols: Vec<u32> = (0..lengths.len() as u32).filter(|&s| lengths[s as usize] > 0).collect();
        if let [only] = symbols[..] {
            return Some(Self::Single(only));
        }
        symbols.sort_by_key(|&symbol| lengths[symbol as usize]);
        let mut counts = [0; 16];
        for &symbol in &symbols {
            *counts.get_mut(usize::from(lengths[symbol as usize]))? += 1;
        }
        Some(Self::Table { counts, symbols })
    }
}

const fn subsampled(side: u32, bits: u32) -> u32 {
    (side + (1 << bits) - 1) >> bits
}

/// Binary logarithm of the pixels that are bundled into one (width_bits of the specification).
const fn bundling_bits(colors: u32) -> u32 {
    match colors {
        0..=2 => 3,
        3..=4 => 2,
        5..=16 => 1,
        _ => 0,
    }
}
