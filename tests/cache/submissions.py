"""The sample as a submission, and variants of it: equivalent ones, and similar ones with another result."""

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
# Indices of the corners of the eyes in MediaPipe's scheme; they determine the roll.
EYE_CORNERS = (33, 133, 263, 362)


@dataclass(frozen=True)
class Submission:
    """The files and landmarks of one submission."""

    image: bytes
    label_map: bytes
    landmarks: NDArray[np.float64] | None = None


def encode(photo: Image.Image, kind: str, **options: Any) -> bytes:
    """Encode a photo with Pillow."""
    file = io.BytesIO()
    photo.save(file, kind, **options)
    return file.getvalue()


ORIGINAL = Submission(PHOTO_FILE.read_bytes(), encode_png(MAP), POINTS)


def with_labels(labels: NDArray[np.uint8]) -> Submission:
    """The original with another label map."""
    return replace(ORIGINAL, label_map=encode_png(labels))


def erased(*ids: int) -> Submission:
    """Some labels replaced by skin."""
    return with_labels(np.where(np.isin(MAP, ids), np.uint8(SKIN), MAP))


def dilated(label: int, pixels: int) -> Submission:
    """One region dilated by some pixels."""
    region = ndimage.binary_dilation(label == MAP, iterations=pixels)
    return with_labels(np.where(region, np.uint8(label), MAP))


def eroded(label: int) -> Submission:
    """One region eroded by a pixel in all eight directions; skin replaces it."""
    region = label == MAP
    inner = ndimage.binary_erosion(region, np.ones((3, 3)))
    return with_labels(np.where(region & ~inner, np.uint8(SKIN), MAP))


def with_square(size: int, label: int, *, at: tuple[int, int] = CHEEK) -> Submission:
    """A square of another label, `size` pixels a side, in the middle of a region."""
    labels = MAP.copy()
    labels[at[0] : at[0] + size, at[1] : at[1] + size] = label
    assert (labels != MAP).any()
    return with_labels(labels)


def shifted(label: int, pixels: int) -> Submission:
    """One region shifted to the right over its neighbors; skin replaces it."""
    region = label == MAP
    labels = np.where(region, np.uint8(SKIN), MAP)
    return with_labels(np.where(np.roll(region, pixels, axis=1), np.uint8(label), labels))


def warped(pixels: float) -> Submission:
    """The label map warped smoothly by at most some pixels; each pixel gets the label of the largest weight."""
    height, width = MAP.shape
    y, x = np.mgrid[:height, :width].astype(np.float64)
    dx, dy = pixels * np.sin(y / 40), pixels * np.cos(x / 50)
    length = np.maximum(np.hypot(dx, dy) / pixels, 1)
    at = [y + dy / length, x + dx / length]
    labels = np.unique(MAP)
    # Blurred masks locate borders between pixels; unblurred ones would only move by whole pixels.
    soft = [ndimage.gaussian_filter((label == MAP).astype(np.float64), 0.7) for label in labels]
    weights = [ndimage.map_coordinates(mask, at, order=1, mode="nearest") for mask in soft]
    result = labels[np.argmax(weights, axis=0)]
    assert (result != MAP).any()
    return with_labels(result)


def with_moved_landmarks(pixels: float, *, only: NDArray[np.bool_] | None = None) -> Submission:
    """Landmarks moved by some pixels, each in another direction; with `only`, just those of a mask."""
    angles = np.arange(len(POINTS))
    steps = pixels * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return replace(ORIGINAL, landmarks=POINTS + (steps if only is None else steps * only[:, None]))


def irrelevant_landmarks() -> NDArray[np.bool_]:
    """Mask of the landmarks that affect neither roll nor crop: no corners of eyes, and far from the bounding box."""
    to_side = np.minimum(POINTS - POINTS.min(axis=0), POINTS.max(axis=0) - POINTS).min(axis=1)
    inner: NDArray[np.bool_] = to_side > 20
    inner[list(EYE_CORNERS)] = False
    return inner


def reencoded(kind: str, **options: Any) -> Submission:
    """The photo in another encoding."""
    return replace(ORIGINAL, image=encode(PHOTO, kind, **options))


def retouched() -> Submission:
    """The photo with a red patch; perceptual hash and label map stay the same."""
    photo = PHOTO.copy()
    ImageDraw.Draw(photo).rectangle((440, 180, 470, 200), fill=(255, 0, 0))
    return replace(ORIGINAL, image=encode(photo, "JPEG", quality=95))


def halved(*, with_its_map: bool) -> Submission:
    """The photo at half size, with scaled landmarks and, if wanted, a scaled label map."""
    photo = encode(PHOTO.resize((PHOTO.width // 2, PHOTO.height // 2)), "JPEG", quality=95)
    return Submission(photo, encode_png(np.ascontiguousarray(MAP[::2, ::2]) if with_its_map else MAP), POINTS / 2)


REENCODED = {
    "jpeg-95": reencoded("JPEG", quality=95),
    "jpeg-70": reencoded("JPEG", quality=70),
    "jpeg-50": reencoded("JPEG", quality=50),
    "webp": reencoded("WEBP", quality=80),
    "png": reencoded("PNG"),
}
# Other landmarks with the same roll and crop, so that the result is the same to the last byte.
EQUIVALENT_LANDMARKS = [with_moved_landmarks(pixels, only=irrelevant_landmarks()) for pixels in (0.25, 0.2, 0.15, 0.1)]
OTHER_MAPS = {
    "nose-eroded-by-a-pixel": eroded(NOSE),
    "one-pixel-of-skin": with_square(1, 6),
    "one-pixel-of-nothing": with_square(1, 0),
    "one-pixel-of-the-corner": with_square(1, 10, at=(0, 0)),
    "one-pixel-of-an-eye": with_square(1, 1, at=tuple(np.argwhere(BROWS_AND_EYES[2] == MAP)[0])),
    "two-by-two": with_square(2, 6),
    "a-region-more": with_square(1, 12),
    "warped": warped(0.5),
    "warped-less": warped(0.3),
    "eyes-and-brows-erased": erased(*BROWS_AND_EYES),
    "mouth-erased": erased(*MOUTH),
    "one-brow-erased": erased(2),
    "nose-grown-by-4": dilated(NOSE, 4),
    "lip-grown-by-4": dilated(7, 4),
    "eye-shifted-by-4": shifted(4, 4),
    "another-persons": with_labels(np.ascontiguousarray(np.roll(MAP, (15, -20), (0, 1))[:, ::-1])),
}
OTHER_LANDMARKS = {
    "all-landmarks-moved": with_moved_landmarks(0.25),
    "all-landmarks-moved-by-3": with_moved_landmarks(3.0),
    "an-eyes-corner-moved": replace(ORIGINAL, landmarks=POINTS + np.eye(len(POINTS), 2, -33) * 0.01),
    "a-side-of-the-box-moved": replace(
        ORIGINAL, landmarks=POINTS + np.outer(np.arange(len(POINTS)) == POINTS[:, 0].argmax(), (1.5, 0))
    ),
    "no-landmarks": replace(ORIGINAL, landmarks=None),
    "half-the-photo": halved(with_its_map=False),
    "half-the-size": halved(with_its_map=True),
}
