//! The upright canvas and the crop box on it.

use std::ops::Range;

use crate::geometry::{Affine, Rect};
use crate::raster::Size;

/// Which part of the photo is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CropPreset {
    /// The landmarks and the margins of [`FACE_MARGIN`].
    #[default]
    Face,
    /// All labeled regions and the margin of [`HEAD_MARGIN`].
    Head,
    /// The whole upright canvas.
    None,
    /// The square of the data set FFHQ, turned by its own rule.
    Ffhq,
    /// The square of ArcFace, by five points.
    ArcFace,
}

/// The margins of [`CropPreset::Face`]: left, top, right, bottom, as shares of the width and height of the face.
pub(super) const FACE_MARGIN: [f64; 4] = [0.2, 0.4, 0.2, 0.15];
/// The margins of [`CropPreset::Head`].
pub(super) const HEAD_MARGIN: [f64; 4] = [0.05; 4];

impl CropPreset {
    /// Every preset, by its name in options.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("face", Self::Face),
        ("head", Self::Head),
        ("none", Self::None),
        ("ffhq", Self::Ffhq),
        ("arcface", Self::ArcFace),
    ];

    /// The name in options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Face => "face",
            Self::Head => "head",
            Self::None => "none",
            Self::Ffhq => "ffhq",
            Self::ArcFace => "arcface",
        }
    }

    /// Whether the crop is a template's, which has a turn and a scale of its own.
    #[must_use]
    pub const fn is_aligned(self) -> bool {
        matches!(self, Self::Ffhq | Self::ArcFace)
    }

    /// The preset of that exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(own, _)| *own == name).map(|(_, preset)| preset)
    }
}

/// Rounding error of a rotated corner, in pixels, that must not add a row or a column of pixels.
const ROUNDING_SLACK: f64 = 1e-6;

/// The canvas of the image rotated by -roll about its center, large enough for all four corners.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UprightCanvas {
    /// The transformation from the image frame to the upright frame, both in pixels.
    pub upright_from_image: Affine,
    /// Width and height of the canvas.
    pub size: Size,
}

impl UprightCanvas {
    /// The canvas for an image of that size and roll. A roll that is not finite counts as zero.
    #[must_use]
    pub fn new(image_size: Size, roll_rad: f64) -> Self {
        let roll_rad = if roll_rad.is_finite() { roll_rad } else { 0.0 };
        let (w, h) = (f64::from(image_size.width), f64::from(image_size.height));
        let rotation = Affine::rotate(-roll_rad);
        let [cos, sin, ..] = rotation.0.map(f64::abs);
        let size = Size::new(ceil_to_pixels(w * cos + h * sin), ceil_to_pixels(w * sin + h * cos));
        let to_center = Affine::translate(f64::from(size.width) / 2.0, f64::from(size.height) / 2.0);
        let upright_from_image = to_center * rotation * Affine::translate(-w / 2.0, -h / 2.0);
        Self { upright_from_image, size }
    }
}

/// A length rounded up to whole pixels, at least one. The cast saturates.
fn ceil_to_pixels(length: f64) -> u32 {
    (length - ROUNDING_SLACK).ceil().max(1.0) as u32
}

/// A rectangle of whole pixels in the upright frame, within the canvas, at least 1 x 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CropBox {
    /// Left side.
    pub x: u32,
    /// Top side.
    pub y: u32,
    /// Width, at least 1.
    pub width: u32,
    /// Height, at least 1.
    pub height: u32,
}

impl CropBox {
    /// The whole upright canvas.
    #[must_use]
    pub const fn whole(canvas: &UprightCanvas) -> Self {
        Self { x: 0, y: 0, width: canvas.size.width, height: canvas.size.height }
    }

    /// Width and height.
    #[must_use]
    pub const fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }

    /// The transformation from the image frame to the crop frame, whose origin is the top left corner of the box.
    #[must_use]
    pub fn crop_from_image(&self, canvas: &UprightCanvas) -> Affine {
        Affine::translate(-f64::from(self.x), -f64::from(self.y)) * canvas.upright_from_image
    }

    /// The pixels of the canvas that cover a rectangle.
    pub(super) fn from_rect(canvas: &UprightCanvas, rect: Rect) -> Self {
        let columns = cover_interval(rect.x0, rect.x1, canvas.size.width);
        let rows = cover_interval(rect.y0, rect.y1, canvas.size.height);
        Self {
            x: columns.start,
            y: rows.start,
            width: columns.end - columns.start,
            height: rows.end - rows.start,
        }
    }
}

