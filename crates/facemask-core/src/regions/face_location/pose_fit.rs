//! The roll of a face from whatever features it shows: a fit of the mean face, and the long axes of its features.

use std::f64::consts::{FRAC_PI_2, PI};

use super::face_model::{FaceFrame, Feature, MEAN_FACE, MeanFeature, Yaw, rotate};
use super::found_face::{FoundFace, VisibleSide};
use super::visible_side::half_width;
use crate::face::angle_difference;
use crate::geometry::Point;
use crate::regions::label_parts::LabelPart;

/// The yaws whose fits are averaged: from -75 to 75 degrees.
const YAW_STEPS: i32 = 10;
const YAW_STEP_DEGREES: f64 = 7.5;
/// A long axis that is further from the fit than this is not that of the face, radians.
const MAX_AXIS_DIFFERENCE: f64 = 0.5;

/// The minimum elongation of a whole mouth: half of one is shorter, and its long axis is tilted.
const MOUTH_ELONGATION: f64 = 2.1;
/// The standard deviation in x of a mouth that may be covered on one side, eye distances.
const COVERED_MOUTH_DEVIATION: f64 = 0.2;

/// A fit of the mean face.
pub(super) struct PoseFit {
    pub(super) frame: FaceFrame,
    pub(super) yaw: Yaw,
    /// The standard deviation of the roll, radians.
    pub(super) deviation: f64,
    /// What long axes cost that contradict the roll; see [`Self::cost`].
    pub(super) axis_cost: f64,
    chi_squared: f64,
}

/// The most that a contradicting long axis costs.
const MAX_AXIS_COST: f64 = 25.0;

/// A roll that some features give, and its standard deviation, radians.
struct RollEstimate {
    angle: f64,
    deviation: f64,
}

/// The fit at one yaw.
struct YawFit {
    frame: FaceFrame,
    yaw: Yaw,
    /// The sum of squared residuals and of the squared yaw, each in standard deviations.
    chi_squared: f64,
    variance: f64,
}

impl PoseFit {
    /// Fits the mean face to the features of a face; `None` for fewer than two.
    ///
    /// The yaw is unknown, so the fits at all yaws are averaged, each by its likelihood.
    pub(super) fn new(face: &FoundFace) -> Option<Self> {
        let fits: Vec<YawFit> = (-YAW_STEPS..=YAW_STEPS)
            .filter_map(|step| YawFit::new(face, Yaw::from_degrees(f64::from(step) * YAW_STEP_DEGREES)))
            .collect();
        let best = fits.iter().min_by(|a, b| a.chi_squared.total_cmp(&b.chi_squared))?;
        let reference = best.roll();
        let (mut total, mut mean, mut square) = (0.0, 0.0, 0.0);
        for fit in &fits {
            let weight = ((best.chi_squared - fit.chi_squared) / 2.0).exp();
            let angle = angle_difference(fit.roll(), reference);
            total += weight;
            mean += weight * angle;
            square += weight * (angle * angle + fit.variance);
        }
        let mean = mean / total;
        let variance = (square / total - mean * mean).max(best.variance);
        let fit = RollEstimate { angle: reference + mean, deviation: variance.sqrt() };
        let RollEstimate { angle, deviation } = combine(fit, face);
        let turn = angle - reference;
        let frame = best.frame.turned(turn);
        let axis_cost = contradiction(angle, face);
        Some(Self { frame, yaw: best.yaw, deviation, axis_cost, chi_squared: best.chi_squared })
    }
}

impl PoseFit {
    /// The squares of the residuals, of the yaw and of long axes that contradict the roll, in standard deviations.
    pub(super) fn cost(&self) -> f64 {
        self.chi_squared + self.axis_cost
    }

    /// The line from the right to the left eye as the view shows it, image frame.
    pub(super) fn eye_line(&self, mirrored: bool) -> Point {
        self.frame.right * (self.yaw.cos * if mirrored { -1.0 } else { 1.0 })
    }
}

impl FaceFrame {
    /// The frame turned about its origin, radians.
    fn turned(self, angle: f64) -> Self {
        let (sin, cos) = angle.sin_cos();
        Self { right: rotate(self.right, Point::new(cos, sin)), ..self }
    }
}

