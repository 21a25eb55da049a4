"""Lower bound on the number of points of outlines (minimum-link paths), beside the numbers of ours.

    python benches/min_link_optimum.py

An edge of an outline separates pixel centers of its region from those outside. Along each border, pairs of centers are
added greedily while one line separates them. The number of lines, less one where a ring closes, is a lower bound: it
permits corners anywhere and ignores the neighbors, so no outline has to reach it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import facemask
import numpy as np
from numpy.typing import NDArray
from shapely import MultiPoint

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support import sample

Map = NDArray[np.uint8]
# Center of a pixel of the region, and that of its neighbor across the border.
Pair = tuple[tuple[float, float], tuple[float, float]]
MIN_RING_POINTS = 3


def center_pairs(labels: Map, ring: NDArray[np.float64], label: int) -> Iterator[Pair]:
    """Pairs of centers along an exact ring, which crosses halfway between them; junctions are left out."""
    for x, y in ring.tolist():
        offset = (0.5, 0.0) if x % 1 == 0 else (0.0, 0.5)
        two = [(x - offset[0], y - offset[1]), (x + offset[0], y + offset[1])]
        if all(at % 1 == 0.5 for place in two for at in place):
            two.sort(key=lambda place: _label(labels, place) != label)
            yield two[0], two[1]


def _label(labels: Map, place: tuple[float, float]) -> int:
    column, row = int(np.floor(place[0])), int(np.floor(place[1]))
    inside = 0 <= row < labels.shape[0] and 0 <= column < labels.shape[1]
    return int(labels[row, column]) if inside else -1


def is_separable(pairs: list[Pair]) -> bool:
    """Whether a line separates all first centers from all second ones; it may touch them."""
    inner, outer = (MultiPoint([pair[side] for pair in pairs]).convex_hull for side in (0, 1))
    return not inner.intersects(outer) or inner.touches(outer)


def min_line_count(border: list[Pair]) -> int:
    """Minimum number of lines along a border, each greedily extended."""
    count = first = 0
    while first < len(border):
        good, bad = first + 1, first + 3
        while bad <= len(border) and is_separable(border[first:bad]):
            good, bad = bad, 2 * bad - first
        bad = min(bad, len(border) + 1)
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if is_separable(border[first:middle]) else (good, middle)
        first, count = good, count + 1
    return count


def all_rings(found: dict[int, facemask.Contour]) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """All rings with their labels."""
    for label, contour in found.items():
        for polygon in contour.polygons():
            yield from ((label, ring) for ring in polygon)


def main() -> None:
    """Print the bound and the numbers of points of our outlines."""
    labels, _ = sample.reference_like()
    exact = facemask.find_contours(labels)
    bound = sum(
        max(min_line_count(list(center_pairs(labels, ring, label))) - 1, MIN_RING_POINTS)
        for label, ring in all_rings(exact)
    )
    print(f"at least {bound} points")
    for curve in ("straight", "smooth"):
        found = facemask.find_contours(labels, curve=curve, tolerance=0.5)
        print(f"{curve}, 0.5 px: {sum(len(ring) for _, ring in all_rings(found))} points")


if __name__ == "__main__":
    main()
