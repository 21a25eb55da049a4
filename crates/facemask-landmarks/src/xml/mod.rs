//! Landmarks in the XML of annotation tools.
//!
//! Nothing is expanded: no entity, no document type. Only the attributes that hold landmarks are read.

mod cvat;
mod imglab;

use facemask_core::error::{Error, Result};
use facemask_core::geometry::Point;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::landmark_file::{
    LandmarkForm, MAX_POINTS, coordinate_fault, invalid, invalid_line, too_many_points,
};
use crate::numbers::parse_number;
use cvat::CvatPictures;
use imglab::ImglabPictures;

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

/// As [`read`], without the form.
#[cfg(test)]
fn read_faces(text: &str) -> Result<Vec<Vec<Point>>> {
    read(text).map(|(_, faces)| faces)
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

/// The coordinate in a text; `expected` is the error for a text that is no number.
fn coordinate(text: &str, expected: &str) -> std::result::Result<f64, String> {
    let value = parse_number(text.trim()).ok_or(expected)?;
    coordinate_fault(value).map_or(Ok(value), |fault| Err(fault.to_owned()))
}

/// The text of an attribute, without entities resolved: numbers have none.
fn attribute(tag: &BytesStart<'_>, name: &str) -> std::result::Result<Option<String>, String> {
    // Without checks: those for repeated names take quadratic time.
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| "an attribute of the XML is damaged".to_owned())?;
        if attribute.key.as_ref() == name {
            return Ok(Some(attribute.value.into_owned()));
        }
    }
    Ok(None)
}
