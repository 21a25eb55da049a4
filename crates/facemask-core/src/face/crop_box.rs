//! The upright canvas and the crop box on it.

use crate::geometry::{Affine, Point, Rect};

/// What of the upright canvas is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CropPreset {
    /// The landmarks and the margins of [`CropBox::face`].
    #[default]
    Face,
    /// Everything labelled and the margin of [`CropBox::head`].
    Head,
    /// The whole upright canvas.
    None,
}

impl CropPreset {
    /// Every preset, by the name options use.
    pub const NAMES: [(&'static str, Self); 3] =
        [("face", Self::Face), ("head", Self::Head), ("none", Self::None)];

    /// The preset of that exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(own, _)| *own == name).map(|(_, preset)| preset)
    }
}

/// Rounding noise of a turned corner, in pixels, that must not cost a row of pixels.
const CORNER_SLACK: f64 = 1e-6;

/// The image turned by -roll about its centre, on a canvas that grows so that no corner is lost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Upright {
    /// From the image frame to the upright frame, both in pixels.
    pub upright_from_image: Affine,
    /// Width of the canvas in pixels.
    pub width: u32,
    /// Height of the canvas in pixels.
    pub height: u32,
}

impl Upright {
    /// The canvas for an image of (width, height) pixels with this roll. A roll that is not finite counts as none.
    #[must_use]
    pub fn new(image_size: (u32, u32), roll_rad: f64) -> Self {
        let roll_rad = if roll_rad.is_finite() { roll_rad } else { 0.0 };
        let (w, h) = (f64::from(image_size.0), f64::from(image_size.1));
        let turn = Affine::rotate(-roll_rad);
        let [cos, sin, ..] = turn.0.map(f64::abs);
        let width = whole_pixels(w * cos + h * sin);
        let height = whole_pixels(w * sin + h * cos);
        let to_middle = Affine::translate(f64::from(width) / 2.0, f64::from(height) / 2.0);
        let upright_from_image = to_middle * turn * Affine::translate(-w / 2.0, -h / 2.0);
        Self { upright_from_image, width, height }
    }
}

/// A length rounded up to pixels, at least one. The cast saturates.
fn whole_pixels(length: f64) -> u32 {
    (length - CORNER_SLACK).ceil().max(1.0) as u32
}

/// A box of whole pixels in the upright frame, on the canvas, at least 1 x 1.
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
    /// The box of the landmarks (image frame, pixels) once they are upright, plus 20 % of its width left and right,
    /// 40 % of its height above and 15 % below. Without points: the whole canvas.
    #[must_use]
    pub fn face(upright: &Upright, landmarks: &[Point]) -> Self {
        let turned = landmarks.iter().map(|&p| upright.upright_from_image.apply(p));
        let Some(face) = Rect::around(turned.filter(|p| p.is_finite())) else {
            return Self::whole(upright);
        };
        let (w, h) = (face.width(), face.height());
        let grown = Rect::new(face.x0 - 0.2 * w, face.y0 - 0.4 * h, face.x1 + 0.2 * w, face.y1 + 0.15 * h);
        Self::clamped(upright, grown)
    }

    /// The box of everything labelled (upright frame, pixels) plus 5 % of its width and height on every side.
    #[must_use]
    pub fn head(upright: &Upright, labelled: Rect) -> Self {
        let (w, h) = (0.05 * labelled.width(), 0.05 * labelled.height());
        let grown = Rect::new(labelled.x0 - w, labelled.y0 - h, labelled.x1 + w, labelled.y1 + h);
        Self::clamped(upright, grown)
    }

    /// The whole upright canvas.
    #[must_use]
    pub const fn whole(upright: &Upright) -> Self {
        Self { x: 0, y: 0, width: upright.width, height: upright.height }
    }

    /// From the image frame to the crop frame, whose origin is the box's top left corner.
    #[must_use]
    pub fn crop_from_image(&self, upright: &Upright) -> Affine {
        Affine::translate(-f64::from(self.x), -f64::from(self.y)) * upright.upright_from_image
    }

    fn clamped(upright: &Upright, rect: Rect) -> Self {
        let (x, width) = clamp_span(rect.x0, rect.x1, upright.width);
        let (y, height) = clamp_span(rect.y0, rect.y1, upright.height);
        Self { x, y, width, height }
    }
}

