"""The sample as a client would send it, and its variants: some have the same answer, some only look so."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage
from support import sample
from support.paths import PHOTO_FILE
from support.sample import encode_png

PHOTO = Image.open(PHOTO_FILE).convert("RGB")
MAP, POINTS = sample.LABELS, sample.LANDMARKS
BROWS_AND_EYES, MOUTH, NOSE = (2, 3, 4, 5), (7, 8, 9), 6
SKIN = 1
CHEEK = (380, 400)
# Both eyes' corners in MediaPipe's order: the roll is theirs.
EYE_CORNERS = (33, 133, 263, 362)


@dataclass(frozen=True)
class Submission:
    """What is submitted."""

    image: bytes
    label_map: bytes
    landmarks: NDArray[np.float64] | None = None


def encode(photo: Image.Image, kind: str, **how: Any) -> bytes:
    file = io.BytesIO()
    photo.save(file, kind, **how)
    return file.getvalue()


ORIGINAL = Submission(PHOTO_FILE.read_bytes(), encode_png(MAP), POINTS)


def with_labels(labels: NDArray[np.uint8]) -> Submission:
    return replace(ORIGINAL, label_map=encode_png(labels))


def erased(*ids: int) -> Submission:
    """Labels painted over with skin."""
    return with_labels(np.where(np.isin(MAP, ids), np.uint8(SKIN), MAP))


def grown(label: int, pixels: int) -> Submission:
    """One region larger by some pixels on all sides."""
    region = ndimage.binary_dilation(label == MAP, iterations=pixels)
    return with_labels(np.where(region, np.uint8(label), MAP))


def eroded(label: int) -> Submission:
    """One region smaller by a pixel on all sides and corners, skin where it was."""
    region = label == MAP
    inner = ndimage.binary_erosion(region, np.ones((3, 3)))
    return with_labels(np.where(region & ~inner, np.uint8(SKIN), MAP))


def spotted(size: int, label: int, *, at: tuple[int, int] = CHEEK) -> Submission:
    """A square of some pixels a side in the middle of a region."""
    labels = MAP.copy()
    labels[at[0] : at[0] + size, at[1] : at[1] + size] = label
    assert (labels != MAP).any()
    return with_labels(labels)


def shifted(label: int, pixels: int) -> Submission:
    """One region moved to the right, over what is there; skin where it was."""
    region = label == MAP
    labels = np.where(region, np.uint8(SKIN), MAP)
    return with_labels(np.where(np.roll(region, pixels, axis=1), np.uint8(label), labels))


def warped(pixels: float) -> Submission:
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
    return with_labels(bent)


def moved(pixels: float, *, only: NDArray[np.bool_] | None = None) -> Submission:
    """Each landmark moved by some pixels, in a direction of its own; or only some of them."""
    angles = np.arange(len(POINTS))
    steps = pixels * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return replace(ORIGINAL, landmarks=POINTS + (steps if only is None else steps * only[:, None]))


def irrelevant_landmarks() -> NDArray[np.bool_]:
    """Landmarks that decide nothing: no corners of eyes, and nowhere near the sides of the box around the face."""
    to_side = np.minimum(POINTS - POINTS.min(axis=0), POINTS.max(axis=0) - POINTS).min(axis=1)
    inner: NDArray[np.bool_] = to_side > 20
    inner[list(EYE_CORNERS)] = False
    return inner


def reencoded(kind: str, **how: Any) -> Submission:
    return replace(ORIGINAL, image=encode(PHOTO, kind, **how))


def retouched() -> Submission:
    """A patch on the photo; hash and map stay."""
    photo = PHOTO.copy()
    ImageDraw.Draw(photo).rectangle((440, 180, 470, 200), fill=(255, 0, 0))
    return replace(ORIGINAL, image=encode(photo, "JPEG", quality=95))


def halved(*, with_its_map: bool) -> Submission:
    """The photo at half its size, with the landmarks there."""
    photo = encode(PHOTO.resize((PHOTO.width // 2, PHOTO.height // 2)), "JPEG", quality=95)
    return Submission(photo, encode_png(np.ascontiguousarray(MAP[::2, ::2]) if with_its_map else MAP), POINTS / 2)


REENCODED = {
    "jpeg-95": reencoded("JPEG", quality=95),
    "jpeg-70": reencoded("JPEG", quality=70),
    "jpeg-50": reencoded("JPEG", quality=50),
    "webp": reencoded("WEBP", quality=80),
    "png": reencoded("PNG"),
}
# Landmarks that are others and say the same of roll and crop, so that the answer is the same to the last byte.
EQUIVALENT_LANDMARKS = [moved(pixels, only=irrelevant_landmarks()) for pixels in (0.25, 0.2, 0.15, 0.1)]
OTHER_MAPS = {
    "nose-eroded-by-a-pixel": eroded(NOSE),
    "one-pixel-of-skin": spotted(1, 6),
    "one-pixel-of-nothing": spotted(1, 0),
    "one-pixel-of-the-corner": spotted(1, 10, at=(0, 0)),
    "one-pixel-of-an-eye": spotted(1, 1, at=tuple(np.argwhere(BROWS_AND_EYES[2] == MAP)[0])),
    "two-by-two": spotted(2, 6),
    "a-region-more": spotted(1, 12),
    "warped": warped(0.5),
    "warped-less": warped(0.3),
    "eyes-and-brows-erased": erased(*BROWS_AND_EYES),
    "mouth-erased": erased(*MOUTH),
    "one-brow-erased": erased(2),
    "nose-grown-by-4": grown(NOSE, 4),
    "lip-grown-by-4": grown(7, 4),
    "eye-shifted-by-4": shifted(4, 4),
    "another-persons": with_labels(np.ascontiguousarray(np.roll(MAP, (15, -20), (0, 1))[:, ::-1])),
}
OTHER_LANDMARKS = {
    "all-landmarks-moved": moved(0.25),
    "all-landmarks-moved-by-3": moved(3.0),
    "an-eyes-corner-moved": replace(ORIGINAL, landmarks=POINTS + np.eye(len(POINTS), 2, -33) * 0.01),
    "a-side-of-the-box-moved": replace(
        ORIGINAL, landmarks=POINTS + np.outer(np.arange(len(POINTS)) == POINTS[:, 0].argmax(), (1.5, 0))
    ),
    "no-landmarks": replace(ORIGINAL, landmarks=None),
    "half-the-photo": halved(with_its_map=False),
    "half-the-size": halved(with_its_map=True),
}
