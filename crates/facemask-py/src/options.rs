//! Options and limits. Values are checked by the constructor, before any input is read.

use std::collections::BTreeMap;

use facemask_core::contour::{ContourOptions, CurveKind};
use facemask_core::error::{Error, Result, quote};
use facemask_core::face::{CropOptions, CropPreset, LandmarkUnits};
use facemask_core::raster::{MapExtent, MapFit, NativeResolution, Size};
use facemask_core::svg::Style;
use facemask_core::trace::{ParserInput, Photo, RegionSet, ResultFrame, TraceOptions, VoidId};
use pyo3::prelude::*;
use pyo3::types::PyInt;

use crate::errors::to_py;
use crate::networks::parser::Parser;
use crate::regions_argument::RegionsArgument;

/// The longest side of a photo that is absent, in pixels: landmarks have no larger coordinate.
const MAX_IMAGE_SIDE: u32 = 1_000_000;

/// Options of a trace. docs/contract.md describes each of them.
#[pyclass(frozen, module = "facemask._core")]
pub(crate) struct Options {
    pub(crate) trace: TraceOptions,
    /// Whether landmarks and label map are in the frame of the stored photo, before its EXIF orientation.
    pub(crate) is_raw_frame: bool,
    /// Width and height of the photo, for an input without one.
    pub(crate) image_size: Option<Size>,
    /// Colors of the label map by label id.
    pub(crate) palette: Option<Vec<[u8; 3]>>,
    /// Whether the SVG contains the cropped photo.
    pub(crate) embeds_crop: bool,
    /// Whether the upright crop is part of the result, as a JPEG file.
    pub(crate) has_crop_image: bool,
    /// Whether the colors of regions are measured in the photo.
    pub(crate) measures_color: bool,
    /// Whether the response has the landmarks.
    pub(crate) with_landmarks: bool,
    /// The parser that makes the label map.
    parser: Option<Py<Parser>>,
}

#[pymethods]
impl Options {
    #[new]
    #[pyo3(signature = (*, regions=None, landmark_scheme="auto", landmark_units="auto", landmarks_frame="oriented",
        image_size=None, face=None, label_scheme="auto", label_names=None, label_palette=None, void=None, map_fit="exact", map_box=None,
        image_from_labels=None, native_resolution="auto", crop="face", crop_margin=None, crop_size=None, frame="crop",
        tolerance=0.5, curve="smooth", min_area=0.0, style="default", colors=None, embed_image="none", crop_image=false,
        id_prefix="", measure_color=false, with_landmarks=false, parser=None))]
    #[expect(clippy::too_many_arguments, reason = "the options of the contract, all by name")]
    fn new(
        py: Python<'_>,
        regions: Option<&Bound<'_, PyAny>>,
        landmark_scheme: &str,
        landmark_units: &str,
        landmarks_frame: &str,
        image_size: Option<Vec<i64>>,
        face: Option<&Bound<'_, PyAny>>,
        label_scheme: &str,
        label_names: Option<BTreeMap<String, String>>,
        label_palette: Option<Vec<Vec<IntegerArgument<'_>>>>,
        void: Option<VoidArgument<'_>>,
        map_fit: &str,
        map_box: Option<Vec<f64>>,
        image_from_labels: Option<Vec<f64>>,
        native_resolution: &str,
        crop: &str,
        crop_margin: Option<NumberOrList<f64>>,
        crop_size: Option<NumberOrList<IntegerArgument<'_>>>,
        frame: &str,
        tolerance: f64,
        curve: &str,
        min_area: f64,
        style: &str,
        colors: Option<BTreeMap<String, String>>,
        embed_image: &str,
        crop_image: bool,
        id_prefix: &str,
        measure_color: bool,
        with_landmarks: bool,
        parser: Option<Py<Parser>>,
    ) -> PyResult<Self> {
        let build = || -> Result<Self> {
            let RegionsArgument { set, selection } = RegionsArgument::parse(regions)?;
            let trace = TraceOptions {
                regions: set,
                selection,
                landmark_scheme: landmark_scheme.to_owned(),
                landmark_units: choose("landmark_units", landmark_units, &LandmarkUnits::NAMES)?,
                face: face.map(parse_face).transpose()?,
                label_scheme: label_scheme.to_owned(),
                label_names: parse_names(label_names.unwrap_or_default())?,
                void: void.map_or(Ok(VoidId::Auto), VoidArgument::parse)?,
                map_extent: MapExtent {
                    map_fit: choose("map_fit", map_fit, &MapFit::NAMES)?,
                    map_box: parse_numbers("map_box", map_box)?,
                    image_from_labels: parse_numbers("image_from_labels", image_from_labels)?,
                },
                native_resolution: choose("native_resolution", native_resolution, &NativeResolution::NAMES)?,
                crop: choose("crop", crop, &CropPreset::NAMES)?,
                crop_margin: crop_margin.map(parse_margin).transpose()?,
                crop_size: crop_size.map(parse_size).transpose()?,
                frame: choose("frame", frame, &ResultFrame::NAMES)?,
                tolerance,
                curve: choose("curve", curve, &CurveKind::NAMES)?,
                min_area,
                style: choose("style", style, &Style::NAMES)?,
                colors: colors.unwrap_or_default(),
                id_prefix: id_prefix.to_owned(),
                ..TraceOptions::default()
            };
            Ok(Self {
                trace: trace.validate()?,
                is_raw_frame: choose(
                    "landmarks_frame",
                    landmarks_frame,
                    &[("oriented", false), ("raw", true)],
                )?,
                image_size: image_size.map(|sides| parse_image_size(&sides)).transpose()?,
                palette: label_palette
                    .map(|colors| parse_palette("label_palette", &to_channels(&colors)))
                    .transpose()?,
                embeds_crop: choose("embed_image", embed_image, &[("none", false), ("crop", true)])?,
                has_crop_image: crop_image,
                measures_color: measure_color,
                with_landmarks,
                parser,
            })
        };
        build().map_err(|error| to_py(py, &error))
    }

    /// What regions are: `labels` or `zones`.
    #[getter]
    fn region_set(&self) -> &'static str {
        let is_own = |(_, set): &&(&str, RegionSet)| *set == self.trace.regions;
        RegionSet::NAMES.iter().find(is_own).map_or("", |(name, _)| name)
    }
}

