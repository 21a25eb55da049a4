"""The perceptual hash of a photo: what stays when it is saved anew."""

from __future__ import annotations

import numpy as np

GREY_SIDE = 128  # of the engine's `grey_raster`


def photo_hash(grey: bytes) -> int:
    """ImageHash's pHash of 128 x 128 grey values, as a signed 64-bit number."""
    # Only a cache that finds like photos loads them, at its first one.
    import imagehash  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    bits = imagehash.phash(Image.frombytes("L", (GREY_SIDE, GREY_SIDE), grey)).hash
    return int.from_bytes(np.packbits(bits).tobytes(), "big", signed=True)


def bands(phash: int) -> tuple[int, int, int, int]:
    """The hash as four numbers of 16 bits, the highest first."""
    first, second, third, fourth = ((phash >> shift) & 0xFFFF for shift in (48, 32, 16, 0))
    return first, second, third, fourth


def near(band: int, distance: int) -> list[int]:
    """The values that a band of a hash within `distance` of this one may have. By the pigeonhole principle one of
    four bands is equal when at most 3 bits differ, and differs in one bit at most when 7 do.
    """
    return [band] if distance < 4 else [band, *(band ^ 1 << bit for bit in range(16))]
