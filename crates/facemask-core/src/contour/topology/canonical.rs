//! The canonical form of an arc: the direction, the start and the frame in which its outline is computed.
//!
//! A map has no preferred direction, but every algorithm that walks along an arc has one. An arc is therefore brought
//! into a frame that follows from its shape alone. There it starts at the origin, its first step runs east, and the
//! sequence of its turns is the lexicographically least of all that reversal, reflection and, if it is closed, the
//! choice of the start can give. So the outline of a flipped, transposed or turned map is the flipped, transposed or
//! turned outline.
//!
//! Several choices give the same sequence exactly if the arc is symmetric in itself. [`ArcSymmetry`] names a domain of
//! it and the isometries that make the whole arc of its images: what is computed for the domain alone is symmetric.
//!
//! A sequence of turns is a chain code, and its least rotation the normal form of a closed one (Freeman, "On the
//! encoding of arbitrary geometric configurations", 1961). Two candidates find it in linear time (Shiloach, "Fast
//! canonization of circular strings", 1981).

use super::direction::Direction;
use crate::geometry::{Affine, Point};

/// The codes of a turn. A right turn comes first, so that a closed arc starts at a corner. Left and right differ in one
/// bit.
const RIGHT: u16 = 0;
const STRAIGHT: u16 = 1 << 8;
const LEFT: u16 = 2 << 8;
/// The bits of the turn. Those below hold twice the key of the step, and one for its axis where the axes differ.
const TURN_MASK: u16 = 3 << 8;

/// What tells apart two steps between the same turns.
#[derive(Clone, Copy, Default)]
pub(crate) struct StepKeys<'a> {
    /// A number below 64 for each step, such as the width of its window; empty if all are alike.
    pub(crate) keys: &'a [u8],
    /// Whether horizontal and vertical steps differ, as with pixels that are not square.
    pub(crate) axes_differ: bool,
}

/// The canonical form of an arc, reused from arc to arc.
#[derive(Default)]
pub(crate) struct CanonicalForm {
    /// The steps in the canonical frame. The first one runs east.
    pub(crate) steps: Vec<Direction>,
    pub(crate) frame: CanonicalFrame,
    /// Of each step, the code of the turn before it and of the step itself. An open arc begins straight.
    codes: Vec<u16>,
    /// The codes of the reverse arc, which is mirrored if it is closed.
    reverse_codes: Vec<u16>,
    reversal: Option<Reversal>,
}

/// How an arc equals its reverse.
#[derive(Clone, Copy)]
enum Reversal {
    /// A closed arc: the numbers of a node and of its mirror image add up to this one, modulo that of the steps.
    Closed(usize),
    /// An open arc, which is the mirror image of its reverse.
    Mirrored,
    /// An open arc, which is its reverse turned by half a turn.
    Turned,
}

/// The way from the canonical frame of an arc to the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CanonicalFrame {
    /// Whether the arc is traversed backward.
    pub(crate) is_reversed: bool,
    /// The traced node that is the first one.
    first_node: usize,
    /// That node, as seen from the first node of the traced arc.
    origin: [i64; 2],
    /// The images of east and of south.
    east: Direction,
    south: Direction,
}

/// The symmetry group of an arc in its canonical frame: a fundamental domain, and the isometries whose images of it make
/// up the arc.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ArcSymmetry {
    /// The positions at which the domain begins and ends, in half steps: node `i` is at `2 i`, the middle of step `i` at
    /// `2 i + 1`. The end may lie beyond the last step of a closed arc.
    pub(crate) domain: [usize; 2],
    /// Whether an axis of reflection passes through the start and through the end of the domain.
    pub(crate) has_axis: [bool; 2],
    /// The images in the order of the arc, the domain itself first.
    pub(crate) images: Vec<DomainImage>,
}

/// An isometry that maps the domain onto another part of the arc.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DomainImage {
    pub(crate) isometry: Affine,
    /// Whether the image of the domain's end comes first.
    pub(crate) is_reversed: bool,
}

