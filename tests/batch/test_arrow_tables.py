"""`facemask.ray.trace_batch` on tables alone, as an engine calls it. tests/engines runs it in Ray, Dask and Spark."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import data_sets
import facemask
import numpy as np
import pytest

arrow = pytest.importorskip("pyarrow")
from facemask.ray import trace_batch  # noqa: E402 - behind the package that it needs
from pyarrow import parquet  # noqa: E402
from support import sample  # noqa: E402

MAP = sample.encode_png(sample.LABELS)


def table(count: int, *, broken: int | None = None) -> Any:
    rows = [
        {
            "key": f"f{number:03d}",
            "image": data_sets.photo(number),
            "labels": b"no map" if number == broken else data_sets.label_map(number),
            "landmarks": json.loads(data_sets.points(number)) if number % 2 else None,
            "age": number,
        }
        for number in range(count)
    ]
    return arrow.Table.from_pylist(rows)


def test_files_are_those_of_the_command_to_the_byte(tmp_path: Path, batch: Callable[..., Any]):
    (tmp_path / "in").mkdir()
    faces = table(5)
    parquet.write_table(faces, tmp_path / "in/faces.parquet")
    outputs = ("--outputs", "svg,label-maps,crops,coco", "--segmentation", "polygons", "--tolerance", "1")
    assert batch(tmp_path / "in", tmp_path / "out", *outputs).code == 0
    traced = trace_batch(
        faces,
        formats=["svg", "label-map", "coco"],
        format_options={"segmentation": "polygons"},
        crop_image=True,
        tolerance=1.0,
    )
    annotations = json.loads((tmp_path / "out/coco/annotations.json").read_text())["annotations"]
    for number, row in enumerate(traced.to_pylist()):
        name = f"faces/f{number:03d}"
        assert (tmp_path / f"out/svg/{name}.svg").read_text() == row["svg"]
        assert (tmp_path / f"out/label-maps/{name}.png").read_bytes() == row["label-map"]
        assert (tmp_path / f"out/crops/{name}.jpg").read_bytes() == row["crop_jpeg"]
        ours = [each["segmentation"] for each in annotations if each["image_id"] == number + 1]
        document = json.loads(row["coco"])
        assert [each["segmentation"] for each in document["annotations"]] == ours
        assert document["images"][0]["file_name"] == f"f{number:03d}.jpg"


def test_columns_say_what_became_of_each_face():
    traced = trace_batch(table(4, broken=2), tolerance=1.0)
    assert traced.column_names == [
        "key", "age", "svg", "warnings", "error_code", "error_field", "error_detail", "seconds", "version", "options",
    ]  # fmt: skip
    rows = traced.to_pylist()
    assert [row["age"] for row in rows] == [0, 1, 2, 3]
    assert [row["error_code"] for row in rows] == [None, None, "map_unsupported", None]
    assert (rows[2]["error_field"], rows[2]["svg"], rows[2]["warnings"]) == ("labels", None, None)
    assert {(row["version"], row["options"]) for row in rows} == {(facemask.__version__, '{"tolerance": 1.0}')}
    assert all(row["seconds"] > 0 for row in rows)
    expected = facemask.trace_face(data_sets.face(1).labels, data_sets.face(1).landmarks, tolerance=1.0)
    assert rows[1]["svg"] == expected.svg


def test_the_schema_does_not_depend_on_the_faces():
    faces = table(2, broken=1)
    whole, one, none = (trace_batch(part).schema for part in (faces, faces.slice(1), faces.slice(0, 0)))
    assert whole.equals(one)
    assert whole.equals(none)


def test_failures_are_skipped_or_raised_by_choice():
    faces = table(3, broken=1)
    assert trace_batch(faces, on_error="skip").column("age").to_pylist() == [0, 2]
    assert trace_batch(faces.to_batches()[0], on_error="skip").num_rows == 2
    with pytest.raises(facemask.FacemaskError, match="f001") as caught:
        trace_batch(faces, on_error="raise")
    assert (caught.value.code, caught.value.field) == ("map_unsupported", "labels")


def test_cells_are_bytes_structs_paths_and_documents(tmp_path: Path):
    folder = data_sets.pairs(tmp_path, 2)
    structs = [{"bytes": data_sets.label_map(1), "path": "set/f001.png"}]
    paths = {"image": [str(folder / "f001.jpg")], "labels": [str(folder / "f001.png")]}
    tables = [
        {"label": structs, "landmarks": [data_sets.points(1)]},
        {**paths, "landmarks": [str(folder / "f001.json")]},
        {**paths, "landmarks": [data_sets.points(1).decode()]},
        {"labels": [(folder / "f001.png").as_uri()], "landmarks": [np.array(data_sets.face(1).landmarks).tolist()]},
    ]
    expected = facemask.trace_face(data_sets.face(1).labels, data_sets.face(1).landmarks).svg
    for columns in tables:
        (row,) = trace_batch(arrow.table(columns)).to_pylist()
        assert (row["error_detail"], row["svg"]) == (None, expected)
    (row,) = trace_batch(arrow.table({"labels": ["nowhere.png"]})).to_pylist()
    assert (row["error_code"], row["error_field"]) == ("map_unsupported", "labels")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"table": [1]}, "table"),
        ({"table": {"labels": np.zeros(3)}}, "table"),
        ({"table": arrow.table({"text": ["a"]})}, "source"),
        ({"table": arrow.table({"labels": [b"x"], "svg": ["a"]})}, "table"),
        ({"formats": "svg"}, "formats"),
        ({"formats": ["gif"]}, "formats"),
        ({"format_options": {"inset": 0.5}}, "format_options.inset"),
        ({"formats": ["yolo"], "format_options": {"inset": 9}}, "inset"),
        ({"on_error": "ignore"}, "on_error"),
        ({"tolerance": -1}, "tolerance"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_wrong_argument_is_an_error_before_the_first_face(arguments: dict[str, Any], field: str):
    with pytest.raises(facemask.FacemaskError) as caught:
        trace_batch(**({"table": table(1, broken=0), "on_error": "raise"} | arguments))
    assert (caught.value.code, caught.value.field) == ("option_invalid", field)


def with_struct(path: object, content: bytes | None) -> Any:
    return arrow.array(
        [{"bytes": content, "path": path}], arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])
    )


def test_a_struct_with_a_path_alone_is_that_file(tmp_path: Path):
    path = tmp_path / "map.png"
    path.write_bytes(MAP)
    by_path = trace_batch(arrow.table({"labels": with_struct(str(path), None)}))
    assert by_path["svg"].to_pylist() == trace_batch(arrow.table({"labels": [MAP]}))["svg"].to_pylist()


@pytest.mark.parametrize(
    "kind", [arrow.string_view(), arrow.large_string(), arrow.dictionary(arrow.int8(), arrow.string())]
)
def test_landmarks_are_text_of_every_type(kind: Any):
    points = arrow.array([json.dumps(sample.LANDMARKS.tolist())]).cast(kind)
    faces = arrow.table({"labels": [MAP], "landmarks": points, "key": ["a"]})
    traced = trace_batch(faces)
    assert (traced["error_code"].to_pylist(), traced.column_names[0]) == ([None], "key")
    assert traced["svg"].to_pylist() != trace_batch(faces.drop(["landmarks"]))["svg"].to_pylist()


@pytest.mark.parametrize(
    ("columns", "code", "field"),
    [
        ({"labels": [[[1, 2], [3, 4]]]}, "option_invalid", "labels"),
        ({"labels": [MAP], "landmarks": [[b"a"]]}, "landmarks_invalid", "landmarks"),
    ],
)
def test_a_cell_of_another_type_is_a_failed_row(columns: dict[str, list[object]], code: str, field: str):
    traced = trace_batch(arrow.table(columns))
    assert (traced["error_code"].to_pylist(), traced["error_field"].to_pylist()) == ([code], [field])


def test_columns_of_extensions_and_formats_that_are_no_list_are_refused():
    tensor = arrow.FixedShapeTensorArray.from_numpy_ndarray(np.zeros((1, 5, 2)))
    with pytest.raises(facemask.FacemaskError, match="column 'landmarks' is extension"):
        trace_batch(arrow.table({"labels": [MAP], "landmarks": tensor}))
    for formats in (None, iter(["svg"]), [["svg"]]):
        with pytest.raises(facemask.FacemaskError, match="formats: must be a list of"):
            trace_batch(arrow.table({"labels": [MAP]}), formats=formats)


def test_none_is_the_default_of_every_option():
    faces = arrow.table({"labels": [MAP]})
    options = dict.fromkeys(("crop", "tolerance", "regions", "style", "void", "map_fit", "with_landmarks"))
    assert trace_batch(faces, **options)["svg"].to_pylist() == trace_batch(faces)["svg"].to_pylist()
    (result,) = facemask.trace_many([{"labels": sample.LABELS}], **options)
    assert isinstance(result, facemask.Result)
