//! The square part of a photo that a network sees.

use facemask_core::geometry::{Affine, Point, Rect};
use facemask_core::raster::{PixelRect, RgbView, Size, reduce, resample};

/// A square in the image frame, turned about its middle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Roi {
    /// Middle, in pixels of the photo.
    pub(crate) center: Point,
    /// Side, in pixels of the photo.
    pub(crate) side: f64,
    /// Turn in radians, clockwise on screen.
    pub(crate) turn_rad: f64,
}

impl Roi {
    /// The affine from the unit square to the image frame.
    pub(crate) fn image_from_unit(&self) -> Affine {
        Affine::translate(self.center.x, self.center.y)
            * Affine::rotate(self.turn_rad)
            * Affine::scale(self.side, self.side)
            * Affine::translate(-0.5, -0.5)
    }

    /// The affine from this region to another one, both in the image frame.
    pub(crate) fn transform_to(&self, other: &Self) -> Affine {
        Affine::translate(other.center.x, other.center.y)
            * Affine::rotate(other.turn_rad - self.turn_rad)
            * Affine::scale(other.side / self.side, other.side / self.side)
            * Affine::translate(-self.center.x, -self.center.y)
    }

    /// The affine from a picture of `side` pixels to the image frame.
    pub(crate) fn image_from_picture(&self, side: usize) -> Affine {
        let pixel = 1.0 / side as f64;
        self.image_from_unit() * Affine::scale(pixel, pixel)
    }

    /// The pixels of the region of interest as a picture of `side` x `side` pixels, RGB; white outside the photo.
    ///
    /// A picture that is coarser than the photo is the mean of four samples a pixel. Without them fine structures of the
    /// photo come and go with the tilt, and move the points of the mesh.
    pub(crate) fn picture(&self, photo: RgbView<'_>, side: usize) -> Vec<u8> {
        if self.side <= side as f64 {
            return self.sample(photo, side);
        }
        let samples = self.sample(photo, 2 * side);
        let fine_side = 2 * side as u32;
        let fine = RgbView { size: Size::new(fine_side, fine_side), pixels: &samples };
        reduce(fine, &PixelRect { columns: 0..fine_side, rows: 0..fine_side }, 2).1
    }

    fn sample(&self, photo: RgbView<'_>, side: usize) -> Vec<u8> {
        resample(photo, &self.image_from_picture(side), Size::new(side as u32, side as u32))
    }

    /// The region around points whose roll is known: their bounding box in the frame of that roll, made square and
    /// larger by `factor`. `None` without points, or with all of them in one place.
    pub(crate) fn around(points: &[Point], roll_rad: f64, factor: f64) -> Option<Self> {
        let turn = Affine::rotate(roll_rad);
        let rect = Rect::around(points.iter().map(|&p| Affine::rotate(-roll_rad).apply(p)))?;
        let center = turn.apply(Point::new((rect.x0 + rect.x1) / 2.0, (rect.y0 + rect.y1) / 2.0));
        let side = rect.width().max(rect.height()) * factor;
        (side.is_finite() && side > 0.0).then_some(Self { center, side, turn_rad: roll_rad })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::FRAC_PI_2;

    #[test]
    fn a_window_around_points_has_their_turn() {
        let turn = Affine::translate(40.0, 30.0) * Affine::rotate(0.6);
        let corners = Rect::new(-10.0, -4.0, 10.0, 4.0).corners().map(|p| turn.apply(p));
        let roi = Roi::around(&corners, 0.6, 1.5).unwrap();
        assert!((roi.center - Point::new(40.0, 30.0)).length() < 1e-9 && (roi.side - 30.0).abs() < 1e-9);
        let corner = roi.image_from_unit().apply(Point::new(0.0, 0.0));
        assert!((corner - turn.apply(Point::new(-15.0, -15.0))).length() < 1e-9);
        let other = Roi { center: Point::new(7.0, 9.0), side: 12.0, turn_rad: -0.2 };
        for unit in [Point::new(0.0, 0.0), Point::new(0.3, 0.9)] {
            let moved = roi.transform_to(&other).apply(roi.image_from_unit().apply(unit));
            assert!((moved - other.image_from_unit().apply(unit)).length() < 1e-9);
        }
        assert_eq!(Roi::around(&[], 0.0, 1.0), None);
        assert_eq!(Roi::around(&[Point::new(1.0, 1.0); 2], 0.0, 1.0), None);
    }

    #[test]
    fn a_window_shows_its_part_upright() {
        let size = Size::new(40, 20);
        let pixels: Vec<u8> = (0..40 * 20).flat_map(|i| [(i % 40) as u8, (i / 40) as u8, 0]).collect();
        let photo = RgbView { size, pixels: &pixels };
        let roi = Roi { center: Point::new(20.0, 10.0), side: 8.0, turn_rad: 0.0 };
        let picture = roi.picture(photo, 8);
        assert_eq!((&picture[..3], &picture[picture.len() - 3..]), (&[16, 6, 0][..], &[23, 13, 0][..]));
        let coarse = Roi { side: 16.0, ..roi }.picture(photo, 8);
        assert_eq!((&coarse[..3], &coarse[coarse.len() - 3..]), (&[13, 3, 0][..], &[27, 17, 0][..]));
        // A quarter turn clockwise: the right of the region of interest is the photo's lower side.
        let turned = Roi { turn_rad: FRAC_PI_2, ..roi }.picture(photo, 8);
        assert_eq!((&turned[..3], &turned[21..24]), (&[23, 6, 0][..], &[23, 13, 0][..]));
    }
}
