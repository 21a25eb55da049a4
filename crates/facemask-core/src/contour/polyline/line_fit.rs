//! Straight simplification up to half a pixel of the map: few lines through all windows of an arc, near the middles of
//! the windows by least squares, and with the area of the pixels.
//!
//! The polyline of [`super::partition`] passes all windows, and each change is checked, so it always does. A corner
//! moves to where the best lines on its two sides meet. Then every vertex moves to where its two lines fit the middles
//! of their windows best, and those that have become needless are removed. At last all vertices move across the arc until
//! the area between the polyline and the pixels' edges is zero. Where the windows leave too little space for that, more
//! vertices are inserted.

use super::arc_cells::{ArcCells, CellVertex};
use super::partition::{OrbitMember, Polyline};
use crate::contour::topology::canonical::{ArcSymmetry, CanonicalForm};
use crate::geometry::Point;

/// The largest offset of the end of a line from the middle of its window, in half widths, in the order of trial. The
/// farther a line reaches, the fewer there are, and the less space is left to restore the area.
const REACHES: [f64; 2] = [0.6, 0.0];
/// The sine of the angle from which a vertex is a corner: 45 degrees. Below, two lines meet in no definite place.
const MIN_CORNER_SINE: f64 = 0.7;
/// The distance in pixels below which a vertex does not move.
const MIN_MOVE: f64 = 0.01;
/// The largest distance by which a vertex moves at once.
const MAX_MOVE: f64 = 1.0;
/// The weight that holds a vertex where it is, as a fraction of the weight of its lines.
const RIDGE: f64 = 0.01;
/// The fractions of a move that are tried until one is valid, for a vertex that moves with its images.
const MOVE_FRACTIONS: [f64; 3] = [1.0, 0.5, 0.2];
/// The most lengths of a move that are tried for a vertex alone.
const MAX_ATTEMPTS: usize = 3;
/// The share of the way to the nearest end of a window that a vertex goes, so that it can move on.
const WINDOW_SHARE: f64 = 0.9;
/// The area in square pixels, doubled, that counts as none.
const MAX_DOUBLE_AREA: f64 = 1e-9;
/// The most rounds in which the area is brought to zero.
const AREA_ROUNDS: usize = 4;
/// The fraction of the area after a round beyond which no further round is tried.
const MIN_AREA_PROGRESS: f64 = 0.7;
/// The most times that vertices are inserted to bring the area to zero.
const MAX_INSERTIONS: usize = 4;

/// The simplification of arcs in their canonical frames, with memory reused from arc to arc.
#[derive(Default)]
pub(crate) struct LineFitter {
    cells: ArcCells,
    polyline: Polyline,
    symmetry: Option<ArcSymmetry>,
    /// The vertices of each orbit of a symmetric arc, the first image first.
    orbits: Vec<Vec<usize>>,
    /// The vertices that move by themselves, not as images: one of each orbit, without the ends of an open arc.
    movable: Vec<usize>,
    /// The vertices of the best polyline so far.
    best: Vec<CellVertex>,
    /// The vertices of an orbit before a move.
    before: Vec<CellVertex>,
}

impl LineFitter {
    /// Simplifies an arc, whose points are then in [`Self::points`]. Returns whether a simpler line was found than the
    /// traced border itself.
    ///
    /// `max_offset` is the largest distance of a point of the outline from the traced border along the canonical axes,
    /// at most half a pixel.
    pub(crate) fn fit(&mut self, form: &CanonicalForm, is_closed: bool, max_offset: Point) -> bool {
        self.cells.build(form, is_closed, max_offset);
        self.symmetry = form.symmetry(is_closed);
        let mut best: Option<(usize, f64)> = None;
        for reach in REACHES {
            if !self.try_partition(reach) {
                continue;
            }
            let (inserted, error) = self.restore_area();
            let count = self.polyline.vertices.len();
            let is_better = |&(least_count, least_error): &(usize, f64)| {
                (error.max(MAX_DOUBLE_AREA), count) < (least_error.max(MAX_DOUBLE_AREA), least_count)
            };
            if best.as_ref().is_none_or(is_better) {
                best = Some((count, error));
                self.best.clone_from(&self.polyline.vertices);
            }
            if error < MAX_DOUBLE_AREA && inserted <= 1 {
                break;
            }
        }
        best.is_some()
    }

