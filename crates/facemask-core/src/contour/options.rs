//! The options of contours: tolerance, curve kind, limits.

use crate::error::{Error, Result};
use crate::geometry::Affine;

/// The kind of curve that borders are approximated with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CurveKind {
    /// Cubic Bezier curves along the border, and points that approximate them.
    Smooth,
    /// Straight lines. Up to half a pixel of the map each region keeps the area of its pixels.
    #[default]
    Straight,
}

impl CurveKind {
    /// All kinds by name.
    pub const NAMES: [(&'static str, Self); 2] = [("smooth", Self::Smooth), ("straight", Self::Straight)];
}

/// The options of [`super::find_contours`]. Lengths are in the target frame.
#[derive(Clone, Debug, PartialEq)]
pub struct ContourOptions {
    /// The largest distance of a point of the output from the traced border, and of a point of the border from the
    /// output. 0 keeps every vertex.
    pub tolerance: f64,
    /// The kind of curve. At tolerance 0 it has no effect: borders are lines. Curves stay within half a pixel of the
    /// map at any tolerance.
    pub curve: CurveKind,
    /// The least area of a part, by the pixels that it covers. A smaller part is merged into the neighbor with the
    /// longest shared border.
    pub min_area: f64,
    /// The affine from the labels frame to the target frame, in which `tolerance` and `min_area` are measured.
    pub target_from_labels: Affine,
    /// Whether label 0 gets contours too.
    pub background: bool,
    /// The most steps of border between pixels of different labels. Memory grows with them, so more is an error.
    pub max_border: usize,
}

impl ContourOptions {
    /// The default of [`Self::max_border`]: 2048 x 2048 pixels of pure noise. A step of border takes 200 to 900 bytes.
    /// A service with untrusted maps needs a lower limit.
    pub const MAX_BORDER: usize = 1 << 23;
    /// The largest tolerance and the largest minimal area. A larger value is taken for a mistake of units.
    pub const MAX_LENGTH: f64 = 1e6;

    /// The width and the height of a box that bounds a pixel of the map: no step of (x, y) pixels is longer in the target
    /// frame than (x width, y height).
    ///
    /// These are the lengths of a pixel's sides. Where the sides are not at right angles, both are longer by the least
    /// factor that keeps the bound, the root of 1 + |cos| of their angle.
    #[must_use]
    pub fn pixel_bounds(&self) -> (f64, f64) {
        let [a, b, _, d, e, _] = self.target_from_labels.0;
        let (width, height) = (a.hypot(d), b.hypot(e));
        let cosine = ((a * b + d * e) / (width * height)).abs();
        let shear = (1.0 + cosine).sqrt();
        (width * shear, height * shear)
    }

    /// The area of a pixel of the map in the target frame.
    #[must_use]
    pub fn pixel_area(&self) -> f64 {
        self.target_from_labels.determinant().abs()
    }

    /// Checks that the tolerance and the minimal area are numbers from 0 to [`Self::MAX_LENGTH`].
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::OptionInvalid`] naming the option.
    pub fn check(&self) -> Result<()> {
        for (name, value) in [("tolerance", self.tolerance), ("min_area", self.min_area)] {
            if !(0.0..=Self::MAX_LENGTH).contains(&value) {
                return Err(Error::option(
                    name,
                    format!("must be a number from 0 to {}, got {value:?}", Self::MAX_LENGTH),
                ));
            }
        }
        Ok(())
    }
}

impl Default for ContourOptions {
    fn default() -> Self {
        Self {
            tolerance: 0.0,
            curve: CurveKind::Straight,
            min_area: 0.0,
            target_from_labels: Affine::IDENTITY,
            background: false,
            max_border: Self::MAX_BORDER,
        }
    }
}
