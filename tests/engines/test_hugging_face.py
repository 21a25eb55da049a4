"""What `Dataset.map` of Hugging Face does with results after an upgrade, and the recipe of docs/datasets.md."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import data_sets
import facemask
import pyarrow as pa
import pytest
from pyarrow import parquet
from test_recipes import recipe

# What the recipe would be without the version.
UNAWARE = 'faces.map(lambda row: outline(row, ""))'


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A copy of facemask in a folder called site-packages, where datasets hashes modules by their names."""
    folder = tmp_path / "site-packages"
    package = Path(facemask.__file__).parent
    shutil.copytree(package, folder / "facemask", ignore=shutil.ignore_patterns("service", "__pycache__"))
    return folder


def run_recipe(folder: Path, installed: Path) -> list[str]:
    """Run the recipe in a process of its own, and return the first outline of each way."""
    code = f"import datasets; datasets.disable_progress_bars()\n{recipe('Hugging Face')}\n"
    code += f"print(len(traced['svg'][0]), traced['error'][1], len(({UNAWARE})['svg'][0]))"
    environment = {
        **os.environ,
        "PYTHONPATH": str(installed),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HF_DATASETS_CACHE": str(folder / "cache"),
        "HF_HUB_OFFLINE": "1",
    }
    (folder / "recipe.py").write_text(code)
    command = [sys.executable, "recipe.py"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.split()


def test_after_an_upgrade_the_version_decides(tmp_path: Path, installed: Path):
    (tmp_path / "faces").mkdir()
    parquet.write_table(pa.table({"labels": [data_sets.label_map(0), b"no map"]}), tmp_path / "faces/a.parquet")
    length = str(len(facemask.trace_face(data_sets.label_map(0)).svg))
    assert run_recipe(tmp_path, installed) == [length, "map_unsupported", length]
    with (installed / "facemask/batch/results.py").open("a") as file:
        file.write('\nFaceMask.svg = "<svg>of a later version</svg>"\n')
    with (installed / "facemask/__init__.py").open("a") as file:
        file.write('\n__version__ = "99.0"\n')
    assert run_recipe(tmp_path, installed) == ["29", "map_unsupported", length], "datasets hashes more than it did"
