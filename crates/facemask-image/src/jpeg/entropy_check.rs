//! Whether the coded data of a JPEG reaches its last block.
//!
//! Decoders fill what is missing with grey, by habit of the web, `zune-jpeg`'s strict mode included. So the
//! codes are counted here first, block by block, with nothing computed from them: a fraction of a decode.

use facemask_core::error::Result;

use super::huffman::{Bits, Huffman, Stop};
use super::markers::{Markers, Segment};
use super::scan_blocks::{Band, Part, Plane, Walk};
use super::{Component, Frame, corrupt, frame};

/// Refuses a JPEG one of whose scans ends before its last block or holds bits that are no code. The structure
/// has been checked before.
pub(super) fn check(data: &[u8]) -> Result<()> {
    let mut markers = Markers::new(data);
    let mut tables = Tables::default();
    let mut picture = None;
    loop {
        let segment = markers.next()?;
        match segment.marker {
            0xc0..=0xc2 => picture = Some(Picture::new(&frame(&segment)?)),
            0xc4 => tables.read(segment.content)?,
            0xdd => tables.restart_interval = segment.content.iter().fold(0, |n, &b| n << 8 | usize::from(b)),
            0xda => {
                let Some(picture) = &mut picture else {
                    return Err(corrupt("the JPEG has no frame header in front of its pixels"));
                };
                picture.check_scan(data, markers.at, &segment, &tables)?;
                markers.skip_coded(true)?;
            }
            0xd9 => return Ok(()),
            _ => {}
        }
    }
}

/// What the segments between the scans have set.
#[derive(Default)]
struct Tables {
    /// By class (0 DC, 1 AC) and number.
    huffman: [[Option<Box<Huffman>>; 4]; 2],
    /// Units between two restart markers, 0 for none.
    restart_interval: usize,
}

impl Tables {
    fn read(&mut self, mut content: &[u8]) -> Result<()> {
        while let [head, rest @ ..] = content {
            let (class, number) = (usize::from(head >> 4), usize::from(head & 15));
            let (table, length) = Huffman::read(rest)?;
            let Some(place) = self.huffman.get_mut(class).and_then(|tables| tables.get_mut(number)) else {
                return Err(corrupt(format!(
                    "the JPEG has a Huffman table of class {class} and number {number}"
                )));
            };
            *place = Some(Box::new(table));
            content = &rest[length..];
        }
        Ok(())
    }
}

struct Picture {
    progressive: bool,
    /// Units of an interleaved scan, across and down.
    units: (usize, usize),
    planes: Vec<Plane>,
}

impl Picture {
    fn new(frame: &Frame) -> Self {
        let most = |side: fn(&Component) -> usize| frame.components.iter().map(side).max().unwrap_or(1);
        let (across, down) = (most(|c| c.across), most(|c| c.down));
        let (width, height) = (frame.width as usize, frame.height as usize);
        let units = (width.div_ceil(8 * across), height.div_ceil(8 * down));
        let plane = |&component: &Component| {
            let own = |side: usize, part: usize, whole: usize| (side * part).div_ceil(whole).div_ceil(8);
            let stride = units.0 * component.across;
            let blocks = if frame.progressive { stride * units.1 * component.down } else { 0 };
            Plane {
                component,
                own: (own(width, component.across, across), own(height, component.down, down)),
                stride,
                set: vec![0; blocks],
            }
        };
        Self { progressive: frame.progressive, units, planes: frame.components.iter().map(plane).collect() }
    }

    /// Walks the coded data at `start` that belongs to the scan header.
    fn check_scan(&mut self, data: &[u8], start: usize, header: &Segment, tables: &Tables) -> Result<()> {
        let (parts, band) = self.scan(header, tables)?;
        let alone = parts.len() == 1;
        let (across, down) = if alone { self.planes[parts[0].plane].own } else { self.units };
        let total = across * down;
        let mut walk = Walk { bits: Bits::new(data, start), band, skip_blocks: 0 };
        for unit in 0..total {
            let result = if tables.restart_interval > 0 && unit > 0 && unit % tables.restart_interval == 0 {
                walk.skip_blocks = 0;
                walk.bits.restart()
            } else {
                Ok(())
            };
            let (x, y) = (unit % across, unit / across);
            result.and_then(|()| self.unit(&mut walk, &parts, x, y)).map_err(|stop| {
                let at = walk.bits.at;
                corrupt(match stop {
                    Stop::Dry => format!(
                        "the JPEG's coded pixels end at byte {at} after {unit} of {total} blocks of the scan at byte {start}"
                    ),
                    Stop::NoCode => format!("the JPEG's coded pixels are damaged near byte {at}"),
                })
            })?;
        }
        Ok(())
    }

    fn scan<'a>(&self, header: &Segment, tables: &'a Tables) -> Result<(Vec<Part<'a>>, Band)> {
        let content = header.content;
        let count = usize::from(content[0]);
        let mut parts = Vec::with_capacity(count);
        for pair in content[1..1 + 2 * count].chunks(2) {
            let table = |class: usize, number: u8| tables.huffman[class].get(usize::from(number))?.as_deref();
            let Some(plane) = self.planes.iter().position(|plane| plane.component.id == pair[0]) else {
                return Err(corrupt("the JPEG has a scan about a component that the frame does not have"));
            };
            parts.push(Part { plane, dc: table(0, pair[1] >> 4), ac: table(1, pair[1] & 15) });
        }
        let [first, last, approximation] = [0, 1, 2].map(|i| u32::from(content[1 + 2 * count + i]));
        let band = if self.progressive {
            Band { first, last, refines: approximation >> 4 > 0 }
        } else {
            Band { first: 0, last: 63, refines: false }
        };
        let dc_scan = band.first == 0 && band.last == 0;
        let ac_scan = band.first > 0 && band.first <= band.last && band.last < 64 && count == 1;
        if self.progressive && !dc_scan && !ac_scan {
            let detail =
                format!("the JPEG has a scan of the coefficients {first} to {last} of {count} components");
            return Err(corrupt(detail));
        }
        let needs_dc = band.first == 0 && !band.refines;
        if parts.iter().any(|part| needs_dc && part.dc.is_none() || band.last > 0 && part.ac.is_none()) {
            return Err(corrupt("the JPEG has a scan whose Huffman table did not come"));
        }
        Ok((parts, band))
    }

    /// The blocks of one unit: a single one when a component comes alone.
    fn unit(&mut self, walk: &mut Walk, parts: &[Part], x: usize, y: usize) -> std::result::Result<(), Stop> {
        if let [part] = parts {
            return walk.block(part, &mut self.planes[part.plane], x, y);
        }
        for part in parts {
            let Component { across, down, .. } = self.planes[part.plane].component;
            for (j, i) in (0..down).flat_map(|j| (0..across).map(move |i| (j, i))) {
                walk.block(part, &mut self.planes[part.plane], x * across + i, y * down + j)?;
            }
        }
        Ok(())
    }
}
