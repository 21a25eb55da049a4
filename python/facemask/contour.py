"""The contour of one region, as NumPy arrays."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from facemask import _core

_Arrays = tuple[NDArray[np.float64], NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]]


class Contour:
    """The contour of one region: a multipolygon with holes, as flat arrays.

    Attributes:
        points: float64 (n, 2), x and y of the points of all rings, in pixels. The frame is that of the function that
            returned the contour.
        offsets: uint32 (rings + 1,). Ring k is `points[offsets[k]:offsets[k + 1]]`.
        curves: uint32 (k, 2), (first, steps) of each cubic Bezier curve. A curve begins between the points `first` and
            `first + 1` and ends between `first + steps - 1` and `first + steps`, both inclusive. The points between are
            samples of it. Consecutive curves may share one step. The last curve of a ring may end at its first point.
        controls: float64 (k, 4, 2), start point, two inner control points and end point of each curve.

    Rings are closed without a repeated first point. Outer rings run clockwise on screen (y down), holes
    counterclockwise. The holes of an outer ring follow it.

    Examples:
        >>> skin = mask.contours["skin"]
        >>> len(skin.rings()), [len(polygon) for polygon in skin.polygons()]
        (7, [7])
        >>> skin.points.shape[1], round(skin.area) == round(mask.regions[0]["area"])
        (2, True)

    """

    __slots__ = ("_arrays", "_outline")

    def __init__(
        self,
        points: NDArray[np.float64],
        offsets: NDArray[np.uint32],
        curves: NDArray[np.uint32] | None = None,
        controls: NDArray[np.float64] | None = None,
    ) -> None:
        curves = np.empty((0, 2), np.uint32) if curves is None else curves
        controls = np.empty((0, 4, 2)) if controls is None else controls
        self._outline: _core.Outline | None = None
        self._arrays = (points, offsets, curves, controls)

    @classmethod
    def from_core(cls, outline: _core.Outline) -> Self:
        """Wrap an outline of the compiled module. The arrays are created on first access."""
        contour = cls.__new__(cls)
        contour._outline = outline  # noqa: SLF001 - its own
        return contour

    def _materialize(self) -> _Arrays:
        # Another thread may set the outline to None meanwhile, so it is read once.
        outline = self._outline
        if outline is not None:
            self._arrays = outline.arrays()
            # The arrays are writable, so they replace the outline from now on.
            self._outline = None
        return self._arrays

    @property
    def points(self) -> NDArray[np.float64]:
        """Points of all rings, float64 (n, 2), pixels."""
        return self._materialize()[0]

    @property
    def offsets(self) -> NDArray[np.uint32]:
        """Start of each ring in `points`, and their number: uint32 (rings + 1,)."""
        return self._materialize()[1]

    @property
    def curves(self) -> NDArray[np.uint32]:
        """First point and steps of each curve, uint32 (k, 2)."""
        return self._materialize()[2]

    @property
    def controls(self) -> NDArray[np.float64]:
        """Control points of each curve, float64 (k, 4, 2), pixels."""
        return self._materialize()[3]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the arrays."""
        return type(self), self._materialize()

    def rings(self) -> list[NDArray[np.float64]]:
        """Return the rings as (m, 2) views of `points`."""
        return [self.points[a:b] for a, b in zip(self.offsets[:-1], self.offsets[1:], strict=True)]

    def polygons(self) -> list[list[NDArray[np.float64]]]:
        """Return the polygons, each an outer ring followed by its holes, as (m, 2) views of `points`."""
        polygons: list[list[NDArray[np.float64]]] = []
        for ring in self.rings():
            if _signed_area(ring) > 0.0 or not polygons:
                polygons.append([])
            polygons[-1].append(ring)
        return polygons

    def path_data(self) -> str:
        """Return all rings as SVG path data with two decimals, for the fill rule `evenodd`."""
        outline = self._outline
        return _core.path_data(*self._arrays) if outline is None else outline.path_data()

    @property
    def area(self) -> float:
        """Area of the outer rings minus that of the holes, in square pixels."""
        return sum(_signed_area(ring) for ring in self.rings())

    def __repr__(self) -> str:
        """Return the numbers of rings and points."""
        return f"Contour({len(self.offsets) - 1} rings, {len(self.points)} points)"


def _signed_area(ring: NDArray[np.float64]) -> float:
    x, y = (ring - ring[0]).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2.0
