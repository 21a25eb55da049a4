"""Perceptual hash of a photo, stable when the photo is saved again."""

from __future__ import annotations

THUMBNAIL_SIDE = 128  # of the compiled module's `luma_thumbnail`


def photo_hash(thumbnail: bytes) -> int:
    """Return ImageHash's pHash of 128 x 128 gray values, as a signed 64-bit integer."""
    # Imported with the first comparison of photos only.
    import imagehash  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    bits = imagehash.phash(Image.frombytes("L", (THUMBNAIL_SIDE, THUMBNAIL_SIDE), thumbnail)).hash
    return int.from_bytes(np.packbits(bits).tobytes(), "big", signed=True)


def hamming_distance(one: int, other: int) -> int:
    """Return the number of bits in which two hashes differ, 0 to 64."""
    return ((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()