impl Options {
    /// Whether the result depends on the pixels of the photo.
    pub(crate) const fn reads_photo(&self) -> bool {
        self.embeds_crop || self.has_crop_image || self.measures_color || self.parser.is_some()
    }

    /// The parser for a photo, if there is one.
    pub(crate) fn parser_input<'a>(&'a self, photo: &'a dyn Photo) -> Option<ParserInput<'a>> {
        self.parser.as_ref().map(|parser| ParserInput { parser: parser.get(), photo })
    }

    /// The size of a photo that is absent.
    ///
    /// # Errors
    ///
    /// `option_invalid` for options that need the photo, and without `image_size`.
    pub(crate) fn size_without_photo(&self) -> Result<Size> {
        let needs_photo = [
            (self.embeds_crop, "embed_image"),
            (self.has_crop_image, "crop_image"),
            (self.measures_color, "measure_color"),
            (self.is_raw_frame, "landmarks_frame"),
            (self.parser.is_some(), "parser"),
        ];
        if let Some((_, option)) = needs_photo.iter().find(|(is_set, _)| *is_set) {
            return Err(Error::option(option, "needs the photo, and none was given"));
        }
        self.image_size.ok_or_else(|| {
            Error::option("image_size", "is needed without the photo: its width and height in pixels")
        })
    }

    /// Checks that the size in the options, if any, is that of the photo.
    ///
    /// # Errors
    ///
    /// `option_invalid` with both sizes.
    pub(crate) fn check_image_size(&self, photo: Size) -> Result<()> {
        let Some(Size { width, height }) = self.image_size.filter(|&given| given != photo) else {
            return Ok(());
        };
        let detail = format!(
            "is {width} x {height}, but the photo measures {} x {} as it is displayed; leave image_size out",
            photo.width, photo.height
        );
        Err(Error::option("image_size", detail))
    }

    /// Checks an input without a label map.
    ///
    /// # Errors
    ///
    /// `option_invalid` for a palette, which describes the map's file.
    pub(crate) fn check_without_map(&self) -> Result<()> {
        if self.palette.is_none() {
            return Ok(());
        }
        let detail = "describes a label map, and none was given; leave the option out or send the map";
        Err(Error::option("label_palette", detail))
    }

