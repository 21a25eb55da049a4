"""COCO run-length encoding (RLE) of rings: runs of pixels outside and inside, column by column from the top left.

A pixel is inside if its center is, by the even-odd rule. Nothing is rasterized: a run ends where a ring crosses a
column of pixel centers, so time and memory depend on the length of the outline, not on the size of the picture.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facemask.formats.flat_rings import FlatRings
from facemask.formats.protocol import Ring

# Rings have two decimals.
_UNITS = 100
_HALF = _UNITS // 2
# Runs that are encoded at a time, so that memory does not depend on their number.
_BLOCK = 2**16
# Five bits a character hold 64 bits in 13.
_MAX_CHARACTERS = 13


def from_rings(rings: Sequence[Ring] | FlatRings, width: int, height: int, *, is_transposed: bool = False) -> list[int]:
    """Return run lengths in pixels, alternately outside and inside, starting outside.

    A center on an outline belongs to what lies to the right of the outline; on a horizontal one to what lies below.

    Args:
        rings: rings of points with two decimals, pixels.
        width, height: size of the picture in pixels.
        is_transposed: whether x and y of the rings are exchanged, for runs along the rows of the picture. Centers on
            an outline then still belong to the same side of it.

    """
    flat = rings if isinstance(rings, FlatRings) else FlatRings.from_rings(rings)
    pixels, times = np.unique(_crossed_pixels(flat, height, is_transposed=is_transposed), return_counts=True)
    # An even number of crossings at one pixel changes nothing.
    runs: list[int] = np.diff(pixels[times % 2 == 1], prepend=0, append=width * height).tolist()
    return runs[:-1] if runs[-1] == 0 else runs


def _crossed_pixels(rings: FlatRings, height: int, *, is_transposed: bool) -> NDArray[np.int64]:
    """Return the index of the first pixel behind each crossing of a ring with a column of pixel centers.

    Whole hundredths of a pixel make it exact, whether or not an outline passes through a center.
    """
    points = np.rint(rings.points * _UNITS).astype(np.int64)
    ends = points[rings.following]
    swap = points[:, 0] > ends[:, 0]
    (ax, ay), (bx, by) = np.where(swap[:, None], ends, points).T, np.where(swap[:, None], points, ends).T
    # Columns whose center lies in [ax, bx).
    first, last = -((_HALF - ax) // _UNITS), -((_HALF - bx) // _UNITS)
    counts = last - first
    edge = np.repeat(np.arange(len(points)), counts)
    column = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    dx, dy = (bx - ax)[edge], (by - ay)[edge]
    # The center of row r lies behind the crossing where r * _UNITS * dx >= crossing.
    crossing = (ay[edge] - _HALF) * dx + (column * _UNITS + _HALF - ax[edge]) * dy
    row = -(-crossing // (_UNITS * dx))
    if not is_transposed:
        # A center on a falling line, with y down, lies to the right of it and before it.
        row += (crossing == row * _UNITS * dx) & (dy > 0)
    pixels: NDArray[np.int64] = column * height + np.clip(row, 0, height)
    return pixels


def encode(runs: Sequence[int]) -> str:
    """Compress run lengths to the text of COCO (`rleToString` of pycocotools).

    Each run is stored as its difference to the last but one, in five bits per character from `0` on.
    """
    values = np.array(runs, np.int64)
    values[3:] -= np.array(runs[1:-2], np.int64)
    blocks = (values[start : start + _BLOCK] for start in range(0, len(values), _BLOCK))
    return "".join(_encode_block(block) for block in blocks)


def _encode_block(values: NDArray[np.int64]) -> str:
    """Return the characters of signed values: five bits each from the lowest on, and a sixth where more follow."""
    characters = np.zeros((len(values), _MAX_CHARACTERS), np.uint8)
    is_used = np.zeros(characters.shape, np.bool_)
    has_more = np.ones(len(values), np.bool_)
    for column in range(_MAX_CHARACTERS):
        is_used[:, column] = has_more
        bits = values & 0x1F
        values = values >> 5
        has_more = has_more & (values != np.where(bits & 0x10, -1, 0))
        characters[:, column] = 48 + (bits | np.where(has_more, 0x20, 0))
        if not has_more.any():
            break
    return characters[is_used].tobytes().decode("ascii")


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
