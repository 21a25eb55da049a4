//! The squares of a photo that the detector is run on.
//!
//! The detector sees 128 pixels, so a face that is small in the photo is too small for it. Squares of half the photo's
//! longer side, of a quarter and of an eighth show it larger. They overlap by half, so each face of half a square's side
//! lies whole in one of them.

use facemask_core::geometry::Point;
use facemask_core::raster::Size;

use super::roi::Roi;

/// The numbers of squares along the photo's longer side, before they overlap.
const LEVELS: [u32; 4] = [1, 2, 4, 8];

/// The smallest face that the detector finds, as a share of its region of interest's side.
const SMALLEST_SHARE: f64 = 0.15;

/// The share of a square's side below which a face suggests smaller ones: the photo shows a group.
const GROUP_SHARE: f64 = 0.2;

/// The last level of a photo in which no face was found.
const LAST_LEVEL_WITHOUT_FACE: u32 = 4;

/// How small the squares become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tiles {
    /// As small as the smallest wanted face asks for; without one, as the smallest face so far suggests.
    Auto,
    /// Down to this share of the photo's longer side: 1, 2, 4 or 8.
    Down(u32),
}

impl Tiles {
    /// The option from its number: 0 is `Auto`. `None` for a number that is no level.
    #[must_use]
    pub fn from_count(count: u32) -> Option<Self> {
        (count == 0).then_some(Self::Auto).or_else(|| LEVELS.contains(&count).then_some(Self::Down(count)))
    }

    /// The level after `level` that the detector runs on, if any; 0 is before the first.
    ///
    /// `min_size` is the longer side of the smallest wanted face, `smallest` returns that of the smallest face so far. It
    /// is called only where the answer depends on it, because it takes the mesh.
    pub(crate) fn next_level<E>(
        self,
        level: u32,
        photo: Size,
        min_size: Option<f64>,
        smallest: impl FnOnce() -> Result<Option<f64>, E>,
    ) -> Result<Option<u32>, E> {
        let Some(next) = LEVELS.into_iter().find(|&next| next > level) else { return Ok(None) };
        let square = longer_side(photo) / f64::from(level.max(1));
        let is_needed = match (self, min_size) {
            _ if level == 0 => true,
            (Self::Down(last), _) => next <= last,
            (Self::Auto, Some(wanted)) => wanted < SMALLEST_SHARE * square,
            (Self::Auto, None) => match smallest()? {
                Some(found) => found < GROUP_SHARE * square,
                None => next <= LAST_LEVEL_WITHOUT_FACE,
            },
        };
        Ok(is_needed.then_some(next))
    }
}

fn longer_side(photo: Size) -> f64 {
    f64::from(photo.width.max(photo.height))
}

/// The squares of one level.
pub(crate) fn rois(photo: Size, count: u32) -> Vec<Roi> {
    let [width, height] = [photo.width, photo.height].map(f64::from);
    let side = longer_side(photo) / f64::from(count);
    let centers = |length: f64| -> Vec<f64> {
        if length <= side {
            return vec![length / 2.0];
        }
        let steps = (2.0 * (length - side) / side).ceil();
        (0..=steps as u32).map(|i| side / 2.0 + (length - side) * f64::from(i) / steps).collect()
    };
    let columns = centers(width);
    let roi = |x: f64, y: f64| Roi { center: Point::new(x, y), side, turn_rad: 0.0 };
    centers(height).into_iter().flat_map(|y| columns.iter().map(move |&x| roi(x, y))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(tiles: Tiles, min_size: Option<f64>, found: Option<f64>) -> Vec<u32> {
        let next = |&level: &u32| {
            tiles.next_level::<()>(level, Size::new(4000, 3000), min_size, || Ok(found)).unwrap()
        };
        std::iter::successors(next(&0), next).collect()
    }

    #[test]
    fn levels_reach_down_to_the_smallest_face() {
        assert_eq!(levels(Tiles::Down(4), None, Some(9.0)), [1, 2, 4]);
        assert_eq!(levels(Tiles::Auto, Some(700.0), None), [1]);
        assert_eq!(levels(Tiles::Auto, Some(400.0), Some(9.0)), [1, 2]);
        assert_eq!(levels(Tiles::Auto, Some(1.0), Some(900.0)), [1, 2, 4, 8]);
        assert_eq!(levels(Tiles::Auto, None, None), [1, 2, 4]);
        assert_eq!(Tiles::from_count(0), Some(Tiles::Auto));
        assert_eq!(Tiles::from_count(8), Some(Tiles::Down(8)));
        assert_eq!(Tiles::from_count(3), None);
    }

    #[test]
    fn a_small_face_suggests_smaller_ones() {
        for (found, expected) in
            [(810.0, vec![1]), (790.0, vec![1, 2]), (390.0, vec![1, 2, 4]), (9.0, LEVELS.to_vec())]
        {
            assert_eq!(levels(Tiles::Auto, None, Some(found)), expected, "{found}");
        }
    }

    #[test]
    fn squares_overlap_by_half_and_reach_the_edges() {
        let [whole] = rois(Size::new(400, 300), 1)[..] else { panic!() };
        assert_eq!((whole.center, whole.side), (Point::new(200.0, 150.0), 400.0));
        let halves = rois(Size::new(400, 300), 2);
        assert_eq!(halves.len(), 6);
        assert_eq!(
            (halves[0].center, halves[5].center),
            (Point::new(100.0, 100.0), Point::new(300.0, 200.0))
        );
        assert_eq!(rois(Size::new(400, 30), 8).len(), 15);
        assert_eq!(rois(Size::new(1, 1), 8).len(), 225);
    }
}