/// A part of the border along the sides of pixels: the points at its two ends, and the integral of (x dy - y dx) / 2.
pub(crate) struct Staircase {
    pub(crate) ends: [Point; 2],
    pub(crate) area: f64,
}

impl Default for CanonicalFrame {
    fn default() -> Self {
        let (east, south) = (Direction::East, Direction::South);
        Self { is_reversed: false, first_node: 0, origin: [0, 0], east, south }
    }
}

impl CanonicalFrame {
    /// The affine to the map, in which the traced arc starts at `start`. It is a symmetry of the lattice.
    pub(crate) fn map_from_canonical(&self, start: Point) -> Affine {
        let (east, south) = (self.east.vector(), self.south.vector());
        let [x, y] = self.origin.map(|coordinate| coordinate as f64);
        Affine([east.x, south.x, start.x + x, east.y, south.y, start.y + y])
    }

    /// The directions in the canonical frame of those of the map.
    fn canonical_directions(&self) -> [Direction; 4] {
        let mut directions = Direction::ALL;
        for turns in 0..4 {
            let is_mirrored = self.south != self.east.turned_right(1);
            let direction = self.east.turned_right(if is_mirrored { 4 - turns } else { turns });
            directions[direction as usize] = Direction::East.turned_right(turns);
        }
        directions
    }

    /// The lengths along the canonical axes of something that has these lengths along those of the map.
    pub(crate) fn canonical_extent(&self, extent: Point) -> Point {
        let is_transposed = matches!(self.east, Direction::North | Direction::South);
        if is_transposed { Point::new(extent.y, extent.x) } else { extent }
    }
}

impl CanonicalForm {
    /// Brings an arc into its canonical form, in place of the one before.
    pub(crate) fn find(&mut self, steps: &[Direction], is_closed: bool, step_keys: StepKeys<'_>) {
        self.encode(steps, is_closed, step_keys);
        let count = steps.len();
        let (first_node, is_reversed, is_mirrored) = if is_closed {
            let (first_node, is_reversed) = self.canonize_closed();
            // A closed arc runs clockwise, and so does the mirror image of its reverse.
            (first_node, is_reversed, is_reversed)
        } else {
            let (is_reversed, is_mirrored) = self.canonize_open();
            (if is_reversed { count } else { 0 }, is_reversed, is_mirrored)
        };
        let mut origin = [0, 0];
        for step in &steps[..first_node] {
            let (dx, dy) = step.step();
            origin = [origin[0] + i64::from(dx), origin[1] + i64::from(dy)];
        }
        let east = match is_reversed {
            true => steps[(first_node + count - 1) % count].opposite(),
            false => steps[first_node],
        };
        let south = east.turned_right(if is_mirrored { 3 } else { 1 });
        self.frame = CanonicalFrame { is_reversed, first_node, origin, east, south };
        let canonical = self.frame.canonical_directions();
        let (before, behind) = steps.split_at(first_node);
        self.steps.clear();
        if is_reversed {
            let opposite = canonical.map(Direction::opposite);
            let walk = before.iter().rev().chain(behind.iter().rev());
            self.steps.extend(walk.map(|&step| opposite[step as usize]));
        } else {
            self.steps.extend(behind.iter().chain(before).map(|&step| canonical[step as usize]));
        }
    }

