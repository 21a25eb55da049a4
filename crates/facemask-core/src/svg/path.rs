//! Polygons as SVG path data: relative steps in hundredths, with the shortest command for each, and curves as they are.
//! Where a curve goes on with the mirror image of the handle that another ends with, that handle is said once.

use super::number::{LONGEST, hundredths, put_short};
use crate::geometry::{CurveSpan, Point, Polygons};

/// The path data of all rings. Steps are differences of rounded points, so rounding never adds up.
#[must_use]
pub fn path_data(polygons: &Polygons) -> Vec<u8> {
    let mut writer = Writer { out: Vec::with_capacity(polygons.points.len() * 8), command: 0, dotted: false };
    if polygons.curves.is_empty() {
        let mut spots = Vec::new();
        for ring in polygons.rings() {
            if round_ring(ring, &mut spots) {
                writer.lines(&spots);
            }
        }
    } else {
        strokes(polygons, |ring| writer.ring(ring));
    }
    writer.out
}

/// The same, with lines that go on straight as one.
pub(super) fn merged_path_data(polygons: &Polygons) -> Vec<u8> {
    let mut writer = Writer { out: Vec::with_capacity(polygons.points.len() * 2), command: 0, dotted: false };
    let mut merged: Vec<Stroke> = Vec::new();
    strokes(polygons, |ring| {
        merged.clear();
        for &stroke in ring {
            match merged.last_mut() {
                Some(last) if last.goes_on_in(&stroke) => last.to = stroke.to,
                _ => merged.push(stroke),
            }
        }
        writer.ring(&merged);
    });
    writer.out
}

/// A point in hundredths.
pub(super) type Spot = (i64, i64);

/// A line or a curve from one point to another, in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stroke {
    /// Where it begins.
    pub(super) from: Spot,
    /// Where it ends.
    pub(super) to: Spot,
    /// The inner control points of a curve.
    pub(super) controls: Option<[Spot; 2]>,
}

impl Stroke {
    /// Whether both are lines, and the other goes on straight from the end of this one.
    fn goes_on_in(&self, other: &Self) -> bool {
        let step = |stroke: &Self| (stroke.to.0 - stroke.from.0, stroke.to.1 - stroke.from.1);
        let ((ax, ay), (bx, by)) = (step(self), step(other));
        let lines = self.controls.is_none() && other.controls.is_none();
        lines && self.to == other.from && ax * by == ay * bx && ax * bx + ay * by > 0
    }
}

/// Shows each ring of [`rounded_rings`] to `see`, as the lines and curves that it is drawn with. The last one ends where
/// the first begins.
pub(super) fn strokes<'a>(polygons: &'a Polygons, mut see: impl FnMut(&[Stroke])) {
    let (mut start, mut ring, mut spots, mut smooth) = (0, Vec::new(), Vec::new(), Vec::new());
    let mut curves = polygons.curves.iter().peekable();
    for &end in &polygons.ends {
        ring.clear();
        spots.clear();
        spots.extend(polygons.points[start as usize..end as usize].iter().map(|&p| spot(p)));
        let point = |number: u32| spots[if number < end { (number - start) as usize } else { 0 }];
        let (mut pen, mut next) = (point(start), start);
        let mut draw = |to: Spot, curve: Option<&'a CurveSpan>| {
            // Rounding may put neighbours upon each other.
            if pen != to {
                let controls = curve.map(|curve| [spot(curve.controls[1]), spot(curve.controls[2])]);
                ring.push(Stroke { from: pen, to, controls });
                smooth.push(curve);
                pen = to;
            }
        };
        while let Some(curve) = curves.next_if(|curve| curve.first < end) {
            // Not those that the curve before stands for.
            (next..=curve.first).for_each(|number| draw(point(number), None));
            draw(spot(curve.controls[0]), None);
            draw(spot(curve.controls[3]), Some(curve));
            next = curve.first + curve.steps;
        }
        (next..=end).for_each(|number| draw(point(number), None));
        mirror(&mut ring, &smooth);
        smooth.clear();
        let corners = (start..end).filter(|&i| point(i) != point(i + 1));
        if corners.take(3).count() == 3 {
            see(&ring);
        }
        start = end;
    }
}

