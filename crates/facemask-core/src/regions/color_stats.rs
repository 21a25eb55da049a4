//! The colors of a region in the photo: mean and standard deviation in CIE L\*a\*b\* and in sRGB.
//!
//! Sources: IEC 61966-2-1 (sRGB: the transfer function, and the primaries and white of ITU-R BT.709), and
//! ISO/CIE 11664-4 (CIE 1976 L\*a\*b\*). The white is that of sRGB itself, D65 for the 2 degree observer, so that every
//! gray has a\* = b\* = 0.

use std::sync::LazyLock;

use serde::Serialize;

use crate::geometry::{Affine, Polygons};
use crate::raster::{FillRule, Size, scanline_fill};

/// The colors of the photo's pixels whose centers lie in a region. Numbers are rounded to two decimals.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColorStats {
    /// The number of pixels.
    pub pixels: u64,
    /// The mean of the pixels' L\*, a\* and b\*.
    pub lab_mean: [f64; 3],
    /// Their standard deviations, of the population.
    pub lab_std: [f64; 3],
    /// The mean of red, green and blue as they are encoded, 0 to 255.
    pub srgb_mean: [f64; 3],
    /// Their standard deviations, of the population.
    pub srgb_std: [f64; 3],
    /// The mean of linear light, encoded as sRGB, 0 to 255: the color that the region has from afar.
    pub light_mean: [f64; 3],
}

/// A photo as rows of red, green and blue, one byte each.
#[derive(Clone, Copy)]
pub struct PhotoColors<'a> {
    /// Width and height.
    pub size: Size,
    /// The samples of all pixels.
    pub rgb: &'a [u8],
}

impl PhotoColors<'_> {
    /// Measures the pixels whose centers lie inside the outlines; `None` when there is none. A center on a shared border
    /// belongs to one of the two regions beside it.
    ///
    /// `image_from_polygons` maps the outlines to the photo.
    #[must_use]
    pub fn measure(&self, polygons: &Polygons, image_from_polygons: &Affine) -> Option<ColorStats> {
        let mut outlines = Polygons { curves: Vec::new(), ..polygons.clone() };
        outlines.transform(image_from_polygons);
        let mut sums: Option<ColorSums> = None;
        for_each_row(&outlines, self.size, |row, is_inside, first_column| {
            let start = row * self.size.width as usize + first_column;
            let pixels = self.rgb[3 * start..].as_chunks::<3>().0;
            for (&rgb, _) in pixels.iter().zip(is_inside).filter(|(_, is_inside)| **is_inside) {
                sums.get_or_insert_with(|| ColorSums::about(rgb)).add(rgb);
            }
        });
        sums.map(|sums| sums.to_stats())
    }
}

/// Calls `visit` for every row that has pixel centers inside: with the row, whether each pixel is inside, and the column
/// of the first of these pixels. Rings count by the even-odd rule, so holes are outside.
fn for_each_row(polygons: &Polygons, size: Size, mut visit: impl FnMut(usize, &[bool], usize)) {
    let mut runs = Vec::new();
    for ring in polygons.rings() {
        scanline_fill(ring, size, FillRule::EvenOdd, |row, columns| runs.push((row, columns)));
    }
    runs.sort_unstable_by_key(|(row, columns)| (*row, columns.start));
    let mut is_inside: Vec<bool> = Vec::new();
    for in_row in runs.chunk_by(|a, b| a.0 == b.0) {
        let first = in_row[0].1.start;
        let last = in_row.iter().map(|(_, columns)| columns.end).max().unwrap_or(first);
        is_inside.clear();
        is_inside.resize(last - first, false);
        for (_, columns) in in_row {
            is_inside[columns.start - first..columns.end - first]
                .iter_mut()
                .for_each(|inside| *inside = !*inside);
        }
        visit(in_row[0].0, &is_inside, first);
    }
}

/// Sums over pixels of differences from the first one's color, which keep their digits where all are nearly equal.
struct ColorSums {
    origin: PixelColor,
    count: u64,
    lab: [Moments; 3],
    srgb: [Moments; 3],
    light: [f64; 3],
}

