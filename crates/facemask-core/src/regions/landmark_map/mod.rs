//! Landmark maps: label maps that are painted through landmarks, for a face without a label map.
//!
//! Closed loops through the landmarks are filled one over the other on a grid around the face: skin, nose, brows, eyes,
//! inner mouth, lower lip, upper lip. The grid has the pixels of the photo, unless the face covers more than
//! [`LandmarkMap::MAX_PIXELS`] of them.

mod guessed_vertices;
mod loop_tables;

use self::loop_tables::{LandmarkLoop, LoopTable, loops_of};
use super::outline::{OutlineVertex, closed_curve, landmark};
use super::scheme::LabelScheme;
use crate::error::{Error, ErrorKind, Result};
use crate::face::Landmarks;
use crate::geometry::{Affine, Point, Rect, signed_area};
use crate::raster::{FillRule, Size, scanline_fill};

/// A label map that is painted through landmarks.
#[derive(Clone, Debug, PartialEq)]
pub struct LandmarkMap {
    /// The meaning of its ids.
    pub scheme: &'static LabelScheme,
    /// The ids in row order; 0 outside the face.
    pub ids: Vec<u8>,
    /// Columns and rows.
    pub size: Size,
    /// From the frame of the map to the image frame: a shift by whole pixels, and one scale for both axes.
    pub image_from_labels: Affine,
    /// The labels of which a part is a guess, in painting order.
    pub guesses: Vec<Guess>,
}

/// A label of which a part is a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The label, by our names.
    pub label: &'static str,
    /// Which part, and why.
    pub reason: &'static str,
}

/// The part of a face that must lie inside the photo.
const MIN_INSIDE_SHARE: f64 = 0.05;
/// The area of the smallest face, in pixels of the photo. It is less than one where ratios are read as pixels.
const MIN_FACE_AREA: f64 = 16.0;

impl LandmarkMap {
    /// The maximum number of pixels, but for a row and a column: those of a face of 2048 x 2048 pixels.
    ///
    /// Networks find landmarks in crops of 112 to 256 pixels, so a pixel of the largest grid is an eighth of theirs or
    /// less.
    pub const MAX_PIXELS: u32 = 1 << 22;
    /// The label scheme of a map for which the caller names none. It has every label that is painted.
    pub const DEFAULT_SCHEME: &'static str = "lapa-11";

    /// The error of an input without a label map and without landmarks.
    #[must_use]
    pub fn without_landmarks() -> Error {
        let detail = format!("is needed without landmarks; send a label map, or landmarks of {COUNTS}");
        Error::new(ErrorKind::MapRequired, "labels", detail)
    }

    /// Paints the labels of a face in a photo of that size, with the ids of `scheme`. A label that the scheme lacks stays
    /// a part of the skin.
    ///
    /// # Errors
    /// [`ErrorKind::MapRequired`] for a landmark scheme whose points outline no face; [`ErrorKind::CropEmpty`] for a face
    /// outside the photo, or of a few pixels.
    pub fn paint(landmarks: &Landmarks, scheme: &'static LabelScheme, image_size: Size) -> Result<Self> {
        let loops = loops_of(landmarks.scheme.name).ok_or_else(|| no_loops(landmarks.scheme.name))?;
        let painted = painted_loops(loops, scheme);
        let rings: Vec<(u8, Vec<Point>)> =
            painted.iter().filter_map(|(id, own)| Some((*id, own.to_ring(&landmarks.points)?))).collect();
        let grid = Grid::around(rings.iter().flat_map(|(_, ring)| ring.iter().copied()), image_size)
            .ok_or_else(|| outside_photo(0.0, image_size))?;
        let mut ids = vec![0; grid.size.width as usize * grid.size.height as usize];
        for (id, ring) in &rings {
            grid.fill(ring, |range| ids[range].fill(*id));
        }
        let area = ids.iter().filter(|&&id| id != 0).count() as f64 * grid.pixel * grid.pixel;
        // Loops of the features lie within that of the skin, nearly.
        let whole = rings.first().map_or(0.0, |(_, skin)| signed_area(skin).abs());
        if whole < MIN_FACE_AREA {
            return Err(too_small(whole, image_size));
        }
        if area < MIN_INSIDE_SHARE * whole {
            return Err(outside_photo(area / whole, image_size));
        }
        let guess = |own: &LandmarkLoop| Some(Guess { label: own.label, reason: own.guess? });
        Ok(Self {
            scheme,
            ids,
            size: grid.size,
            image_from_labels: grid.image_from_grid(),
            guesses: painted.iter().filter_map(|(_, own)| guess(own)).collect(),
        })
    }
}

