//! 8-bit RGB pixels, and how transparent ones become opaque.

/// Pixels of a photo in the image frame: the EXIF orientation has been applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RgbImage {
    /// Width in pixels, after the EXIF orientation.
    pub width: u32,
    /// Height in pixels, after the EXIF orientation.
    pub height: u32,
    /// Red, green, blue of every pixel, row by row from the top left: `width * height * 3` bytes.
    pub pixels: Vec<u8>,
}

/// Composites an RGB color over white. `alpha` is 0 (transparent) to 255 (opaque).
pub(super) fn over_white(color: [u8; 3], alpha: u8) -> [u8; 3] {
    let alpha = u32::from(alpha);
    color.map(|c| ((u32::from(c) * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparent_is_white_and_opaque_is_itself() {
        assert_eq!(over_white([10, 20, 30], 255), [10, 20, 30]);
        assert_eq!(over_white([10, 20, 30], 0), [255; 3]);
        assert_eq!(over_white([0, 255, 100], 128), [127, 255, 177]);
    }
}
