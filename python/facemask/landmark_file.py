"""Landmark files of data sets and tools, as bytes, to the points of each face."""

import json
from typing import Any

from facemask import _core
from facemask.landmarks import Faces, join_points, read_landmarks
from facemask.validation import make_error


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
    _, points, text = _core.read_landmark_file(data)
    return join_points(points) if text is None else read_landmarks(_parse_json(text, name))


def _parse_json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise make_error("landmarks_invalid", "landmarks", f"{name} is nested too deeply") from None
    except ValueError as error:
        raise make_error("landmarks_invalid", "landmarks", f"{name} is not JSON: {error}") from None
