"""A run of the command, and what it left."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from facemask.cli import main


@dataclass(frozen=True)
class Run:
    """Exit code, report and texts of a run."""

    code: int
    report: dict[str, Any]
    out: str
    err: str


@pytest.fixture
def batch(capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """Run `facemask batch SRC -o OUT ...`."""

    def run(source: Any, out: Path | str, *arguments: str) -> Run:
        code = main(["batch", str(source), "-o", str(out), *arguments])
        text, err = capsys.readouterr()
        report = Path(out) / "report.json"
        return Run(code, json.loads(report.read_text()) if report.exists() else {}, text, err)

    return run
