"""OpenCV, one pass per label: its fastest way to outlines with holes."""

import cv2
import numpy as np
from numpy.typing import NDArray


def outline(labels: NDArray[np.uint8]) -> dict[int, list[NDArray[np.int32]]]:
    """Outline each label above 0 by findContours with holes."""
    found = {}
    for label in np.flatnonzero(np.bincount(labels.ravel(), minlength=256))[1:]:
        mask = cv2.compare(labels, int(label), cv2.CMP_EQ)
        rings, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
        found[int(label)] = [ring[:, 0] for ring in rings]
    return found
