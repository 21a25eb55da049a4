"""Arrays of ids: tensors and pictures to arrays, and arrays of any number type to uint8."""

import sys
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facemask.validation import make_error, short_repr

MAX_ID: Final = 255
# Pixels of a map that is given as an array: a few seconds of work.
MAX_PIXELS: Final = 1 << 28
# Numbers of class scores, or of all masks together. A strided view can have more of them than any memory.
MAX_ELEMENTS: Final = 1 << 30
# Ids up to here are counted by a table; larger ones are sorted.
_MAX_TABLE = 1 << 22


def map_error(detail: str) -> Exception:
    """Return the error of a label map whose values are no ids."""
    return make_error("map_invalid", "labels", detail)


def check_size(array: NDArray[Any]) -> None:
    """Check the number of pixels and elements, before any of them is read.

    Raises:
        FacemaskError: `map_too_large`, field `labels`.

    """
    sides = [side for side in array.shape if side > 1]
    if array.size > (MAX_PIXELS if len(sides) <= 2 else MAX_ELEMENTS):
        limit = f"{MAX_PIXELS} pixels" if len(sides) <= 2 else f"{MAX_ELEMENTS} numbers"
        detail = f"an array of shape {array.shape} has {array.size} numbers; a label map has at most {limit}"
        raise make_error("map_too_large", "labels", detail)


def to_array(value: Any) -> NDArray[Any]:
    """Convert a value to an array: what NumPy converts, tensors of any device, and pictures of Pillow and MediaPipe.

    The masked pixels of a masked array become background.

    Raises:
        FacemaskError: `map_invalid`, field `labels`.

    """
    if isinstance(value, np.ma.MaskedArray):
        check_size(value)
        return value.filled(0)
    if isinstance(value, np.ndarray):
        return np.asarray(value)
    if (image := _pillow_image(value)) is not None:
        return image
    try:
        if callable(getattr(value, "numpy_view", None)):  # mediapipe.Image
            return np.asarray(value.numpy_view())
        # A tensor of PyTorch refuses to be an array while it has a gradient or lies on another device.
        for step in ("detach", "cpu"):
            value = getattr(value, step)() if callable(getattr(value, step, None)) else value
        if str(getattr(value, "dtype", "")).endswith("bfloat16") and callable(getattr(value, "float", None)):
            value = value.float()
        if hasattr(value, "__dlpack__") and not hasattr(value, "__array__"):
            return np.from_dlpack(value)
        return np.asarray(value)
    except (ValueError, TypeError, OverflowError, RecursionError, RuntimeError, BufferError) as error:
        detail = f"must be an array of numbers, but NumPy says: {' '.join(str(error).split())[:200]}"
        raise map_error(detail) from None


def _pillow_image(value: Any) -> NDArray[Any] | None:
    """Return the ids of a picture of Pillow, and None for another value."""
    pillow = sys.modules.get("PIL.Image")
    if pillow is None or not isinstance(value, pillow.Image):
        return None
    array = np.asarray(value)
    # The second channel of LA and PA is alpha.
    return array[..., 0] if value.mode in ("LA", "PA", "La") else array


def drop_unit_axes(array: NDArray[Any]) -> NDArray[Any]:
    """Drop axes of length 1 in front, then behind, while more than two are left."""
    while array.ndim > 2 and array.shape[0] == 1:
        array = array[0]
    while array.ndim > 2 and array.shape[-1] == 1:
        array = array[..., 0]
    return array


def is_binary(array: NDArray[Any]) -> bool:
    """Whether there are no values but 0 and 1, or none but 0 and 255."""
    if array.dtype == np.bool_:
        return True
    high = array.max(initial=0)
    return bool(high in (0, 1, 255) and ((array == 0) | (array == high)).all())