    /// Finds a polyline whose lines pass all windows and fit their middles. Returns whether there is one.
    fn try_partition(&mut self, reach: f64) -> bool {
        match &self.symmetry {
            Some(symmetry) => self.polyline.partition_symmetric(&self.cells, reach, symmetry),
            None => self.polyline.partition(&self.cells, reach),
        }
        self.index_vertices();
        let is_closed = self.cells.is_closed;
        if is_closed && self.polyline.vertices.len() < 3 || (0..self.line_count()).any(|i| !self.passes(i)) {
            return false;
        }
        if self.meet_at_corners() {
            self.remove_needless();
        }
        self.fit_lines();
        self.remove_needless();
        true
    }

    /// The points of the last arc in its canonical frame, ends included, unless it is closed.
    pub(crate) fn points(&self) -> impl DoubleEndedIterator<Item = Point> {
        self.best.iter().map(|vertex| vertex.point)
    }

    fn line_count(&self) -> usize {
        self.polyline.vertices.len() - usize::from(!self.cells.is_closed)
    }

    /// Vertex `i`, which may lie in a further round of a closed arc.
    fn vertex(&self, i: usize) -> CellVertex {
        let vertices = &self.polyline.vertices;
        match vertices.get(i) {
            Some(vertex) => *vertex,
            None => {
                let vertex = self.vertex(i - vertices.len());
                CellVertex { cell: vertex.cell + self.cells.len(), ..vertex }
            }
        }
    }

    /// A vertex between its neighbors.
    #[inline]
    fn between_neighbors(&self, i: usize) -> [CellVertex; 3] {
        if let Some(&[before, vertex, behind]) = self.polyline.vertices.get(i.wrapping_sub(1)..i + 2) {
            return [before, vertex, behind];
        }
        let before = if i == 0 { self.polyline.vertices.len() - 1 } else { i - 1 };
        [self.vertex(before), self.vertex(before + 1), self.vertex(before + 2)]
    }

    /// Whether line `i`, from vertex `i` to the next, passes its windows.
    fn passes(&self, i: usize) -> bool {
        let (from, to) = (self.vertex(i), self.vertex(i + 1));
        from.cell < to.cell && self.cells.passes(&from, &to)
    }

    /// Whether a vertex stays where it is, as at the ends of an open arc.
    fn is_fixed(&self, i: usize) -> bool {
        !self.cells.is_closed && (i == 0 || i + 1 == self.polyline.vertices.len())
    }

    /// Lists the vertices of each orbit, the first image first, and those that move by themselves.
    fn index_vertices(&mut self) {
        let count = self.polyline.vertices.len();
        let ends = usize::from(!self.cells.is_closed);
        self.movable.clear();
        if self.symmetry.is_none() {
            self.movable.extend(ends..count - ends);
            return;
        }
        self.orbits.iter_mut().for_each(Vec::clear);
        self.orbits.resize(self.polyline.mirrors.len(), Vec::new());
        let members = &self.polyline.members;
        for (i, member) in members.iter().enumerate() {
            let orbit = &mut self.orbits[member.orbit];
            orbit.push(i);
            if members[orbit[0]].image > member.image {
                let last = orbit.len() - 1;
                orbit.swap(0, last);
            }
        }
        let first = self.orbits.iter().filter_map(|orbit| orbit.first().copied());
        self.movable.extend(first.filter(|i| (ends..count - ends).contains(i)));
    }

    /// Calls `visit` with each vertex that moves by itself.
    fn for_each_movable(&mut self, mut visit: impl FnMut(&mut Self, usize)) {
        let movable = std::mem::take(&mut self.movable);
        movable.iter().for_each(|&i| visit(self, i));
        self.movable = movable;
    }

    /// The indices of a vertex and its images.
    fn orbit(&self, i: usize) -> &[usize] {
        &self.orbits[self.polyline.members[i].orbit]
    }

    /// Moves a vertex and its images, as far as that is valid. Returns the change of the doubled area.
    fn try_move(&mut self, i: usize, change: Point) -> f64 {
        self.try_move_near(i, change, None)
    }

