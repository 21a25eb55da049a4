//! What may have displaced landmarks against a label map: a list of transformations, from the simple to the general.

use super::correspondence::{Correspondence, correspondences, exchange_sides, residual};
use super::registration_frame::RegistrationFrame;
use crate::face::FeaturePoints;
use crate::geometry::{Affine, Point};
use crate::raster::Size;

/// What displaced the landmarks, as seen from the label map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Displacement {
    /// The photo was resized to the map in another way: the value of `map_fit` that says so.
    OtherFit(&'static str),
    /// Right and left are exchanged: of the eyes, of the brows, or of both.
    SidesExchanged { eyes: bool, brows: bool },
    /// x grows to the left.
    FlippedHorizontally,
    /// y grows upwards.
    FlippedVertically,
    /// x is y and y is x.
    AxesExchanged,
    /// Turned by quarters about the middle of the photo, clockwise.
    QuarterTurns(u8),
    /// Ratios of the photo's size, read as pixels.
    RatiosAsPixels,
    /// Per cent of the photo's size, read as pixels.
    PercentAsPixels,
    /// Pixels, read as ratios of the photo's size.
    PixelsAsRatios,
    /// Ratios from -1 to 1, zero in the middle of the photo.
    CenteredRatios,
    /// Scaled about the top left corner.
    Scaled(f64),
    /// Scaled about the top left corner, in x and in y by other factors.
    Stretched(f64, f64),
    /// Moved by a vector in pixels.
    Moved(Point),
    /// Turned about the middle of the photo, by an angle in radians.
    Turned(f64),
    /// Scaled and moved, as points of a box of the face are.
    ScaledAndMoved(f64),
    /// Any similarity: scaled, turned by an angle in radians, moved, and perhaps mirrored.
    Similarity { scale: f64, angle: f64, is_mirrored: bool },
}

/// A displacement as the transformation from the map's features to the landmarks.
struct Hypothesis {
    displacement: Displacement,
    landmarks_from_map: Affine,
    /// The number of parameters that were fitted to the features.
    parameters: u8,
}

/// The residual that a fitted parameter must save, in sizes of the face: of two hypotheses that explain the features
/// about as well, the one with fewer parameters counts (Akaike 1974, "A new look at the statistical model
/// identification").
const PARAMETER_COST: f64 = 0.03;
/// The largest residual of a displacement that explains where the landmarks lie, in sizes of the face.
const MAX_EXPLAINED_RESIDUAL: f64 = 0.25;

/// The displacement that explains best where the landmarks lie; `None` when none does.
///
/// Zero, one, two, three and four parameters are fitted by least squares; the similarity by the closed form of Umeyama
/// 1991, "Least-squares estimation of transformation parameters between two point patterns", for two dimensions.
pub(super) fn explain(
    map: &FeaturePoints,
    landmarks: &FeaturePoints,
    frame: &RegistrationFrame,
    roll_difference: f64,
) -> Option<Displacement> {
    let image_size = frame.image_size;
    let size = landmarks.size()?;
    let pairs = correspondences(map, landmarks);
    let same_sides =
        fixed_hypotheses(image_size).into_iter().chain(fit_hypotheses(&pairs, image_size, roll_difference));
    let mut costs: Vec<(f64, Displacement)> = Vec::new();
    let mut add = |hypothesis: &Hypothesis, pairs: &[Correspondence]| {
        let residual = residual(pairs, &hypothesis.landmarks_from_map, size);
        if residual <= MAX_EXPLAINED_RESIDUAL {
            costs.push((
                residual + PARAMETER_COST * f64::from(hypothesis.parameters),
                hypothesis.displacement,
            ));
        }
    };
    for &(name, affine) in &frame.other_fits {
        add(&Hypothesis::fixed(Displacement::OtherFit(name), affine), &pairs);
    }
    for (eyes, brows) in [(true, true), (true, false), (false, true)] {
        let exchanged = correspondences(&exchange_sides(map, eyes, brows), landmarks);
        add(&Hypothesis::fixed(Displacement::SidesExchanged { eyes, brows }, Affine::IDENTITY), &exchanged);
    }
    same_sides.for_each(|hypothesis| add(&hypothesis, &pairs));
    // A detector that ran on the mirrored photo names the sides as they look there.
    let mirrored = Hypothesis::fixed(Displacement::FlippedHorizontally, flip_horizontally(image_size));
    add(&mirrored, &correspondences(&exchange_sides(map, true, true), landmarks));
    // The sort is stable: of equal costs the earlier, simpler hypothesis counts.
    costs.sort_by(|a, b| a.0.total_cmp(&b.0));
    costs.first().map(|&(_, displacement)| displacement)
}

