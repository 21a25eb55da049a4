//! Sentences that say how landmarks and a label map differ, and what usually causes it.
//!
//! They hold differences only, never a coordinate of a landmark: landmarks are biometric data.

use super::hypothesis::Displacement;
use crate::raster::Size;

const BOX_CAUSES: &str = "the usual causes are points relative to a box of the face, a label map of that box only, \
                          and points of another face";

/// What follows when the map decides about up and down.
pub(super) const DESCRIPTION_OF_OPPOSITE: &str = "; eyes lie on the mouth, so the label map alone gives \
    roll, crop and zones; a detector that put an upright face on one that is upside down needs the photo turned before";
/// Landmarks beside a map that has skin, and neither eyes nor brows.
pub(super) const DESCRIPTION_OF_OUTSIDE: &str = "eyes, nose and mouth of the landmarks lie outside the \
    skin of the label map; the usual causes are points of another resize of the photo, another face, and, in Python, \
    image_size left out for a label map of another size than the photo";

/// The smallest difference between two rolls that a sentence names among other differences.
const MIN_NAMED_DEGREES: f64 = 10.0;

/// How the landmarks lie against the label map: a clause without a final full stop.
///
/// `offset` is the distance between both faces' centers in eye distances, `roll_difference` that of their rolls in
/// degrees.
pub(super) fn describe(
    displacement: Option<Displacement>,
    image_size: Size,
    offset: f64,
    roll_difference: f64,
) -> String {
    let turned = describe_turn(roll_difference);
    let Some(displacement) = displacement else {
        let turn = if roll_difference > MIN_NAMED_DEGREES { format!("; {turned}") } else { String::new() };
        return format!(
            "the landmarks do not lie on the facial features of the label map, and no turn, scale or shift brings \
             them together{turn}; they probably show another face or another picture"
        );
    };
    let Size { width, height } = image_size;
    match displacement {
        Displacement::OtherFit(name) => format!(
            "the landmarks do not lie on the facial features of the label map; with map_fit: {name} they agree, so set \
             it, if the photo was resized to the map in that way"
        ),
        Displacement::SidesExchanged { .. } => "right and left of the landmarks are exchanged: their right eye lies \
            on the left eye of the label map; the usual causes are points of a mirrored photo, or a landmark_scheme \
            whose sides are the viewer's"
            .to_owned(),
        Displacement::FlippedHorizontally => "the landmarks are flipped left-right about the middle of the photo; \
            the usual cause is a mirrored photo, such as a selfie, for either the points or the label map"
            .to_owned(),
        Displacement::FlippedVertically => "the landmarks are flipped upside down about the middle of the photo; \
            the usual causes are a y axis that points up, and a label map whose rows start at the bottom"
            .to_owned(),
        Displacement::AxesExchanged => "x and y of the landmarks are exchanged; the usual cause is (row, column) order; \
            send (x, y), x to the right and y down"
            .to_owned(),
        Displacement::QuarterTurns(quarters) => format!(
            "the landmarks are turned by {} about the middle of the photo; the usual cause is an EXIF orientation that \
             was applied to the points or to the label map only",
            match quarters {
                1 => "90 degrees clockwise",
                2 => "180 degrees: upside down",
                _ => "90 degrees counterclockwise",
            }
        ),
        Displacement::RatiosAsPixels => "the landmarks are ratios of the photo's size, read as pixels; set \
            landmark_units to normalized"
            .to_owned(),
        Displacement::PercentAsPixels => "the landmarks are per cent of the photo's size, read as pixels; divide \
            them by 100"
            .to_owned(),
        Displacement::PixelsAsRatios => "the landmarks are pixels, read as ratios of the photo's size; set \
            landmark_units to pixel"
            .to_owned(),
        Displacement::CenteredRatios => "the landmarks are coordinates from -1 to 1 about the middle of the photo; add \
            1 and halve them"
            .to_owned(),
        Displacement::Scaled(scale) => {
            let pixels = |side: u32| (f64::from(side) * scale).round();
            format!(
                "the landmarks are scaled by about {}, as points of a photo of about {} x {} pixels; the usual \
                 causes are points of another resize of the photo and, in Python, image_size left out for a label map \
                 of another size than the photo",
                number(scale),
                pixels(width),
                pixels(height)
            )
        }
        Displacement::Stretched(x, y) => format!(
            "the landmarks are scaled by about {} in x and {} in y; the usual cause is points of a copy of the photo \
             that was resized to another shape, such as the square input of a network",
            number(x),
            number(y)
        ),
        Displacement::Moved(offset_in_pixels) => format!(
            "the landmarks are moved by about ({:.0}, {:.0}) pixels, {offset:.1} eye distances; {BOX_CAUSES}",
            offset_in_pixels.x, offset_in_pixels.y
        ),
        Displacement::Turned(_) => format!(
            "{turned}, about the middle of the photo; the usual cause is a turn that was applied to the points or to \
             the label map only, such as an EXIF orientation"
        ),
        Displacement::ScaledAndMoved(scale) => format!(
            "the landmarks are scaled by about {} and moved by {offset:.1} eye distances; {BOX_CAUSES}",
            number(scale)
        ),
        Displacement::Similarity { scale, is_mirrored, .. } => {
            let mut parts = Vec::new();
            if roll_difference > MIN_NAMED_DEGREES {
                parts.push(format!("turned by {roll_difference:.0} degrees"));
            }
            if is_mirrored {
                parts.push("mirrored".to_owned());
            }
            parts.push(format!("scaled by about {}", number(scale)));
            format!(
                "the landmarks are {} and moved by {offset:.1} eye distances against the label map; the usual causes \
                 are another face, another picture, and points of an aligned box of the face",
                parts.join(", ")
            )
        }
    }
}

/// The difference between two rolls, in degrees.
pub(super) fn describe_turn(roll_difference: f64) -> String {
    format!("the landmarks and the label map are turned {roll_difference:.1} degrees against each other")
}

/// Why sides of a label map are exchanged.
pub(super) fn describe_exchanged_map(eyes: bool, brows: bool) -> String {
    let (names, is, one) = match (eyes, brows) {
        (true, true) => ("eyes and brows", "right eye and brow lie", "left ones"),
        (true, false) => ("eyes", "right eye lies", "left eye"),
        _ => ("brows", "right brow lies", "left brow"),
    };
    format!(
        "right and left {names} of the label map are exchanged: its {is} on the {one} of the landmarks; the usual \
         causes are ids whose sides are the viewer's, and a mirrored label map; correct the ids, label_scheme or label_names"
    )
}

/// A factor with two significant decimals at least, and without trailing zeros.
fn number(value: f64) -> String {
    let decimals = (1.0 - value.abs().max(1e-9).log10().floor()).clamp(0.0, 9.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_have_two_significant_digits() {
        let cases =
            [(2.0, "2"), (1.96, "2"), (0.5, "0.5"), (0.1234, "0.12"), (10.4, "10"), (0.001_11, "0.0011")];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }
}
