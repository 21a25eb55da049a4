//! Fully transparent pixels of a lossless WebP: encoders set their colors to black unless they are told not to, so the
//! ids under them may be lost (`exact` of libwebp's `WebPConfig`, off by default).

use facemask_core::error::{Error, Result};
use facemask_core::warning::Warning;

use super::encoding::invalid;

/// Counts of the pixels of a map by alpha and color.
#[derive(Default)]
pub(super) struct HiddenPixels {
    /// Pixels of alpha 0 that are black, and the index of the first.
    black: usize,
    first_black: usize,
    /// Pixels of alpha 0 of any other color: the encoder kept the colors.
    colored: usize,
    /// Black pixels that are not of alpha 0.
    visible_black: usize,
}

impl HiddenPixels {
    /// Counts the pixel of an index: red, green, blue, alpha. Indices ascend.
    pub(super) fn add(&mut self, index: usize, pixel: &[u8]) {
        let is_black = pixel[..3] == [0; 3];
        match (pixel[3] == 0, is_black) {
            (true, true) => {
                if self.black == 0 {
                    self.first_black = index;
                }
                self.black += 1;
            }
            (true, false) => self.colored += 1,
            (false, true) => self.visible_black += 1,
            (false, false) => {}
        }
    }

    /// Checks a map by its ids.
    ///
    /// Returns a warning where black pixels are hidden though other black ones are visible, or black is no background.
    /// A background that is transparent as a whole is what it was.
    ///
    /// # Errors
    ///
    /// `map_invalid` where all pixels are hidden and black.
    pub(super) fn check(&self, labels: &[u8]) -> Result<Option<Warning>> {
        const CURE: &str = "save it without alpha, as PNG, or with the colours under transparent pixels (exact=True in Pillow)";
        if self.black == 0 || self.colored > 0 {
            return Ok(None);
        }
        if self.black == labels.len() {
            return Err(hidden_error(CURE));
        }
        let black_id = labels[self.first_black];
        let may_be_lost = self.visible_black > 0 || black_id != 0;
        Ok(may_be_lost.then(|| {
            let count = self.black;
            let detail = format!(
                "{count} pixels of the label map are transparent and black, and the encoder may have erased the ids \
                 under them; they count as id {black_id}; {CURE}"
            );
            Warning { code: "map_hidden_pixels", detail }
        }))
    }
}

fn hidden_error(cure: &str) -> Error {
    invalid(format!(
        "every pixel of the label map is transparent and black: the WebP encoder has erased the ids; {cure}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pixels: &[[u8; 4]], black_id: u8) -> Result<Option<&'static str>> {
        let mut hidden = HiddenPixels::default();
        pixels.iter().enumerate().for_each(|(index, pixel)| hidden.add(index, pixel));
        Ok(hidden.check(&vec![black_id; pixels.len()])?.map(|warning| warning.code))
    }

    #[test]
    fn a_transparent_background_is_a_background() {
        assert_eq!(check(&[[0, 0, 0, 0], [5, 5, 5, 255]], 0), Ok(None));
        assert_eq!(check(&[[0, 0, 0, 255], [5, 5, 5, 255]], 0), Ok(None));
        assert_eq!(check(&[[0, 0, 0, 0], [5, 5, 5, 0], [0, 0, 0, 9]], 0), Ok(None), "the colors were kept");
    }

    #[test]
    fn hidden_ids_are_told() {
        let warning = Ok(Some("map_hidden_pixels"));
        assert_eq!(check(&[[0, 0, 0, 0], [5, 5, 5, 255], [0, 0, 0, 255]], 0), warning);
        assert_eq!(check(&[[0, 0, 0, 0], [5, 5, 5, 255]], 3), warning);
        assert!(check(&[[0, 0, 0, 0]; 3], 0).unwrap_err().detail.contains("erased"));
    }
}
