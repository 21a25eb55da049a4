//! The extent of a label map: which part of the photo it shows, and the affine that follows from it.
//!
//! A network sees a photo resized, padded or cut. Its label map is traced on its own grid, so nothing is resampled: the
//! preprocessing becomes one affine from the labels frame to the image frame.

use std::ops::Range;

use super::{LabelMap, Size};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Affine, Rect};

/// How the photo, or the box of it that the map shows, was fitted to the size of the map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MapFit {
    /// The map has the shape of the photo. A box may have any shape, as with [`Self::Stretch`].
    #[default]
    Exact,
    /// Both sides were scaled to those of the map, each by a factor of its own.
    Stretch,
    /// The whole was scaled to fit inside, centered, with padding on two sides.
    Letterbox,
    /// As [`Self::Letterbox`], with all padding on the right or at the bottom.
    LetterboxTopLeft,
    /// The whole was scaled to cover the map, and its middle was kept.
    CenterCrop,
}

impl MapFit {
    /// Every fit, by its name in options.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("exact", Self::Exact),
        ("stretch", Self::Stretch),
        ("letterbox", Self::Letterbox),
        ("letterbox-top-left", Self::LetterboxTopLeft),
        ("center-crop", Self::CenterCrop),
    ];

    /// The affine from the frame of a map to that of the whole that was fitted to it. All sizes are positive.
    fn whole_from_labels(self, map: [f64; 2], whole: [f64; 2]) -> Affine {
        let resized = self.resized_whole(map, whole);
        let before = |padding: f64| match self {
            // An odd column of padding, or of what was cut off, is on the right, and an odd row at the bottom.
            Self::Letterbox => (padding / 2.0).floor(),
            Self::CenterCrop => -(-padding / 2.0).floor(),
            Self::Exact | Self::Stretch | Self::LetterboxTopLeft => 0.0,
        };
        let scale = [whole[0] / resized[0], whole[1] / resized[1]];
        let offset = [before(map[0] - resized[0]), before(map[1] - resized[1])];
        Affine([scale[0], 0.0, -offset[0] * scale[0], 0.0, scale[1], -offset[1] * scale[1]])
    }

    /// The size of the resized whole in whole pixels of the map, as libraries round it.
    fn resized_whole(self, [map_w, map_h]: [f64; 2], [w, h]: [f64; 2]) -> [f64; 2] {
        // The side that decides has exactly the length of the map's.
        let is_wider = w * map_h >= h * map_w;
        match self {
            Self::Exact | Self::Stretch => [map_w, map_h],
            Self::Letterbox | Self::LetterboxTopLeft if is_wider => {
                [map_w, (h * map_w / w).round_ties_even().max(1.0)]
            }
            Self::Letterbox | Self::LetterboxTopLeft => [(w * map_h / h).round_ties_even().max(1.0), map_h],
            Self::CenterCrop if is_wider => [(w * map_h / h).trunc().max(map_w), map_h],
            Self::CenterCrop => [map_w, (h * map_w / w).trunc().max(map_h)],
        }
    }
}

/// Which part of the photo a label map shows, as the caller states it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MapExtent {
    /// How the photo, or `map_box`, was fitted to the map.
    pub map_fit: MapFit,
    /// The box of the photo that the map shows: left, top, width, height; image frame, pixels. It may reach beyond the
    /// photo. `None` means the whole photo.
    pub map_box: Option<[f64; 4]>,
    /// The affine from the labels frame to the image frame, in place of the other two.
    pub image_from_labels: Option<[f64; 6]>,
}

impl MapExtent {
    /// The largest size of a coordinate, in pixels: that of landmarks and of a photo's side.
    pub const MAX_COORDINATE: f64 = 1e6;
    /// The largest factor by which a map may be enlarged or reduced in any direction.
    pub const MAX_SCALE: f64 = 1e6;

    /// Whether the map shows the whole photo in its own shape.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Checks all that can be checked without a map and a photo.
    ///
    /// # Errors
    /// `option_invalid` with the option, its value and the rule.
    pub fn validate(&self) -> Result<()> {
        if let Some(numbers @ [_, _, width, height]) = self.map_box {
            check_numbers("map_box", &numbers)?;
            if width <= 0.0 || height <= 0.0 {
                let detail = format!(
                    "is left, top, width and height, and both sides must be above 0, got {width} and {height}"
                );
                return Err(Error::option("map_box", detail));
            }
        }
        let Some(numbers) = self.image_from_labels else { return Ok(()) };
        const NAME: &str = "image_from_labels";
        if self.map_box.is_some() || self.map_fit != MapFit::Exact {
            let detail = "says alone where the label map lies, so map_fit and map_box must be left out";
            return Err(Error::option(NAME, detail));
        }
        check_numbers(NAME, &numbers)?;
        check_scale(NAME, &Affine(numbers))
    }

