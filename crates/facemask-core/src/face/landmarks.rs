//! A set of landmarks, checked against its scheme.

use super::fit::Fit;
use super::judge::{Verdict, judge, part_of};
use super::pose::{Features, Pose};
use super::scheme::LandmarkScheme;
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Point;

/// What the numbers of landmarks mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LandmarkUnits {
    /// Normalised when every |x| and |y| is at most 2 and the image is larger than 4 pixels, else pixels.
    #[default]
    Auto,
    /// Pixels of the image frame.
    Pixel,
    /// Ratios of the image's width and height.
    Normalized,
}

impl LandmarkUnits {
    /// Whether these points of an image of (width, height) pixels are ratios of its sides.
    #[must_use]
    pub fn are_ratios(self, points: &[Point], (width, height): (f64, f64)) -> bool {
        match self {
            Self::Pixel => false,
            Self::Normalized => true,
            Self::Auto => width.max(height) > 4.0 && points.iter().all(|p| within(p, 2.0)),
        }
    }

    /// Every value, by the name options use.
    pub const NAMES: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("pixel", Self::Pixel), ("normalized", Self::Normalized)];

    /// The value of that exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(own, _)| *own == name).map(|(_, units)| units)
    }
}

/// How landmarks are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LandmarkOptions<'a> {
    /// A scheme's name, or `auto`.
    pub scheme: &'a str,
    /// What the numbers mean.
    pub units: LandmarkUnits,
}

impl Default for LandmarkOptions<'_> {
    fn default() -> Self {
        Self { scheme: "auto", units: LandmarkUnits::Auto }
    }
}

/// The landmarks of one face, of a known scheme.
#[derive(Clone, Debug, PartialEq)]
pub struct Landmarks {
    /// The scheme they are ordered by.
    pub scheme: &'static LandmarkScheme,
    /// Image frame, pixels; in the scheme's order. Some may lie outside the picture.
    pub points: Vec<Point>,
    /// How well the shape fits, 0 to 1: the share of the points' spread that a view of the scheme's mean face explains.
    pub confidence: f64,
    /// Whether the picture, or the naming of its sides, is mirrored.
    pub mirrored: bool,
    features: Features,
    pose: Pose,
}

/// No landmark is this far from the picture; larger numbers would lose the pixel's fractions.
const FARTHEST: f64 = 1e6;

