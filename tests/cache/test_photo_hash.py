"""The perceptual hash of a photo does not depend on its encoding."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from facemask import _core
from facemask.service.cache.photo_hash import THUMBNAIL_SIDE, photo_hash
from numpy.typing import NDArray
from PIL import Image, ImageOps
from submissions import PHOTO, encode

ORIENTATION = 0x0112


def with_orientation(orientation: int, kind: str) -> bytes:
    """The photo as a camera stores it that was held otherwise."""
    way_back = {6: Image.Transpose.ROTATE_90, 2: Image.Transpose.FLIP_LEFT_RIGHT}[orientation]
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return encode(PHOTO.transpose(way_back), kind, exif=exif)


STORED: dict[str, bytes] = {
    "png": encode(PHOTO, "PNG"),
    "webp": encode(PHOTO, "WEBP", quality=90),
    "jpeg-444": encode(PHOTO, "JPEG", quality=90, subsampling=0),
    "jpeg-422": encode(PHOTO, "JPEG", quality=90, subsampling=1),
    "jpeg-420": encode(PHOTO, "JPEG", quality=90, subsampling=2),
    "jpeg-progressive": encode(PHOTO, "JPEG", quality=90, progressive=True),
    "jpeg-restarts": encode(PHOTO, "JPEG", quality=90, restart_marker_rows=1),
    "jpeg-rgb": encode(PHOTO, "JPEG", quality=90, keep_rgb=True),
    "jpeg-grey": encode(PHOTO.convert("L"), "JPEG", quality=90),
    "jpeg-cmyk": encode(PHOTO.convert("CMYK"), "JPEG", quality=90),
    "jpeg-turned": with_orientation(6, "JPEG"),
    "jpeg-mirrored": with_orientation(2, "JPEG"),
    "png-turned": with_orientation(6, "PNG"),
}


def gray_raster(file: bytes) -> NDArray[np.int16]:
    raster = _core.luma_thumbnail(file, _core.Limits())
    return np.frombuffer(raster, np.uint8).reshape(THUMBNAIL_SIDE, THUMBNAIL_SIDE).astype(np.int16)


def block_means(photo: Image.Image) -> NDArray[np.float64]:
    """Means of the photo's luma over the same places, in NumPy."""
    luma: NDArray[np.float64] = np.asarray(photo.convert("RGB"), np.float64) @ [0.299, 0.587, 0.114]
    for axis in (0, 1):
        starts = np.arange(THUMBNAIL_SIDE) * luma.shape[axis] // THUMBNAIL_SIDE
        sums = np.add.reduceat(luma, starts, axis)
        widths = np.diff(starts, append=luma.shape[axis])
        luma = sums / np.expand_dims(widths, 1 - axis)
    return luma


@pytest.mark.parametrize("name", STORED)
def test_the_raster_is_the_mean_of_what_is_stored(name: str) -> None:
    file = STORED[name]
    with Image.open(io.BytesIO(file)) as opened:
        wanted = block_means(ImageOps.exif_transpose(opened))
    off = np.abs(gray_raster(file) - wanted)
    # Decoders differ in how they lay colours between pixels, and in CMYK by more.
    assert off.max() <= (12 if name == "jpeg-cmyk" else 3)
    assert off.mean() <= (3 if name == "jpeg-cmyk" else 0.7)


@pytest.mark.parametrize("name", STORED)
def test_the_hash_stays_within_two_bits(name: str) -> None:
    def phash(file: bytes) -> int:
        raster: Any = gray_raster(file).astype(np.uint8).tobytes()
        return photo_hash(raster)

    assert ((phash(STORED[name]) ^ phash(STORED["png"])) & (2**64 - 1)).bit_count() <= 2
