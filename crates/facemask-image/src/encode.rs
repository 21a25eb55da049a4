//! Encoders of the upright crop: JPEG and PNG.

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
    check_pixels(width, height, rgb)?;
    if [width, height].iter().any(|side| !(1..=u32::from(u16::MAX)).contains(side)) {
        return Err(internal(format!("a JPEG has sides of 1 to 65535 pixels, got {width} x {height}")));
    }
    compress(rgb, width as usize, height as usize, PixelFormat::Rgb, quality, Subsampling::S420)
        .map_err(|error| internal(format!("the crop could not be written as a JPEG: {error}")))
}

/// Encodes 8-bit RGB pixels, `width * height * 3` bytes row by row, as a PNG without metadata.
///
/// # Errors
///
/// `internal_error` if the pixels are not `width * height * 3` bytes or a side is 0.
pub fn encode_png(width: u32, height: u32, rgb: &[u8]) -> Result<Vec<u8>> {
    check_pixels(width, height, rgb)?;
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, width, height);
    encoder.set_color(::png::ColorType::Rgb);
    encoder.set_depth(::png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(rgb)?;
        writer.finish()
    });
    written.map_err(|error| internal(format!("the crop could not be written as a PNG: {error}")))?;
    Ok(file)
}

fn internal(detail: String) -> Error {
    Error::new(ErrorKind::Internal, "", detail)
}

fn check_pixels(width: u32, height: u32, rgb: &[u8]) -> Result<()> {
    let expected = u64::from(width) * u64::from(height) * 3;
    if rgb.len() as u64 == expected {
        return Ok(());
    }
    Err(internal(format!("{width} x {height} RGB pixels are {expected} bytes, got {}", rgb.len())))
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
    fn a_png_has_the_very_same_pixels() {
        let rgb: Vec<u8> = (0..16 * 9 * 3).map(|i| (i * 7 % 251) as u8).collect();
        let file = encode_png(16, 9, &rgb).unwrap();
        assert_eq!(crate::decode_image(&file, &crate::Limits::default()).unwrap().pixels, rgb);
        assert_eq!(encode_png(16, 9, &rgb[1..]).unwrap_err().kind, ErrorKind::Internal);
        assert_eq!(encode_png(0, 9, &[]).unwrap_err().kind, ErrorKind::Internal);
    }

    #[test]
    fn the_same_pixels_give_the_same_bytes() {
        let rgb: Vec<u8> = (0..16 * 9 * 3).map(|i| (i * 7 % 251) as u8).collect();
        assert_eq!(encode_jpeg(16, 9, &rgb, 85).unwrap(), encode_jpeg(16, 9, &rgb, 85).unwrap());
    }
}
