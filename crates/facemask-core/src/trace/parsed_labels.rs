//! A trace whose label map comes from a parser: what it sees of the photo, and where its labels lie.

use std::collections::BTreeMap;

use super::options::TraceOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::face::{Crop, CropOptions, CropPreset, Placement, SelectedFace, UprightCanvas};
use crate::geometry::{Affine, Point};
use crate::map_checks::VoidId;
use crate::raster::{LabelMap, Size};
use crate::svg::{CropWindow, Photo, cut_photo};

/// A parser: a network that labels each pixel of a face.
pub trait FaceParser {
    /// The part of the photo that the network sees, with the size of its input.
    fn crop(&self) -> CropOptions;

    /// The name of the label scheme, or `custom`.
    fn label_scheme(&self) -> &str;

    /// Names of labels that no scheme has.
    fn label_names(&self) -> &BTreeMap<u8, String>;

    /// Labels the pixels of a picture of the size in [`Self::crop`]: 8-bit RGB, rows from the top.
    ///
    /// # Errors
    /// Those of the network.
    fn parse(&self, picture: &[u8]) -> Result<ParsedMap>;
}

/// The labels of a picture, at any resolution.
#[derive(Clone, Debug)]
pub struct ParsedMap {
    /// Columns and rows.
    pub size: [usize; 2],
    /// The label of each pixel.
    pub ids: Vec<u8>,
}

/// A parser, and the photo that it labels.
#[derive(Clone, Copy)]
pub struct ParserInput<'a> {
    /// The parser.
    pub parser: &'a dyn FaceParser,
    /// The photo.
    pub photo: &'a dyn Photo,
}

/// What surrounds the photo in a picture: gray, as aligned faces of facexlib have it (`align_warp_face` of
/// `facexlib/utils/face_restoration_helper.py`).
const PADDING: [u8; 3] = [132, 133, 135];

/// The label map of a parser, and the face that it shows.
pub(super) struct ParsedLabels {
    pub(super) face: SelectedFace,
    pub(super) image_from_labels: Affine,
    map: ParsedMap,
}

impl ParsedLabels {
    /// Sets the face upright in the crop of the parser, and labels it.
    ///
    /// A mirrored face is mirrored back for the network, which knows the sides of faces as cameras show them.
    ///
    /// # Errors
    /// `option_invalid` for an option that describes a given map, `no_face` for a crop that the landmarks do not give,
    /// `crop_empty` for a face outside the photo, and those of photo and network.
    pub(super) fn parse(
        face: SelectedFace,
        image_size: Size,
        input: &ParserInput<'_>,
        options: &TraceOptions,
    ) -> Result<Self> {
        check_options(options)?;
        let crop = select_crop(&face, image_size, &input.parser.crop())?;
        let width = f64::from(crop.size.width);
        let flip = Affine([-1.0, 0.0, width, 0.0, 1.0, 0.0]);
        let picture_from_image =
            if face.landmarks.mirrored { flip * crop.crop_from_image } else { crop.crop_from_image };
        let image_from_picture = picture_from_image.inverse().ok_or_else(|| {
            Error::new(
                ErrorKind::NoFace,
                "landmarks",
                "all landmarks are one point, so no parser can see the face",
            )
        })?;
        let window = CropWindow { size: crop.size, crop_from_image: &picture_from_image };
        let mut picture = cut_photo(input.photo, window, options.max_embed_pixels, "parser")?;
        if pad(&mut picture, crop.size, &image_from_picture, image_size) == 0 {
            let detail = "the face lies outside the photo; check the landmarks, their units and image_size";
            return Err(Error::new(ErrorKind::CropEmpty, "landmarks", detail));
        }
        let map = input.parser.parse(&picture)?;
        let [columns, rows] = map.size.map(|side| side as f64);
        let picture_from_labels = Affine::scale(width / columns, f64::from(crop.size.height) / rows);
        Ok(Self { face, image_from_labels: image_from_picture * picture_from_labels, map })
    }

    pub(super) fn label_map(&self) -> Result<LabelMap<'_>> {
        LabelMap::new(self.map.size[0], self.map.size[1], &self.map.ids)
    }
}

/// The options with what the parser knows of its labels. Names of the caller take precedence.
pub(super) fn complete_options(parser: &dyn FaceParser, mut options: TraceOptions) -> TraceOptions {
    let mut names = parser.label_names().clone();
    names.append(&mut options.label_names);
    TraceOptions {
        label_scheme: parser.label_scheme().to_owned(),
        label_names: names,
        void: VoidId::None,
        ..options
    }
}

/// The crop that the parser sees.
fn select_crop(face: &SelectedFace, image_size: Size, options: &CropOptions) -> Result<Crop> {
    let placement = Placement::new(&face.landmarks, image_size, options);
    if options.preset == CropPreset::None {
        return Ok(options.whole(&UprightCanvas::new(image_size, placement.pose.roll_rad)));
    }
    placement.face_crop.ok_or_else(|| {
        let detail = format!(
            "the parser sees the crop {}, and these landmarks do not give it; send landmarks of a scheme with a mouth",
            options.preset.name()
        );
        Error::new(ErrorKind::NoFace, "landmarks", detail)
    })
}

/// Paints the padding around the photo, and returns the number of pixels that show the photo.
fn pad(picture: &mut [u8], size: Size, image_from_picture: &Affine, image_size: Size) -> usize {
    let (width, height) = (f64::from(image_size.width), f64::from(image_size.height));
    let mut shown = 0;
    let (pixels, _) = picture.as_chunks_mut::<3>();
    for (row, pixels) in pixels.chunks_exact_mut(size.width as usize).enumerate() {
        for (column, pixel) in pixels.iter_mut().enumerate() {
            let Point { x, y } = image_from_picture.apply(Point::new(column as f64 + 0.5, row as f64 + 0.5));
            if (0.0..width).contains(&x) && (0.0..height).contains(&y) {
                shown += 1;
            } else {
                *pixel = PADDING;
            }
        }
    }
    shown
}

/// Checks that no option describes a label map.
fn check_options(options: &TraceOptions) -> Result<()> {
    let extent = &options.map_extent;
    let given = [
        ("image_from_labels", extent.image_from_labels.is_some()),
        ("map_box", extent.map_box.is_some()),
        ("map_fit", !extent.is_default()),
        ("void", matches!(options.void, VoidId::Id(_))),
        ("label_scheme", options.label_scheme != "auto"),
    ];
    let Some((option, _)) = given.into_iter().find(|(_, is_given)| *is_given) else { return Ok(()) };
    Err(Error::option(option, "describes a label map, and the parser makes it; leave the option out"))
}