    /// The same, into a cell or one next to it, if that is not the present one.
    fn try_move_near(&mut self, i: usize, change: Point, near: Option<usize>) -> f64 {
        if self.symmetry.is_none() {
            return self.move_alone(i, change, near);
        }
        let mut fractions = MOVE_FRACTIONS.into_iter();
        fractions.find_map(|fraction| self.move_orbit(i, change * fraction, near)).unwrap_or_default()
    }

    fn move_alone(&mut self, i: usize, change: Point, near: Option<usize>) -> f64 {
        let [before, vertex, behind] = self.between_neighbors(i);
        let (line, next_line) = (vertex.point - before.point, behind.point - vertex.point);
        let (mut step, mut near) = (change, near.unwrap_or(vertex.cell));
        for _ in 0..MAX_ATTEMPTS {
            let point = vertex.point + step;
            let Some(cell) = self.cells.locate(point, near, before.cell, behind.cell) else {
                (step, near) = (step * 0.5, vertex.cell);
                continue;
            };
            let first = self.cells.passing_fraction([before.cell, cell], before.point, line, step);
            let second =
                self.cells.passing_fraction([cell, behind.cell], behind.point, next_line, step * -1.0);
            let fraction = first.min(second);
            // The permitted part of a cell is convex, so the vertex may stop anywhere on its way within the cell.
            if fraction < 1.0 {
                step = step * (fraction * WINDOW_SHARE);
                near = vertex.cell;
            }
            if fraction == 1.0 || cell == vertex.cell {
                let own = &mut self.polyline.vertices[i];
                *own = CellVertex { cell: own.cell + cell - vertex.cell, point: vertex.point + step };
                return step.cross(behind.point - before.point);
            }
        }
        0.0
    }

    fn move_orbit(&mut self, i: usize, step: Point, near: Option<usize>) -> Option<f64> {
        let symmetry = self.symmetry.as_ref()?;
        let OrbitMember { orbit, .. } = self.polyline.members[i];
        let [before, vertex, behind] = self.between_neighbors(i);
        let mut point = vertex.point + step;
        let cell = match &self.polyline.mirrors[orbit] {
            // A vertex on an axis stays there.
            Some(mirror) => {
                point = point.midpoint(mirror.apply(point));
                self.cells.locate(point, vertex.cell, vertex.cell - 1, vertex.cell + 1)?
            }
            None => self.cells.locate(point, near.unwrap_or(vertex.cell), before.cell, behind.cell)?,
        };
        let area_before = self.double_area_around(orbit);
        self.before.clear();
        for &member in &self.orbits[orbit] {
            self.before.push(self.polyline.vertices[member]);
            let image = &symmetry.images[self.polyline.members[member].image];
            let own = &mut self.polyline.vertices[member];
            own.point = image.isometry.apply(point);
            let (from, to) = if image.is_reversed { (cell, vertex.cell) } else { (vertex.cell, cell) };
            own.cell = own.cell + to - from;
        }
        let count = self.polyline.vertices.len();
        let passes = |line: usize| self.passes(line);
        let is_valid = self.cells.is_closed || i > 0;
        let lines = [if i == 0 { count - 1 } else { i - 1 }, i];
        if is_valid && lines.into_iter().all(passes) {
            return Some(self.double_area_around(orbit) - area_before);
        }
        for (&member, vertex) in self.orbits[orbit].iter().zip(&self.before) {
            self.polyline.vertices[member] = *vertex;
        }
        None
    }

    /// The doubled area of the lines at the vertices of an orbit, seen from the origin.
    fn double_area_around(&self, orbit: usize) -> f64 {
        let count = self.polyline.vertices.len();
        let mut sum = 0.0;
        for &i in &self.orbits[orbit] {
            let [before, vertex, behind] = self.between_neighbors(i).map(|vertex| vertex.point);
            sum += vertex.cross(behind);
            let previous = if i == 0 { count - 1 } else { i - 1 };
            if self.polyline.members[previous].orbit != orbit {
                sum += before.cross(vertex);
            }
        }
        sum
    }

