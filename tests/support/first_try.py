"""What somebody has who only has MediaPipe's result and the output of a parsing network, made from the sample."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import facemask
import numpy as np
from numpy.typing import NDArray

from support.paths import LANDMARKS_FILE, MAP_FILE

SIZE = (640, 480)
_MAP_SIDE = 512
_CLASSES = 11


def photo_labels() -> NDArray[np.uint8]:
    """The sample's label map, cut to a photo of 4 : 3 around the face."""
    labels = facemask.decode_label_map(MAP_FILE.read_bytes())
    return labels[_first_row(labels) :][: _rows(labels)]


def detector_outputs() -> dict[str, Any]:
    """`result`, with the attributes of MediaPipe's `FaceLandmarkerResult`, and class scores (11, 512, 512), `scores`.

    The network saw the photo squeezed to a square.
    """
    whole, labels = facemask.decode_label_map(MAP_FILE.read_bytes()), photo_labels()
    map_width, first_row = whole.shape[1], _first_row(whole)
    points = [(point["x"], point["y"] - first_row) for point in json.loads(LANDMARKS_FILE.read_text())]
    face = [SimpleNamespace(x=x / map_width, y=y / labels.shape[0], z=0.0) for x, y in points]
    rows, columns = (((np.arange(_MAP_SIDE) + 0.5) * side / _MAP_SIDE).astype(int) for side in labels.shape)
    squeezed = labels[np.ix_(rows, columns)]
    noise = np.random.default_rng(7).normal(size=(_CLASSES, _MAP_SIDE, _MAP_SIDE))
    scores = noise + 12.0 * (np.arange(_CLASSES)[:, None, None] == squeezed)
    return {"result": SimpleNamespace(face_landmarks=[face]), "scores": scores.astype(np.float32)}


def _rows(labels: NDArray[np.uint8]) -> int:
    return labels.shape[1] * SIZE[1] // SIZE[0]


def _first_row(labels: NDArray[np.uint8]) -> int:
    """The first row of the cut, which has the face in its middle."""
    rows = np.flatnonzero((labels == 1).any(axis=1))
    middle = int(rows.mean())
    return max(0, min(labels.shape[0] - _rows(labels), middle - _rows(labels) // 2))
