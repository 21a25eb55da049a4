//! Run-length encoding of a label map.

use wide::u8x16;

/// Encodes label ids in row order as runs: the id, then the length of the run as an unsigned LEB128 number.
/// The encoding is reversible, so different maps have different encodings.
#[must_use]
pub fn run_length_encode(labels: &[u8]) -> Vec<u8> {
    let (mut packed, mut start) = (Vec::new(), 0);
    let mut end_run = |last: usize| {
        packed.push(labels[last]);
        let mut length = last + 1 - start;
        start = last + 1;
        while length >= 128 {
            packed.push((length & 127) as u8 | 128);
            length >>= 7;
        }
        packed.push(length as u8);
    };
    let Some((_, next)) = labels.split_first() else { return packed };
    // Sixteen pixels per step: nearly all are equal to the next one.
    for (i, (block, next)) in labels.as_chunks::<16>().0.iter().zip(next.as_chunks::<16>().0).enumerate() {
        let mut ends = !u8x16::new(*block).cmp_eq(u8x16::new(*next)).move_mask() as u16;
        while ends != 0 {
            end_run(16 * i + ends.trailing_zeros() as usize);
            ends &= ends - 1;
        }
    }
    let rest = next.len() / 16 * 16;
    (rest..next.len()).filter(|&i| labels[i] != labels[i + 1]).for_each(&mut end_run);
    end_run(labels.len() - 1);
    packed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Decodes runs. A round trip shows that no two maps have the same encoding.
    fn unpack(packed: &[u8]) -> Vec<u8> {
        let (mut labels, mut bytes) = (Vec::new(), packed.iter().copied());
        while let Some(label) = bytes.next() {
            let (mut length, mut shift) = (0_usize, 0);
            for byte in bytes.by_ref() {
                length |= usize::from(byte & 127) << shift;
                shift += 7;
                if byte < 128 {
                    break;
                }
            }
            labels.resize(labels.len() + length, label);
        }
        labels
    }

    #[test]
    fn lengths_take_a_byte_for_seven_bits() {
        assert!(run_length_encode(&[]).is_empty());
        assert_eq!(run_length_encode(&[7; 127]), [7, 127]);
        assert_eq!(run_length_encode(&[7; 128]), [7, 128, 1]);
        assert_eq!(run_length_encode(&[1, 1, 1, 0, 9, 9]), [1, 3, 0, 1, 9, 2]);
    }

    proptest! {
        #[test]
        fn runs_come_back_as_they_were(labels in prop::collection::vec(0_u8..3, 0..500), wide in 1_usize..40) {
            let labels: Vec<u8> = labels.into_iter().flat_map(|label| vec![label; wide]).collect();
            prop_assert_eq!(unpack(&run_length_encode(&labels)), labels);
        }
    }
}
