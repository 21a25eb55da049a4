"""The compiled module as a `CoreModule`.

No other module of the service imports it. This module is itself the implementation of the protocol (PEP 544), so mypy
compares both. What needs NumPy is imported where it is called: most requests do without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from facemask import _core
from facemask._core import (
    FacemaskError,
    LandmarkPoints,
    Limits,
    Options,
    __version__,
    check_input,
    decode_base64,
    extract_base64,
    fingerprint,
    label_schemes,
    landmark_schemes,
    luma_thumbnail,
    trace_bytes,
)
from facemask.service.core.face_detection import check_detection, detect_faces_in, detects_faces

if TYPE_CHECKING:
    from facemask.landmarks import Faces

__all__ = [
    "FacemaskError",
    "LandmarkPoints",
    "Limits",
    "Options",
    "__version__",
    "check_detection",
    "check_input",
    "decode_base64",
    "detect_faces_in",
    "detects_faces",
    "extract_base64",
    "fingerprint",
    "luma_thumbnail",
    "parse_plain_landmarks",
    "read_landmark_file",
    "read_landmarks",
    "scheme_names",
    "trace_bytes",
]


def parse_plain_landmarks(text: bytes) -> LandmarkPoints | None:
    """Parse a JSON list of as many plain points as a landmark scheme has; None for every other text."""
    points = _core.parse_plain_landmarks(text)
    return points if points is not None and points.has_known_counts else None


def read_landmark_file(data: bytes) -> tuple[LandmarkPoints | None, str | None]:
    """Return the points of a landmark file, or the text of a JSON document that `read_landmarks` has to interpret.

    Raises:
        FacemaskError: `landmarks_invalid`.

    """
    points = _core.read_landmark_points(data)
    if points is not None:
        return points, None
    _, arrays, text = _core.read_landmark_file(data)
    if text is not None:
        return None, text
    from facemask.landmarks import join_points  # noqa: PLC0415

    return _as_points(join_points(arrays)), None


def read_landmarks(value: Any) -> tuple[LandmarkPoints | None, str]:
    """Return the landmarks in a value of any form, None without a point, and their units or `auto`.

    Raises:
        FacemaskError: `landmarks_invalid`.

    """
    from facemask import landmarks  # noqa: PLC0415

    faces = landmarks.read_landmarks(value)
    return _as_points(faces), faces.units


def _as_points(faces: Faces) -> LandmarkPoints | None:
    arrays = faces.core_argument()
    return None if arrays is None else LandmarkPoints(arrays)


def scheme_names() -> tuple[dict[str, list[int]], list[str]]:
    """Return the landmark schemes with their point counts, and the label schemes."""
    counts = {name: list(numbers) for name, (numbers, _) in landmark_schemes().items()}
    return counts, list(label_schemes())