/// A feature: its position in the view, its position in the image, and the inverse variances of the former.
struct Row {
    expected: Point,
    actual: Point,
    weight: Point,
}

impl Row {
    fn new(mean: &MeanFeature, part: &LabelPart, yaw: Yaw, mirrored: bool) -> Self {
        let mut deviation = mean.deviation;
        if mean.feature == Feature::Mouth && !is_long(part, MOUTH_ELONGATION) {
            deviation.x = COVERED_MOUTH_DEVIATION;
        }
        let weight = Point::new(deviation.x.powi(-2), deviation.y.powi(-2));
        Self { expected: mean.project(yaw, mirrored), actual: part.centroid, weight }
    }

    /// The x of a feature that is covered at one side: that of its end at the other.
    fn at_end(mean: &MeanFeature, side: VisibleSide, yaw: Yaw, mirrored: bool) -> Option<Self> {
        let (half_width, deviation) = half_width(mean.feature)?;
        let offset = Point::new(side.sign * half_width * yaw.cos, 0.0);
        let weight = Point::new(deviation.powi(-2), 0.0);
        Some(Self { expected: mean.project(yaw, mirrored) + offset, actual: side.end, weight })
    }

    /// The rows of all features of a face.
    fn all(face: &FoundFace, yaw: Yaw) -> Vec<Self> {
        let mut rows = Vec::with_capacity(2 * face.parts.len());
        for ((mean, part), side) in MEAN_FACE.iter().zip(&face.parts).zip(&face.sides) {
            let Some(part) = part else { continue };
            let mut row = Self::new(mean, part, yaw, face.mirrored);
            if let Some(end) = side.and_then(|side| Self::at_end(mean, side, yaw, face.mirrored)) {
                row.weight.x = 0.0;
                rows.push(end);
            }
            rows.push(row);
        }
        rows
    }
}

fn is_long(part: &LabelPart, elongation: f64) -> bool {
    part.moments.principal_axis().is_some_and(|axis| axis.elongation >= elongation)
}

impl YawFit {
    /// The weighted least-squares similarity from the image to the mean face.
    ///
    /// The similarity is x' = ax - by + e, y' = bx + ay + f: linear in its unknowns, of which e and f follow from the
    /// means. x' and y' have weights of their own.
    fn new(face: &FoundFace, yaw: Yaw) -> Option<Self> {
        if face.matched().count() < 2 {
            return None;
        }
        let rows = Row::all(face, yaw);
        let total = rows.iter().fold(Point::default(), |sum, row| sum + row.weight);
        // The means of image x, image y and the expected coordinate by the weights of x', and by those of y'.
        let means = |weight: fn(&Row) -> f64, total: f64, expected: fn(&Row) -> f64| {
            rows.iter().fold([0.0; 3], |[x, y, t], row| {
                let w = weight(row) / total;
                [x + w * row.actual.x, y + w * row.actual.y, t + w * expected(row)]
            })
        };
        let [x_x, x_y, x_t] = means(|row| row.weight.x, total.x, |row| row.expected.x);
        let [y_x, y_y, y_t] = means(|row| row.weight.y, total.y, |row| row.expected.y);
        let (mut m_aa, mut m_ab, mut m_bb, mut v_a, mut v_b) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for Row { expected, actual, weight } in &rows {
            for (w, a, b, t) in [
                (weight.x, actual.x - x_x, x_y - actual.y, expected.x - x_t),
                (weight.y, actual.y - y_y, actual.x - y_x, expected.y - y_t),
            ] {
                m_aa += w * a * a;
                m_ab += w * a * b;
                m_bb += w * b * b;
                v_a += w * a * t;
                v_b += w * b * t;
            }
        }
        let determinant = m_aa * m_bb - m_ab * m_ab;
        let inverse =
            Point::new((m_bb * v_a - m_ab * v_b) / determinant, (m_aa * v_b - m_ab * v_a) / determinant);
        let squared = inverse.dot(inverse);
        if !(determinant > 0.0 && squared > 0.0 && squared.is_finite()) {
            return None;
        }
        let right = Point::new(inverse.x, -inverse.y) * (1.0 / squared);
        let offset =
            Point::new(x_t - inverse.x * x_x + inverse.y * x_y, y_t - inverse.y * y_x - inverse.x * y_y);
        let frame = FaceFrame { origin: rotate(right, offset) * -1.0, right };
        let residual: f64 = rows
            .iter()
            .map(|row| {
                let d = frame.to_face(row.actual) - row.expected;
                row.weight.x * d.x * d.x + row.weight.y * d.y * d.y
            })
            .sum();
        // The covariance of (a, b) across their direction is that of the angle.
        let (a, b) = (inverse.x, inverse.y);
        let variance = (b * b * m_bb + 2.0 * a * b * m_ab + a * a * m_aa) / (determinant * squared * squared);
        let chi_squared = residual + yaw.deviations * yaw.deviations;
        frame.origin.is_finite().then_some(Self { frame, yaw, chi_squared, variance })
    }

