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

/// How small the squares become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tiles {
    /// As small as the smallest wanted face asks for; without one, smaller squares only while no face was found.
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

    /// Numbers of squares along the photo's longer side, in stages: a stage runs only while no face was found.
    /// `min_size` is the longer side of the smallest wanted face.
    pub(crate) fn stages(self, photo: Size, min_size: Option<f64>) -> Vec<Vec<u32>> {
        let longer = f64::from(photo.width.max(photo.height));
        let select = |is_needed: &dyn Fn(u32) -> bool| LEVELS.into_iter().filter(|&n| is_needed(n)).collect();
        match (self, min_size) {
            (Self::Down(last), _) => vec![select(&|n| n <= last)],
            (Self::Auto, None) => vec![vec![1], vec![2], vec![4]],
            // A level is needed when the one before shows the smallest face too small.
            (Self::Auto, Some(size)) => {
                vec![select(&|n| n == 1 || size < SMALLEST_SHARE * longer / f64::from(n / 2))]
            }
        }
    }
}

/// The squares of one level.
pub(crate) fn rois(photo: Size, count: u32) -> Vec<Roi> {
    let [width, height] = [photo.width, photo.height].map(f64::from);
    let side = width.max(height) / f64::from(count);
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

    #[test]
    fn levels_reach_down_to_the_smallest_face() {
        let stages = |tiles: Tiles, min_size| tiles.stages(Size::new(4000, 3000), min_size);
        assert_eq!(stages(Tiles::Down(4), None), [[1, 2, 4]]);
        assert_eq!(stages(Tiles::Auto, Some(700.0)), [[1]]);
        assert_eq!(stages(Tiles::Auto, Some(400.0)), [[1, 2]]);
        assert_eq!(stages(Tiles::Auto, Some(1.0)), [[1, 2, 4, 8]]);
        assert_eq!(stages(Tiles::Auto, None), [[1], [2], [4]]);
        assert_eq!(Tiles::from_count(0), Some(Tiles::Auto));
        assert_eq!(Tiles::from_count(8), Some(Tiles::Down(8)));
        assert_eq!(Tiles::from_count(3), None);
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
