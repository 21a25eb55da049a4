"""Polygon offsetting inwards, for readers that also fill the pixels under an outline.

OpenCV's `fillPoly` fills a polygon and every pixel that its border passes, and Ultralytics cuts the fractions of the
points off before. An outline half a pixel further inside runs through the outermost pixels of its region, so that both
together fill these and no more.
"""

import numpy as np

from facemask.formats.protocol import Ring, signed_area

# A corner moves at most this many times the distance: a spike would otherwise lose its whole length.
_MITER_LIMIT = 2.0


def inset_polygon(polygon: list[Ring], distance: float) -> list[Ring]:
    """Move the rings of a polygon towards its inside; holes become larger.

    A ring that would turn inside out, because its part is thinner than twice the distance, stays as it is.

    Args:
        polygon: an outer ring, clockwise on screen, followed by its holes, counterclockwise; pixels.
        distance: the distance in pixels.

    """
    return [_inset_ring(ring, distance) for ring in polygon] if distance else polygon


def _inset_ring(ring: Ring, distance: float) -> Ring:
    points = np.array(ring, float)
    steps = np.roll(points, -1, axis=0) - points
    steps /= np.maximum(np.hypot(*steps.T), 1e-9)[:, None]
    # The inside is on the right of every ring, with y down.
    normals = np.column_stack([-steps[:, 1], steps[:, 0]])
    before = np.roll(normals, 1, axis=0)
    bisectors = normals + before
    lengths = np.hypot(*bisectors.T)
    bisectors /= np.maximum(lengths, 1e-9)[:, None]
    # The cosine of half the turn at a corner is half the length of the sum.
    moved = points + bisectors * (distance / np.maximum(lengths / 2.0, 1.0 / _MITER_LIMIT))[:, None]
    inset: Ring = moved.round(2).tolist()
    return inset if signed_area(inset) * signed_area(ring) > 0.0 else ring
