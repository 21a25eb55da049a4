//! Run lengths of COCO: pixels outside and inside in turn, column by column from the top left.
//!
//! Source: `rleFrString` in `common/maskApi.c` of cocodataset/cocoapi for the text form. Each run after the third is stored
//! as its difference to the last but one, in groups of five bits from `0` on, lowest first.

/// Decodes the text of run lengths. `None` for a text that is no encoding, or whose runs exceed `pixels`.
pub(super) fn decode_text(text: &str, pixels: u64) -> Option<Vec<u32>> {
    let mut runs: Vec<u32> = Vec::new();
    let mut bytes = text.bytes();
    let mut total = 0;
    while let Some(first) = bytes.next() {
        let (mut value, mut shift, mut byte) = (0_i64, 0, first);
        loop {
            let group = i64::from(byte.checked_sub(48).filter(|group| *group < 64)?);
            value |= (group & 0x1f) << shift;
            shift += 5;
            if group & 0x20 == 0 {
                // The highest bit of the last group is the sign.
                value |= if group & 0x10 == 0 { 0 } else { -1 << shift };
                break;
            }
            byte = bytes.next().filter(|_| shift <= 35)?;
        }
        if runs.len() > 2 {
            value += i64::from(runs[runs.len() - 2]);
        }
        let run = u32::try_from(value).ok()?;
        total += u64::from(run);
        if total > pixels {
            return None;
        }
        runs.push(run);
    }
    Some(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_pycocotools() {
        // pycocotools 2.0.11: encode(asfortranarray(mask)) of 3 x 4 masks.
        assert_eq!(decode_text("<", 12), Some(vec![12]));
        assert_eq!(decode_text("0<", 12), Some(vec![0, 12]));
        assert_eq!(decode_text("1111O0", 12), Some(vec![1, 1, 1, 2, 0, 2]));
    }

    #[test]
    fn texts_that_are_none_are_refused() {
        for text in ["P", "\u{7f}", "é", "O", "PPPPPPPPPPPPPPP0", "9"] {
            assert_eq!(decode_text(text, 8), None, "{text}");
        }
        assert_eq!(decode_text("", 8), Some(vec![]));
    }
}