    /// The affines of every other fit, by its name in options; none where an affine alone says where the map lies.
    #[must_use]
    pub fn other_fits(&self, map: &LabelMap<'_>, image_size: Size) -> Vec<(&'static str, Affine)> {
        if self.image_from_labels.is_some() {
            return Vec::new();
        }
        let others =
            MapFit::NAMES.into_iter().filter(|&(_, fit)| fit != MapFit::Exact && fit != self.map_fit);
        others
            .filter_map(|(name, map_fit)| {
                Some((name, Self { map_fit, ..*self }.locate(map, image_size).ok()?))
            })
            .collect()
    }

    /// The affine from the labels frame to the image frame, for a map and a photo of these sizes.
    ///
    /// # Errors
    /// `map_aspect_mismatch` for a map without the shape of the photo where nothing else is stated; `option_invalid`
    /// for a photo without size, a map beside the photo, or a scale beyond [`Self::MAX_SCALE`].
    pub fn locate(&self, map: &LabelMap<'_>, image_size: Size) -> Result<Affine> {
        self.validate()?;
        let Size { width, height } = image_size;
        if width == 0 || height == 0 {
            return Err(Error::option("image_size", "width and height must be at least 1"));
        }
        let map_size = [map.width() as f64, map.height() as f64];
        let image_size = [f64::from(width), f64::from(height)];
        let (name, affine) = match (self.image_from_labels, self.map_box) {
            (Some(numbers), _) => ("image_from_labels", Affine(numbers)),
            (None, Some([x, y, w, h])) => {
                ("map_box", Affine::translate(x, y) * self.map_fit.whole_from_labels(map_size, [w, h]))
            }
            (None, None) => {
                if self.map_fit == MapFit::Exact {
                    check_shape(map_size, image_size)?;
                }
                return Ok(self.map_fit.whole_from_labels(map_size, image_size));
            }
        };
        check_scale(name, &affine)?;
        let image = Rect::new(0.0, 0.0, image_size[0], image_size[1]);
        if bounds(map.width(), map.height(), &affine).is_none_or(|around| around.is_disjoint(&image)) {
            let detail = format!("the label map would lie beside the photo of {width} x {height} pixels");
            return Err(Error::option(name, detail));
        }
        Ok(affine)
    }
}

/// The bounding box of a map of that size under an affine.
fn bounds(width: usize, height: usize, affine: &Affine) -> Option<Rect> {
    let corners = Rect::new(0.0, 0.0, width as f64, height as f64).corners();
    Rect::around(corners.into_iter().map(|corner| affine.apply(corner)))
}

fn check_numbers(name: &str, numbers: &[f64]) -> Result<()> {
    let range = -MapExtent::MAX_COORDINATE..=MapExtent::MAX_COORDINATE;
    let Some(index) = numbers.iter().position(|number| !range.contains(number)) else { return Ok(()) };
    let detail = format!(
        "must be {} finite numbers, each at most {} in size, but number {} is {:?}",
        numbers.len(),
        MapExtent::MAX_COORDINATE,
        index + 1,
        numbers[index]
    );
    Err(Error::option(name, detail))
}

fn check_scale(name: &str, affine: &Affine) -> Result<()> {
    let [longest, shortest] = affine.singular_values();
    if shortest >= 1.0 / MapExtent::MAX_SCALE && longest <= MapExtent::MAX_SCALE {
        return Ok(());
    }
    let detail = format!(
        "a pixel of the label map must be {} to {} pixels of the photo long in every direction, not {shortest:?} to \
         {longest:?}",
        1.0 / MapExtent::MAX_SCALE,
        MapExtent::MAX_SCALE
    );
    Err(Error::option(name, detail))
}

/// Checks that a map of the whole photo has its shape, up to 2 pixels of the map or 1 %.
fn check_shape([map_w, map_h]: [f64; 2], [w, h]: [f64; 2]) -> Result<()> {
    let expected = map_w * h / w;
    let deviation = (map_h - expected).abs();
    if deviation <= 0.01 * expected || deviation <= 2.0 {
        return Ok(());
    }
    let resized = |fit: MapFit| {
        let [w, h] = fit.resized_whole([map_w, map_h], [w, h]);
        format!("{w} x {h}")
    };
    let is_turned = (map_h * h - map_w * w).abs() <= 0.01 * map_w * w;
    let detail = format!(
        "a label map of {map_w} x {map_h} pixels does not fit a photo of {w} x {h}: {map_w} x {expected:.0} would; {}set \
         map_fit to \"stretch\" if the whole photo was resized to {map_w} x {map_h}, \"letterbox\" if to {} with \
         padding, \"center-crop\" if to {} of which the middle was kept, or set map_box or image_from_labels for a part \
         of the photo",
        if is_turned { "turn it as the photo is turned, or " } else { "" },
        resized(MapFit::Letterbox),
        resized(MapFit::CenterCrop)
    );
    Err(Error::new(ErrorKind::MapAspectMismatch, "labels", detail))
}

