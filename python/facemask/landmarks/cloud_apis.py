"""Named points of cloud services and phone libraries, as the five points of arcface-5.

Their points make no scheme of their own, but eyes, nose and corners of the mouth are among them. Whether a name means
the subject's side or the viewer's is said by the documentation of each, which docs/inputs.md names.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from facemask.landmarks.coordinates import check_coordinate, describe, find_axes, is_list, refuse
from facemask.landmarks.faces import Faces, Units

_NO_LETTER = re.compile(r"[^a-z]", re.ASCII)
_MAX_NAMES = 512
_MAX_NAME = 64
_TYPE_KEYS = ("Type", "type", "type_")


@dataclass(frozen=True, slots=True)
class NamedPoints:
    """The names of five points in an API.

    Attributes:
        api: what messages call it.
        five: alternative names, in small letters alone: right eye, left eye, nose, right and left corner of the mouth
            of the subject.
        units: of its coordinates.

    """

    api: str
    five: tuple[tuple[str, ...], ...]
    units: Units


# Names of the viewer's sides: its left eye is the subject's right one.
REKOGNITION: Final = NamedPoints(
    "Amazon Rekognition", (("eyeleft",), ("eyeright",), ("nose",), ("mouthleft",), ("mouthright",)), "normalized"
)
AZURE: Final = NamedPoints(
    "Azure Face", (("pupilleft",), ("pupilright",), ("nosetip",), ("mouthleft",), ("mouthright",)), "pixel"
)
FACE_PLUS_PLUS: Final = NamedPoints(
    "Face++",
    (
        ("lefteyecenter", "lefteyepupil"),
        ("righteyecenter", "righteyepupil"),
        ("nosetip",),
        ("mouthleftcorner",),
        ("mouthrightcorner",),
    ),
    "pixel",
)
VISION: Final = NamedPoints(
    "Google Cloud Vision", (("lefteye",), ("righteye",), ("nosetip",), ("mouthleft",), ("mouthright",)), "pixel"
)
# Names of the subject's sides.
ML_KIT: Final = NamedPoints(
    "ML Kit",
    (
        ("righteye",),
        ("lefteye",),
        ("nosebase",),
        ("mouthright", "rightmouth"),
        ("mouthleft", "leftmouth"),
    ),
    "pixel",
)
# Numbers of the types, where a client writes these in place of names.
_VISION_NUMBERS = {1: "lefteye", 2: "righteye", 8: "nosetip", 11: "mouthleft", 12: "mouthright"}
_ML_KIT_NUMBERS = {4: "lefteye", 5: "mouthleft", 6: "nosebase", 10: "righteye", 11: "mouthright"}


def simplify(name: str) -> str:
    """Return a name in small letters alone, so that `LEFT_EYE`, `leftEye` and `left-eye` are one."""
    return _NO_LETTER.sub("", name[:_MAX_NAME].lower())


def read_named_mapping(value: Mapping[Any, Any], path: str) -> Faces | None:
    """Read a dict of points by the names of Azure, Face++, Google Cloud Vision or ML Kit; None for other dicts."""
    if len(value) > _MAX_NAMES:
        return None
    points = {simplify(key).removesuffix("position"): (key, point) for key, point in value.items() if type(key) is str}
    if points.keys() >= {"pupilleft", "pupilright"}:
        api = AZURE
    elif "contourchin" in points and any(name in points for name in ("lefteyecenter", "lefteyepupil", "nosetip")):
        api = FACE_PLUS_PLUS
    elif points.keys() >= {"lefteye", "righteye", "midpointbetweeneyes"}:
        api = VISION
    elif points.keys() >= {"lefteye", "righteye", "nosebase"}:
        api = ML_KIT
    else:
        return None
    return _read_five(api, {name: (f"{path}.{key}", point) for name, (key, point) in points.items()}, path)


def read_named_list(values: Sequence[Any], path: str) -> Faces | None:
    """Read a list of points of Amazon Rekognition, Google Cloud Vision or ML Kit, each with its type; None for others.

    An item is `{"Type", "X", "Y"}`, or has a `type` and a `position`.
    """
    first = values[0]
    if not isinstance(first, Mapping) or len(values) > _MAX_NAMES:
        return None
    type_key = next((key for key in _TYPE_KEYS if key in first), None)
    is_rekognition = type_key == "Type" and find_axes(first) is not None
    if type_key is None or not (is_rekognition or "position" in first):
        return None
    entries = [
        (entry.get(type_key), f"{path}[{i}]", entry if is_rekognition else entry.get("position"))
        for i, entry in enumerate(values)
        if isinstance(entry, Mapping)
    ]
    return _read_typed(entries, path, is_rekognition=is_rekognition)


def read_typed_objects(values: Sequence[Any], path: str) -> Faces | None:
    """Read a list of objects of Google Cloud Vision, with `type_` and `position`; None for others."""
    first = values[0]
    name = next((name for name in _TYPE_KEYS if hasattr(first, name)), None)
    if name is None or not hasattr(first, "position") or len(values) > _MAX_NAMES:
        return None
    entries = []
    for i, value in enumerate(values):
        kind, position = getattr(value, name, None), getattr(value, "position", None)
        point = {"x": getattr(position, "x", None), "y": getattr(position, "y", None)}
        entries.append((getattr(kind, "name", kind), f"{path}[{i}].position", point))
    return _read_typed(entries, path, is_rekognition=False)


def _read_typed(entries: Sequence[tuple[Any, str, Any]], path: str, *, is_rekognition: bool) -> Faces:
    numbers = {kind for kind, _, _ in entries if type(kind) is int}
    by_number = _VISION_NUMBERS if numbers >= _VISION_NUMBERS.keys() else _ML_KIT_NUMBERS
    points: dict[str, tuple[str, Any]] = {}
    for kind, where, point in entries:
        name = by_number.get(kind) if type(kind) is int else simplify(kind) if isinstance(kind, str) else None
        if name is not None:
            points.setdefault(name, (where, point))
    api = REKOGNITION if is_rekognition else ML_KIT if "nosebase" in points else VISION
    return _read_five(api, points, path)


def _read_five(api: NamedPoints, points: Mapping[str, tuple[str, Any]], path: str) -> Faces:
    found = []
    for names in api.five:
        entry = next((points[name] for name in names if name in points and points[name][1] is not None), None)
        if entry is not None:
            found.append(_read_point(*entry))
    if len(found) < len(api.five):
        detail = f"the result of {api.api} has {len(found)} of the five points eyes, nose and corners of the mouth"
        raise refuse(path, f"{detail}; request all landmarks, or pass landmarks=None to use the label map alone")
    return Faces([np.array(found)]).in_units(api.units)


def _read_point(path: str, value: Any) -> tuple[float, float]:
    if isinstance(value, Mapping) and (axes := find_axes(value)) is not None:
        x, y = axes
        return check_coordinate(value[x], f"{path}.{x}"), check_coordinate(value[y], f"{path}.{y}")
    # ML Kit's clients write a position as a list, too.
    if is_list(value) and len(value) in (2, 3):
        return check_coordinate(value[0], f"{path}[0]"), check_coordinate(value[1], f"{path}[1]")
    raise refuse(path, f"must be {{'x', 'y'}}, got {describe(value)}")
