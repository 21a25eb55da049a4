"""COCO's run lengths: which pixels of a picture lie inside, read column by column from the top left.

A pixel is inside when its centre is (even-odd). Nothing is rasterised: where a ring crosses a column of centres the run
changes there, so work and memory go with the length of the outline and not with the picture.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facemask.formats.traced import Ring


def counts(rings: Sequence[Ring], width: int, height: int) -> list[int]:
    """Return the lengths of runs in turn outside and inside, beginning outside."""
    places = np.concatenate([np.zeros(0, np.int64), *(_changes(np.array(ring, float), height) for ring in rings)])
    places, times = np.unique(places, return_counts=True)
    # An even number of changes at one place is none.
    runs = np.diff(places[times % 2 == 1], prepend=0, append=width * height)
    found: list[int] = runs.tolist()
    return found[:-1] if found[-1] == 0 else found


def _changes(ring: NDArray[np.float64], height: int) -> NDArray[np.int64]:
    """Where a ring crosses columns of centres: the index of the first centre below each crossing."""
    ends = np.roll(ring, -1, axis=0)
    swap = ring[:, 0] > ends[:, 0]
    (ax, ay), (bx, by) = np.where(swap[:, None], ends, ring).T, np.where(swap[:, None], ring, ends).T
    # Columns whose centre c + 0.5 lies in [ax, bx).
    first, last = np.ceil(ax - 0.5).astype(np.int64), np.ceil(bx - 0.5).astype(np.int64)
    many = last - first
    edge = np.repeat(np.arange(len(ring)), many)
    column = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + first[edge]
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (by - ay) / (bx - ax)
    crossing = ay[edge] + (column + 0.5 - ax[edge]) * slope[edge]
    row = np.floor(crossing + 0.5).astype(np.int64)
    places: NDArray[np.int64] = column * height + np.clip(row, 0, height)
    return places


def text(runs: Sequence[int]) -> str:
    """Pack run lengths as COCO does: differences to the run before the last, five bits a character, from `0` on."""
    packed = []
    for place, run in enumerate(runs):
        value = run - runs[place - 2] if place > 2 else run
        more = True
        while more:
            bits = value & 0x1F
            value >>= 5
            more = value != (-1 if bits & 0x10 else 0)
            packed.append(chr(48 + (bits | (0x20 if more else 0))))
    return "".join(packed)


def area(runs: Sequence[int]) -> int:
    """Count the pixels inside."""
    return sum(runs[1::2])


def box(runs: Sequence[int], height: int) -> list[int]:
    """Return left, top, width and height of the smallest box around the pixels inside."""
    ends = np.cumsum(np.array(runs, np.int64))
    starts, stops = ends[0:-1:2], ends[1::2] - 1
    if not len(stops):
        return [0, 0, 0, 0]
    starts = starts[: len(stops)]
    left, right = int(starts[0] // height), int(stops[-1] // height)
    # A run that goes on into the next column touches the bottom of the one and the top of the other.
    over = bool((starts // height != stops // height).any())
    top = 0 if over else int((starts % height).min())
    bottom = height - 1 if over else int((stops % height).max())
    return [left, top, right - left + 1, bottom - top + 1]
