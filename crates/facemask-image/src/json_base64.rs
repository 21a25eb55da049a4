//! Extraction of base64 strings from a JSON text before the text is parsed.
//!
//! Nearly all bytes of a submission are the two base64 strings of its files. A JSON parser copies them
//! character by character before they can be decoded. Decoding them in place takes 0.4 of that time
//! (`benches/test_steps.py`, 1.4 MB).

use memchr::{memchr, memchr2};

use crate::base64::decode_strict;

/// Minimum length in bytes of an extracted string: shorter ones are not worth it.
const MIN_LENGTH: usize = 1024;

/// A JSON text without its long base64 strings, and their decoded bytes.
#[derive(Debug)]
pub struct Base64Extraction {
    /// The text, with the string `<mark><i>` in place of file `i`.
    pub text: Vec<u8>,
    /// Decoded files, in order of appearance.
    pub files: Vec<Vec<u8>>,
}

/// Extracts every long base64 string from a JSON text. Returns `None` if there is none.
///
/// A string is extracted if it is padded base64 in the standard alphabet, optionally after
/// `data:...;base64,`. All other strings stay in the text: those with escapes, white space or the URL
/// alphabet. The text need not be valid JSON: only the rule that an unescaped quote begins or ends a string
/// is used.
///
/// `mark` has to be unguessable for the author of the text, because a string of the text could imitate a
/// placeholder.
#[must_use]
pub fn extract_base64(json: &[u8], mark: &str) -> Option<Base64Extraction> {
    let (mut text, mut files) = (Vec::new(), Vec::new());
    let (mut copied, mut at) = (0, 0);
    while let Some(open) = memchr(b'"', &json[at..]) {
        let start = at + open + 1;
        let Some(StringEnd { end, has_escapes }) = find_string_end(json, start) else { break };
        at = end + 1;
        let content = &json[start..end];
        if !has_escapes
            && content.len() >= MIN_LENGTH
            && let Some(bytes) = decode_strict(content)
        {
            text.extend_from_slice(&json[copied..start]);
            text.extend_from_slice(format!("{mark}{}", files.len()).as_bytes());
            files.push(bytes);
            copied = end;
        }
    }
    text.extend_from_slice(&json[copied..]);
    (!files.is_empty()).then_some(Base64Extraction { text, files })
}

/// The end of a JSON string.
struct StringEnd {
    /// Offset of the closing quote.
    end: usize,
    has_escapes: bool,
}

/// Finds the closing quote of the string whose content begins at `start`.
fn find_string_end(json: &[u8], start: usize) -> Option<StringEnd> {
    let (mut at, mut has_escapes) = (start, false);
    loop {
        let found = at + memchr2(b'"', b'\\', json.get(at..)?)?;
        if json[found] == b'"' {
            return Some(StringEnd { end: found, has_escapes });
        }
        // The character after a backslash never ends the string.
        (at, has_escapes) = (found + 2, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base64::encode;
    use proptest::prelude::*;

    fn extracted(json: &str) -> Option<(String, Vec<Vec<u8>>)> {
        extract_base64(json.as_bytes(), "@")
            .map(|Base64Extraction { text, files }| (String::from_utf8(text).unwrap(), files))
    }

    fn long(byte: u8) -> (String, Vec<u8>) {
        let bytes = vec![byte; 1000];
        (encode(&bytes), bytes)
    }

    #[test]
    fn long_base64_gives_its_place_to_its_number() {
        let ((a, a_bytes), (b, b_bytes)) = (long(1), long(2));
        let json = format!(r#"{{"image" : "{a}","n":"short","labels":["data:image/png;base64,{b}"]}}"#);
        let text = r#"{"image" : "@0","n":"short","labels":["@1"]}"#.to_owned();
        assert_eq!(extracted(&json), Some((text, vec![a_bytes, b_bytes])));
    }

    #[test]
    fn what_needs_a_second_look_stays() {
        let (a, _) = long(255);
        let odd = [
            a.replace('/', "\\/"),
            a.replace('/', "_"),
            format!("{}\n{}", &a[..400], &a[400..]),
            format!(" {a}"),
            format!("data:image/png\u{e9};base64,{a}"),
            format!("data:image/png;base64,\t{a}"),
            format!("{a}*"),
            a[..1000].to_owned(),
            String::new(),
        ];
        for content in odd {
            assert_eq!(extracted(&format!(r#"{{"image":"{content}"}}"#)), None, "{content:.40}");
        }
        // Neither a quote behind a backslash ends a string, nor does one that never comes.
        let tail = format!(r#"{{"a":"x\\\"","b":"{a}"#);
        assert_eq!(extracted(&tail), None);
        assert_eq!(extracted(&format!(r#"{tail}","c":"\"#)).unwrap().0, r#"{"a":"x\\\"","b":"@0","c":"\"#);
        assert_eq!(extracted(""), None);
    }

    proptest! {
        #[test]
        fn any_bytes_come_through(bytes: Vec<u8>, at: prop::sample::Index) {
            let mut json = bytes.clone();
            json.splice(at.index(bytes.len() + 1).., format!("\"{}\"", long(7).0).into_bytes());
            for text in [&bytes, &json] {
                if let Some(Base64Extraction { text: short, files }) = extract_base64(text, "@") {
                    let back = files.iter().enumerate().fold(String::from_utf8_lossy(&short).into_owned(), |text, (i, file)| {
                        text.replacen(&format!("\"@{i}\""), &format!("\"{}\"", encode(file)), 1)
                    });
                    prop_assert_eq!(back, String::from_utf8_lossy(text));
                }
            }
        }
    }
}
