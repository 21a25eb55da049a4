"""Label maps of given size and content, equal in every run."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import facemask
import numpy as np
from numpy.typing import NDArray

SAMPLE = Path(__file__).parents[1] / "samples" / "astronaut"
Map = NDArray[np.uint8]


@cache
def sample(side: int = 1024, height: int | None = None) -> Map:
    """The sample's label map, enlarged to `side` x `height` pixels by repeating pixels."""
    labels = facemask.decode_label_map((SAMPLE / "segmentation.png").read_bytes())
    rows = np.arange(height or side) * labels.shape[0] // (height or side)
    columns = np.arange(side) * labels.shape[1] // side
    return np.ascontiguousarray(labels[np.ix_(rows, columns)])


@cache
def ellipses(side: int = 1024) -> Map:
    """Forty overlapping ellipses of twenty labels."""
    draw, labels = np.random.default_rng(2), np.zeros((side, side), np.uint8)
    for index in range(40):
        centre, axes = draw.integers(0, side, 2), draw.integers(side // 40, side // 5, 2)
        cv2.ellipse(labels, centre.tolist(), axes.tolist(), float(draw.uniform(0, 180)), 0, 360, index % 20 + 1, -1)
    return labels


@cache
def tiles(side: int = 1024) -> Map:
    """All 256 labels as tiles with wavy borders."""
    at = np.arange(side) * (16 / side)
    columns = (at[None, :] + 0.2 * np.sin(9 * at[:, None])).clip(0, 15.99).astype(np.uint8)
    rows = (at[:, None] + 0.2 * np.sin(7 * at[None, :])).clip(0, 15.99).astype(np.uint8)
    return rows * 16 + columns


@cache
def salted(side: int = 1024) -> Map:
    """The sample with one pixel in a hundred of another label."""
    draw, labels = np.random.default_rng(3), sample(side).copy()
    where = draw.integers(0, labels.size, labels.size // 100)
    labels.ravel()[where] = draw.integers(0, 11, where.size)
    return labels


@cache
def noise(side: int = 512, labels: int = 11) -> Map:
    """Independent noise: the worst case of a label map."""
    return np.random.default_rng(1).integers(0, labels, (side, side), dtype=np.uint8)


CONTENTS: dict[str, Callable[[int], Map]] = {
    "sample": sample,
    "ellipses": ellipses,
    "256 labels": tiles,
    "salt and pepper": salted,
}
