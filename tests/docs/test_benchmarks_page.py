"""docs/benchmarks.md: each command selects a benchmark, and each option is one of pytest-benchmark."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\| .*\? \| `(.*?)` \|$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def collected() -> list[str]:
    """The ids of all tests in `benches/`."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist", "benches"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return re.findall(r"^(benches/\S+::\S.*)$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_selects_benchmarks(command: str, collected: list[str]):
    file, *options = shlex.split(command)
    words = options[options.index("-k") + 1].split(" or ") if "-k" in options else [""]
    for word in words:
        assert [test for test in collected if test.startswith(file) and word in test.partition("::")[2]], word


def test_every_file_of_benchmarks_is_on_the_page():
    timed = [path for path in (ROOT / "benches").glob("test_*.py") if "BenchmarkFixture" in path.read_text()]
    assert len(timed) >= 3
    assert {f"benches/{path.name}" for path in timed} == {command.split()[0] for command in COMMANDS}


def test_the_options_are_those_of_pytest_benchmark():
    shown = subprocess.run(
        [sys.executable, "-m", "pytest", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    named = set(re.findall(r"--benchmark-[a-z-]+", PAGE))
    assert len(named) > 8
    assert {option for option in named if option not in shown} == set()


def test_a_saved_run_is_compared(tmp_path: Path):
    """The two commands of the page, on the cheapest benchmark."""
    base = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "benches/test_steps.py", "-k", "plain_landmarks"]
    quick = ["--benchmark-only", "--benchmark-min-rounds=1", "--benchmark-max-time=0.01"]
    storage = f"--benchmark-storage={tmp_path}"
    # A worker of xdist would hand its role on.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    saved = subprocess.run([*base, *quick, storage, "--benchmark-save=before"], cwd=ROOT, env=environment, check=False)
    assert saved.returncode == 0
    compare = [*base, *quick, storage, "--benchmark-compare=*before*"]
    compared = subprocess.run(compare, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert compared.returncode == 0, compared.stdout
    assert "before" in compared.stdout
