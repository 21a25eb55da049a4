//! The frame of a result: the upright crop, or the photo as it is.

use crate::contour::{clip, clip_original};
use crate::face::Crop;
use crate::geometry::{Affine, Polygons, Rect};
use crate::raster::Size;

/// In which frame a result has its coordinates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResultFrame {
    /// The upright crop.
    #[default]
    Crop,
    /// The image frame: the photo after its EXIF orientation, not turned and not cut.
    Image,
}

impl ResultFrame {
    /// Every frame, by its name in options.
    pub const NAMES: [(&'static str, Self); 2] = [("crop", Self::Crop), ("image", Self::Image)];

    /// The name in options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crop => "crop",
            Self::Image => "image",
        }
    }
}

/// The crop of a photo, and the frame in which it is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct CropFrame {
    pub(super) kind: ResultFrame,
    pub(super) crop: Crop,
    pub(super) image_size: Size,
    /// Whether the crop shows the whole photo, so that nothing is cut.
    pub(super) is_whole: bool,
}

impl CropFrame {
    /// The size of the result's frame.
    pub(super) const fn size(&self) -> Size {
        match self.kind {
            ResultFrame::Crop => self.crop.size,
            ResultFrame::Image => self.image_size,
        }
    }

    /// The transformation from the image frame to the frame of the result.
    pub(super) const fn frame_from_image(&self) -> Affine {
        match self.kind {
            ResultFrame::Crop => self.crop.crop_from_image,
            ResultFrame::Image => Affine::IDENTITY,
        }
    }

    /// The length of a pixel of the photo in the frame of the result.
    pub(super) const fn scale(&self) -> f64 {
        match self.kind {
            ResultFrame::Crop => self.crop.scale,
            ResultFrame::Image => 1.0,
        }
    }

    /// The area of a pixel of the photo in the frame of the result.
    pub(super) const fn pixel_area(&self) -> f64 {
        self.scale() * self.scale()
    }

    /// Cuts outlines at the crop box, and returns them in the frame of the result.
    ///
    /// `upright` are in the crop frame. `original` are the same in the image frame; only [`ResultFrame::Image`] needs
    /// them.
    pub(super) fn cut(&self, upright: &Polygons, original: Option<&Polygons>) -> Polygons {
        let bounds = bounds_of(self.crop.size);
        let Some(original) = original else { return clip(upright, &bounds) };
        let image = bounds_of(self.image_size);
        if self.is_whole {
            return clip(original, &image);
        }
        let image_from_crop = self.crop.crop_from_image.inverse().unwrap_or(Affine::IDENTITY);
        clip(&clip_original(original, upright, &bounds, &image_from_crop), &image)
    }
}

fn bounds_of(size: Size) -> Rect {
    Rect::new(0.0, 0.0, f64::from(size.width), f64::from(size.height))
}
