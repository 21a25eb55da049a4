//! Weighted non-maximum suppression: boxes that overlap become one, which is steadier than the best of them.
//!
//! BlazeFace, section 3.3: boxes are averaged by their scores.

use super::candidate::Candidate;

/// Intersection over union from which two boxes show the same face: `min_suppression_threshold` of MediaPipe's graph.
pub(crate) const SAME_FACE_IOU: f64 = 0.3;

/// Replaces each group of overlapping boxes by their mean, weighted by score. The best box's score remains.
pub(crate) fn suppress(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept = Vec::new();
    while let Some(&best) = candidates.first() {
        let (group, rest): (Vec<_>, Vec<_>) =
            candidates.iter().copied().partition(|other| best.square().iou(&other.square()) > SAME_FACE_IOU);
        kept.push(if group.is_empty() { best } else { mean(&group) });
        candidates = if group.is_empty() { rest[1..].to_vec() } else { rest };
    }
    kept
}

fn mean(group: &[Candidate]) -> Candidate {
    let total: f64 = group.iter().map(|candidate| candidate.score).sum();
    let mut mean = Candidate {
        center: group[0].center * 0.0,
        extent: group[0].extent * 0.0,
        key_points: group[0].key_points.map(|p| p * 0.0),
        ..group[0]
    };
    for candidate in group {
        let weight = candidate.score / total;
        mean.center = mean.center + candidate.center * weight;
        mean.extent = mean.extent + candidate.extent * weight;
        for (sum, &point) in mean.key_points.iter_mut().zip(&candidate.key_points) {
            *sum = *sum + point * weight;
        }
    }
    mean
}

#[cfg(test)]
mod tests {
    use super::super::candidate::KEY_POINTS;
    use super::*;
    use facemask_core::geometry::Point;

    fn candidate(score: f64, x: f64) -> Candidate {
        let center = Point::new(x, 0.0);
        let extent = Point::new(10.0, 10.0);
        Candidate { score, center, extent, key_points: [center; KEY_POINTS], quarters: 2 }
    }

    #[test]
    fn overlapping_boxes_become_their_weighted_mean() {
        let kept = suppress(vec![candidate(0.6, 4.0), candidate(0.9, 2.0), candidate(0.8, 40.0)]);
        assert_eq!(kept.len(), 2);
        assert_eq!((kept[0].score, kept[0].quarters), (0.9, 2));
        assert!((kept[0].center.x - 2.8).abs() < 1e-12 && (kept[0].key_points[5].x - 2.8).abs() < 1e-12);
        assert!((kept[1].center.x - 40.0).abs() < 1e-12);
        assert!(suppress(Vec::new()).is_empty());
    }

    #[test]
    fn boxes_without_an_area_end() {
        let point = Candidate { extent: Point::default(), ..candidate(0.9, 0.0) };
        assert_eq!(suppress(vec![point, point]).len(), 2);
    }
}
