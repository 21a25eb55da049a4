"""Runs that go on: what is kept, what is traced again, and what a killed run leaves."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import data_sets
import facemask
import pytest
from facemask.batch.outputs import target as targets
from facemask.batch.run import face_task, plan
from facemask.batch.run.journal import Journal
from pycocotools.coco import COCO

OUTPUTS = ("--outputs", "svg,coco,label-maps,yolo")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return data_sets.pairs(tmp_path / "in", 12)


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Sources of the faces that were traced."""
    sources: list[str] = []
    original = face_task.trace_item

    def count(item: Any, common: Any) -> Any:
        sources.append(Path(item["source"]).stem)
        return original(item, common)

    monkeypatch.setattr(face_task, "trace_item", count)
    return sources


def test_a_second_run_keeps_everything(source: Path, tmp_path: Path, batch: Callable[..., Any], traced: list[str]):
    first = batch(source, tmp_path / "out", *OUTPUTS)
    before = data_sets.files_below(tmp_path / "out")
    assert (first.code, len(traced)) == (0, 12)
    second = batch(source, tmp_path / "out", *OUTPUTS)
    assert (second.code, len(traced)) == (0, 12)
    assert (second.report["done"], second.report["kept"]) == (12, 12)
    assert data_sets.files_below(tmp_path / "out") == before
    assert "12 of them kept" in second.out


def test_a_changed_file_alone_is_traced_again(
    source: Path, tmp_path: Path, batch: Callable[..., Any], traced: list[str]
):
    batch(source, tmp_path / "out", *OUTPUTS)
    traced.clear()
    shutil.copy(source / "f001.png", source / "f003.png")
    shutil.copy(source / "f001.jpg", source / "f003.jpg")
    shutil.copy(source / "f001.json", source / "f003.json")
    data_sets.write(source / "f001a.jpg", data_sets.photo(5))
    data_sets.write(source / "f001a.png", data_sets.label_map(5))
    (source / "f007.jpg").unlink()
    (source / "f007.png").unlink()
    run = batch(source, tmp_path / "out", *OUTPUTS)
    assert sorted(traced) == ["f001a", "f003"]
    assert (run.report["done"], run.report["kept"], run.report["retraced"]) == (12, 10, 1)
    batch(source, tmp_path / "fresh", *OUTPUTS)
    assert (tmp_path / "out/coco/annotations.json").read_bytes() == (
        tmp_path / "fresh/coco/annotations.json"
    ).read_bytes(), "positions after the new face have moved, and the face that is gone is out"


@pytest.mark.parametrize("change", [["--tolerance", "1"], ["--regions", "zones"], ["--outputs", "svg,coco"]])
def test_a_changed_option_is_not_mixed_in(
    source: Path, tmp_path: Path, batch: Callable[..., Any], traced: list[str], change: list[str]
):
    batch(source, tmp_path / "out", *OUTPUTS)
    traced.clear()
    run = batch(source, tmp_path / "out", *OUTPUTS, *change)
    assert len(traced) == 12
    assert (run.report["retraced"], run.report["kept"]) == (12, 0)
    assert "12 were traced again" in run.err
    batch(source, tmp_path / "fresh", *OUTPUTS, *change)
    ours, fresh = data_sets.files_below(tmp_path / "out"), data_sets.files_below(tmp_path / "fresh")
    assert {path: ours[path] for path in fresh} == fresh
    # Files of single faces that the new options do not make are gone.
    assert {path for path in ours if path not in fresh} <= {"yolo/data.yaml"}


def test_a_new_version_of_facemask_is_a_changed_option(
    source: Path, tmp_path: Path, batch: Callable[..., Any], traced: list[str], monkeypatch: pytest.MonkeyPatch
):
    batch(source, tmp_path / "out")
    monkeypatch.setattr(plan, "__version__", "99.0")
    assert batch(source, tmp_path / "out").report["retraced"] == 12


def test_a_missing_file_is_made_again(source: Path, tmp_path: Path, batch: Callable[..., Any], traced: list[str]):
    batch(source, tmp_path / "out", *OUTPUTS)
    traced.clear()
    (tmp_path / "out/svg/f004.svg").unlink()
    assert batch(source, tmp_path / "out", *OUTPUTS).code == 0
    assert traced == ["f004"]
    assert (tmp_path / "out/svg/f004.svg").exists()


def test_no_resume_begins_anew(source: Path, tmp_path: Path, batch: Callable[..., Any], traced: list[str]):
    batch(source, tmp_path / "out")
    run = batch(source, tmp_path / "out", "--no-resume")
    assert (len(traced), run.report["kept"], run.report["retraced"]) == (24, 0, 0)


