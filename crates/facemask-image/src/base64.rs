//! Base64 as it comes from browsers, scripts and log files: forgiving about dress, strict about content.

use facemask_core::error::{Error, ErrorKind, Result};

/// Decodes base64 text.
///
/// Accepted: the standard and the URL alphabet (also mixed), a `data:...;base64,` prefix, ASCII whitespace
/// anywhere, padding or none at all. The empty text decodes to nothing.
///
/// # Errors
///
/// `base64_invalid` with the given `field`: the detail names the byte position in `text`, counted from 0, and
/// what stands there. Refused are any other byte, padding that is not at the end or of the wrong length, a
/// lone last character, and a last character whose unused bits are not zero (two texts would mean the same
/// bytes).
pub fn decode(text: &[u8], field: &str) -> Result<Vec<u8>> {
    let start = payload_start(text).map_err(|detail| Error::new(ErrorKind::Base64Invalid, field, detail))?;
    let payload = text[start..].trim_ascii();
    // Clean text is the rule and goes through vector code; what that refuses is looked at byte by byte.
    if let Ok(bytes) = base64_simd::STANDARD.decode_to_vec(payload) {
        return Ok(bytes);
    }
    decode_forgiving(text, start).map_err(|detail| Error::new(ErrorKind::Base64Invalid, field, detail))
}

/// Decodes text that is clean: base64 in the standard alphabet with its padding, perhaps behind a `data:` prefix of
/// letters, and nothing else. `None` for all that [`decode`] has to look at.
pub(crate) fn decode_clean(text: &[u8]) -> Option<Vec<u8>> {
    let (prefix, payload) = text.split_at(payload_start(text).ok()?);
    prefix.iter().all(u8::is_ascii_graphic).then(|| base64_simd::STANDARD.decode_to_vec(payload).ok())?
}

/// Encodes bytes in the standard alphabet with padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

/// Where the base64 begins: behind a `data:` prefix, if there is one.
fn payload_start(text: &[u8]) -> std::result::Result<usize, String> {
    let lead = text.len() - text.trim_ascii_start().len();
    let body = &text[lead..];
    if !body.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"data:")) {
        return Ok(0);
    }
    // The media type of a data URI is short: a comma that is not near the front belongs to something else.
    let Some(comma) = body.iter().take(256).position(|&byte| byte == b',') else {
        return Err(format!("the data URI at byte {lead} has no comma in its first 256 bytes"));
    };
    let mark = b";base64";
    let is_base64 = comma >= mark.len() && body[comma - mark.len()..comma].eq_ignore_ascii_case(mark);
    if !is_base64 {
        let at = lead + comma;
        return Err(format!(
            "the data URI is not base64: expected ;base64 in front of the comma at byte {at}"
        ));
    }
    Ok(lead + comma + 1)
}

/// The six bits of a character in either alphabet.
const fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Decodes `text[start..]` byte by byte and knows where it is.
fn decode_forgiving(text: &[u8], start: usize) -> std::result::Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity((text.len() - start) / 4 * 3 + 3);
    let (mut bits, mut count, mut last) = (0_u32, 0_usize, start);
    for (at, &byte) in text.iter().enumerate().skip(start) {
        if let Some(value) = sextet(byte) {
            (bits, count, last) = (bits << 6 | u32::from(value), count + 1, at);
            if count == 4 {
                out.extend_from_slice(&bits.to_be_bytes()[1..]);
                (bits, count) = (0, 0);
            }
        } else if byte == b'=' {
            check_padding(text, at, count)?;
            break;
        } else if !byte.is_ascii_whitespace() {
            return Err(format!("the text is not base64: {} at byte {at}", shown(byte)));
        }
    }
    let unused = match count {
        0 => return Ok(out),
        1 => {
            return Err(format!(
                "the base64 text ends with a lone character: {} at byte {last}, expected 2, 3 or 4 in a group",
                shown(text[last])
            ));
        }
        2 => 4,
        _ => 2,
    };
    if bits & ((1 << unused) - 1) != 0 {
        return Err(format!(
            "the base64 text ends with {} at byte {last}, whose unused bits are not zero",
            shown(text[last])
        ));
    }
    let whole = (bits >> unused).to_be_bytes();
    out.extend_from_slice(&whole[4 - (count - 1)..]);
    Ok(out)
}

/// Checks the padding that begins at `at`, behind a group of `count` characters.
fn check_padding(text: &[u8], at: usize, count: usize) -> std::result::Result<(), String> {
    let expected = match count {
        2 => 2,
        3 => 1,
        _ => {
            return Err(format!(
                "the base64 text has padding '=' at byte {at}, where a group is not open to it"
            ));
        }
    };
    let mut seen = 0;
    for (position, &byte) in text.iter().enumerate().skip(at) {
        if byte == b'=' && seen < expected {
            seen += 1;
        } else if !byte.is_ascii_whitespace() {
            let what = shown(byte);
            return Err(format!("the base64 text has {what} at byte {position}, behind its end"));
        }
    }
    if seen < expected {
        let end = text.len();
        return Err(format!(
            "the base64 text ends at byte {end} with {seen} padding '=', expected {expected} or none"
        ));
    }
    Ok(())
}

