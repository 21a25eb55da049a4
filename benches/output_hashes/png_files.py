"""PNG files of every color type, and JPEG files of every EXIF orientation, made without a codec."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one chunk with its CRC."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def file_of_rows(
    width: int, height: int, rows: bytes, *, depth: int = 8, kind: int = GREY, extra: bytes = b""
) -> bytes:
    """Return a file of filtered rows; `extra` stands between header and data."""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(rows, 1))
    return _SIGNATURE + chunk(b"IHDR", header) + extra + data + chunk(b"IEND", b"")


def png(samples: NDArray[np.generic], *, depth: int = 8, kind: int | None = None, extra: bytes = b"") -> bytes:
    """Return a file of unfiltered rows of samples, (height, width) or (height, width, channels)."""
    kind = (GREY if samples.ndim == 2 else RGB) if kind is None else kind
    height, width = samples.shape[:2]
    flat = samples.reshape(height, width * _CHANNELS[kind])
    if depth == 16:
        rows = flat.astype(">u2").view(np.uint8)
    elif depth == 8:
        rows = flat.astype(np.uint8)
    else:
        bits = np.unpackbits(flat.astype(np.uint8)[..., None], axis=-1)[..., 8 - depth :]
        rows = np.packbits(bits.reshape(height, -1), axis=1)
    return file_of_rows(width, height, np.insert(rows, 0, 0, axis=1).tobytes(), depth=depth, kind=kind, extra=extra)


def palette(colors: list[tuple[int, int, int]]) -> bytes:
    """Return the chunk PLTE."""
    return chunk(b"PLTE", bytes(part for color in colors for part in color))


def with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """Return a JPEG file with an EXIF block that names only the orientation."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    block = b"Exif\0\0" + b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + jpeg[2:]
