//! Label maps in the NPZ format: a zip archive of arrays, stored or deflated, as `numpy.savez` writes it.
//!
//! Source: APPNOTE.TXT of PKWARE, version 6.3.10, for the records of the archive. The central directory at its end is
//! read; ZIP64 only where an entry's own sizes need none, which is the case for every label map.

use facemask_core::error::Result;

use super::super::encoding::{MapEncoding, invalid};
use super::inflated_entry::InflatedEntry;
use super::npy;
use super::npy_header::read_header;
use crate::input_kind::InputKind;
use crate::limits::Limits;

/// The first bytes of an archive that is not empty.
pub(crate) const SIGNATURE: &[u8] = b"PK\x03\x04";
const KIND: InputKind = InputKind::LabelMap;
/// Names of the array that holds the ids, best first. An archive of one array needs none of them.
const NAMES: [&str; 9] =
    ["labels", "label", "label_map", "mask", "masks", "segmentation", "seg", "parsing", "arr_0"];
const MAX_ENTRIES: usize = 100;
const END_RECORD: usize = 22;
const DIRECTORY_RECORD: usize = 46;
const LOCAL_RECORD: usize = 30;
/// A comment of up to 65,535 bytes may follow the end record.
const MAX_COMMENT: usize = 65_535;

/// A file of the archive.
struct ZipEntry<'a> {
    /// Name without `.npy`.
    name: &'a str,
    method: u16,
    is_encrypted: bool,
    checksum: u32,
    compressed_bytes: usize,
    /// Position of the local record.
    offset: usize,
}

/// Width and height of the array in an archive, in pixels.
pub(crate) fn read_size(data: &[u8]) -> Result<(u32, u32)> {
    let (_, [width, height]) = read_header(&mut open(data)?)?;
    Ok((width, height))
}

/// Decodes the array in an archive.
///
/// # Errors
///
/// `map_corrupt` for a damaged archive, `map_unsupported` for one without arrays, `map_invalid` for several arrays of
/// which none has a known name, and those of an array by itself.
pub(crate) fn decode(data: &[u8], limits: &Limits) -> Result<(Vec<u8>, MapEncoding)> {
    let mut entry = open(data)?;
    let decoded = npy::decode_stream(&mut entry, limits)?;
    entry.finish().map_err(|error| KIND.corrupt(format!("the label map's NPZ file is damaged: {error}")))?;
    Ok(decoded)
}

/// Opens the array that holds the ids.
fn open(data: &[u8]) -> Result<InflatedEntry<'_>> {
    let entries = read_directory(data)?;
    let entry = choose(&entries)?;
    let damaged = || KIND.corrupt("the label map's NPZ file is cut or damaged");
    let local = data.get(entry.offset..).filter(|rest| rest.starts_with(SIGNATURE)).ok_or_else(damaged)?;
    let name_bytes = usize::from(u16_at(local, 26).ok_or_else(damaged)?);
    let extra_bytes = usize::from(u16_at(local, 28).ok_or_else(damaged)?);
    let start = LOCAL_RECORD + name_bytes + extra_bytes;
    let content = local.get(start..start.saturating_add(entry.compressed_bytes)).ok_or_else(damaged)?;
    if entry.is_encrypted {
        return Err(KIND.unsupported("the label map's NPZ file is encrypted; save it without a password"));
    }
    match entry.method {
        0 | 8 => Ok(InflatedEntry::new(content, entry.method == 8, entry.checksum)),
        method => Err(KIND.unsupported(format!(
            "the label map's NPZ file is compressed by method {method}, expected numpy.savez or numpy.savez_compressed"
        ))),
    }
}

fn choose<'a, 'b>(entries: &'b [ZipEntry<'a>]) -> Result<&'b ZipEntry<'a>> {
    if let [only] = entries {
        return Ok(only);
    }
    if let Some(named) = NAMES.iter().find_map(|name| entries.iter().find(|entry| entry.name == *name)) {
        return Ok(named);
    }
    let names: Vec<String> =
        entries.iter().take(8).map(|entry| entry.name.chars().take(40).collect()).collect();
    Err(invalid(format!(
        "the label map's NPZ file holds the arrays {}; name the one with the ids labels, or save it alone",
        names.join(", ")
    )))
}

/// The arrays of an archive.
fn read_directory(data: &[u8]) -> Result<Vec<ZipEntry<'_>>> {
    let damaged = || KIND.corrupt("the label map's NPZ file has no directory: it is cut or damaged");
    let tail = data.len().saturating_sub(END_RECORD + MAX_COMMENT);
    let end = memchr::memmem::rfind(&data[tail..], b"PK\x05\x06").ok_or_else(damaged)? + tail;
    let count = usize::from(u16_at(data, end + 10).ok_or_else(damaged)?);
    let mut at = u32_at(data, end + 16).ok_or_else(damaged)? as usize;
    if count > MAX_ENTRIES {
        return Err(KIND.unsupported(format!(
            "the label map is a zip archive of {count} files, expected an NPZ file with one array"
        )));
    }
    let mut entries = Vec::new();
    for _ in 0..count {
        let record = data.get(at..).filter(|rest| rest.starts_with(b"PK\x01\x02")).ok_or_else(damaged)?;
        let half = |offset| u16_at(record, offset).ok_or_else(damaged);
        let word = |offset| u32_at(record, offset).ok_or_else(damaged);
        let (name_bytes, extra_bytes, comment_bytes) = (half(28)?, half(30)?, half(32)?);
        let name_end = DIRECTORY_RECORD + usize::from(name_bytes);
        let name = record.get(DIRECTORY_RECORD..name_end).ok_or_else(damaged)?;
        if let Some(name) = std::str::from_utf8(name).ok().and_then(|name| name.strip_suffix(".npy")) {
            entries.push(ZipEntry {
                name,
                method: half(10)?,
                is_encrypted: half(8)? & 1 == 1,
                checksum: word(16)?,
                compressed_bytes: word(20)? as usize,
                offset: word(42)? as usize,
            });
        }
        at += name_end + usize::from(extra_bytes) + usize::from(comment_bytes);
    }
    if entries.is_empty() {
        return Err(KIND.unsupported(
            "the label map is a zip archive without NumPy arrays, expected a file of numpy.savez; unpack other archives",
        ));
    }
    Ok(entries)
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}