impl Landmarks {
    /// Reads `points` of an image of (width, height) pixels as landmarks of the named or of the best fitting scheme.
    ///
    /// # Errors
    /// [`ErrorKind::LandmarksInvalid`] for no points or a number that is not one; [`ErrorKind::LandmarksImplausible`]
    /// when they do not form a face in the scheme, or in any; [`ErrorKind::OptionInvalid`] for an unknown scheme or
    /// an image without size.
    pub fn identify(points: &[Point], options: &LandmarkOptions, image_size: (f64, f64)) -> Result<Self> {
        // First the numbers: a point that is none is the plainer fault than a count that fits no scheme.
        check_points(points)?;
        let candidates = candidates(options.scheme, points.len())?;
        let points = in_pixels(points, options.units, image_size)?;
        let mut best: Option<(Verdict, &'static LandmarkScheme)> = None;
        let mut faults = Vec::new();
        for scheme in candidates {
            match judge(scheme, &points) {
                Ok(verdict) if best.is_none_or(|(most, _)| verdict.share > most.share) => {
                    best = Some((verdict, scheme));
                }
                Ok(_) => {}
                Err(fault) => faults.push(format!("in {} order {fault}", scheme.name)),
            }
        }
        let Some((Verdict { share, features, pose }, scheme)) = best else {
            return Err(implausible(format!(
                "the {} points do not form a face: {}; check their order, or name the landmark_scheme",
                points.len(),
                faults.join("; ")
            )));
        };
        Ok(Self { scheme, points, confidence: share, mirrored: pose.mirrored, features, pose })
    }

    /// The points of one part, such as `face_oval`, in the table's order; empty when the scheme has no such part or
    /// this face lacks it (irises in a face of 468 points).
    #[must_use]
    pub fn part(&self, name: &str) -> Vec<Point> {
        part_of(self.scheme, &self.points, name)
    }

    /// Points whose box is the face's: the landmarks, and for a scheme without a jaw line also the oval of the mean face
    /// as these points see it. Five points alone would crop a face to its eyes and mouth.
    #[must_use]
    pub fn outline(&self) -> Vec<Point> {
        let mut outline = self.points.clone();
        if ["face_oval", "jaw_r_to_l"].iter().any(|part| self.scheme.part(part).is_some()) {
            return outline;
        }
        let mean = &LandmarkScheme::ALL[0];
        let oval = mean.part("face_oval").unwrap_or_default().iter().map(|&i| usize::from(i));
        if let Some(fit) = Fit::new(self.scheme, &self.points) {
            outline.extend(oval.filter_map(|index| fit.expected(mean, index)));
        }
        outline
    }

    /// The points a pose is read from: an eye's centre is the mean of its corners, else its pupil; the mouth's is the
    /// mean of its corners.
    #[must_use]
    pub const fn features(&self) -> Features {
        self.features
    }

    /// How the face lies in the image.
    #[must_use]
    pub const fn pose(&self) -> Pose {
        self.pose
    }
}

fn implausible(detail: String) -> Error {
    Error::new(ErrorKind::LandmarksImplausible, "landmarks", detail)
}

/// The schemes that may be meant: the named one, or all with this many points.
fn candidates(name: &str, count: usize) -> Result<Vec<&'static LandmarkScheme>> {
    if count == 0 {
        return Err(Error::new(ErrorKind::LandmarksInvalid, "landmarks", "there are no points"));
    }
    let names = || LandmarkScheme::ALL.iter().map(|s| s.name).collect::<Vec<_>>().join(", ");
    if name != "auto" {
        let Some(scheme) = LandmarkScheme::from_name(name) else {
            let detail = format!("there is no scheme {name:?}; known are auto, {}", names());
            return Err(Error::option("landmark_scheme", detail));
        };
        if !scheme.counts.contains(&count) {
            let expected = scheme.counts_in_words();
            return Err(implausible(format!("{name} has {expected} points, got {count}")));
        }
        return Ok(vec![scheme]);
    }
    let found: Vec<_> = LandmarkScheme::ALL.iter().filter(|s| s.counts.contains(&count)).collect();
    if found.is_empty() {
        return Err(implausible(format!("no known scheme has {count} points; known are {}", names())));
    }
    Ok(found)
}

/// Refuses numbers that are not finite or beyond a million.
///
/// # Errors
/// [`ErrorKind::LandmarksInvalid`] naming the first such landmark.
pub fn check_points(points: &[Point]) -> Result<()> {
    match points.iter().position(|p| !within(p, FARTHEST)) {
        None => Ok(()),
        Some(index) => {
            // Not its numbers: landmarks are biometric data, and errors are written down.
            let detail = format!("must be a finite point within {FARTHEST} pixels");
            Err(Error::new(ErrorKind::LandmarksInvalid, format!("landmarks[{index}]"), detail))
        }
    }
}

fn within(p: &Point, limit: f64) -> bool {
    p.x.abs() <= limit && p.y.abs() <= limit
}

/// Checks every number and turns ratios into pixels.
fn in_pixels(points: &[Point], units: LandmarkUnits, (width, height): (f64, f64)) -> Result<Vec<Point>> {
    let sized = |side: f64| side > 0.0 && side <= FARTHEST;
    if !sized(width) || !sized(height) {
        return Err(Error::option("image_size", format!("{width} x {height} pixels is no image")));
    }
    if !units.are_ratios(points, (width, height)) {
        return Ok(points.to_vec());
    }
    let scaled: Vec<_> = points.iter().map(|p| Point::new(p.x * width, p.y * height)).collect();
    check_points(&scaled)?;
    Ok(scaled)
}