    /// Returns the options of the core with these limits, and with the names that the label map's file gives. Names
    /// of the caller take precedence, and zones have names of their own.
    pub(crate) fn with_names(&self, names: &BTreeMap<u8, String>, limits: &Limits) -> TraceOptions {
        let mut options = self.with_limits(limits);
        let mut label_names = names.clone();
        label_names.extend(options.label_names.clone());
        // A selected name may be that of a zone, until the file gives it to a label.
        let selection = options.selection.as_ref();
        let set = selection.map_or(options.regions, |selection| selection.region_set(&label_names));
        if set == RegionSet::Labels {
            options.label_names = label_names;
        }
        options
    }

    /// Returns the options of the core with these limits.
    pub(crate) fn with_limits(&self, limits: &Limits) -> TraceOptions {
        TraceOptions {
            max_border: limits.max_border,
            max_embed_pixels: limits.image.max_decode_pixels,
            ..self.trace.clone()
        }
    }
}

/// One number for all, or a list of numbers.
#[derive(FromPyObject)]
enum NumberOrList<T> {
    Number(T),
    List(Vec<T>),
}

impl<T> NumberOrList<T> {
    fn into_list(self) -> Vec<T> {
        match self {
            Self::Number(number) => vec![number],
            Self::List(numbers) => numbers,
        }
    }
}

/// Converts one margin, or those on the left, top, right and bottom.
fn parse_margin(given: NumberOrList<f64>) -> Result<[f64; 4]> {
    let numbers = given.into_list();
    match numbers[..] {
        [all] => Ok([all; 4]),
        [left, top, right, bottom] => Ok([left, top, right, bottom]),
        _ => {
            let detail = format!("must be one number, or left, top, right and bottom, got {}", numbers.len());
            Err(Error::option("crop_margin", detail))
        }
    }
}

/// Converts the side of a square, or width and height.
fn parse_size(given: NumberOrList<IntegerArgument<'_>>) -> Result<Size> {
    let numbers: Vec<i64> = given.into_list().iter().map(IntegerArgument::saturate).collect();
    let [width, height] = match numbers[..] {
        [side] => [side; 2],
        [width, height] => [width, height],
        _ => {
            let detail = format!("must be width and height, or one side, got {} numbers", numbers.len());
            return Err(Error::option("crop_size", detail));
        }
    };
    let sides = u32::try_from(width).ok().zip(u32::try_from(height).ok());
    sides.map(Size::from).ok_or_else(|| CropOptions::size_error(width, height))
}

/// Converts width and height of a photo.
fn parse_image_size(sides: &[i64]) -> Result<Size> {
    let side =
        |&length: &i64| u32::try_from(length).ok().filter(|length| (1..=MAX_IMAGE_SIDE).contains(length));
    let size = match sides {
        [width, height] => side(width).zip(side(height)),
        _ => None,
    };
    size.map(Size::from).ok_or_else(|| {
        let detail = format!("must be width and height from 1 to {MAX_IMAGE_SIDE}, got {sides:?}");
        Error::option("image_size", detail)
    })
}

/// The option `void` as Python argument: a word or an id.
#[derive(FromPyObject)]
enum VoidArgument<'py> {
    Number(i64),
    Name(String),
    Other(Bound<'py, PyAny>),
}

impl VoidArgument<'_> {
    fn parse(self) -> Result<VoidId> {
        match self {
            Self::Number(number) => VoidId::from_number(number),
            Self::Name(name) => VoidId::from_name(&name),
            // A number of many digits is no id, as the largest number of 64 bits is none.
            Self::Other(value) if value.is_instance_of::<PyInt>() => VoidId::from_number(i64::MAX),
            Self::Other(value) => VoidId::from_name(&value.get_type().to_string()),
        }
    }
}

/// A whole number as Python argument, which may have more than 64 bits.
#[derive(FromPyObject)]
enum IntegerArgument<'py> {
    Number(i64),
    Huge(Bound<'py, PyInt>),
}

