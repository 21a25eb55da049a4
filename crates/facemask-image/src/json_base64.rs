//! Base64 lifted out of a JSON text. Nearly all of a submission is the two strings with its files: to find their ends and
//! decode them where they lie takes 0.4 of the time in which a JSON parser reads them, letter by letter, into strings of
//! its own, and these are decoded (`benches/test_steps.py`, 1.4 MB).

use memchr::{memchr, memchr2};

use crate::base64::decode_clean;

/// Strings of fewer bytes stay: to extract_base64 them saves nothing.
const LEAST: usize = 1024;

/// A JSON text without its long base64, and what that holds.
#[derive(Debug)]
pub struct Base64Extraction {
    /// The text, in which the string `<mark><i>` stands for file `i`.
    pub text: Vec<u8>,
    /// The bytes of the files, in their order in the text.
    pub files: Vec<Vec<u8>>,
}

/// Lifts every long string that is base64 out of a JSON text. Strings that need a second look stay where they are: those
/// with escapes, with white space, in the URL alphabet, or with anything else that is not plain base64, perhaps behind
/// `data:...;base64,`. So does whatever is not JSON: a quote that is not escaped begins or ends a string, and nothing else
/// is taken for granted. `None` when nothing was lifted.
///
/// Nobody who writes the text may know `mark`, or be able to guess it.
#[must_use]
pub fn extract_base64(json: &[u8], mark: &str) -> Option<Base64Extraction> {
    let (mut text, mut files) = (Vec::new(), Vec::new());
    let (mut kept, mut at) = (0, 0);
    while let Some(open) = memchr(b'"', &json[at..]) {
        let start = at + open + 1;
        let Some((end, plain)) = string_end(json, start) else { break };
        at = end + 1;
        let content = &json[start..end];
        if plain
            && content.len() >= LEAST
            && let Some(bytes) = decode_clean(content)
        {
            text.extend_from_slice(&json[kept..start]);
            text.extend_from_slice(format!("{mark}{}", files.len()).as_bytes());
            files.push(bytes);
            kept = end;
        }
    }
    text.extend_from_slice(&json[kept..]);
    (!files.is_empty()).then_some(Base64Extraction { text, files })
}

/// Where the string that begins at `start` has its closing quote, and whether it has no escapes.
fn string_end(json: &[u8], start: usize) -> Option<(usize, bool)> {
    let (mut at, mut plain) = (start, true);
    loop {
        let found = at + memchr2(b'"', b'\\', json.get(at..)?)?;
        if json[found] == b'"' {
            return Some((found, plain));
        }
        // What follows a backslash is never the end.
        (at, plain) = (found + 2, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base64::encode;
    use proptest::prelude::*;

    fn shown(json: &str) -> Option<(String, Vec<Vec<u8>>)> {
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
        assert_eq!(shown(&json), Some((text, vec![a_bytes, b_bytes])));
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
            assert_eq!(shown(&format!(r#"{{"image":"{content}"}}"#)), None, "{content:.40}");
        }
        // Neither a quote behind a backslash ends a string, nor does one that never comes.
        let tail = format!(r#"{{"a":"x\\\"","b":"{a}"#);
        assert_eq!(shown(&tail), None);
        assert_eq!(shown(&format!(r#"{tail}","c":"\"#)).unwrap().0, r#"{"a":"x\\\"","b":"@0","c":"\"#);
        assert_eq!(shown(""), None);
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