/// Where a label map lies on the photo.
#[derive(Clone, Debug, PartialEq)]
pub struct MapTransform {
    /// The columns of the map that show the photo, as far as a turn of the map lets tell them from padding.
    pub columns: Range<usize>,
    /// The rows of the map that show the photo.
    pub rows: Range<usize>,
    /// From the frame of these columns and rows, whose origin is their corner, to the image frame.
    pub image_from_labels: Affine,
    /// Its inverse.
    pub labels_from_image: Affine,
    /// Whether some of these columns and rows lies beyond the photo.
    pub exceeds_image: bool,
}

impl MapTransform {
    /// How far beyond the photo the map reaches by rounding alone, in pixels of the photo.
    const ROUNDING_SLACK: f64 = 1e-9;

    /// The transform of a map with an affine of [`MapExtent::locate`].
    ///
    /// # Errors
    /// `option_invalid` for an affine without an inverse.
    pub fn new(whole: Affine, map: &LabelMap<'_>, image_size: Size) -> Result<Self> {
        let (width, height) = (f64::from(image_size.width), f64::from(image_size.height));
        let (mut columns, mut rows, mut image_from_labels) = (0..map.width(), 0..map.height(), whole);
        let [a, b, c, d, e, f] = whole.0;
        if b == 0.0 && d == 0.0 {
            columns = pixels_within(a, c, width, map.width());
            rows = pixels_within(e, f, height, map.height());
        }
        if columns.start > 0 || rows.start > 0 {
            image_from_labels = whole * Affine::translate(columns.start as f64, rows.start as f64);
        }
        let slack = Self::ROUNDING_SLACK;
        let image = Rect::new(-slack, -slack, width + slack, height + slack);
        let around = bounds(columns.len(), rows.len(), &image_from_labels);
        Ok(Self {
            columns,
            rows,
            image_from_labels,
            labels_from_image: invert(&image_from_labels)?,
            exceeds_image: around.is_none_or(|around| !image.contains(&around)),
        })
    }

    /// The transform of a map of other pixels that covers the same columns and rows.
    ///
    /// # Errors
    /// `option_invalid` for an affine without an inverse.
    pub fn at_resolution(self, labels_from_native: &Affine) -> Result<Self> {
        let image_from_labels = self.image_from_labels * *labels_from_native;
        Ok(Self { image_from_labels, labels_from_image: invert(&image_from_labels)?, ..self })
    }

    /// Whether no pixel of a map lies beyond the photo, not even as padding that was left out.
    #[must_use]
    pub fn shows_all(&self, map: &LabelMap<'_>) -> bool {
        !self.exceeds_image && (self.columns.len(), self.rows.len()) == (map.width(), map.height())
    }

    /// The anisotropy below which a line looks as wide in every direction: 5 %.
    const MAX_ANISOTROPY: f64 = 1.05;

    /// Whether pixels of the map are squares in the image frame, nearly.
    #[must_use]
    pub fn has_square_pixels(&self) -> bool {
        let [longest, shortest] = self.image_from_labels.singular_values();
        longest <= Self::MAX_ANISOTROPY * shortest
    }
}

/// The pixels of a row or column of a map that lie on the photo, at least one. `scale` and `shift` lead to the photo,
/// which has that length.
fn pixels_within(scale: f64, shift: f64, length: f64, count: usize) -> Range<usize> {
    /// In pixels of the map. A pixel with less of the photo is padding.
    const SLACK: f64 = 1e-6;
    let ends = [-shift / scale, (length - shift) / scale];
    let first = (ends[0].min(ends[1]) + SLACK).floor().clamp(0.0, (count - 1) as f64) as usize;
    let end = (ends[0].max(ends[1]) - SLACK).ceil().clamp(0.0, count as f64) as usize;
    first..end.max(first + 1)
}