/// Rounds handles that mirror each other so that they still do, whichever way the ring goes.
fn mirror(ring: &mut [Stroke], curves: &[Option<&CurveSpan>]) {
    for after in 0..ring.len() {
        let before = if after == 0 { ring.len() } else { after } - 1;
        let (Some(first), Some(second)) = (curves[before], curves[after]) else { continue };
        let (at, joint) = (second.controls[0], ring[after].from);
        let (arriving, leaving) = (at - first.controls[2], second.controls[1] - at);
        let off = leaving - arriving;
        if before == after || ring[before].to != joint || off.x.abs().max(off.y.abs()) > MIRRORED {
            continue;
        }
        let handle = spot((leaving + arriving) * 0.5);
        if let Some([_, control]) = &mut ring[before].controls {
            *control = (joint.0 - handle.0, joint.1 - handle.1);
        }
        if let Some([control, _]) = &mut ring[after].controls {
            *control = (joint.0 + handle.0, joint.1 + handle.1);
        }
    }
}

/// How unlike handles may be that mirror each other, in pixels: what turning and shifting them has rounded away.
const MIRRORED: f64 = 1e-6;

fn spot(p: Point) -> Spot {
    (hundredths(p.x), hundredths(p.y))
}

/// The rings in hundredths, without points that rounding has put upon their neighbour. Rings that rounding has flattened
/// to less than a triangle are left out. What JSON and SVG show is this.
pub fn rounded_rings(polygons: &Polygons) -> impl Iterator<Item = Vec<(i64, i64)>> + '_ {
    polygons.rings().filter_map(|ring| {
        let mut spots = Vec::new();
        round_ring(ring, &mut spots).then_some(spots)
    })
}

/// Rounds a ring into `spots`; whether it is one afterwards.
fn round_ring(ring: &[Point], spots: &mut Vec<Spot>) -> bool {
    spots.clear();
    spots.extend(ring.iter().map(|&p| spot(p)));
    spots.dedup();
    if spots.len() > 1 && spots.first() == spots.last() {
        spots.pop();
    }
    spots.len() >= 3
}

struct Writer {
    out: Vec<u8>,
    /// The command in force; a repeated one need not be said again.
    command: u8,
    /// Whether the number before has a decimal point; then the next point starts a number of its own.
    dotted: bool,
}

impl Writer {
    fn ring(&mut self, strokes: &[Stroke]) {
        let [first, .., last] = strokes else { return };
        self.say(b'M', &[first.from.0, first.from.1]);
        // A line back to the start need not be said.
        let said = strokes.len() - usize::from(last.controls.is_none());
        // The handle that the curve before has at its end.
        let mut arriving = None;
        for stroke in &strokes[..said] {
            let (from, to) = (stroke.from, stroke.to);
            if let Some([a, b]) = stroke.controls {
                let handle = (to.0 - b.0, to.1 - b.1);
                let [a, b, to] = [a, b, to].map(|spot| (spot.0 - from.0, spot.1 - from.1));
                if arriving.replace(handle) == Some(a) {
                    self.say(b's', &[b.0, b.1, to.0, to.1]);
                } else {
                    self.say(b'c', &[a.0, a.1, b.0, b.1, to.0, to.1]);
                }
            } else {
                arriving = None;
                self.line(from, to);
            }
        }
        self.close();
    }

    /// A ring of lines only, by its corners.
    fn lines(&mut self, corners: &[Spot]) {
        let Some(&first) = corners.first() else { return };
        self.say(b'M', &[first.0, first.1]);
        corners.iter().zip(&corners[1..]).for_each(|(&from, &to)| self.line(from, to));
        self.close();
    }

    fn line(&mut self, from: Spot, to: Spot) {
        match (to.0 - from.0, to.1 - from.1) {
            (dx, 0) => self.say(b'h', &[dx]),
            (0, dy) => self.say(b'v', &[dy]),
            (dx, dy) => self.say(b'l', &[dx, dy]),
        }
    }

    fn close(&mut self) {
        self.out.push(b'z');
        self.command = b'z';
    }