    /// The keys of the steps in the canonical order.
    pub(crate) fn keys(&self) -> impl ExactSizeIterator<Item = u8> + '_ {
        self.codes.iter().map(|code| *code as u8 / 2)
    }

    /// The symmetry of the arc, if it is symmetric in itself.
    pub(crate) fn symmetry(&self, is_closed: bool) -> Option<ArcSymmetry> {
        if is_closed { self.closed_symmetry() } else { self.open_symmetry() }
    }

    fn encode(&mut self, steps: &[Direction], is_closed: bool, step_keys: StepKeys<'_>) {
        let axis_mask = u16::from(step_keys.axes_differ);
        let step_code = |step: Direction| step as u16 & axis_mask;
        let incoming = if is_closed { steps[steps.len() - 1] } else { steps[0] };
        self.codes.clear();
        self.codes.push(turn_code(incoming, steps[0]) | step_code(steps[0]));
        self.codes.extend(steps.windows(2).map(|pair| turn_code(pair[0], pair[1]) | step_code(pair[1])));
        for (code, &key) in self.codes.iter_mut().zip(step_keys.keys) {
            *code |= u16::from(key) << 1;
        }
        // Backward a turn follows the other one of the two steps beside its node.
        let reversed = |before: u16, behind: u16| (behind & TURN_MASK) | (before & !TURN_MASK);
        self.reverse_codes.clear();
        self.reverse_codes.push(reversed(self.codes[steps.len() - 1], self.codes[0]));
        self.reverse_codes.extend(self.codes.windows(2).rev().map(|pair| reversed(pair[0], pair[1])));
    }

    /// Chooses the direction and the handedness of an open arc: whether it is reversed, and whether mirrored.
    fn canonize_open(&mut self) -> (bool, bool) {
        // The least codes have a right turn first.
        let swaps = [&mut self.codes, &mut self.reverse_codes].map(|codes| {
            let turns = |code: &u16| (code & TURN_MASK != STRAIGHT).then_some(code & TURN_MASK == LEFT);
            let swaps = codes.iter().find_map(turns).unwrap_or(false);
            if swaps {
                codes.iter_mut().for_each(|code| *code ^= (!*code & STRAIGHT) << 1);
            }
            swaps
        });
        let order = self.reverse_codes.cmp(&self.codes);
        let same_hand = if swaps[0] == swaps[1] { Reversal::Mirrored } else { Reversal::Turned };
        self.reversal = order.is_eq().then_some(same_hand);
        let is_reversed = order.is_lt();
        if is_reversed {
            std::mem::swap(&mut self.codes, &mut self.reverse_codes);
        }
        // What was a turn to the right is one to the left backward, unless it is mirrored too.
        (is_reversed, is_reversed != swaps[usize::from(is_reversed)])
    }

    /// Chooses the start of a closed arc, and whether it is reversed and mirrored: its first traced node, and the
    /// latter.
    fn canonize_closed(&mut self) -> (usize, bool) {
        let count = self.codes.len();
        let [forward, backward] = [&mut self.codes, &mut self.reverse_codes].map(rotate_to_least);
        // Node `i` of the reverse arc is node `count - i`.
        let first_reversed = count - backward;
        let order = self.reverse_codes.cmp(&self.codes);
        self.reversal = order.is_eq().then_some(Reversal::Closed((first_reversed + count - forward) % count));
        if order.is_lt() {
            std::mem::swap(&mut self.codes, &mut self.reverse_codes);
            return (first_reversed % count, true);
        }
        (forward, false)
    }

    fn open_symmetry(&self) -> Option<ArcSymmetry> {
        let count = self.steps.len();
        let isometry = match self.reversal? {
            Reversal::Turned => {
                let center = self.point(count);
                Affine([-1.0, 0.0, 2.0 * center.x, 0.0, -1.0, 2.0 * center.y])
            }
            _ => self.reflection(count),
        };
        let images = [(Affine::IDENTITY, false), (isometry, true)];
        let images = images.map(|(isometry, is_reversed)| DomainImage { isometry, is_reversed }).to_vec();
        Some(ArcSymmetry { domain: [0, count], has_axis: [false, isometry.determinant() < 0.0], images })
    }

    fn closed_symmetry(&self) -> Option<ArcSymmetry> {
        let (codes, count) = (&self.codes, self.codes.len());
        let is_period = |order: usize| {
            count.is_multiple_of(order) && codes[count / order..] == codes[..count - count / order]
        };
        let order = [4, 2].into_iter().find(|&order| is_period(order)).unwrap_or(1);
        let period = count / order;
        let mut images = Vec::new();
        let mut push = |isometry, is_reversed| images.push(DomainImage { isometry, is_reversed });
        let mut image = Affine::IDENTITY;
        if let Some(Reversal::Closed(sum)) = self.reversal {
            // Position `sum` is its own mirror image.
            let domain = [sum % period, sum % period + period];
            let [first, second] = domain.map(|position| self.reflection(position));
            let turn = second * first;
            for _ in 0..order {
                push(image, false);
                push(image * second, true);
                image = image * turn;
            }
            return Some(ArcSymmetry { domain, has_axis: [true, true], images });
        }
        if order == 1 {
            return None;
        }
        let turns = self.steps[period] as u8 + 4 - self.steps[0] as u8;
        let (east, end) = (Direction::East.turned_right(turns), self.point(2 * period));
        let (x, y) = (east.vector(), east.turned_right(1).vector());
        let turn = Affine([x.x, y.x, end.x, x.y, y.y, end.y]);
        for _ in 0..order {
            push(image, false);
            image = image * turn;
        }
        Some(ArcSymmetry { domain: [0, 2 * period], has_axis: [false, false], images })
    }

    /// The point at a position in half steps.
    pub(crate) fn point(&self, position: usize) -> Point {
        let count = self.steps.len();
        let full = (0..position / 2).map(|i| self.steps[i % count].vector());
        let node = full.fold(Point::default(), |sum, step| sum + step);
        if position.is_multiple_of(2) { node } else { node + self.steps[position / 2 % count].vector() * 0.5 }
    }

    /// The staircase between two positions in half steps: the border along the sides of pixels.
    pub(crate) fn staircase(&self, [from, to]: [usize; 2]) -> Staircase {
        let count = self.steps.len();
        let ends = [self.point(from), self.point(to)];
        let (mut at, mut area) = (ends[0], 0.0);
        for position in from..to {
            let next = at + self.steps[position / 2 % count].vector() * 0.5;
            area += at.cross(next) * 0.5;
            at = next;
        }
        Staircase { ends, area }
    }

    /// The direction of the arc at a position in half steps: that of the step, or the sum of those before and behind the
    /// node.
    pub(crate) fn direction(&self, position: usize) -> Point {
        let count = self.steps.len();
        let step = |i: usize| self.steps[i % count].vector();
        let outgoing = step(position / 2);
        if position.is_multiple_of(2) { outgoing + step(position / 2 + count - 1) } else { outgoing }
    }

    /// The reflection that reverses the arc about a position in half steps.
    fn reflection(&self, position: usize) -> Affine {
        let (p, n) = (self.point(position), self.direction(position));
        let scale = 2.0 / n.dot(n);
        let [a, b, d, e] =
            [1.0 - scale * n.x * n.x, -scale * n.x * n.y, -scale * n.x * n.y, 1.0 - scale * n.y * n.y];
        Affine([a, b, p.x - a * p.x - b * p.y, d, e, p.y - d * p.x - e * p.y])
    }
}

