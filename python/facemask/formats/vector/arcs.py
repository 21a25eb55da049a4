"""Arcs of rings that share borders, as TopoJSON stores them: each border once.

A ring is cut where the set of rings that run along it changes: at points that have other neighbors in another ring
(junctions, as in topojson-server's `join` and `cut`). Equal arcs of two rings are one, in either direction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from facemask.formats.flat_rings import FlatRings
from facemask.formats.protocol import Ring

# Coordinates have two decimals and are below ten million: both fit into one key.
DECIMALS = 2
_ROW = 2**31

Points = NDArray[np.int64]


@dataclass(slots=True)
class ArcTable:
    """Arcs in the order of their first use: points (n, 2) in hundredths of a pixel. The last point of a closed arc is
    its first.
    """

    arcs: list[Points] = field(default_factory=list)
    _numbers: dict[bytes, int] = field(default_factory=dict)

    def add(self, points: Points) -> int:
        """Return the index of an arc; ~index (-1 - index) where it is stored in the opposite direction."""
        forward = points.tobytes()
        if forward in self._numbers:
            return self._numbers[forward]
        number = len(self.arcs)
        self.arcs.append(points)
        self._numbers[np.ascontiguousarray(points[::-1]).tobytes()] = ~number
        # After its reverse, so that an arc that is its own reverse counts as forward.
        self._numbers[forward] = number
        return number

    def encode_deltas(self) -> list[list[list[int]]]:
        """Return each arc as its first point and the steps from point to point, hundredths of a pixel."""
        if not self.arcs:
            return []
        ends = np.cumsum([len(arc) for arc in self.arcs])
        points = np.concatenate(self.arcs)
        steps = np.diff(points, axis=0, prepend=points[:1])
        starts = np.concatenate([[0], ends[:-1]])
        steps[starts] = points[starts]
        flat = steps.tolist()
        return [flat[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def cut_rings(rings: Sequence[Ring]) -> tuple[ArcTable, list[list[int]]]:
    """Return the arcs of rings, and each ring as a list of arc indices in its own order and direction."""
    flat = FlatRings.from_rings(rings)
    points = np.rint(flat.points * 10**DECIMALS).astype(np.int64)
    keys = points[:, 0] * _ROW + points[:, 1]
    is_cut = _find_junctions(keys, flat)
    table = ArcTable()
    spans = (slice(start, end) for start, end in zip(flat.starts.tolist(), flat.ends.tolist(), strict=True))
    return table, [_cut_ring(points[span], keys[span], is_cut[span], table) for span in spans]


def _find_junctions(keys: NDArray[np.int64], rings: FlatRings) -> NDArray[np.bool_]:
    """Return which points of all rings have other neighbors in another ring."""
    before, after = keys[rings.previous], keys[rings.following]
    order = np.argsort(keys, kind="stable")
    ordered, low, high = keys[order], np.minimum(before, after)[order], np.maximum(before, after)[order]
    is_other = (ordered[1:] == ordered[:-1]) & ((low[1:] != low[:-1]) | (high[1:] != high[:-1]))
    return np.isin(keys, ordered[1:][is_other])


def _cut_ring(ring: Points, keys: NDArray[np.int64], is_cut: NDArray[np.bool_], table: ArcTable) -> list[int]:
    cuts = np.flatnonzero(is_cut)
    # A ring without junctions begins at the same point in every region that has it.
    start = int(cuts[0]) if len(cuts) else int(np.argmin(keys))
    closed = np.concatenate([ring[start:], ring[: start + 1]])
    ends = [*(cuts[1:] - start).tolist(), len(ring)]
    return [table.add(closed[first : last + 1].copy()) for first, last in zip([0, *ends], ends, strict=False)]
