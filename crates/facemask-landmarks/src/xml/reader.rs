//! The elements of an XML text, and the tool that wrote it, by the first of them.

use facemask_core::error::{Error, Result};
use facemask_core::geometry::Point;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::cvat::CvatPictures;
use super::imglab::ImglabPictures;
use crate::landmark_file::{LandmarkForm, MAX_POINTS, invalid, invalid_line, too_many_points};

/// Deepest nesting; imglab's is six.
const MAX_DEPTH: usize = 32;

/// What was read so far, by the tool that wrote the file.
enum Document {
    Imglab(ImglabPictures),
    Cvat(CvatPictures),
}

/// Reads the form of an XML text, and the landmarks of the faces of one picture.
///
/// # Errors
///
/// For XML of other programs, XML that is damaged or truncated, landmarks of several pictures, and landmarks whose names
/// are numbers with a gap.
pub(crate) fn read(text: &str) -> Result<(LandmarkForm, Vec<Vec<Point>>)> {
    let mut reader = Reader::from_str(text);
    // dlib writes `&` in names and labels as it is.
    reader.config_mut().allow_dangling_amp = true;
    let mut document = None;
    let mut depth = 0;
    loop {
        let position = reader.buffer_position();
        let fault = |detail: &str| fault_at(text, position, detail);
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(fault("the XML is nested too deeply"));
                }
                Document::open(&mut document, &tag)?.map_err(|detail| fault(&detail))?;
            }
            Ok(Event::Empty(tag)) => {
                Document::open(&mut document, &tag)?.map_err(|detail| fault(&detail))?;
                if let Some(document) = &mut document {
                    document.close(tag.local_name().as_ref());
                }
            }
            Ok(Event::End(tag)) => {
                depth = depth.saturating_sub(1);
                if let Some(document) = &mut document {
                    document.close(tag.local_name().as_ref());
                }
            }
            Ok(Event::Eof) if depth > 0 => {
                return Err(invalid("the XML is truncated: an element is not closed"));
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) => return Err(fault("the XML is damaged")),
        }
        if document.as_ref().is_some_and(|document| document.points() > MAX_POINTS) {
            return Err(too_many_points());
        }
    }
    match document {
        None => Err(invalid("the XML holds no element")),
        Some(Document::Imglab(pictures)) => Ok((LandmarkForm::DlibXml, pictures.into_faces()?)),
        Some(Document::Cvat(pictures)) => Ok((LandmarkForm::CvatXml, pictures.into_faces()?)),
    }
}

impl Document {
    /// Reads the beginning of an element, the first of which tells the tool.
    fn open(document: &mut Option<Self>, tag: &BytesStart<'_>) -> Result<std::result::Result<(), String>> {
        if document.is_none() {
            *document = Some(Self::of_root(tag)?);
        }
        Ok(match document {
            Some(Self::Imglab(pictures)) => pictures.open(tag),
            Some(Self::Cvat(pictures)) => pictures.open(tag),
            None => Ok(()),
        })
    }

    /// Refuses XML whose first element is that of no known tool.
    fn of_root(tag: &BytesStart<'_>) -> Result<Self> {
        let name = tag.local_name();
        let kind = match name.as_ref() {
            "dataset" | "images" | "image" => return Ok(Self::Imglab(ImglabPictures::default())),
            "annotations" => return Ok(Self::Cvat(CvatPictures::default())),
            "svg" => "an SVG drawing".to_owned(),
            "annotation" => "an XML file of Pascal VOC, which holds boxes".to_owned(),
            other => {
                let is_shown =
                    |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | ':');
                let name: String = other.chars().filter(is_shown).take(40).collect();
                format!("an XML file that begins with <{name}>")
            }
        };
        Err(invalid(format!("this is {kind}; the XML that is read is that of dlib's imglab and of CVAT")))
    }

    fn close(&mut self, name: &str) {
        if let Self::Cvat(pictures) = self {
            pictures.close(name);
        }
    }

    const fn points(&self) -> usize {
        match self {
            Self::Imglab(pictures) => pictures.parts,
            Self::Cvat(pictures) => pictures.points,
        }
    }
}

