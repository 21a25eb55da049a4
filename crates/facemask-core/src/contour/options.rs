//! How contours are found: tolerance, curve kind, limits.

use crate::error::{Error, Result};

/// What borders are drawn with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CurveKind {
    /// Cubic Bezier curves along the smoothed border, and points that stand for them.
    Smooth,
    /// Straight lines between points of the border itself.
    #[default]
    Straight,
}

impl CurveKind {
    /// Every kind by name.
    pub const NAMES: [(&'static str, Self); 2] = [("smooth", Self::Smooth), ("straight", Self::Straight)];
}

/// How to find contours. Lengths are in units of the frame that `scale` leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct ContourOptions {
    /// No point of the output is further than this from the traced border, and the other way round. 0 keeps every vertex.
    pub tolerance: f64,
    /// What borders are drawn with. Without a tolerance there is no room for curves, and lines are drawn. Curves keep
    /// within half a pixel of the map, however large the tolerance.
    pub curve: CurveKind,
    /// Parts of less than this area (the pixels they cover) are given to the neighbour with the longest shared border.
    pub min_area: f64,
    /// What one pixel of the map measures, x and y, in the units of `tolerance` and `min_area`.
    pub scale: (f64, f64),
    /// Whether label 0 gets contours too.
    pub background: bool,
    /// The most steps of border between pixels of different labels; more is refused, since memory grows with them.
    pub max_border: usize,
}

impl ContourOptions {
    /// The default of [`Self::max_border`]: 2048 x 2048 pixels of pure noise. A step of border costs 200 to 900 bytes, so
    /// whoever takes maps from strangers sets less.
    pub const MAX_BORDER: usize = 1 << 23;
    /// The largest tolerance and the largest minimal area: beyond them lies a mistake of units.
    pub const MAX_LENGTH: f64 = 1e6;

    /// Refuses lengths that are negative, not numbers, or beyond [`Self::MAX_LENGTH`].
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
            scale: (1.0, 1.0),
            background: false,
            max_border: Self::MAX_BORDER,
        }
    }
}
