//! Fields of annotation documents that come in several JSON types.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Entries of a list. An entry of three bytes becomes a structure of a hundred, so lists have a limit.
const MAX_ENTRIES: usize = 100_000;

/// Deserializes a list of at most [`MAX_ENTRIES`] values; null is an empty list.
pub(super) fn bounded_list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct ListVisitor<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MAX_ENTRIES} entries")
        }

        fn visit_unit<E: Error>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<T>, A::Error> {
            let mut entries = Vec::new();
            while let Some(entry) = sequence.next_element()? {
                if entries.len() == MAX_ENTRIES {
                    return Err(A::Error::invalid_length(entries.len() + 1, &self));
                }
                entries.push(entry);
            }
            Ok(entries)
        }
    }
    deserializer.deserialize_any(ListVisitor(PhantomData))
}

/// As [`bounded_list`], for a field that distinguishes a document from another.
pub(super) fn optional_list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    bounded_list(deserializer).map(Some)
}

/// The id of an image: a number or a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ImageId(String);

impl<'de> Deserialize<'de> for ImageId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;
        impl Visitor<'_> for IdVisitor {
            type Value = ImageId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id, a number or a text")
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<ImageId, E> {
                Ok(ImageId(value.to_string()))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<ImageId, E> {
                Ok(ImageId(value.to_string()))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<ImageId, E> {
                Ok(ImageId(value.to_owned()))
            }
        }
        deserializer.deserialize_any(IdVisitor)
    }
}

/// A whole number: as such, as a float such as 900.0, or as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WholeNumber(pub(super) i64);

impl WholeNumber {
    /// The number as a side in pixels, of which 0 and too large ones are refused later.
    pub(super) fn to_side(self) -> u32 {
        u32::try_from(self.0.max(0)).unwrap_or(u32::MAX)
    }
}

impl<'de> Deserialize<'de> for WholeNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl Visitor<'_> for NumberVisitor {
            type Value = WholeNumber;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<WholeNumber, E> {
                Ok(WholeNumber(i64::try_from(value).unwrap_or(i64::MAX)))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<WholeNumber, E> {
                Ok(WholeNumber(value))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<WholeNumber, E> {
                if value.fract() != 0.0 || value.abs() > 1e15 {
                    return Err(E::invalid_value(serde::de::Unexpected::Float(value), &self));
                }
                Ok(WholeNumber(value as i64))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<WholeNumber, E> {
                value
                    .trim()
                    .parse()
                    .map(WholeNumber)
                    .map_err(|_| E::invalid_type(serde::de::Unexpected::Str(""), &self))
            }
        }
        deserializer.deserialize_any(NumberVisitor)
    }
}

/// Closed lines as flat lists x0, y0, x1, ...
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FlatRings {
    pub(super) numbers: Vec<f64>,
    /// Where each ring ends in `numbers`.
    pub(super) ends: Vec<u32>,
}

impl FlatRings {
    /// The numbers of each ring.
    pub(super) fn rings(&self) -> impl Iterator<Item = &[f64]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.numbers[start as usize..end as usize])
    }
}

/// Collects numbers out of lists within lists. Returns the depth: 0 for a number.
struct NumberSeed<'a> {
    rings: &'a mut FlatRings,
    depth: usize,
}

/// Lists within lists that hold numbers: rings of points of coordinates.
const MAX_DEPTH: usize = 4;
/// Numbers of one annotation.
const MAX_NUMBERS: usize = 4_000_000;