def test_failures_are_kept_until_they_are_retried(
    source: Path, tmp_path: Path, batch: Callable[..., Any], traced: list[str]
):
    data_sets.write(source / "f002.png", b"\x89PNG broken")
    assert batch(source, tmp_path / "out", *OUTPUTS).code == 3
    traced.clear()
    kept = batch(source, tmp_path / "out", *OUTPUTS)
    assert (kept.code, kept.report["failed"], traced) == (3, 1, [])
    retried = batch(source, tmp_path / "out", *OUTPUTS, "--retry-errors")
    assert (retried.code, traced) == (3, ["f002"])
    data_sets.write(source / "f002.png", data_sets.label_map(2))
    mended = batch(source, tmp_path / "out", *OUTPUTS)
    assert (mended.code, mended.report["failed"]) == (0, 0)
    batch(source, tmp_path / "fresh", *OUTPUTS)
    assert data_sets.files_below(tmp_path / "out") == data_sets.files_below(tmp_path / "fresh")


def test_files_of_a_face_that_fails_now_are_removed(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    batch(source, tmp_path / "out", *OUTPUTS)
    data_sets.write(source / "f002.png", b"\x89PNG broken")
    assert batch(source, tmp_path / "out", *OUTPUTS).code == 3
    assert not list((tmp_path / "out").rglob("f002*"))
    images = json.loads((tmp_path / "out/coco/annotations.json").read_text())["images"]
    assert [image["id"] for image in images] == [1, 2, *range(4, 13)]


def test_limit_and_shards_divide_the_faces(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    assert batch(source, tmp_path / "limited", *OUTPUTS, "--limit", "5").report["done"] == 5
    whole = batch(source, tmp_path / "whole", *OUTPUTS)
    assert whole.code == 0
    for shard in (1, 2, 3, 4, 5):
        assert batch(source, tmp_path / "parts", *OUTPUTS, "--shard", f"{shard}/5").code == 0
    names = sorted(path.name for path in (tmp_path / "parts").glob("report*"))
    assert names == [f"report-{shard}-of-5.json" for shard in range(1, 6)]
    documents = [json.loads(path.read_text()) for path in sorted((tmp_path / "parts/coco").iterdir())]
    assert [len(document["images"]) for document in documents] == [3, 3, 2, 2, 2]
    united = json.loads((tmp_path / "whole/coco/annotations.json").read_text())
    for member in ("images", "annotations"):
        parts = sorted((each for document in documents for each in document[member]), key=lambda each: each["id"])
        assert parts == united[member], "ids are unique among shards, so that lists are joined as they are"
    parts, whole_files = (data_sets.files_below(tmp_path / name) for name in ("parts", "whole"))
    own = {path for path in whole_files if path not in ("coco/annotations.json", "yolo/data.yaml")}
    assert {path: parts[path] for path in own} == {path: whole_files[path] for path in own}


def test_two_runs_of_one_folder_exclude_each_other(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    with Journal.open(tmp_path / "out/journal.sqlite"):
        run = batch(source, tmp_path / "out")
    assert run.code == 1
    assert run.err.startswith("facemask: journal: another run has ")
    assert batch(source, tmp_path / "out").code == 0


def test_another_file_is_no_journal(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    data_sets.write(tmp_path / "out/journal.sqlite", b"something else" * 100)
    run = batch(source, tmp_path / "out")
    assert run.code == 1
    assert "is no journal of facemask batch" in run.err
    assert (tmp_path / "out/journal.sqlite").read_bytes() == b"something else" * 100


def test_a_journal_of_another_version_is_begun_anew_on_demand(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    batch(source, tmp_path / "out")
    with closing(sqlite3.connect(tmp_path / "out/journal.sqlite")) as connection:
        connection.execute("PRAGMA user_version = 1")
        connection.execute("ALTER TABLE faces RENAME COLUMN seconds TO time")
        connection.commit()
    run = batch(source, tmp_path / "out")
    assert run.code == 1
    assert "another version; use --no-resume" in run.err
    assert batch(source, tmp_path / "out", "--no-resume").report["done"] == 12
    assert batch(source, tmp_path / "out").report["kept"] == 12


def test_a_full_disk_ends_with_one_sentence_and_the_run_goes_on_later(
    source: Path, tmp_path: Path, batch: Callable[..., Any], traced: list[str], monkeypatch: pytest.MonkeyPatch
):
    written = 0
    original = targets.LocalTarget.write

    def full(self: Any, path: str, content: bytes) -> None:
        nonlocal written
        written += 1
        if written > 10:
            raise targets._explain(path, OSError(28, "No space left on device"))
        original(self, path, content)

    monkeypatch.setattr(targets.LocalTarget, "write", full)
    run = batch(source, tmp_path / "out", *OUTPUTS, "--workers", "2")
    assert run.code == 1
    assert run.err.count("\n") == 1
    assert "no space left on device; what is done is kept" in run.err
    monkeypatch.undo()
    assert batch(source, tmp_path / "out", *OUTPUTS).report["kept"] >= 1
    assert_complete(source, tmp_path / "out", batch, tmp_path / "fresh")


def assert_complete(source: Path, out: Path, batch: Callable[..., Any], fresh: Path) -> None:
    """What is in `out` is what one run without interruption makes, to the byte."""
    assert batch(source, fresh, *OUTPUTS).code == 0
    assert data_sets.files_below(out) == data_sets.files_below(fresh)
    COCO(str(out / "coco/annotations.json"))


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs a file system of its own")
def test_a_disk_that_is_full_indeed(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    out = tmp_path / "disk"
    out.mkdir()
    python = f"{sys.executable} -m facemask batch {source} -o {out}/out {' '.join(OUTPUTS)}"
    script = f"""mount -t tmpfs -o size=240k tmpfs {out} || exit 77
{python} 2>{tmp_path}/err; echo $? >{tmp_path}/code
find {out} -name '*.part' -o -size 0 | grep -v journal >{tmp_path}/torn
mount -o remount,size=40m {out} && {python} >{tmp_path}/again && cp -r {out}/out {tmp_path}/out"""
    ended = subprocess.run(["unshare", "-rm", "sh", "-c", script], check=False, timeout=120)
    if ended.returncode == 77 or not (tmp_path / "code").exists():
        pytest.skip("no right to mount")
    assert (tmp_path / "code").read_text().strip() == "1"
    error = (tmp_path / "err").read_text()
    assert error.count("\n") == 1, error
    assert "the same command goes on from there" in error
    assert ended.returncode == 0
    assert_complete(source, tmp_path / "out", batch, tmp_path / "fresh")


def start(source: Path, out: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "facemask", "batch", str(source), "-o", str(out), *OUTPUTS, *arguments]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def done_files(out: Path) -> int:
    return len(list(out.glob("svg/*.svg")))


def test_killed_at_random_moments_every_face_is_done_once(tmp_path: Path, batch: Callable[..., Any]):
    """SIGKILL as often as it takes; the moments are counts of files, so that a fast machine is killed too."""
    source, out = data_sets.pairs(tmp_path / "in", 120), tmp_path / "out"
    moments = random.Random(5)
    kills = 0
    for _ in range(10):
        goal = done_files(out) + moments.randrange(1, 16)
        process = start(source, out, "--workers", "2")
        while process.poll() is None and done_files(out) < goal:
            time.sleep(0.002)
        if process.poll() is None:
            process.kill()
            kills += 1
        process.communicate()
        for path in out.glob("svg/*.svg"):
            assert path.read_text().endswith("</svg>"), f"{path} is torn"
    assert kills >= 3, "nothing was killed"
    run = batch(source, out, *OUTPUTS)
    assert (run.code, run.report["done"]) == (0, 120)
    assert_complete(source, out, batch, tmp_path / "fresh")
    dataset = COCO(str(out / "coco/annotations.json"))
    assert len(dataset.imgs) == len({image["file_name"] for image in dataset.dataset["images"]}) == 120


def test_an_interrupt_ends_cleanly_and_the_run_goes_on(tmp_path: Path, batch: Callable[..., Any]):
    source, out = data_sets.pairs(tmp_path / "in", 150), tmp_path / "out"
    process = start(source, out, "--workers", "2")
    while process.poll() is None and done_files(out) < 10:
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert err == "facemask: interrupted; the same command goes on from there\n"
    assert not list(out.rglob("*.part"))
    left = done_files(out)
    assert 10 <= left < 150
    run = batch(source, out, *OUTPUTS)
    # Every face whose thread had ended is in the journal, but those that were in flight.
    assert run.report["kept"] >= left - 8
    assert (run.code, run.report["done"]) == (0, 150)


def test_an_error_of_the_library_is_no_error_of_the_run(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    assert facemask.ERROR_CODES.count("internal_error") == 1
    data_sets.write(source / "f002.json", b"\xff\xfe\x00 nothing that one knows")
    run = batch(source, tmp_path / "out")
    assert run.code == 3
    assert run.report["errors"] == {"landmarks_invalid": 1}
