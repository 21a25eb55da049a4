//! Ids for points: equal points get equal ids.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

/// A hash table from points, as pairs of integers, to ids.
///
/// The ids are consecutive, from 0 on, in the order in which the points first came. The table has open addressing with
/// linear probing (Knuth, "The Art of Computer Programming", volume 3, section 6.4, algorithm L). Its hash is a product
/// of both coordinates, each exclusive-or a random number of this process. So nobody can choose points that collide.
pub(crate) struct PointIds {
    /// The id in each slot, or [`EMPTY`].
    slots: Vec<u32>,
    points: Vec<[u64; 2]>,
    seeds: [u64; 2],
}

const EMPTY: u32 = u32::MAX;

impl PointIds {
    /// An empty table for at most so many points.
    pub(crate) fn with_capacity(points: usize) -> Self {
        let slots = vec![EMPTY; (2 * points).next_power_of_two().max(2)];
        Self { slots, points: Vec::with_capacity(points), seeds: seeds() }
    }

    /// The id of a point, a new one if it is not in the table yet.
    #[inline]
    pub(crate) fn insert(&mut self, point: [u64; 2]) -> u32 {
        let mask = self.slots.len() - 1;
        let mut slot = self.hash(point) & mask;
        loop {
            let id = self.slots[slot];
            if id == EMPTY {
                let new = self.points.len() as u32;
                self.slots[slot] = new;
                self.points.push(point);
                return new;
            }
            if self.points[id as usize] == point {
                return id;
            }
            slot = (slot + 1) & mask;
        }
    }

    /// The number of different points.
    pub(crate) const fn len(&self) -> usize {
        self.points.len()
    }

    fn hash(&self, [x, y]: [u64; 2]) -> usize {
        let product = u128::from(x ^ self.seeds[0]) * u128::from(y ^ self.seeds[1]);
        ((product >> 64) as u64 ^ product as u64) as usize
    }
}

/// Two random numbers, the same for the whole process.
fn seeds() -> [u64; 2] {
    static SEEDS: OnceLock<[u64; 2]> = OnceLock::new();
    *SEEDS.get_or_init(|| {
        let state = RandomState::new();
        [state.hash_one(0_u8), state.hash_one(1_u8)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_points_have_equal_ids_in_the_order_of_their_arrival() {
        let points: Vec<[u64; 2]> = (0..3000).map(|i| [(i * 7919) % 1000, (i * 31) % 40]).collect();
        let mut ids = PointIds::with_capacity(points.len());
        let mut expected: Vec<[u64; 2]> = Vec::new();
        for &point in &points {
            let id = expected.iter().position(|&other| other == point).unwrap_or(expected.len());
            if id == expected.len() {
                expected.push(point);
            }
            assert_eq!(ids.insert(point), id as u32);
        }
        assert_eq!(ids.len(), expected.len());
        assert!(ids.len() < points.len());
    }

    #[test]
    fn a_full_table_finds_all_its_points() {
        let mut ids = PointIds::with_capacity(1);
        assert_eq!([ids.insert([3, 4]), ids.insert([3, 4])], [0, 0]);
        assert_eq!(PointIds::with_capacity(0).len(), 0);
    }
}
