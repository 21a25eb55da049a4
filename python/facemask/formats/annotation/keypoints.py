"""Landmarks as keypoints of annotation tools: which points, their names, and the lines between them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facemask._core import landmark_schemes
from facemask.formats.options import check_keypoints
from facemask.formats.protocol import TracedFace
from facemask.validation import make_error

# `auto` is the 68 points, or all landmarks of a scheme that has no such points.
# The points of MediaPipe's mesh at the places of `ibug-68`, by anatomical correspondence: the jaw from the subject's
# right to the left, the upper edges of the brows, ridge and base of the nose, the eyes, the outer and the inner lips.
_FACE_68: Final = [
    *[127, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 356],
    *[70, 63, 105, 66, 107, 336, 296, 334, 293, 300],
    *[168, 197, 5, 4, 75, 97, 2, 326, 305],
    *[33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380],
    *[61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87],
]
# Parts whose points are in the order of a line; of the first ones the line returns to its start.
_RINGS: Final = ("eye_r", "eye_l", "lips_outer", "lips_inner", "face_oval", "iris_r", "iris_l")
_LINES: Final = (
    "jaw_r_to_l", "brow_r", "brow_l", "brow_r_upper", "brow_l_upper", "brow_r_lower", "brow_l_lower", "nose_ridge",
    "nose_base",
)  # fmt: skip
_FIVE: Final = ("eye_r", "eye_l", "nose_tip", "mouth_r", "mouth_l")
_FIVE_LINES: Final = ((0, 1), (0, 2), (1, 2), (2, 3), (2, 4), (3, 4))


@dataclass(frozen=True, slots=True)
class Keypoints:
    """Points of a face with the name of each: float64 (n, 2), pixels in the frame of the face.

    `lines` are pairs of indices that belong together, for a drawing.
    """

    names: Sequence[str]
    points: NDArray[np.float64]
    lines: Sequence[tuple[int, int]]

    def inside(self, size: Sequence[int]) -> NDArray[np.bool_]:
        """Return which points lie in a picture of that size."""
        found: NDArray[np.bool_] = np.all((self.points >= 0.0) & (self.points <= np.array(size, float)), axis=1)
        return found

    def labeled(self, size: Sequence[int]) -> Iterator[tuple[str, float, float]]:
        """Yield name and coordinates, with two decimals, of the points in a picture of that size."""
        for name, (x, y), is_inside in zip(self.names, self.points.round(2).tolist(), self.inside(size), strict=True):
            if is_inside:
                yield name, x, y


def select_keypoints(face: TracedFace, value: Any) -> Keypoints | None:
    """Return the keypoints of a face that an export holds; None for `none`.

    Args:
        face: the traced face.
        value: `none`; `five`, the eyes' centers, the tip of the nose and the corners of the mouth; `68`, the points of
            300-W and COCO-WholeBody; `all`, every landmark; `auto`, which is `68` of schemes with them, else `all`.

    Raises:
        FacemaskError: `format_impossible` for a face without landmarks, or whose scheme lacks the points;
            `option_invalid` for another value.

    """
    kind = check_keypoints(value)
    if kind == "none":
        return None
    points = getattr(face, "landmarks", None)
    if points is None or len(points) == 0:
        detail = (
            "this face has no landmarks: the label map gave roll and crop, or a stored result was made without"
            " with_landmarks; leave keypoints out"
        )
        raise make_error("format_impossible", "keypoints", detail)
    points = np.asarray(points, float)
    scheme: str = getattr(face, "schemes", {}).get("landmarks", "")
    if kind == "five":
        return _five(points, scheme)
    chosen = {"mediapipe-478": _FACE_68, "ibug-68": list(range(68))}.get(scheme)
    if kind == "all" or (kind == "auto" and chosen is None):
        return Keypoints(name_landmarks(scheme, len(points)), points, _lines(scheme, len(points)))
    if chosen is None:
        raise make_error("format_impossible", "keypoints", f"landmarks of {scheme} have no 68 points; take five or all")
    return Keypoints(name_landmarks("ibug-68", 68), points[chosen], _lines("ibug-68", 68))


def name_landmarks(scheme: str | None, count: int) -> list[str]:
    """Return the name of each landmark: its smallest part in the scheme, with its number there, such as `eye_r_3`.

    A landmark of no part is called by its index, such as `point_17`.
    """
    names = {index: f"point_{index}" for index in range(count)}
    # The smallest part last, whose name remains.
    for part, indices in sorted(_parts(scheme or "").items(), key=lambda item: (-len(item[1]), item[0])):
        for number, index in enumerate(indices, 1):
            names[index] = f"{part}_{number}" if len(indices) > 1 else part
    return [names[index] for index in range(count)]


def _parts(scheme: str) -> Mapping[str, list[int]]:
    return landmark_schemes()[scheme][1]


def _lines(scheme: str, count: int) -> list[tuple[int, int]]:
    # A mesh without irises has the scheme of one with them.
    parts = {name: indices for name, indices in _parts(scheme or "").items() if max(indices) < count}
    lines = [pair for part in (*_LINES, *_RINGS) for pair in pairwise(parts.get(part, []))]
    return lines + [(parts[part][-1], parts[part][0]) for part in _RINGS if len(parts.get(part, [])) > 2]


def _five(points: NDArray[np.float64], scheme: str) -> Keypoints:
    parts = _parts(scheme)
    centers = []
    for name in _FIVE:
        # The center of an eye is that of its pupil, else of its ring, else of its corners.
        known = [name.replace("eye", "pupil"), name, f"{name}_corners"] if name.startswith("eye") else [name]
        indices = next((found for part in known if (found := parts.get(part)) and max(found) < len(points)), None)
        if indices is None:
            detail = f"landmarks of {scheme} have no {name}, one of the five points; take all"
            raise make_error("format_impossible", "keypoints", detail)
        centers.append(points[indices].mean(axis=0))
    return Keypoints(_FIVE, np.array(centers), _FIVE_LINES)
