//! Pictures as inputs of networks: turned by quarter turns, and with samples as floats.

/// A square picture, RGB, rows from the top.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SquarePicture<'a> {
    /// Side in pixels.
    pub(crate) side: usize,
    /// `3 * side * side` samples.
    pub(crate) samples: &'a [u8],
}

impl SquarePicture<'_> {
    /// The samples as `scale * sample + offset`, of the picture as a region of interest turned by `quarters` shows it.
    ///
    /// A region of interest that is turned clockwise shows the picture turned counterclockwise.
    pub(crate) fn tensor(&self, quarters: usize, [scale, offset]: [f32; 2]) -> Vec<f32> {
        let last = self.side - 1;
        let (pixels, _) = self.samples.as_chunks::<3>();
        let mut tensor = Vec::with_capacity(self.samples.len());
        for row in 0..self.side {
            for column in 0..self.side {
                let (x, y) = match quarters % 4 {
                    0 => (column, row),
                    1 => (last - row, column),
                    2 => (last - column, last - row),
                    _ => (row, last - column),
                };
                tensor.extend(pixels[y * self.side + x].map(|sample| scale * f32::from(sample) + offset));
            }
        }
        tensor
    }
}

#[cfg(test)]
mod tests {
    use super::super::roi::Roi;
    use super::*;
    use facemask_core::geometry::Point;
    use facemask_core::raster::{RgbView, Size};
    use std::f64::consts::FRAC_PI_2;

    #[test]
    fn quarter_turns_are_those_of_a_window() {
        let samples: Vec<u8> = (0..3 * 16 * 16_u32).map(|i| (i * 37 % 251) as u8).collect();
        let photo = RgbView { size: Size::new(16, 16), pixels: &samples };
        for quarters in 0..4 {
            let turn_rad = quarters as f64 * FRAC_PI_2;
            let roi = Roi { center: Point::new(8.0, 8.0), side: 16.0, turn_rad };
            let expected: Vec<f32> = roi.picture(photo, 16).into_iter().map(|s| f32::from(s) - 1.0).collect();
            let picture = SquarePicture { side: 16, samples: &samples };
            assert_eq!(picture.tensor(quarters, [1.0, -1.0]), expected, "{quarters}");
        }
    }
}
