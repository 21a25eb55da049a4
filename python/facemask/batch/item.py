"""One item of `trace_many` in any of its forms, traced without an exception."""

import inspect
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facemask.batch.encoded import OPTIONS, check_options, encode_crop, trace_encoded
from facemask.batch.results import Failure, Result
from facemask.decoding import decode_image, read_photo
from facemask.detection.search import check_search_options
from facemask.face_mask import FaceMask
from facemask.landmark_file import decode_landmark_file
from facemask.landmarks import Faces, read_landmarks
from facemask.options.face import LANDMARK_OPTIONS
from facemask.photo_trace import check_face_choice, find_faces
from facemask.trace import trace_face
from facemask.validation import is_facemask_error, make_error, short_repr

_File: Final = (bytes, bytearray, memoryview, str, os.PathLike)
_INPUTS: Final = frozenset({"labels", "landmarks", "image"})
_DETECTION: Final = frozenset({"min_size", "tiles"})
_KNOWN: Final = _INPUTS | OPTIONS | _DETECTION | {"source"}
# Options of encoded files alone: arrays lie in the image frame, and their values are ids.
_ENCODED: Final = frozenset({"landmarks_frame", "label_palette", "crop_image"})
_ARRAYS: Final = frozenset(inspect.signature(trace_face).parameters)
# The code of a file that cannot be read, by the input.
_UNREADABLE: Final = {
    "image": "image_unsupported",
    "labels": "map_unsupported",
    "landmarks": "landmarks_invalid",
}


@dataclass(frozen=True, slots=True)
class BrokenItem:
    """An item whose error is known before it is traced."""

    source: str | None
    error: ValueError


@dataclass(frozen=True, slots=True)
class ItemTracer:
    """Traces items with common options.

    Attributes:
        options: options of every item; those of an item take precedence.
        described: the same for the results, as of `describe_options`.

    """

    options: Mapping[str, Any]
    described: Mapping[str, Any]

    @classmethod
    def create(cls, options: Mapping[str, Any]) -> "ItemTracer":
        """Create a tracer. Raises as `check_common_options`."""
        common = check_common_options(options)
        return cls(common, describe_options(common))

    def __call__(self, numbered: tuple[int, Any]) -> Result | Failure:
        """Trace the item of that index. Every error but KeyboardInterrupt and SystemExit becomes a failure."""
        index, item = numbered
        start = time.perf_counter()
        source = name_of(item)
        try:
            mask, crop = trace_item(item, self.options)
        except Exception as error:  # noqa: BLE001 - one item must not end the others
            code, field, detail = describe_error(error)
            return Failure(index, source, code, field, detail, time.perf_counter() - start, self.described)
        return Result(index, source, mask, crop, time.perf_counter() - start, self.described)


def describe_error(error: Exception) -> tuple[str, str, str]:
    """Return code, field and detail of an error; one of another library is `internal_error`."""
    if is_facemask_error(error):
        return error.code, error.field, error.detail  # type: ignore[attr-defined]
    detail = " ".join(f"{type(error).__name__}: {error}".split())
    return "internal_error", "", detail


def check_common_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Check the options of all items.

    Raises:
        FacemaskError: `option_invalid` for an unknown name or a value outside its range.

    """
    _check_names(options, OPTIONS | _DETECTION)
    check_face_choice(_one_face(options), has_labels=False)
    check_search_options(max_faces=None, min_size=options.get("min_size"), tiles=_tiles(options))
    # A point is no option of the compiled module: it becomes an index when the faces are known.
    is_point = isinstance(options.get("face"), list | tuple | np.ndarray)
    left_out = _DETECTION | ({"face"} if is_point else set())
    check_options({name: value for name, value in options.items() if name not in left_out})
    return _given(options)


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that are given: None is the default of each, whichever function takes it."""
    return {name: value for name, value in options.items() if value is not None}


