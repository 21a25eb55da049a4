//! How many sets of prefix codes a lossless WebP stream asks for.
//!
//! One set may take 20 KB once unpacked and about 60 bytes in the file, and the format allows 65,536 of them:
//! 1.4 GB from a file of 4 MB. `image-webp` builds them all, so they are counted first, by reading the stream to
//! where the sets begin. Formats and constants are those of the WebP lossless bitstream specification.

use facemask_core::error::{Error, Result};

use crate::input_kind::InputKind;

/// The most sets: 90 MB of tables. Encoders merge similar sets down to some hundreds.
const MAX_GROUPS: u32 = 4096;

/// The order in which the lengths of the code length codes are stored.
const LENGTH_ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Refuses a stream of `width` x `height` pixels that asks for too many sets. `bytes` begin behind the size, with
/// the transforms.
pub(super) fn check(kind: InputKind, bytes: &[u8], width: u32, height: u32) -> Result<()> {
    let groups = Stream { bytes, at: 0 }
        .groups(width, height)
        .ok_or_else(|| kind.corrupt("the WebP's lossless data ends early or holds codes that cannot be"))?;
    if groups > MAX_GROUPS { Err(too_many(kind, groups)) } else { Ok(()) }
}

fn too_many(kind: InputKind, groups: u32) -> Error {
    kind.unsupported(format!("the WebP asks for {groups} sets of codes, expected at most {MAX_GROUPS}"))
}

/// Bits from the lowest of each byte up. Every reader answers `None` past the end or where the data makes no sense.
struct Stream<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Stream<'_> {
    fn bits(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for shift in 0..count {
            let byte = *self.bytes.get(self.at / 8)?;
            value |= u32::from(byte >> (self.at % 8) & 1) << shift;
            self.at += 1;
        }
        Some(value)
    }

    /// The number of sets of the main picture.
    fn groups(&mut self, width: u32, height: u32) -> Option<u32> {
        let (mut width, mut seen) = (width, [false; 4]);
        while self.bits(1)? == 1 {
            let kind = self.bits(2)? as usize;
            if std::mem::replace(&mut seen[kind], true) {
                return None;
            }
            match kind {
                0 | 1 => {
                    let block = self.bits(3)? + 2;
                    self.small_picture(subsampled(width, block), subsampled(height, block))?;
                }
                2 => {}
                _ => {
                    let colours = self.bits(8)? + 1;
                    self.small_picture(colours, 1)?;
                    // Up to 16 colours are packed, several pixels to one.
                    width = subsampled(width, [3, 2, 1, 0][packing(colours)]);
                }
            }
        }
        self.cache_size()?;
        if self.bits(1)? == 0 {
            return Some(1);
        }
        let block = self.bits(3)? + 2;
        self.small_picture(subsampled(width, block), subsampled(height, block)).map(|highest| highest + 1)
    }

    fn cache_size(&mut self) -> Option<u32> {
        if self.bits(1)? == 0 {
            return Some(0);
        }
        let bits = self.bits(4)?;
        (1..=11).contains(&bits).then(|| 1 << bits)
    }

    /// Steps over a picture that has one set of codes and answers the highest red-and-green of its pixels. Only
    /// pixels that are spelled out count: copies and cached colours repeat those, or are 0.
    fn small_picture(&mut self, width: u32, height: u32) -> Option<u32> {
        let cache = self.cache_size()?;
        let mut codes = Vec::with_capacity(5);
        for size in [256 + 24 + cache, 256, 256, 256, 40] {
            codes.push(self.code(size)?);
        }
        let [green, red, blue, alpha, distance] = &codes[..] else { return None };
        let (mut left, mut highest) = (u64::from(width) * u64::from(height), 0);
        while left > 0 {
            let symbol = self.symbol(green)?;
            let mut count = 1;
            if symbol < 256 {
                highest = highest.max(self.symbol(red)? << 8 | symbol);
                self.symbol(blue)?;
                self.symbol(alpha)?;
            } else if symbol < 256 + 24 {
                count = self.number(symbol - 256)?;
                let code = self.symbol(distance)?;
                self.number(code)?;
            }
            left = left.saturating_sub(u64::from(count));
        }
        Some(highest)
    }

    /// A length or distance that begins with this prefix.
    fn number(&mut self, prefix: u32) -> Option<u32> {
        if prefix < 4 {
            return Some(prefix + 1);
        }
        let extra = (prefix - 2) / 2;
        Some(((2 + (prefix & 1)) << extra) + self.bits(extra)? + 1)
    }

    fn symbol(&mut self, code: &Code) -> Option<u32> {
        if let Code::Single(symbol) = code {
            return Some(*symbol);
        }
        let Code::Table { counts, symbols } = code else { return None };
        // Canonical codes, one bit at a time: `first` is the first code of each length, `index` its symbol's place.
        let (mut value, mut first, mut index) = (0_u32, 0_u32, 0_u32);
        for &count in &counts[1..] {
            value |= self.bits(1)?;
            if value < first + count {
                return symbols.get((index + value - first) as usize).copied();
            }
            index += count;
            first = (first + count) << 1;
            value <<= 1;
        }
        None
    }

    fn code(&mut self, size: u32) -> Option<Code> {
        if self.bits(1)? == 1 {
            let two = self.bits(1)? == 1;
            let wide = self.bits(1)?;
            let first = self.bits(1 + 7 * wide)?;
            let lengths = |second| {
                let mut lengths = vec![0; size as usize];
                *lengths.get_mut(first as usize)? = 1;
                *lengths.get_mut(second as usize)? = 1;
                Some(lengths)
            };
            if two {
                return Code::new(&lengths(self.bits(8)?)?);
            }
            // Eight bits can name a symbol that the alphabet of the distances does not have.
            return (first < size).then_some(Code::Single(first));
        }
        let mut lengths = [0; 19];
        for &place in &LENGTH_ORDER[..4 + self.bits(4)? as usize] {
            lengths[place] = self.bits(3)? as u8;
        }
        let lengths = self.lengths(&Code::new(&lengths)?, size as usize)?;
        Code::new(&lengths)
    }

    /// The code lengths of an alphabet, themselves coded.
    fn lengths(&mut self, code: &Code, size: usize) -> Option<Vec<u8>> {
        let most = if self.bits(1)? == 1 {
            let width = 2 + 2 * self.bits(3)?;
            2 + self.bits(width)? as usize
        } else {
            size
        };
        let (mut lengths, mut previous) = (Vec::with_capacity(size), 8);
        for _ in 0..most {
            if lengths.len() >= size {
                break;
            }
            let (value, repeat) = match self.symbol(code)? {
                16 => (previous, 3 + self.bits(2)?),
                17 => (0, 3 + self.bits(3)?),
                18 => (0, 11 + self.bits(7)?),
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

enum Code {
    /// One symbol, which takes no bits.
    Single(u32),
    /// Codes by length, and the symbols in the order of their codes.
    Table { counts: [u32; 16], symbols: Vec<u32> },
}

impl Code {
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

/// Which of the packings for up to 2, 4, 16 or more colours applies.
const fn packing(colours: u32) -> usize {
    match colours {
        0..=2 => 0,
        3..=4 => 1,
        5..=16 => 2,
        _ => 3,
    }
}
