//! The kind of a file that is neither a photo nor a label map, in words, for errors.

use facemask_core::error::Error;
use memchr::memmem;

use crate::input_kind::InputKind;
use crate::{jpeg, png};

/// Bytes at the front of a file that decide between text and binary data.
const PROBE: usize = 1024;

/// Signatures, each with the kind of file and what to do with it. Sources: the formats' specifications, and the list of
/// [Wikipedia](https://en.wikipedia.org/wiki/List_of_file_signatures).
const SIGNATURES: [(&[u8], &str, &str); 36] = [
    (b"GIF8", "a GIF picture", CONVERT),
    (b"BM", "a BMP picture", CONVERT),
    (b"II*\0", "a TIFF picture", CONVERT),
    (b"MM\0*", "a TIFF picture", CONVERT),
    (b"II+\0", "a BigTIFF picture", CONVERT),
    (b"MM\0+", "a BigTIFF picture", CONVERT),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture", CONVERT),
    (b"\xff\x0a", "a JPEG XL picture", CONVERT),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture", CONVERT),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture", CONVERT),
    (b"8BPS", "a Photoshop document", CONVERT),
    (b"\0\0\x01\0", "a Windows icon", CONVERT),
    (b"qoif", "a QOI picture", CONVERT),
    (b"\x76\x2f\x31\x01", "an OpenEXR picture", CONVERT),
    (b"%PDF", "a PDF document", CONVERT),
    (b"%!PS", "a PostScript document", CONVERT),
    (b"\x93NUMPY", "a NumPy array", ""),
    (b"PK\x03\x04", "a zip archive", UNPACK),
    (b"PK\x05\x06", "an empty zip archive", ""),
    (b"\x1f\x8b", "gzip data", UNPACK),
    (b"BZh", "bzip2 data", UNPACK),
    (b"\xfd7zXZ\0", "xz data", UNPACK),
    (b"\x28\xb5\x2f\xfd", "Zstandard data", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    (b"Rar!", "a RAR archive", UNPACK),
    (b"MATLAB 5.0 MAT", "a MATLAB file", "load it with scipy.io.loadmat and pass the array"),
    (b"MATLAB 7.3 MAT", "a MATLAB file", "load it with h5py and pass the array"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "load it with h5py and pass the array"),
    (b"\x80\x02", "a Python pickle", UNPICKLE),
    (b"\x80\x03", "a Python pickle", UNPICKLE),
    (b"\x80\x04", "a Python pickle", UNPICKLE),
    (b"\x80\x05", "a Python pickle", UNPICKLE),
    (b"\x1a\x45\xdf\xa3", "a video", ""),
    (b"SQLite format 3\0", "an SQLite database", ""),
    (
        b"version https://git-lfs",
        "a Git LFS pointer in place of the file",
        "fetch the file with `git lfs pull`",
    ),
    (b"RIFF", "a sound or video file", ""),
];

const CONVERT: &str = "convert it";
const UNPACK: &str = "unpack it first";
const UNPICKLE: &str = "load it where it was written, and pass the array";

/// Error for bytes of no format that is read as `kind`. Names the format that they have, and what to do.
pub(crate) fn unknown_format(kind: InputKind, data: &[u8]) -> Error {
    let (noun, formats) = (kind.noun(), kind.formats());
    if data.is_empty() {
        return kind.unsupported(format!("the {noun} is empty, expected {formats}"));
    }
    let full: [&[u8]; 2] = [&png::SIGNATURE, &jpeg::SIGNATURE];
    let cut_riff = data.len() < 12 && (data.starts_with(b"RIFF") || b"RIFF".starts_with(data));
    if cut_riff || full.iter().any(|signature| signature.starts_with(data)) {
        let length = data.len();
        return kind.corrupt(format!("the {noun} ends in the middle of its signature, after {length} bytes"));
    }
    let (found, remedy) = identify(data);
    let remedy = match remedy {
        "" => String::new(),
        CONVERT if kind == InputKind::LabelMap => "; save the network's output as PNG".to_owned(),
        CONVERT => "; save it as JPEG or PNG".to_owned(),
        remedy => format!("; {remedy}"),
    };
    kind.unsupported(format!("the {noun} is {found}, expected {formats}{remedy}"))
}

/// The kind of a picture, with an article; `None` for every other file, and for text, which may begin like a picture.
#[must_use]
pub fn identify_picture(data: &[u8]) -> Option<&'static str> {
    if data.starts_with(&png::SIGNATURE) {
        return Some("a PNG picture");
    }
    if data.starts_with(&jpeg::SIGNATURE) {
        return Some("a JPEG picture");
    }
    if data.starts_with(b"RIFF") && data.get(8..12) == Some(b"WEBP") {
        return Some("a WebP picture");
    }
    let (name, remedy) = identify(data);
    (remedy == CONVERT && identify_text(data).is_none()).then_some(name)
}