impl Hypothesis {
    const fn fixed(displacement: Displacement, landmarks_from_map: Affine) -> Self {
        Self { displacement, landmarks_from_map, parameters: 0 }
    }
}

fn flip_horizontally(image_size: Size) -> Affine {
    Affine::translate(f64::from(image_size.width), 0.0) * Affine::scale(-1.0, 1.0)
}

/// The hypotheses without a parameter.
fn fixed_hypotheses(image_size: Size) -> Vec<Hypothesis> {
    let (w, h) = (f64::from(image_size.width), f64::from(image_size.height));
    let exchange = Affine([0.0, 1.0, 0.0, 1.0, 0.0, 0.0]);
    [
        (Displacement::FlippedHorizontally, flip_horizontally(image_size)),
        (Displacement::FlippedVertically, Affine::translate(0.0, h) * Affine::scale(1.0, -1.0)),
        (Displacement::AxesExchanged, exchange),
        // Exchanged ratios get the width and the height of the other axis.
        (Displacement::AxesExchanged, Affine::scale(w / h, h / w) * exchange),
        // Clockwise: the top left corner becomes the top right one of a photo whose sides are exchanged.
        (Displacement::QuarterTurns(1), Affine([0.0, -1.0, h, 1.0, 0.0, 0.0])),
        (Displacement::QuarterTurns(2), Affine([-1.0, 0.0, w, 0.0, -1.0, h])),
        (Displacement::QuarterTurns(3), Affine([0.0, 1.0, 0.0, -1.0, 0.0, w])),
        (Displacement::RatiosAsPixels, Affine::scale(1.0 / w, 1.0 / h)),
        (Displacement::PercentAsPixels, Affine::scale(100.0 / w, 100.0 / h)),
        (Displacement::CenteredRatios, Affine::translate(-w, -h) * Affine::scale(2.0, 2.0)),
        (Displacement::CenteredRatios, Affine::translate(-1.0, -1.0) * Affine::scale(2.0 / w, 2.0 / h)),
        (Displacement::PixelsAsRatios, Affine::scale(w, h)),
    ]
    .map(|(displacement, affine)| Hypothesis::fixed(displacement, affine))
    .into()
}

