//! The landmarks of one face, checked against their scheme.

use super::mean_shape_fit::MeanShapeFit;
use super::plausibility::{FaceFit, check_plausibility, select_part};
use super::pose::{FacialFeatures, Pose};
use super::scheme::LandmarkScheme;
use crate::error::{Error, ErrorKind, Result, quote};
use crate::geometry::Point;
use crate::raster::Size;

/// The units of landmark coordinates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LandmarkUnits {
    /// Normalized when every |x| and |y| is at most 2 and a side of the image is longer than 4 pixels, else pixels.
    #[default]
    Auto,
    /// Pixels of the image frame.
    Pixel,
    /// Fractions of the width and height of the image.
    Normalized,
}

impl LandmarkUnits {
    /// Whether these points of an image of that size are normalized coordinates.
    #[must_use]
    pub fn is_normalized(self, points: &[Point], image_size: Size) -> bool {
        match self {
            Self::Pixel => false,
            Self::Normalized => true,
            Self::Auto => {
                image_size.width.max(image_size.height) > 4 && points.iter().all(|p| is_within(p, 2.0))
            }
        }
    }

    /// Every value, by its name in options.
    pub const NAMES: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("pixel", Self::Pixel), ("normalized", Self::Normalized)];

    /// The value of that exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(own, _)| *own == name).map(|(_, units)| units)
    }
}

/// Options for the interpretation of landmarks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LandmarkOptions<'a> {
    /// The name of a scheme, or `auto`.
    pub scheme: &'a str,
    /// The units of the coordinates.
    pub units: LandmarkUnits,
}

impl Default for LandmarkOptions<'_> {
    fn default() -> Self {
        Self { scheme: "auto", units: LandmarkUnits::Auto }
    }
}

/// The landmarks of one face, in a known scheme.
#[derive(Clone, Debug, PartialEq)]
pub struct Landmarks {
    /// The scheme that orders the points.
    pub scheme: &'static LandmarkScheme,
    /// The points in the order of the scheme; image frame, pixels. Some may lie outside the image.
    pub points: Vec<Point>,
    /// The explained variance of the fit of the scheme's mean shape, 0 to 1.
    pub confidence: f64,
    /// Whether the image or the naming of its sides is mirrored.
    pub mirrored: bool,
    features: FacialFeatures,
    pose: Pose,
}

/// The maximum absolute coordinate and image side, in pixels. Larger numbers would lose fractions of a pixel.
const MAX_COORDINATE: f64 = 1e6;

