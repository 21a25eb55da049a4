//! Check that the entropy-coded data of a JPEG is complete and valid.
//!
//! JPEG decoders, `zune-jpeg` in strict mode included, fill missing blocks with gray instead of failing. So
//! every code of every block is read here before the pixels are decoded. Nothing is computed from the codes:
//! it costs a fraction of decoding.

use facemask_core::error::Result;

use super::huffman::{BitReader, HuffmanTable, ScanError};
use super::markers::{MarkerReader, Segment};
use super::scan_blocks::{BlockGrid, ComponentPlane, ScanComponent, ScanReader, SpectralBand};
use super::{FrameComponent, FrameHeader, corrupt, parse_frame};

/// Reads all scans of a JPEG to their last block. The caller has validated the marker structure.
///
/// # Errors
///
/// `image_corrupt` for a scan that ends before its last block or holds bits that are no code.
pub(super) fn check_scans(data: &[u8]) -> Result<()> {
    let mut markers = MarkerReader::new(data);
    let mut tables = CodingTables::default();
    let mut checker = None;
    loop {
        let segment = markers.read_segment()?;
        match segment.marker {
            0xc0..=0xc2 => checker = Some(EntropyChecker::new(&parse_frame(&segment)?)),
            0xc4 => tables.parse(segment.content)?,
            0xdd => tables.restart_interval = segment.content.iter().fold(0, |n, &b| n << 8 | usize::from(b)),
            0xda => {
                let Some(checker) = &mut checker else {
                    return Err(corrupt("the JPEG has no frame header in front of its pixels"));
                };
                checker.check_scan(data, markers.offset, &segment, &tables)?;
                markers.skip_entropy_data(true)?;
            }
            0xd9 => return Ok(()),
            _ => {}
        }
    }
}

/// Huffman tables (DHT) and restart interval (DRI) in force for the next scan.
#[derive(Default)]
struct CodingTables {
    /// Indexed by class (0 DC, 1 AC) and destination.
    huffman: [[Option<Box<HuffmanTable>>; 4]; 2],
    /// Coding units between two restart markers, 0 for none.
    restart_interval: usize,
}

impl CodingTables {
    /// Parses the tables of a DHT segment.
    fn parse(&mut self, mut content: &[u8]) -> Result<()> {
        while let [head, rest @ ..] = content {
            let (class, number) = (usize::from(head >> 4), usize::from(head & 15));
            let (table, length) = HuffmanTable::parse(rest)?;
            let Some(slot) = self.huffman.get_mut(class).and_then(|tables| tables.get_mut(number)) else {
                return Err(corrupt(format!(
                    "the JPEG has a Huffman table of class {class} and number {number}"
                )));
            };
            *slot = Some(Box::new(table));
            content = &rest[length..];
        }
        Ok(())
    }
}

/// Blocks of a frame, and which coefficients of them are known to be nonzero.
struct EntropyChecker {
    is_progressive: bool,
    /// Coding units of an interleaved scan.
    units: BlockGrid,
    planes: Vec<ComponentPlane>,
}

impl EntropyChecker {
    fn new(frame: &FrameHeader) -> Self {
        let max =
            |factor: fn(&FrameComponent) -> usize| frame.components.iter().map(factor).max().unwrap_or(1);
        let (max_horizontal, max_vertical) = (max(|c| c.horizontal), max(|c| c.vertical));
        let (width, height) = (frame.width as usize, frame.height as usize);
        let units = BlockGrid {
            columns: width.div_ceil(8 * max_horizontal),
            rows: height.div_ceil(8 * max_vertical),
        };
        let plane = |&component: &FrameComponent| {
            let blocks = |side: usize, factor: usize, max: usize| (side * factor).div_ceil(max).div_ceil(8);
            let stride = units.columns * component.horizontal;
            let count = if frame.is_progressive { stride * units.rows * component.vertical } else { 0 };
            ComponentPlane {
                component,
                size: BlockGrid {
                    columns: blocks(width, component.horizontal, max_horizontal),
                    rows: blocks(height, component.vertical, max_vertical),
                },
                stride,
                nonzero: vec![0; count],
            }
        };
        Self {
            is_progressive: frame.is_progressive,
            units,
            planes: frame.components.iter().map(plane).collect(),
        }
    }

