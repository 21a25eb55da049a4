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
        let (side, end) = (self.side, self.side * self.side);
        let (pixels, _) = self.samples.as_chunks::<3>();
        // The index of the first pixel, and the steps to the next row and column, modulo the word.
        let (first, row_step, column_step) = match quarters % 4 {
            0 => (0, side, 1),
            1 => (side - 1, 1_usize.wrapping_neg(), side),
            2 => (end - 1, side.wrapping_neg(), 1_usize.wrapping_neg()),
            _ => (end - side, 1, side.wrapping_neg()),
        };
        let mut tensor = Vec::with_capacity(self.samples.len());
        for row in 0..side {
            let start = first.wrapping_add(row.wrapping_mul(row_step));
            tensor.extend((0..side).flat_map(|column| {
                let index = start.wrapping_add(column.wrapping_mul(column_step));
                pixels[index].map(|sample| scale * f32::from(sample) + offset)
            }));
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