/// The color of a pixel in each space.
#[derive(Clone, Copy)]
struct PixelColor {
    lab: [f64; 3],
    srgb: [f64; 3],
    light: [f64; 3],
}

impl PixelColor {
    fn new(rgb: [u8; 3]) -> Self {
        let light = rgb.map(|sample| LIGHT_OF_SAMPLE[usize::from(sample)]);
        Self { lab: lab_from_light(light), srgb: rgb.map(f64::from), light }
    }
}

/// The sum of differences, and that of their squares.
#[derive(Clone, Copy, Default)]
struct Moments {
    sum: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, difference: f64) {
        self.sum += difference;
        self.squares += difference * difference;
    }

    fn standard_deviation(&self, count: f64) -> f64 {
        let mean = self.sum / count;
        (self.squares / count - mean * mean).max(0.0).sqrt()
    }
}

impl ColorSums {
    fn about(rgb: [u8; 3]) -> Self {
        let moments = [Moments::default(); 3];
        Self { origin: PixelColor::new(rgb), count: 0, lab: moments, srgb: moments, light: [0.0; 3] }
    }

    fn add(&mut self, rgb: [u8; 3]) {
        let color = PixelColor::new(rgb);
        self.count += 1;
        for i in 0..3 {
            self.lab[i].add(color.lab[i] - self.origin.lab[i]);
            self.srgb[i].add(color.srgb[i] - self.origin.srgb[i]);
            self.light[i] += color.light[i];
        }
    }

    fn to_stats(&self) -> ColorStats {
        let count = self.count as f64;
        let mean = |origin: [f64; 3], moments: &[Moments; 3]| {
            std::array::from_fn(|i| round(origin[i] + moments[i].sum / count))
        };
        let deviation =
            |moments: &[Moments; 3]| moments.map(|moments| round(moments.standard_deviation(count)));
        ColorStats {
            pixels: self.count,
            lab_mean: mean(self.origin.lab, &self.lab),
            lab_std: deviation(&self.lab),
            srgb_mean: mean(self.origin.srgb, &self.srgb),
            srgb_std: deviation(&self.srgb),
            light_mean: self.light.map(|sum| round(sample_of_light(sum / count))),
        }
    }
}

/// Rounds to two decimals, without a negative zero.
fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0 + 0.0
}

/// The linear light, 0 to 1, of each sample (IEC 61966-2-1).
static LIGHT_OF_SAMPLE: LazyLock<[f64; 256]> = LazyLock::new(|| {
    std::array::from_fn(|sample| {
        let encoded = sample as f64 / 255.0;
        if encoded <= 0.04045 { encoded / 12.92 } else { ((encoded + 0.055) / 1.055).powf(2.4) }
    })
});

