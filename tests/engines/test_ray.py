"""`facemask.ray.trace_batch` in Ray on one machine: equal to the command, and nothing lost with a killed worker."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import data_sets
import pyarrow as pa
import pytest
import ray
import ray.data
from facemask.batch.layouts.file_tree import LocalTree
from facemask.batch.layouts.parquet import read_tables
from facemask.cli import main
from facemask.formats.annotation import coco
from facemask.ray import trace_batch
from pyarrow import parquet

ROOT = Path(__file__).parents[2]
ITEMS = 2000
KINDS = 40
BROKEN = 777


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two Parquet files of 2,000 faces of 40 kinds, one of them broken."""
    folder = tmp_path_factory.mktemp("tables")
    rows = [
        {
            "key": f"f{number:04d}",
            "image": data_sets.photo(number % KINDS),
            "labels": b"no map" if number == BROKEN else data_sets.label_map(number % KINDS),
        }
        for number in range(ITEMS)
    ]
    for part in range(2):
        half = rows[part * ITEMS // 2 : (part + 1) * ITEMS // 2]
        parquet.write_table(pa.Table.from_pylist(half), folder / f"part-{part}.parquet", row_group_size=100)
    return folder


def traced(dataset: Any, **options: Any) -> dict[str, dict[str, Any]]:
    """Return the rows by key."""
    rows = dataset.map_batches(trace_batch, batch_format="pyarrow", batch_size=64, fn_kwargs=options).take_all()
    return {row["key"]: row for row in rows}


def test_two_thousand_faces_are_those_of_the_command_to_the_byte(tables: Path, tmp_path: Path):
    out = tmp_path / "out"
    assert main(["batch", str(tables), "-o", str(out), "--outputs", "svg,label-maps,coco", "--quiet"]) == 3
    rows = traced(ray.data.read_parquet(str(tables)), formats=["svg", "label-map", "coco"])
    assert len(rows) == ITEMS
    assert [key for key, row in rows.items() if row["error_code"]] == [f"f{BROKEN:04d}"]
    files = data_sets.files_below(out)
    entries = list(read_tables(LocalTree(tables), ["part-0.parquet", "part-1.parquet"]))
    for entry in entries:
        row = rows[entry.key.rpartition("/")[2]]
        if row["error_code"] is None:
            assert files.pop(f"svg/{entry.key}.svg") == row["svg"].encode()
            assert files.pop(f"label-maps/{entry.key}.png") == row["label-map"]
    assert list(files) == ["coco/annotations.json"]
    document = json.loads(files["coco/annotations.json"])
    assert joined(entries, rows) == {name: document[name] for name in ("images", "annotations", "categories")}


def joined(entries: list[Any], rows: dict[str, dict[str, Any]]) -> dict[str, list[Any]]:
    """Join the COCO data sets of single faces as the command does: ids by the position in the source."""
    found: dict[str, list[Any]] = {"images": [], "annotations": []}
    categories: dict[str, dict[str, Any]] = {}
    for position, entry in enumerate(entries):
        text = rows[entry.key.rpartition("/")[2]]["coco"]
        if text is None:
            continue
        face = json.loads(text)
        # A key of the command begins with the name of its table.
        found["images"].append({**face["images"][0], "id": position + 1, "file_name": f"{entry.key}.jpg"})
        ids = {each["id"]: coco.merge_category(categories, each) for each in face["categories"]}
        for number, each in enumerate(face["annotations"], position * 256 + 1):
            new = {"id": number, "image_id": position + 1, "category_id": ids[each["category_id"]]}
            found["annotations"].append({**each, **new})
    return {**found, "categories": list(categories.values())}


def test_a_worker_killed_by_force_loses_nothing(tables: Path, tmp_path: Path):
    folder = str(tmp_path)

    def trace_and_die(table: pa.Table) -> pa.Table:
        found = trace_batch(table)
        for number in range(3):
            try:
                os.close(os.open(f"{folder}/killed-{number}", os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    faces = ray.data.read_parquet(str(tables / "part-0.parquet")).limit(320).repartition(5)
    rows = faces.map_batches(trace_and_die, batch_format="pyarrow", batch_size=64).take_all()
    assert len(list(tmp_path.glob("killed-*"))) == 3
    assert sorted(row["key"] for row in rows) == [f"f{number:04d}" for number in range(320)]
    alone = trace_batch(parquet.read_table(tables / "part-0.parquet").slice(0, 320)).to_pylist()
    assert {row["key"]: row["svg"] for row in rows} == {row["key"]: row["svg"] for row in alone}


def test_errored_blocks_are_as_ray_has_them(tables: Path):
    def faces() -> Any:
        return ray.data.read_parquet(str(tables / "part-0.parquet")).limit(900).repartition(9)

    with pytest.raises(ray.exceptions.RayTaskError, match="labels: f0777: "):
        traced(faces(), on_error="raise")
    context = ray.data.DataContext.get_current()
    context.max_errored_blocks = 1  # a data set has the context of when it was made
    try:
        rows = traced(faces(), on_error="raise")
    finally:
        context.max_errored_blocks = 0
    assert 700 < len(rows) < 900
    assert f"f{BROKEN:04d}" not in rows
    assert len(traced(faces(), on_error="skip")) == 899


def test_the_example(tables: Path, tmp_path: Path):
    environment = {**os.environ, "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}
    command = [sys.executable, str(ROOT / "examples/ray_dataset.py"), str(tables), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)
    assert done.returncode == 3, done.stderr
    assert f"{ITEMS - 1} of {ITEMS} faces traced" in done.stdout
    rows = parquet.read_table(tmp_path / "out").to_pylist()
    assert len(rows) == ITEMS
    assert json.loads(rows[0]["options"]) == {"tolerance": 1.0}
    folder = data_sets.pairs(tmp_path / "faces", 4)
    lines = [f"f{number:03d},{folder}/f{number:03d}.jpg,{folder}/f{number:03d}.png" for number in range(4)]
    (tmp_path / "faces.csv").write_text("\n".join(["key,image,labels", *lines]))
    command[2:] = [str(tmp_path / "faces.csv"), str(tmp_path / "from-paths")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert "4 of 4 faces traced" in done.stdout
