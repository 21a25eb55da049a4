//! A label map as runs of equal ids, small enough to be kept, and the question whether another map is the same to within
//! a pixel.

use wide::u8x16;

/// The ids in row order as runs: the id, then the run's length as a variable-length number, seven bits a byte, the lowest
/// first.
#[must_use]
pub fn runs(labels: &[u8]) -> Vec<u8> {
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
    // Sixteen at a time: nearly all pixels are like the next one.
    for (i, (these, next)) in labels.as_chunks::<16>().0.iter().zip(next.as_chunks::<16>().0).enumerate() {
        let mut last = !u8x16::new(*these).cmp_eq(u8x16::new(*next)).move_mask() as u16;
        while last != 0 {
            end_run(16 * i + last.trailing_zeros() as usize);
            last &= last - 1;
        }
    }
    let seen = next.len() / 16 * 16;
    (seen..next.len()).filter(|&i| labels[i] != labels[i + 1]).for_each(&mut end_run);
    end_run(labels.len() - 1);
    packed
}

/// The ids of packed runs; `None` unless they are exactly `count`.
fn unpack(packed: &[u8], count: usize) -> Option<Vec<u8>> {
    let mut labels = Vec::with_capacity(count);
    let mut bytes = packed.iter().copied();
    while let Some(label) = bytes.next() {
        let (mut length, mut shift) = (0_usize, 0);
        loop {
            let byte = bytes.next()?;
            length |= usize::from(byte & 127).checked_shl(shift)?;
            shift += 7;
            if byte < 128 {
                break;
            }
        }
        if length > count - labels.len() {
            return None;
        }
        labels.resize(labels.len() + length, label);
    }
    (labels.len() == count).then_some(labels)
}

/// Whether no border between the ids of a map lies further than a pixel from the same border of another, whose runs are
/// given: where two pixels differ, each one's id is found among the other's eight neighbours. Maps of another size, and
/// runs that are damaged, do not agree.
#[must_use]
pub fn agree(labels: &[u8], width: usize, height: usize, other: &[u8]) -> bool {
    if labels.len() != width * height {
        return false;
    }
    let Some(other) = unpack(other, labels.len()) else { return false };
    let near = |map: &[u8], x: usize, y: usize, id: u8| {
        (y.saturating_sub(1)..(y + 2).min(height))
            .any(|row| map[row * width + x.saturating_sub(1)..row * width + (x + 2).min(width)].contains(&id))
    };
    (0..height).all(|y| {
        let row = y * width..(y + 1) * width;
        labels[row.clone()] == other[row.clone()]
            || row.enumerate().all(|(x, at)| {
                labels[at] == other[at] || near(&other, x, y, labels[at]) && near(labels, x, y, other[at])
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn disc(radius: f64, at: f64) -> Vec<u8> {
        let inside = |n: usize| {
            let (x, y) = ((n % 60) as f64 + 0.5 - at, (n / 60) as f64 + 0.5 - 30.0);
            u8::from(x * x + y * y < radius * radius)
        };
        (0..3600).map(inside).collect()
    }

    #[test]
    fn a_moved_border_agrees_up_to_a_pixel() {
        let map = disc(12.0, 30.0);
        let agrees = |other: &[u8]| agree(&map, 60, 60, &runs(other));
        assert!(agrees(&map));
        assert!(agrees(&disc(12.5, 30.0)));
        assert!(agrees(&disc(12.0, 30.5)));
        assert!(!agrees(&disc(16.0, 30.0)));
        assert!(!agrees(&disc(12.0, 34.0)));
        assert!(!agrees(&[0; 3600]));
    }

    #[test]
    fn a_region_that_is_only_on_one_side_is_seen_from_both() {
        let (plain, mut speck) = (disc(12.0, 30.0), disc(12.0, 30.0));
        speck[30 * 60 + 30] = 9;
        assert!(!agree(&plain, 60, 60, &runs(&speck)));
        assert!(!agree(&speck, 60, 60, &runs(&plain)));
    }

    #[test]
    fn damaged_runs_agree_with_nothing() {
        for packed in [
            &[][..],
            &[1],
            &[1, 200],
            &[1, 5, 2],
            &[1, 4, 2, 1],
            &[1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
        ] {
            assert!(!agree(&[1; 4], 2, 2, packed) || packed == [1, 4]);
        }
        assert!(agree(&[1; 4], 2, 2, &[1, 4]));
    }

    proptest! {
        #[test]
        fn runs_come_back_as_they_were(labels in prop::collection::vec(0_u8..3, 0..500), wide in 1_usize..40) {
            let labels: Vec<u8> = labels.into_iter().flat_map(|label| vec![label; wide]).collect();
            prop_assert_eq!(unpack(&runs(&labels), labels.len()), Some(labels.clone()));
            prop_assert_eq!(unpack(&runs(&labels), labels.len() + 1), None);
        }
    }
}