    /// Moves the vertices at corners, and all of a symmetric arc, to where the best lines through the windows on their
    /// two sides meet, first along the arc. Returns whether there are any.
    fn meet_at_corners(&mut self) -> bool {
        let mut has_corner = false;
        self.for_each_movable(|this, i| {
            let [before, vertex, behind] = this.between_neighbors(i);
            let (line, next_line) = (vertex.point - before.point, behind.point - vertex.point);
            let turn = line.cross(next_line);
            let is_corner =
                turn * turn >= MIN_CORNER_SINE * MIN_CORNER_SINE * line.dot(line) * next_line.dot(next_line);
            if !is_corner && this.symmetry.is_none() {
                return;
            }
            has_corner = true;
            let (cell, corner) = this.cells.best_corner(&before, &vertex, &behind);
            if let Some(corner) = corner {
                this.try_move_near(i, corner - vertex.point, Some(cell));
            }
        });
        has_corner
    }

    /// Moves every vertex to where its two lines fit best.
    fn fit_lines(&mut self) {
        self.for_each_movable(|this, i| {
            let [before, vertex, behind] = this.between_neighbors(i);
            let pulls = [this.cells.pull(&before, &vertex), this.cells.pull_back(&vertex, &behind)];
            let ridge = RIDGE * (pulls[0].weight + pulls[1].weight);
            let (mut a, mut b, mut c, mut r) = (ridge, 0.0, ridge, Point::default());
            for pull in pulls {
                let (n, weight) = (pull.normal, pull.weight);
                (a, b, c) = (a + weight * n.x * n.x, b + weight * n.x * n.y, c + weight * n.y * n.y);
                r = r + n * pull.moment;
            }
            let inv = 1.0 / (a * c - b * b).max(f64::MIN_POSITIVE);
            let change = Point::new((c * r.x - b * r.y) * inv, (a * r.y - b * r.x) * inv);
            let length = change.length();
            if length > MIN_MOVE {
                this.try_move(i, change * (MAX_MOVE / length).min(1.0));
            }
        });
    }

    /// Removes vertices whose neighbors one line joins.
    fn remove_needless(&mut self) {
        if self.symmetry.is_none() {
            let mut i = 0;
            while i < self.polyline.vertices.len() {
                if self.is_fixed(i) || !self.try_remove(i) {
                    i += 1;
                }
            }
            self.index_vertices();
            return;
        }
        for orbit in 0..self.orbits.len() {
            let first = self.orbits[orbit].first().copied();
            if first.is_some_and(|i| !self.is_fixed(i) && self.try_remove(i)) {
                self.index_vertices();
            }
        }
    }

    /// Removes a vertex and its images, if one line joins the neighbors of each.
    fn try_remove(&mut self, i: usize) -> bool {
        let count = self.polyline.vertices.len();
        if self.symmetry.is_none() {
            let [before, _, behind] = self.between_neighbors(i);
            if self.cells.is_closed && count <= 3 || !self.cells.passes(&before, &behind) {
                return false;
            }
            self.polyline.vertices.remove(i);
            return true;
        }
        let members = &self.polyline.members;
        let orbit = members[i].orbit;
        let left = count - self.orbits[orbit].len();
        if left < if self.cells.is_closed { 3 } else { 2 } {
            return false;
        }
        // Images next to each other are removed together.
        let is_left = |i: &usize| members[i % count].orbit != orbit;
        let (before, behind) = ((0..i + count).rev().find(is_left), (i + count..).find(is_left));
        let (Some(before), Some(behind)) = (before, behind) else { return false };
        let round = if self.cells.is_closed { count } else { 0 };
        let (before, behind) = (before + round - count, behind + round - count);
        if !self.cells.passes(&self.vertex(before), &self.vertex(behind)) {
            return false;
        }
        let Polyline { vertices, members, .. } = &mut self.polyline;
        let mut is_left = members.iter().map(|member| member.orbit != orbit);
        vertices.retain(|_| is_left.next() == Some(true));
        members.retain(|member| member.orbit != orbit);
        true
    }

    /// Twice the area by which the polyline exceeds the pixels' edges on its right.
    fn double_area_error(&self) -> f64 {
        let vertices = &self.polyline.vertices;
        let last = match &vertices[..] {
            [first, .., last] if self.cells.is_closed => last.point.cross(first.point),
            _ => 0.0,
        };
        let lines = vertices.windows(2).map(|line| line[0].point.cross(line[1].point));
        lines.sum::<f64>() + last - self.cells.double_area
    }