impl<'de> DeserializeSeed<'de> for NumberSeed<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NumberSeed<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers, or lists of them")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<usize, E> {
        self.visit_f64(value as f64)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<usize, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<usize, E> {
        if self.rings.numbers.len() == MAX_NUMBERS {
            return Err(E::custom("an annotation has too many numbers"));
        }
        self.rings.numbers.push(value);
        Ok(0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<usize, A::Error> {
        if self.depth == MAX_DEPTH {
            return Err(A::Error::custom("lists are nested too deeply"));
        }
        let start = self.rings.numbers.len();
        let mut inner = 0;
        loop {
            let seed = NumberSeed { rings: &mut *self.rings, depth: self.depth + 1 };
            let Some(depth) = sequence.next_element_seed(seed)? else { break };
            inner = inner.max(depth);
        }
        // A list of more than two numbers is a ring; one of two is a point of a ring.
        let count = self.rings.numbers.len() - start;
        let is_open = self.rings.ends.last().copied().unwrap_or(0) as usize <= start;
        if (inner == 0 && count > 2 || inner > 0) && count > 0 && is_open {
            self.rings.ends.push(u32::try_from(self.rings.numbers.len()).map_err(A::Error::custom)?);
        }
        Ok(inner + 1)
    }
}

impl<'de> Deserialize<'de> for FlatRings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut rings = Self::default();
        NumberSeed { rings: &mut rings, depth: 0 }.deserialize(deserializer)?;
        rings.numbers.shrink_to_fit();
        Ok(rings)
    }
}

/// Run lengths as a list, or as the text of COCO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RunCounts {
    List(Vec<u32>),
    Text(String),
}

impl<'de> Deserialize<'de> for RunCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountsVisitor;
        impl<'de> Visitor<'de> for CountsVisitor {
            type Value = RunCounts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("run lengths, a list or the text of COCO")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<RunCounts, E> {
                Ok(RunCounts::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<RunCounts, A::Error> {
                let mut runs = Vec::new();
                while let Some(run) = sequence.next_element()? {
                    runs.push(run);
                }
                runs.shrink_to_fit();
                Ok(RunCounts::List(runs))
            }
        }
        deserializer.deserialize_any(CountsVisitor)
    }
}

/// The area of an annotation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Segmentation {
    Polygons(FlatRings),
    /// Height, width and run lengths.
    Runs {
        size: [u32; 2],
        counts: RunCounts,
    },
}

impl<'de> Deserialize<'de> for Segmentation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct RunFields {
            size: [u32; 2],
            counts: RunCounts,
        }
        struct SegmentationVisitor;
        impl<'de> Visitor<'de> for SegmentationVisitor {
            type Value = Segmentation;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("polygons or run lengths")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Segmentation, A::Error> {
                let mut rings = FlatRings::default();
                NumberSeed { rings: &mut rings, depth: 0 }.visit_seq(sequence)?;
                rings.numbers.shrink_to_fit();
                Ok(Segmentation::Polygons(rings))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Segmentation, A::Error> {
                let fields = RunFields::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Segmentation::Runs { size: fields.size, counts: fields.counts })
            }
        }
        deserializer.deserialize_any(SegmentationVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rings(json: &str) -> Vec<Vec<f64>> {
        let rings: FlatRings = serde_json::from_str(json).unwrap();
        rings.rings().map(<[f64]>::to_vec).collect()
    }

    #[test]
    fn rings_in_every_nesting() {
        let ring = vec![1.0, 2.0, 3.5, 4.0, 5.0, -6.0];
        for json in [
            "[1, 2, 3.5, 4, 5, -6]",
            "[[1, 2, 3.5, 4, 5, -6]]",
            "[[1, 2], [3.5, 4], [5, -6]]",
            "[[[1, 2], [3.5, 4], [5, -6]]]",
        ] {
            assert_eq!(rings(json), std::slice::from_ref(&ring), "{json}");
        }
        assert_eq!(rings("[[0,0,4,0,4,4],[9,9,8,8,7,7]]").len(), 2);
        assert_eq!(rings("[[[0,0],[4,0],[4,4]],[[9,9],[8,8],[7,7]]]").len(), 2);
        assert!(rings("[]").is_empty() && rings("[[]]").is_empty());
        assert!(serde_json::from_str::<FlatRings>("[[[[[1]]]]]").is_err());
        assert!(serde_json::from_str::<FlatRings>("[\"1\"]").is_err());
    }

    #[test]
    fn lists_are_bounded() {
        #[derive(Deserialize)]
        struct Holder {
            #[serde(default, deserialize_with = "bounded_list")]
            list: Vec<u8>,
        }
        let long = format!("{{\"list\": [{}0]}}", "0,".repeat(MAX_ENTRIES));
        assert!(serde_json::from_str::<Holder>(&long).is_err());
        assert!(serde_json::from_str::<Holder>("{\"list\": null}").unwrap().list.is_empty());
    }
}
