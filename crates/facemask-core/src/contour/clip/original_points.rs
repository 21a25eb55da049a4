//! Clipping to a rectangle of another frame, without a detour of the points that stay.
//!
//! The rectangle is axis-parallel in its own frame only. There the turned outlines are clipped, as by [`clip`]. Points
//! that stay are then the original ones, to the last bit; only the new points along the sides are turned back.

use std::collections::HashMap;

use super::rect::{clip, snap};
use super::restore_curves::{PointBits, bits};
use crate::geometry::{Affine, Point, Polygons, Rect};

/// The parts of `original` inside a rectangle, which is given in the frame of `turned`.
///
/// `turned` are the same polygons, point by point, and `original_from_turned` leads back. Neighbors with a shared border
/// still share it.
#[must_use]
pub fn clip_original(
    original: &Polygons,
    turned: &Polygons,
    bounds: &Rect,
    original_from_turned: &Affine,
) -> Polygons {
    let mut clipped = clip(turned, bounds);
    let controls = |polygons: &Polygons| -> Vec<Point> {
        polygons.curves.iter().flat_map(|curve| curve.controls).collect()
    };
    let (turned_controls, original_controls) = (controls(turned), controls(original));
    let all_turned = turned.points.iter().chain(&turned_controls).map(|&p| bits(snap(p, bounds)));
    let all_original = original.points.iter().chain(&original_controls).copied();
    let originals: HashMap<PointBits, Point> = all_turned.zip(all_original).collect();
    let restore =
        |p: Point| originals.get(&bits(p)).copied().unwrap_or_else(|| original_from_turned.apply(p));
    clipped.points.iter_mut().for_each(|p| *p = restore(*p));
    clipped.curves.iter_mut().flat_map(|curve| &mut curve.controls).for_each(|p| *p = restore(*p));
    clipped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::CurveSpan;

    /// A square with a curved side, and its neighbor on the right.
    fn neighbors() -> [Polygons; 2] {
        let ring = |points: [(f64, f64); 5]| points.map(|(x, y)| Point::new(x, y));
        let controls = [(10.1, 0.3), (11.0, 3.0), (11.0, 6.0), (10.2, 9.7)].map(|(x, y)| Point::new(x, y));
        let mut back = controls;
        back.reverse();
        let (mut left, mut right) = (Polygons::default(), Polygons::default());
        let curve = |first, controls| CurveSpan { first, steps: 2, controls };
        let points = ring([(0.7, 0.3), (10.1, 0.3), (10.8, 4.6), (10.2, 9.7), (0.7, 9.7)]);
        left.push_curved_ring(&points, &[curve(1, controls)]);
        let points = ring([(10.2, 9.7), (10.8, 4.6), (10.1, 0.3), (20.3, 0.3), (20.3, 9.7)]);
        right.push_curved_ring(&points, &[curve(0, back)]);
        [left, right]
    }

    fn clip_turned(polygons: &Polygons, angle: f64, bounds: &Rect) -> Polygons {
        let turn = Affine::rotate(angle);
        let mut turned = polygons.clone();
        turned.transform(&turn);
        clip_original(polygons, &turned, bounds, &turn.inverse().unwrap())
    }

    #[test]
    fn what_is_not_cut_is_the_same_to_the_last_bit() {
        for polygons in neighbors() {
            for step in 0..24 {
                let angle = f64::from(step).to_radians() * 15.0;
                let whole = clip_turned(&polygons, angle, &Rect::new(-50.0, -50.0, 50.0, 50.0));
                assert_eq!(whole, polygons, "{step}");
            }
        }
    }

    #[test]
    fn a_cut_keeps_the_other_points_and_is_shared() {
        let [left, right] = neighbors();
        for step in 0..24 {
            let angle = f64::from(step).to_radians() * 15.0 + 0.01;
            let middle = Affine::rotate(angle).apply(Point::new(10.4, 5.0));
            let bounds = Rect::new(middle.x - 3.0, middle.y - 3.0, middle.x + 3.0, middle.y + 3.0);
            let [a, b] = [&left, &right].map(|polygons| clip_turned(polygons, angle, &bounds));
            assert!((a.area() + b.area() - 36.0).abs() < 1e-9, "{step}");
            // The middle of the border, and the two points where the box cuts it.
            let shared: Vec<_> = a.points.iter().filter(|p| b.points.contains(p)).collect();
            assert_eq!(shared.len(), 3, "{step}");
            assert!(shared.contains(&&Point::new(10.8, 4.6)), "{step}");
        }
    }

    #[test]
    fn nothing_inside_is_nothing() {
        let [left, _] = neighbors();
        assert_eq!(clip_turned(&left, 0.5, &Rect::new(90.0, 0.0, 99.0, 9.0)), Polygons::default());
    }
}