def describe_options(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return options that can be pickled: a parser by its path."""
    parser = options.get("parser")
    return options if parser is None else {**options, "parser": os.fspath(getattr(parser, "path", parser))}


def name_of(item: Any) -> str | None:
    """Return the name of an item: its `source`, or the path of its photo or label map."""
    if isinstance(item, BrokenItem):
        return item.source
    if isinstance(item, Mapping):
        named = (item.get(key) for key in ("source", "image", "labels"))
        item = next((value for value in named if isinstance(value, str | os.PathLike)), None)
    return os.fspath(item) if isinstance(item, str | os.PathLike) else None


def trace_item(item: Any, common: Mapping[str, Any]) -> tuple[FaceMask, bytes]:
    """Trace an item: a dict of the arguments of `trace_face`, or its labels alone.

    Returns:
        The face without its photo, and its upright crop as a JPEG file: empty without the option `crop_image`.

    Raises:
        FacemaskError: as of `trace_face`, `trace_photo` and `decode_landmark_file`.

    """
    if isinstance(item, BrokenItem):
        raise item.error
    given = dict(item) if isinstance(item, Mapping) else {"labels": item}
    _check_names(given, _KNOWN)
    own = {name: value for name, value in given.items() if name not in _INPUTS | {"source"}}
    options = _given({**common, **own})
    labels, image = given.get("labels"), given.get("image")
    faces = read_item_faces(given.get("landmarks"))
    if isinstance(image, _File):
        image = _read(image, "image")
        if labels is None or isinstance(labels, bytes | bytearray | memoryview) or _is_file(labels):
            label_map = None if labels is None else _read(labels, "labels")
            return _trace_files(image, label_map, faces, options)
    return _trace_arrays(labels, image, faces, options)


def _trace_files(
    photo: bytes, label_map: bytes | None, faces: Faces, options: dict[str, Any]
) -> tuple[FaceMask, bytes]:
    if label_map is None and faces.is_empty:
        faces, options = detect_face(decode_image(photo), options)
        options["landmarks_frame"] = "oriented"  # the photo was turned by its EXIF orientation
    return trace_encoded(photo, label_map, faces, _without_detection(options))


def detect_face(photo: NDArray[np.uint8], options: Mapping[str, Any]) -> tuple[Faces, dict[str, Any]]:
    """Detect the faces in a photo for an item without landmarks.

    Returns:
        The faces, and the options with those that describe them and choose one: `face` is None where it is the largest.

    Raises:
        FacemaskError: as of `trace_photo`.

    """
    found = find_faces(
        photo,
        face=_one_face(options),
        min_size=options.get("min_size"),
        tiles=_tiles(options),
        has_labels=False,
    )
    described = {"with_landmarks": True, **options, **LANDMARK_OPTIONS, "face": found.chosen[0]}
    return read_landmarks(found.landmarks), described


def _tiles(options: Mapping[str, Any]) -> Any:
    tiles = options.get("tiles")
    return "auto" if tiles is None else tiles


def _without_detection(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in _DETECTION}


def _one_face(options: Mapping[str, Any]) -> Any:
    """Return the option `face`, which names one face: an item has one result."""
    face = options.get("face")
    if isinstance(face, str):
        detail = f"must be the index of a face or a point in it, since an item has one result; got {short_repr(face)}"
        raise make_error("option_invalid", "face", detail)
    return face


def _trace_arrays(labels: Any, image: Any, faces: Faces, options: dict[str, Any]) -> tuple[FaceMask, bytes]:
    wants_crop = bool(options.pop("crop_image", False))
    for name in _ENCODED & set(options):
        raise make_error("option_invalid", name, "applies to an item whose image is a file: its bytes or its path")
    if labels is None and faces.is_empty and image is not None:
        image = read_photo(image)
        faces, options = detect_face(image, options)
    options = _without_detection(options)
    if options.get("landmark_units", "auto") == "auto" and not faces.is_empty:
        options["landmark_units"] = faces.units
    mask = trace_face(labels, faces.core_argument(), image=image, **options)
    if wants_crop and image is None:
        raise make_error("option_invalid", "crop_image", "the crop is cut out of the photo, so the item needs image")
    crop = encode_crop(mask) if wants_crop else b""
    return mask.without_photo(), crop


def _check_names(given: Mapping[str, Any], known: frozenset[str]) -> None:
    for name in given:
        if name not in known:
            detail = f"is no option of a trace; options are {', '.join(sorted(known))}"
            raise make_error("option_invalid", name if isinstance(name, str) else short_repr(name), detail)


def read_item_faces(value: Any) -> Faces:
    """Read landmarks in any form of `trace_face`, and of files: a path, or their bytes."""
    if isinstance(value, Faces):
        return value
    if isinstance(value, _File):
        return decode_landmark_file(_read(value, "landmarks"), "landmarks")
    return read_landmarks(value)


def _is_file(value: Any) -> bool:
    return isinstance(value, str | os.PathLike) and Path(value).is_file()


def _read(value: Any, name: str) -> bytes:
    """Return the content of a file: bytes, or what is at a path.

    Raises:
        FacemaskError: `image_unsupported`, `map_unsupported` or `landmarks_invalid`.

    """
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    try:
        return Path(value).read_bytes()
    except (OSError, ValueError) as error:  # a path with NUL is a ValueError
        reason = getattr(error, "strerror", None) or error
        detail = f"{short_repr(os.fspath(value))} cannot be read: {reason}"
        raise make_error(_UNREADABLE[name], name, detail) from None