/// The sample, 0 to 255 and not rounded, of linear light from 0 to 1.
fn sample_of_light(light: f64) -> f64 {
    255.0 * if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

/// Linear sRGB to CIE XYZ, from the chromaticities of BT.709 and of D65 (0.3127, 0.3290), divided by the white. Each row
/// sums to 1.
static RELATIVE_XYZ: LazyLock<[[f64; 3]; 3]> = LazyLock::new(|| {
    const PRIMARIES: [[f64; 2]; 3] = [[0.64, 0.33], [0.30, 0.60], [0.15, 0.06]];
    const WHITE: [f64; 2] = [0.3127, 0.3290];
    let xyz = |[x, y]: [f64; 2]| [x / y, 1.0, (1.0 - x - y) / y];
    let (primaries, white) = (PRIMARIES.map(xyz), xyz(WHITE));
    // Cramer's rule: how much of each primary makes up the white.
    let determinant = |m: [[f64; 3]; 3]| {
        let [[a, b, c], [d, e, f], [g, h, i]] = m;
        a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    };
    let shares: [f64; 3] = std::array::from_fn(|i| {
        let mut replaced = primaries;
        replaced[i] = white;
        determinant(replaced) / determinant(primaries)
    });
    std::array::from_fn(|row| std::array::from_fn(|i| primaries[i][row] * shares[i] / white[row]))
});

/// CIE 1976 L\*a\*b\* of linear sRGB.
fn lab_from_light(light: [f64; 3]) -> [f64; 3] {
    const DELTA: f64 = 6.0 / 29.0;
    let [x, y, z] = RELATIVE_XYZ.map(|[r, g, b]| {
        let ratio = r * light[0] + g * light[1] + b * light[2];
        if ratio > DELTA * DELTA * DELTA { ratio.cbrt() } else { ratio / (3.0 * DELTA * DELTA) + 4.0 / 29.0 }
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;

    fn lab(rgb: [u8; 3]) -> [f64; 3] {
        PixelColor::new(rgb).lab.map(round)
    }

    #[test]
    fn colours_are_those_of_the_standards() {
        // White and grays have no chroma; the primaries as Lindbloom's calculator gives them for sRGB and D65.
        assert_eq!(lab([255; 3]), [100.0, 0.0, 0.0]);
        assert_eq!(lab([0; 3]), [0.0, 0.0, 0.0]);
        assert_eq!(lab([119; 3]), [50.03, 0.0, 0.0]);
        for (rgb, expected) in [
            ([255, 0, 0], [53.24, 80.09, 67.20]),
            ([0, 255, 0], [87.73, -86.18, 83.18]),
            ([0, 0, 255], [32.30, 79.19, -107.86]),
        ] {
            for (own, expected) in lab(rgb).into_iter().zip(expected) {
                assert!((own - expected).abs() < 0.02, "{rgb:?} {own} {expected}");
            }
        }
        for sample in 0..=255_u8 {
            let light = LIGHT_OF_SAMPLE[usize::from(sample)];
            assert!((sample_of_light(light) - f64::from(sample)).abs() < 0.01);
        }
    }

    #[test]
    fn holes_are_outside_and_the_photo_ends_the_region() {
        let mut polygons = Polygons::default();
        polygons.push_ring(&Rect::new(1.0, 1.0, 40.0, 4.0).corners());
        let mut hole = Rect::new(2.0, 2.0, 4.0, 3.0).corners().to_vec();
        hole.reverse();
        polygons.push_ring(&hole);
        let rgb: Vec<u8> = (0..6 * 5).flat_map(|i| if i == 7 { [200, 0, 0] } else { [0, 0, 0] }).collect();
        let photo = PhotoColors { size: Size::new(6, 5), rgb: &rgb };
        let stats = photo.measure(&polygons, &Affine::IDENTITY).unwrap();
        // Rows 1 to 3 and columns 1 to 5, without the two pixels of the hole; one of them is red.
        assert_eq!((stats.pixels, stats.srgb_mean), (13, [15.38, 0.0, 0.0]));
        assert_eq!(stats.srgb_std[0], round(200.0 * (12.0_f64).sqrt() / 13.0));
        assert!(stats.light_mean[0] > stats.srgb_mean[0]);
        let far = Affine([1.0, 0.0, 100.0, 0.0, 1.0, 0.0]);
        assert_eq!(photo.measure(&polygons, &far), None);
    }

    #[test]
    fn one_colour_has_no_spread() {
        let rgb = [201, 147, 129].repeat(90 * 90);
        let mut polygons = Polygons::default();
        polygons.push_ring(&Rect::new(0.0, 0.0, 90.0, 90.0).corners());
        let photo = PhotoColors { size: Size::new(90, 90), rgb: &rgb };
        let stats = photo.measure(&polygons, &Affine::IDENTITY).unwrap();
        assert_eq!((stats.pixels, stats.lab_std, stats.srgb_std), (8100, [0.0; 3], [0.0; 3]));
        assert_eq!((stats.srgb_mean, stats.light_mean), ([201.0, 147.0, 129.0], [201.0, 147.0, 129.0]));
    }
}
