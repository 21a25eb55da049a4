//! Texts that hold no landmarks, or hold them in a form that other programs have to convert: what they are, and how.

/// Bytes at the front of a text that tell what it is.
const PROBE: usize = 4096;
/// Elements of a web page; SVG and the XML of annotation tools have none of them.
const HTML_TAGS: [&str; 16] = [
    "html", "head", "body", "title", "meta", "script", "style", "div", "p", "span", "table", "h1", "h2",
    "pre", "br", "center",
];

const HTML: &str =
    "this is a web page (HTML), such as the message of a failed download; fetch the file itself";
const MEDIAPIPE: &str = "this is a result of MediaPipe as Python prints it; write json.dumps([[p.x, p.y] for p in \
                         result.face_landmarks[0]]) to a file instead";
const PROTOBUF: &str = "this is a result of MediaPipe as Python prints it; write json.dumps([[p.x, p.y] for p in \
                        result.multi_face_landmarks[0].landmark]) to a file instead";
const PRINTED_ARRAY: &str =
    "this is an array or a tensor as Python prints it; write json.dumps(array.tolist()) to a file instead";
const PRINTED_OBJECT: &str = "this is an object as Python prints it; write json.dumps([[p.x, p.y] for p in points]), or \
                              json.dumps(array.tolist()), to a file instead";
const VIA: &str = "this is a CSV of the VGG Image Annotator (VIA); export the annotations as JSON instead";
const YAML: &str = "this looks like YAML; write it as JSON: python -c \"import json, yaml; \
                    print(json.dumps(yaml.safe_load(open('FILE.yaml'))))\" > landmarks.json";
const OPENCV_YAML: &str = "this is a YAML file of OpenCV; write it as JSON: python -c \"import cv2, json; \
                           print(json.dumps(cv2.FileStorage('FILE.yml', 0).getNode('NAME').mat().tolist()))\" > \
                           landmarks.json, with the name of its matrix for NAME";

/// Says what a text is that holds no landmarks to be read, and what to do; `None` for every other text.
pub(crate) fn describe(text: &str) -> Option<&'static str> {
    let mut end = text.len().min(PROBE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text[..end].trim_start();
    if is_html(head) {
        return Some(HTML);
    }
    let list = head.trim_start_matches(['[', '(', ' ', '\n']);
    if head.contains("NormalizedLandmark(") || head.contains("NormalizedKeypoint(") {
        Some(MEDIAPIPE)
    } else if list.starts_with("landmark {") || list.starts_with("landmark{") {
        Some(PROTOBUF)
    } else if ["array(", "tensor(", "Tensor("].iter().any(|name| list.starts_with(name)) {
        Some(PRINTED_ARRAY)
    } else if list.starts_with('<') && (head.contains(" object at 0x") || head.starts_with('[')) {
        Some(PRINTED_OBJECT)
    } else if head.lines().next().is_some_and(|line| line.contains("region_shape_attributes")) {
        Some(VIA)
    } else if head.starts_with("%YAML:") {
        Some(OPENCV_YAML)
    } else {
        is_yaml(head).then_some(YAML)
    }
}

fn is_html(head: &str) -> bool {
    let Some(mut rest) = head.strip_prefix('<') else { return false };
    // A comment may stand before the first element.
    while let Some(comment) = rest.strip_prefix("!--") {
        let after = comment.split_once("-->").map_or("", |(_, after)| after.trim_start());
        let Some(next) = after.strip_prefix('<') else { return false };
        rest = next;
    }
    let name = rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '!')).next().unwrap_or_default();
    let is_doctype = name.eq_ignore_ascii_case("!doctype")
        && rest[name.len()..].trim_start().get(..4).is_some_and(|word| word.eq_ignore_ascii_case("html"));
    is_doctype || HTML_TAGS.iter().any(|tag| name.eq_ignore_ascii_case(tag))
}

/// Whether a text begins as a YAML document: a marker, a key over indented lines or a list, or an item of a list.
fn is_yaml(head: &str) -> bool {
    let mut lines =
        head.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let Some(first) = lines.next() else { return false };
    if first.trim_end() == "---" || first.starts_with("%YAML") {
        return true;
    }
    if let Some(item) = first.strip_prefix("- ") {
        let item = item.trim_start();
        return item.starts_with(['[', '{', '-']) || is_key(item);
    }
    let is_nested = |line: &str| line.starts_with([' ', '-', '\t']);
    let key = first.trim_end();
    // Heads of .pts files are keys with numbers, and braces follow.
    is_key(first) && (key.ends_with(':') || key.ends_with('[') || key.ends_with(']')) && {
        let next = lines.next();
        key.ends_with(']') || next.is_some_and(is_nested)
    }
}

/// Whether a text begins with a key of YAML: a name and a colon, with a blank or nothing behind it.
fn is_key(text: &str) -> bool {
    text.split_once(':').is_some_and(|(name, rest)| {
        let name = name.trim();
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '"' | '\'');
        !name.is_empty() && name.chars().all(is_name) && (rest.is_empty() || rest.starts_with([' ', '\r']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_with_the_line_that_converts_them() {
        let texts = [
            ("<!DOCTYPE html><p>404", HTML),
            ("<!doctype HTML PUBLIC \"-//W3C//DTD\">", HTML),
            ("\n <!-- a --> <HTML lang='en'>", HTML),
            ("<p>Not found</p>", HTML),
            ("FaceLandmarkerResult(face_landmarks=[[NormalizedLandmark(x=0.5, y=0.25, z=-0.1)]])", MEDIAPIPE),
            ("[NormalizedLandmark(x=0.5, y=0.25)]", MEDIAPIPE),
            ("landmark {\n  x: 0.5\n  y: 0.25\n}\n", PROTOBUF),
            ("[landmark {\n  x: 0.5\n}\n]", PROTOBUF),
            ("array([[1., 2.],\n       [3., 4.]])", PRINTED_ARRAY),
            ("[array([[1., 2.]])]", PRINTED_ARRAY),
            ("tensor([[1., 2.]])", PRINTED_ARRAY),
            ("<dlib.full_object_detection object at 0x7f>", PRINTED_OBJECT),
            ("filename,file_size,file_attributes,region_count,region_id,region_shape_attributes\n", VIA),
            ("%YAML:1.0\n---\n", OPENCV_YAML),
            ("---\n- [1, 2]\n", YAML),
            ("- [1, 2]\n- [3, 4]\n", YAML),
            ("- x: 1\n  y: 2\n", YAML),
            ("# points\nlandmarks:\n  - [1, 2]\n", YAML),
            ("landmarks:\n- [1, 2]\n", YAML),
            ("landmarks: [[1, 2], [3, 4]]\n", YAML),
        ];
        for (text, expected) in texts {
            assert_eq!(describe(text), Some(expected), "{text}");
            assert!(expected.len() < 300);
        }
    }

    #[test]
    fn other_texts_are_not() {
        for text in [
            "",
            "1 2\n3 4\n",
            "-1 2\n-3 4\n",
            "- 1 2",
            "x,y\n1,2\n",
            "version: 1\nn_points: 2\n{\n1 1\n2 2\n}\n",
            "n_points: 2\n{\n",
            "{\"landmarks\": []}",
            "[[1, 2]]",
            "<dataset><images/></dataset>",
            "<?xml version='1.0'?><annotations/>",
            "<svg/>",
            "a.jpg 1 2 3 4 5 6",
            "pts = [1 2; 3 4]",
            "é",
        ] {
            assert_eq!(describe(text), None, "{text}");
        }
    }
}
