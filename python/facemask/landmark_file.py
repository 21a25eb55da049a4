"""Landmark files of data sets and tools, as bytes, to the points of each face.

The compiled module reads most of them by itself. The readers of other documents return arrays, and are imported where
such a document is met.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from facemask import _core
from facemask._core import FacemaskError
from facemask.validation import make_error

if TYPE_CHECKING:
    from facemask.landmarks import Faces

_MAX_LINES: Final = 1 << 20


def decode_landmark_file(data: bytes, name: str = "the file") -> Faces:
    """Decode a landmark file, whose content tells its form.

    Args:
        data: content of a file of 300-W (`.pts`), WFLW, LaPa, HELEN, OpenFace, dlib's imglab (XML) or NumPy (`.npy`),
            of CSV or other rows of numbers, or of JSON. `docs/inputs.md` describes each.
        name: what messages about JSON call the file.

    Returns:
        The points of each face. Only JSON tells units, and may hold no face.

    Raises:
        FacemaskError: `landmarks_invalid`, with the line in `detail`, or for JSON the path of the value in `field`.

    """
    from facemask.landmarks import join_points, read_landmarks  # noqa: PLC0415

    _, points, text = _core.read_landmark_file(data)
    return join_points(points) if text is None else read_landmarks(_parse_json(text, name))


def read_file_landmarks(data: bytes, name: str) -> tuple[Any, str]:
    """Return the landmarks of a file as the compiled module takes them, and their units or `auto`.

    Arguments and errors are those of `decode_landmark_file`.
    """
    points = _core.read_landmark_points(data)
    if points is not None:
        return points, "auto"
    faces = decode_landmark_file(data, name)
    return faces.core_argument(), faces.units


def parse_json_lines(text: str) -> list[Any] | None:
    """Parse text of one JSON value a line, each a point; None for one value, and for text that is malformed.

    Raises:
        FacemaskError: `landmarks_invalid`, field `landmarks`, for lines that are several pictures or frames.

    """
    lines = [line for line in text.split("\n", _MAX_LINES) if line.strip()]
    if len(lines) < 2 or not all(line.rstrip().endswith(("}", "]")) for line in lines[:2]):
        return None
    try:
        values = [json.loads(line) for line in lines]
    except (ValueError, RecursionError):
        return None
    if not all(_is_point(value) for value in values):
        detail = f"the file is JSON lines, {len(values)} of them, as of several pictures or frames"
        raise make_error("landmarks_invalid", "landmarks", f"{detail}; keep the line of your photo alone")
    return values


def _is_point(value: Any) -> bool:
    if isinstance(value, Mapping):
        from facemask.landmarks import find_axes  # noqa: PLC0415

        axes = find_axes(value)
        return axes is not None and all(isinstance(value[axis], int | float) for axis in axes)
    return isinstance(value, list) and 2 <= len(value) <= 4 and all(isinstance(number, int | float) for number in value)


def _parse_json(text: str, name: str) -> Any:
    try:
        lines = parse_json_lines(text)
        return json.loads(text) if lines is None else lines
    except RecursionError:
        raise make_error("landmarks_invalid", "landmarks", f"{name} is nested too deeply") from None
    except FacemaskError:
        raise
    except ValueError as error:  # also of a number with thousands of digits
        raise make_error("landmarks_invalid", "landmarks", f"{name} is not JSON: {error}") from None