/// The loops whose labels the scheme has, with their ids.
fn painted_loops(loops: &'static LoopTable, scheme: &LabelScheme) -> Vec<(u8, &'static LandmarkLoop)> {
    loops.iter().filter_map(|own| Some((scheme.id(own.label)?, own))).collect()
}

impl LandmarkLoop {
    /// The smooth ring through the landmarks and the guessed vertices. `None` when a landmark is missing.
    fn to_ring(&self, points: &[Point]) -> Option<Vec<Point>> {
        let vertex = |&index: &u16| {
            let vertex = landmark(index);
            if self.corners.contains(&index) { vertex.corner() } else { vertex }
        };
        let vertices: Vec<OutlineVertex> =
            self.landmarks.iter().map(vertex).chain(self.guessed.iter().copied()).collect();
        closed_curve(&vertices, points)
    }
}

/// The grid of a landmark map.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Grid {
    /// Left and top in the photo, whole pixels.
    origin: Point,
    /// The side of a pixel of the grid, in pixels of the photo.
    pixel: f64,
    size: Size,
}

impl Grid {
    /// The grid around points as far as the photo reaches. `None` where all lie outside.
    fn around(points: impl Iterator<Item = Point>, image_size: Size) -> Option<Self> {
        let image = Rect::new(0.0, 0.0, f64::from(image_size.width), f64::from(image_size.height));
        let around = Rect::around(points)?;
        // A row and a column of background on each side, so that outlines are those of the loops.
        let left = (around.x0.floor() - 1.0).max(image.x0);
        let top = (around.y0.floor() - 1.0).max(image.y0);
        let right = (around.x1.ceil() + 1.0).min(image.x1);
        let bottom = (around.y1.ceil() + 1.0).min(image.y1);
        let (width, height) = (right - left, bottom - top);
        if !(width > 0.0 && height > 0.0) {
            return None;
        }
        let pixel = (width * height / f64::from(LandmarkMap::MAX_PIXELS)).sqrt().max(1.0);
        let count = |length: f64| (length / pixel).ceil().max(1.0) as u32;
        Some(Self { origin: Point::new(left, top), pixel, size: Size::new(count(width), count(height)) })
    }

    fn image_from_grid(&self) -> Affine {
        Affine([self.pixel, 0.0, self.origin.x, 0.0, self.pixel, self.origin.y])
    }

    /// Calls `fill` with the indices of every run of pixels inside the ring, which is in the image frame.
    fn fill(&self, ring: &[Point], mut fill: impl FnMut(std::ops::Range<usize>)) {
        let ring: Vec<Point> = ring.iter().map(|&p| (p - self.origin) * (1.0 / self.pixel)).collect();
        scanline_fill(&ring, self.size, FillRule::NonZero, |row, columns| {
            let start = row * self.size.width as usize;
            fill(start + columns.start..start + columns.end);
        });
    }
}

/// The numbers of points that outline a face, for a message.
const COUNTS: &str = "478, 468, 106, 98 or 68 points";

fn no_loops(scheme: &str) -> Error {
    let detail = format!(
        "is needed with landmarks of {scheme}, whose points outline no face; send a label map, or landmarks of {COUNTS}"
    );
    Error::new(ErrorKind::MapRequired, "labels", detail)
}

fn outside_photo(share: f64, Size { width, height }: Size) -> Error {
    let detail = format!(
        "{:.1} % of the face lies inside the photo of {width} x {height} pixels; check image_size, landmark_units and the \
         order (x, y) of the points",
        100.0 * share
    );
    Error::new(ErrorKind::CropEmpty, "landmarks", detail)
}

