"""GeoParquet output: a row for each region of each face, by the specification 1.1 (geoparquet.org)."""

import base64
import json
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import numpy as np

from facemask.batch.layouts.columns import import_pyarrow
from facemask.batch.outputs.protocol import Records, Rendered, TracedEntry
from facemask.batch.outputs.target import Target
from facemask.formats.json import encode_json
from facemask.formats.vector import geojson

# Numbers of the well-known binary of ISO 19125: little endian, and the types of geometries.
_LITTLE_ENDIAN: Final = 1
_POLYGON: Final = 3
_MULTI_POLYGON: Final = 6
# Rows of a row group, and so in memory.
_ROWS: Final = 4096


class GeoParquetTable:
    """`geoparquet/regions.parquet`. Coordinates are pixels, y down, in no geographic system."""

    name = "geoparquet"
    needs_crop = False

    def __init__(self, *, y_up: bool = False) -> None:
        self._y_up = y_up
        import_pyarrow("pyarrow.parquet", "outputs")  # fails before the first face

    def describe(self) -> Mapping[str, Any]:
        """Return the options that its file depends on."""
        return {"y_up": self._y_up}

    def render(self, face: TracedEntry) -> Rendered:
        """Return a record: the rows of a face as JSON, with geometries as base64 of well-known binary."""
        collection = geojson.to_feature_collection(face.mask, y_up=self._y_up)
        rows = [
            {
                "picture": face.picture,
                "region": feature["id"],
                "name": feature["properties"]["name"],
                "area": feature["properties"]["area"],
                "perimeter": feature["properties"]["perimeter"],
                "bbox": feature["bbox"],
                "geometry": base64.b64encode(to_wkb(feature["geometry"]["coordinates"])).decode(),
            }
            for feature in collection["features"]
        ]
        return Rendered(record=encode_json(rows))

    def finish(self, target: Target, records: Records, suffix: str) -> Iterable[str]:
        """Write the table, a row group at a time."""
        arrow, parquet = import_pyarrow("pyarrow", "outputs"), import_pyarrow("pyarrow.parquet", "outputs")
        box = arrow.struct([(side, arrow.float64()) for side in ("xmin", "ymin", "xmax", "ymax")])
        columns = (
            ("key", arrow.string()), ("picture", arrow.string()), ("region", arrow.int32()), ("name", arrow.string()),
            ("area", arrow.float64()), ("perimeter", arrow.float64()), ("bbox", box), ("geometry", arrow.binary()),
        )  # fmt: skip
        schema = arrow.schema(columns, metadata={"geo": json.dumps(_METADATA)})
        path = f"geoparquet/regions{suffix}.parquet"
        rows = _rows(records)
        with target.stream(path) as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
            while group := list(islice(rows, _ROWS)):
                writer.write_table(arrow.Table.from_pylist(group, schema=schema))
        return [path]


# `crs` null says that the coordinates are in no known system; without it they would be degrees.
_METADATA: Final = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {
        "geometry": {
            "encoding": "WKB",
            "geometry_types": ["MultiPolygon"],
            "crs": None,
            "edges": "planar",
            "covering": {"bbox": {side: ["bbox", side] for side in ("xmin", "ymin", "xmax", "ymax")}},
        }
    },
}


def _rows(records: Records) -> Iterator[dict[str, Any]]:
    for record in records():
        for row in json.loads(record.content):
            sides = dict(zip(("xmin", "ymin", "xmax", "ymax"), row["bbox"], strict=True))
            yield {"key": record.key, **row, "bbox": sides, "geometry": base64.b64decode(row["geometry"])}


def to_wkb(polygons: Sequence[Sequence[Sequence[Sequence[float]]]]) -> bytes:
    """Return a multipolygon of GeoJSON as well-known binary."""
    parts = [struct.pack("<BII", _LITTLE_ENDIAN, _MULTI_POLYGON, len(polygons))]
    for polygon in polygons:
        parts.append(struct.pack("<BII", _LITTLE_ENDIAN, _POLYGON, len(polygon)))
        for ring in polygon:
            parts.append(struct.pack("<I", len(ring)))
            parts.append(np.asarray(ring, "<f8").tobytes())
    return b"".join(parts)
