"""Landmark files of data sets and tools, as bytes, to one array."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemask import _core
from facemask.landmarks import landmark_array
from facemask.validation import make_error


def decode_landmark_file(data: bytes, name: str = "the file") -> NDArray[np.float64] | None:
    """Decode a landmark file, whose content tells its form.

    Args:
        data: content of a file of 300-W (`.pts`), WFLW, LaPa, HELEN, OpenFace, dlib's imglab (XML) or NumPy (`.npy`),
            of CSV or other rows of numbers, or of JSON. `docs/inputs.md` describes each.
        name: what messages about JSON call the file.

    Returns:
        Points of the first face, float64 (n, 2), in the units of the file, or None for JSON without points.

    Raises:
        FacemaskError: `landmarks_invalid`, with the line in `detail`, or for JSON the path of the value in `field`.

    """
    _, faces, text = _core.read_landmark_file(data)
    return faces[0] if text is None else landmark_array(_parse_json(text, name))


def _parse_json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise make_error("landmarks_invalid", "landmarks", f"{name} is nested too deeply") from None
    except ValueError as error:
        raise make_error("landmarks_invalid", "landmarks", f"{name} is not JSON: {error}") from None
