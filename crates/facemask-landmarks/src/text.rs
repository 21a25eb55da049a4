//! Bytes to text: byte order marks, UTF-16 and UTF-32 with and without them, and names in other encodings.

use std::borrow::Cow;

use facemask_core::error::Result;

use crate::landmark_file::invalid;

/// The text of a file, without a byte order mark.
pub(crate) struct DecodedText<'a> {
    /// The text.
    pub(crate) text: Cow<'a, str>,
    /// Whether every byte was decoded. Otherwise U+FFFD replaces bytes of an encoding that is not known, which harms no
    /// number: those are ASCII in every common encoding.
    pub(crate) is_exact: bool,
}

/// The encodings of Unicode, told by a byte order mark or, as in RFC 4627, by the zeros of the first characters.
#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16 { is_big_endian: bool },
    Utf32 { is_big_endian: bool },
}

/// Decodes a text file.
///
/// # Errors
///
/// For UTF-16 and UTF-32 that end inside a character or hold none, and for bytes that no text has.
pub(crate) fn decode(data: &[u8]) -> Result<DecodedText<'_>> {
    let (encoding, mark) = detect(data);
    let data = &data[mark..];
    let decoded = match encoding {
        Encoding::Utf8 => {
            let text = String::from_utf8_lossy(data);
            let is_exact = matches!(text, Cow::Borrowed(_));
            DecodedText { text, is_exact }
        }
        Encoding::Utf16 { is_big_endian } => exact(decode_utf16(data, is_big_endian)?),
        Encoding::Utf32 { is_big_endian } => exact(decode_utf32(data, is_big_endian)?),
    };
    // DOS ends a text with Ctrl-Z.
    let text = decoded.text.trim_end_matches(['\x1a', '\0']);
    if text.bytes().any(|byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c')) {
        return Err(invalid("the file is neither text nor a binary file of a known form"));
    }
    let length = text.len();
    let text = match decoded.text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..length]),
        Cow::Owned(mut text) => {
            text.truncate(length);
            Cow::Owned(text)
        }
    };
    Ok(DecodedText { text, is_exact: decoded.is_exact })
}

const fn exact<'a>(text: String) -> DecodedText<'a> {
    DecodedText { text: Cow::Owned(text), is_exact: true }
}

/// The encoding, and the length of the byte order mark.
fn detect(data: &[u8]) -> (Encoding, usize) {
    use Encoding::{Utf8, Utf16, Utf32};
    match data {
        [0xEF, 0xBB, 0xBF, ..] => (Utf8, 3),
        [0xFF, 0xFE, 0, 0, ..] => (Utf32 { is_big_endian: false }, 4),
        [0, 0, 0xFE, 0xFF, ..] => (Utf32 { is_big_endian: true }, 4),
        [0xFF, 0xFE, ..] => (Utf16 { is_big_endian: false }, 2),
        [0xFE, 0xFF, ..] => (Utf16 { is_big_endian: true }, 2),
        [0, 0, 0, 1..=0xFF, ..] => (Utf32 { is_big_endian: true }, 0),
        [1..=0xFF, 0, 0, 0, ..] => (Utf32 { is_big_endian: false }, 0),
        [0, 1..=0xFF, ..] => (Utf16 { is_big_endian: true }, 0),
        [1..=0xFF, 0, ..] => (Utf16 { is_big_endian: false }, 0),
        _ => (Utf8, 0),
    }
}

fn decode_utf16(data: &[u8], is_big_endian: bool) -> Result<String> {
    let (pairs, rest) = data.as_chunks::<2>();
    let unit =
        |pair: &[u8; 2]| if is_big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
    let text: Option<String> =
        char::decode_utf16(pairs.iter().map(unit)).map(std::result::Result::ok).collect();
    text.filter(|_| rest.is_empty()).ok_or_else(|| invalid("the text is UTF-16 that is truncated or damaged"))
}

fn decode_utf32(data: &[u8], is_big_endian: bool) -> Result<String> {
    let (units, rest) = data.as_chunks::<4>();
    let unit =
        |unit: &[u8; 4]| if is_big_endian { u32::from_be_bytes(*unit) } else { u32::from_le_bytes(*unit) };
    let text: Option<String> = units.iter().map(|bytes| char::from_u32(unit(bytes))).collect();
    text.filter(|_| rest.is_empty()).ok_or_else(|| invalid("the text is UTF-32 that is truncated or damaged"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(data: &[u8]) -> String {
        decode(data).unwrap().text.into_owned()
    }

    #[test]
    fn every_encoding_is_told_with_and_without_a_mark() {
        let text = "[1, 2]\n";
        let utf16 = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<_>>();
        let utf32 =
            |order: fn(u32) -> [u8; 4]| text.chars().flat_map(|c| order(c as u32)).collect::<Vec<_>>();
        let encoded: [(Vec<u8>, &[u8]); 5] = [
            (text.as_bytes().to_vec(), b"\xef\xbb\xbf"),
            (utf16(u16::to_le_bytes), b"\xff\xfe"),
            (utf16(u16::to_be_bytes), b"\xfe\xff"),
            (utf32(u32::to_le_bytes), b"\xff\xfe\0\0"),
            (utf32(u32::to_be_bytes), b"\0\0\xfe\xff"),
        ];
        for (bytes, mark) in encoded {
            assert_eq!(text_of(&bytes), text);
            assert_eq!(text_of(&[mark, &bytes].concat()), text);
            if mark.len() != 3 {
                assert!(decode(&bytes[..bytes.len() - 1]).is_err(), "an odd number of bytes");
            }
        }
    }

    #[test]
    fn names_of_another_encoding_are_kept_apart_and_binary_is_no_text() {
        let latin1 = decode(b"1 2 caf\xe9.jpg\n").unwrap();
        assert!(!latin1.is_exact && latin1.text.starts_with("1 2 caf"));
        assert!(decode(b"1 2\x01\n").is_err());
        assert!(decode(b"1 2\0 3 4").is_err());
        assert_eq!(text_of(b"1 2\r\n\x1a"), "1 2\r\n");
    }
}
