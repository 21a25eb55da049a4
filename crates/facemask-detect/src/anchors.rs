//! The anchors of BlazeFace: the points from which its boxes are measured.
//!
//! Their order and number are facts of the network, as MediaPipe's graph `face_detection_short_range` publishes them:
//! four layers with strides 8, 16, 16 and 16, two anchors a cell and layer, all of the same size.

use facemask_core::geometry::Point;

use super::networks::{BOX_COUNT, DETECTOR_SIDE};

/// Stride in pixels, and anchors in each cell; the three layers of stride 16 lie in one grid.
const GRIDS: [(usize, usize); 2] = [(8, 2), (16, 6)];

/// The anchor of each box, in pixels of the detector's input.
pub(crate) fn anchors() -> Vec<Point> {
    let mut points = Vec::with_capacity(BOX_COUNT);
    for (stride, count) in GRIDS {
        let cells = DETECTOR_SIDE / stride;
        for cell in 0..cells * cells {
            let [x, y] = [cell % cells, cell / cells].map(|step| (step as f64 + 0.5) * stride as f64);
            points.extend(std::iter::repeat_n(Point::new(x, y), count));
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_an_anchor_for_each_box() {
        let points = anchors();
        assert_eq!(points.len(), BOX_COUNT);
        assert_eq!((points[0], points[2]), (Point::new(4.0, 4.0), Point::new(12.0, 4.0)));
        assert_eq!((points[511], points[512]), (Point::new(124.0, 124.0), Point::new(8.0, 8.0)));
        assert_eq!((points[518], points[895]), (Point::new(24.0, 8.0), Point::new(120.0, 120.0)));
    }
}