    /// Reads the scan whose coded data begins at byte `start`.
    fn check_scan(
        &mut self,
        data: &[u8],
        start: usize,
        header: &Segment,
        tables: &CodingTables,
    ) -> Result<()> {
        let (components, band) = self.parse_scan(header, tables)?;
        let BlockGrid { columns, rows } =
            if components.len() == 1 { self.planes[components[0].plane].size } else { self.units };
        let total = columns * rows;
        let mut reader = ScanReader { bits: BitReader::new(data, start), band, end_of_band_run: 0 };
        for unit in 0..total {
            let result = if tables.restart_interval > 0 && unit > 0 && unit % tables.restart_interval == 0 {
                reader.end_of_band_run = 0;
                reader.bits.skip_restart()
            } else {
                Ok(())
            };
            let (x, y) = (unit % columns, unit / columns);
            result.and_then(|()| self.skip_unit(&mut reader, &components, x, y)).map_err(|error| {
                let at = reader.bits.offset;
                corrupt(match error {
                    ScanError::OutOfData => format!(
                        "the JPEG's coded pixels end at byte {at} after {unit} of {total} blocks of the scan at byte {start}"
                    ),
                    ScanError::InvalidCode => format!("the JPEG's coded pixels are damaged near byte {at}"),
                })
            })?;
        }
        Ok(())
    }

    /// Parses an SOS segment: its components with their tables, and its band.
    fn parse_scan<'a>(
        &self,
        header: &Segment,
        tables: &'a CodingTables,
    ) -> Result<(Vec<ScanComponent<'a>>, SpectralBand)> {
        let content = header.content;
        let count = usize::from(content[0]);
        let mut components = Vec::with_capacity(count);
        for pair in content[1..1 + 2 * count].chunks(2) {
            let table = |class: usize, number: u8| tables.huffman[class].get(usize::from(number))?.as_deref();
            let Some(plane) = self.planes.iter().position(|plane| plane.component.id == pair[0]) else {
                return Err(corrupt("the JPEG has a scan about a component that the frame does not have"));
            };
            components.push(ScanComponent { plane, dc: table(0, pair[1] >> 4), ac: table(1, pair[1] & 15) });
        }
        let [first, last, approximation] = [0, 1, 2].map(|i| u32::from(content[1 + 2 * count + i]));
        let band = if self.is_progressive {
            SpectralBand { first, last, is_refinement: approximation >> 4 > 0 }
        } else {
            SpectralBand { first: 0, last: 63, is_refinement: false }
        };
        let is_dc_scan = band.first == 0 && band.last == 0;
        let is_ac_scan = band.first > 0 && band.first <= band.last && band.last < 64 && count == 1;
        if self.is_progressive && !is_dc_scan && !is_ac_scan {
            let detail =
                format!("the JPEG has a scan of the coefficients {first} to {last} of {count} components");
            return Err(corrupt(detail));
        }
        let needs_dc = band.first == 0 && !band.is_refinement;
        if components.iter().any(|c| needs_dc && c.dc.is_none() || band.last > 0 && c.ac.is_none()) {
            return Err(corrupt("the JPEG has a scan whose Huffman table did not come"));
        }
        Ok((components, band))
    }

    /// Skips the blocks of one coding unit; a scan of one component has one block per unit.
    fn skip_unit(
        &mut self,
        reader: &mut ScanReader,
        components: &[ScanComponent],
        x: usize,
        y: usize,
    ) -> std::result::Result<(), ScanError> {
        if let [component] = components {
            return reader.skip_block(component, &mut self.planes[component.plane], x, y);
        }
        for scanned in components {
            let FrameComponent { horizontal, vertical, .. } = self.planes[scanned.plane].component;
            for (j, i) in (0..vertical).flat_map(|j| (0..horizontal).map(move |i| (j, i))) {
                let (column, row) = (x * horizontal + i, y * vertical + j);
                reader.skip_block(scanned, &mut self.planes[scanned.plane], column, row)?;
            }
        }
        Ok(())
    }
}