fn invert(affine: &Affine) -> Result<Affine> {
    let [a, b, c, d, e, f] = affine.0;
    let inverse = if b == 0.0 && d == 0.0 {
        // More exact than by the determinant.
        Some(Affine([1.0 / a, 0.0, -c / a, 0.0, 1.0 / e, -f / e]))
    } else {
        affine.inverse()
    };
    inverse
        .filter(|inverse| inverse.0.iter().all(|number| number.is_finite()))
        .ok_or_else(|| Error::option("image_from_labels", "must be an affine with an inverse"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Point;

    fn affine(fit: MapFit, map: [f64; 2], whole: [f64; 2]) -> [f64; 6] {
        fit.whole_from_labels(map, whole).0
    }

    fn extent(map_fit: MapFit) -> MapExtent {
        MapExtent { map_fit, ..MapExtent::default() }
    }

    fn locate(extent: &MapExtent, map: (usize, usize), image: (u32, u32)) -> Result<Affine> {
        let ids = vec![0; map.0 * map.1];
        extent.locate(&LabelMap::new(map.0, map.1, &ids).unwrap(), image.into())
    }

    #[test]
    fn a_wide_photo_in_a_square() {
        let (map, whole) = ([512.0, 512.0], [1200.0, 600.0]);
        assert_eq!(affine(MapFit::Stretch, map, whole), [1200.0 / 512.0, 0.0, 0.0, 0.0, 600.0 / 512.0, 0.0]);
        // 512 x 256 below 128 rows of padding.
        assert_eq!(affine(MapFit::Letterbox, map, whole), [2.34375, 0.0, 0.0, 0.0, 2.34375, -300.0]);
        assert_eq!(affine(MapFit::LetterboxTopLeft, map, whole), [2.34375, 0.0, 0.0, 0.0, 2.34375, 0.0]);
        // 1024 x 512, of which 256 columns are lost on each side.
        assert_eq!(affine(MapFit::CenterCrop, map, whole), [1.171875, 0.0, 300.0, 0.0, 1.171875, 0.0]);
    }

    #[test]
    fn sizes_are_rounded_as_libraries_do() {
        // 101 x 67 in 64 x 64: 64 x 42.455, so 42 rows between 11 and 11; 96.48 columns, so 96.
        assert_eq!(MapFit::Letterbox.resized_whole([64.0, 64.0], [101.0, 67.0]), [64.0, 42.0]);
        assert_eq!(MapFit::CenterCrop.resized_whole([64.0, 64.0], [101.0, 67.0]), [96.0, 64.0]);
        // 43 rows leave 21 of padding: 10 above, 11 below.
        let [.., scale, shift] = affine(MapFit::Letterbox, [64.0, 64.0], [100.0, 67.0]);
        assert_eq!((scale, shift), (67.0 / 43.0, -10.0 * (67.0 / 43.0)));
        // Nothing is rounded away.
        assert_eq!(MapFit::Letterbox.resized_whole([64.0, 64.0], [1e6, 1.0]), [64.0, 1.0]);
        assert_eq!(MapFit::CenterCrop.resized_whole([64.0, 64.0], [64.5, 64.0]), [64.0, 64.0]);
    }

    #[test]
    fn a_fit_applies_inside_the_box() {
        let boxed = MapExtent { map_box: Some([100.0, 50.0, 40.0, 20.0]), ..extent(MapFit::Letterbox) };
        assert_eq!(locate(&boxed, (8, 8), (200, 100)).unwrap().0, [5.0, 0.0, 100.0, 0.0, 5.0, 40.0]);
        let boxed = MapExtent { map_fit: MapFit::Exact, ..boxed };
        assert_eq!(locate(&boxed, (8, 8), (200, 100)).unwrap().0, [5.0, 0.0, 100.0, 0.0, 2.5, 50.0]);
    }

    #[test]
    fn an_unexplained_shape_names_what_would_explain_it() {
        let error = locate(&MapExtent::default(), (512, 512), (1200, 600)).unwrap_err();
        assert_eq!((error.kind, error.field.as_str()), (ErrorKind::MapAspectMismatch, "labels"));
        for words in ["512 x 256 would", "\"stretch\"", "to 512 x 256 with padding", "to 1024 x 512 of which"]
        {
            assert!(error.detail.contains(words), "{}", error.detail);
        }
        let turned = locate(&MapExtent::default(), (60, 120), (1200, 600)).unwrap_err();
        assert!(
            turned.detail.contains("turn it as the photo is turned") && !error.detail.contains("turn it")
        );
        for (name, fit) in MapFit::NAMES {
            assert_eq!(locate(&extent(fit), (512, 512), (1200, 600)).is_ok(), name != "exact");
        }
    }

    #[test]
    fn bad_numbers_name_their_option() {
        let boxed = |map_box| MapExtent { map_box: Some(map_box), ..MapExtent::default() };
        let turned = |numbers| MapExtent { image_from_labels: Some(numbers), ..MapExtent::default() };
        let identity = Affine::IDENTITY.0;
        for (extent, name, words) in [
            (boxed([0.0, f64::NAN, 1.0, 1.0]), "map_box", "number 2 is NaN"),
            (boxed([0.0, 0.0, 1.0, 2e6]), "map_box", "number 4 is 2000000.0"),
            (boxed([0.0, 0.0, 1.0, 0.0]), "map_box", "got 1 and 0"),
            (boxed([0.0, 0.0, -1.0, 5.0]), "map_box", "got -1 and 5"),
            (boxed([0.0, 0.0, 1e-9, 5.0]), "map_box", "in every direction"),
            (boxed([90.0, 0.0, 5.0, 5.0]), "map_box", "beside the photo of 90 x 80"),
            (turned([f64::INFINITY, 0.0, 0.0, 0.0, 1.0, 0.0]), "image_from_labels", "number 1 is inf"),
            (turned([1.0, 2.0, 0.0, 2.0, 4.0, 0.0]), "image_from_labels", "in every direction, not 0"),
            (turned([0.0; 6]), "image_from_labels", "in every direction"),
            (turned([1.0, 0.0, 0.0, 0.0, 1.0, -9.0]), "image_from_labels", "beside the photo"),
            (
                MapExtent { map_box: Some([0.0, 0.0, 1.0, 1.0]), ..turned(identity) },
                "image_from_labels",
                "must be left out",
            ),
            (
                MapExtent { map_fit: MapFit::Stretch, ..turned(identity) },
                "image_from_labels",
                "must be left out",
            ),
        ] {
            let error = locate(&extent, (9, 8), (90, 80)).unwrap_err();
            assert_eq!((error.kind, error.field.as_str()), (ErrorKind::OptionInvalid, name), "{extent:?}");
            assert!(error.detail.contains(words), "{}", error.detail);
        }
    }

    #[test]
    fn padding_is_left_out_and_the_rest_shows_the_whole_photo() {
        let ids = vec![0; 64 * 64];
        let map = LabelMap::new(64, 64, &ids).unwrap();
        let size = Size::new(101, 67);
        let transform =
            |extent: MapExtent| MapTransform::new(extent.locate(&map, size).unwrap(), &map, size).unwrap();
        for (fit, rows) in [
            (MapFit::Stretch, 0..64),
            (MapFit::CenterCrop, 0..64),
            (MapFit::Letterbox, 11..53),
            (MapFit::LetterboxTopLeft, 0..42),
        ] {
            let found = transform(extent(fit));
            assert_eq!((found.columns, found.rows, found.exceeds_image), (0..64, rows.clone(), false));
            if fit != MapFit::CenterCrop {
                let exact = Affine::scale(101.0 / 64.0, 67.0 / rows.len() as f64);
                assert_eq!(found.image_from_labels, exact);
            }
        }
        // A box that reaches beyond the photo on two sides, by whole pixels of the map and by a half.
        let boxed = MapExtent { map_box: Some([-8.0, 60.0, 256.0, 256.0]), ..MapExtent::default() };
        let found = transform(boxed);
        assert_eq!((found.columns, found.rows, found.exceeds_image), (2..28, 0..2, true));
        assert_eq!(found.image_from_labels.0, [4.0, 0.0, 0.0, 0.0, 4.0, 60.0]);
        // Of a turned map nothing can be left out.
        let turned =
            MapExtent { image_from_labels: Some([3.0, 0.1, 0.0, -0.1, 3.0, 0.0]), ..MapExtent::default() };
        let found = transform(turned);
        assert_eq!((found.columns, found.rows, found.exceeds_image), (0..64, 0..64, true));
        // A mirrored one has its padding on the other side.
        let mirrored =
            MapExtent { image_from_labels: Some([-2.0, 0.0, 101.0, 0.0, 2.0, 0.0]), ..MapExtent::default() };
        assert_eq!(transform(mirrored).columns, 0..51);
    }

    #[test]
    fn the_inverse_leads_back() {
        let ids = vec![0; 12];
        let map = LabelMap::new(4, 3, &ids).unwrap();
        for numbers in [[2.0, 0.0, 7.0, 0.0, 3.0, -1.0], [0.6, -0.8, 5.0, 0.8, 0.6, 2.0]] {
            let transform = MapTransform::new(Affine(numbers), &map, Size::new(9, 9)).unwrap();
            let there = transform.image_from_labels.apply(Point::new(1.5, 2.5));
            assert!((transform.labels_from_image.apply(there) - Point::new(1.5, 2.5)).length() < 1e-12);
        }
    }
}
