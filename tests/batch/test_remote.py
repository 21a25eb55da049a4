"""Sources and targets on a file system of fsspec: its memory."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import data_sets
import pytest

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def memory() -> Iterator[Any]:
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield system
    system.store.clear()


def upload(system: Any, folder: Path, root: str) -> None:
    for path, content in data_sets.files_below(folder).items():
        system.pipe_file(f"{root}/{path}", content)


def one_shard(folder: Path, count: int) -> Path:
    return data_sets.shards(folder, [count])


@pytest.mark.parametrize("make", [data_sets.pairs, data_sets.lapa, data_sets.celebamask, one_shard])
def test_a_remote_source_is_a_local_one(tmp_path: Path, memory: Any, batch: Callable[..., Any], make: Any):
    local = make(tmp_path / "in", 4)
    upload(memory, local, "/bucket/faces")
    assert batch("memory://bucket/faces", tmp_path / "remote", "--outputs", "svg,coco").code == 0
    assert batch(local, tmp_path / "local", "--outputs", "svg,coco").code == 0
    assert data_sets.files_below(tmp_path / "remote") == data_sets.files_below(tmp_path / "local")


def test_one_remote_archive(tmp_path: Path, memory: Any, batch: Callable[..., Any]):
    upload(memory, data_sets.shards(tmp_path / "in", [3]), "/bucket")
    run = batch("memory://bucket/faces-0000.tar", tmp_path / "out")
    assert (run.code, run.report["done"]) == (0, 3)


def test_a_remote_target_has_the_same_files_and_goes_on(tmp_path: Path, memory: Any, batch: Callable[..., Any]):
    source = data_sets.pairs(tmp_path / "in", 5)
    outputs = ("--outputs", "svg,coco,yolo")
    journal = str(tmp_path / "journal.sqlite")
    assert batch(source, "memory://bucket/out", *outputs, "--journal", journal).code == 0
    assert batch(source, tmp_path / "local", *outputs).code == 0
    stored = {path.removeprefix("/bucket/out/"): memory.cat_file(path) for path in memory.find("/bucket/out")}
    assert stored.pop("report.json").startswith(b'{"facemask":')
    assert stored == data_sets.files_below(tmp_path / "local")
    again = batch(source, "memory://bucket/out", *outputs, "--journal", journal)
    assert "5 of them kept" in again.out
    memory.rm_file("/bucket/out/svg/f002.svg")
    assert "4 of them kept" in batch(source, "memory://bucket/out", *outputs, "--journal", journal).out


def test_a_remote_target_needs_a_journal_of_this_machine(tmp_path: Path, memory: Any, batch: Callable[..., Any]):
    run = batch(data_sets.pairs(tmp_path / "in", 1), "memory://bucket/out")
    assert run.code == 1
    assert run.err.startswith("facemask: journal: ")


def test_a_store_that_refuses_ends_the_run_with_one_sentence(
    tmp_path: Path, memory: Any, batch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(memory), "pipe_file", refuse)
    source = data_sets.pairs(tmp_path / "in", 2)
    run = batch(source, "memory://bucket/out", "--journal", str(tmp_path / "journal.sqlite"))
    assert run.code == 1
    assert run.err.count("\n") == 1
    assert "permission denied; what is done is kept" in run.err


@pytest.mark.parametrize("address", ["nosuch://bucket/faces", "memory://bucket/nothing.tar"])
def test_an_address_that_leads_nowhere(tmp_path: Path, memory: Any, batch: Callable[..., Any], address: str):
    run = batch(address, tmp_path / "out")
    assert run.code in (1, 3)
    assert run.err.count("\n") == 1
