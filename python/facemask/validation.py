"""Validation of arguments: each is converted to the type of the compiled module, or an error names the option.

A function `check_x` returns its valid argument, converted. It raises `FacemaskError` with the option's name in `field`.
NumPy is imported for arrays only: the command line does without.
"""

from __future__ import annotations

import operator
import os
import reprlib
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from facemask._core import FacemaskError, landmark_schemes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MAX_SIDE = 1_000_000  # pixels
# The numbers of points that some landmark scheme has.
LANDMARK_COUNTS = frozenset(count for counts, _ in landmark_schemes().values() for count in counts)


def make_error(code: str, field: str, detail: str) -> FacemaskError:
    """Create the exception that the compiled module would raise."""
    error = FacemaskError(f"{field}: {detail}" if field else detail)
    error.code, error.field, error.detail = code, field, detail
    return error


def is_facemask_error(error: BaseException) -> bool:
    """Return whether an error is one of this library, which a handler of others' errors lets pass."""
    return isinstance(error, FacemaskError)


def prefix_error(error: BaseException, name: str) -> BaseException:
    """Return an error of this library with the name of a file before its detail; other errors as they are."""
    return make_error(error.code, error.field, f"{name}: {error.detail}") if isinstance(error, FacemaskError) else error


def short_repr(value: object) -> str:
    """Return a representation of any value on one line of at most 60 characters."""
    try:
        text = " ".join(reprlib.repr(value).split())
    except ValueError:  # an int with more digits than Python converts to text
        return f"a huge {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."


def is_numpy(value: object, *types: str) -> bool:
    """Return whether a value is an instance of one of NumPy's types. Before NumPy is imported there is none."""
    numpy = sys.modules.get("numpy")
    return any(isinstance(value, getattr(numpy, name, ())) for name in types)


def check_text(name: str, value: object) -> str:
    """Return a text without surrogates."""
    if not isinstance(value, str):
        raise make_error("option_invalid", name, f"must be text, got {short_repr(value)}")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        detail = f"must be Unicode text, got the halves of characters in {short_repr(value)}"
        raise make_error("option_invalid", name, detail)
    return value


def check_number(name: str, value: object) -> float:
    """Return a number as float. The compiled module checks its range."""
    # bool is a subclass of int, but True is no number to a caller.
    if isinstance(value, bool) or not (isinstance(value, int | float) or is_numpy(value, "integer", "floating")):
        raise make_error("option_invalid", name, f"must be a number, got {short_repr(value)}")
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")  # type: ignore[operator]


def check_numbers(name: str, value: object, count: int) -> list[float] | None:
    """Return a sequence of `count` numbers as floats. None stays None; the compiled module checks the ranges."""
    if value is None:
        return None
    is_array = is_numpy(value, "ndarray")
    is_flat = isinstance(value, list | tuple) or (is_array and value.ndim == 1)  # type: ignore[attr-defined]
    if not is_flat or len(value) != count:  # type: ignore[arg-type]
        what = f"an array of shape {value.shape}" if is_array else short_repr(value)  # type: ignore[attr-defined]
        raise make_error("option_invalid", name, f"must be {count} numbers in one row, got {what}")
    return [check_number(name, number) for number in value]  # type: ignore[attr-defined]


def check_margin(name: str, value: object) -> float | list[float] | None:
    """Return one number or four as floats. None stays None; the compiled module checks the range."""
    if value is None:
        return None
    import numpy as np  # noqa: PLC0415

    try:
        return check_numbers(name, value, 4) if np.ndim(value) else check_number(name, value)  # type: ignore[arg-type]
    except ValueError:
        detail = f"must be one number, or left, top, right and bottom, got {short_repr(value)}"
        raise make_error("option_invalid", name, detail) from None


def check_crop_size(name: str, value: object) -> list[int] | None:
    """Return (width, height), also of the side of a square. None stays None; the compiled module checks the range."""
    if value is None:
        return None
    is_pair = isinstance(value, list | tuple) or is_numpy(value, "ndarray")
    sides: Any = value if is_pair else (value, value)
    detail = f"must be (width, height), or the side of a square, got {short_repr(value)}"
    try:
        width, height = (operator.index(side) for side in sides)
    except (TypeError, ValueError):
        raise make_error("option_invalid", name, detail) from None
    if isinstance(value, bool) or max(abs(width), abs(height)) >= 2**63:
        raise make_error("option_invalid", name, detail)
    return [width, height]


def check_index(name: str, value: object) -> int | None:
    """Return an index as int. The compiled module checks its range. None stays None."""
    if value is None:
        return None
    if isinstance(value, bool) or is_numpy(value, "bool_"):
        raise make_error("option_invalid", name, f"must be an index from 0 on, got {value}")
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise make_error("option_invalid", name, f"must be an index from 0 on, got {short_repr(value)}") from None


