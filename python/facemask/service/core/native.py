"""The compiled module as a `CoreModule`.

No other module of the service imports it. This module is itself the implementation of the protocol (PEP 544), so mypy
compares both.
"""

from __future__ import annotations

from facemask._core import (
    FacemaskError,
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
    parse_plain_landmarks,
    read_landmark_file,
    trace_bytes,
)
from facemask.landmarks import read_landmarks
from facemask.service.core.face_detection import check_detection, detect_faces_in, detects_faces

__all__ = [
    "FacemaskError",
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


def scheme_names() -> tuple[dict[str, list[int]], list[str]]:
    """Return the landmark schemes with their point counts, and the label schemes."""
    counts = {name: list(numbers) for name, (numbers, _) in landmark_schemes().items()}
    return counts, list(label_schemes())
