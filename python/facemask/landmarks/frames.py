"""Data frames and dicts of columns: x and y, or x_0, y_0, x_1 and so on as OpenFace writes them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from facemask.landmarks.coordinates import check_coordinate, is_list, is_number, refuse
from facemask.landmarks.faces import Faces, check_face_count, join_faces
from facemask.landmarks.forms import COLUMN

_MAX_COLUMNS = 100_000
_MAX_POINTS = 10_000


def is_frame(value: object) -> bool:
    """Return whether a value is a data frame, or one row of it with names, such as those of pandas and polars."""
    has_columns = hasattr(value, "columns") and hasattr(type(value), "__getitem__")
    return has_columns or (hasattr(value, "index") and callable(getattr(value, "to_dict", None)))


def read_frame(frame: Any, path: str) -> Faces | None:
    """Read a data frame, or a row of one; None for a series without names of landmarks."""
    if not hasattr(frame, "columns"):
        row = frame.to_dict()
        return read_columns(row, path) if isinstance(row, Mapping) else None
    # pyarrow's `columns` are the data, and its names are elsewhere.
    columns = list(getattr(frame, "column_names", frame.columns))
    if len(columns) > _MAX_COLUMNS:
        raise refuse(path, f"has {len(columns)} columns")
    faces = read_columns({name: _column(frame[name]) for name in columns if _is_coordinate(name)}, path)
    if faces is None:
        detail = "the data frame has no columns x and y, nor x_0, y_0, x_1 and so on"
        raise refuse(path, f'{detail}; frame[["column of x", "column of y"]].to_numpy() takes two of its columns')
    return faces


def _column(column: Any) -> list[Any]:
    return column.to_pylist() if hasattr(column, "to_pylist") else list(column)


def _is_coordinate(name: object) -> bool:
    text = name.strip().lower() if isinstance(name, str) else ""
    return text in ("x", "y", "xs", "ys") or COLUMN.fullmatch(text.replace("y", "x").replace("z", "x")) is not None


def read_columns(value: Mapping[Any, Any], path: str) -> Faces | None:
    """Read a dict of columns x and y, or of x_0, y_0 and so on with a number or a list each."""
    if len(value) > _MAX_COLUMNS:
        return None
    named = {
        key.strip(): _to_list(entry) for key, entry in value.items() if isinstance(key, str) and _is_coordinate(key)
    }
    lowered = {key.lower().removesuffix("s"): entry for key, entry in named.items()}
    if is_list(lowered.get("x")) and is_list(lowered.get("y")):
        return _read_xy(lowered["x"], lowered["y"], path)
    # OpenFace has both: x_0 in pixels, and X_0, Y_0, Z_0 in millimeters.
    columns = named if any(COLUMN.fullmatch(key) for key in named) else lowered
    numbers = sorted({int(match[1]) for match in map(COLUMN.fullmatch, columns) if match})
    if not numbers:
        return None
    if columns is lowered and any(key.startswith("z") for key in lowered):
        detail = "the columns X, Y and Z hold millimeters in space"
        raise refuse(path, f"{detail}; FeatureExtraction -2Dfp of OpenFace writes x_0, y_0 and so on in pixels")
    first = numbers[0]
    if numbers != list(range(first, first + len(numbers))) or first > 1:
        raise refuse(path, "the numbers of the columns have gaps; a face needs all points of its scheme")
    separator = "_" if f"x_{first}" in columns else ""
    return _read_numbered(columns, [f"{separator}{number}" for number in numbers], path)


def _to_list(column: Any) -> Any:
    return column.tolist() if isinstance(column, np.ndarray) and column.ndim == 1 else column


def _read_xy(xs: Any, ys: Any, path: str) -> Faces:
    if len(xs) != len(ys):
        raise refuse(path, f"x and y must have the same length, got {len(xs)} and {len(ys)}")
    if len(xs) > _MAX_POINTS:
        raise refuse(path, f"holds {len(xs)} points, more than any scheme has")
    points = [
        (check_coordinate(x, f"{path}[{i}].x"), check_coordinate(y, f"{path}[{i}].y"))
        for i, (x, y) in enumerate(zip(xs, ys, strict=True))
    ]
    return Faces([np.array(points)] if points else [])


def _read_numbered(columns: Mapping[str, Any], numbers: list[str], path: str) -> Faces:
    """Read columns x_0, y_0 and so on, in which each row is a face."""
    names = [axis + number for number in numbers for axis in ("x", "y")]
    for name in names:
        if name not in columns:
            raise refuse(f"{path}.{name}", "is missing")
    cells = [[columns[name]] if is_number(columns[name]) else columns[name] for name in names]
    lengths = {len(cell) if is_list(cell) else -1 for cell in cells}
    if len(lengths) != 1 or -1 in lengths:
        raise refuse(path, "the columns must be numbers or lists of the same length")
    check_face_count(lengths.pop(), path)
    rows = zip(*cells, strict=True)
    faces = [
        np.array([check_coordinate(cell, f"{path}[{i}].{name}") for name, cell in zip(names, row, strict=True)])
        for i, row in enumerate(rows)
    ]
    return join_faces([Faces([face.reshape(-1, 2)]) for face in faces])
