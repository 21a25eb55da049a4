"""The argument `labels` in every form, converted to ids with their names and confidences."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemask.decoding import FacemaskWarning, decode_annotations, decode_label_map
from facemask.label_maps import files, masks
from facemask.label_maps.arrays import MAX_ID, check_size, drop_unit_axes, is_binary, map_error, to_array, to_ids
from facemask.label_maps.network_outputs import network_output, read_segments
from facemask.label_maps.scores import flatten_channels, threshold_masks
from facemask.validation import is_facemask_error, make_error, short_repr

# Names of the array of ids among several of an NPZ file; the compiled module has the same list.
_ARRAY_NAMES = ("labels", "label", "label_map", "mask", "masks", "segmentation", "seg", "parsing", "arr_0")


@dataclass(frozen=True, slots=True)
class LabelInput:
    """A label map with what its source knows of the regions.

    Attributes:
        ids: uint8 (height, width).
        names: names of regions by id, of masks that have names.
        keys: the caller's id behind each value of `ids`, where ids above 255 were numbered anew.
        confidence: mean probability of each id, of class scores.

    """

    ids: NDArray[np.uint8]
    names: dict[int, str] = field(default_factory=dict)
    keys: NDArray[Any] | None = None
    confidence: dict[int, float] | None = None


def read_labels(value: Any, *, size: tuple[int, int] | None = None, compact: bool = False) -> LabelInput:
    """Convert labels to ids.

    Args:
        value: an array or a tensor of ids, class scores, one-hot classes or masks; a picture of Pillow or MediaPipe; a
            list or a dict of masks, run lengths or polygons; a COCO or labelme document; a path, a file object, or the
            bytes of a file.
        size: (width, height) in pixels for polygons whose document states none.
        compact: number ids above 255 anew.

    Raises:
        FacemaskError: the codes `map_...`, field `labels`.

    """
    try:
        return _read(value, size, compact)
    except (FacemaskWarning, MemoryError):
        raise
    except Exception as error:
        if is_facemask_error(error):
            raise
        # Values of other libraries fail in their own ways: properties, lengths, comparisons.
        detail = f"{type(value).__name__} cannot be read, because it raised {type(error).__name__}"
        raise map_error(f"{detail}; np.asarray(labels, np.uint8) makes an array of most maps") from error


def _read(value: Any, size: tuple[int, int] | None, compact: bool) -> LabelInput:  # noqa: PLR0911 - one for each form
    if isinstance(value, bytes | bytearray) or (isinstance(value, memoryview) and value.ndim == 1):
        return _read_bytes(bytes(value), size)
    if isinstance(value, str | os.PathLike) or callable(getattr(value, "read", None)):
        return _read_path(value, size)
    if isinstance(value, Mapping):
        if len(value) and all(hasattr(value, name) for name in ("files", "zip")):  # numpy.lib.npyio.NpzFile
            return _read(_choose_array(value), size, compact)
        return _read_mapping(value, size, compact)
    if isinstance(value, list | tuple) and value:
        if isinstance(value[0], Mapping):
            if len(value) == 1 and (found := _read_result(value[0], size, compact)) is not None:
                return found
            return _from_named(masks.paint_records(value, size), compact)
        if not isinstance(value[0], list | tuple) and np.ndim(first := _try_array(value[0])) >= 2:
            return _read_arrays(value, first, compact)
    if (output := network_output(value)) is not None:
        return _read(output, size, compact)
    return _read_array(to_array(value), compact)


def _try_array(value: Any) -> Any:
    return 0 if isinstance(value, int | float | str | bytes | None) else to_array(value)


def _read_array(array: NDArray[Any], compact: bool) -> LabelInput:
    array, confidence = drop_unit_axes(array), None
    check_size(array)
    if array.ndim == 3:
        array, confidence = flatten_channels(array)
    elif array.ndim == 4:
        chosen = "labels[:, 0]" if array.shape[1] == 1 else "labels[0]"
        raise map_error(f"must be the map of one picture, got {array.shape[0]} (shape {array.shape}); pass {chosen}")
    ids, keys = to_ids(array, compact=compact)
    return LabelInput(ids, keys=keys, confidence=confidence)


def _read_arrays(values: Sequence[Any], first: NDArray[Any], compact: bool) -> LabelInput:
    """Read a list of arrays: a single map, the scores of classes, or masks."""
    if len(values) == 1:
        return _read_array(first, compact)
    arrays = [drop_unit_axes(to_array(value)) for value in values]
    masks.check_total(arrays)
    if len({array.shape for array in arrays}) == 1 and arrays[0].ndim == 2:
        stack = np.stack(arrays)
        if not all(is_binary(array) for array in arrays):
            thresholded = threshold_masks(stack)
            if thresholded is None:
                return _read_array(stack, compact)
            arrays = list(thresholded)
        elif len(stack) <= MAX_ID and ((stack != 0).sum(axis=0) == 1).all():
            return _read_array(stack.argmax(axis=0), compact)  # one-hot classes: the first is background
    return _from_named((masks.paint_list(arrays), {}), compact)


def _read_mapping(value: Mapping[Any, Any], size: tuple[int, int] | None, compact: bool) -> LabelInput:
    if (found := _read_result(value, size, compact)) is not None:
        return found
    if masks.is_document(value):
        return _from_named(masks.paint_document(value, size), compact)
    if masks.is_run_lengths(value) or isinstance(value.get("segmentation"), list | Mapping):
        return _from_named(masks.paint_records([value], size), compact)
    return _from_named(masks.paint_named(value, size), compact)


def _read_result(value: Mapping[Any, Any], size: tuple[int, int] | None, compact: bool) -> LabelInput | None:
    """Read the result of a network around a map; None for another mapping."""
    if (segments := read_segments(value)) is not None:
        return _from_named((segments, {}), compact)
    output = network_output(value)
    return None if output is None else _read(output, size, compact)


def _from_named(painted: masks.NamedIds, compact: bool) -> LabelInput:
    values, names = painted
    if values.dtype == np.uint8:
        return LabelInput(values, names)
    ids, keys = to_ids(values, compact=compact)
    return LabelInput(ids, names, keys)


def _read_bytes(data: bytes, size: tuple[int, int] | None) -> LabelInput:
    text = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if text in (b"{", b"["):  # a document, which names its regions
        return LabelInput(*decode_annotations(data, size=size))
    return LabelInput(decode_label_map(data))


def _read_path(value: Any, size: tuple[int, int] | None) -> LabelInput:
    if not isinstance(value, str | os.PathLike):
        return _read_bytes(files.read_stream(value), size)
    if str(value).lstrip()[:1] in ("[", "{"):  # not shown: it may hold landmarks
        raise map_error("must be a path, got JSON text; pass json.loads(text), or its bytes")
    shown = short_repr(str(value))
    if "\0" in str(value):
        raise make_error("map_unsupported", "labels", f"must be a path of a file, got {shown}")
    try:
        parts = files.find_parts(value)
        if parts is not None:
            return LabelInput(files.paint_parts(parts))
    except OSError as error:
        raise files.unreadable(value, error) from None
    except UnicodeError:
        raise make_error("map_unsupported", "labels", f"must be a path of a file, got {shown}") from None
    return _read_bytes(files.read_file(value), size)


def _choose_array(arrays: Mapping[str, Any]) -> NDArray[Any]:
    names = list(arrays)
    chosen = next((name for name in _ARRAY_NAMES if name in names), names[0] if len(names) == 1 else None)
    if chosen is None:
        raise map_error(f"the arrays {', '.join(names[:8])} are given; pass the one with the ids")
    try:
        return np.asarray(arrays[chosen])
    except ValueError as error:
        raise map_error(f"the array cannot be read: {error}") from None
