"""Rings as flat arrays, so that thousands of small ones cost no more than a long one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from facemask.formats.protocol import Ring

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FlatRings:
    """Rings one after the other.

    Attributes:
        points: float64 (n, 2), pixels.
        starts, ends: index of the first point of each ring, and behind its last one.

    """

    points: NDArray[np.float64]
    starts: Indices
    ends: Indices

    @classmethod
    def from_rings(cls, rings: Sequence[Ring]) -> FlatRings:
        """Copy rings of points [x, y]."""
        flat = np.fromiter(chain.from_iterable(chain.from_iterable(rings)), np.float64)
        ends = np.cumsum(np.fromiter(map(len, rings), np.int64, len(rings)))
        return cls(flat.reshape(-1, 2), np.concatenate([[0], ends[:-1]])[: len(ends)].astype(np.int64), ends)

    @property
    def following(self) -> Indices:
        """Index of the point that follows each one on its ring."""
        indices = np.arange(1, len(self.points) + 1)
        indices[self.ends - 1] = self.starts
        return indices

    @property
    def previous(self) -> Indices:
        """Index of the point before each one on its ring."""
        indices = np.arange(-1, len(self.points) - 1)
        indices[self.starts] = self.ends - 1
        return indices

    def transpose(self, left: float = 0.0, top: float = 0.0) -> FlatRings:
        """Exchange x and y, counted from a point."""
        return FlatRings((self.points - (left, top))[:, ::-1], self.starts, self.ends)