    /// Moves the vertices across the arc until it encloses the area of the pixels. Returns the number of vertices that
    /// were inserted, and the doubled area that is left.
    fn restore_area(&mut self) -> (usize, f64) {
        let count = self.polyline.vertices.len();
        for insertions in 0..=MAX_INSERTIONS {
            let mut error = self.double_area_error();
            for round in 0..AREA_ROUNDS {
                if error.abs() < MAX_DOUBLE_AREA {
                    break;
                }
                let before = error.abs();
                if round == 0 {
                    self.spread_area(error);
                } else {
                    self.absorb_area(error);
                }
                error = self.double_area_error();
                if error.abs() > MIN_AREA_PROGRESS * before {
                    break;
                }
            }
            let is_last = error.abs() < MAX_DOUBLE_AREA || insertions == MAX_INSERTIONS;
            if is_last || !self.insert_vertex(error) {
                return (self.polyline.vertices.len() - count, error.abs());
            }
        }
        (0, 0.0)
    }

    /// Moves every vertex by an equal share of the area that is left.
    fn spread_area(&mut self, mut error: f64) {
        let mut left: f64 = self.movable.iter().map(|&i| self.moved_length(i)).sum();
        self.for_each_movable(|this, i| {
            let length = this.moved_length(i);
            error += this.move_across(i, -error / left);
            left -= length;
        });
    }

    /// Moves one vertex after the other as far as it can go, until no area is left.
    fn absorb_area(&mut self, mut error: f64) {
        self.for_each_movable(|this, i| {
            if error.abs() >= MAX_DOUBLE_AREA {
                error += this.move_across(i, -error / this.moved_length(i));
            }
        });
    }

    /// The doubled area that the polyline gains when a vertex and its images move by one unit to the right.
    fn moved_length(&self, i: usize) -> f64 {
        let [before, _, behind] = self.between_neighbors(i);
        let images = if self.symmetry.is_some() { self.orbit(i).len() } else { 1 };
        (behind.point - before.point).length() * images as f64
    }

    /// Moves a vertex and its images to the right, at right angles to the chord of its neighbors. Returns the change of
    /// the doubled area.
    fn move_across(&mut self, i: usize, distance: f64) -> f64 {
        let [before, _, behind] = self.between_neighbors(i);
        let chord = behind.point - before.point;
        let scale = distance.clamp(-MAX_MOVE, MAX_MOVE) / chord.length();
        let change = Point::new(chord.y, -chord.x) * scale;
        if change.is_finite() { self.try_move(i, change) } else { 0.0 }
    }

    /// Inserts a vertex in the middle of the line that deviates most in the direction of the error, and of its images.
    /// Returns whether a line is long enough for one.
    fn insert_vertex(&mut self, error: f64) -> bool {
        let candidates = (0..self.line_count()).filter_map(|i| {
            let (from, to) = (self.vertex(i), self.vertex(i + 1));
            (to.cell - from.cell >= 2)
                .then(|| (i, self.cells.double_area_beside(&from, &to) * error.signum()))
        });
        // Of equals, which only images are, the first.
        let Some((line, _)) = candidates.reduce(|a, b| if b.1 > a.1 + 1e-6 { b } else { a }) else {
            return false;
        };
        let (from, to) = (self.vertex(line), self.vertex(line + 1));
        let cell = from.cell.midpoint(to.cell);
        let vertex = CellVertex { cell, point: self.point_in_cell(&from, &to, cell) };
        match self.symmetry.take() {
            None => {
                self.polyline.vertices.insert(line + 1, vertex);
                self.index_vertices();
                true
            }
            Some(symmetry) => {
                let is_inserted = self.polyline.insert_orbit(vertex, &symmetry, &self.cells);
                self.symmetry = Some(symmetry);
                self.index_vertices();
                is_inserted
            }
        }
    }

    /// The middle of the part of a line in a cell.
    fn point_in_cell(&self, from: &CellVertex, to: &CellVertex, cell: usize) -> Point {
        let line = to.point - from.point;
        let fraction_at = |i: usize| {
            let direction = self.cells.step(i).vector();
            let to_window = self.cells.window(i).middle() - from.point;
            (to_window.dot(direction) / line.dot(direction)).clamp(0.0, 1.0)
        };
        from.point + line * fraction_at(cell - 1).midpoint(fraction_at(cell))
    }
}
