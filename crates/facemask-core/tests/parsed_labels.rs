//! Faces whose labels a parser gives: what it sees, and where its labels come to lie.
#![allow(clippy::unwrap_used, reason = "a test ends where its input is broken")]

mod face_support;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use face_support::astronaut;
use facemask_core::error::{Error, ErrorKind, Result};
use facemask_core::face::{CropOptions, CropPreset};
use facemask_core::geometry::{Affine, Point};
use facemask_core::raster::{LabelMap, PixelRect, Size};
use facemask_core::svg::{EmbeddedImage, Photo};
use facemask_core::trace::{
    FaceParser, ParsedMap, ParserInput, ResultFrame, TraceInput, TraceOptions, TraceOutput, trace_face,
};

const SIDE: u32 = 64;
const IMAGE: Size = Size::new(900, 900);
/// The gray around the photo.
const PADDING: [u8; 3] = [132, 133, 135];
/// `lapa-11`: the right eye, the left eye.
const EYES: [u8; 2] = [4, 5];

/// A photo whose colors tell the place: red grows to the right, green downwards.
struct Places;

impl Photo for Places {
    fn size(&self) -> Size {
        IMAGE
    }

    fn decode(&self, _: &PixelRect) -> Result<Cow<'_, [u8]>> {
        let level = |n: u32| (n * 200 / IMAGE.width) as u8;
        let rows = 0..IMAGE.height;
        let pixels = rows.flat_map(|y| (0..IMAGE.width).flat_map(move |x| [level(x), level(y), 255]));
        Ok(Cow::Owned(pixels.collect()))
    }

    fn encode(&self, _: Size, _: &[u8]) -> Result<EmbeddedImage> {
        Err(Error::new(ErrorKind::Internal, "", "is not embedded here"))
    }
}

/// Labels the left half of what it sees as the right eye, and keeps what it saw.
struct Halves {
    crop: CropPreset,
    names: BTreeMap<u8, String>,
    seen: RefCell<Vec<u8>>,
}

impl Halves {
    fn new(crop: CropPreset) -> Self {
        Self { crop, names: BTreeMap::new(), seen: RefCell::default() }
    }

    fn seen(&self, x: f64, y: f64) -> [u8; 3] {
        let first = 3 * (y as usize * SIDE as usize + x as usize);
        self.seen.borrow()[first..first + 3].try_into().unwrap()
    }
}

impl FaceParser for Halves {
    fn crop(&self) -> CropOptions {
        CropOptions { preset: self.crop, margin: None, size: Some(Size::new(SIDE, SIDE)) }
    }

    fn label_scheme(&self) -> &str {
        "lapa-11"
    }

    fn label_names(&self) -> &BTreeMap<u8, String> {
        &self.names
    }

    fn parse(&self, picture: &[u8]) -> Result<ParsedMap> {
        self.seen.replace(picture.to_vec());
        // A grid of its own, wider than the picture.
        let ids = (0..10 * 40).map(|i| EYES[usize::from(i % 40 >= 20)]).collect();
        Ok(ParsedMap { size: [40, 10], ids })
    }
}

fn trace(parser: &Halves, points: Vec<Point>, labels: Option<LabelMap<'_>>) -> Result<TraceOutput> {
    let faces = [points];
    let input = TraceInput {
        labels,
        parser: Some(ParserInput { parser, photo: &Places }),
        faces: &faces,
        image_size: IMAGE,
        image_from_labels: None,
        photo: None,
        color_photo: None,
    };
    let options =
        TraceOptions { crop: CropPreset::None, frame: ResultFrame::Image, ..TraceOptions::default() };
    trace_face(&input, &options)
}

fn turned(degrees: f64) -> Vec<Point> {
    let middle = Point::new(450.0, 450.0);
    let turn = Affine::translate(middle.x, middle.y)
        * Affine::rotate(degrees.to_radians())
        * Affine::translate(-middle.x, -middle.y);
    astronaut().into_iter().map(|p| turn.apply(p)).collect()
}

fn centroid(result: &TraceOutput, name: &str) -> Point {
    let [x, y] = result.regions.iter().find(|region| region.name == name).unwrap().centroid;
    Point::new(x, y)
}

#[test]
fn the_labels_of_each_side_lie_on_that_side_at_every_tilt() {
    for degrees in [0.0, 90.0, 140.0, 180.0, 250.0] {
        for is_mirrored in [false, true] {
            let mut points = turned(degrees);
            if is_mirrored {
                points.iter_mut().for_each(|p| p.x = 900.0 - p.x);
            }
            let parser = Halves::new(CropPreset::Ffhq);
            let [right, left] = [points[468], points[473]];
            let result = trace(&parser, points, None).unwrap();
            assert_eq!((result.labels_from, result.mirrored), ("parser", is_mirrored));
            let between = centroid(&result, "eye_l") - centroid(&result, "eye_r");
            let cosine = between.dot(left - right) / between.length() / (left - right).length();
            assert!(cosine > 0.999, "{degrees} {is_mirrored}: {cosine}");
        }
    }
}

#[test]
fn the_parser_sees_the_place_of_the_face_and_gray_around_the_photo() {
    let parser = Halves::new(CropPreset::None);
    trace(&parser, turned(45.0), None).unwrap();
    // The canvas of a square that is turned by 48 degrees has its corners outside, and the middle in the middle.
    assert_eq!(parser.seen(0.0, 0.0), PADDING);
    let middle = parser.seen(32.0, 32.0);
    assert!(middle[0].abs_diff(100) < 4 && middle[1].abs_diff(100) < 4 && middle[2] == 255, "{middle:?}");
    // Upright, the top of the picture is the corner of the photo above the turned face.
    let top = parser.seen(32.0, 4.0);
    assert!(top[0] > 150 && top[1] < 50, "{top:?}");
}

#[test]
fn what_a_parser_cannot_have_is_told() {
    let error = |result: Result<TraceOutput>| result.map(|_| ()).unwrap_err();
    let ids = [0; 4];
    let map = LabelMap::new(2, 2, &ids).unwrap();
    let parser = Halves::new(CropPreset::Face);
    assert_eq!(error(trace(&parser, turned(0.0), Some(map))).field, "parser");
    assert_eq!(error(trace(&parser, Vec::new(), None)).kind, ErrorKind::LandmarksInvalid);
    let far = turned(0.0).into_iter().map(|p| p + Point::new(5000.0, 0.0)).collect();
    assert_eq!(error(trace(&parser, far, None)).kind, ErrorKind::CropEmpty);
    assert!(parser.seen.borrow().is_empty());
    // These points have no mouth, by which the template is aligned.
    let eyes = [(70.0, 50.0), (50.0, 50.0), (20.0, 50.0), (40.0, 50.0), (45.0, 75.0)];
    let eyes = eyes.map(|(x, y)| Point::new(x, y) * 5.0).to_vec();
    assert_eq!(error(trace(&Halves::new(CropPreset::Ffhq), eyes, None)).kind, ErrorKind::NoFace);
}
