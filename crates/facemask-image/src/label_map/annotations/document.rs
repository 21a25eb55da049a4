//! A COCO or labelme document, parsed and painted.

use std::collections::{BTreeMap, BTreeSet};

use facemask_core::error::{Error, Result};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::error::Category as JsonFault;

use super::super::encoding::invalid;
use super::json_fields::{FlatRings, ImageId, Segmentation, WholeNumber, bounded_list, optional_list};
use super::mask_painter::MaskPainter;
use crate::input_kind::InputKind;
use crate::limits::Limits;

const KIND: InputKind = InputKind::LabelMap;
/// Bytes of a document. Numbers take up to four times their text.
const MAX_BYTES: usize = 32 << 20;
/// Points of the ring that stands for a circle of labelme.
const CIRCLE_POINTS: u32 = 360;
/// The longest name that [`facemask_core::trace::TraceOptions`] takes.
const MAX_NAME: usize = 100;

/// A parsed document. Nothing is painted yet.
pub(crate) struct AnnotationDocument {
    masks: Vec<NamedMask>,
    /// Width and height, as the document states them.
    size: Option<(u32, u32)>,
    names: BTreeMap<u8, String>,
}

struct NamedMask {
    id: u8,
    area: MaskArea,
}

enum MaskArea {
    Segmentation(Segmentation),
    Ring(Vec<f64>),
    /// The file of a mask in base64, with the corner at which it lies.
    Picture {
        base64: String,
        left: i64,
        top: i64,
    },
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DocumentFields {
    #[serde(deserialize_with = "bounded_list")]
    images: Vec<ImageFields>,
    #[serde(deserialize_with = "bounded_list")]
    categories: Vec<CategoryFields>,
    #[serde(deserialize_with = "optional_list")]
    annotations: Option<Vec<AnnotationFields>>,
    #[serde(deserialize_with = "optional_list")]
    shapes: Option<Vec<ShapeFields>>,
    #[serde(rename = "imageWidth")]
    image_width: Option<WholeNumber>,
    #[serde(rename = "imageHeight")]
    image_height: Option<WholeNumber>,
    segmentation: Option<Segmentation>,
    category_id: Option<WholeNumber>,
}

#[derive(Deserialize)]
struct ImageFields {
    id: Option<ImageId>,
    width: WholeNumber,
    height: WholeNumber,
}

#[derive(Deserialize)]
struct CategoryFields {
    id: WholeNumber,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct AnnotationFields {
    segmentation: Option<Segmentation>,
    category_id: Option<WholeNumber>,
    image_id: Option<ImageId>,
    /// A coordinate of a landmark.
    x: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct ShapeFields {
    label: Option<String>,
    points: FlatRings,
    shape_type: Option<String>,
    mask: Option<String>,
}

impl AnnotationDocument {
    /// Whether the bytes begin as a JSON object or list.
    pub(crate) fn is_json(data: &[u8]) -> bool {
        let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
        text.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| matches!(byte, b'{' | b'['))
    }

    /// Parses a document.
    ///
    /// # Errors
    ///
    /// `map_corrupt` for malformed JSON, `map_unsupported` for JSON that is no such document, `map_invalid` for category
    /// ids that are no ids and for annotations of several images, `map_too_large` for more bytes than the limit.
    pub(crate) fn parse(data: &[u8]) -> Result<Self> {
        if data.len() > MAX_BYTES {
            return Err(KIND.too_large(format!(
                "the label map is a JSON text of {} bytes, expected at most {MAX_BYTES}; save labelme documents without imageData",
                data.len()
            )));
        }
        let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data).trim_ascii_start();
        let fields = if text.starts_with(b"[") {
            let mut reader = serde_json::Deserializer::from_slice(text);
            bounded_list(&mut reader)
                .and_then(|annotations| reader.end().map(|()| annotations))
                .map(|annotations| DocumentFields { annotations: Some(annotations), ..Default::default() })
        } else {
            serde_json::from_slice(text)
        };
        let mut fields: DocumentFields = fields.map_err(|error| to_error(&error))?;
        if let Some(segmentation) = fields.segmentation.take() {
            let only = AnnotationFields {
                segmentation: Some(segmentation),
                category_id: fields.category_id,
                image_id: None,
                x: None,
            };
            fields.annotations.get_or_insert_default().push(only);
        }
        match (fields.annotations.take(), fields.shapes.take()) {
            (_, Some(shapes)) => Self::from_shapes(shapes, fields.image_width.zip(fields.image_height).map(|(w, h)| (w.to_side(), h.to_side()))),
            (Some(annotations), None) => Self::from_annotations(annotations, &fields),
            (None, None) => Err(KIND.unsupported(
                "the label map is a JSON object without annotations (COCO) and without shapes (labelme), expected one of them",
            )),
        }
    }

