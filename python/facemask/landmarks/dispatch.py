"""Recognizes the form of landmarks and calls its reader."""

from collections.abc import Mapping
from functools import partial
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemask.landmarks.arrays import is_array_like, read_array, to_array
from facemask.landmarks.coordinates import describe, is_list, refuse
from facemask.landmarks.faces import Faces, Reader
from facemask.landmarks.frames import is_frame, read_frame
from facemask.landmarks.mappings import read_mapping
from facemask.landmarks.objects import read_object, read_result_tuple
from facemask.landmarks.point_lists import read_list
from facemask.validation import is_facemask_error

# The deepest form has four levels: a result, its list of faces, a face, its list of points.
_MAX_DEPTH = 8
_NO_LANDMARKS = str | bytes | bytearray | int | float | complex | np.generic


def read_landmarks(value: Any) -> Faces:
    """Read the landmarks of one photo. Coordinates are not scaled.

    Args:
        value: landmarks in one of the forms of docs/inputs.md, such as a list of points, an array, the result of a
            detector, or a dict made from its JSON.

    Returns:
        The faces with their points, and the units where the form tells them. Empty for None and empty lists.

    Raises:
        FacemaskError: `landmarks_invalid`, with the path of the value at fault (`landmarks[3].x`) in `field`. The
            detail names the form that was recognized, and what converts it.

    """
    try:
        return _read(value, "landmarks", depth=0).select_faces()
    except MemoryError:
        raise
    except Exception as error:
        if is_facemask_error(error):
            raise
        # Values of other libraries fail in their own ways: properties, lengths, comparisons.
        detail = f"{type(value).__name__} cannot be read, because it raised {type(error).__name__}"
        raise refuse("landmarks", f"{detail}; [[x, y], ...] takes the points of one face") from error


def landmark_array(value: Any) -> NDArray[np.float64] | None:
    """Convert landmarks to an array. Coordinates are not scaled.

    Args:
        value: landmarks in one of the forms of `read_landmarks`. Of several faces the first is used.

    Returns:
        Points, float64 (n, 2), or None if there are none.

    Raises:
        FacemaskError: `landmarks_invalid`, as `read_landmarks`.

    """
    faces = read_landmarks(value)
    return faces.points[0] if faces.points and len(faces.points[0]) else None


def _read(value: Any, path: str, depth: int) -> Faces:
    if depth > _MAX_DEPTH:
        raise refuse(path, "is nested too deeply for landmarks")
    read = partial(_read, depth=depth + 1)
    if value is None:
        return Faces()
    if isinstance(value, Mapping):
        return read_mapping(value, path, read)
    if isinstance(value, list | tuple):
        faces = read_result_tuple(value, path, read) if isinstance(value, tuple) else None
        return faces or read_list(value, path, read)
    if isinstance(value, np.ndarray):
        return read_array(value, path, read)
    if isinstance(value, PathLike | _NO_LANDMARKS):
        raise refuse(path, _advise(value))
    try:
        return _read_foreign(value, path, read)
    except (ArithmeticError, AttributeError, LookupError, NotImplementedError, RuntimeError, TypeError) as error:
        detail = f"{type(value).__name__} cannot be read, because it raised {type(error).__name__}"
        raise refuse(path, f"{detail}; [[x, y], ...] takes the points of one face") from error


def _read_foreign(value: Any, path: str, read: Reader) -> Faces:
    """Read an object of another library."""
    if is_frame(value) and (faces := read_frame(value, path)) is not None:
        return faces
    if is_array_like(value):
        return read(to_array(value, path), path)
    if (faces := read_object(value, path, read)) is not None:
        return faces
    if is_list(value):
        return read_list(value, path, read)
    raise refuse(path, _advise(value))


def _advise(value: object) -> str:
    """Return what is expected, and the line of code that makes it of a value of unknown form."""
    if isinstance(value, str | bytes | bytearray):
        code = "; json.loads(text) reads them from JSON"
    elif isinstance(value, PathLike):
        code = "; json.loads(path.read_text()) reads them from a file"
    elif hasattr(value, "__iter__"):
        code = "; list(landmarks) makes a list, if the order is that of a scheme"
    else:
        code = ""
    return f'must be a list of points {{"x", "y"}} or [x, y], got {describe(value)}{code}'