/// A byte as a reader sees it.
fn shown(byte: u8) -> String {
    if byte.is_ascii_graphic() { format!("'{}'", char::from(byte)) } else { format!("byte 0x{byte:02x}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn detail(text: &str) -> String {
        let error = decode(text.as_bytes(), "image").unwrap_err();
        assert_eq!((error.kind, error.field.as_str()), (ErrorKind::Base64Invalid, "image"));
        error.detail
    }

    #[test]
    fn every_dress_is_accepted() {
        let bytes = b"\xfb\xef\xff\x00a";
        for text in [
            "++//AGE=",
            "--__AGE=",
            "+-/_AGE",
            " ++\r\n//\tAG E= \n",
            "data:image/png;base64,++//AGE=",
            "DATA:;BASE64,++//AGE",
            "\n data:image/svg+xml;charset=utf-8;base64,\n++//AGE=",
        ] {
            assert_eq!(decode(text.as_bytes(), "image").unwrap(), bytes, "{text}");
        }
        assert_eq!(decode(b"", "image").unwrap(), b"");
        assert_eq!(decode(b" \n", "image").unwrap(), b"");
        assert_eq!(decode(b"YQ = =", "image").unwrap(), b"a");
    }

    #[test]
    fn errors_name_position_and_byte() {
        assert_eq!(detail("AAAA*AAA"), "the text is not base64: '*' at byte 4");
        assert_eq!(detail("AA\u{e9}A"), "the text is not base64: byte 0xc3 at byte 2");
        assert!(detail("data:a;base64,AA%A").ends_with("'%' at byte 16"));
        assert!(detail("data:image/png,AAAA").contains("comma at byte 14"));
        assert!(detail("data:AAAA").contains("no comma"));
        assert!(detail("AAAAA").contains("lone character: 'A' at byte 4"));
        assert!(detail("AAAA B\n").contains("lone character: 'B' at byte 5"));
        assert!(detail("AB==").contains("'B' at byte 1, whose unused bits"));
        assert!(detail("AAB").contains("'B' at byte 2, whose unused bits"));
        assert!(detail("AA=A").contains("'A' at byte 3, behind its end"));
        assert!(detail("AA===").contains("'=' at byte 4, behind its end"));
        assert!(detail("AA=").contains("ends at byte 3 with 1 padding '=', expected 2"));
        assert!(detail("AAA= A").contains("'A' at byte 5, behind its end"));
        assert!(detail("=AAA").contains("'=' at byte 0"));
        assert!(detail("AAAA=").contains("'=' at byte 4"));
        assert!(detail("A===").contains("'=' at byte 1"));
    }

    proptest! {
        #[test]
        fn bytes_survive_in_every_dress(bytes: Vec<u8>, wrap in 1_usize..80) {
            let text = encode(&bytes);
            prop_assert_eq!(&decode(text.as_bytes(), "x").unwrap(), &bytes);
            prop_assert_eq!(&decode_forgiving(text.as_bytes(), 0).unwrap(), &bytes);
            let url = text.replace('+', "-").replace('/', "_").replace('=', "");
            prop_assert_eq!(&decode(url.as_bytes(), "x").unwrap(), &bytes);
            let lines: Vec<u8> = text.as_bytes().chunks(wrap).collect::<Vec<_>>().join(&b"\r\n"[..]);
            prop_assert_eq!(&decode(&lines, "x").unwrap(), &bytes);
        }

        /// The vector code may not accept what the byte-by-byte code refuses, or the text's meaning would
        /// depend on its length.
        #[test]
        fn both_paths_agree(text in "[A-D/+=_ -]{0,70}") {
            let forgiving = decode_forgiving(text.as_bytes(), 0).ok();
            if let Ok(bytes) = base64_simd::STANDARD.decode_to_vec(text.trim_ascii().as_bytes()) {
                prop_assert_eq!(Some(bytes), forgiving.clone());
            }
            prop_assert_eq!(decode(text.as_bytes(), "x").ok(), forgiving);
        }

        #[test]
        fn a_foreign_byte_is_found_where_it_is(bytes in prop::collection::vec(any::<u8>(), 1..200), at: prop::sample::Index) {
            let mut text = encode(&bytes).trim_end_matches('=').as_bytes().to_vec();
            let at = at.index(text.len());
            text[at] = b'!';
            let error = decode(&text, "labels").unwrap_err();
            prop_assert_eq!(error.detail, format!("the text is not base64: '!' at byte {at}"));
        }
    }
}