/// An error at a position of the text.
fn fault_at(text: &str, position: u64, detail: &str) -> Error {
    let end = usize::try_from(position).unwrap_or(usize::MAX).min(text.len());
    invalid_line(text.as_bytes()[..end].iter().filter(|&&byte| byte == b'\n').count() + 1, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_faces(text: &str) -> Result<Vec<Vec<Point>>> {
        read(text).map(|(_, faces)| faces)
    }

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
            read_faces(&image(&format!("{parts}{all}</box><box/><box><part name='01' x='7' y='8'/></box>")))
                .unwrap();
        assert_eq!(faces.len(), 3);
        assert_eq!(faces[0][9..], [Point::new(3.0, 4.0), Point::new(5.0, 6.0)]);
        assert_eq!(faces[1], [], "a box without parts keeps its index");
        assert_eq!(faces[2], [Point::new(7.0, 8.0)]);
        let ignored =
            "<box ignore='1'><part name='0' x='1' y='1'/></box><box><part name='0' x='2' y='2'/></box>";
        assert_eq!(read_faces(&image(ignored)).unwrap(), [vec![], vec![Point::new(2.0, 2.0)]]);
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
            let error = read_faces(&text).unwrap_err();
            assert!(error.detail.contains(words), "{error}");
        }
    }

    #[test]
    fn an_ampersand_that_dlib_does_not_escape_is_text() {
        let text = image("<box><label>a & b</label><part name='0' x='1' y='1'/></box>")
            .replace("a.jpg", "a & b.jpg");
        assert_eq!(read_faces(&text).unwrap(), [[Point::new(1.0, 1.0)]]);
    }

    #[test]
    fn entities_are_never_expanded() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]>\n";
        let text = format!("{bomb}{}", image("<label>&b;&c;</label><box><part name='0' x='1' y='1'/></box>"));
        assert_eq!(read_faces(&text).unwrap(), [[Point::new(1.0, 1.0)]]);
    }

    fn picture(shapes: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n<version>1.1</version>\n\
             <image id=\"0\" name=\"a.jpg\" width=\"9\" height=\"8\">\n{shapes}</image>\n</annotations>"
        )
    }

    #[test]
    fn lists_points_and_skeletons_of_cvat_are_faces() {
        let list = picture("<points label=\"face\" points=\"1.5,2;3,4.25\" z_order=\"0\"></points>");
        assert_eq!(read_faces(&list).unwrap(), [[Point::new(1.5, 2.0), Point::new(3.0, 4.25)]]);
        let (first, second) =
            ("<points label=\"1\" points=\"1,2\"/>", "<points label=\"2\" points=\"3,4\"/>");
        let expected = [Point::new(1.0, 2.0), Point::new(3.0, 4.0)];
        assert_eq!(read_faces(&picture(&format!("{second}{first}"))).unwrap(), [expected], "by number");
        let skeleton = format!("<skeleton label=\"face\">{second}{first}</skeleton>");
        assert_eq!(read_faces(&picture(&format!("{skeleton}<box/>{skeleton}"))).unwrap(), [expected; 2]);
        let named = first.replace("\"1\"", "\"nose\"");
        assert_eq!(
            read_faces(&picture(&format!("{named}{named}"))).unwrap(),
            [[expected[0]; 2]],
            "in their order"
        );
    }

    #[test]
    fn what_is_refused_of_cvat_and_why() {
        let point = "<points label=\"1\" points=\"1,2\"/>";
        for (text, words) in [
            (picture("<box xtl=\"1\"/>"), "1 other shapes and no points"),
            (picture(&format!("{point}</image><image id=\"1\">{point}")), "points of 2 pictures"),
            (picture(&format!("{point}{}", point.replace("\"1\"", "\"3\""))), "numbers with gaps"),
            (picture(&point.replace("1,2", "1;2")), "line 5: points must be numbers"),
            (picture(&point.replace("1,2", "1,nan")), "must be finite"),
            (picture(&point.replace("points=", "outside=\"1\" points=")), "marked as outside"),
            (picture(point).replace("</annotations>", ""), "truncated"),
            ("<annotations><track id=\"0\"/></annotations>".to_owned(), "tracks of a video"),
        ] {
            let error = read_faces(&text).unwrap_err();
            assert!(error.detail.contains(words), "{error}");
        }
    }
}
