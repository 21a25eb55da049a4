"""The columns of a table of faces: which holds what, and a row as a face."""

import importlib
import json
from collections.abc import Mapping
from typing import Any, Final

from facemask.batch.layouts.entry import Entry, MemoryFile, ReadableFile
from facemask.batch.layouts.file_tree import open_file
from facemask.batch.layouts.keys import safe_key, stem_of
from facemask.validation import make_error

# Names of columns, the first that a table has.
_COLUMNS: Final = {
    "image": ("image", "photo", "img", "picture"),
    "labels": ("labels", "label", "label_map", "mask", "map", "segmentation", "annotation", "conditioning_image"),
    "landmarks": ("landmarks", "keypoints", "points"),
    "key": ("key", "__key__", "id", "image_id", "file_name", "filename", "name", "path"),
}


def import_pyarrow(module: str, field: str) -> Any:
    """Import a module of pyarrow, which is an extra. Raises `option_invalid` without it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        detail = "Parquet needs the package pyarrow: pip install 'facemask-contours[batch]'"
        raise make_error("option_invalid", field, detail) from None


def find_columns(schema: Any, table: str, *, with_paths: bool = False) -> dict[str, str]:
    """Return the names of the columns by what they hold: `image`, `labels`, `landmarks` and `key`.

    Args:
        schema: the schema of pyarrow.
        table: what messages call the table.
        with_paths: whether text in a column called `image`, `labels` or `landmarks` is a path.

    Raises:
        FacemaskError: `option_invalid`, field `source`, for a table without a column of photos or label maps.

    """
    names = list(schema.names)
    found = {
        role: next(
            (
                name
                for name in allowed
                if name in names and (role == "key" or _is_used(schema, name, with_paths=with_paths))
            ),
            None,
        )
        for role, allowed in _COLUMNS.items()
    }
    columns = {role: name for role, name in found.items() if name is not None}
    if not columns.keys() & {"image", "labels"}:
        kind = "bytes or paths" if with_paths else "bytes"
        detail = f"{table} has no column of {kind} called {' or '.join((*_COLUMNS['image'], *_COLUMNS['labels']))}"
        raise make_error("option_invalid", "source", f"{detail}; its columns are {', '.join(names)}")
    return columns


def _is_used(schema: Any, name: str, *, with_paths: bool) -> bool:
    """Whether a column may hold a file or points: `label` is often the number or the name of a class.

    Raises:
        FacemaskError: `option_invalid`, field `source`, for a tensor and other values of extensions of Arrow.

    """
    kind = str(schema.field(name).type)
    if kind.startswith("extension"):
        detail = f"column {name!r} is {kind}, which cannot be read; files are bytes, and landmarks are lists of points"
        raise make_error("option_invalid", "source", detail)
    if kind.startswith("struct"):
        return "binary" in kind or "path:" in kind
    is_text = "string" in kind and "list" not in kind  # views and dictionaries too
    may_be_text = name in _COLUMNS["landmarks"] or (with_paths and name in ("image", "labels"))
    return "binary" in kind or "list" in kind or (is_text and may_be_text)


def to_entry(row: Mapping[str, Any], columns: Mapping[str, str], *, prefix: str, number: int, where: str) -> Entry:
    """Return a row as a face.

    Args:
        row: the values by column.
        columns: as of `find_columns`.
        prefix: what its key begins with.
        number: number of the row, its key where no column has one.
        where: what messages call it.

    """
    values = {role: row[name] for role, name in columns.items()}
    photo = _to_file(values.get("image"), "image")
    labels = _to_file(values.get("labels"), "labels")
    points = values.get("landmarks")
    landmarks: ReadableFile | None = None
    if isinstance(points, str):
        is_document = points.lstrip()[:1] in ("[", "{")
        landmarks = MemoryFile("landmarks", points.encode()) if is_document else open_file(points)
    elif isinstance(points, bytes):
        landmarks = MemoryFile("landmarks", points)
    named = (
        file.name for file, role in ((photo, "image"), (labels, "labels")) if file is not None and file.name != role
    )
    path = values.get("key")
    if path is None or path == "":
        path = next(named, None)
    key = safe_key(stem_of(path) if isinstance(path, str) else str(path)) if path is not None else f"{number:06d}"
    problem = None
    if photo is None and labels is None:
        problem = ("map_required", columns.get("labels", "labels"), f"row {number} has neither a photo nor a label map")
    for role, file in (("image", photo), ("labels", labels)):
        if file is None and values.get(role) is not None:
            kind = type(values[role]).__name__
            detail = f"row {number} is a {kind}; a file is bytes, a struct of bytes and path, or a path"
            problem = ("option_invalid", columns[role], detail)
    has_points = landmarks is None and points is not None
    if has_points:
        try:
            points = json.loads(json.dumps(points))
        except (TypeError, ValueError) as error:
            problem = ("landmarks_invalid", columns["landmarks"], f"row {number} has no numbers as landmarks: {error}")
            points = None
    return Entry(
        prefix + key,
        where,
        photo=photo,
        labels=labels,
        landmarks=landmarks,
        points=points if has_points else None,
        problem=problem,
    )


def _to_file(value: Any, role: str) -> ReadableFile | None:
    """Return the file of a cell: bytes, a struct of `bytes` and `path`, or a path."""
    if isinstance(value, dict):
        content, path = value.get("bytes"), value.get("path")
        path = path if isinstance(path, str) else ""
        if isinstance(content, bytes):
            return MemoryFile(path or role, content)
        return open_file(path) if path else None
    if isinstance(value, str):
        return open_file(value)
    return MemoryFile(role, value) if isinstance(value, bytes) else None
