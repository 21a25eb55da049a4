//! Limits of picture sizes, applied to the header before anything is allocated.

use facemask_core::error::Result;

use crate::input_kind::InputKind;

/// Limit of width and height in pixels: the maximum of a JPEG. It bounds the row buffers of a PNG one pixel
/// high.
const MAX_SIDE: u32 = 65_535;

/// Limits of picture sizes in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Maximum of width x height of any photo or label map. Default 50,000,000.
    pub max_pixels: u64,
    /// Maximum of width x height of a photo that is decoded; a larger one can still be inspected. Default
    /// 24,000,000, which keeps every decoder below about 300 MB.
    pub max_decode_pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_pixels: 50_000_000, max_decode_pixels: 24_000_000 }
    }
}

impl Limits {
    /// Checks the size in a header against all limits but that of decoding.
    ///
    /// # Errors
    ///
    /// The "corrupt" error of `kind` for an empty picture, its "too large" error above a limit.
    pub(crate) fn check_size(&self, kind: InputKind, width: u32, height: u32) -> Result<()> {
        let noun = kind.noun();
        if width == 0 || height == 0 {
            return Err(kind.corrupt(format!(
                "the {noun} says it is {width} x {height} pixels, expected at least 1 x 1"
            )));
        }
        if width > MAX_SIDE || height > MAX_SIDE {
            return Err(kind.too_large(format!(
                "the {noun} is {width} x {height} pixels, expected at most {MAX_SIDE} on a side"
            )));
        }
        check_pixels(kind, width, height, self.max_pixels)
    }

    /// Checks the size of a photo that is to be decoded. `width` and `height` are in pixels.
    ///
    /// # Errors
    ///
    /// `image_too_large`.
    pub fn check_decode(&self, width: u32, height: u32) -> Result<()> {
        check_pixels(InputKind::Photo, width, height, self.max_decode_pixels)
    }
}

/// Checks that a picture has at most `max` pixels.
pub(crate) fn check_pixels(kind: InputKind, width: u32, height: u32, max: u64) -> Result<()> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels <= max {
        return Ok(());
    }
    let noun = kind.noun();
    Err(kind.too_large(format!("the {noun} is {width} x {height} = {pixels} pixels, expected at most {max}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use facemask_core::error::ErrorKind;

    #[test]
    fn the_limit_itself_is_allowed_and_one_more_is_not() {
        let limits = Limits { max_pixels: 12, max_decode_pixels: 6 };
        assert!(limits.check_size(InputKind::Photo, 4, 3).is_ok());
        assert_eq!(limits.check_size(InputKind::Photo, 13, 1).unwrap_err().kind, ErrorKind::ImageTooLarge);
        assert_eq!(limits.check_size(InputKind::LabelMap, 13, 1).unwrap_err().kind, ErrorKind::MapTooLarge);
        assert!(limits.check_decode(3, 2).is_ok());
        assert_eq!(limits.check_decode(7, 1).unwrap_err().kind, ErrorKind::ImageTooLarge);
    }

    #[test]
    fn nothing_and_endless_sides_are_refused() {
        let limits = Limits { max_pixels: u64::MAX, max_decode_pixels: u64::MAX };
        assert_eq!(limits.check_size(InputKind::LabelMap, 0, 9).unwrap_err().kind, ErrorKind::MapCorrupt);
        assert_eq!(
            limits.check_size(InputKind::Photo, 65_536, 1).unwrap_err().kind,
            ErrorKind::ImageTooLarge
        );
        assert!(limits.check_size(InputKind::Photo, 65_535, 1).is_ok());
    }
}
