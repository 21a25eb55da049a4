//! The crop: which part of the photo is kept, how it lies, and how large it is shown.
//!
//! `crop_box` and `aligned` stand alone; this file joins them by the options of the caller.

mod aligned;
mod crop_box;

use std::fmt::Display;

pub use aligned::AlignmentPoints;
pub use crop_box::{CropBox, CropPreset, UprightCanvas};
use crop_box::{FACE_MARGIN, HEAD_MARGIN};

use crate::error::{Error, Result};
use crate::geometry::{Affine, Point, Rect};
use crate::raster::Size;

/// A crop of the photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crop {
    /// Width and height.
    pub size: Size,
    /// The similarity from the image frame to the crop frame, both in pixels.
    pub crop_from_image: Affine,
    /// The length of a pixel of the photo, in pixels of the crop; exactly 1 without [`CropOptions::size`].
    pub scale: f64,
}

impl Crop {
    fn from_box(canvas: &UprightCanvas, crop_box: CropBox) -> Self {
        Self { size: crop_box.size(), crop_from_image: crop_box.crop_from_image(canvas), scale: 1.0 }
    }

    /// The crop of that size around a rectangle of some frame, which grows to the shape of the crop around its middle.
    ///
    /// `frame_from_image` is a similarity whose lengths are `frame_scale` times those of the image frame.
    fn around(frame_from_image: &Affine, frame_scale: f64, rect: &Rect, size: Size) -> Self {
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        // A face of a single point has no size. A pixel of the photo is the smallest one.
        let smallest = frame_scale.abs();
        let (w, h) = (rect.width().max(smallest), rect.height().max(smallest));
        let scale = (width / w).min(height / h);
        let middle = Point::new(rect.x0, rect.y0).midpoint(Point::new(rect.x1, rect.y1));
        let crop_from_frame = Affine::translate(width / 2.0, height / 2.0)
            * Affine::scale(scale, scale)
            * Affine::translate(-middle.x, -middle.y);
        Self { size, crop_from_image: crop_from_frame * *frame_from_image, scale: scale * frame_scale }
    }

    /// The size of the crop in pixels of the photo, rounded.
    #[must_use]
    pub fn size_in_image(&self) -> Size {
        // The casts saturate.
        let [width, height] =
            [self.size.width, self.size.height].map(|side| (f64::from(side) / self.scale).round() as u32);
        Size::new(width, height)
    }
}

/// Which crop the caller wants.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CropOptions {
    /// What the crop surrounds, or its template.
    pub preset: CropPreset,
    /// The margins around that: left, top, right, bottom, as shares of its width and height. `None` means those of the
    /// preset.
    pub margin: Option<[f64; 4]>,
    /// The size to which the crop is scaled; `None` means whole pixels of the upright canvas, and the template's own
    /// size.
    pub size: Option<Size>,
}

impl CropOptions {
    /// The largest side of a scaled crop, in pixels.
    pub const MAX_SIDE: u32 = 16_384;
    /// The largest margin, in sides of what it surrounds.
    pub const MAX_MARGIN: f64 = 10.0;

    /// Checks the options.
    ///
    /// # Errors
    /// `option_invalid` for a margin that is out of range or that the preset does not have, and for a size out of range.
    pub fn validate(&self) -> Result<()> {
        if let Some(margin) = self.margin {
            if !matches!(self.preset, CropPreset::Face | CropPreset::Head) {
                let name = self.preset.name();
                let detail = format!(
                    "goes with the crops face and head, but the crop is {name}; leave one of them out"
                );
                return Err(Error::option("crop_margin", detail));
            }
            let range = 0.0..=Self::MAX_MARGIN;
            if let Some(share) = margin.iter().find(|share| !range.contains(*share)) {
                let rule = "left, top, right and bottom, or one for all";
                let detail = format!("must be shares from 0 to {} ({rule}), got {share:?}", Self::MAX_MARGIN);
                return Err(Error::option("crop_margin", detail));
            }
        }
        let Some(Size { width, height }) = self.size else { return Ok(()) };
        if [width, height].iter().any(|side| !(1..=Self::MAX_SIDE).contains(side)) {
            return Err(Self::size_error(width, height));
        }
        Ok(())
    }

    /// The error about a size out of range.
    #[must_use]
    pub fn size_error(width: impl Display, height: impl Display) -> Error {
        let detail = format!("must be sides of 1 to {} pixels, got {width} x {height}", Self::MAX_SIDE);
        Error::option("crop_size", detail)
    }

    /// The crop around points of a face (image frame, pixels); without finite points the whole canvas.
    #[must_use]
    pub fn around_face(&self, canvas: &UprightCanvas, points: &[Point]) -> Crop {
        self.around_points(canvas, points.iter().copied(), FACE_MARGIN)
    }

    /// The crop around all labeled points (image frame, pixels); without any the whole canvas.
    #[must_use]
    pub fn around_head(&self, canvas: &UprightCanvas, points: impl Iterator<Item = Point>) -> Crop {
        self.around_points(canvas, points, HEAD_MARGIN)
    }

