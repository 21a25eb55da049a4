//! Coordinates as text with two decimals, written from whole hundredths: independent of any formatting of floats.

/// Converts a coordinate to hundredths, rounded half away from zero. NaN becomes 0; infinities saturate.
#[must_use]
pub fn to_hundredths(value: f64) -> i64 {
    // Without f64::round, which is a function call on processors without an instruction for it. The truncated part is
    // exact.
    let scaled = value * 100.0;
    let whole = scaled as i64;
    let fraction = scaled - whole as f64;
    whole.saturating_add(i64::from(fraction >= 0.5) - i64::from(fraction <= -0.5))
}

/// Appends the number in JSON syntax: `-0.05`, `12`, `3.5`.
pub fn push_json_number(out: &mut Vec<u8>, hundredths: i64) {
    push(out, hundredths, true);
}

/// Appends the number in the shortest SVG syntax: `-.05`, `12`, `3.5`.
pub fn push_svg_number(out: &mut Vec<u8>, hundredths: i64) {
    push(out, hundredths, false);
}

/// The decimal digits of 00 to 99.
const DIGIT_PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut i = 0;
    while i < 100 {
        pairs[i] = [b'0' + (i / 10) as u8, b'0' + (i % 10) as u8];
        i += 1;
    }
    pairs
};

/// The buffer size of a number: a sign, seventeen digits, a point, two decimals, and bytes overwritten behind its end.
pub(super) const NUMBER_BUFFER: usize = 24;

fn push(out: &mut Vec<u8>, hundredths: i64, has_leading_zero: bool) {
    let mut text = [0; NUMBER_BUFFER];
    let end = write(&mut text, 0, hundredths, has_leading_zero);
    // Copied as a block of constant length, then truncated.
    let length = out.len() + end;
    out.extend_from_slice(&text);
    out.truncate(length);
}

/// Writes the number in the shortest SVG syntax at `start`, which needs [`NUMBER_BUFFER`] bytes behind it. Returns its
/// end.
#[inline]
pub(super) fn write_svg_number(text: &mut [u8], start: usize, hundredths: i64) -> usize {
    write(text, start, hundredths, false)
}

#[inline]
fn write(text: &mut [u8], start: usize, hundredths: i64, has_leading_zero: bool) -> usize {
    let magnitude = hundredths.unsigned_abs();
    let (whole, fraction) = (magnitude / 100, (magnitude % 100) as usize);
    let mut end = start;
    if hundredths < 0 {
        text[end] = b'-';
        end += 1;
    }
    // Nearly all numbers have at most two digits before the point, which need no loop.
    if whole >= 100 {
        end = write_integer(text, end, whole);
    } else if whole >= 10 {
        text[end..end + 2].copy_from_slice(&DIGIT_PAIRS[whole as usize]);
        end += 2;
    } else if whole != 0 || fraction == 0 || has_leading_zero {
        text[end] = b'0' + whole as u8;
        end += 1;
    }
    if fraction != 0 {
        let [tens, ones] = DIGIT_PAIRS[fraction];
        text[end..end + 3].copy_from_slice(&[b'.', tens, ones]);
        end += if fraction.is_multiple_of(10) { 2 } else { 3 };
    }
    end
}

fn write_integer(text: &mut [u8], start: usize, mut value: u64) -> usize {
    let mut digits = [0; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    let end = start + digits.len() - first;
    text[start..end].copy_from_slice(&digits[first..]);
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: fn(&mut Vec<u8>, i64), value: f64) -> String {
        let mut out = Vec::new();
        write(&mut out, to_hundredths(value));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn hundredths_are_rounded_as_the_library_rounds() {
        let edges =
            [0.0, -0.0, 0.005, -0.005, 0.0049999999999999, 1e15, -4.5e15, 9.3e16, -9.3e16, 1e300, -1e300];
        let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, 92_233_720_368_547_758.07];
        let near = (-2000..2000).flat_map(|i| {
            let value = f64::from(i) / 800.0;
            [value, value.next_up(), value.next_down()]
        });
        for value in edges.into_iter().chain(odd).chain(near) {
            assert_eq!(to_hundredths(value), (value * 100.0).round() as i64, "{value:?}");
        }
    }

    #[test]
    fn the_largest_numbers_have_room() {
        for number in [i64::MAX, i64::MIN, i64::MIN + 9, 99_999, -10_000, 100_000_000_000_000_050] {
            let (mut json, mut short) = (Vec::new(), Vec::new());
            push_json_number(&mut json, number);
            push_svg_number(&mut short, number);
            let (whole, part) = (number.unsigned_abs() / 100, number.unsigned_abs() % 100);
            let sign = if number < 0 { "-" } else { "" };
            let part = format!(".{part:02}");
            let expected = format!("{sign}{whole}{}", part.trim_end_matches('0').trim_end_matches('.'));
            assert_eq!((json, short), (expected.clone().into_bytes(), expected.into_bytes()));
        }
    }

    #[test]
    fn numbers_as_json_and_short() {
        let cases = [
            (0.0, "0", "0"),
            (-0.0, "0", "0"),
            (0.05, "0.05", ".05"),
            (-0.5, "-0.5", "-.5"),
            (12.0, "12", "12"),
            (1234.567, "1234.57", "1234.57"),
            (-100.1, "-100.1", "-100.1"),
            (0.004, "0", "0"),
        ];
        for (value, json, short) in cases {
            assert_eq!(
                (text(push_json_number, value).as_str(), text(push_svg_number, value).as_str()),
                (json, short)
            );
        }
    }
}
