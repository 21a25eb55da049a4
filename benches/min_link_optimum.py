"""`python benches/min_link_optimum.py`: how few points any outline of the reference-like map could have, beside ours.

A line of an outline parts pixel centres of its region from those of others. The centres on both sides of a border are
taken in order for as long as one line can part them; so many lines, less one where a ring closes, are needed at least,
with corners wherever they like and whatever they do to neighbours. It is a bound from below: nobody has to reach it.
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
# The centre of a pixel of the region and that of its neighbour across the border.
Pair = tuple[tuple[float, float], tuple[float, float]]
LEAST = 3


def pairs(labels: Map, ring: NDArray[np.float64], label: int) -> Iterator[Pair]:
    """Pairs of centres along an exact ring, which crosses the line between them half way; junctions are left out."""
    for x, y in ring.tolist():
        across = (0.5, 0.0) if x % 1 == 0 else (0.0, 0.5)
        two = [(x - across[0], y - across[1]), (x + across[0], y + across[1])]
        if all(at % 1 == 0.5 for place in two for at in place):
            two.sort(key=lambda place: _label(labels, place) != label)
            yield two[0], two[1]


def _label(labels: Map, place: tuple[float, float]) -> int:
    column, row = int(np.floor(place[0])), int(np.floor(place[1]))
    inside = 0 <= row < labels.shape[0] and 0 <= column < labels.shape[1]
    return int(labels[row, column]) if inside else -1


def one_line_parts(some: list[Pair]) -> bool:
    """Whether a line has all first places on one side and all second ones on the other; it may touch both."""
    ours, theirs = (MultiPoint([pair[side] for pair in some]).convex_hull for side in (0, 1))
    return not ours.intersects(theirs) or ours.touches(theirs)


def fewest(border: list[Pair]) -> int:
    """Lines that a border takes at least, each as long as it can be."""
    count = first = 0
    while first < len(border):
        good, bad = first + 1, first + 3
        while bad <= len(border) and one_line_parts(border[first:bad]):
            good, bad = bad, 2 * bad - first
        bad = min(bad, len(border) + 1)
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if one_line_parts(border[first:middle]) else (good, middle)
        first, count = good, count + 1
    return count


def of_rings(found: dict[int, facemask.Contour]) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """All rings of all contours with their labels."""
    for label, contour in found.items():
        for polygon in contour.polygons():
            yield from ((label, ring) for ring in polygon)


def main() -> None:
    """Print the bound, and how many points ours have."""
    labels, _ = sample.reference_like()
    exact = facemask.find_contours(labels)
    least = sum(max(fewest(list(pairs(labels, ring, label))) - 1, LEAST) for label, ring in of_rings(exact))
    print(f"at least {least} points")
    for curve in ("straight", "smooth"):
        found = facemask.find_contours(labels, curve=curve, tolerance=0.5)
        print(f"{curve}, 0.5 px: {sum(len(ring) for _, ring in of_rings(found))} points")


if __name__ == "__main__":
    main()
