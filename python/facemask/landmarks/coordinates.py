"""Single coordinates, and errors that never repeat them: landmarks are biometric data, and errors are logged."""

import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeGuard

import numpy as np

from facemask.validation import make_error

_MAX_COORDINATE = 1e6
_MAX_TEXT = 40
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*", re.ASCII)
_AXES = (("x", "y"), ("X", "Y"), ("_x", "_y"))
_LIST_METHODS = ("__len__", "__getitem__", "__iter__")


def refuse(path: str, detail: str) -> ValueError:
    """Return the error of landmarks that cannot be read."""
    return make_error("landmarks_invalid", path, detail)


def has_attribute(value: object, name: str) -> bool:
    """Return whether a value has an attribute. A property that raises any error counts as absent."""
    try:
        getattr(value, name)
    except Exception:  # noqa: BLE001 - shapely raises its own error for the z of a flat point
        return False
    return True


def is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """Return whether a value is a sequence other than text, such as a list or the vectors of dlib."""
    if isinstance(value, list | tuple):
        return True
    if isinstance(value, str | bytes | bytearray | memoryview | Mapping | np.ndarray | np.generic):
        return False
    return isinstance(value, Sequence) or all(hasattr(type(value), name) for name in _LIST_METHODS)


def find_axes(point: Mapping[Any, Any]) -> tuple[str, str] | None:
    """Return the keys of x and y in a dict: those of most tools, in capitals, or of face-api.js. None without both."""
    return next((axes for axes in _AXES if axes[0] in point and axes[1] in point), None)


def is_number(value: object) -> bool:
    """Return whether a value is a number or text: what can stand for one coordinate."""
    return isinstance(value, int | float | np.number | Decimal | Fraction | str) or _is_scalar_array(value)


def _is_scalar_array(value: object) -> bool:
    """Return whether a value is an array or tensor without dimensions."""
    return getattr(value, "shape", None) == () and hasattr(value, "item")


def check_coordinate(value: Any, path: str) -> float:
    """Return a finite number of at most a million as float.

    Text counts where it is a decimal number with a point. Raises `landmarks_invalid`.
    """
    if type(value) in (float, int) and abs(value) <= _MAX_COORDINATE:
        return float(value)
    if _is_scalar_array(value):
        value = value.item()
    # bool is a subclass of int, but True is no number to a caller.
    if isinstance(value, bool | np.bool_) or not is_number(value):
        raise refuse(path, f"must be a number, got {describe(value)}")
    if isinstance(value, str) and (len(value) > _MAX_TEXT or not _NUMBER.fullmatch(value)):
        raise refuse(path, "must be a number such as 512.3, got other text")
    try:
        number = float(value)
    except (OverflowError, ValueError):
        number = float("inf")
    except TypeError:  # complex
        raise refuse(path, f"must be a number, got {describe(value)}") from None
    if not abs(number) <= _MAX_COORDINATE:
        raise refuse(path, f"must be a finite number of at most a million, got {describe(value)}")
    return number


def describe(value: object) -> str:
    """Describe a value by its type, without its content."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} with shape {value.shape}"
    if is_list(value):
        return f"a list of {len(value)}"
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) > _MAX_COORDINATE:
        return "a larger one"
    return type(value).__name__
