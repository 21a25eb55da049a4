"""Progress: figures by a clock of the test, lines where there is no terminal, a bar where there is one."""

import io
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import data_sets
import pytest
from facemask.batch.run.face_task import FaceOutcome
from facemask.batch.run.journal import FaceRow
from facemask.commands.progress import Counter, PlainLines

GOOD = FaceOutcome(FaceRow("a", 0, "a.jpg", b"", b""))
BAD = FaceOutcome(FaceRow("b", 1, "b.jpg", b"", b"", error=("no_face", "", "is none")))
KEPT = FaceOutcome(FaceRow("c", 2, "c.jpg", b"", b""), is_kept=True)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_figures():
    clock = Clock()
    counter = Counter(clock)
    counter.total = 20_000
    assert counter.describe() == "0 of 20,000, 0 failed, 0.0 a second"
    for outcome in [GOOD] * 118 + [BAD, KEPT]:
        counter.add(outcome)
    clock.now += 2
    assert counter.describe() == "120 of 20,000, 1 kept, 1 failed, 60.0 a second, 5 min 31 s left"
    counter.total = None
    assert counter.describe() == "120, 1 kept, 1 failed, 60.0 a second"


def test_the_rate_follows_a_change():
    clock = Clock()
    counter = Counter(clock)
    for _ in range(150):
        counter.add(GOOD)
    clock.now += 15
    assert "10.0 a second" in counter.describe()
    clock.now += 10
    for _ in range(10):
        counter.add(GOOD)
    assert "1.0 a second" in counter.describe()


def test_a_line_about_every_ten_seconds():
    clock, stream = Clock(), io.StringIO()
    lines = PlainLines(stream, clock)
    lines.start(50)
    for _ in range(50):
        clock.now += 1
        lines.advance(GOOD)
    lines.finish()
    assert stream.getvalue().splitlines()[0] == "facemask: 10 of 50, 0 failed, 1.0 a second, 40 s left"
    assert len(stream.getvalue().splitlines()) == 5


def test_quiet_says_nothing_but_failures(tmp_path: Path, batch: Callable[..., Any]):
    source = data_sets.pairs(tmp_path / "in", 2)
    run = batch(source, tmp_path / "out", "--quiet")
    assert (run.code, run.out, run.err) == (0, "", "")
    data_sets.write(source / "f000.png", b"x")
    run = batch(source, tmp_path / "out", "--quiet")
    assert run.code == 3
    assert run.out == ""
    assert run.err.count("\n") == 1


def test_a_bar_on_a_terminal(tmp_path: Path):
    pytest.importorskip("rich")
    source = data_sets.pairs(tmp_path / "in", 3)
    terminal, other = pty.openpty()
    command = [sys.executable, "-m", "facemask", "batch", str(source), "-o", str(tmp_path / "out")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm", "COLUMNS": "120"}
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=other, env=environment, check=True, timeout=60)
    os.close(other)
    shown = os.read(terminal, 65536).decode()
    os.close(terminal)
    assert "3 of 3, 0 failed" in shown
    assert ended.stdout.decode().startswith(f"{tmp_path / 'out'}: 3 faces, 0 failed")
