"""The types that callers see, read by mypy --strict."""

import runpy
from pathlib import Path

import pytest
from mypy import api

FOLDER = Path(__file__).parent


@pytest.mark.parametrize("name", ["uses", "mistakes"])
def test_mypy_agrees(name: str, tmp_path: Path):
    out, err, code = api.run(
        ["--strict", "--config-file=", f"--cache-dir={tmp_path}", "--follow-imports=silent", str(FOLDER / f"{name}.py")]
    )
    assert code == 0, out + err


def test_the_uses_run():
    runpy.run_path(str(FOLDER / "uses.py"))
