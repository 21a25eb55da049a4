//! Pieces put together. A piece that does not fit is cut in its middle, though often one half alone has to be so short: then
//! the other half and its neighbour do as one.

use std::mem::{swap, take};

use super::{Asked, NEARBY, Passes, Pieces, Spline};
use crate::contour::spline::segment::{LONGEST, Stretch, spans};

/// Two pieces stay two where one between their ends, with the slopes that they have, passes the knot between them as far off
/// as this, or a post as far as that on the wrong side, in pixels: seldom would it do.
const BESIDE_KNOT: f64 = 0.8;
const HOPELESS: f64 = -0.45;

/// How many pieces from the ends of a stretch one may be pushed: such a piece bends where the two did not, and nearer to the
/// corner of an eye that shows.
const INSIDE: usize = 3;

impl Spline {
    /// Puts neighbours together, two and two from the start, where one piece passes all posts as well, or does so when it
    /// is pushed. Those at the ends stay, and at the seam of a ring.
    pub(crate) fn merge(&mut self, stretch: &Stretch<'_>) {
        let (mut all, mut done) = (take(&mut self.all), take(&mut self.done));
        self.swap(&mut all);
        done.clear();
        done.knots.push(all.knots[0]);
        // The pieces between two others are no ring, and their ends belong to those.
        let (ring, loose) = (take(&mut self.ring), take(&mut self.loose));
        for next in 0..all.passes.len() {
            if !self.merges(stretch, (&mut all, next), &mut done) {
                done.push(all.knots[next + 1], all.passes[next], all.places[next]);
            }
        }
        self.swap(&mut done);
        (self.ring, self.loose, self.all, self.done) = (ring, loose, all, done);
    }

    fn swap(&mut self, pieces: &mut Pieces) {
        swap(&mut self.knots, &mut pieces.knots);
        swap(&mut self.passes, &mut pieces.passes);
        swap(&mut self.places, &mut pieces.places);
    }

    /// Puts the `next` of all pieces, which begins at the last knot that is done, and the one behind it together, if that
    /// does: then the latter is both. The pieces beside them give way.
    fn merges(
        &mut self,
        stretch: &Stretch<'_>,
        (all, next): (&mut Pieces, usize),
        done: &mut Pieces,
    ) -> bool {
        let (before, after) = (done.passes.len(), all.passes.len() - next - 1);
        // Pieces at an end, where a corner or a junction is, have to bend as they do, and give no way.
        if before < 2 || after < 3 {
            return false;
        }
        let well = |passes: &[Passes]| passes.iter().all(|&passes| passes == Passes::Well);
        let mut ends = [done.knots[before], all.knots[next + 2]];
        if ends[1].node - ends[0].node > LONGEST || !well(&all.passes[next..next + 2]) {
            return false;
        }
        let beyond = [done.knots[before - 1].node, all.knots[next + 3].node];
        let long = stretch.between(ends[0].node, ends[1].node);
        ends[0].span(spans([stretch.between(beyond[0], ends[0].node), long]), [true, false]);
        ends[1].span(spans([long, stretch.between(ends[1].node, beyond[1])]), [false, true]);
        let known = self.near.count();
        // Most pairs show at once that they are two.
        let (between, both) = (all.knots[next + 1], stretch.piece(&ends));
        if (both.at(stretch.along(between.node)) - between.at).cross(between.slope).abs() > BESIDE_KNOT
            || self.links.find_near(&both, NEARBY, &mut self.near).0 < HOPELESS
        {
            self.near.truncate(known);
            return false;
        }
        // The spline is these three pieces for a while.
        let (knots, passes, places) = (&mut self.knots, &mut self.passes, &mut self.places);
        knots.clear();
        passes.clear();
        places.clear();
        knots.extend([done.knots[before - 1], ends[0], ends[1], all.knots[next + 3]]);
        passes.extend([done.passes[before - 1], Passes::Unknown, all.passes[next + 2]]);
        places.extend([done.places[before - 1], self.asked.len(), all.places[next + 2]]);
        let outer = [self.places[0], self.places[2]];
        let near = outer.map(|place| self.asked[place].near.clone());
        self.asked.push(Asked::default());
        self.ask(stretch, 0..self.passes.len());
        let inside = before >= INSIDE && after > INSIDE;
        if inside && self.passes.contains(&Passes::Nearly) && !self.passes.contains(&Passes::Not) {
            self.push(stretch, 0..self.passes.len());
        }
        if !well(&self.passes) {
            // The pieces beside them are as they were.
            self.asked.pop();
            outer.into_iter().zip(near).for_each(|(place, near)| self.asked[place].near = near);
            self.near.truncate(known);
            return false;
        }
        (done.knots[before], all.knots[next + 2]) = (self.knots[1], self.knots[2]);
        (all.passes[next + 1], all.places[next + 1]) = (Passes::Well, self.asked.len() - 1);
        true
    }
}