/// The kind of a file, with an article, and what to do with it.
fn identify(data: &[u8]) -> (&'static str, &'static str) {
    if data.get(4..8) == Some(b"ftyp") {
        return match data.get(8..12) {
            Some(b"avif" | b"avis") => ("an AVIF picture", CONVERT),
            Some(b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1") => {
                ("a HEIC picture", CONVERT)
            }
            _ => ("a video", ""),
        };
    }
    let text = identify_text(data);
    // Two bytes alone may begin a text.
    let is_found = |magic: &[u8]| data.starts_with(magic) && (magic.len() > 2 || text.is_none());
    if let Some(&(_, name, remedy)) = SIGNATURES.iter().find(|(magic, ..)| is_found(magic)) {
        return (name, remedy);
    }
    if data.get(257..262) == Some(b"ustar") {
        return ("a tar archive", UNPACK);
    }
    if data.get(128..132) == Some(b"DICM") {
        return ("a DICOM file", "load it with pydicom and pass the array");
    }
    text.unwrap_or(("of no known file format", ""))
}

/// The kind of a text; `None` for binary data.
fn identify_text(data: &[u8]) -> Option<(&'static str, &'static str)> {
    if data.starts_with(b"\xff\xfe") || data.starts_with(b"\xfe\xff") {
        return Some(("text in UTF-16", ""));
    }
    let probe = &data[..data.len().min(PROBE)];
    let text = match std::str::from_utf8(probe) {
        Ok(text) => text,
        // The probe may cut a character in half.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&probe[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    let start = text.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let number = |c: char| ('1'..='7').contains(&c);
    Some(if start.starts_with("<!doctype html") || start.starts_with("<html") {
        ("an HTML page", "download the file itself")
    } else if memmem::find(start.as_bytes(), b"<svg").is_some() {
        ("an SVG drawing", CONVERT)
    } else if start.starts_with('<') {
        ("an XML text", "")
    } else if start.starts_with(['{', '[']) {
        ("a JSON text", "")
    } else if start.starts_with("data:")
        || ["ivborw0kggo", "/9j/", "uklgr"].iter().any(|b| start.starts_with(b))
    {
        ("base64 text in place of the file", "decode it first")
    } else if start.starts_with('p')
        && start[1..].starts_with(number)
        && start[2..].starts_with(char::is_whitespace)
    {
        ("a PNM picture", CONVERT)
    } else if start.is_empty() {
        ("a text of white space", "")
    } else {
        ("a text", "")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_in_words() {
        let cases: [(&[u8], &str); 16] = [
            (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC picture"),
            (b"\0\0\0\x1cftypavif\0\0\0\0", "an AVIF picture"),
            (b"\0\0\0\x1cftypmp42\0\0\0\0", "a video"),
            (b"\xff\x0a\xfa", "a JPEG XL picture"),
            (b"%PDF-1.7", "a PDF document"),
            (b"PK\x03\x04\x14", "a zip archive"),
            (b"\x1f\x8b\x08", "gzip data"),
            (b"\xef\xbb\xbf <?xml version='1.0'?>\n<svg>", "an SVG drawing"),
            (b"<!DOCTYPE html><p>", "an HTML page"),
            (b"\x80\x04\x95", "a Python pickle"),
            (b"\x89HDF\r\n\x1a\n\0", "an HDF5 file"),
            (b"MATLAB 5.0 MAT-file, ", "a MATLAB file"),
            (b"  [[1, 2]]", "a JSON text"),
            (b"iVBORw0KGgoAAAA", "base64 text in place of the file"),
            ("Grüße".as_bytes(), "a text"),
            (&[1, 2, 3, 0xf0], "of no known file format"),
        ];
        for (data, name) in cases {
            assert_eq!(identify(data).0, name, "{data:?}");
        }
    }

    #[test]
    fn pictures_are_told_apart_from_text() {
        assert_eq!(identify_picture(b"\0\0\0\x18ftypheic\0\0\0\0"), Some("a HEIC picture"));
        assert_eq!(identify_picture(b"RIFF\x10\0\0\0WEBPVP8 "), Some("a WebP picture"));
        for text in ["p1 10 20\np2 30 40\n", "BM 1 2\n", "<svg/>", ""] {
            assert_eq!(identify_picture(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_text_cut_within_a_character_is_a_text() {
        let long = "é".repeat(PROBE);
        assert_eq!(identify(&long.as_bytes()[1..][..0]).0, "a text of white space");
        assert_eq!(identify(format!("x{long}").as_bytes()).0, "a text");
        assert_eq!(identify(b"a\0b").0, "of no known file format");
    }

    #[test]
    fn no_error_advises_what_is_refused() {
        for (magic, ..) in SIGNATURES {
            let file = [magic, &[0; 64]].concat();
            let error = unknown_format(InputKind::LabelMap, &file).detail;
            assert!(!error.contains("JPEG or") && !error.contains("as JPEG"), "{error}");
            assert!(!error.contains("0x") && error.is_ascii(), "{error}");
        }
    }
}
