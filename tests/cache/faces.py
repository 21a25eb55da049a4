"""The sample as a client would send it, and its variants: some are the same face, some only look so."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

SAMPLE = Path(__file__).parents[2] / "samples" / "astronaut"
PHOTO = Image.open(SAMPLE / "image.jpg").convert("RGB")
MAP = np.asarray(Image.open(SAMPLE / "segmentation.png"))
POINTS = np.array([[p["x"], p["y"]] for p in json.loads((SAMPLE / "landmarks.json").read_bytes())], dtype=np.float64)
BROWS_AND_EYES, MOUTH, NOSE = (2, 3, 4, 5), (7, 8, 9), 6
SKIN = 1


@dataclass(frozen=True)
class Face:
    """What is submitted."""

    image: bytes
    label_map: bytes
    landmarks: NDArray[np.float64] | None = None


def png(labels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(labels).save(file, "PNG")
    return file.getvalue()


def saved(photo: Image.Image, kind: str, **how: Any) -> bytes:
    file = io.BytesIO()
    photo.save(file, kind, **how)
    return file.getvalue()


ORIGINAL = Face((SAMPLE / "image.jpg").read_bytes(), png(MAP), POINTS)


def with_map(labels: NDArray[np.uint8]) -> Face:
    return replace(ORIGINAL, label_map=png(labels))


def without(*ids: int) -> Face:
    """Labels painted over with skin."""
    return with_map(np.where(np.isin(MAP, ids), np.uint8(SKIN), MAP))


def grown(label: int, pixels: int) -> Face:
    """One region larger by some pixels on all sides."""
    region = ndimage.binary_dilation(label == MAP, iterations=pixels)
    return with_map(np.where(region, np.uint8(label), MAP))


def shifted(label: int, pixels: int) -> Face:
    """One region moved to the right, over what is there; skin where it was."""
    region = label == MAP
    labels = np.where(region, np.uint8(SKIN), MAP)
    return with_map(np.where(np.roll(region, pixels, axis=1), np.uint8(label), labels))


def warped(pixels: float) -> Face:
    """The map bent smoothly, no point moved by more than some pixels; each pixel takes the label that weighs most."""
    height, width = MAP.shape
    y, x = np.mgrid[:height, :width].astype(np.float64)
    dx, dy = pixels * np.sin(y / 40), pixels * np.cos(x / 50)
    length = np.maximum(np.hypot(dx, dy) / pixels, 1)
    at = [y + dy / length, x + dx / length]
    labels = np.unique(MAP)
    # A little softness says where between the pixels a border lies; a hard map would only move in whole pixels.
    soft = [ndimage.gaussian_filter((label == MAP).astype(np.float64), 0.7) for label in labels]
    weights = [ndimage.map_coordinates(mask, at, order=1, mode="nearest") for mask in soft]
    bent = labels[np.argmax(weights, axis=0)]
    assert (bent != MAP).any()
    return with_map(bent)


def moved(pixels: float) -> Face:
    """Each landmark moved by some pixels, in a direction of its own."""
    angles = np.arange(len(POINTS))
    return replace(ORIGINAL, landmarks=POINTS + pixels * np.stack([np.cos(angles), np.sin(angles)], axis=1))


def photo_as(kind: str, **how: Any) -> Face:
    return replace(ORIGINAL, image=saved(PHOTO, kind, **how))


def painted() -> Face:
    """A patch on the photo; hash and map stay."""
    photo = PHOTO.copy()
    ImageDraw.Draw(photo).rectangle((440, 180, 470, 200), fill=(255, 0, 0))
    return replace(ORIGINAL, image=saved(photo, "JPEG", quality=95))


def halved(*, with_its_map: bool) -> Face:
    """The photo at half its size, with the landmarks there."""
    photo = saved(PHOTO.resize((PHOTO.width // 2, PHOTO.height // 2)), "JPEG", quality=95)
    return Face(photo, png(np.ascontiguousarray(MAP[::2, ::2]) if with_its_map else MAP), POINTS / 2)


SAVED_ANEW = {
    "jpeg-95": photo_as("JPEG", quality=95),
    "jpeg-70": photo_as("JPEG", quality=70),
    "jpeg-50": photo_as("JPEG", quality=50),
    "webp": photo_as("WEBP", quality=80),
    "png": photo_as("PNG"),
}
MOVED = {
    "landmarks-moved": moved(0.25),
    "map-warped": warped(0.5),
    "map-warped-less": warped(0.3),
    "both": replace(warped(0.5), landmarks=moved(0.25).landmarks),
}
OTHERS = {
    "eyes-and-brows-erased": without(*BROWS_AND_EYES),
    "mouth-erased": without(*MOUTH),
    "one-brow-erased": without(2),
    "nose-grown-by-4": grown(NOSE, 4),
    "lip-grown-by-4": grown(7, 4),
    "eye-shifted-by-4": shifted(4, 4),
    "another-persons-map": with_map(np.ascontiguousarray(np.roll(MAP, (15, -20), (0, 1))[:, ::-1])),
    "other-landmarks": moved(3.0),
    "one-landmark-moved": replace(ORIGINAL, landmarks=POINTS + np.eye(len(POINTS), 2, -7) * 1.5),
    "no-landmarks": replace(ORIGINAL, landmarks=None),
    "half-the-photo": halved(with_its_map=False),
    "half-the-size": halved(with_its_map=True),
}
