//! Base64 decoder (RFC 4648): lenient about alphabet, white space and padding, strict about content.

use facemask_core::error::{Error, ErrorKind, Result};

/// Decodes base64 text.
///
/// Accepted: the standard and the URL alphabet (also mixed), a `data:...;base64,` prefix, ASCII whitespace
/// anywhere, padding or none at all. The empty text decodes to nothing.
///
/// # Errors
///
/// `base64_invalid` with the given `field`. The detail has the offset in `text`, from 0, and the byte at
/// fault: a byte outside the alphabets, padding of a wrong length or not at the end, a lone last character,
/// or a last character whose unused bits are not zero (otherwise two texts would decode to the same bytes).
pub fn decode(text: &[u8], field: &str) -> Result<Vec<u8>> {
    let start = payload_start(text).map_err(|detail| Error::new(ErrorKind::Base64Invalid, field, detail))?;
    let payload = text[start..].trim_ascii();
    // The SIMD decoder takes the strict form, which is the common one. Other text is decoded byte by byte.
    if let Ok(bytes) = base64_simd::STANDARD.decode_to_vec(payload) {
        return Ok(bytes);
    }
    decode_lenient(text, start).map_err(|detail| Error::new(ErrorKind::Base64Invalid, field, detail))
}

/// Decodes the strict form: padded base64 in the standard alphabet, optionally after a `data:` prefix in
/// printable ASCII. Returns `None` for any other text, which [`decode`] may still accept.
pub(crate) fn decode_strict(text: &[u8]) -> Option<Vec<u8>> {
    let (prefix, payload) = text.split_at(payload_start(text).ok()?);
    prefix.iter().all(u8::is_ascii_graphic).then(|| base64_simd::STANDARD.decode_to_vec(payload).ok())?
}

/// Encodes bytes in the standard alphabet with padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

/// Finds the offset of the base64: after a `data:` prefix, if there is one.
fn payload_start(text: &[u8]) -> std::result::Result<usize, String> {
    let lead = text.len() - text.trim_ascii_start().len();
    let body = &text[lead..];
    if !body.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"data:")) {
        return Ok(0);
    }
    // The media type of a data URI is short: a comma further away belongs to something else.
    let Some(comma) = body.iter().take(256).position(|&byte| byte == b',') else {
        return Err(format!("the data URI at byte {lead} has no comma in its first 256 bytes"));
    };
    let extension = b";base64";
    let is_base64 =
        comma >= extension.len() && body[comma - extension.len()..comma].eq_ignore_ascii_case(extension);
    if !is_base64 {
        let at = lead + comma;
        return Err(format!(
            "the data URI is not base64: expected ;base64 in front of the comma at byte {at}"
        ));
    }
    Ok(lead + comma + 1)
}

/// Value of a character in either alphabet, six bits.
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

/// Decodes `text[start..]` byte by byte. Errors have the offset in `text`.
fn decode_lenient(text: &[u8], start: usize) -> std::result::Result<Vec<u8>, String> {
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
            return Err(format!("the text is not base64: {} at byte {at}", format_byte(byte)));
        }
    }
    let unused = match count {
        0 => return Ok(out),
        1 => {
            return Err(format!(
                "the base64 text ends with a lone character: {} at byte {last}, expected 2, 3 or 4 in a group",
                format_byte(text[last])
            ));
        }
        2 => 4,
        _ => 2,
    };
    if bits & ((1 << unused) - 1) != 0 {
        return Err(format!(
            "the base64 text ends with {} at byte {last}, whose unused bits are not zero",
            format_byte(text[last])
        ));
    }
    let whole = (bits >> unused).to_be_bytes();
    out.extend_from_slice(&whole[4 - (count - 1)..]);
    Ok(out)
}

/// Checks the padding that begins at `at`, after a group of `count` characters.
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
    let mut padding = 0;
    for (position, &byte) in text.iter().enumerate().skip(at) {
        if byte == b'=' && padding < expected {
            padding += 1;
        } else if !byte.is_ascii_whitespace() {
            let what = format_byte(byte);
            return Err(format!("the base64 text has {what} at byte {position}, behind its end"));
        }
    }
    if padding < expected {
        let end = text.len();
        return Err(format!(
            "the base64 text ends at byte {end} with {padding} padding '=', expected {expected} or none"
        ));
    }
    Ok(())
}

/// Formats a byte for an error message.
fn format_byte(byte: u8) -> String {
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
    fn every_accepted_form_is_decoded() {
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
        fn bytes_survive_in_every_accepted_form(bytes: Vec<u8>, wrap in 1_usize..80) {
            let text = encode(&bytes);
            prop_assert_eq!(&decode(text.as_bytes(), "x").unwrap(), &bytes);
            prop_assert_eq!(&decode_lenient(text.as_bytes(), 0).unwrap(), &bytes);
            let url = text.replace('+', "-").replace('/', "_").replace('=', "");
            prop_assert_eq!(&decode(url.as_bytes(), "x").unwrap(), &bytes);
            let lines: Vec<u8> = text.as_bytes().chunks(wrap).collect::<Vec<_>>().join(&b"\r\n"[..]);
            prop_assert_eq!(&decode(&lines, "x").unwrap(), &bytes);
        }

        /// The SIMD decoder may not accept a text that the byte-by-byte decoder rejects.
        #[test]
        fn both_paths_agree(text in "[A-D/+=_ -]{0,70}") {
            let lenient = decode_lenient(text.as_bytes(), 0).ok();
            if let Ok(bytes) = base64_simd::STANDARD.decode_to_vec(text.trim_ascii().as_bytes()) {
                prop_assert_eq!(Some(bytes), lenient.clone());
            }
            prop_assert_eq!(decode(text.as_bytes(), "x").ok(), lenient);
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