def check_bool(name: str, value: object) -> bool:
    """Return a bool. Other values with a truth value are errors."""
    if not (isinstance(value, bool) or is_numpy(value, "bool_")):
        raise make_error("option_invalid", name, f"must be True or False, got {short_repr(value)}")
    return bool(value)


def check_region_texts(name: str, value: object) -> dict[str, str] | None:
    """Return a mapping from region ids or names to texts, with text keys. None stays None."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise make_error("option_invalid", name, f"must be a mapping of regions to text, got {short_repr(value)}")
    for key in value:
        if isinstance(key, bool) or not (isinstance(key, str | int) or is_numpy(key, "integer")):
            raise make_error("option_invalid", name, f"keys are ids or names, got {short_repr(key)}")
    try:
        texts = {check_text(name, str(key)): check_text(name, entry) for key, entry in value.items()}
    except ValueError as error:
        if isinstance(error, FacemaskError):
            raise
        raise make_error("option_invalid", name, "a key has too many digits for an id") from None
    if len(texts) < len(value):  # such as 1 and "1"
        twice = next(text for text in texts if sum(str(key) == text for key in value) > 1)
        raise make_error("option_invalid", name, f"has two keys {short_repr(twice)}; keep one of them")
    return texts


def check_file_name(name: str, value: object) -> str:
    """Return a file name or an address as text. A path becomes its text."""
    text = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(text, str):
        raise make_error("option_invalid", name, f"must be text or a path, got {short_repr(value)}")
    return text


def check_photo_array(image: object) -> NDArray[np.uint8]:
    """Return the pixels of a photo: uint8 (height, width, 3), red first.

    Raises:
        FacemaskError: `image_unsupported`, field `image`.

    """
    import numpy as np  # noqa: PLC0415

    array = _as_array("image_unsupported", "image", image)
    if array.ndim != 3 or array.shape[2] != 3 or array.dtype != np.uint8 or not array.size:
        expected = "a uint8 array of shape (height, width, 3), red first, or the bytes of a file"
        hint = "; Path(path).read_bytes() reads a file" if isinstance(image, str | os.PathLike) else ""
        raise make_error("image_unsupported", "image", f"must be {expected}, got {_describe(array)}{hint}")
    return array


def _as_array(code: str, field: str, value: Any) -> NDArray[Any]:
    import numpy as np  # noqa: PLC0415

    try:
        return np.asarray(value)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        detail = f"must be an array of numbers, but NumPy says: {' '.join(str(error).split())}"
        raise make_error(code, field, detail) from None
    except Exception as error:  # noqa: BLE001 - any library may fail in its own way
        detail = f"{type(value).__name__} cannot be read, because it raised {type(error).__name__}"
        raise make_error(code, field, detail) from None


def _describe(array: NDArray[Any]) -> str:
    return f"an array of {array.dtype} with shape {array.shape}" if array.ndim else short_repr(array.item())


def check_image_size(value: object) -> tuple[int, int]:
    """Return (width, height) in pixels, each from 1 to 1,000,000."""
    detail = f"must be (width, height), each from 1 to {_MAX_SIDE} pixels, got {short_repr(value)}"
    try:
        width, height = (operator.index(side) for side in value)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise make_error("option_invalid", "image_size", detail) from None
    if not (1 <= width <= _MAX_SIDE and 1 <= height <= _MAX_SIDE):
        raise make_error("option_invalid", "image_size", detail)
    return width, height


def check_file_bytes(code: str, field: str, data: object) -> bytes:
    """Return the content of a file. Raises an error with `code` for an object that is no bytes."""
    # bytes(5) would be five zeros, and bytes(10**12) would exhaust the memory.
    if not isinstance(data, bytes | bytearray | memoryview):
        raise make_error(code, field, f"must be the bytes of a file, got {short_repr(data)}")
    return bytes(data)


def check_palette(colors: Sequence[Sequence[int]]) -> list[tuple[int, int, int]]:
    """Return at most 256 colors (red, green, blue), each channel from 0 to 255."""
    rule = "must be a list of at most 256 colours (red, green, blue), each number from 0 to 255"
    try:
        triples = [tuple(operator.index(channel) for channel in color) for color in colors]
    except TypeError:
        raise make_error("option_invalid", "palette", f"{rule}, got {short_repr(colors)}") from None
    for triple in triples:
        if len(triple) != 3 or not all(0 <= channel <= 255 for channel in triple):
            raise make_error("option_invalid", "palette", f"{rule}, got {short_repr(triple)}")
    if len(triples) > 256:
        raise make_error("option_invalid", "palette", f"{rule}, got {len(triples)}")
    return [(red, green, blue) for red, green, blue in triples]
