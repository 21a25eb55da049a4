"""A PNG file of palette indices, 8 bits each."""

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def encode_palette_png(indices: NDArray[np.uint8], colors: Sequence[str]) -> bytes:
    """Encode indices (height, width) with the color of each index, `#rrggbb`.

    Rows have no filter: neighboring indices are equal, not similar.
    """
    height, width = indices.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    rows = np.zeros((height, width + 1), np.uint8)
    rows[:, 1:] = indices
    palette = b"".join(bytes.fromhex(color[1:]) for color in colors)
    parts = [(b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows.tobytes())), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
