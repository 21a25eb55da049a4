//! Vertices where a scheme with a jaw line has no landmark: the upper edge of the skin, the sides of the nose, the lower
//! edge of a brow.
//!
//! The face itself is the measure, as for zones: the vector from the root of the nose to its base points down, and the
//! one across an eye, from its inner corner to its outer one, points outwards.

use super::super::outline::{OutlineVertex, landmark, lerp};

/// The upper edge of the skin, from the left end of the jaw line to the right one.
pub(super) type HairlineVertices = [OutlineVertex; 7];
/// The sides of the nose, from the left end of its base over the root to the right end.
pub(super) type NoseVertices = [OutlineVertex; 11];

/// The landmarks by which the vertices are measured. Sides are the subject's.
pub(super) struct FaceAnchors {
    /// The upper three points of the ridge of the nose, from the root down.
    pub(super) ridge: [u16; 3],
    /// The right end, the middle and the left end of its base.
    pub(super) base: [u16; 3],
    /// The outer and the inner corner.
    pub(super) eye_r: [u16; 2],
    pub(super) eye_l: [u16; 2],
    /// The upper edge, from its outer end.
    pub(super) brow_r: [u16; 5],
    pub(super) brow_l: [u16; 5],
}

/// The part of an eye's width by which a vertex lies outwards, in per cent.
#[derive(Clone, Copy)]
enum Outward {
    Right(i32),
    Left(i32),
}

impl FaceAnchors {
    /// An arc over the brows. On the mean face of 300-W it meets the upper edge of MediaPipe's face oval.
    pub(super) const fn hairline(&self) -> HairlineVertices {
        let (right, left) = (self.brow_r, self.brow_l);
        [
            self.above(self.outward(landmark(left[0]), Outward::Left(12)), 36),
            self.above(landmark(left[1]), 57),
            self.above(landmark(left[3]), 74),
            self.above(lerp(right[4], left[4], 50), 87),
            self.above(landmark(right[3]), 74),
            self.above(landmark(right[1]), 57),
            self.above(self.outward(landmark(right[0]), Outward::Right(12)), 36),
        ]
    }

    /// Along the wings up to the root, and down again.
    pub(super) const fn nose_sides(&self) -> NoseVertices {
        let [root, second, third] = self.ridge;
        let [right, middle, left] = self.base;
        [
            landmark(left).offset(38, middle, left),
            self.above(landmark(left).offset(50, middle, left), 15),
            self.outward(landmark(third), Outward::Left(60)),
            self.outward(landmark(second), Outward::Left(36)),
            self.outward(landmark(root), Outward::Left(28)),
            landmark(root),
            self.outward(landmark(root), Outward::Right(28)),
            self.outward(landmark(second), Outward::Right(36)),
            self.outward(landmark(third), Outward::Right(60)),
            self.above(landmark(right).offset(50, middle, right), 15),
            landmark(right).offset(38, middle, right),
        ]
    }

    /// The lower edge of a brow, below these points of its upper edge. The first and the last one are near its ends.
    pub(super) const fn below_brow(&self, upper: [u16; 4]) -> [OutlineVertex; 4] {
        let [a, b, c, d] = upper;
        [
            self.above(landmark(a), -12),
            self.above(landmark(b), -14),
            self.above(landmark(c), -14),
            self.above(landmark(d), -12),
        ]
    }

    /// The vertex moved up by `percent` of the length of the nose.
    const fn above(&self, vertex: OutlineVertex, percent: i32) -> OutlineVertex {
        vertex.offset(percent, self.base[1], self.ridge[0])
    }

    const fn outward(&self, vertex: OutlineVertex, by: Outward) -> OutlineVertex {
        let (percent, [outer, inner]) = match by {
            Outward::Right(percent) => (percent, self.eye_r),
            Outward::Left(percent) => (percent, self.eye_l),
        };
        vertex.offset(percent, inner, outer)
    }
}
