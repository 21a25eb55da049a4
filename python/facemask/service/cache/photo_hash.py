"""The perceptual hash of a photo: what stays when it is saved anew."""

from __future__ import annotations

import numpy as np

GREY_SIDE = 128  # of the engine's `luma_thumbnail`


def photo_hash(grey: bytes) -> int:
    """ImageHash's pHash of 128 x 128 grey values, as a signed 64-bit number."""
    # Only a cache that compares photos loads them, at the first one.
    import imagehash  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    bits = imagehash.phash(Image.frombytes("L", (GREY_SIDE, GREY_SIDE), grey)).hash
    return int.from_bytes(np.packbits(bits).tobytes(), "big", signed=True)


def bits_apart(one: int, other: int) -> int:
    """The bits in which two hashes differ, 0 to 64."""
    return ((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()
