//! The XML of CVAT ("CVAT for images 1.1"): `<annotations><image name><points label points="x,y;x,y"/>`, and skeletons of
//! one point each, after its page
//! [XML annotation format](https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/).

use facemask_core::error::Result;
use facemask_core::geometry::Point;
use quick_xml::events::BytesStart;

use super::attributes::{attribute, coordinate};
use crate::landmark_file::{MAX_POINTS, invalid};

/// A point with its label.
type LabeledPoint = (String, Point);

/// What was read so far.
#[derive(Default)]
pub(super) struct CvatPictures {
    /// Pictures with points.
    count: usize,
    /// Whether the current picture has points.
    has_points: bool,
    /// Whether the current element is in a skeleton, whose points are one face.
    is_in_skeleton: bool,
    /// The skeletons of the first picture with points.
    skeletons: Vec<Vec<LabeledPoint>>,
    /// The lists of points of that picture that have several.
    lists: Vec<Vec<Point>>,
    /// Its single points, which are one face together.
    singles: Vec<LabeledPoint>,
    /// Points in all pictures.
    pub(super) points: usize,
    /// Boxes, polygons and other shapes.
    others: usize,
}

impl CvatPictures {
    /// Reads the beginning of an element.
    pub(super) fn open(&mut self, tag: &BytesStart<'_>) -> std::result::Result<(), String> {
        match tag.local_name().as_ref() {
            "image" => self.has_points = false,
            "skeleton" => {
                self.is_in_skeleton = true;
                if self.count == 0 || (self.count == 1 && self.has_points) {
                    self.skeletons.push(Vec::new());
                }
            }
            "points" => self.add(tag)?,
            "box" | "polygon" | "polyline" | "ellipse" | "mask" | "cuboid" => self.others += 1,
            "track" => {
                return Err("the XML of CVAT holds tracks of a video; export the photo's frame".to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    /// Reads the end of an element.
    pub(super) fn close(&mut self, name: &str) {
        if name == "skeleton" {
            self.is_in_skeleton = false;
        }
    }

    fn add(&mut self, tag: &BytesStart<'_>) -> std::result::Result<(), String> {
        if attribute(tag, "outside")?.as_deref() == Some("1") {
            return Err("a point is marked as outside, but a face needs all points of its scheme".to_owned());
        }
        if !self.has_points {
            self.has_points = true;
            self.count += 1;
        }
        let points = read_points(attribute(tag, "points")?.as_deref().unwrap_or_default())?;
        self.points += points.len();
        if self.count > 1 {
            return Ok(());
        }
        let label = attribute(tag, "label")?.unwrap_or_default();
        match (points.as_slice(), self.skeletons.last_mut()) {
            (&[point], Some(skeleton)) if self.is_in_skeleton => skeleton.push((label, point)),
            (&[point], _) => self.singles.push((label, point)),
            _ => self.lists.push(points),
        }
        Ok(())
    }

    /// Returns the points of every face of one picture.
    ///
    /// # Errors
    ///
    /// For points of several pictures, other shapes alone, and labels that are numbers with a gap.
    pub(super) fn into_faces(self) -> Result<Vec<Vec<Point>>> {
        if self.count > 1 {
            let count = self.count;
            return Err(invalid(format!(
                "the XML of CVAT has points of {count} pictures; keep the <image> of your photo alone"
            )));
        }
        let faces: Vec<_> =
            self.skeletons.into_iter().chain([self.singles]).map(sort_points).collect::<Result<_>>()?;
        let faces: Vec<_> = faces.into_iter().chain(self.lists).filter(|face| !face.is_empty()).collect();
        if faces.is_empty() {
            let others = self.others;
            return Err(invalid(format!(
                "the XML of CVAT has {others} other shapes and no points: draw one point for each landmark"
            )));
        }
        Ok(faces)
    }
}

/// Sorts points whose labels are all different whole numbers; others keep their order.
fn sort_points(points: Vec<LabeledPoint>) -> Result<Vec<Point>> {
    let mut numbered: Vec<(u32, Point)> =
        points.iter().map_while(|(label, point)| Some((label.trim().parse().ok()?, *point))).collect();
    numbered.sort_by_key(|&(number, _)| number);
    let is_distinct = numbered.windows(2).all(|pair| pair[0].0 < pair[1].0);
    if numbered.len() < points.len() || points.len() < 2 || !is_distinct {
        return Ok(points.into_iter().map(|(_, point)| point).collect());
    }
    let first = numbered[0].0;
    if first > 1 || numbered.iter().zip(first..).any(|(&(number, _), expected)| number != expected) {
        let count = numbered.len();
        return Err(invalid(format!(
            "the labels of {count} points are numbers with gaps; a face needs all points of its scheme"
        )));
    }
    Ok(numbered.into_iter().map(|(_, point)| point).collect())
}

/// The points of an attribute: `x,y;x,y`.
fn read_points(text: &str) -> std::result::Result<Vec<Point>, String> {
    const EXPECTED: &str = "points must be numbers such as \"1.5,2;3,4\"";
    if text.bytes().filter(|&byte| byte == b';').count() >= MAX_POINTS {
        return Err("an element has more points than a file may have".to_owned());
    }
    let point = |pair: &str| {
        let (x, y) = pair.split_once(',').ok_or(EXPECTED)?;
        Ok(Point::new(coordinate(x, EXPECTED)?, coordinate(y, EXPECTED)?))
    };
    text.split(';').map(point).collect()
}
