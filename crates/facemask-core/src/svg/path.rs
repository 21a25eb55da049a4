//! SVG path data: relative coordinates in hundredths, with the shortest command for each segment.
//!
//! Curves stay cubic Bezier curves. Where the first handle of a curve is the reflection of the last handle of the curve
//! before, the smooth command `s` omits it.

use super::number::{NUMBER_BUFFER, to_hundredths, write_svg_number};
use crate::geometry::Point;

/// Appends connected segments to `merged`, where collinear lines that follow each other become one.
fn merge_straight_lines(segments: impl Iterator<Item = PathSegment>, merged: &mut Vec<PathSegment>) {
    merged.clear();
    for segment in segments {
        match merged.last_mut() {
            Some(last) if last.is_continued_by(&segment) => last.end = segment.end,
            _ => merged.push(segment),
        }
    }
}

/// A point with coordinates in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FixedPoint {
    /// Hundredths to the right of the origin.
    pub x: i64,
    /// Hundredths below the origin.
    pub y: i64,
}

impl FixedPoint {
    /// The nearest point in hundredths.
    #[must_use]
    pub fn round(p: Point) -> Self {
        Self { x: to_hundredths(p.x), y: to_hundredths(p.y) }
    }

    /// The vector from `origin` to this point.
    pub(super) const fn relative_to(self, origin: Self) -> Self {
        Self { x: self.x - origin.x, y: self.y - origin.y }
    }
}

/// A line or a cubic curve, in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PathSegment {
    pub(super) start: FixedPoint,
    pub(super) end: FixedPoint,
    /// The inner control points of a curve; `None` for a line.
    pub(super) controls: Option<[FixedPoint; 2]>,
}

impl PathSegment {
    /// Whether both are lines, and the other one continues this one in the same direction.
    fn is_continued_by(&self, other: &Self) -> bool {
        let (a, b) = (self.end.relative_to(self.start), other.end.relative_to(other.start));
        let is_line = self.controls.is_none() && other.controls.is_none();
        is_line && self.end == other.start && a.x * b.y == a.y * b.x && a.x * b.x + a.y * b.y > 0
    }
}

/// Path data under construction.
#[derive(Default)]
pub(super) struct PathWriter {
    pub(super) out: Vec<u8>,
    /// The previous command, which need not be repeated.
    command: u8,
    /// Whether the previous number has a decimal point. Then a number that starts with a point needs no separator.
    has_decimal_point: bool,
    /// Segments while collinear lines are merged.
    merged: Vec<PathSegment>,
}

impl PathWriter {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { out: Vec::with_capacity(capacity), ..Self::default() }
    }

    /// Writes connected segments, closed where the last one ends at the start of the first.
    pub(super) fn write_connected(&mut self, segments: impl Iterator<Item = PathSegment>, is_closed: bool) {
        let mut segments = segments.peekable();
        let Some(first) = segments.peek() else { return };
        self.write_command(b'M', &[first.start.x, first.start.y]);
        // The last handle of the previous curve, reflected.
        let mut arriving = None;
        while let Some(PathSegment { start, end, controls }) = segments.next() {
            if let Some([a, b]) = controls {
                let handle = end.relative_to(b);
                let [a, b, end] = [a, b, end].map(|point| point.relative_to(start));
                if arriving.replace(handle) == Some(a) {
                    self.write_command(b's', &[b.x, b.y, end.x, end.y]);
                } else {
                    self.write_command(b'c', &[a.x, a.y, b.x, b.y, end.x, end.y]);
                }
            } else if !is_closed || segments.peek().is_some() {
                // The command `z` draws a final line.
                arriving = None;
                self.write_line(start, end);
            }
        }
        if is_closed {
            self.close();
        }
    }

    /// The same, with consecutive collinear lines merged.
    pub(super) fn write_merged(&mut self, segments: impl Iterator<Item = PathSegment>, is_closed: bool) {
        let mut merged = std::mem::take(&mut self.merged);
        merge_straight_lines(segments, &mut merged);
        self.write_connected(merged.iter().copied(), is_closed);
        self.merged = merged;
    }

    /// Writes a ring of lines only, given by its corners.
    pub(super) fn write_polygon(&mut self, corners: &[FixedPoint]) {
        let Some(&first) = corners.first() else { return };
        self.write_command(b'M', &[first.x, first.y]);
        corners.iter().zip(&corners[1..]).for_each(|(&start, &end)| self.write_line(start, end));
        self.close();
    }

    fn write_line(&mut self, start: FixedPoint, end: FixedPoint) {
        match end.relative_to(start) {
            FixedPoint { x, y: 0 } => self.write_command(b'h', &[x]),
            FixedPoint { x: 0, y } => self.write_command(b'v', &[y]),
            FixedPoint { x, y } => self.write_command(b'l', &[x, y]),
        }
    }

    fn close(&mut self) {
        self.out.push(b'z');
        self.command = b'z';
    }

    #[inline]
    fn write_command<const N: usize>(&mut self, command: u8, numbers: &[i64; N]) {
        // Formatted in a local buffer, and appended with one copy.
        let (mut text, mut end) = ([0; MAX_ARGUMENTS * (NUMBER_BUFFER + 1) + 1], 0);
        let is_new = command != self.command;
        if is_new {
            text[0] = command;
            end = 1;
        }
        for (i, &number) in numbers.iter().enumerate() {
            let starts_with_point = number.abs() < 100 && number % 100 != 0;
            let is_separated =
                is_new && i == 0 || number < 0 || (starts_with_point && self.has_decimal_point);
            if !is_separated {
                text[end] = b' ';
                end += 1;
            }
            end = write_svg_number(&mut text, end, number);
            self.has_decimal_point = number % 100 != 0;
        }
        self.out.extend_from_slice(&text[..end]);
        self.command = command;
    }
}

/// The maximum number of arguments of a command, those of a curve.
const MAX_ARGUMENTS: usize = 6;