/// The whole pixels that cover [low, high] within [0, length]: (start, count), at least one of them. The casts
/// saturate, and turn what is not a number into 0.
fn clamp_span(low: f64, high: f64, length: u32) -> (u32, u32) {
    let start = ((low + CORNER_SLACK).floor() as u32).min(length.saturating_sub(1));
    let end = ((high - CORNER_SLACK).ceil() as u32).clamp(start + 1, length.max(start + 1));
    (start, end - start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

    #[test]
    fn presets_have_names() {
        assert_eq!(CropPreset::from_name("head"), Some(CropPreset::Head));
        assert_eq!(CropPreset::from_name("Head"), None);
    }

    #[test]
    fn quarter_turns_do_not_grow_by_a_pixel() {
        for (roll, size) in
            [(0.0, (640, 480)), (FRAC_PI_2, (480, 640)), (-FRAC_PI_2, (480, 640)), (PI, (640, 480))]
        {
            for noise in [-1e-12, 0.0, 1e-12] {
                let upright = Upright::new((640, 480), roll + noise);
                assert_eq!((upright.width, upright.height), size);
            }
        }
        assert_eq!(Upright::new((640, 480), 0.0).upright_from_image, Affine::IDENTITY);
    }

    #[test]
    fn no_corner_of_the_image_is_lost() {
        for step in -180..=180 {
            let upright = Upright::new((300, 200), f64::from(step).to_radians());
            let canvas = Rect::new(0.0, 0.0, f64::from(upright.width), f64::from(upright.height));
            for corner in Rect::new(0.0, 0.0, 300.0, 200.0).corners() {
                let p = upright.upright_from_image.apply(corner);
                assert!(p.x > -1e-6 && p.y > -1e-6 && p.x < canvas.x1 + 1e-6 && p.y < canvas.y1 + 1e-6);
            }
        }
    }

    #[test]
    fn the_face_box_has_its_margins() {
        let upright = Upright::new((1000, 1000), 0.0);
        let face = CropBox::face(&upright, &[Point::new(400.0, 400.0), Point::new(500.0, 600.0)]);
        assert_eq!(face, CropBox { x: 380, y: 320, width: 140, height: 310 });
        assert_eq!(face.crop_from_image(&upright).apply(Point::new(380.0, 320.0)), Point::new(0.0, 0.0));
    }

    #[test]
    fn the_face_box_follows_the_roll() {
        let upright = Upright::new((1000, 1000), FRAC_PI_2);
        let face = CropBox::face(&upright, &[Point::new(600.0, 400.0), Point::new(400.0, 500.0)]);
        assert_eq!(face, CropBox { x: 380, y: 320, width: 140, height: 310 });
    }

    #[test]
    fn boxes_stay_on_the_canvas_and_keep_a_pixel() {
        let upright = Upright::new((100, 80), FRAC_PI_4);
        for p in
            [Point::new(-1e6, -1e6), Point::new(1e6, 1e6), Point::new(f64::NAN, 0.0), Point::new(50.0, 40.0)]
        {
            let face = CropBox::face(&upright, &[p]);
            assert!(face.width >= 1 && face.height >= 1);
            assert!(face.x + face.width <= upright.width && face.y + face.height <= upright.height);
        }
        let tiny = Upright::new((0, 0), f64::NAN);
        assert_eq!(CropBox::whole(&tiny), CropBox { x: 0, y: 0, width: 1, height: 1 });
        let head = CropBox::head(&upright, Rect::new(-1e300, 20.0, 1e300, 40.0));
        assert_eq!(head, CropBox { x: 0, y: 19, width: upright.width, height: 22 });
    }
}