    fn from_annotations(annotations: Vec<AnnotationFields>, fields: &DocumentFields) -> Result<Self> {
        if !annotations.is_empty() && annotations.iter().all(|e| e.x.is_some() && e.segmentation.is_none()) {
            return Err(invalid(format!(
                "the label map is a JSON list of {} points, which look like landmarks; check the order of the files",
                annotations.len()
            )));
        }
        let used: BTreeSet<_> = annotations.iter().filter_map(|entry| entry.image_id.as_ref()).collect();
        let image = match (fields.images.as_slice(), used.first()) {
            _ if used.len() > 1 => {
                return Err(invalid(format!(
                    "the label map holds annotations of {} images, expected those of one",
                    used.len()
                )));
            }
            ([only], _) => Some(only),
            (images, Some(id)) => images.iter().find(|image| image.id.as_ref() == Some(id)),
            _ => None,
        };
        let run_size = annotations.iter().find_map(|entry| match &entry.segmentation {
            Some(Segmentation::Runs { size: [height, width], .. }) => Some((*width, *height)),
            _ => None,
        });
        let count = annotations.iter().filter(|entry| entry.category_id.is_some()).count();
        if count != 0 && count != annotations.len() {
            return Err(invalid(
                "the label map has annotations with and without category_id, expected all or none",
            ));
        }
        // Id 0 is background, so categories that count from 0 move up by one. The list of categories decides too: it
        // is the same for every picture of a data set.
        let has_zero = annotations.iter().any(|entry| entry.category_id == Some(WholeNumber(0)))
            || fields.categories.iter().any(|category| category.id == WholeNumber(0));
        let shift = i64::from(has_zero);
        let entries = annotations.len();
        let mut masks = Vec::new();
        for (index, entry) in annotations.into_iter().enumerate() {
            let id = to_id(entry.category_id.map_or(index as i64 + 1, |id| id.0.saturating_add(shift)))?;
            if let Some(segmentation) = entry.segmentation {
                masks.push(NamedMask { id, area: MaskArea::Segmentation(segmentation) });
            }
        }
        let names = fields.categories.iter().filter_map(|category| {
            let id = u8::try_from(category.id.0.saturating_add(shift)).ok()?;
            Some((id, cut_name(&category.name)?))
        });
        let names = if count == 0 { BTreeMap::new() } else { names.collect() };
        check_areas(entries, masks.len(), "annotations", "segmentation")?;
        Ok(Self {
            masks,
            size: image.map(|image| (image.width.to_side(), image.height.to_side())).or(run_size),
            names,
        })
    }

    fn from_shapes(shapes: Vec<ShapeFields>, size: Option<(u32, u32)>) -> Result<Self> {
        let labels: Vec<&str> =
            shapes.iter().map(|shape| shape.label.as_deref().unwrap_or_default()).collect();
        // Labels that are numbers are ids; others get ids in order of appearance.
        let are_ids = labels.iter().all(|label| label.parse::<u8>().is_ok());
        let mut order: Vec<&str> = Vec::new();
        let mut ids = Vec::new();
        for label in &labels {
            ids.push(match label.parse::<u8>() {
                Ok(id) if are_ids => id,
                _ if matches!(*label, "_background_" | "__ignore__") => 0,
                _ => {
                    let known = order.iter().position(|name| name == label);
                    let index = known.unwrap_or_else(|| {
                        order.push(label);
                        order.len() - 1
                    });
                    to_id(index as i64 + 1)?
                }
            });
        }
        let names =
            order.iter().enumerate().filter_map(|(i, name)| Some((i as u8 + 1, cut_name(name)?))).collect();
        let entries = shapes.len();
        let masks = shapes.into_iter().zip(ids);
        let masks: Vec<_> =
            masks.filter_map(|(shape, id)| Some(NamedMask { id, area: shape_area(shape)? })).collect();
        check_areas(entries, masks.len(), "shapes", "polygon, rectangle, circle or mask")?;
        Ok(Self { masks, size, names })
    }

