"""Polygon offsetting inwards, for readers that also fill the pixels under an outline.

OpenCV's `fillPoly` fills a polygon and every pixel that its border passes, and Ultralytics cuts the fractions of the
points off before. An outline half a pixel further inside runs through the outermost pixels of its region, so that both
together fill these and no more.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facemask.formats.flat_rings import FlatRings
from facemask.formats.protocol import Ring

# A corner moves at most this many times the distance: a spike would otherwise lose its whole length.
_MITER_LIMIT = 2.0


def inset_rings(rings: Sequence[Ring], distance: float) -> Sequence[Ring]:
    """Move the rings of a region towards its inside; holes become larger.

    A ring that would turn inside out, because its part is thinner than twice the distance, stays as it is. No point
    leaves the bounding box of the region, as a hole beside the edge of the picture would.

    Args:
        rings: outer rings, clockwise on screen, and holes, counterclockwise; pixels.
        distance: the distance in pixels.

    """
    if not distance or not rings:
        return rings
    flat = FlatRings.from_rings(rings)
    points, following = flat.points, flat.following
    steps = points[following] - points
    steps /= np.maximum(np.hypot(*steps.T), 1e-9)[:, None]
    # The inside is on the right of every ring, with y down.
    normals = np.column_stack([-steps[:, 1], steps[:, 0]])
    bisectors = normals + normals[flat.previous]
    lengths = np.hypot(*bisectors.T)
    bisectors /= np.maximum(lengths, 1e-9)[:, None]
    # The cosine of half the turn at a corner is half the length of the sum.
    moved = points + bisectors * (distance / np.maximum(lengths / 2.0, 1.0 / _MITER_LIMIT))[:, None]
    moved = np.clip(moved.round(2), points.min(axis=0), points.max(axis=0))
    # A ring that is turned inside out in both directions keeps the sign of its area, not the directions of its steps.
    progress = np.add.reduceat(np.sum(steps * (moved[following] - moved), axis=1), flat.starts)
    area_before, area_after = (_areas(each, following, flat.starts) for each in (points, moved))
    keeps_side = (area_before * area_after > 0.0) & (progress > 0.0)
    inset = moved.tolist()
    return [
        inset[start:end] if is_kept else ring
        for ring, start, end, is_kept in zip(
            rings, flat.starts.tolist(), flat.ends.tolist(), keeps_side.tolist(), strict=True
        )
    ]


def _areas(points: NDArray[np.float64], following: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return twice the signed area of each ring (shoelace formula)."""
    # Relative to the first point of each ring, so that large coordinates cost no precision.
    local = points - np.repeat(points[starts], np.diff(starts, append=len(points)), axis=0)
    x, y = local.T
    areas: NDArray[np.float64] = np.add.reduceat(x * y[following] - x[following] * y, starts)
    return areas