impl IntegerArgument<'_> {
    /// Returns the number; a huge one becomes the largest or smallest number, which no option allows either.
    fn saturate(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            Self::Huge(number) if number.lt(0).unwrap_or(false) => i64::MIN,
            Self::Huge(_) => i64::MAX,
        }
    }
}

/// Converts the channels of colors.
fn to_channels(colors: &[Vec<IntegerArgument<'_>>]) -> Vec<Vec<i64>> {
    colors.iter().map(|color| color.iter().map(IntegerArgument::saturate).collect()).collect()
}

/// Returns the value of the name `given`.
///
/// # Errors
///
/// `option_invalid` with the known names.
pub(crate) fn choose<T: Copy>(option: &str, given: &str, known: &[(&str, T)]) -> Result<T> {
    known.iter().find(|(name, _)| *name == given).map(|&(_, value)| value).ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
        Error::option(option, format!("must be {}, got {}", names.join(" or "), quote(given)))
    })
}

/// Converts colors by label id; each has three channels from 0 to 255.
///
/// # Errors
///
/// `option_invalid` with the index of the color at fault.
pub(crate) fn parse_palette(option: &str, colors: &[Vec<i64>]) -> Result<Vec<[u8; 3]>> {
    if colors.is_empty() || colors.len() > 256 {
        return Err(Error::option(option, format!("must hold 1 to 256 colours, got {}", colors.len())));
    }
    let channel = |&value: &i64| u8::try_from(value).ok();
    let color = |(id, color): (usize, &Vec<i64>)| {
        let channels: Option<Vec<u8>> = color.iter().map(channel).collect();
        channels.and_then(|c| <[u8; 3]>::try_from(c).ok()).ok_or_else(|| {
            Error::option(
                &format!("{option}[{id}]"),
                if color.len() == 3 {
                    format!("must be red, green and blue from 0 to 255, got {color:?}")
                } else {
                    format!("must be red, green and blue from 0 to 255, got {} numbers", color.len())
                },
            )
        })
    };
    colors.iter().enumerate().map(color).collect()
}

/// Converts a list of exactly `N` numbers.
fn parse_numbers<const N: usize>(option: &str, given: Option<Vec<f64>>) -> Result<Option<[f64; N]>> {
    given
        .map(|numbers| {
            let count = numbers.len();
            numbers.try_into().map_err(|_| Error::option(option, format!("must be {N} numbers, got {count}")))
        })
        .transpose()
}

/// Converts the index of a face, which Python and JSON give as an integer of any size.
fn parse_face(given: &Bound<'_, PyAny>) -> Result<usize> {
    given.extract().map_err(|_| {
        let text = given.str().map(|text| text.to_string()).ok().filter(|text| text.len() <= 40);
        let text = text.unwrap_or_else(|| "a huge number".to_owned());
        Error::option("face", format!("must be the index of a face, from 0 on, got {text}"))
    })
}

/// Converts region names by id; JSON keys are text.
///
/// # Errors
///
/// `option_invalid` for a key that is no id, and for two keys of one id, such as `1` and `01`.
fn parse_names(given: BTreeMap<String, String>) -> Result<BTreeMap<u8, String>> {
    let mut names = BTreeMap::new();
    for (key, name) in given {
        let id: u8 = key.parse().map_err(|_| {
            Error::option("label_names", format!("keys are ids from 0 to 255, got {}", quote(&key)))
        })?;
        if names.insert(id, name).is_some() {
            return Err(Error::option(
                "label_names",
                format!("has two keys of the id {id}; keep one of them"),
            ));
        }
    }
    Ok(names)
}

/// Limits of sizes and of the length of borders, which bound time and memory of a trace.
#[pyclass(frozen, module = "facemask._core")]
pub(crate) struct Limits {
    pub(crate) image: facemask_image::Limits,
    pub(crate) max_border: usize,
}

#[pymethods]
impl Limits {
    #[new]
    #[pyo3(signature = (*, max_pixels=50_000_000, max_decode_pixels=24_000_000, max_border=ContourOptions::MAX_BORDER))]
    fn new(max_pixels: u64, max_decode_pixels: u64, max_border: usize) -> Self {
        Self { image: facemask_image::Limits { max_pixels, max_decode_pixels }, max_border }
    }
}
