"""The outline of one region, as arrays."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from facemask import _core

_Arrays = tuple[NDArray[np.float64], NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]]


class Contour:
    """The outline of one region: polygons with holes, as flat arrays.

    Attributes:
        points: float64 (n, 2), x and y of the points of all rings, in the frame of the answer that holds it.
        offsets: uint32 (rings + 1,); ring k is `points[offsets[k]:offsets[k + 1]]`.
        curves: uint32 (k, 2), (first, steps) of each cubic Bezier curve: it begins at point `first` or on the way to
            the next and ends at point `first + steps` or on the way there, and the points between stand for it. Curves
            that follow each other may have one step in common. The last of a ring may end at the ring's first point.
        controls: float64 (k, 4, 2), the control points of each curve: where it begins, the two inner ones, and where it
            ends.

    A ring is closed (the first point is not repeated). Outer rings run clockwise on screen, holes counterclockwise;
    an outer ring is followed by its holes.

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
        """Wrap the compiled module's outline. Its arrays are made when somebody looks at one."""
        contour = cls.__new__(cls)
        contour._outline = outline  # noqa: SLF001 - its own
        return contour

    def _made(self) -> _Arrays:
        # Another thread may be here too, and take the outline away.
        outline = self._outline
        if outline is not None:
            self._arrays = outline.arrays()
            # From here on the arrays count, which may be written to.
            self._outline = None
        return self._arrays

    @property
    def points(self) -> NDArray[np.float64]:
        """Float64 (n, 2)."""
        return self._made()[0]

    @property
    def offsets(self) -> NDArray[np.uint32]:
        """Uint32 (rings + 1,)."""
        return self._made()[1]

    @property
    def curves(self) -> NDArray[np.uint32]:
        """Uint32 (k, 2)."""
        return self._made()[2]

    @property
    def controls(self) -> NDArray[np.float64]:
        """Float64 (k, 4, 2)."""
        return self._made()[3]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the arrays."""
        return type(self), self._made()

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

    def path_data(self) -> str:
        """Return all rings as the `d` of an SVG path, two decimals; fill it by the rule `evenodd`."""
        outline = self._outline
        return _core.path_data(*self._arrays) if outline is None else outline.path_data()

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
