"""Landmarks in every shape that detectors hand out, as one array."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from facemask.arguments import fault


def landmark_array(value: Any) -> NDArray[np.float64] | None:  # noqa: PLR0911 - a return for each shape
    """Landmarks as float64 (n, 2), or None where there are none.

    Accepted are `[{"x", "y"}]`, `[{"x", "y", "z"}]`, `[[x, y], ...]`, `[[x, y, z], ...]`, a flat `[x0, y0, x1, ...]`,
    an array of shape (n, 2) or (n, 3), and each of them one level deeper per face, of which the first counts.

    Raises:
        FacemaskError: `landmarks_invalid`, with the place of the fault (`landmarks[3].x`) in `field`.

    """
    if value is None:
        return None
    if isinstance(value, np.ndarray):
        return _from_array(value)
    points, at = _face(value)
    if not points:
        return None
    first = points[0]
    if (quick := _plain(points, first)) is not None:
        return quick
    if isinstance(first, Mapping):
        return np.array([_mapping(point, f"{at}[{i}]") for i, point in enumerate(points)], dtype=np.float64)
    if _is_list(first):
        return np.array([_pair(point, f"{at}[{i}]") for i, point in enumerate(points)], dtype=np.float64)
    flat = [_number(number, f"{at}[{i}]") for i, number in enumerate(points)]
    if len(points) % 2:
        raise fault("landmarks_invalid", at, f"a flat list holds x and y in turn, got {len(points)} numbers")
    return np.array(flat, dtype=np.float64).reshape(-1, 2)


def _plain(points: Sequence[Any], first: Any) -> NDArray[np.float64] | None:
    """Return what JSON decoders hand out at ten times the speed; None for what needs words of its own."""
    try:
        x, y = ("x", "y") if type(first) is dict else (0, 1)
        columns = [[point[x] for point in points], [point[y] for point in points]]
        numbers = {type(number) for column in columns for number in column}
        shapes = {len(point) for point in points if type(point) is list} or {2}
        if (
            {type(point) for point in points} not in ({dict}, {list})
            or not numbers <= {int, float}
            or not shapes <= {2, 3}
        ):
            return None
        array = np.array(columns, dtype=np.float64).T
    except (TypeError, KeyError, IndexError, OverflowError):
        return None
    return np.ascontiguousarray(array) if np.all(np.abs(array) <= 1e6) else None


def _is_list(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray)


def _face(value: Any) -> tuple[Sequence[Any], str]:
    """Return the list of points and its path: `value` itself, or its first face."""
    if not _is_list(value):
        kind = type(value).__name__
        raise fault("landmarks_invalid", "landmarks", f'must be a list of points {{"x", "y"}} or [x, y], got {kind}')
    first = value[0] if value else None
    if _is_list(first) and (not first or _is_list(first[0]) or isinstance(first[0], Mapping)):
        return first, "landmarks[0]"
    return value, "landmarks"


def _mapping(point: Any, at: str) -> tuple[float, float]:
    if not isinstance(point, Mapping):
        raise fault("landmarks_invalid", at, f'must be {{"x", "y"}} as the first point is, got {_kind(point)}')
    for axis in ("x", "y"):
        if axis not in point:
            raise fault("landmarks_invalid", f"{at}.{axis}", "is missing")
    return _number(point["x"], f"{at}.x"), _number(point["y"], f"{at}.y")


def _pair(point: Any, at: str) -> tuple[float, float]:
    if not _is_list(point) or len(point) not in (2, 3):
        raise fault("landmarks_invalid", at, f"must be [x, y] or [x, y, z], got {_kind(point)}")
    return _number(point[0], f"{at}[0]"), _number(point[1], f"{at}[1]")


def _number(value: Any, at: str) -> float:
    # bool is an int to Python, a mistake to everybody else.
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise fault("landmarks_invalid", at, f"must be a number, got {_kind(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not abs(number) <= 1e6:
        raise fault("landmarks_invalid", at, f"must be a finite number of at most a million, got {_kind(value)}")
    return number


def _kind(value: object) -> str:
    """Say what was sent instead, but not its value: landmarks are biometric data, and errors are written down."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if _is_list(value):
        return f"a list of {len(value)}"
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) > 1e6:
        return "a larger one"
    return type(value).__name__


def _from_array(array: NDArray[Any]) -> NDArray[np.float64] | None:
    """Landmarks from an array, which may hold several faces."""
    if array.ndim == 3 and array.shape[0] > 0:
        array = array[0]
    if array.size == 0:
        return None
    if array.ndim != 2 or array.shape[1] not in (2, 3) or array.dtype.kind not in "iuf":
        came = f"an array of {array.dtype} with shape {array.shape}"
        raise fault("landmarks_invalid", "landmarks", f"must be an array of numbers of shape (n, 2), got {came}")
    return np.ascontiguousarray(array[:, :2], dtype=np.float64)
