//! PNG files of every kind, valid and invalid, written chunk by chunk.

pub(crate) const GRAY: u8 = 0;
pub(crate) const RGB: u8 = 2;
pub(crate) const PALETTE: u8 = 3;
pub(crate) const GRAY_ALPHA: u8 = 4;
pub(crate) const RGBA: u8 = 6;

/// A PNG to be written.
#[derive(Clone, Debug)]
pub(crate) struct Png {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) depth: u8,
    pub(crate) color: u8,
    pub(crate) interlaced: bool,
    pub(crate) palette: Option<Vec<u8>>,
    pub(crate) transparency: Option<Vec<u8>>,
    /// The samples of all pixels, row by row.
    pub(crate) samples: Vec<u16>,
}

impl Png {
    pub(crate) fn new(color: u8, depth: u8, width: u32, height: u32, samples: Vec<u16>) -> Self {
        let palette = (color == PALETTE).then(|| (0..1_u16 << depth).flat_map(|i| [i as u8, 7, 9]).collect());
        Self { width, height, depth, color, interlaced: false, palette, transparency: None, samples }
    }

    pub(crate) fn interlaced(self) -> Self {
        Self { interlaced: true, ..self }
    }

    pub(crate) fn palette(self, colors: &[[u8; 3]]) -> Self {
        Self { palette: Some(colors.concat()), ..self }
    }

    pub(crate) fn transparency(self, bytes: &[u8]) -> Self {
        Self { transparency: Some(bytes.to_vec()), ..self }
    }

    fn channels(&self) -> usize {
        [1, 0, 3, 1, 2, 0, 4][usize::from(self.color)]
    }

    pub(crate) fn header(&self) -> Vec<u8> {
        let mut header = [self.width.to_be_bytes(), self.height.to_be_bytes()].concat();
        header.extend([self.depth, self.color, 0, 0, u8::from(self.interlaced)]);
        header
    }

    fn pack(&self, xs: impl Iterator<Item = usize>, y: usize) -> Vec<u8> {
        let (mut bytes, mut free) = (vec![0], 0);
        for x in xs {
            for c in 0..self.channels() {
                let sample = self.samples[(y * self.width as usize + x) * self.channels() + c];
                match self.depth {
                    16 => bytes.extend(sample.to_be_bytes()),
                    8 => bytes.push(sample as u8),
                    depth => {
                        if free == 0 {
                            bytes.push(0);
                            free = 8;
                        }
                        free -= depth;
                        *bytes.last_mut().unwrap() |= (sample as u8) << free;
                    }
                }
            }
        }
        bytes
    }

    /// The bytes that are compressed: a filter byte 0 before every row.
    pub(crate) fn stream(&self) -> Vec<u8> {
        let (w, h) = (self.width as usize, self.height as usize);
        let whole = [(0, 0, 1, 1)];
        let adam7 = [
            (0, 0, 8, 8),
            (4, 0, 8, 8),
            (0, 4, 4, 8),
            (2, 0, 4, 4),
            (0, 2, 2, 4),
            (1, 0, 2, 2),
            (0, 1, 1, 2),
        ];
        let passes: &[(usize, usize, usize, usize)] = if self.interlaced { &adam7 } else { &whole };
        let mut out = Vec::new();
        for &(x, y, step_x, step_y) in passes.iter().filter(|pass| pass.0 < w) {
            for y in (y..h).step_by(step_y) {
                out.extend(self.pack((x..w).step_by(step_x), y));
            }
        }
        out
    }

    /// The file with these compressed pixels instead of its own and these chunks in front of them.
    pub(crate) fn file_with(&self, compressed: &[u8], extra: &[Vec<u8>]) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        file.extend(chunk(b"IHDR", &self.header()));
        extra.iter().for_each(|bytes| file.extend(bytes));
        self.palette.iter().for_each(|bytes| file.extend(chunk(b"PLTE", bytes)));
        self.transparency.iter().for_each(|bytes| file.extend(chunk(b"tRNS", bytes)));
        // Two chunks, so that the seam is crossed in every test.
        let (front, back) = compressed.split_at(compressed.len() / 2);
        file.extend(chunk(b"IDAT", front));
        file.extend(chunk(b"IDAT", back));
        file.extend(chunk(b"IEND", b""));
        file
    }

    pub(crate) fn file(&self) -> Vec<u8> {
        self.file_with(&fdeflate::compress_to_vec(&self.stream()), &[])
    }
}

/// A chunk with its length and CRC.
pub(crate) fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let named = [&name[..], content].concat();
    let crc = crc32fast::hash(&named).to_be_bytes();
    [&(content.len() as u32).to_be_bytes()[..], &named, &crc].concat()
}

/// A 7 x 5 map of the ids 0 to 10.
pub(crate) fn small_map() -> Png {
    Png::new(GRAY, 8, 7, 5, (0..35).map(|i| i % 11).collect())
}

/// The same pixels through the `png` crate's encoder, which filters and compresses like a real writer.
pub(crate) fn filtered(width: u32, height: u32, bytes: &[u8], color: png::ColorType) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_filter(png::Filter::Adaptive);
    encoder.write_header().unwrap().write_image_data(bytes).unwrap();
    out
}
