"""Lists of points: dicts, pairs, objects with x and y, flat numbers; and lists of faces."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from facemask.landmarks.cloud_apis import read_named_list, read_typed_objects
from facemask.landmarks.coordinates import (
    check_coordinate,
    describe,
    find_axes,
    has_attribute,
    is_list,
    is_number,
    refuse,
)
from facemask.landmarks.faces import Faces, Points, Reader, Units, check_face_count, join_faces
from facemask.landmarks.flat_numbers import is_flat_count, read_flat
from facemask.landmarks.forms import is_form, no_face
from facemask.validation import LANDMARK_COUNTS, make_error

_MAX_POINT_LENGTH = 4  # x, y, z and visibility


def read_list(values: Sequence[Any], path: str, read: Reader) -> Faces:  # noqa: PLR0911 - a return for each shape
    """Read a list of points, or of faces in any form. Raises `landmarks_invalid`."""
    first = next((value for value in values if value is not None), None)
    if first is None:
        if len(values):  # facenet-pytorch
            raise no_face(path, "the list")
        return Faces()
    if (array := _convert_uniform(values, values[0])) is not None:
        return Faces([array])
    if isinstance(first, Mapping):
        return _read_mappings(values, first, path, read)
    if is_number(first):
        return _read_numbers(values, path)
    if isinstance(first, np.ndarray):
        if first.ndim != 1:
            return _read_faces(values, path, read)
        plain = [value.tolist() if isinstance(value, np.ndarray) else value for value in values]
        return read(plain, path)
    if is_list(first):
        return _read_lists(values, first, path, read)
    return _read_objects(values, first, path, read)


def _read_mappings(values: Sequence[Any], first: Mapping[Any, Any], path: str, read: Reader) -> Faces:
    """Read dicts: named points, a point each, or a face each."""
    if (named := read_named_list(values, path)) is not None:
        return named
    return _read_faces(values, path, read) if is_form(first) else _from_points(values, path, _from_mapping)


def _read_objects(values: Sequence[Any], first: Any, path: str, read: Reader) -> Faces:
    """Read objects of other libraries: a point each, or a face each."""
    if is_point_object(first):
        return _from_points(values, path, _from_object, object_units(first))
    if (typed := read_typed_objects(values, path)) is not None:
        return typed
    if is_pair(getattr(first, "pt", None)):  # cv2.KeyPoint
        return read([getattr(value, "pt", value) for value in values], path).in_units("pixel")
    if type(first).__module__ == "builtins":
        return _read_numbers(values, path)  # which names the first that is no number
    return _read_faces(values, path, read)


def is_point_object(value: object) -> bool:
    """Return whether a value has x and y, as attributes or, as in Qt, as methods."""
    return all(has_attribute(value, axis) for axis in ("x", "y")) and not isinstance(value, Mapping)


def is_pair(value: object) -> bool:
    """Return whether a value is a pair of numbers."""
    return is_list(value) and len(value) == 2 and all(is_number(number) for number in value)


def object_units(point: Any) -> Units:
    """Return the units of a point object: MediaPipe's have a depth or a score, and dlib counts pixels."""
    if type(point).__module__.partition(".")[0] in ("dlib", "_dlib_pybind11"):
        return "pixel"
    has_ratios = has_attribute(point, "z") or (has_attribute(point, "label") and has_attribute(point, "score"))
    return "normalized" if has_ratios else "auto"


def _convert_uniform(points: Sequence[Any], first: Any) -> Points | None:
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


def _read_lists(values: Sequence[Any], first: Sequence[Any], path: str, read: Reader) -> Faces:
    """Read a list of lists: points, rows of numbers, or faces."""
    inner = first[0] if len(first) else None
    if len(values) in LANDMARK_COUNTS and all(_is_single_point(value) for value in values):
        return read([value[0] for value in values], path)
    if is_flat_count(len(values)) and all(is_list(value) and len(value) == 1 for value in values) and is_number(inner):
        return read([value[0] for value in values], path)
    if not len(first) or not (is_number(inner) or inner is None or isinstance(inner, bool | complex)):
        return _read_faces(values, path, read)
    if len(first) <= _MAX_POINT_LENGTH:
        return _from_points(values, path, _from_sequence)
    rows = []
    for i, row in enumerate(values):
        if not is_list(row) or len(row) != len(first):
            raise refuse(f"{path}[{i}]", f"must be a list of {len(first)} as the first is, got {describe(row)}")
        rows.append([check_coordinate(number, f"{path}[{i}][{j}]") for j, number in enumerate(row)])
    return read(np.array(rows), path)


def _is_single_point(value: Any) -> bool:
    """Return whether a value is a list of one point, as an array (n, 1, 2) of OpenCV is in JSON."""
    return is_list(value) and len(value) == 1 and is_list(value[0]) and len(value[0]) == 2 and is_number(value[0][0])


def _read_faces(values: Sequence[Any], path: str, read: Reader) -> Faces:
    """Read a list whose items are faces, or whose only item is a list of faces."""
    check_face_count(len(values), path)
    faces = [read(value, f"{path}[{i}]") for i, value in enumerate(values)]
    if len(faces) == 1:
        return faces[0]
    for i, face in enumerate(faces):
        if len(face.points) > 1:
            detail = f"holds {len(face.points)} faces in a list of {len(faces)}, as for several photos"
            raise refuse(f"{path}[{i}]", f"{detail}; pass those of one photo, landmarks[{i}]")
    return join_faces(faces)


def _read_numbers(values: Sequence[Any], path: str) -> Faces:
    """Read a flat list of numbers."""
    flat = [check_coordinate(number, f"{path}[{i}]") for i, number in enumerate(values)]
    return read_flat(np.array(flat, dtype=np.float64), path)


def _from_points(values: Sequence[Any], path: str, convert: Any, units: Units = "auto") -> Faces:
    points = [convert(point, f"{path}[{i}]") for i, point in enumerate(values)]
    return Faces([np.array(points, dtype=np.float64)]).in_units(units)


def _from_mapping(point: Any, path: str) -> tuple[float, float]:
    if not isinstance(point, Mapping):
        raise make_error(
            "landmarks_invalid", path, f'must be {{"x", "y"}} as the first point is, got {describe(point)}'
        )
    axes = find_axes(point)
    if axes is None:
        missing = "y" if "x" in point else "x"
        raise make_error("landmarks_invalid", f"{path}.{missing}", "is missing")
    x, y = axes
    return check_coordinate(point[x], f"{path}.{x}"), check_coordinate(point[y], f"{path}.{y}")


def _from_sequence(point: Any, path: str) -> tuple[float, float]:
    is_point = is_list(point) or (isinstance(point, np.ndarray) and point.ndim == 1)
    if not is_point or len(point) not in (2, 3, 4):
        raise refuse(path, f"must be [x, y] or [x, y, z], got {describe(point)}")
    if len(point) == _MAX_POINT_LENGTH and not 0.0 <= check_coordinate(point[3], f"{path}[3]") <= 1.0:
        detail = f"must be [x, y] or [x, y, z], got {describe(point)}"
        raise refuse(path, f"{detail} whose last number is no visibility from 0 to 1; boxes have no landmarks")
    return check_coordinate(point[0], f"{path}[0]"), check_coordinate(point[1], f"{path}[1]")


def _from_object(point: Any, path: str) -> tuple[float, float]:
    if not is_point_object(point):
        raise refuse(path, f"must have x and y as the first point has, got {describe(point)}")
    x, y = (axis() if callable(axis) else axis for axis in (point.x, point.y))
    return check_coordinate(x, f"{path}.x"), check_coordinate(y, f"{path}.y")