def to_ids(array: NDArray[Any], *, compact: bool) -> tuple[NDArray[np.uint8], NDArray[Any] | None]:
    """Convert an array (height, width) of whole numbers to ids.

    Args:
        array: ids. Where there are no values but 0 and 255, 255 is id 1, as in a file.
        compact: number ids above 255 anew, by size.

    Returns:
        Ids, uint8 (height, width), and the value that stands behind each id, or None where both are the same.

    Raises:
        FacemaskError: `map_invalid`, field `labels`.

    """
    if array.ndim == 2 and array.dtype.kind in "OUS":
        array = _parse_whole(array)
    if array.ndim != 2 or array.dtype.kind not in "buif":
        raise map_error(f"must be a uint8 array of shape (height, width), got {describe(array)}")
    if array.dtype == np.bool_:
        # Pillow's bilevel pictures are arrays of booleans whose true bytes are 255.
        return (array.view(np.uint8) != 0).view(np.uint8), None
    if not array.size:
        return array.astype(np.uint8), None
    if array.dtype.kind == "f":
        _check_whole(array)
    low, high = array.min() if array.dtype.kind in "if" else 0, array.max()
    if low < 0:
        detail = f"ids must lie from 0 to 255, got {_number(low)} to {_number(high)}"
        raise map_error(f"{detail}; -1 often marks ignored pixels: set them to 0 with labels[labels < 0] = 0")
    if high == MAX_ID and not ((array != 0) & (array != MAX_ID)).any():
        return (array != 0).view(np.uint8), None
    if high <= MAX_ID:
        return array.astype(np.uint8, copy=False), None
    if not compact:
        detail = f"ids must lie from 0 to 255, got {_number(array.min())} to {_number(high)}"
        raise map_error(f"{detail}; find_contours also takes larger ones")
    return _compact(array, high)


def _parse_whole(array: NDArray[Any]) -> NDArray[Any]:
    """Convert an array of objects or texts to numbers, of which doubles hold all up to 2^53."""
    try:
        numbers = array.astype(np.float64)
    except Exception:  # noqa: BLE001 - an object may fail in its own way
        raise map_error(f"must be a uint8 array of shape (height, width), got {describe(array)}") from None
    if (np.abs(numbers) > 2.0**53).any():
        raise map_error(f"ids of an array of {array.dtype} must be at most 2^53; labels.astype(int) keeps larger ones")
    return numbers


def _compact(array: NDArray[Any], high: Any) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Number the ids anew; 0 stays 0."""
    if array.dtype.kind == "f":
        array = array.astype(np.uint64 if high < 2.0**63 else np.float64)
    if high < _MAX_TABLE:
        whole = array.astype(np.intp)
        present = np.bincount(whole.ravel(), minlength=1) > 0
        present[0] = True
        keys = np.flatnonzero(present)
        _check_count(len(keys) - 1)
        return (np.cumsum(present) - 1).astype(np.uint8)[whole], keys
    keys, inverse = np.unique(array, return_inverse=True)
    shift = 0 if keys[0] == 0 else 1
    _check_count(len(keys) - 1 + shift)
    ids = (inverse.reshape(array.shape) + shift).astype(np.uint8)
    return ids, keys if shift == 0 else np.concatenate([np.zeros(1, keys.dtype), keys])


def _check_count(count: int) -> None:
    if count > MAX_ID:
        raise map_error(f"a map has at most 255 different ids beside 0, this one has {count}")


def _check_whole(array: NDArray[Any]) -> None:
    fractions = ~(array == np.floor(array)) | ~np.isfinite(array)
    if not fractions.any():
        return
    if array.shape[1] in (2, 3):  # without a value: landmarks are biometric data
        raise map_error(f"must be a label map, got {describe(array)}, which look like landmarks; labels come first")
    row, column = np.unravel_index(int(fractions.argmax()), array.shape)
    value = array[row, column]
    detail = f"must be a uint8 array of shape (height, width), got {_number(value)} at pixel ({column}, {row})"
    if not np.isfinite(value):
        raise map_error(f"{detail}; set such pixels to 0 with numpy.nan_to_num")
    raise map_error(f"{detail}; threshold a probability with labels > 0.5, or pass the scores of all classes")


def _number(value: Any) -> str:
    return str(value.item() if hasattr(value, "item") else value)


def describe(array: NDArray[Any]) -> str:
    """Describe an array by type and shape, and a single value by itself."""
    return f"an array of {array.dtype} with shape {array.shape}" if array.ndim else short_repr(array.item())