    /// Width and height of the map: as the document states them, else as given.
    ///
    /// # Errors
    ///
    /// `map_invalid` without either.
    pub(crate) fn size(&self, given: Option<(u32, u32)>) -> Result<(u32, u32)> {
        self.size.or(given).ok_or_else(|| {
            invalid(
                "the label map's polygons come without the size of their picture; send a document with images (COCO) or imageHeight and imageWidth (labelme), or name image_size",
            )
        })
    }

    /// Paints the masks in their order, into a map of a size in pixels. `decode_mask` decodes the file of a mask to its
    /// width and its pixels.
    ///
    /// # Errors
    ///
    /// Those of [`MaskPainter::paint`] and of a mask's picture; `map_too_large` above a limit.
    pub(crate) fn paint(
        &self,
        (width, height): (u32, u32),
        limits: &Limits,
        decode_mask: impl Fn(&[u8]) -> Result<(usize, Vec<u8>)>,
    ) -> Result<Vec<u8>> {
        limits.check_size(KIND, width, height)?;
        let mut painter = MaskPainter::new(width, height);
        for mask in &self.masks {
            match &mask.area {
                MaskArea::Segmentation(area) => painter.paint(mask.id, area)?,
                MaskArea::Ring(numbers) => painter.paint_ring(mask.id, numbers)?,
                MaskArea::Picture { base64, left, top } => {
                    let file = crate::base64::decode(base64.as_bytes(), KIND.field())?;
                    let (mask_width, pixels) = decode_mask(&file)?;
                    painter.paint_mask(mask.id, &pixels, mask_width, *left, *top)?;
                }
            }
        }
        Ok(painter.into_labels())
    }

    /// Names of the masks, by id.
    pub(crate) fn into_names(self) -> BTreeMap<u8, String> {
        self.names
    }
}

/// Checks that some of the entries have areas, or there are no entries: a drawing of nothing hides the mistake.
fn check_areas(entries: usize, areas: usize, noun: &str, wanted: &str) -> Result<()> {
    if entries > 0 && areas == 0 {
        return Err(invalid(format!("the label map has {entries} {noun}, none of which has a {wanted}")));
    }
    Ok(())
}

/// The area of a labelme shape; `None` for points and lines.
fn shape_area(shape: ShapeFields) -> Option<MaskArea> {
    let numbers = shape.points.numbers;
    match (shape.shape_type.as_deref().unwrap_or("polygon"), numbers.as_slice()) {
        ("mask", &[left, top, ..]) => Some(MaskArea::Picture {
            base64: shape.mask?,
            left: left.round() as i64,
            top: top.round() as i64,
        }),
        ("rectangle", &[left, top, right, bottom]) => {
            Some(MaskArea::Ring(vec![left, top, right, top, right, bottom, left, bottom]))
        }
        ("circle", &[x, y, edge_x, edge_y]) => {
            let radius = (edge_x - x).hypot(edge_y - y);
            let turn = std::f64::consts::TAU / f64::from(CIRCLE_POINTS);
            let angles = (0..CIRCLE_POINTS).map(|i| turn * f64::from(i));
            Some(MaskArea::Ring(angles.flat_map(|a| [x + radius * a.cos(), y + radius * a.sin()]).collect()))
        }
        ("polygon" | "rectangle", _) => Some(MaskArea::Ring(numbers)),
        _ => None,
    }
}

fn to_id(value: i64) -> Result<u8> {
    u8::try_from(value).map_err(|_| {
        invalid(format!(
            "the label map's annotations have the category id {value}, expected ids from 0 to 255"
        ))
    })
}

/// A name of at most [`MAX_NAME`] characters; `None` for an empty one.
fn cut_name(name: &str) -> Option<String> {
    (!name.is_empty()).then(|| name.chars().take(MAX_NAME).collect())
}

fn to_error(error: &serde_json::Error) -> Error {
    match error.classify() {
        JsonFault::Data => KIND.unsupported(format!(
            "the label map is a JSON text that is neither COCO nor labelme (line {}, column {}), expected one of them",
            error.line(),
            error.column()
        )),
        _ => KIND.corrupt(format!("the label map is a JSON text that is cut or malformed: {error}")),
    }
}
