"""Conversion of landmarks in the shapes of common detectors to one array."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from facemask.validation import make_error


def landmark_array(value: Any) -> NDArray[np.float64] | None:  # noqa: PLR0911 - a return for each shape
    """Convert landmarks to an array. Coordinates are not scaled.

    Args:
        value: `[{"x", "y"}, ...]` or `[{"x", "y", "z"}, ...]`, `[[x, y], ...]` or `[[x, y, z], ...]`, a flat
            `[x0, y0, x1, ...]`, an array of shape (n, 2) or (n, 3), or a list of faces in one of these shapes, of which
            the first is used.

    Returns:
        Points, float64 (n, 2), or None if there are none.

    Raises:
        FacemaskError: `landmarks_invalid`, with the path of the value at fault (`landmarks[3].x`) in `field`.

    """
    if value is None:
        return None
    if isinstance(value, np.ndarray):
        return _from_array(value)
    points, path = _first_face(value)
    if not points:
        return None
    first = points[0]
    if (array := _convert_uniform(points, first)) is not None:
        return array
    if isinstance(first, Mapping):
        return np.array([_from_mapping(point, f"{path}[{i}]") for i, point in enumerate(points)], dtype=np.float64)
    if _is_list(first):
        return np.array([_from_sequence(point, f"{path}[{i}]") for i, point in enumerate(points)], dtype=np.float64)
    flat = [_check_coordinate(number, f"{path}[{i}]") for i, number in enumerate(points)]
    if len(points) % 2:
        raise make_error("landmarks_invalid", path, f"a flat list holds x and y in turn, got {len(points)} numbers")
    return np.array(flat, dtype=np.float64).reshape(-1, 2)


def _convert_uniform(points: Sequence[Any], first: Any) -> NDArray[np.float64] | None:
    """Convert the usual output of JSON decoders at ten times the speed. Return None for all other values.

    The points are all dicts with x and y, or all lists of two or three numbers.
    """
    try:
        x, y = ("x", "y") if type(first) is dict else (0, 1)
        columns = [[point[x] for point in points], [point[y] for point in points]]
        types = {type(number) for column in columns for number in column}
        lengths = {len(point) for point in points if type(point) is list} or {2}
        if (
            {type(point) for point in points} not in ({dict}, {list})
            or not types <= {int, float}
            or not lengths <= {2, 3}
        ):
            return None
        array = np.array(columns, dtype=np.float64).T
    except (TypeError, KeyError, IndexError, OverflowError):
        return None
    return np.ascontiguousarray(array) if np.all(np.abs(array) <= 1e6) else None


def _is_list(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray)


def _first_face(value: Any) -> tuple[Sequence[Any], str]:
    """Return the list of points and its path: `value` itself, or its first element if it is a list of faces."""
    if not _is_list(value):
        kind = type(value).__name__
        raise make_error(
            "landmarks_invalid", "landmarks", f'must be a list of points {{"x", "y"}} or [x, y], got {kind}'
        )
    first = value[0] if value else None
    if _is_list(first) and (not first or _is_list(first[0]) or isinstance(first[0], Mapping)):
        return first, "landmarks[0]"
    return value, "landmarks"


def _from_mapping(point: Any, path: str) -> tuple[float, float]:
    if not isinstance(point, Mapping):
        raise make_error(
            "landmarks_invalid", path, f'must be {{"x", "y"}} as the first point is, got {_describe(point)}'
        )
    for axis in ("x", "y"):
        if axis not in point:
            raise make_error("landmarks_invalid", f"{path}.{axis}", "is missing")
    return _check_coordinate(point["x"], f"{path}.x"), _check_coordinate(point["y"], f"{path}.y")


def _from_sequence(point: Any, path: str) -> tuple[float, float]:
    if not _is_list(point) or len(point) not in (2, 3):
        raise make_error("landmarks_invalid", path, f"must be [x, y] or [x, y, z], got {_describe(point)}")
    return _check_coordinate(point[0], f"{path}[0]"), _check_coordinate(point[1], f"{path}[1]")


def _check_coordinate(value: Any, path: str) -> float:
    # bool is a subclass of int, but True is no number to a caller.
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise make_error("landmarks_invalid", path, f"must be a number, got {_describe(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not abs(number) <= 1e6:
        raise make_error(
            "landmarks_invalid", path, f"must be a finite number of at most a million, got {_describe(value)}"
        )
    return number


def _describe(value: object) -> str:
    """Describe a value by its type, without its content: landmarks are biometric data, and errors are logged."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if _is_list(value):
        return f"a list of {len(value)}"
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) > 1e6:
        return "a larger one"
    return type(value).__name__


def _from_array(array: NDArray[Any]) -> NDArray[np.float64] | None:
    """Convert an array of one face, or of several, of which the first is used."""
    if array.ndim == 3 and array.shape[0] > 0:
        array = array[0]
    if array.size == 0:
        return None
    if array.ndim != 2 or array.shape[1] not in (2, 3) or array.dtype.kind not in "iuf":
        got = f"an array of {array.dtype} with shape {array.shape}"
        raise make_error("landmarks_invalid", "landmarks", f"must be an array of numbers of shape (n, 2), got {got}")
    _check_mask(array[:, :2])
    return np.ascontiguousarray(array[:, :2], dtype=np.float64)


def _check_mask(points: NDArray[Any]) -> None:
    """Reject a masked point: an array without its mask would hold the invalid coordinates that the mask hides."""
    masked = np.ma.getmaskarray(points).any(axis=1) if isinstance(points, np.ma.MaskedArray) else np.empty(0)
    if masked.any():
        detail = "is masked, and every point must have coordinates; leave masked landmarks out altogether"
        raise make_error("landmarks_invalid", f"landmarks[{masked.argmax()}]", detail)