    #[inline]
    fn say<const N: usize>(&mut self, command: u8, numbers: &[i64; N]) {
        // Together first: to the end of the text they go once.
        let (mut text, mut end) = ([0; MOST * (LONGEST + 1) + 1], 0);
        let is_new = command != self.command;
        if is_new {
            text[0] = command;
            end = 1;
        }
        for (i, &number) in numbers.iter().enumerate() {
            let starts_with_point = number.abs() < 100 && number % 100 != 0;
            let parted = is_new && i == 0 || number < 0 || (starts_with_point && self.dotted);
            if !parted {
                text[end] = b' ';
                end += 1;
            }
            end = put_short(&mut text, end, number);
            self.dotted = number % 100 != 0;
        }
        self.out.extend_from_slice(&text[..end]);
        self.command = command;
    }
}

/// The most numbers of a command: those of a curve.
const MOST: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    fn data(points: &[(f64, f64)]) -> String {
        let mut polygons = Polygons::default();
        polygons.push_ring(&points.iter().map(|&(x, y)| Point::new(x, y)).collect::<Vec<_>>());
        String::from_utf8(path_data(&polygons)).unwrap()
    }

    #[test]
    fn steps_are_relative_and_short() {
        assert_eq!(data(&[(1.0, 2.0), (4.0, 2.0), (4.0, 7.5), (0.5, 8.25)]), "M1 2h3v5.5l-3.5.75z");
        assert_eq!(data(&[(0.5, 0.25), (1.25, 1.0), (2.0, 1.75), (2.0, 9.0)]), "M.5.25l.75.75.75.75v7.25z");
    }

    #[test]
    fn lines_that_go_on_straight_become_one() {
        let mut polygons = Polygons::default();
        let steps =
            [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (2.5, 0.5), (3.0, 1.0), (3.0, 4.0), (3.0, 2.0), (0.0, 2.0)];
        polygons.push_ring(&steps.map(|(x, y)| Point::new(x, y)));
        assert_eq!(merged_path_data(&polygons), b"M0 0h2l1 1v3-2h-3z");
    }

    #[test]
    fn handles_that_mirror_each_other_are_said_once() {
        // Rounded one by one, the controls at the joint would be 2.12 before it and 2.13 behind it.
        let (joint, handle) = (Point::new(9.994, 5.0), Point::new(2.1249, -3.0));
        let mut wave = Polygons::default();
        let points = [Point::new(0.0, 0.0), joint, Point::new(20.0, 0.0), Point::new(10.0, 30.0)];
        let curve = |first, controls| CurveSpan { first, steps: 1, controls };
        let curves = [
            curve(0, [points[0], Point::new(3.0, 1.0), joint - handle, joint]),
            curve(1, [joint, joint + handle, Point::new(17.0, 1.0), points[2]]),
        ];
        wave.push_curved_ring(&points, &curves);
        assert_eq!(path_data(&wave), b"M0 0c3 1 7.87 8 9.99 5s7.01-4 10.01-5l-10 30z");
        // The neighbour goes the other way, and draws the same.
        let mut back = Polygons::default();
        let points = [points[2], joint, points[0], Point::new(10.0, -30.0)];
        let back_again = |first, curve: &CurveSpan| {
            let mut back = CurveSpan { first, ..*curve };
            back.controls.reverse();
            back
        };
        back.push_curved_ring(&points, &[back_again(0, &curves[1]), back_again(1, &curves[0])]);
        assert_eq!(path_data(&back), b"M20 0c-3 1-7.89 2-10.01 5s-6.99-4-9.99-5l10-30z");
        let (mut forth, mut other) = (Vec::new(), Vec::new());
        strokes(&wave, |ring| forth.extend_from_slice(ring));
        strokes(&back, |ring| other.extend_from_slice(ring));
        let turned = |stroke: &Stroke| Stroke {
            from: stroke.to,
            to: stroke.from,
            controls: stroke.controls.map(|[a, b]| [b, a]),
        };
        assert_eq!((forth[0], forth[1]), (turned(&other[1]), turned(&other[0])));
    }

    #[test]
    fn points_that_round_to_one_are_written_once() {
        assert_eq!(data(&[(0.0, 0.0), (0.001, 0.001), (1.0, 0.0), (1.0, 1.0), (0.0, 0.002)]), "M0 0h1v1z");
        assert_eq!(data(&[(0.0, 0.0), (0.001, 0.0), (0.0, 0.001)]), "");
    }
}
