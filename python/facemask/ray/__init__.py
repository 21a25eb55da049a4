"""Ray Data: tables of faces to tables of outlines.

```python
import facemask.ray
import ray

faces = ray.data.read_parquet("s3://bucket/faces")
traced = faces.map_batches(facemask.ray.trace_batch, batch_format="pyarrow", batch_size=64)
traced.write_parquet("s3://bucket/traced")
```

This module imports pyarrow and not Ray, so `trace_batch` serves every engine that hands out Arrow tables.
"""

import json
import time
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from facemask._core import __version__
from facemask.batch.item import check_common_options, describe_error, describe_options, trace_item
from facemask.batch.layouts.columns import find_columns, import_pyarrow, to_entry
from facemask.batch.layouts.entry import Entry
from facemask.batch.trace_many import ON_ERROR
from facemask.formats import FORMATS, OPTIONS, check_options
from facemask.validation import make_error, prefix_error, short_repr

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["trace_batch"]

# Columns that the result does not have.
_INPUTS: Final = ("image", "labels", "landmarks")
_CROP: Final = "crop_jpeg"
# Columns of every result, behind those of the formats.
_COLUMNS: Final = {
    "warnings": "list<string>",
    "error_code": "string",
    "error_field": "string",
    "error_detail": "string",
    "seconds": "double",
    "version": "string",
    "options": "string",
}


def trace_batch(
    table: "pa.Table",
    *,
    formats: Sequence[str] = ("svg",),
    format_options: Mapping[str, Any] | None = None,
    on_error: Literal["yield", "skip", "raise"] = "yield",
    **options: Any,
) -> "pa.Table":
    """Trace the faces of a table, for `map_batches` of Ray Data with `batch_format="pyarrow"`.

    It traces in the calling thread, because an engine runs as many calls as there are CPUs. The files are those of
    `facemask batch` for the same faces and options, to the byte.

    Args:
        table: a row for each face. Columns are found by their names, as docs/datasets.md lists them: photos `image`,
            label maps `labels`, `landmarks`, and `key`. A file is bytes, a struct of `bytes` and `path`, or a path or
            address of fsspec; landmarks are also lists of points. A photo alone is traced as by `trace_photo`.
        formats: export formats (docs/formats.md), a column of that name each: text, or bytes of pictures.
        format_options: options of formats by name, such as `segmentation`; each goes to the formats that have it.
        on_error: of a face that cannot be traced: `yield` a row with `error_code`, `skip` it, or `raise` its error,
            which fails the batch. Ray then applies `DataContext.max_errored_blocks`.
        options: options of every face, as of `trace_many`. `crop_image=True` adds the column `crop_jpeg`.

    Returns:
        The columns of the table but photos, label maps and landmarks; a column for each format; and `warnings` (codes),
        `error_code`, `error_field`, `error_detail` (null where the face is traced), `seconds`, `version` of facemask
        and `options` as JSON. A cache of results has to compare the last two. The schema does not depend on the faces.

    Raises:
        FacemaskError: `option_invalid`, before the first face; with `on_error="raise"` that of a face.

    """
    arrow = import_pyarrow("pyarrow", "table")
    if not isinstance(table, arrow.Table | arrow.RecordBatch):
        detail = f"must be a table of pyarrow, got {short_repr(table)}; map_batches needs batch_format='pyarrow'"
        raise make_error("option_invalid", "table", detail)
    if on_error not in ON_ERROR:
        raise make_error("option_invalid", "on_error", f"must be {' or '.join(ON_ERROR)}, got {short_repr(on_error)}")
    by_format = _check_formats(formats, format_options or {})
    common = check_common_options(options)
    columns = find_columns(table.schema, "the table", with_paths=True)
    kept = [name for name in table.schema.names if name not in {columns.get(role) for role in _INPUTS}]
    made = _schema(by_format, has_crop=bool(common.get("crop_image")))
    for name in kept:
        if name in made:
            detail = f"has a column {name!r}, as the result has; rename or drop it"
            raise make_error("option_invalid", "table", detail)
    constant = {"version": __version__, "options": json.dumps(describe_options(common), sort_keys=True, default=repr)}
    rows, indices = [], []
    inputs = table.select(list(columns.values()))
    for number in range(table.num_rows):
        # One row at a time, so that one photo is copied at a time.
        (cells,) = inputs.slice(number, 1).to_pylist()
        entry = to_entry(cells, columns, prefix="", number=number, where=f"row {number}")
        row = _trace_row(entry, by_format, common, on_error)
        if row is not None:
            rows.append(row | constant)
            indices.append(number)
    result = table.select(kept)
    if len(indices) < table.num_rows:
        result = result.take(arrow.array(indices, arrow.int64()))
    arrays = {name: arrow.array([row.get(name) for row in rows], kind) for name, kind in made.items()}
    return arrow.table({**{name: result.column(name) for name in kept}, **arrays})


def _check_formats(formats: Sequence[str], options: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the options of each format."""
    is_list = isinstance(formats, Collection) and not isinstance(formats, str)
    if not is_list or not all(isinstance(name, str) and name in FORMATS for name in formats):
        detail = f"must be a list of {', '.join(FORMATS)}, got {short_repr(formats)}"
        raise make_error("option_invalid", "formats", detail)
    for option in options:
        owners = [name for name in FORMATS if option in FORMATS[name].options]
        if not set(owners) & set(formats):
            known = f"these formats have it: {', '.join(owners)}" if owners else f"options are {', '.join(OPTIONS)}"
            raise make_error("option_invalid", f"format_options.{option}", known)
    by_format = {
        name: {option: value for option, value in options.items() if option in FORMATS[name].options}
        for name in formats
    }
    for name, own in by_format.items():
        check_options(name, own)
    return by_format


def _schema(formats: Mapping[str, Any], *, has_crop: bool) -> dict[str, Any]:
    """Return the types of the columns that are made."""
    arrow = import_pyarrow("pyarrow", "table")
    types = {"string": arrow.string(), "double": arrow.float64(), "list<string>": arrow.list_(arrow.string())}
    made = {name: arrow.string() if FORMATS[name].is_text else arrow.binary() for name in formats}
    if has_crop:
        made[_CROP] = arrow.binary()
    return made | {name: types[kind] for name, kind in _COLUMNS.items()}


def _trace_row(
    entry: Entry, formats: Mapping[str, Mapping[str, Any]], common: Mapping[str, Any], on_error: str
) -> dict[str, Any] | None:
    """Return the cells of a face, or None where it is skipped."""
    start = time.perf_counter()
    try:
        mask, crop = trace_item(entry.load().to_item(entry.source, entry.options), common)
        cells: dict[str, Any] = {_CROP: crop or None, "warnings": [warning["code"] for warning in mask.warnings]}
        for name, options in formats.items():
            named = {"file_name": entry.name_picture(common.get("frame", "crop"))} if name == "coco" else {}
            cells[name] = FORMATS[name].encode(mask, **options, **named)
    except Exception as error:  # noqa: BLE001 - one face must not end the others
        if on_error == "raise":
            raise prefix_error(error, entry.key) from None
        code, field, detail = describe_error(error)
        cells = {"error_code": code, "error_field": field, "error_detail": detail}
        if on_error == "skip":
            return None
    return cells | {"seconds": time.perf_counter() - start}