fn too_small(area: f64, Size { width, height }: Size) -> Error {
    let detail = format!(
        "the face covers {area:.1} pixels of the photo of {width} x {height}, {MIN_FACE_AREA} are the least; check \
         image_size and landmark_units"
    );
    Error::new(ErrorKind::CropEmpty, "landmarks", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::LandmarkScheme;

    #[test]
    fn loops_are_made_of_the_landmarks_and_labels_that_there_are() {
        let lapa = LabelScheme::from_name(LandmarkMap::DEFAULT_SCHEME).unwrap();
        let dense = LandmarkScheme::ALL.iter().filter(|scheme| loops_of(scheme.name).is_some());
        let mut counts: Vec<usize> = dense.clone().flat_map(|scheme| scheme.counts.to_vec()).collect();
        counts.dedup();
        assert_eq!(counts, [478, 468, 68, 98, 106]);
        for scheme in dense {
            // The smallest count is that of every face of the scheme.
            let count = *scheme.counts.last().unwrap();
            let loops = loops_of(scheme.name).unwrap();
            assert_eq!(painted_loops(loops, lapa).len(), loops.len(), "{}", scheme.name);
            for own in loops {
                assert!(
                    own.landmarks.iter().all(|&i| usize::from(i) < count),
                    "{} {}",
                    scheme.name,
                    own.label
                );
                assert!(
                    own.corners.iter().all(|i| own.landmarks.contains(i)),
                    "{} {}",
                    scheme.name,
                    own.label
                );
                assert!(own.guessed.iter().all(|vertex| vertex.total_weight() == 100));
                assert!(own.guessed.iter().flat_map(OutlineVertex::indices).all(|i| usize::from(i) < count));
                let mut unique = own.landmarks.to_vec();
                unique.sort_unstable();
                unique.dedup();
                assert_eq!(unique.len(), own.landmarks.len(), "{} {}", scheme.name, own.label);
            }
        }
    }

    #[test]
    fn loops_along_a_part_are_that_part() {
        for scheme in LandmarkScheme::ALL {
            let Some(loops) = loops_of(scheme.name) else { continue };
            for part in ["eye_r", "eye_l"] {
                let own = loops.iter().find(|own| own.label == part).unwrap();
                assert_eq!(Some(own.landmarks), scheme.part(part), "{} {part}", scheme.name);
            }
            let (inner, outer) = (scheme.part("lips_inner").unwrap(), scheme.part("lips_outer").unwrap());
            let of = |label: &str| loops.iter().find(|own| own.label == label).unwrap().landmarks;
            assert!(inner.iter().all(|i| of("mouth_inner").contains(i)), "{}", scheme.name);
            // Both lips together have every point of both rings, and share the corners.
            for i in inner.iter().chain(outer) {
                assert!(of("lip_upper").contains(i) || of("lip_lower").contains(i), "{} {i}", scheme.name);
            }
            let shared = of("lip_upper").iter().filter(|&i| of("lip_lower").contains(i)).count();
            assert_eq!(shared, 4, "{}", scheme.name);
        }
    }

    #[test]
    fn loops_of_the_mesh_are_mirror_images() {
        let text = include_str!("../../../tests/data/mediapipe_mirror_pairs.txt");
        let pairs: Vec<(u16, u16)> = text
            .lines()
            .map(|l| l.split_once(' ').map(|(a, b)| (a.parse().unwrap(), b.parse().unwrap())).unwrap())
            .collect();
        let mirror = |i: u16| {
            let pair = pairs.iter().find(|(a, b)| *a == i || *b == i);
            pair.map_or(i, |&(a, b)| if a == i { b } else { a })
        };
        let loops = loops_of("mediapipe-478").unwrap();
        let set = |label: &str, by: &dyn Fn(u16) -> u16| {
            let own = loops.iter().find(|own| own.label == label).unwrap();
            let mut indices: Vec<u16> = own.landmarks.iter().map(|&i| by(i)).collect();
            indices.sort_unstable();
            indices
        };
        for (right, left) in [("brow_r", "brow_l"), ("eye_r", "eye_l")] {
            assert_eq!(set(right, &mirror), set(left, &|i| i));
        }
        for middle in ["skin", "nose", "mouth_inner", "lip_lower", "lip_upper"] {
            assert_eq!(set(middle, &mirror), set(middle, &|i| i), "{middle}");
        }
    }

    #[test]
    fn a_grid_has_whole_pixels_of_the_photo_up_to_a_bound() {
        let grid = |x0: f64, y0: f64, x1: f64, y1: f64| {
            Grid::around([Point::new(x0, y0), Point::new(x1, y1)].into_iter(), Size::new(5000, 1_000_000))
        };
        let small = grid(10.5, 20.0, 100.2, 50.0).unwrap();
        assert_eq!((small.origin, small.pixel, small.size), (Point::new(9.0, 19.0), 1.0, Size::new(93, 32)));
        let cut = grid(-1e6, 20.0, 4999.9, 50.0).unwrap();
        assert_eq!((cut.origin, cut.size), (Point::new(0.0, 19.0), Size::new(5000, 32)));
        let tall = grid(0.0, 0.0, 5000.0, 1e6).unwrap();
        assert!(tall.pixel > 30.0 && tall.size.width * tall.size.height < LandmarkMap::MAX_PIXELS + 100_000);
        for (x0, x1) in [(-20.0, -2.0), (5002.0, 6000.0)] {
            assert!(grid(x0, 10.0, x1, 20.0).is_none());
        }
    }
}