    fn around_points(
        &self,
        canvas: &UprightCanvas,
        points: impl Iterator<Item = Point>,
        margin: [f64; 4],
    ) -> Crop {
        let upright = points.map(|p| canvas.upright_from_image.apply(p));
        let Some(rect) = Rect::around(upright.filter(|p| p.is_finite())) else { return self.whole(canvas) };
        let padded = crop_box::pad(&rect, self.margin.unwrap_or(margin));
        match self.size {
            Some(size) => Crop::around(&canvas.upright_from_image, 1.0, &padded, size),
            None => Crop::from_box(canvas, CropBox::from_rect(canvas, padded)),
        }
    }

    /// The crop of the whole canvas.
    #[must_use]
    pub fn whole(&self, canvas: &UprightCanvas) -> Crop {
        let (width, height) = (f64::from(canvas.size.width), f64::from(canvas.size.height));
        let rect = Rect::new(0.0, 0.0, width, height);
        match self.size {
            Some(size) => Crop::around(&canvas.upright_from_image, 1.0, &rect, size),
            None => Crop::from_box(canvas, CropBox::whole(canvas)),
        }
    }

    /// The crop of the template, or `None` for presets without one and for faces without the points that it needs.
    #[must_use]
    pub fn align(&self, points: &AlignmentPoints) -> Option<Crop> {
        let (side, template) = match self.preset {
            CropPreset::Ffhq => (1024, points.ffhq_from_image()?),
            CropPreset::ArcFace => (112, points.arcface_from_image()?),
            CropPreset::Face | CropPreset::Head | CropPreset::None => return None,
        };
        let scale = template.from_image.determinant().abs().sqrt();
        let rect = Rect::new(0.0, 0.0, template.side, template.side);
        let size = self.size.unwrap_or(Size::new(side, side));
        Some(Crop::around(&template.from_image, scale, &rect, size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANVAS_SIZE: Size = Size::new(1000, 800);

    fn corner(crop: &Crop, x: f64, y: f64) -> Point {
        crop.crop_from_image.inverse().unwrap().apply(Point::new(x, y))
    }

    #[test]
    fn a_sized_crop_grows_around_its_middle() {
        let canvas = UprightCanvas::new(CANVAS_SIZE, 0.0);
        let points = [Point::new(400.0, 300.0), Point::new(500.0, 500.0)];
        let margin = Some([0.0; 4]);
        let of = |width, height| {
            let size = Some(Size::new(width, height));
            CropOptions { preset: CropPreset::Face, margin, size }.around_face(&canvas, &points)
        };
        let tall = of(50, 100);
        assert_eq!((tall.scale, corner(&tall, 0.0, 0.0)), (0.5, Point::new(400.0, 300.0)));
        let square = of(400, 400);
        assert_eq!(square.scale, 2.0);
        assert_eq!(corner(&square, 0.0, 0.0), Point::new(350.0, 300.0));
        assert_eq!(corner(&square, 400.0, 400.0), Point::new(550.0, 500.0));
        assert_eq!(square.size_in_image(), Size::new(200, 200));
        // Beyond the canvas too.
        let wide = of(1600, 200);
        assert_eq!(corner(&wide, 0.0, 0.0), Point::new(450.0 - 800.0, 300.0));
    }

    #[test]
    fn margins_are_shares_of_what_they_surround() {
        let canvas = UprightCanvas::new(CANVAS_SIZE, 0.0);
        let points = [Point::new(400.0, 300.0), Point::new(500.0, 500.0)];
        let options = CropOptions { margin: Some([0.1, 0.2, 0.3, 0.4]), ..CropOptions::default() };
        let crop = options.around_face(&canvas, &points);
        assert_eq!((crop.size, crop.scale), (Size::new(140, 320), 1.0));
        assert_eq!(corner(&crop, 0.0, 0.0), Point::new(390.0, 260.0));
        // In whole pixels the crop stays on the canvas.
        let options = CropOptions { margin: Some([10.0; 4]), ..CropOptions::default() };
        assert_eq!(options.around_face(&canvas, &points).size, CANVAS_SIZE);
    }

    #[test]
    fn a_point_has_a_crop_of_a_pixel() {
        let canvas = UprightCanvas::new(CANVAS_SIZE, 0.3);
        let options = CropOptions { size: Some(Size::new(64, 32)), ..CropOptions::default() };
        let crop = options.around_face(&canvas, &[Point::new(40.0, 30.0)]);
        assert_eq!((crop.scale, crop.size_in_image()), (32.0, Size::new(2, 1)));
        assert_eq!(options.around_face(&canvas, &[Point::new(f64::NAN, 0.0)]), options.whole(&canvas));
    }

    #[test]
    fn wrong_values_are_named() {
        let field = |options: CropOptions| options.validate().err().map(|error| error.field);
        assert_eq!(field(CropOptions::default()), None);
        for preset in [CropPreset::None, CropPreset::Ffhq, CropPreset::ArcFace] {
            let options = CropOptions { preset, margin: Some([0.1; 4]), size: None };
            assert_eq!(field(options).as_deref(), Some("crop_margin"));
        }
        for share in [-0.1, 10.5, f64::NAN, f64::INFINITY] {
            let options = CropOptions { margin: Some([0.1, share, 0.1, 0.1]), ..CropOptions::default() };
            assert_eq!(field(options).as_deref(), Some("crop_margin"));
        }
        for size in [(0, 5), (5, 16_385)] {
            let options = CropOptions { size: Some(Size::from(size)), ..CropOptions::default() };
            assert_eq!(field(options).as_deref(), Some("crop_size"));
        }
    }
}
