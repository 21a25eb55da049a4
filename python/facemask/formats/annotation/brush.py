"""Run lengths of Label Studio's brush: the bit stream of the rle-pack package of thi.ng (umbrella).

The values are the four channels of each pixel, row by row: 255 inside and 0 outside. The head holds the number of
values (32 bits), the bits of a value less one (5 bits), and the four lengths of a run's size field less one (4 bits
each). A run is a 1, the number of its size field (2 bits), its length less one, and its value (8 bits).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facemask.formats.annotation import rle
from facemask.formats.flat_rings import FlatRings
from facemask.formats.protocol import Ring

_CHANNELS = 4
_VALUE_BITS = 8
_SIZE_BITS = np.array([3, 4, 8, 16])
_MAX_RUN = 2**16
# Numbers that are joined at a time, so that memory does not depend on their number.
_BLOCK = 2**16


def encode(rings: Sequence[Ring], width: int, height: int) -> bytes:
    """Encode the pixels whose centers lie in the rings of a region; empty where there is none."""
    # Rows instead of columns: the same with x and y exchanged.
    runs = rle.from_rings(FlatRings.from_rings(rings).transpose(), height, width, is_transposed=True)
    if not rle.area(runs):
        return b""
    head = _join_bits(
        np.array([width * height * _CHANNELS, _VALUE_BITS - 1, *(_SIZE_BITS - 1)]), np.array([32, 5, *[4] * 4])
    )
    bits = np.concatenate([head, _run_bits(np.array(runs) * _CHANNELS)])
    return np.packbits(bits).tobytes()


def _run_bits(lengths: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the bits of runs, of which every second one is inside."""
    values = np.arange(len(lengths)) % 2 * (2**_VALUE_BITS - 1)
    blocks = -(-lengths // _MAX_RUN)
    values = np.repeat(values, blocks)
    pieces = np.full(blocks.sum(), _MAX_RUN)
    last = np.cumsum(blocks)[blocks > 0] - 1
    pieces[last] = (lengths - (blocks - 1) * _MAX_RUN)[blocks > 0]
    fields = np.searchsorted(2**_SIZE_BITS, pieces)
    size_bits = _SIZE_BITS[fields]
    numbers = (((0b100 | fields) << size_bits) | (pieces - 1)) << _VALUE_BITS | values
    return _join_bits(numbers, 3 + size_bits + _VALUE_BITS)


def _join_bits(numbers: NDArray[np.int64], bits: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the lowest `bits` of each number of at most 32, one after the other, highest first."""
    blocks = range(0, len(numbers), _BLOCK)
    return np.concatenate([_join_block(numbers[i : i + _BLOCK], bits[i : i + _BLOCK]) for i in blocks])


def _join_block(numbers: NDArray[np.int64], bits: NDArray[np.int64]) -> NDArray[np.uint8]:
    table = np.unpackbits(numbers.astype(">u4").view(np.uint8)).reshape(-1, 32)
    joined: NDArray[np.uint8] = table[np.arange(32) >= 32 - bits[:, None]]
    return joined
