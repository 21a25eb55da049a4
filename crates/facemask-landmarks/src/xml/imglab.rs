//! The XML of dlib's imglab: `<images><image file><box><part name='00' x y/>`, after
//! `dlib/data_io/image_dataset_metadata.cpp`.

use facemask_core::error::Result;
use facemask_core::geometry::Point;
use quick_xml::events::BytesStart;

use super::attributes::{attribute, coordinate};
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
