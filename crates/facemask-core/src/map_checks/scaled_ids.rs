//! Ids that a tool multiplied: 4-bit samples become multiples of 17 as 8-bit samples, 2-bit samples multiples of 85,
//! and people multiply ids to see them.

use crate::regions::{LabelScheme, LabelStat};
use crate::warning::Warning;

/// Warns of a map of an unknown scheme whose ids form a head once they are divided by a common divisor.
///
/// The scheme is the one of the least divisor that yields one.
#[must_use]
pub fn check_scaled_ids(stats: &[LabelStat]) -> Option<Warning> {
    let common = stats.iter().fold(0, |divisor, stat| gcd(divisor, stat.id));
    let (factor, scheme) =
        (2..=common).filter(|factor| common.is_multiple_of(*factor)).find_map(|factor| {
            let divided: Vec<LabelStat> =
                stats.iter().map(|stat| LabelStat { id: stat.id / factor, ..*stat }).collect();
            LabelScheme::detect(&divided).map(|(scheme, _)| (factor, scheme.name))
        })?;
    let detail = format!(
        "all ids of the label map are multiples of {factor}, and divided by it they are those of {scheme}: a tool has \
         probably scaled the samples; divide them, and save them with 8 bits"
    );
    Some(Warning { code: "map_ids_scaled", detail })
}

/// The greatest common divisor by Euclid's algorithm; `gcd(0, b)` is b.
fn gcd(a: u8, b: u8) -> u8 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_divisor_of_nothing_and_one_id_is_that_id() {
        assert_eq!([gcd(0, 34), gcd(34, 51), gcd(255, 170), gcd(17, 5)], [34, 17, 85, 1]);
        assert_eq!(check_scaled_ids(&[]), None);
    }
}
