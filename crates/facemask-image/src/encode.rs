//! Pixels to a JPEG, for the crop that may be embedded in the SVG.

use facemask_core::error::{Error, ErrorKind, Result};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// A baseline JPEG of 8-bit RGB pixels, `width * height * 3` bytes row by row. `quality` is 1 to 100. The same
/// pixels give the same bytes on every machine: no metadata, no clock, no processor-specific code.
///
/// # Errors
///
/// `option_invalid` (field `quality`) for a quality outside 1 to 100; `internal_error` when the pixels are not
/// `width * height * 3` bytes or a side is 0 or above 65,535.
pub fn encode_jpeg(width: u32, height: u32, rgb: &[u8], quality: u8) -> Result<Vec<u8>> {
    if !(1..=100).contains(&quality) {
        return Err(Error::option("quality", format!("must be between 1 and 100, got {quality}")));
    }
    let internal = |detail: String| Error::new(ErrorKind::Internal, "", detail);
    let sides = u16::try_from(width).ok().zip(u16::try_from(height).ok()).filter(|&(w, h)| w > 0 && h > 0);
    let Some((w, h)) = sides else {
        return Err(internal(format!("a JPEG has sides of 1 to 65535 pixels, got {width} x {height}")));
    };
    let expected = usize::from(w) * usize::from(h) * 3;
    if rgb.len() != expected {
        return Err(internal(format!(
            "{width} x {height} RGB pixels are {expected} bytes, got {}",
            rgb.len()
        )));
    }
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, quality);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    encoder
        .encode(rgb, w, h, ColorType::Rgb)
        .map_err(|error| internal(format!("the crop could not be written as a JPEG: {error}")))?;
    Ok(out)
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
