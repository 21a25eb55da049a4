//! Coordinates as text: two decimals, written from whole hundredths, so the text never depends on how floats print.

/// A coordinate in hundredths, half away from zero. Not-a-number becomes 0, the infinities the largest numbers.
#[must_use]
pub fn hundredths(value: f64) -> i64 {
    // Not by f64::round: that is a call on processors without an instruction for it. What the cast cuts off is exact.
    let scaled = value * 100.0;
    let whole = scaled as i64;
    let rest = scaled - whole as f64;
    whole.saturating_add(i64::from(rest >= 0.5) - i64::from(rest <= -0.5))
}

/// Appends the number as JSON has it: `-0.05`, `12`, `3.5`.
pub fn push_json(out: &mut Vec<u8>, hundredths: i64) {
    push(out, hundredths, true);
}

/// Appends the number as short as SVG allows: `-.05`, `12`, `3.5`.
pub fn push_short(out: &mut Vec<u8>, hundredths: i64) {
    push(out, hundredths, false);
}

/// Two digits each, from 00 to 99.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut i = 0;
    while i < 100 {
        pairs[i] = [b'0' + (i / 10) as u8, b'0' + (i % 10) as u8];
        i += 1;
    }
    pairs
};

/// Room for a number: a sign, seventeen digits, a point and two more, and what is laid down behind its end.
pub(super) const LONGEST: usize = 24;

fn push(out: &mut Vec<u8>, hundredths: i64, leading_zero: bool) {
    let mut text = [0; LONGEST];
    let end = put(&mut text, 0, hundredths, leading_zero);
    // As a block of a length known to the compiler, of which the rest is cut off.
    let length = out.len() + end;
    out.extend_from_slice(&text);
    out.truncate(length);
}

/// Writes the number as short as SVG allows at `at`, where there are [`LONGEST`] bytes of room, and answers where it ends.
#[inline]
pub(super) fn put_short(text: &mut [u8], at: usize, hundredths: i64) -> usize {
    put(text, at, hundredths, false)
}

#[inline]
fn put(text: &mut [u8], at: usize, hundredths: i64, leading_zero: bool) -> usize {
    let size = hundredths.unsigned_abs();
    let (whole, part) = (size / 100, (size % 100) as usize);
    let mut end = at;
    if hundredths < 0 {
        text[end] = b'-';
        end += 1;
    }
    // Nearly all numbers have at most two digits before the point.
    if whole >= 100 {
        end = put_integer(text, end, whole);
    } else if whole >= 10 {
        text[end..end + 2].copy_from_slice(&PAIRS[whole as usize]);
        end += 2;
    } else if whole != 0 || part == 0 || leading_zero {
        text[end] = b'0' + whole as u8;
        end += 1;
    }
    if part != 0 {
        let [tens, ones] = PAIRS[part];
        text[end..end + 3].copy_from_slice(&[b'.', tens, ones]);
        end += if part.is_multiple_of(10) { 2 } else { 3 };
    }
    end
}

fn put_integer(text: &mut [u8], at: usize, mut value: u64) -> usize {
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
    let end = at + digits.len() - first;
    text[at..end].copy_from_slice(&digits[first..]);
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: fn(&mut Vec<u8>, i64), value: f64) -> String {
        let mut out = Vec::new();
        write(&mut out, hundredths(value));
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
            assert_eq!(hundredths(value), (value * 100.0).round() as i64, "{value:?}");
        }
    }

    #[test]
    fn the_largest_numbers_have_room() {
        for number in [i64::MAX, i64::MIN, i64::MIN + 9, 99_999, -10_000, 100_000_000_000_000_050] {
            let (mut json, mut short) = (Vec::new(), Vec::new());
            push_json(&mut json, number);
            push_short(&mut short, number);
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
            assert_eq!((text(push_json, value).as_str(), text(push_short, value).as_str()), (json, short));
        }
    }
}