/// A rectangle with margins: left, top, right, bottom, as shares of its width and height.
pub(super) fn pad(rect: &Rect, [left, top, right, bottom]: [f64; 4]) -> Rect {
    let (w, h) = (rect.width(), rect.height());
    Rect::new(rect.x0 - left * w, rect.y0 - top * h, rect.x1 + right * w, rect.y1 + bottom * h)
}

/// The whole pixels within [0, length] that cover [low, high], at least one. The casts saturate, and NaN becomes 0.
fn cover_interval(low: f64, high: f64, length: u32) -> Range<u32> {
    let start = ((low + ROUNDING_SLACK).floor() as u32).min(length.saturating_sub(1));
    let end = ((high - ROUNDING_SLACK).ceil() as u32).clamp(start + 1, length.max(start + 1));
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Point;
    use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

    fn around_face(canvas: &UprightCanvas, points: &[Point]) -> CropBox {
        let upright = points.iter().map(|&p| canvas.upright_from_image.apply(p));
        let face = Rect::around(upright.filter(|p| p.is_finite()));
        face.map_or(CropBox::whole(canvas), |face| CropBox::from_rect(canvas, pad(&face, FACE_MARGIN)))
    }

    #[test]
    fn presets_have_names() {
        assert!(CropPreset::NAMES.iter().all(|&(name, preset)| preset.name() == name));
        assert_eq!(CropPreset::from_name("head"), Some(CropPreset::Head));
        assert_eq!(CropPreset::from_name("Head"), None);
    }

    #[test]
    fn quarter_turns_do_not_grow_by_a_pixel() {
        for (roll, size) in
            [(0.0, (640, 480)), (FRAC_PI_2, (480, 640)), (-FRAC_PI_2, (480, 640)), (PI, (640, 480))]
        {
            for noise in [-1e-12, 0.0, 1e-12] {
                let canvas = UprightCanvas::new(Size::new(640, 480), roll + noise);
                assert_eq!(canvas.size, Size::from(size));
            }
        }
        assert_eq!(UprightCanvas::new(Size::new(640, 480), 0.0).upright_from_image, Affine::IDENTITY);
    }

    #[test]
    fn no_corner_of_the_image_is_lost() {
        for step in -180..=180 {
            let canvas = UprightCanvas::new(Size::new(300, 200), f64::from(step).to_radians());
            let (width, height) = (f64::from(canvas.size.width), f64::from(canvas.size.height));
            for corner in Rect::new(0.0, 0.0, 300.0, 200.0).corners() {
                let p = canvas.upright_from_image.apply(corner);
                assert!(p.x > -1e-6 && p.y > -1e-6 && p.x < width + 1e-6 && p.y < height + 1e-6);
            }
        }
    }

    #[test]
    fn the_face_box_has_its_margins() {
        let canvas = UprightCanvas::new(Size::new(1000, 1000), 0.0);
        let face = around_face(&canvas, &[Point::new(400.0, 400.0), Point::new(500.0, 600.0)]);
        assert_eq!(face, CropBox { x: 380, y: 320, width: 140, height: 310 });
        assert_eq!(face.crop_from_image(&canvas).apply(Point::new(380.0, 320.0)), Point::new(0.0, 0.0));
    }

    #[test]
    fn the_face_box_follows_the_roll() {
        let canvas = UprightCanvas::new(Size::new(1000, 1000), FRAC_PI_2);
        let face = around_face(&canvas, &[Point::new(600.0, 400.0), Point::new(400.0, 500.0)]);
        assert_eq!(face, CropBox { x: 380, y: 320, width: 140, height: 310 });
    }

    #[test]
    fn boxes_stay_on_the_canvas_and_keep_a_pixel() {
        let canvas = UprightCanvas::new(Size::new(100, 80), FRAC_PI_4);
        for p in
            [Point::new(-1e6, -1e6), Point::new(1e6, 1e6), Point::new(f64::NAN, 0.0), Point::new(50.0, 40.0)]
        {
            let face = around_face(&canvas, &[p]);
            assert!(face.width >= 1 && face.height >= 1);
            assert!(face.x + face.width <= canvas.size.width && face.y + face.height <= canvas.size.height);
        }
        let tiny = UprightCanvas::new(Size::new(0, 0), f64::NAN);
        assert_eq!(CropBox::whole(&tiny), CropBox { x: 0, y: 0, width: 1, height: 1 });
        let head = CropBox::from_rect(&canvas, pad(&Rect::new(-1e300, 20.0, 1e300, 40.0), HEAD_MARGIN));
        assert_eq!(head, CropBox { x: 0, y: 19, width: canvas.size.width, height: 22 });
    }
}
