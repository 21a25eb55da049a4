"""OpenCV, one pass per label: `compare` on the label's own box, `findContours` with holes, straight runs left out.

`calcHist` counts the labels four times faster than `np.bincount`, and the box keeps small labels cheap: nothing faster
is known. Its outlines run through pixel centres and keep diagonal neighbours together; that is its job as it does it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from rivals.document import document

NAME = "OpenCV"
cv2.setNumThreads(1)


def outline(labels: NDArray[np.uint8]) -> dict[int, list[NDArray[np.int32]]]:
    """Outline each label above 0."""
    found = {}
    for label in np.flatnonzero(cv2.calcHist([labels], [0], None, [256], [0, 256]))[1:]:
        mask = cv2.compare(labels, int(label), cv2.CMP_EQ)
        x, y, width, height = cv2.boundingRect(mask)
        part = mask[y : y + height, x : x + width]
        rings, _ = cv2.findContours(part, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=(x, y))
        found[int(label)] = [ring[:, 0] for ring in rings]
    return found


def svg(labels: NDArray[np.uint8]) -> str:
    """Draw all labels."""
    return document(labels.shape, outline(labels))