    fn roll(&self) -> f64 {
        self.frame.right.y.atan2(self.frame.right.x)
    }
}

/// The mean of the fit and the long axes, each weighted by its variance.
fn combine(fit: RollEstimate, face: &FoundFace) -> RollEstimate {
    let (mut weights, mut sum, mut square) = (fit.deviation.powi(-2), 0.0, 0.0);
    for axis in long_axes(face, |_| true) {
        let mut difference = angle_difference(axis.angle, fit.angle);
        if difference.abs() > FRAC_PI_2 {
            difference -= PI.copysign(difference);
        }
        if difference.abs() < MAX_AXIS_DIFFERENCE {
            let weight = axis.deviation.powi(-2);
            weights += weight;
            sum += weight * difference;
            square += weight * difference * difference;
        }
    }
    let mean = sum / weights;
    // Directions that contradict each other are less certain than each by itself.
    let scatter = (square / weights - mean * mean).max(0.0);
    RollEstimate { angle: fit.angle + mean, deviation: (1.0 / weights + scatter / 2.0).sqrt() }
}

/// What the long axes of a whole mouth and of glasses cost that contradict a roll: they lie across every face.
fn contradiction(roll: f64, face: &FoundFace) -> f64 {
    long_axes(face, |feature| matches!(feature, Feature::Mouth | Feature::Glasses))
        .map(|axis| {
            let difference = angle_difference(axis.angle, roll).abs();
            let difference = difference.min(PI - difference);
            if difference < MAX_AXIS_DIFFERENCE {
                0.0
            } else {
                (difference / axis.deviation).powi(2).min(MAX_AXIS_COST)
            }
        })
        .sum()
}

/// The long axes of those features of a face that are in a choice. One that is covered at a side has none: the long
/// axis of half a mouth is tilted.
fn long_axes(face: &FoundFace, choice: impl Fn(Feature) -> bool) -> impl Iterator<Item = RollEstimate> {
    let features =
        face.matched().filter(move |(mean, _)| choice(mean.feature) && !face.is_covered(mean.feature));
    features.filter_map(|(mean, part)| long_axis(mean, part, face.mirrored))
}

/// The direction of the eye line that the long axis of a feature gives.
fn long_axis(mean: &MeanFeature, part: &LabelPart, mirrored: bool) -> Option<RollEstimate> {
    /// The tilt of an eye's long axis against the eye line, whose outer corner is higher, degrees.
    const EYE_TILT: f64 = 4.0;
    /// The minimum elongation of a feature whose long axis counts.
    const MIN_ELONGATION: f64 = 1.7;
    let axis = part.moments.principal_axis()?;
    let side = if mirrored { -1.0 } else { 1.0 };
    let (min_elongation, tilt, deviation) = match mean.feature {
        Feature::Glasses => (MIN_ELONGATION, 0.0, 2.5_f64),
        Feature::Mouth => (MOUTH_ELONGATION, 0.0, 4.0),
        Feature::EyeR => (MIN_ELONGATION, EYE_TILT * side, 6.0),
        Feature::EyeL => (MIN_ELONGATION, -EYE_TILT * side, 6.0),
        Feature::BrowR | Feature::BrowL => (2.0 * MIN_ELONGATION, 0.0, 8.0),
        _ => return None,
    };
    (axis.elongation >= min_elongation)
        .then_some(RollEstimate { angle: axis.angle - tilt.to_radians(), deviation: deviation.to_radians() })
}
