"""The recipes of docs/datasets.md as they stand: Ray, Dask and Spark give what the table alone gives."""

import re
import shutil
import sys
from pathlib import Path

import data_sets
import pyarrow as pa
import pytest
from facemask.ray import trace_batch
from pyarrow import parquet

PAGE = Path(__file__).parents[2] / "docs/datasets.md"
FACES = 12


def recipe(heading: str) -> str:
    """Return the first block of Python below a heading."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n### {heading}\n")[2]
    block = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert block is not None
    return block[1]


@pytest.mark.parametrize("engine", ["Ray", "Dask", "Spark"])
def test_a_recipe_traces_what_the_table_alone_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str):
    if engine == "Spark" and shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    rows = [
        {"key": f"f{number}", "image": data_sets.photo(number), "labels": data_sets.label_map(number)}
        for number in range(FACES)
    ]
    (tmp_path / "faces").mkdir()
    for part in range(2):
        parquet.write_table(pa.Table.from_pylist(rows[part::2]), f"faces/part-{part}.parquet")
    scope = {"__name__": "recipe"}
    exec(compile(recipe(engine), f"{PAGE.name}: {engine}", "exec"), scope)
    if engine == "Spark":
        scope["spark"].stop()
    elif engine == "Ray":
        scope["ray"].shutdown()
    found = {row["key"]: row for row in parquet.read_table("traced").to_pylist()}
    alone = trace_batch(pa.Table.from_pylist(rows), tolerance=1.0).to_pylist()
    assert {key: row["svg"] for key, row in found.items()} == {row["key"]: row["svg"] for row in alone}
    assert all(row["error_code"] is None and '"tolerance": 1.0' in row["options"] for row in found.values())
