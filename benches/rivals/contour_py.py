"""contourpy, one pass per label: filled contours above half height, outer rings with their holes."""

import itertools

import contourpy
import numpy as np
from numpy.typing import NDArray

from rivals.document import document

NAME = "contourpy"


def svg(labels: NDArray[np.uint8]) -> str:
    """Draw all labels."""
    rings: dict[int, list[NDArray[np.float64]]] = {}
    for label in np.flatnonzero(np.bincount(labels.ravel(), minlength=256))[1:]:
        mask = np.pad(labels == label, 1).astype(np.float32)
        filled = contourpy.contour_generator(z=mask, fill_type="OuterOffset").filled(0.5, 2.0)
        parts = zip(*filled, strict=True)
        rings[int(label)] = [points[a:b] for points, offsets in parts for a, b in itertools.pairwise(offsets)]
    return document(labels.shape, rings)
