"""The outline of one region, as arrays."""

from typing import Final

import numpy as np
from numpy.typing import NDArray


class Contour:
    """The outline of one region: polygons with holes, as flat arrays.

    Attributes:
        points: float64 (n, 2), x and y of the points of all rings, in the frame of the answer that holds it.
        offsets: uint32 (rings + 1,); ring k is `points[offsets[k]:offsets[k + 1]]`.
        curves: uint32 (k, 2), (first, steps) of each cubic Bezier curve: it begins at point `first` and ends `steps`
            points later, and the points between lie on it. The last of a ring may end at the ring's first point.
        controls: float64 (k, 2, 2), the two inner control points of each curve.

    A ring is closed (the first point is not repeated). Outer rings run clockwise on screen, holes counterclockwise;
    an outer ring is followed by its holes.

    """

    __slots__ = ("controls", "curves", "offsets", "points")

    def __init__(
        self,
        points: NDArray[np.float64],
        offsets: NDArray[np.uint32],
        curves: NDArray[np.uint32],
        controls: NDArray[np.float64],
    ) -> None:
        self.points: Final = points
        self.offsets: Final = offsets
        self.curves: Final = curves
        self.controls: Final = controls

    def rings(self) -> list[NDArray[np.float64]]:
        """Return the rings as (m, 2) views of `points`."""
        return [self.points[a:b] for a, b in zip(self.offsets[:-1], self.offsets[1:], strict=True)]

    def polygons(self) -> list[list[NDArray[np.float64]]]:
        """Return the parts, each an outer ring followed by its holes, as (m, 2) views of `points`."""
        parts: list[list[NDArray[np.float64]]] = []
        for ring in self.rings():
            if _signed_area(ring) > 0.0 or not parts:
                parts.append([])
            parts[-1].append(ring)
        return parts

    @property
    def area(self) -> float:
        """Area inside: outer rings less their holes, square pixels."""
        return sum(_signed_area(ring) for ring in self.rings())

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"Contour({len(self.offsets) - 1} rings, {len(self.points)} points)"


def _signed_area(ring: NDArray[np.float64]) -> float:
    x, y = (ring - ring[0]).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2.0
