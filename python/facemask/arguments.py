"""Courtesy to arguments: what callers hand in, made uniform or refused in words that name the option."""

import operator
import reprlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facemask._core import FacemaskError

_LARGEST_SIDE = 1_000_000


def fault(code: str, field: str, detail: str) -> FacemaskError:
    """Make the error that the compiled module would raise."""
    error = FacemaskError(f"{field}: {detail}")
    error.code, error.field, error.detail = code, field, detail
    return error


def shown(value: object) -> str:
    """Say a value on one short line, whatever it is."""
    try:
        text = " ".join(reprlib.repr(value).split())
    except ValueError:  # an int of more digits than Python likes to print
        return f"a huge {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."


def text(name: str, value: object) -> str:
    """Return the text of an option."""
    if not isinstance(value, str):
        raise fault("option_invalid", name, f"must be text, got {shown(value)}")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise fault("option_invalid", name, f"must be Unicode text, got the halves of characters in {shown(value)}")
    return value


def number(name: str, value: object) -> float:
    """Return the number of an option; its range is the compiled module's business."""
    # bool is an int to Python, a mistake to everybody else.
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise fault("option_invalid", name, f"must be a number, got {shown(value)}")
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def flag(name: str, value: object) -> bool:
    """Return the truth of an option."""
    if not isinstance(value, bool | np.bool_):
        raise fault("option_invalid", name, f"must be True or False, got {shown(value)}")
    return bool(value)


def table(name: str, value: object) -> dict[str, str] | None:
    """Return an option that gives text to regions, by id or by name."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise fault("option_invalid", name, f"must be a mapping of regions to text, got {shown(value)}")
    for key in value:
        if isinstance(key, bool) or not isinstance(key, str | int | np.integer):
            raise fault("option_invalid", name, f"keys are ids or names, got {shown(key)}")
    try:
        return {text(name, str(key)): text(name, entry) for key, entry in value.items()}
    except ValueError as error:
        if isinstance(error, FacemaskError):
            raise
        raise fault("option_invalid", name, "a key has too many digits for an id") from None


def label_array(labels: ArrayLike) -> NDArray[np.uint8]:
    """Return the map as uint8: other integers are what most networks answer, and lose nothing from 0 to 255."""
    array = _array("map_invalid", "labels", labels)
    if array.ndim != 2 or array.dtype.kind not in "bui":
        raise fault("map_invalid", "labels", f"must be a uint8 array of shape (height, width), got {_kind(array)}")
    if array.dtype == np.bool_:
        return array.view(np.uint8)
    if array.dtype != np.uint8 and array.size:
        low, high = array.min(), array.max()
        if low < 0 or high > 255:
            raise fault("map_invalid", "labels", f"ids must lie from 0 to 255, got {low} to {high}")
    return array.astype(np.uint8, copy=False)


def photo_array(image: ArrayLike) -> NDArray[np.uint8]:
    """Return a photo's pixels as uint8 (height, width, 3)."""
    array = _array("image_unsupported", "image", image)
    if array.ndim != 3 or array.shape[2] != 3 or array.dtype != np.uint8 or not array.size:
        expected = "a uint8 array of shape (height, width, 3), red first, or the bytes of a file"
        raise fault("image_unsupported", "image", f"must be {expected}, got {_kind(array)}")
    return array


def _array(code: str, field: str, value: ArrayLike) -> NDArray[Any]:
    try:
        return np.asarray(value)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise fault(
            code, field, f"must be an array of numbers, but NumPy says: {' '.join(str(error).split())}"
        ) from None


def _kind(array: NDArray[Any]) -> str:
    return f"an array of {array.dtype} with shape {array.shape}" if array.ndim else shown(array.item())


def image_size(value: object) -> tuple[int, int]:
    """Return (width, height) in pixels."""
    rule = f"must be (width, height), each from 1 to {_LARGEST_SIDE} pixels, got {shown(value)}"
    try:
        width, height = (operator.index(side) for side in value)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise fault("option_invalid", "image_size", rule) from None
    if not (1 <= width <= _LARGEST_SIDE and 1 <= height <= _LARGEST_SIDE):
        raise fault("option_invalid", "image_size", rule)
    return width, height


def file_bytes(code: str, field: str, data: object) -> bytes:
    """Return the bytes of a file."""
    # bytes(5) would be five zeros, and bytes(10**12) the end of the memory.
    if not isinstance(data, bytes | bytearray | memoryview):
        raise fault(code, field, f"must be the bytes of a file, got {shown(data)}")
    return bytes(data)


def palette(colors: Sequence[Sequence[int]]) -> list[tuple[int, int, int]]:
    """Return the colours of a palette."""
    rule = "must be a list of at most 256 colours (red, green, blue), each number from 0 to 255"
    try:
        triples = [tuple(operator.index(part) for part in color) for color in colors]
    except TypeError:
        raise fault("option_invalid", "palette", f"{rule}, got {shown(colors)}") from None
    for triple in triples:
        if len(triple) != 3 or not all(0 <= part <= 255 for part in triple):
            raise fault("option_invalid", "palette", f"{rule}, got {shown(triple)}")
    if len(triples) > 256:
        raise fault("option_invalid", "palette", f"{rule}, got {len(triples)}")
    return [(red, green, blue) for red, green, blue in triples]
