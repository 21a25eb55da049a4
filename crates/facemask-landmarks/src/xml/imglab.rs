//! The XML of dlib's imglab: `<images><image file><box><part name='00' x y/>`, after
//! `dlib/data_io/image_dataset_metadata.cpp`.

use facemask_core::error::Result;
use facemask_core::geometry::Point;
use quick_xml::events::BytesStart;

use super::{attribute, coordinate};
use crate::landmark_file::invalid;

/// A landmark: its number, and its coordinates.
type Part = (u32, Point);

/// What was read so far.
#[derive(Default)]
pub(super) struct ImglabPictures {
    /// Pictures with landmarks.
    count: usize,
    /// Whether the current picture has landmarks.
    has_parts: bool,
    /// Landmarks of each box of the first picture with any.
    faces: Vec<Vec<Part>>,
    /// Boxes of all pictures.
    boxes: usize,
    /// Whether the current box is one that training leaves out.
    is_ignored: bool,
    /// Landmarks in all boxes.
    pub(super) parts: usize,
}

impl ImglabPictures {
    /// Reads the beginning of an element.
    pub(super) fn open(&mut self, tag: &BytesStart<'_>) -> std::result::Result<(), String> {
        match tag.local_name().as_ref() {
            "image" => self.has_parts = false,
            "box" => {
                self.boxes += 1;
                self.is_ignored =
                    attribute(tag, "ignore")?.is_some_and(|value| value == "1" || value == "true");
                if self.count <= 1 {
                    self.faces.push(Vec::new());
                }
            }
            "part" if !self.is_ignored => {
                if self.faces.is_empty() {
                    return Err("a part must stand in a box".to_owned());
                }
                if !self.has_parts {
                    self.has_parts = true;
                    self.count += 1;
                }
                self.parts += 1;
                let part = read_part(tag)?;
                if self.count == 1
                    && let Some(face) = self.faces.last_mut()
                {
                    face.push(part);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns the landmarks of every box of one picture, by number.
    ///
    /// # Errors
    ///
    /// For landmarks of several pictures, boxes alone, and names that are no numbers without a gap.
    pub(super) fn into_faces(self) -> Result<Vec<Vec<Point>>> {
        if self.count > 1 {
            let detail = format!(
                "the XML has landmarks of {} pictures; keep the <image> of your photo alone",
                self.count
            );
            return Err(invalid(detail));
        }
        if self.parts == 0 {
            return Err(invalid(format!(
                "the XML has {} boxes, and no <part> in any: boxes are no landmarks",
                self.boxes
            )));
        }
        self.faces.into_iter().map(sort_parts).collect()
    }
}

/// Sorts landmarks by number and checks that none is missing. (dlib itself sorts names as text.)
fn sort_parts(mut parts: Vec<Part>) -> Result<Vec<Point>> {
    parts.sort_by_key(|&(number, _)| number);
    let first = parts.first().map_or(0, |&(number, _)| number.min(1));
    for (&(number, _), expected) in parts.iter().zip(first..) {
        if number < expected {
            return Err(invalid(format!("a box has part {number} twice")));
        }
        if number > expected {
            return Err(invalid(format!("a box has no part {expected}, but {} parts in all", parts.len())));
        }
    }
    Ok(parts.into_iter().map(|(_, point)| point).collect())
}

fn read_part(tag: &BytesStart<'_>) -> std::result::Result<Part, String> {
    let number = attribute(tag, "name")?.and_then(|name| name.trim().parse().ok());
    let number = number.ok_or("the name of a part must be its number, such as 00")?;
    let number_of = |name: &str| {
        coordinate(
            attribute(tag, name)?.as_deref().unwrap_or_default(),
            "a part must have the numbers x and y",
        )
    };
    Ok((number, Point::new(number_of("x")?, number_of("y")?)))
}

#[cfg(test)]
mod tests {
    use facemask_core::geometry::Point;

    use crate::xml::read_faces as read;

    fn image(parts: &str) -> String {
        format!(
            "<?xml version='1.0'?>\n<dataset>\n<images>\n<image file='a.jpg'>\n{parts}</image>\n</images>\n</dataset>"
        )
    }

    #[test]
    fn parts_are_sorted_by_number_and_boxes_are_faces() {
        let parts =
            "<box top='1'><label>face</label><part name='10' x='5' y='6'/><part name='9' x='3' y='4'></part>";
        let all: String = (0..9).map(|i| format!("<part name='{i}' x='{i}' y='0'/>")).collect();
        let faces =
            read(&image(&format!("{parts}{all}</box><box/><box><part name='01' x='7' y='8'/></box>")))
                .unwrap();
        assert_eq!(faces.len(), 3);
        assert_eq!(faces[0][9..], [Point::new(3.0, 4.0), Point::new(5.0, 6.0)]);
        assert_eq!(faces[1], [], "a box without parts keeps its index");
        assert_eq!(faces[2], [Point::new(7.0, 8.0)]);
        let ignored =
            "<box ignore='1'><part name='0' x='1' y='1'/></box><box><part name='0' x='2' y='2'/></box>";
        assert_eq!(read(&image(ignored)).unwrap(), [vec![], vec![Point::new(2.0, 2.0)]]);
    }

    #[test]
    fn what_is_refused_and_why() {
        let part = "<box><part name='0' x='1' y='1'/></box>";
        for (text, words) in [
            (
                image(&format!("{part}</image><image file='b.jpg'>{part}")),
                "landmarks of 2 pictures; keep the <image>",
            ),
            (image("<box/>\n<box/>"), "2 boxes, and no <part>"),
            (
                image("<box><part name='nose' x='1' y='1'/></box>"),
                "line 5: the name of a part must be its number",
            ),
            (image("<box><part name='0' x='1'/></box>"), "must have the numbers x and y"),
            (image("<box><part name='0' x='&#49;' y='1'/></box>"), "must have the numbers x and y"),
            (image("<box><part name='0' x='nan' y='1'/></box>"), "must be finite"),
            (image("<part name='0' x='1' y='1'/>"), "must stand in a box"),
            (
                image(&format!("{}<part name='00' x='1' y='1'/></box>", &part[..part.len() - 6])),
                "part 0 twice",
            ),
            (image("<box><part name='0' x='1' y='1'/><part name='2' x='1' y='1'/></box>"), "no part 1"),
            (image(part).replace("</dataset>", ""), "truncated"),
            (image(part).replace("</box>", "</bix>"), "the XML is damaged"),
            ("<svg xmlns='a'/>".to_owned(), "this is an SVG drawing"),
            ("<a><b/></a>".to_owned(), "begins with <a>"),
            ("<dataset>".repeat(100_000), "nested too deeply"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.detail.contains(words), "{error}");
        }
    }

    #[test]
    fn an_ampersand_that_dlib_does_not_escape_is_text() {
        let text = image("<box><label>a & b</label><part name='0' x='1' y='1'/></box>")
            .replace("a.jpg", "a & b.jpg");
        assert_eq!(read(&text).unwrap(), [[Point::new(1.0, 1.0)]]);
    }

    #[test]
    fn entities_are_never_expanded() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]>\n";
        let text = format!("{bomb}{}", image("<label>&b;&c;</label><box><part name='0' x='1' y='1'/></box>"));
        assert_eq!(read(&text).unwrap(), [[Point::new(1.0, 1.0)]]);
    }
}
