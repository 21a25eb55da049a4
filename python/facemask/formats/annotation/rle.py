"""COCO run-length encoding (RLE) of rings: runs of pixels outside and inside, column by column from the top left.

A pixel is inside if its center is, by the even-odd rule. Nothing is rasterized: a run ends where a ring crosses a
column of pixel centers, so time and memory depend on the length of the outline, not on the size of the picture.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facemask.formats.protocol import Ring


def from_rings(rings: Sequence[Ring], width: int, height: int) -> list[int]:
    """Return run lengths in pixels, alternately outside and inside, starting outside. Sizes are in pixels."""
    crossings = [_crossed_pixels(np.array(ring, float), height) for ring in rings]
    pixels, times = np.unique(np.concatenate([np.zeros(0, np.int64), *crossings]), return_counts=True)
    # An even number of crossings at one pixel changes nothing.
    runs: list[int] = np.diff(pixels[times % 2 == 1], prepend=0, append=width * height).tolist()
    return runs[:-1] if runs[-1] == 0 else runs


def _crossed_pixels(ring: NDArray[np.float64], height: int) -> NDArray[np.int64]:
    """Return the index of the first pixel below each crossing of a ring with a column of pixel centers."""
    ends = np.roll(ring, -1, axis=0)
    swap = ring[:, 0] > ends[:, 0]
    (ax, ay), (bx, by) = np.where(swap[:, None], ends, ring).T, np.where(swap[:, None], ring, ends).T
    # Columns whose center c + 0.5 is in [ax, bx).
    first, last = np.ceil(ax - 0.5).astype(np.int64), np.ceil(bx - 0.5).astype(np.int64)
    counts = last - first
    edge = np.repeat(np.arange(len(ring)), counts)
    column = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (by - ay) / (bx - ax)
    crossing = ay[edge] + (column + 0.5 - ax[edge]) * slope[edge]
    row = np.floor(crossing + 0.5).astype(np.int64)
    pixels: NDArray[np.int64] = column * height + np.clip(row, 0, height)
    return pixels


def encode(runs: Sequence[int]) -> str:
    """Compress run lengths to the text of COCO (`rleToString` of pycocotools).

    Each run is stored as its difference to the last but one, in five bits per character from `0` on.
    """
    packed = []
    for index, run in enumerate(runs):
        value = run - runs[index - 2] if index > 2 else run
        more = True
        while more:
            bits = value & 0x1F
            value >>= 5
            more = value != (-1 if bits & 0x10 else 0)
            packed.append(chr(48 + (bits | (0x20 if more else 0))))
    return "".join(packed)


def area(runs: Sequence[int]) -> int:
    """Return the number of pixels inside."""
    return sum(runs[1::2])


def bounding_box(runs: Sequence[int], height: int) -> list[int]:
    """Return [left, top, width, height] of the bounding box of the pixels inside, in pixels."""
    ends = np.cumsum(np.array(runs, np.int64))
    starts, stops = ends[0:-1:2], ends[1::2] - 1
    if not len(stops):
        return [0, 0, 0, 0]
    starts = starts[: len(stops)]
    left, right = int(starts[0] // height), int(stops[-1] // height)
    # A run over several columns reaches the bottom of one and the top of the next.
    spans_columns = bool((starts // height != stops // height).any())
    top = 0 if spans_columns else int((starts % height).min())
    bottom = height - 1 if spans_columns else int((stops % height).max())
    return [left, top, right - left + 1, bottom - top + 1]