/// The code of the turn between two steps.
fn turn_code(incoming: Direction, outgoing: Direction) -> u16 {
    let right_turns = (outgoing as u8).wrapping_sub(incoming as u8) & 3;
    [STRAIGHT, RIGHT, STRAIGHT, LEFT][usize::from(right_turns)]
}

/// Rotates a cyclic sequence to the lexicographically least one. Returns its start: the first, if there are several.
fn rotate_to_least(codes: &mut Vec<u16>) -> usize {
    let count = codes.len();
    codes.extend_from_within(..);
    let start = least_rotation(codes);
    codes.copy_within(start..start + count, 0);
    codes.truncate(count);
    start
}

/// The start of the least rotation of a sequence that is given twice in a row.
fn least_rotation(twice: &[u16]) -> usize {
    let count = twice.len() / 2;
    let (mut first, mut second) = (0, 1);
    while first < count && second < count {
        let (a, b) = (&twice[first..first + count], &twice[second..second + count]);
        let Some(same) = a.iter().zip(b).position(|(a, b)| a != b) else { break };
        if a[same] > b[same] {
            first += same + 1;
        } else {
            second += same + 1;
        }
        if first == second {
            second += 1;
        }
    }
    first.min(second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contour::topology::arcs::Arcs;
    use crate::contour::topology::lattice::Lattice;
    use crate::raster::LabelMap;

    /// The column and row of a pixel in the image of a square map with sides of `n`.
    type Symmetry = fn(usize, usize, usize) -> (usize, usize);

    /// The eight symmetries.
    const SYMMETRIES: [Symmetry; 8] = [
        |x, y, _| (x, y),
        |x, y, n| (n - 1 - x, y),
        |x, y, n| (x, n - 1 - y),
        |x, y, n| (n - 1 - x, n - 1 - y),
        |x, y, _| (y, x),
        |x, y, n| (y, n - 1 - x),
        |x, y, n| (n - 1 - y, x),
        |x, y, n| (n - 1 - y, n - 1 - x),
    ];

    fn noise(size: usize, labels: u64, mut state: u64) -> Vec<u8> {
        let next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % labels) as u8
        };
        std::iter::repeat_with(next).take(size * size).collect()
    }

    /// Calls `check` with the traced steps and whether they are closed, for every inner arc of a map.
    fn for_each_arc(size: usize, ids: &[u8], mut check: impl FnMut(&[Direction], bool, Point)) {
        let map = LabelMap::new(size, size, ids).unwrap();
        let (mut lattice, mut arcs) = (Lattice::default(), Arcs::default());
        lattice.scan(&map, 1 << 20).unwrap();
        arcs.trace(&map, &mut lattice);
        for arc in arcs.arcs.iter().filter(|arc| !arc.is_frame()) {
            let start = Point::new(f64::from(arc.start.x), f64::from(arc.start.y));
            check(arcs.steps_of(arc), arc.is_closed(), start);
        }
    }

    fn nodes(steps: &[Direction], start: Point) -> Vec<Point> {
        let mut at = start;
        let walk = steps.iter().map(|&step| {
            at = at + step.vector();
            at
        });
        std::iter::once(start).chain(walk).collect()
    }

    #[test]
    fn the_eight_symmetries_of_a_map_have_the_same_canonical_arcs() {
        for (labels, seed) in [(2, 1), (2, 2), (3, 3), (4, 4), (16, 5), (255, 6)] {
            let size = 24;
            let ids = noise(size, labels, seed);
            let mut all = SYMMETRIES.map(|symmetry| {
                let mut image = vec![0; size * size];
                for y in 0..size {
                    for x in 0..size {
                        let (to_x, to_y) = symmetry(x, y, size);
                        image[to_y * size + to_x] = ids[y * size + x];
                    }
                }
                let mut forms = Vec::new();
                for_each_arc(size, &image, |steps, is_closed, _| {
                    let mut form = CanonicalForm::default();
                    form.find(steps, is_closed, StepKeys::default());
                    forms.push((form.steps.iter().map(|&step| step as u8).collect::<Vec<_>>(), is_closed));
                });
                forms.sort();
                forms
            });
            let [first, others @ ..] = &mut all;
            assert!(others.iter().all(|other| other == first), "{labels} labels");
        }
    }

    #[test]
    fn the_frame_leads_back_to_the_traced_nodes() {
        for (labels, seed) in [(2, 7), (3, 8), (9, 9)] {
            for_each_arc(32, &noise(32, labels, seed), |steps, is_closed, start| {
                let mut form = CanonicalForm::default();
                form.find(steps, is_closed, StepKeys::default());
                let affine = form.frame.map_from_canonical(start);
                let count = steps.len();
                let (traced, canonical) = (nodes(steps, start), nodes(&form.steps, Point::default()));
                for i in 0..count {
                    let CanonicalFrame { is_reversed, first_node, .. } = form.frame;
                    let step =
                        if is_reversed { first_node + 2 * count - 1 - i } else { first_node + i } % count;
                    let ends = if form.frame.is_reversed { [step + 1, step] } else { [step, step + 1] };
                    assert_eq!(affine.apply(canonical[i]), traced[ends[0]], "{steps:?}");
                    assert_eq!(affine.apply(canonical[i + 1]), traced[ends[1]], "{steps:?}");
                }
            });
        }
    }

    #[test]
    fn images_of_the_domain_make_up_a_symmetric_arc() {
        let mut found = [0; 2];
        for (labels, seed) in [(2, 10), (2, 11), (3, 12), (4, 13)] {
            for_each_arc(48, &noise(48, labels, seed), |steps, is_closed, _| {
                let mut form = CanonicalForm::default();
                form.find(steps, is_closed, StepKeys::default());
                let Some(symmetry) = form.symmetry(is_closed) else { return };
                found[usize::from(is_closed)] += 1;
                assert_images(&form, &symmetry, is_closed);
            });
        }
        assert!(found.iter().all(|&count| count > 20), "{found:?}");
    }

    #[test]
    fn a_disc_a_box_a_pinwheel_and_an_ellipse_have_their_groups() {
        let form_of = |inside: &dyn Fn(f64, f64) -> bool| {
            let ids: Vec<u8> = (0..441)
                .map(|i| u8::from(inside(f64::from(i % 21) - 10.0, f64::from(i / 21) - 10.0)))
                .collect();
            let mut forms = Vec::new();
            for_each_arc(21, &ids, |steps, is_closed, _| {
                let mut form = CanonicalForm::default();
                form.find(steps, is_closed, StepKeys::default());
                let symmetry = form.symmetry(is_closed);
                if let Some(symmetry) = &symmetry {
                    assert_images(&form, symmetry, is_closed);
                }
                forms.push(symmetry.map_or((1, [false; 2]), |it| (it.images.len(), it.has_axis)));
            });
            assert_eq!(forms.len(), 1);
            forms[0]
        };
        assert_eq!(form_of(&|x, y| x * x + y * y < 50.0), (8, [true; 2]));
        assert_eq!(form_of(&|x, y| x.abs() < 4.0 && y.abs() < 4.0), (8, [true; 2]));
        assert_eq!(form_of(&|x, y| x * x + 3.0 * y * y < 50.0), (4, [true; 2]));
        assert_eq!(form_of(&|x, y| x * x + 3.0 * y * y + x * y < 50.0), (2, [false; 2]));
        assert_eq!(form_of(&|x, y| x.abs() < 4.0 && y.abs() < 4.0 && (x, y) != (3.0, 3.0)), (2, [true; 2]));
        let is_in_arm = |x: f64, y: f64| (0.0..9.0).contains(&x) && (0.0..3.0).contains(&y);
        let pinwheel = |x, y| is_in_arm(x, y) || is_in_arm(y, -x) || is_in_arm(-x, -y) || is_in_arm(-y, x);
        assert_eq!(form_of(&pinwheel), (4, [false; 2]));
        assert_eq!(form_of(&|x, y| is_in_arm(x, y) || (0.0..6.0).contains(&y) && x == 0.0), (1, [false; 2]));
    }

    fn assert_images(form: &CanonicalForm, symmetry: &ArcSymmetry, is_closed: bool) {
        let [from, to] = symmetry.domain;
        let length = 2 * form.steps.len();
        assert_eq!((to - from) * symmetry.images.len(), length);
        for (i, image) in symmetry.images.iter().enumerate() {
            for offset in 0..=to - from {
                let place =
                    from + i * (to - from) + if image.is_reversed { to - from - offset } else { offset };
                let place = if is_closed { place % length } else { place };
                assert_eq!(image.isometry.apply(form.point(from + offset)), form.point(place));
            }
        }
    }
}
