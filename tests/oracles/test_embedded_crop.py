"""The embedded crop is byte for byte the JPEG that OpenCV writes with libjpeg-turbo."""

import base64
import re
from collections.abc import Callable

import cv2
import facemask
import numpy as np
import pytest
from numpy.typing import NDArray

# A face that looks straight ahead, in a picture of 112 pixels: nothing is turned, so the crop is the photo.
UPRIGHT = np.array([[38, 51], [74, 51], [56, 71], [41, 92], [71, 92]], dtype=np.float64)

Photo = Callable[[np.random.Generator, tuple[int, int, int]], NDArray[np.uint8]]


def embedded_jpeg(photo: NDArray[np.uint8]) -> bytes:
    height, width = photo.shape[:2]
    mask = facemask.trace_face(
        np.ones((height, width), np.uint8),
        UPRIGHT * (min(height, width) / 112),
        landmark_scheme="arcface-5",
        landmark_units="pixel",
        image=photo,
        embed_image="crop",
        crop="none",
    )
    found = re.search(r"data:image/jpeg;base64,([^\"]+)", mask.svg)
    assert found
    return base64.b64decode(found[1])


def noise(rng: np.random.Generator, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    return rng.integers(0, 256, shape, dtype=np.uint8)


def extremes(rng: np.random.Generator, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    return rng.integers(0, 2, shape, dtype=np.uint8) * np.uint8(255)


def plain(rng: np.random.Generator, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.full(shape, rng.integers(0, 256, 3), np.uint8)


def slopes(_: np.random.Generator, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    return (np.stack([x * 3 + y, y * 5, x * y], axis=-1) % 256).astype(np.uint8)


SIZES = [(1, 1), (1, 40), (7, 8), (16, 16), (17, 33), (64, 63), (3, 5000), (5000, 3), (333, 517)]


@pytest.mark.parametrize("make", [noise, extremes, plain, slopes])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("vectors", [True, False])
def test_the_crop_is_the_jpeg_that_libjpeg_turbo_writes(
    monkeypatch: pytest.MonkeyPatch, vectors: bool, size: tuple[int, int], make: Photo
):
    if not vectors:
        # The encoder's own switch, as libjpeg-turbo has it.
        monkeypatch.setenv("JSIMD_FORCENONE", "1")
    photo = make(np.random.default_rng(size[0]), (*size, 3))
    written, file = cv2.imencode(".jpg", photo[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
    assert written
    assert embedded_jpeg(photo) == file.tobytes()