impl Landmarks {
    /// Interprets `points` of an image of that size as landmarks of the named scheme, or of the one that fits best.
    ///
    /// # Errors
    /// [`ErrorKind::LandmarksInvalid`] for no points or a coordinate out of range; [`ErrorKind::LandmarksImplausible`]
    /// when the points do not form a face in the scheme, or in any; [`ErrorKind::OptionInvalid`] for an unknown scheme
    /// or an image without size.
    pub fn identify(points: &[Point], options: &LandmarkOptions, image_size: Size) -> Result<Self> {
        // Coordinates first: an invalid one is easier to understand than a count that fits no scheme.
        check_points(points)?;
        let candidates = select_candidates(options.scheme, points.len())?;
        let points = to_pixels(points, options.units, image_size)?;
        let mut best: Option<(FaceFit, &'static LandmarkScheme)> = None;
        let mut rejections = Vec::new();
        for scheme in candidates {
            match check_plausibility(scheme, &points) {
                Ok(fit) if best.is_none_or(|(best, _)| fit.explained_variance > best.explained_variance) => {
                    best = Some((fit, scheme));
                }
                Ok(_) => {}
                Err(reason) => rejections.push(format!("in {} order {reason}", scheme.name)),
            }
        }
        let Some((FaceFit { explained_variance, features, pose }, scheme)) = best else {
            return Err(implausible(format!(
                "the {} points do not form a face: {}; check their order, or name the landmark_scheme",
                points.len(),
                rejections.join("; ")
            )));
        };
        Ok(Self { scheme, points, confidence: explained_variance, mirrored: pose.mirrored, features, pose })
    }

    /// The points of a part, such as `face_oval`, in the order of the table. Empty when the scheme has no such part or
    /// this face lacks it (irises in a face of 468 points).
    #[must_use]
    pub fn part(&self, name: &str) -> Vec<Point> {
        select_part(self.scheme, &self.points, name)
    }

    /// Points whose bounding box is that of the face.
    ///
    /// These are the landmarks, and for a scheme without a jaw line also the face oval of the fitted mean shape. Five
    /// landmarks alone would crop a face to its eyes and its mouth.
    #[must_use]
    pub fn face_extent(&self) -> Vec<Point> {
        let mut extent = self.points.clone();
        if ["face_oval", "jaw_r_to_l"].iter().any(|part| self.scheme.part(part).is_some()) {
            return extent;
        }
        let oval_scheme = &LandmarkScheme::ALL[0];
        let oval = oval_scheme.part("face_oval").unwrap_or_default().iter().map(|&i| usize::from(i));
        if let Some(fit) = MeanShapeFit::new(self.scheme, &self.points) {
            extent.extend(oval.filter_map(|index| fit.project_landmark(oval_scheme, index)));
        }
        extent
    }

    /// The features that determine the pose. The center of an eye is the mean of its corners, else its pupil; that of
    /// the mouth is the mean of its corners.
    #[must_use]
    pub const fn features(&self) -> FacialFeatures {
        self.features
    }

    /// The pose of the face in the image plane.
    #[must_use]
    pub const fn pose(&self) -> Pose {
        self.pose
    }
}

fn implausible(detail: String) -> Error {
    Error::new(ErrorKind::LandmarksImplausible, "landmarks", detail)
}

/// The named scheme, or for `auto` all schemes with that number of points.
fn select_candidates(name: &str, count: usize) -> Result<Vec<&'static LandmarkScheme>> {
    if count == 0 {
        return Err(Error::new(ErrorKind::LandmarksInvalid, "landmarks", "there are no points"));
    }
    let names = || LandmarkScheme::ALL.iter().map(|s| s.name).collect::<Vec<_>>().join(", ");
    if name != "auto" {
        let Some(scheme) = LandmarkScheme::from_name(name) else {
            let detail = format!("there is no scheme {}; known are auto, {}", quote(name), names());
            return Err(Error::option("landmark_scheme", detail));
        };
        if !scheme.counts.contains(&count) {
            let expected = scheme.format_counts();
            return Err(implausible(format!("{name} has {expected} points, got {count}")));
        }
        return Ok(vec![scheme]);
    }
    let candidates: Vec<_> = LandmarkScheme::ALL.iter().filter(|s| s.counts.contains(&count)).collect();
    if candidates.is_empty() {
        return Err(implausible(format!("no known scheme has {count} points; known are {}", names())));
    }
    Ok(candidates)
}

/// Checks that every coordinate is finite and at most a million in absolute value.
///
/// # Errors
/// [`ErrorKind::LandmarksInvalid`] with the index of the first landmark that is not.
pub fn check_points(points: &[Point]) -> Result<()> {
    match points.iter().position(|p| !is_within(p, MAX_COORDINATE)) {
        None => Ok(()),
        Some(index) => {
            // Without the coordinates: landmarks are biometric data, and error messages are logged.
            let detail = format!("must be a finite point within {MAX_COORDINATE} pixels");
            Err(Error::new(ErrorKind::LandmarksInvalid, format!("landmarks[{index}]"), detail))
        }
    }
}

fn is_within(p: &Point, limit: f64) -> bool {
    p.x.abs() <= limit && p.y.abs() <= limit
}

/// Converts normalized coordinates to pixels, and checks the size of the image.
fn to_pixels(points: &[Point], units: LandmarkUnits, image_size: Size) -> Result<Vec<Point>> {
    let (width, height) = (f64::from(image_size.width), f64::from(image_size.height));
    let is_side = |length: f64| length > 0.0 && length <= MAX_COORDINATE;
    if !is_side(width) || !is_side(height) {
        return Err(Error::option("image_size", format!("{width} x {height} pixels is no image")));
    }
    if !units.is_normalized(points, image_size) {
        return Ok(points.to_vec());
    }
    let scaled: Vec<_> = points.iter().map(|p| Point::new(p.x * width, p.y * height)).collect();
    check_points(&scaled)?;
    Ok(scaled)
}
