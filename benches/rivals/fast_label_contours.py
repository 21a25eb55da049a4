"""fastlabelcontours (C++): all labels in one pass along the pixels' edges, ragged arrays; it wants uint32."""

import itertools

import fastlabelcontours
import numpy as np
from numpy.typing import NDArray

from rivals.document import document

NAME = "fastlabelcontours"


def svg(labels: NDArray[np.uint8]) -> str:
    """Draw all labels."""
    found = fastlabelcontours.contours(labels.astype(np.uint32))
    rings = {}
    for index, label in enumerate(found.ids.tolist()):
        mine = found.contour_offsets[found.label_offsets[index] : found.label_offsets[index + 1] + 1].tolist()
        rings[label] = [found.points[a:b] for a, b in itertools.pairwise(mine)]
    return document(labels.shape, rings)
