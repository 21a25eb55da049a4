//! The detector's output as candidates.

use facemask_core::geometry::{Affine, Point};

use super::candidate::{Candidate, KEY_POINTS};
use super::networks::{BOX_COUNT, BOX_LENGTH, DETECTOR_SIDE, DetectorOutput};
use super::suppression::suppress;

/// The lowest score of a candidate: `min_detection_confidence` of MediaPipe.
const MIN_SCORE: f64 = 0.5;

/// Returns the faces in one picture; coordinates are those of the unit square that the picture fills.
///
/// A box that is not finite, has no area, or lies far outside the picture is no face.
pub(crate) fn read_candidates(output: &DetectorOutput, anchors: &[Point], quarters: usize) -> Vec<Candidate> {
    if output.boxes.len() != BOX_COUNT * BOX_LENGTH || output.logits.len() != BOX_COUNT {
        return Vec::new();
    }
    let (boxes, _) = output.boxes.as_chunks::<BOX_LENGTH>();
    let unit = Affine::scale(1.0 / DETECTOR_SIDE as f64, 1.0 / DETECTOR_SIDE as f64);
    let candidates =
        boxes.iter().zip(&output.logits).zip(anchors).filter_map(|((numbers, &logit), &anchor)| {
            let score = sigmoid(logit);
            // Nearly every box fails here, so boxes are read after it.
            (score >= MIN_SCORE).then(|| read_box(numbers, anchor, score).transform(&unit, quarters))
        });
    let candidates = candidates.filter(is_plausible);
    suppress(candidates.collect())
}

/// The probability of a logit.
pub(crate) fn sigmoid(logit: f32) -> f64 {
    1.0 / (1.0 + (-f64::from(logit)).exp())
}

fn read_box(numbers: &[f32; BOX_LENGTH], anchor: Point, score: f64) -> Candidate {
    let (pairs, _) = numbers.as_chunks::<2>();
    let [center, extent, key_points @ ..] = std::array::from_fn::<_, { 2 + KEY_POINTS }, _>(|i| {
        Point::new(pairs[i][0].into(), pairs[i][1].into())
    });
    let key_points = key_points.map(|offset| anchor + offset);
    Candidate { score, center: anchor + center, extent, key_points, quarters: 0 }
}

fn is_plausible(candidate: &Candidate) -> bool {
    let Candidate { center, extent, key_points, .. } = *candidate;
    let is_near = |p: Point| p.x.abs() <= 4.0 && p.y.abs() <= 4.0;
    extent.x > 0.0
        && extent.y > 0.0
        && is_near(extent)
        && is_near(center)
        && key_points.into_iter().all(is_near)
}

#[cfg(test)]
mod tests {
    use super::super::anchors::anchors;
    use super::*;

    fn output(changes: &[(usize, f32, [f32; 4])]) -> DetectorOutput {
        let mut output =
            DetectorOutput { boxes: vec![0.0; BOX_COUNT * BOX_LENGTH], logits: vec![-50.0; BOX_COUNT] };
        for &(index, logit, numbers) in changes {
            output.logits[index] = logit;
            output.boxes[index * BOX_LENGTH..][..4].copy_from_slice(&numbers);
            // The left eye is to the right of the right one.
            output.boxes[index * BOX_LENGTH + 6] = 16.0;
        }
        output
    }

    #[test]
    fn a_box_is_measured_from_its_anchor() {
        // The last anchor lies at (120, 120).
        let found = read_candidates(&output(&[(895, 2.0, [-56.0, -24.0, 32.0, 16.0])]), &anchors(), 3);
        let [face] = found[..] else { panic!("{found:?}") };
        assert_eq!((face.center, face.extent), (Point::new(0.5, 0.75), Point::new(0.25, 0.125)));
        assert_eq!((face.key_points[1], face.quarters), (Point::new(136.0 / 128.0, 120.0 / 128.0), 3));
        assert!((face.score - 0.880_797).abs() < 1e-6);
    }

    #[test]
    fn low_scores_and_impossible_boxes_are_no_faces() {
        let bad = [
            (895, -0.1, [-56.0, -24.0, 32.0, 16.0]),
            (800, 9.0, [0.0, 0.0, -32.0, 16.0]),
            (700, 9.0, [0.0, f32::NAN, 32.0, 16.0]),
            (600, 9.0, [1e9, 0.0, 32.0, 16.0]),
            (601, f32::NAN, [0.0, 0.0, 32.0, 16.0]),
        ];
        assert!(read_candidates(&output(&bad), &anchors(), 0).is_empty());
        assert!(read_candidates(&DetectorOutput::default(), &anchors(), 0).is_empty());
    }
}
