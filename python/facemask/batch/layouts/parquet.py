"""Layout of Parquet: a row for each face, files as bytes, as Hugging Face's data sets have them."""

import importlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from facemask.batch.layouts.entry import Entry, MemoryFile
from facemask.batch.layouts.file_tree import FileTree
from facemask.batch.layouts.keys import safe_key, stem_of
from facemask.validation import make_error

SUFFIX: Final = ".parquet"
# Names of columns, the first that a table has.
_COLUMNS: Final = {
    "image": ("image", "photo", "img", "picture"),
    "labels": ("labels", "label", "label_map", "mask", "map", "segmentation", "annotation", "conditioning_image"),
    "landmarks": ("landmarks", "keypoints", "points"),
    "key": ("key", "__key__", "id", "image_id", "file_name", "filename", "name", "path"),
}
# Rows in memory at a time: a photo and a map have about a megabyte.
_ROWS: Final = 32


def read_tables(tree: FileTree, tables: Sequence[str]) -> Iterator[Entry]:
    """Yield the rows of tables. A file is a column of bytes, or a struct with `bytes` and `path`.

    Raises:
        FacemaskError: `option_invalid`, field `source`, without pyarrow, and for a table without such columns.

    """
    parquet = import_pyarrow("pyarrow.parquet", "source")
    for table in tables:
        source = f"{tree.root.rstrip('/')}/{table}"
        with tree.open(table) as file:
            try:
                reader = parquet.ParquetFile(file)
            except Exception as error:  # noqa: BLE001 - pyarrow has a tree of its own
                problem = ("map_corrupt", "source", f"the table cannot be read: {_first_line(error)}")
                yield Entry(f"{safe_key(stem_of(table))}/(table)", source, problem=problem)
                continue
            columns = _find_columns(reader.schema_arrow, table)
            number = 0
            for batch in reader.iter_batches(batch_size=_ROWS, columns=list(columns.values())):
                for row in batch.to_pylist():
                    yield _to_entry(row, columns, f"{safe_key(stem_of(table))}/", number, source)
                    number += 1


def import_pyarrow(module: str, field: str) -> Any:
    """Import a module of pyarrow, which is an extra. Raises `option_invalid` without it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        detail = "Parquet needs the package pyarrow: pip install 'facemask-contours[batch]'"
        raise make_error("option_invalid", field, detail) from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _find_columns(schema: Any, table: str) -> dict[str, str]:
    names = list(schema.names)
    found = {
        role: next((name for name in allowed if name in names and (role == "key" or _is_used(schema, name))), None)
        for role, allowed in _COLUMNS.items()
    }
    columns = {role: name for role, name in found.items() if name is not None}
    if not columns.keys() & {"image", "labels"}:
        detail = f"{table} has no column of bytes called {' or '.join((*_COLUMNS['image'], *_COLUMNS['labels']))}"
        raise make_error("option_invalid", "source", f"{detail}; its columns are {', '.join(names)}")
    return columns


def _is_used(schema: Any, name: str) -> bool:
    """Whether a column may hold a file or points: `label` is often the number of a class."""
    kind = str(schema.field(name).type)
    return "binary" in kind or "list" in kind or (kind == "string" and name in _COLUMNS["landmarks"])


def _to_entry(row: dict[str, Any], columns: dict[str, str], prefix: str, number: int, source: str) -> Entry:
    values = {role: row[name] for role, name in columns.items()}
    image, image_path = _content(values.get("image"))
    labels, labels_path = _content(values.get("labels"))
    points = values.get("landmarks")
    path = values.get("key") or image_path or labels_path
    key = prefix + (safe_key(stem_of(path) if isinstance(path, str) else str(path)) if path else f"{number:06d}")
    where = f"{source}: row {number}"
    if isinstance(points, str):
        points = points.encode()
    landmarks = MemoryFile("landmarks", points) if isinstance(points, bytes) else None
    problem = None
    if image is None and labels is None:
        problem = ("map_required", columns.get("labels", "labels"), f"row {number} has neither a photo nor a label map")
    return Entry(
        key,
        where,
        photo=None if image is None else MemoryFile(image_path or "image", image),
        labels=None if labels is None else MemoryFile(labels_path or "labels", labels),
        landmarks=landmarks,
        points=None if landmarks is not None or points is None else json.loads(json.dumps(points)),
        problem=problem,
    )


def _content(value: Any) -> tuple[bytes | None, str | None]:
    """Return content and path of a cell."""
    if isinstance(value, dict):
        path = value.get("path")
        content = value.get("bytes")
        return content if isinstance(content, bytes) else None, path if isinstance(path, str) else None
    return value if isinstance(value, bytes) else None, None
