"""The types that callers see, read by mypy --strict, ty and pyright."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import facemask
import pytest
from mypy import api

FOLDER = Path(__file__).parent
PACKAGE = Path(facemask.__file__).parents[1]
SCRIPTS = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
# ty does not know which keywords an unpacked typed dict of an overloaded function excludes.
UNSEEN = {"mypy": set(), "pyright": set(), "ty": {"crops="}}


@pytest.mark.parametrize("name", ["uses", "mistakes"])
def test_mypy_agrees(name: str, tmp_path: Path):
    code, output = run_mypy(FOLDER / f"{name}.py", tmp_path)
    assert code == 0, output


def run_mypy(file: Path, cache: Path) -> tuple[int, str]:
    options = ["--strict", "--config-file=", f"--cache-dir={cache}", "--follow-imports=silent", "--no-pretty"]
    out, err, code = api.run([*options, str(file)])
    return code, out + err


def run_checker(name: str, file: Path, cache: Path) -> tuple[int, str]:
    """Run a type checker. `make test-types` installs pyright, which brings a Node.js of its own."""
    if name == "mypy":
        return run_mypy(file, cache)
    program = shutil.which(name, path=SCRIPTS)
    if program is None:
        pytest.skip(f"NOT TESTED: {name} is not installed; `make test-types` installs it")
    arguments = {
        "pyright": ["--pythonpath", sys.executable],
        "ty": ["check", "--python", sys.prefix, "--extra-search-path", str(PACKAGE), "--output-format", "concise"],
    }[name]
    environment = os.environ | {"PYTHONPATH": str(PACKAGE)}
    done = subprocess.run(
        [program, *arguments, str(file)], env=environment, cwd=cache, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("checker", UNSEEN)
def test_a_checker_refuses_every_wrong_call_and_no_other(checker: str, tmp_path: Path):
    file = FOLDER / "wrong_calls.py"
    lines = file.read_text(encoding="utf-8").splitlines()
    wrong = {number: line for number, line in enumerate(lines, 1) if line.endswith("# wrong")}
    code, output = run_checker(checker, file, tmp_path)
    found = {int(number) for number in re.findall(r"wrong_calls\.py:(\d+):(?:\d+)?.*\berror\b", output)}
    expected = {number for number, line in wrong.items() if not any(call in line for call in UNSEEN[checker])}
    assert found == expected, output
    assert code == 1
    assert len(found) >= 0.9 * len(wrong)
    for call in ('crop="fase"', 'labels="x"'):
        assert any(call in wrong[number] for number in found)


@pytest.mark.parametrize("checker", ["pyright", "ty"])
def test_a_checker_accepts_what_is_right(checker: str, tmp_path: Path):
    code, output = run_checker(checker, FOLDER / "uses.py", tmp_path)
    assert code == 0, output


def test_the_uses_run():
    runpy.run_path(str(FOLDER / "uses.py"))