/// The hypotheses whose parameters are fitted to the features by least squares.
fn fit_hypotheses(pairs: &[Correspondence], image_size: Size, roll_difference: f64) -> Vec<Hypothesis> {
    let sum =
        |f: &dyn Fn(&Correspondence) -> f64| pairs.iter().map(|pair| pair.weight * f(pair)).sum::<f64>();
    let total = sum(&|_| 1.0);
    let center = |f: &dyn Fn(&Correspondence) -> Point| {
        pairs.iter().fold(Point::default(), |sum, pair| sum + f(pair) * pair.weight) * (1.0 / total)
    };
    let (from, to) = (center(&|pair| pair.in_map), center(&|pair| pair.in_landmarks));
    let ratio_x = sum(&|pair| pair.in_map.x * pair.in_landmarks.x) / sum(&|pair| pair.in_map.x.powi(2));
    let ratio_y = sum(&|pair| pair.in_map.y * pair.in_landmarks.y) / sum(&|pair| pair.in_map.y.powi(2));
    let ratio = sum(&|pair| pair.in_map.dot(pair.in_landmarks)) / sum(&|pair| pair.in_map.dot(pair.in_map));
    // About their centroids: the sums of products that the closed forms need.
    let centered = |pair: &Correspondence| (pair.in_map - from, pair.in_landmarks - to);
    let variance = sum(&|pair| centered(pair).0.dot(centered(pair).0));
    let dot = sum(&|pair| centered(pair).0.dot(centered(pair).1)) / variance;
    let cross = sum(&|pair| centered(pair).0.cross(centered(pair).1)) / variance;
    let ratio_of = |axis: fn(Point) -> f64| {
        sum(&|pair| axis(centered(pair).0) * axis(centered(pair).1))
            / sum(&|pair| axis(centered(pair).0).powi(2))
    };
    let (dot_x, dot_y) = (ratio_of(|p| p.x), ratio_of(|p| p.y));
    let mirror = |p: Point| Point::new(-p.x, p.y);
    let mirrored_dot = sum(&|pair| mirror(centered(pair).0).dot(centered(pair).1)) / variance;
    let mirrored_cross = sum(&|pair| mirror(centered(pair).0).cross(centered(pair).1)) / variance;
    let about_centers =
        |linear: Affine| Affine::translate(to.x, to.y) * linear * Affine::translate(-from.x, -from.y);
    let similarity = |cos: f64, sin: f64, is_mirrored: bool| {
        let linear = Affine([cos, -sin, 0.0, sin, cos, 0.0]);
        let linear = if is_mirrored { linear * Affine::scale(-1.0, 1.0) } else { linear };
        let displacement =
            Displacement::Similarity { scale: cos.hypot(sin), angle: sin.atan2(cos), is_mirrored };
        Hypothesis { displacement, landmarks_from_map: about_centers(linear), parameters: 4 }
    };
    let middle = Point::new(f64::from(image_size.width) / 2.0, f64::from(image_size.height) / 2.0);
    let turn = Affine::translate(middle.x, middle.y)
        * Affine::rotate(roll_difference)
        * Affine::translate(-middle.x, -middle.y);
    let offset = to - from;
    vec![
        Hypothesis {
            displacement: Displacement::Scaled(ratio),
            landmarks_from_map: Affine::scale(ratio, ratio),
            parameters: 1,
        },
        Hypothesis {
            displacement: Displacement::Turned(roll_difference),
            landmarks_from_map: turn,
            parameters: 1,
        },
        Hypothesis {
            displacement: Displacement::Moved(offset),
            landmarks_from_map: Affine::translate(offset.x, offset.y),
            parameters: 2,
        },
        Hypothesis {
            displacement: Displacement::Stretched(ratio_x, ratio_y),
            landmarks_from_map: Affine::scale(ratio_x, ratio_y),
            parameters: 2,
        },
        Hypothesis {
            displacement: Displacement::ScaledAndMoved(dot),
            landmarks_from_map: about_centers(Affine::scale(dot, dot)),
            parameters: 3,
        },
        Hypothesis {
            // Two negative factors are a turn by 180 degrees.
            displacement: Displacement::ScaledAndMoved(if dot_x > 0.0 {
                (dot_x * dot_y).sqrt()
            } else {
                f64::NAN
            }),
            landmarks_from_map: about_centers(Affine::scale(dot_x, dot_y)),
            parameters: 4,
        },
        similarity(dot, cross, false),
        similarity(mirrored_dot, mirrored_cross, true),
    ]
    .into_iter()
    .filter(|hypothesis| has_distinct_scale(&hypothesis.displacement))
    .collect()
}

/// The smallest difference from 1 of a scale about the top left corner, and that of the larger of two scales. Below it a
/// shift explains as much.
const MIN_SCALE_DIFFERENCE: f64 = 0.03;
const MIN_STRETCH_DIFFERENCE: f64 = 0.15;
/// The smallest difference from 1 of a scale in one direction only: a shift in that direction explains smaller ones.
const MIN_SINGLE_DIFFERENCE: f64 = 0.3;

/// Whether fitted scales are positive, a reflection having a hypothesis of its own, and differ from 1.
fn has_distinct_scale(displacement: &Displacement) -> bool {
    match *displacement {
        Displacement::Scaled(scale) => scale > 0.0 && (scale - 1.0).abs() > MIN_SCALE_DIFFERENCE,
        Displacement::ScaledAndMoved(scale) => scale > 0.0,
        Displacement::Stretched(x, y) => {
            let (dx, dy) = ((x - 1.0).abs(), (y - 1.0).abs());
            let is_distinct = dx.min(dy) > MIN_SCALE_DIFFERENCE && dx.max(dy) > MIN_STRETCH_DIFFERENCE;
            x > 0.0 && y > 0.0 && (is_distinct || dx.max(dy) > MIN_SINGLE_DIFFERENCE)
        }
        _ => true,
    }
}
