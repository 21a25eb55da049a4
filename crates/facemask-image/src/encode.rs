//! JPEG encoder, for the crop that can be embedded in the SVG.

use facemask_core::error::{Error, ErrorKind, Result};
use libjpeg_turbo_rs::{PixelFormat, Subsampling, compress};

/// Encodes 8-bit RGB pixels, `width * height * 3` bytes row by row, as a baseline JPEG with 4:2:0 chroma
/// subsampling. `quality` is 1 to 100.
///
/// Equal pixels yield equal bytes on every machine, those of libjpeg-turbo: it writes no metadata and no
/// time, and its SIMD code uses integer arithmetic.
///
/// # Errors
///
/// `option_invalid` (field `quality`) for a quality outside 1 to 100; `internal_error` if the pixels are not
/// `width * height * 3` bytes or a side is 0 or above 65,535.
pub fn encode_jpeg(width: u32, height: u32, rgb: &[u8], quality: u8) -> Result<Vec<u8>> {
    if !(1..=100).contains(&quality) {
        return Err(Error::option("quality", format!("must be between 1 and 100, got {quality}")));
    }
    let internal = |detail: String| Error::new(ErrorKind::Internal, "", detail);
    if [width, height].iter().any(|side| !(1..=u32::from(u16::MAX)).contains(side)) {
        return Err(internal(format!("a JPEG has sides of 1 to 65535 pixels, got {width} x {height}")));
    }
    let (w, h) = (width as usize, height as usize);
    if rgb.len() != w * h * 3 {
        return Err(internal(format!(
            "{width} x {height} RGB pixels are {} bytes, got {}",
            w * h * 3,
            rgb.len()
        )));
    }
    compress(rgb, w, h, PixelFormat::Rgb, quality, Subsampling::S420)
        .map_err(|error| internal(format!("the crop could not be written as a JPEG: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_arguments_are_named() {
        assert_eq!(encode_jpeg(1, 1, &[0; 3], 0).unwrap_err().field, "quality");
        assert_eq!(encode_jpeg(1, 1, &[0; 3], 101).unwrap_err().kind, ErrorKind::OptionInvalid);
        assert_eq!(encode_jpeg(2, 1, &[0; 3], 90).unwrap_err().kind, ErrorKind::Internal);
        assert_eq!(encode_jpeg(0, 1, &[], 90).unwrap_err().kind, ErrorKind::Internal);
        assert_eq!(encode_jpeg(65_536, 1, &[], 90).unwrap_err().kind, ErrorKind::Internal);
    }

    #[test]
    fn the_same_pixels_give_the_same_bytes() {
        let rgb: Vec<u8> = (0..16 * 9 * 3).map(|i| (i * 7 % 251) as u8).collect();
        assert_eq!(encode_jpeg(16, 9, &rgb, 85).unwrap(), encode_jpeg(16, 9, &rgb, 85).unwrap());
    }
}
