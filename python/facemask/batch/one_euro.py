"""The one-euro filter for the points of a face.

Source: G. Casiez, N. Roussel, D. Vogel, "1 Euro Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
Interactive Systems", CHI 2012, algorithm 1. A low-pass filter whose cutoff frequency grows with speed: points at rest
hardly tremble, and points that move hardly lag.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

# The cutoff for speeds, in hertz, as in the paper.
_SPEED_CUTOFF: Final = 1.0


class OneEuroFilter:
    """Filters the points of one face over time.

    The paper filters each number by itself. Here the two coordinates of a point have one cutoff, by the length of its
    velocity, so that a turned picture gives turned points. Speeds are in face sizes a second, so that parameters do not
    depend on the picture's resolution.
    """

    def __init__(self, *, min_cutoff: float, beta: float) -> None:
        """Create a filter.

        Args:
            min_cutoff: cutoff frequency at rest, in hertz: less trembling with less, less lag with more.
            beta: growth of the cutoff with speed, in hertz for each face size a second.

        """
        self._min_cutoff = min_cutoff
        self._beta = beta
        self._points: NDArray[np.float64] | None = None
        self._velocity: NDArray[np.float64] = np.zeros((0, 2))

    def filter(self, points: NDArray[np.float64], seconds: float) -> NDArray[np.float64]:
        """Return the filtered points.

        Args:
            points: points of a frame, float64 (n, 2). Another number of points than before begins anew.
            seconds: time since the frame before, above 0.

        """
        before = self._points
        if before is None or before.shape != points.shape:
            self._points, self._velocity = points.copy(), np.zeros_like(points)
            return self._points.copy()
        size = float(np.hypot(*np.ptp(points, axis=0))) or 1.0
        velocity = (points - before) / (size * seconds)
        self._velocity += _share(_SPEED_CUTOFF, seconds) * (velocity - self._velocity)
        cutoff = self._min_cutoff + self._beta * np.hypot(*self._velocity.T)
        share = cutoff / (cutoff + 1.0 / (2.0 * math.pi * seconds))
        self._points = before + share[:, None] * (points - before)
        return self._points.copy()


def _share(cutoff: float, seconds: float) -> float:
    """Return the share of a new value in a low-pass filter of first order."""
    return cutoff / (cutoff + 1.0 / (2.0 * math.pi * seconds))
