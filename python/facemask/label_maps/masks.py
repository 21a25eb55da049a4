"""Lists and dicts of masks, one a region: arrays, run lengths of COCO, polygons, and records that hold one of these."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemask.decoding import decode_annotations
from facemask.label_maps.arrays import (
    MAX_ELEMENTS,
    MAX_ID,
    check_size,
    describe,
    drop_unit_axes,
    is_binary,
    map_error,
    to_array,
)
from facemask.validation import make_error, short_repr

Size = tuple[int, int]
NamedIds = tuple[NDArray[Any], dict[int, str]]

# Keys of the records of segment-anything, of the pipelines of Hugging Face, and of COCO.
_MASK_KEYS = ("segmentation", "mask", "rle")
_NAME_KEYS = ("category_name", "class_name", "label", "category", "name")
_MAX_MASKS = 100_000
# Numbers of polygons that are painted at once: their JSON stays below the limit of a document.
_MAX_PASS_NUMBERS = 500_000

# Run lengths or polygons with their path and id.
_Outlined = tuple[str, Any, int]


def is_run_lengths(value: object) -> bool:
    """Whether a value is a mask as run lengths of COCO."""
    return isinstance(value, Mapping) and "size" in value and "counts" in value


def is_document(value: Mapping[Any, Any]) -> bool:
    """Whether a mapping is a COCO or labelme document."""
    return any(isinstance(value.get(key), list) for key in ("annotations", "shapes"))


def mask_key(record: Mapping[Any, Any]) -> str | None:
    """Return the key under which a record holds its mask."""
    return next((key for key in _MASK_KEYS if key in record), None)


def paint_document(document: Mapping[Any, Any], size: Size | None) -> NamedIds:
    """Paint a COCO or labelme document: ids uint8 (height, width), and names by id."""
    # labelme's copy of the photo is larger than all else.
    fields = {key: value for key, value in document.items() if key != "imageData"}
    try:
        text = json.dumps(fields, default=_to_json)
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise map_error(f"the document has no JSON form: {error}") from None
    return decode_annotations(text.encode(), size=size)


def _describe_record(index: int, record: Any) -> str:
    """Say what is wrong about a record, without its values: landmarks are biometric data."""
    if not isinstance(record, Mapping):
        return f"[{index}] must be a record with a mask or a segmentation, got {type(record).__name__}"
    if {"x", "y"} <= record.keys():
        return f"must be a label map, got a point {{x, y}} at [{index}], which looks like landmarks; labels come first"
    keys = short_repr(list(record))
    return f"[{index}] must be a record with a mask or a segmentation, got one with the keys {keys}"


def paint_records(records: Sequence[Any], size: Size | None) -> NamedIds:
    """Paint a list of records, in their order.

    The id is the record's `category_id` (plus 1, if one of them is 0). Else records of one name share an id, and ids
    count from 1 by appearance. Without names every record has an id of its own.
    """
    masks, ids, names = [], [], {}
    categories = [record.get("category_id") for record in records if isinstance(record, Mapping)]
    has_ids = all(_is_whole(category) for category in categories)
    shift = int(has_ids and 0 in categories)
    order: dict[str, int] = {}
    for index, record in enumerate(records):
        key = mask_key(record) if isinstance(record, Mapping) else None
        if key is None and not is_run_lengths(record):
            raise map_error(_describe_record(index, record))
        name = next((record[k] for k in _NAME_KEYS if isinstance(record.get(k), str) and record[k]), None)
        if has_ids:
            number = int(record["category_id"]) + shift
        elif name is not None:
            number = order.setdefault(name, len(order) + 1)
        else:
            number = order.setdefault(f"\0{index}", len(order) + 1)
        if name is not None:
            names[number] = name
        masks.append((f"[{index}].{key}" if key else f"[{index}]", record if key is None else record[key]))
        ids.append(number)
    return paint_masks(masks, ids, size), names


def paint_named(masks: Mapping[Any, Any], size: Size | None) -> NamedIds:
    """Paint a dict of masks. Keys that are numbers, or all text of digits, are ids; names get ids from 1 by order."""
    keys = list(masks)
    if not keys:
        raise map_error("must be a mapping of names to masks, got an empty one")
    if all(isinstance(key, str) and key.isascii() and key.isdecimal() for key in keys):
        ids = [int(key[:20]) for key in keys]
    elif all(_is_whole(key) for key in keys):
        ids = [int(key) for key in keys]
    elif all(isinstance(key, str) and key for key in keys):
        ids = list(range(1, len(keys) + 1))
    else:
        raise map_error(f"keys of masks are all names or all ids, got {short_repr(keys)}")
    pairs = [(f"[{short_repr(key)}]", masks[key]) for key in keys]
    names = {number: key for number, key in zip(ids, keys, strict=True) if isinstance(key, str) and not key.isdecimal()}
    return paint_masks(pairs, ids, size), names


def paint_list(masks: Sequence[Any]) -> NDArray[Any]:
    """Paint a list of mask arrays: ids from 1 by order."""
    return paint_masks([(f"[{i}]", mask) for i, mask in enumerate(masks)], list(range(1, len(masks) + 1)), None)


def paint_masks(masks: Sequence[tuple[str, Any]], ids: Sequence[int], size: Size | None) -> NDArray[Any]:
    """Paint masks in their order; a later one covers an earlier one."""
    if len(masks) > _MAX_MASKS:
        raise map_error(f"must be at most {_MAX_MASKS} masks, got {len(masks)}")
    if min(ids) < 0 or max(ids) > 2**62:
        raise map_error(f"ids of masks are whole numbers from 0, got {short_repr(min(ids))} to {short_repr(max(ids))}")
    # The size of the first array or run lengths, for polygons, which have none.
    known = next((found for _, mask in masks if (found := _stated_size(mask)) is not None), size)
    canvas = _Canvas(max(ids) > MAX_ID)
    outlined: list[_Outlined] = []
    for (path, mask), number in zip(masks, ids, strict=True):
        if _is_outlined(path, mask):
            outlined.append((path, mask, number))
            continue
        _paint_outlined(outlined, known, canvas)
        outlined = []
        pixels = _to_mask(path, mask)
        canvas.paint(path, pixels, np.broadcast_to(np.int64(number), pixels.shape))
    _paint_outlined(outlined, known, canvas)
    return canvas.finish()


class _Canvas:
    """A map that is being painted; the first mask decides its size."""

    def __init__(self, is_wide: bool) -> None:
        self._type = np.int64 if is_wide else np.uint8
        self._painted: NDArray[Any] | None = None
        self._work = 0

    def paint(self, path: str, pixels: NDArray[np.bool_], numbers: NDArray[Any]) -> None:
        """Paint numbers where `pixels` is true, all of shape (height, width)."""
        self._work += pixels.size
        if self._work > MAX_ELEMENTS:
            detail = f"the masks have more than {MAX_ELEMENTS} pixels together; paint them into one map of ids"
            raise make_error("map_too_complex", "labels", detail)
        if self._painted is None:
            self._painted = np.zeros(pixels.shape, self._type)
        elif self._painted.shape != pixels.shape:
            raise map_error(f"{path} is a mask of shape {pixels.shape}, those before have {self._painted.shape}")
        self._painted[pixels] = numbers[pixels]

    def finish(self) -> NDArray[Any]:
        """Return the map."""
        if self._painted is None:
            raise map_error("must be masks, got none")
        return self._painted


def check_total(arrays: Sequence[NDArray[Any]]) -> None:
    """Check the number of pixels of all masks together, before any is read."""
    for array in arrays:
        check_size(array)
    if sum(array.size for array in arrays) > MAX_ELEMENTS:
        detail = f"the masks have more than {MAX_ELEMENTS} pixels together; paint them into one map of ids"
        raise make_error("map_too_complex", "labels", detail)


def _is_outlined(path: str, mask: Any) -> bool:
    """Whether a mask is run lengths or polygons, and no array."""
    if is_run_lengths(mask):
        return True
    return isinstance(mask, list | tuple) and (path.endswith(".segmentation") or not _is_rows(mask))


def _paint_outlined(outlined: Sequence[_Outlined], size: Size | None, canvas: _Canvas) -> None:
    """Paint run lengths and polygons, many at once: each alone would cost a whole map.

    A document has ids from 1 to 255, so each pass paints as many different ids.
    """
    start = 0
    while start < len(outlined):
        order: dict[int, int] = {}
        end, numbers = start, 0
        while end < len(outlined) and (end == start or numbers < _MAX_PASS_NUMBERS):
            _, mask, number = outlined[end]
            if number not in order and len(order) == MAX_ID:
                break
            order.setdefault(number, len(order) + 1)
            numbers += _count_numbers(mask)
            end += 1
        part = outlined[start:end]
        if not all(is_run_lengths(mask) for _, mask, _ in part) and (
            size is not None and not all(0 < side < 2**31 for side in size)
        ):
            raise map_error(f"{part[0][0]} has no size")
        annotations = [{"segmentation": _plain(mask), "category_id": order[number]} for _, mask, number in part]
        ids, _ = paint_document({"annotations": annotations}, size)
        table = np.array([0, *order], np.int64)
        canvas.paint(part[0][0], ids != 0, table[ids])
        start = end


def _plain(mask: Any) -> Any:
    return mask if isinstance(mask, Mapping) else list(mask)


def _count_numbers(mask: Any) -> int:
    """Return about how many numbers the JSON of a mask has."""
    if isinstance(mask, Mapping):
        counts = mask["counts"]
        return len(counts) // 8 if isinstance(counts, str | bytes) else np.size(counts)
    return sum(len(ring) if isinstance(ring, list | tuple) else np.size(ring) for ring in mask)


def _stated_size(mask: Any) -> Size | None:
    if is_run_lengths(mask):
        return _run_size(mask)
    if isinstance(mask, list | tuple | Mapping):
        return None
    shape = drop_unit_axes(to_array(mask)).shape
    return (shape[1], shape[0]) if len(shape) == 2 else None


def _run_size(mask: Mapping[Any, Any]) -> Size | None:
    try:
        height, width = (int(side) for side in mask["size"])
    except (TypeError, ValueError, OverflowError):
        return None
    return width, height


def _to_mask(path: str, mask: Any) -> NDArray[np.bool_]:
    """Convert an array to booleans (height, width)."""
    if isinstance(mask, Mapping):
        raise map_error(f"{path} must be a mask, got a mapping with the keys {short_repr(list(mask))}")
    array = drop_unit_axes(to_array(mask))
    check_size(array)
    if array.ndim != 2 or array.dtype.kind not in "buif":
        got = describe(array) if array.ndim else type(mask).__name__  # no value: it may be of a landmark
        raise map_error(f"{path} must be a mask of shape (height, width), got {got}")
    if is_binary(array):
        return np.asarray(array != 0)
    if array.dtype.kind == "f" and array.min() >= 0.0 and array.max() <= 1.0:
        return np.asarray(array > 0.5)  # a probability
    raise map_error(f"{path} must be a mask of 0 and 1 or of 0 and 255, got values from {array.min()} to {array.max()}")


def _is_rows(mask: Sequence[Any]) -> bool:
    """Whether a list is a mask row by row, and not a list of polygons."""
    rows = [row for row in mask if isinstance(row, list | tuple)]
    if not rows or len(rows) != len(mask) or len({len(row) for row in rows}) != 1:
        return False
    return all(not isinstance(value, list | tuple) and value in (0, 1, 255) for row in rows for value in row)


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _to_json(value: Any) -> Any:
    """Convert what JSON lacks: the run lengths of pycocotools, which are bytes, and numbers and lists of NumPy."""
    if isinstance(value, bytes):
        return value.decode("ascii")
    if isinstance(value, np.ndarray) and value.ndim == 3 and value.shape[1:] == (1, 2):
        return value[:, 0].tolist()  # a contour of OpenCV
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not JSON")
